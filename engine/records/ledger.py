"""The ledger: one entry for every decision, append-only, chained, sealed and signed.

An entry is a short unsealed head (what was decided, by which rules, under
which bundle) and a sealed body (facts, reasons, sources). Every entry's body has its
own key, itself sealed by the key ring: retention destroys that key and nothing else.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Row, bindparam, insert, select, update

from engine.records.chain import GENESIS, check_head, entry_hash, head_statement
from engine.records.database import Database, Transaction
from engine.records.driven import Driven
from engine.records.errors import SealBroken, UnknownEntry
from engine.records.keys import KeyRing
from engine.records.plain import canonical, micros, moment
from engine.records.tables import checkpoints, ledger, ledger_head

#: A signed checkpoint is made at least every so many entries.
CHECKPOINT_EVERY = 1000

_BEYOND = 1 << 63  # no database counts so far
#: The unsealed texts of an entry, in the order they are hashed.
HEAD = ("kind", "outcome", "rules", "bundle", "account_key", "call", "attempt")


@dataclass(frozen=True, slots=True)
class NewEntry:
    """Something to write down.

    Args:
        kind: ``dial``, ``turn``, ``after_call``, ``suppression`` …
        outcome: What was decided, or ''.
        rules: The rules that decided it.
        bundle: Digest of the bundle in force, or ''.
        account_key: Look-up hash of the account, or ''.
        call: The call's id, or ''.
        attempt: The attempt's id, or ''.
        body: Everything else, as JSON data; it is sealed.
    """

    kind: str
    body: Mapping[str, Any]
    outcome: str = ""
    rules: tuple[str, ...] = ()
    bundle: str = ""
    account_key: str = ""
    call: str = ""
    attempt: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A ledger entry as read back. ``body`` is None when its key was destroyed by retention."""

    seq: int
    at: datetime
    kind: str
    outcome: str
    rules: tuple[str, ...]
    bundle: str
    account_key: str
    call: str
    attempt: str
    hash: bytes
    body: Mapping[str, Any] | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed statement that entry *seq* had a hash at a time. Keep copies elsewhere: they find a cut tail."""

    seq: int
    hash: bytes
    at: datetime
    public: bytes
    signature: bytes


class Ledger:
    """The entries of one database."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database = database
        self._keys = keys
        self._take, self._append, self._move = (Driven(database, one) for one in (_TAKE_HEAD, _APPEND, _MOVE_HEAD))
        self._now = Driven(database, select(database.clock))

    def append(self, db: Transaction, *entries: NewEntry) -> tuple[int, ...]:
        """Write *entries* in the caller's transaction and return their sequence numbers.

        The ledger's head is held until that transaction ends, so append last.
        """
        if not entries:
            return ()
        head = self._take_head(db)
        seq, previous = head or (0, GENESIS)
        [at] = self._now.run(db, {}).fetchone()
        rows = []
        for entry in entries:
            seq += 1
            rows.append(self._row(seq, at, previous, entry))
            previous = rows[-1]["hash"]
        self._append.run(db, *rows)
        values = {"new_seq": seq, "new_hash": previous, "new_mac": self._keys.mac(head_statement(seq, previous))}
        if head:
            self._move.run(db, values)
        else:
            db.execute(_FIRST_HEAD, values)
        if seq // CHECKPOINT_EVERY != (seq - len(rows)) // CHECKPOINT_EVERY:
            self._sign(db, seq, previous, at)
        return tuple(row["seq"] for row in rows)

    def _take_head(self, db: Transaction) -> tuple[int, bytes] | None:
        head: tuple[int, bytes] | None = self._take.run(db, {}).fetchone()
        if head is None:
            self._database.hold(db, (_FIRST,))
            head = self._take.run(db, {}).fetchone()
        return head

    def _row(self, seq: int, at: int, previous: bytes, entry: NewEntry) -> dict[str, Any]:
        drawn = os.urandom(44)
        key, nonce = drawn[:32], drawn[32:]
        body = nonce + AESGCM(key).encrypt(nonce, canonical(entry.body).encode(), b"ledger|body|%d" % seq)
        rules = canonical(list(entry.rules))
        head = (entry.kind, entry.outcome, rules, entry.bundle, entry.account_key, entry.call, entry.attempt)
        check_head(head)
        sealed = self._keys.seal("ledger", "key", str(seq), key)
        digest = entry_hash(previous, seq, at, head, body)
        return {"seq": seq, "at": at, **dict(zip(HEAD, head, strict=True)), "body": body, "hash": digest, "key": sealed}

    def _sign(self, db: Transaction, seq: int, digest: bytes, at: int) -> None:
        signature = self._keys.sign(_signed(seq, digest, at))
        row = {"seq": seq, "at": at, "hash": digest, "public": self._keys.public, "signature": signature}
        db.execute(insert(checkpoints), row)

    def checkpoint(self) -> Checkpoint | None:
        """Sign the ledger as it stands, or return None when it is empty."""
        with self._database.writing() as db:
            head = db.execute(_TAKE_HEAD).one_or_none()
            if head is None:
                return None
            if not db.execute(select(checkpoints.c.seq).where(checkpoints.c.seq == head.seq)).first():
                self._sign(db, head.seq, head.hash, micros(self._database.now(db)))
            return _checkpoint(db.execute(select(checkpoints).where(checkpoints.c.seq == head.seq)).one())

    def last(self) -> int:
        """Return the number of the last entry, 0 when there is none."""
        with self._database.reading() as db:
            head = db.execute(select(ledger_head.c.seq)).scalar_one_or_none()
        return head or 0

    def checkpoints(self) -> tuple[Checkpoint, ...]:
        """Return every signed checkpoint, oldest first."""
        with self._database.reading() as db:
            return tuple(_checkpoint(row) for row in db.execute(select(checkpoints).order_by(checkpoints.c.seq)))

    def entry(self, seq: int) -> Entry:
        """Return the entry numbered *seq*.

        Raises:
            UnknownEntry: There is none.
            SealBroken: Its body or key was changed.
        """
        row = None
        if seq < _BEYOND:
            with self._database.reading() as db:
                row = db.execute(select(ledger).where(ledger.c.seq == seq)).one_or_none()
        if row is None:
            raise UnknownEntry(f"the ledger has no entry {seq}")
        return self._entry(row)

    def entries(
        self, *, call: str = "", attempt: str = "", account_key: str = "", after: int = 0, limit: int = 100
    ) -> tuple[Entry, ...]:
        """Return entries in order, of one call, attempt or account when given, after a sequence number."""
        found = select(ledger).where(ledger.c.seq > after).order_by(ledger.c.seq).limit(limit)
        if call:
            found = found.where(ledger.c.call == call)
        if attempt:
            found = found.where(ledger.c.attempt == attempt)
        if account_key:
            found = found.where(ledger.c.account_key == account_key)
        with self._database.reading() as db:
            return tuple(self._entry(row) for row in db.execute(found))

    def _entry(self, row: Row[Any]) -> Entry:
        body = None
        if row.key is not None:
            key = self._keys.open("ledger", "key", str(row.seq), row.key)
            try:
                plain = AESGCM(key).decrypt(row.body[:12], row.body[12:], b"ledger|body|%d" % row.seq)
            except (InvalidTag, ValueError) as error:
                raise SealBroken(f"the body of ledger entry {row.seq} was changed") from error
            body = json.loads(plain)
        return Entry(
            row.seq, moment(row.at), row.kind, row.outcome, tuple(json.loads(row.rules)), row.bundle,
            row.account_key, row.call, row.attempt, row.hash, body,
        )  # fmt: skip

    def export(self) -> Iterator[dict[str, Any]]:
        """Yield every entry and checkpoint as JSON data, still sealed: an auditor can verify it without any key."""
        with self._database.reading() as db:
            for row in db.execution_options(yield_per=1000).execute(select(ledger).order_by(ledger.c.seq)):
                head = {name: getattr(row, name) for name in HEAD}
                head["rules"] = json.loads(row.rules)
                yield {
                    "entry": row.seq, "at": moment(row.at).isoformat(), **head,
                    "body": row.body.hex(), "hash": row.hash.hex(),
                }  # fmt: skip
        for point in self.checkpoints():
            yield {
                "checkpoint": point.seq, "at": point.at.isoformat(), "hash": point.hash.hex(),
                "public": point.public.hex(), "signature": point.signature.hex(),
            }  # fmt: skip


def signed_statement(point: Checkpoint) -> bytes:
    """Return the bytes that a checkpoint's signature covers."""
    return _signed(point.seq, point.hash, micros(point.at))


def _signed(seq: int, digest: bytes, at: int) -> bytes:
    return head_statement(seq, digest) + b" at %d" % at


def _checkpoint(row: Row[Any]) -> Checkpoint:
    return Checkpoint(row.seq, row.hash, moment(row.at), row.public, row.signature)


_TAKE_HEAD = select(ledger_head.c.seq, ledger_head.c.hash).where(ledger_head.c.id == 1).with_for_update()
_FIRST = "0" * 15  # held by whoever writes the first entry
_APPEND = insert(ledger)
_FIRST_HEAD = insert(ledger_head).values(
    id=1, seq=bindparam("new_seq"), hash=bindparam("new_hash"), mac=bindparam("new_mac")
)
_MOVE_HEAD = (
    update(ledger_head)
    .where(ledger_head.c.id == 1)
    .values(seq=bindparam("new_seq"), hash=bindparam("new_hash"), mac=bindparam("new_mac"))
)
