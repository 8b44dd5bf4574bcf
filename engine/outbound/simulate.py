"""Rehearse a whole campaign: made-up people, simulated callees, the real gate, calls and ledger, days in minutes.

The store's clock is put ahead to a Tuesday morning and then from due job to due job.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from engine.calls import Calls
from engine.outbound.audit import Breach, audit
from engine.outbound.conduct import Conductor, nothing
from engine.outbound.people import Person, people
from engine.outbound.personas import SimulatedLine
from engine.outbound.worker import Orders, Worker
from engine.records.job import NewJob, Retry
from engine.records.metrics import Measures, measure
from engine.records.store import Store
from engine.terms import JobState, Scope

#: When a rehearsal begins: Tuesday, 2026-03-10, 8 a.m. in New York.
BEGINS = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
#: How long it goes on.
LASTS = timedelta(days=30)
#: The measures of which a rehearsal can say nothing, for nobody pays in it.
NOT_SIMULATED = ("kept", "partial", "broken", "kept_cents")
OVER = (JobState.SUCCEEDED, JobState.FAILED, JobState.DEAD_LETTER, JobState.CANCELED, JobState.REVIEW)


@dataclass(frozen=True, slots=True)
class Summary:
    """What a rehearsal came to."""

    calls: int
    seed: int
    days: float
    jobs: dict[str, int]
    dialled: int
    personas: dict[str, int]
    entries: int
    breaches: tuple[Breach, ...]
    measures: Measures = field(repr=False)


def simulate(
    calls: Calls, count: int, seed: int, *, flow: str = "", told: Callable[[int, int], None] = lambda done, whole: None
) -> Summary:
    """Enqueue *count* jobs for made-up people, work through them and look at what happened.

    Args:
        calls: Calls in an empty store with a published bundle; the store's clock is moved.
        count: How many jobs.
        seed: The same seed gives the same people and callees.
        flow: The call flow, when the bundle has several.
        told: Told now and then how many jobs of how many are over.
    """
    store = calls.store
    set_clock(store, BEGINS)
    chosen = people(max(1, count * 2 // 3), seed, BEGINS.date())
    _enqueue(store, chosen, count, flow)
    line = SimulatedLine(calls.shelf.current, seed, {one.parties.number: one.facts for one in chosen})
    while True:
        told(_over(store), count)
        worked = Worker(Conductor(calls, line), Orders("simulated", once=True, most=50), nothing).run()
        if worked.total() < 50 and not _advance(store):
            break
    told(count, count)
    breaches = audit(store, chosen, line.placed)
    now = calls.now()
    return Summary(
        count,
        seed,
        round((now - BEGINS) / timedelta(days=1), 1),
        {state.value: number for state, number in store.jobs.counts().items() if number},
        len(line.placed),
        dict(Counter(line.met.values()).most_common()),
        store.ledger.last(),
        breaches,
        measure(store.database),
    )


def _enqueue(store: Store, chosen: tuple[Person, ...], count: int, flow: str) -> None:
    for one in chosen:
        store.known.learn(Scope.NUMBER, one.parties.number, one.known, "rehearsal")
    wanted = [
        NewJob(
            one.parties,
            one.facts,
            campaign="rehearsal",
            flow=flow,
            priority=n % 10,
            retry=Retry(3, 3600.0, 86400.0),
            idempotency=f"rehearsal-{n}",
        )
        for n, one in ((n, chosen[n % len(chosen)]) for n in range(count))
    ]
    for start in range(0, count, 500):
        store.jobs.enqueue(*wanted[start : start + 500])


def set_clock(store: Store, wanted: datetime) -> None:
    """Put a store's clock to *wanted*, for this process."""
    with store.database.reading() as db:
        store.database.ahead += wanted - store.database.now(db)


def _advance(store: Store) -> bool:
    """Put the clock to the next due job; return False when there is none in the rehearsal's time."""
    ready = store.jobs.next_ready()
    if ready is None or ready > BEGINS + LASTS:
        return False
    with store.database.reading() as db:
        ahead = ready - store.database.now(db)
    store.database.ahead += max(ahead, timedelta(0)) + timedelta(milliseconds=2)
    return True


def _over(store: Store) -> int:
    counts = store.jobs.counts()
    return sum(counts[state] for state in OVER)
