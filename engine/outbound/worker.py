"""The worker: lease, conduct, report, again.

Told to stop, it finishes the call it is in and leases no more. When the store is away it waits, longer each
time, and says so. It never dials twice for one attempt: what it cannot finish is for a person to look at.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import SystemRandom
from threading import Event

from engine.outbound.conduct import Conductor, Done
from engine.records.errors import LeaseLost, StoreAway
from engine.records.jobs import Jobs

#: The longest wait while the store is away, in seconds.
LONGEST_WAIT = 30.0


@dataclass(frozen=True, slots=True)
class Orders:
    """How a worker works.

    Args:
        name: Under which it leases.
        once: Whether it stops when nothing is due.
        poll_seconds: How long it waits on the average when nothing is due.
        most: After how many jobs it stops; None is never.
        campaign: The only campaign it works for, or ''.
    """

    name: str
    once: bool = False
    poll_seconds: float = 1.0
    most: int | None = None
    campaign: str = ""


class Worker:
    """One worker."""

    def __init__(self, jobs: Jobs, conductor: Conductor, orders: Orders, say: Callable[[str], None]) -> None:
        self._jobs = jobs
        self._conductor = conductor
        self._orders = orders
        self._say = say
        self._stopped = Event()
        self._away = 0
        self.done: Counter[str] = Counter()

    def stop(self) -> None:
        """Lease no more; `run` returns when the present call is over."""
        self._stopped.set()

    def run(self) -> Counter[str]:
        """Work until told to stop, until nothing is due (``once``), or for so many jobs; return what became of them."""
        most = self._orders.most
        while not self._stopped.is_set() and (most is None or self.done.total() < most):
            try:
                worked = self._one()
            except StoreAway as away:
                self._wait_for_store(away)
                continue
            self._away = 0
            if not worked:
                if self._orders.once:
                    break
                self._stopped.wait(self._orders.poll_seconds * SystemRandom().uniform(0.5, 1.5))
        return self.done

    def _one(self) -> bool:
        leased = self._jobs.lease(self._orders.name, campaign=self._orders.campaign)
        for lease in leased:
            if self._stopped.is_set():
                self._jobs.give_back(lease)
                continue
            try:
                done = self._conductor.conduct(lease)
            except LeaseLost as lost:
                self.done["lease_lost"] += 1
                self._say(str(lost))
                continue
            self.done[done.state.value] += 1
            self._say(_told(done))
        return bool(leased)

    def _wait_for_store(self, away: StoreAway) -> None:
        self._away += 1
        wait = SystemRandom().uniform(0.0, min(LONGEST_WAIT, 0.5 * 2.0 ** min(self._away, 16)))
        self._say(f"the store is away ({away}); trying again in {wait:.1f} s")
        self._stopped.wait(wait)


def _told(done: Done) -> str:
    if done.ruling is not None and not done.ruling.allowed:
        return f"job {done.job}: not dialled, now {done.state}: {', '.join(done.ruling.decision.denying)}"
    if done.result is None:
        return f"job {done.job}: not dialled, now {done.state}"
    return f"job {done.job}: dialled, {done.result}, ended as {done.disposition}, now {done.state}"
