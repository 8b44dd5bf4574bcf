"""Why a call was placed or not, from the ledger: in words, and decided again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.calls import Shelf, decision_json
from engine.outbound.dialling import request_from_json
from engine.records.errors import UnknownEntry
from engine.records.ledger import Entry, Ledger
from engine.records.plain import canonical
from engine.runtime.dial import decide


@dataclass(frozen=True, slots=True)
class Redecided:
    """A dial entry decided again under its own bundle."""

    seq: int
    same: bool
    kept: str
    now: str


def find(ledger: Ledger, wanted: str) -> tuple[Entry, ...]:
    """Return the entries that *wanted* names: a sequence number, an attempt's id or a call's id.

    Raises:
        UnknownEntry: It names none.
    """
    if wanted.isascii() and wanted.isdigit():
        return (ledger.entry(int(wanted)),)
    found = (ledger.entries(attempt=wanted) or ledger.entries(call=wanted)) if wanted else ()
    if not found:
        raise UnknownEntry(f"`{wanted}` is no entry, attempt or call in the ledger")
    return found


def explain(entry: Entry) -> tuple[str, ...]:
    """Return an entry in words: what was decided, why, why not, and what would change it; a line each."""
    lines = [f"entry {entry.seq}, {entry.at.isoformat()}: {entry.kind}, {entry.outcome or 'noted'}"]
    if entry.body is None:
        return (*lines, "what it was decided on is no longer kept", *(f"rule: {rule}" for rule in entry.rules))
    decision = entry.body.get("decision")
    if decision is None:
        return (*lines, *(f"{name}: {value}" for name, value in sorted(entry.body.items())))
    lines += [_fired(one) for one in decision["fired"]] or ["no rule had anything against it"]
    lines += [f"fault: {fault}; so the answer is no" for fault in decision["faults"]]
    return (*lines, *_change(decision), *_read(decision))


def _change(decision: dict[str, Any]) -> Iterator[str]:
    """Yield what would change the answer to a dial."""
    if decision["next_allowed"]:
        zone = next(iter(decision["local_times"]), "UTC")
        yield f"it will be allowed from {datetime.fromisoformat(decision['next_allowed']).astimezone(ZoneInfo(zone))}"
    elif decision["must_change"]:
        yield f"waiting does not help; this must change: {', '.join(decision['must_change'])}"


def _fired(fired: dict[str, Any]) -> str:
    effect = fired["effect"] if fired["enforced"] else f"would {fired['effect']} ({fired['status']})"
    return f"{effect}: {fired['reason']} [{fired['rule']}; {fired['source']}; {fired['span']}]"


def _read(decision: dict[str, Any]) -> Iterator[str]:
    sources = decision.get("sources", {})
    for name, value in sorted(decision.get("facts", {}).items()):
        shown = "unknown" if value is None else ", ".join(value) if isinstance(value, list) else value
        yield f"read: {name} = {shown} (from {sources.get(name, 'nobody')})"
    for zone, time in sorted(decision.get("local_times", {}).items()):
        yield f"local time: {time} in {zone}"


def redecide(shelf: Shelf, entry: Entry) -> Redecided:
    """Decide a dial entry again under its own bundle, and compare bit for bit.

    Raises:
        UnknownEntry: It is no dial, or what it was decided on is no longer kept.
        UnknownBundle: Its bundle is not kept.
    """
    if entry.kind != "dial" or entry.body is None:
        raise UnknownEntry(f"entry {entry.seq} cannot be decided again")
    again = decide(shelf.get(entry.bundle), request_from_json(entry.body["request"]))
    kept, now = canonical(entry.body["decision"]), canonical(decision_json(again, frozenset()))
    return Redecided(entry.seq, kept == now, kept, now)


def redecide_all(ledger: Ledger, shelf: Shelf) -> Iterator[Redecided]:
    """Decide every dial of the ledger again."""
    after = 0
    while page := ledger.entries(after=after, limit=500):
        after = page[-1].seq
        yield from (redecide(shelf, entry) for entry in page if entry.kind == "dial" and entry.body is not None)
