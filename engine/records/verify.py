"""Whether the ledger is what was written.

The chain finds an entry that was changed, taken out, put in or moved; the
sealed head and the signed checkpoints find a tail that was cut off or a ledger
written anew. Checkpoints kept elsewhere find it even when the whole database was
put back to an older copy.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

from sqlalchemy import Row, select

from engine.records.chain import GENESIS, entry_hash, head_statement
from engine.records.database import Database
from engine.records.keys import KeyRing, signed_by
from engine.records.ledger import HEAD, Checkpoint, Ledger, signed_statement
from engine.records.tables import ledger, ledger_head


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with the ledger, at a sequence number."""

    seq: int
    kind: str  # changed, missing, cut_off, head, checkpoint
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found."""

    entries: int
    checkpoints: int
    head: bytes
    problems: tuple[Problem, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def verify(database: Database, keys: KeyRing, kept: Iterable[Checkpoint] = ()) -> Verdict:
    """Read the whole ledger and check every entry, the head and every checkpoint. Others may go on writing.

    Args:
        database: Where the ledger is.
        keys: The ring it was written with.
        kept: Checkpoints that were stored elsewhere, checked like the ledger's own.
    """
    points = (*Ledger(database, keys).checkpoints(), *kept)
    before = _head(database)
    wanted = {point.seq for point in points} | ({before.seq} if before else set())
    hashes: dict[int, bytes] = {}
    problems: list[Problem] = []
    seq, previous = 0, GENESIS
    for found, at, *head, body, digest in _rows(database):
        if found != seq + 1:
            last = f" to {found - 1}" if found > seq + 2 else ""
            problems.append(Problem(seq + 1, "missing", f"entry {seq + 1}{last} was taken out"))
        elif entry_hash(previous, found, at, head, body) != digest:
            message = f"entry {found} is not what was written there: changed, put in or moved"
            problems.append(Problem(found, "changed", message))
        seq, previous = found, digest
        if seq in wanted:
            hashes[seq] = digest
    problems.extend(_check_head(keys, before, _head(database), seq, hashes))
    problems.extend(_check_points(points, keys.public, seq, hashes))
    ordered = sorted(dict.fromkeys(problems), key=lambda p: (p.seq, p.kind))
    return Verdict(seq, len({point.seq for point in points}), previous, tuple(ordered))


def _rows(database: Database) -> Iterator[Sequence[Any]]:
    columns = [ledger.c.seq, ledger.c.at, *(ledger.c[name] for name in HEAD), ledger.c.body, ledger.c.hash]
    with database.reading() as db:
        result = db.execution_options(yield_per=5000).execute(select(*columns).order_by(ledger.c.seq))
        for part in result.partitions():
            yield from part


def _head(database: Database) -> Row[Any] | None:
    with database.reading() as db:
        return db.execute(select(ledger_head)).one_or_none()


def _check_head(
    keys: KeyRing, before: Row[Any] | None, after: Row[Any] | None, seq: int, hashes: dict[int, bytes]
) -> Iterator[Problem]:
    if after is None or before is None:
        if seq and after is None:
            yield Problem(seq, "head", "the ledger's head was taken away")
        return
    if not compare_digest(after.mac, keys.mac(head_statement(after.seq, after.hash))):
        yield Problem(after.seq, "head", f"the ledger's head, which names entry {after.seq}, was changed")
    elif before.seq > seq:
        yield Problem(seq + 1, "cut_off", f"the ledger was cut off: entries {seq + 1} to {before.seq} are gone")
    elif after.seq < seq:
        yield Problem(after.seq + 1, "changed", f"entry {after.seq + 1} was put in after the ledger's head")
    elif hashes.get(before.seq) != before.hash:
        yield Problem(before.seq, "changed", f"entry {before.seq} is not the last one that was written")


def _check_points(points: Iterable[Checkpoint], public: bytes, seq: int, hashes: dict[int, bytes]) -> Iterator[Problem]:
    for point in points:
        if point.public != public or not signed_by(public, point.signature, signed_statement(point)):
            yield Problem(point.seq, "checkpoint", f"the checkpoint at entry {point.seq} was not signed with this key")
        elif point.seq > seq:
            message = f"the ledger was cut off: a checkpoint names entry {point.seq}, the last one is {seq}"
            yield Problem(seq + 1, "cut_off", message)
        elif hashes.get(point.seq) != point.hash:
            yield Problem(point.seq, "changed", f"entry {point.seq} or one before it is not what was signed")
