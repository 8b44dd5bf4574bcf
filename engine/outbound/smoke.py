"""A short look whether a worker does what it must: who may not be called is not, and every job ends as it must."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.calls import Calls
from engine.outbound.conduct import Conductor, nothing
from engine.outbound.people import people
from engine.outbound.personas import SimulatedLine
from engine.outbound.simulate import BEGINS, set_clock
from engine.outbound.worker import Orders, Worker
from engine.records.contacts import NewContact
from engine.records.job import NewJob, Retry
from engine.records.suppressions import NewSuppression
from engine.terms import JobState, Scope

#: Each case: the callee, and the state in which its job must end.
CASES: Mapping[str, tuple[str, JobState]] = {
    "may be called": ("refuses", JobState.SUCCEEDED),
    "asks us to stop": ("says_stop", JobState.SUCCEEDED),
    "is not in service": ("not_in_service", JobState.FAILED),
    "never answers": ("no_answer", JobState.WAITING_RETRY),
    "is suppressed": ("refuses", JobState.CANCELED),
    "has flag dnc": ("refuses", JobState.QUEUED),
    "was called seven times": ("refuses", JobState.QUEUED),
}
#: The cases in which nobody may be dialled.
BLOCKED = frozenset({"is suppressed", "has flag dnc", "was called seven times"})


@dataclass(frozen=True, slots=True)
class Smoked:
    """One case: how its job had to end, how it ended, and how often it was dialled."""

    case: str
    expected: JobState
    found: JobState
    dials: int

    @property
    def good(self) -> bool:
        """Whether it ended as it must, dialled at most once, and not at all if it was blocked."""
        return self.found is self.expected and self.dials == (0 if self.case in BLOCKED else 1)


def smoke(calls: Calls, *, flow: str = "", at: datetime = BEGINS + timedelta(hours=7)) -> tuple[Smoked, ...]:
    """Run every case in an empty store with a published bundle; the store's clock is moved.

    The people are all in Texas, where it is a Tuesday afternoon.
    """
    store = calls.store
    set_clock(store, at)
    texans = [one for one in people(500, 1, at.date()) if one.parties.number.startswith("+1512")]
    calm = [one for one in texans if not one.facts["account.flags"] and not one.facts["account.in_disaster_area"]]
    crowd = dict(zip(CASES, calm, strict=False))
    fixed = {crowd[case].parties.number: persona for case, (persona, _) in CASES.items()}
    line = SimulatedLine(calls.shelf.current, 1, {one.parties.number: one.facts for one in calm}, fixed)
    jobs: dict[str, str] = {}
    for case, one in crowd.items():
        known = {**one.known, "consent.number": "express", "reassigned.answer": "no"}
        store.known.learn(Scope.NUMBER, one.parties.number, known, "smoke")
        flags = frozenset({"dnc"}) if case == "has flag dnc" else frozenset()
        wanted = NewJob(one.parties, one.facts, flow=flow, retry=Retry(3, 86400.0, 86400.0), flags=flags)
        jobs[case] = store.jobs.enqueue(wanted)[0].job
    seven = NewContact("call", crowd["was called seven times"].parties, facts={"number.connected": True})
    store.contacts.add(*[seven] * 7)
    store.suppress(NewSuppression(Scope.PERSON, crowd["is suppressed"].parties.person, "stop_calling"))
    Worker(Conductor(calls, line), Orders("smoke", once=True), nothing).run()
    dialled = [order.number for order in line.placed]
    return tuple(
        Smoked(case, state, store.jobs.show(jobs[case])[0].state, dialled.count(crowd[case].parties.number))
        for case, (_, state) in CASES.items()
    )
