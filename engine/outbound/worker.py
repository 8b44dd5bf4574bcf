"""The worker: lease, conduct, report, again.

Told to stop, it finishes the job it has and leases no more. When the store or the server is away it waits, longer
each time, and says so. It never dials twice for one attempt: what it cannot finish is for a person to look at.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import SystemRandom
from threading import Event
from typing import Generic, Protocol, TypeVar

from engine.outbound.conduct import Done
from engine.records.errors import LeaseLost, RecordsError, StoreAway

#: The longest wait while the store or the server is away, in seconds.
LONGEST_WAIT = 30.0


class Held(Protocol):
    """A right to one try of a job."""

    @property
    def job(self) -> str:
        """The job's id."""


Lease = TypeVar("Lease", bound=Held)


class Queue(Protocol[Lease]):
    """What a worker works for: jobs that it leases and carries out."""

    def lease(self, worker: str, campaign: str) -> Sequence[Lease]:
        """Lease the most urgent due job of *campaign*, or of any if it is ''; nothing when none is due.

        Raises:
            StoreAway: It cannot be reached now.
        """

    def conduct(self, lease: Lease) -> Done:
        """Take a leased job as far as it goes.

        Raises:
            LeaseLost: The job is no longer this worker's.
            StoreAway: It cannot be reached any more.
            RecordsError: It cannot be carried out; the lease is left to run out.
        """


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


class Worker(Generic[Lease]):
    """One worker."""

    def __init__(self, queue: Queue[Lease], orders: Orders, say: Callable[[str], None]) -> None:
        self._queue = queue
        self._orders = orders
        self._say = say
        self._stopped = Event()
        self._away = 0
        self.done: Counter[str] = Counter()

    def stop(self) -> None:
        """Lease no more; `run` returns when the present job is over."""
        self._stopped.set()

    def run(self) -> Counter[str]:
        """Work until told to stop, until nothing is due (``once``), or for so many jobs; return what became of them."""
        most = self._orders.most
        while not self._stopped.is_set() and (most is None or self.done.total() < most):
            try:
                worked = self._one()
            except StoreAway as away:
                self._wait(away)
                continue
            self._away = 0
            if not worked:
                if self._orders.once:
                    break
                self._stopped.wait(self._orders.poll_seconds * SystemRandom().uniform(0.5, 1.5))
        return self.done

    def _one(self) -> bool:
        leased = self._queue.lease(self._orders.name, self._orders.campaign)
        for lease in leased:
            try:
                done = self._queue.conduct(lease)
            except StoreAway:
                raise
            except LeaseLost as lost:
                self.done["lease_lost"] += 1
                self._say(str(lost))
            except RecordsError as wrong:
                self.done["not_carried_out"] += 1
                self._say(f"job {lease.job} cannot be carried out: {wrong}")
            else:
                self.done[done.state.value] += 1
                self._say(_told(done))
        return bool(leased)

    def _wait(self, away: StoreAway) -> None:
        self._away += 1
        wait = SystemRandom().uniform(0.0, min(LONGEST_WAIT, 0.5 * 2.0 ** min(self._away, 16)))
        self._say(f"cannot work now ({away}); trying again in {wait:.1f} s")
        self._stopped.wait(wait)


def _told(done: Done) -> str:
    if done.result is None:
        why = f": {', '.join(done.denied_by)}" if done.denied_by else ""
        return f"job {done.job}: not dialled, now {done.state}{why}"
    return f"job {done.job}: dialled, {done.result}, ended as {done.disposition}, now {done.state}"
