"""Short ways to run a campaign in a test."""

import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from engine.bundle import CompiledBundle
from engine.calls import Calls
from engine.outbound.conduct import Conductor, Done, Probe, nothing
from engine.outbound.gate import Gate, Ruling
from engine.outbound.personas import SimulatedLine
from engine.records.contacts import NewContact
from engine.records.job import Lease, NewJob, Retry
from engine.records.parties import Parties
from engine.records.store import Store

#: Whether the long runs go on to their full length, as ``make chaos`` lets them.
WHOLE = "CALLWRIGHT_CHAOS" in os.environ
CHICAGO = ZoneInfo("America/Chicago")
FACTS = {
    "party.first_name": "Alex",
    "party.zip": "78701",
    "party.dob": datetime(1985, 5, 3).toordinal(),
    "account.balance": 24000,
    "account.places": frozenset({"US"}),
}


def who(n: int = 1) -> Parties:
    return Parties(f"account-{n}", f"person-{n}", f"512555{n:04d}", (f"debt-{n}",))


@dataclass
class Campaign:
    store: Store
    calls: Calls
    bundle: CompiledBundle
    fixed: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        people = {who(n).number: FACTS for n in range(300)}
        self.line = SimulatedLine(lambda: self.bundle, 1, people, self.fixed)
        self.gate = Gate(self.calls)

    def set_clock(self, wanted: str) -> None:
        with self.store.database.reading() as db:
            now = self.store.database.now(db) - self.store.database.ahead
        self.store.database.ahead = datetime.fromisoformat(wanted) - now

    def pass_time(self, **length: float) -> None:
        self.store.database.ahead += timedelta(**length)

    def now(self) -> datetime:
        return self.calls.now()

    def job(self, n: int = 1, persona: str = "promises", **given: object) -> str:
        self.fixed[who(n).number] = persona
        facts = {**FACTS, **given.pop("facts", {})}  # type: ignore[dict-item]
        wanted = {"flow": "call", "zones": ("America/Chicago",), "retry": Retry(3, 0.0, 0.0), **given}
        return self.store.jobs.enqueue(NewJob(who(n), facts, **wanted))[0].job  # type: ignore[arg-type]

    def called(self, n: int, times: int, **facts: object) -> None:
        """Let a person have been called before, an hour apart, until an hour ago."""
        with self.store.database.reading() as db:
            now = self.store.database.now(db)
        before = (now - timedelta(hours=1 + hour) for hour in range(times))
        known = {"number.connected": True, **facts}
        self.store.contacts.add(*(NewContact("call", who(n), at, known) for at in before))  # type: ignore[arg-type]

    def lease(self, worker: str = "w1") -> Lease:
        return self.store.jobs.lease(worker)[0]

    def ask(self, worker: str = "w1") -> tuple[Lease, Ruling]:
        lease = self.lease(worker)
        return lease, self.gate.ask(lease)

    def conduct(self, probe: Probe = nothing) -> Done:
        return Conductor(self.calls, self.line, probe).conduct(self.lease())

    def state(self, job: str) -> str:
        return self.store.jobs.show(job)[0].state.value

    def counted(self, n: int = 1) -> int:
        with self.store.database.reading() as db:
            history = self.store.contacts.history_in(db, who(n).hashed(self.store.keys))
        return len(history.of("call"))
