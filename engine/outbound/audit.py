"""Did a campaign keep the rules? Looked at afterwards, from what was dialled and kept.

It shares no code with the gate: hours, caps and pauses are written here once more, in the plainest
way, as the law states them, so that a mistake in the one shows in the other.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from engine.outbound.line import Order
from engine.outbound.people import Person
from engine.records.attempts import AttemptRow
from engine.records.store import Store
from engine.records.verify import verify
from engine.terms import JobState

#: 12 CFR 1006.6(b)(1)(i): 8 a.m. to 9 p.m. where the consumer is.
OPENS, CLOSES = time(8), time(21)
#: 12 CFR 1006.14(b)(2)(i): more than seven calls in seven days, or a call within seven days of a conversation.
CALLS, DAYS = 7, 7
_BEFORE_VERIFIED = frozenset({"debt", "payment", "collecting"})


@dataclass(frozen=True, slots=True)
class Breach:
    """Something that must never happen, and where it did."""

    kind: str
    where: str
    what: str


def audit(store: Store, people: Sequence[Person], placed: Sequence[Order]) -> tuple[Breach, ...]:
    """Return every breach in a rehearsed campaign; () when there is none."""
    attempts = _attempts(store)
    by_number = {person.parties.number: person for person in people}
    return (
        *_twice(placed),
        *_unwritten(store, placed, attempts),
        *_hours(placed, by_number),
        *_caps(placed, attempts, by_number),
        *_disclosures(store),
        *_suppressed(store, placed, by_number),
        *_left(store),
        *(
            Breach("ledger", str(problem.seq), problem.message)
            for problem in verify(store.database, store.keys).problems
        ),
    )


def _attempts(store: Store) -> dict[str, AttemptRow]:
    found: dict[str, AttemptRow] = {}
    before = ""
    while page := store.attempts.list(before=before, limit=1000):
        found.update((row.id, row) for row in page)
        before = page[-1].id
    return found


def _twice(placed: Sequence[Order]) -> list[Breach]:
    dials = Counter(order.attempt for order in placed)
    return [Breach("dialled twice", attempt, f"{count} dials") for attempt, count in dials.items() if count > 1]


def _unwritten(store: Store, placed: Sequence[Order], attempts: Mapping[str, AttemptRow]) -> list[Breach]:
    found = []
    for order in placed:
        entry = attempts[order.attempt].entry if order.attempt in attempts else None
        outcome = None if entry is None else store.ledger.entry(entry).outcome
        if outcome != "allow":
            found.append(Breach("not allowed", order.attempt, f"the ledger says {outcome}"))
    return found


def _hours(placed: Sequence[Order], by_number: Mapping[str, Person]) -> list[Breach]:
    found = []
    for order in placed:
        local = order.at.astimezone(ZoneInfo(by_number[order.number].zone))
        if not OPENS <= local.time() < CLOSES:
            found.append(Breach("hours", order.attempt, f"dialled at {local.isoformat()}"))
    return found


def _caps(placed: Sequence[Order], attempts: Mapping[str, AttemptRow], by_number: Mapping[str, Person]) -> list[Breach]:
    found = []
    days: dict[str, list[int]] = defaultdict(list)
    talked: dict[str, list[int]] = defaultdict(list)
    for order in sorted(placed, key=lambda order: order.at):
        row = attempts[order.attempt]
        person = by_number[order.number]
        day = order.at.astimezone(ZoneInfo(person.zone)).toordinal()
        if sum(day - DAYS < other <= day for other in days[order.number]) >= CALLS:
            found.append(Breach("too many calls", order.attempt, f"more than {CALLS} in {DAYS} days"))
        if any(day - DAYS < other <= day for other in talked[order.number]):
            found.append(Breach("too soon", order.attempt, f"within {DAYS} days of a conversation"))
        if row.result not in ("busy", "not_in_service"):
            days[order.number].append(day)
        if row.disposition in _TALKED:
            talked[order.number].append(day)
    return found


_TALKED = frozenset({"promise_to_pay", "payment_handed_off", "payment_plan_agreed", "refused", "hardship_pause"})


def _disclosures(store: Store) -> list[Breach]:
    found: list[Breach] = []
    before = ""
    while page := store.calls.list(before=before, limit=500):
        before = page[-1].id
        for row in page:
            given = _BEFORE_VERIFIED & set(row.disclosed)
            if given and not row.right_party:
                found.append(Breach("disclosed", row.id, f"{', '.join(sorted(given))} to somebody not verified"))
    return found


def _suppressed(store: Store, placed: Sequence[Order], by_number: Mapping[str, Person]) -> list[Breach]:
    since: dict[str, datetime] = {}
    before = ""
    while page := store.suppressions.list(before=before, limit=1000):
        before = page[-1].id
        for row in page:
            if row.subject is not None and row.lifted is None:
                since[row.subject] = min(row.since, since.get(row.subject, row.since))
    found = []
    for order in placed:
        parties = by_number[order.number].parties
        for subject in (parties.account, parties.person, parties.number, *parties.debts):
            if subject in since and since[subject] < order.at:
                found.append(Breach("suppressed", order.attempt, f"dialled after {since[subject].isoformat()}"))
    return found


def _left(store: Store) -> list[Breach]:
    counts = store.jobs.counts()
    states = (JobState.LEASED, JobState.RUNNING, JobState.REVIEW)
    return [Breach("left over", state.value, f"{counts[state]} jobs") for state in states if counts[state]]
