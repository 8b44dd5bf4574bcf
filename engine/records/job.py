"""A job: one person to be called about some debts, and how often it may be tried."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from random import SystemRandom
from typing import Any

from engine.expressions.tree import Value
from engine.records.parties import Parties, PartyKeys
from engine.records.plain import facts_from_json
from engine.terms import JobState

#: The flags that hold a job back by themselves.
FLAGS = frozenset({"dnc", "cease_contact", "legal_hold"})
#: The longest wait between two tries, in seconds: a year.
LONGEST_WAIT = 31_536_000
#: Priorities, the most urgent first.
PRIORITIES = tuple(range(9, -1, -1))


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a job is tried, and how long it waits in between.

    The wait before try n+1 is drawn evenly from 0 to min(`cap`, `base`·2ⁿ⁻¹) seconds: full jitter,
    so that jobs that failed together do not come back together.

    Source: Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """

    tries: int = 3
    base: float = 60.0
    cap: float = 3600.0

    def __post_init__(self) -> None:
        if not 1 <= self.tries <= 1000 or not (0 <= self.base <= LONGEST_WAIT and 0 <= self.cap <= LONGEST_WAIT):
            raise ValueError(f"a job is tried 1 to 1000 times, and waits 0 to {LONGEST_WAIT} seconds in between")

    def wait(self, tried: int) -> timedelta:
        """Return a random wait after *tried* tries."""
        most = min(self.cap, self.base * 2.0 ** min(tried - 1, 60))
        return timedelta(seconds=SystemRandom().uniform(0.0, most))


@dataclass(frozen=True, slots=True)
class NewJob:
    """What a producer asks for.

    Args:
        parties: Whom the call concerns.
        facts: What the host knows, by flat name, in canonical values.
        debts: For each debt of `parties`, what differs from `facts`.
        campaign: A name to list and measure by.
        flow: The call flow.
        locale: The language to begin in.
        zones: Where the host says the person is (IANA names); empty lets the number and the facts say.
        due: Not to be called before; None is now.
        priority: 0 to 9, 9 first.
        idempotency: Enqueuing again with the same key and content gives the first job again.
        flags: ``dnc``, ``cease_contact``, ``legal_hold``: while one stands, the job is not leased.
    """

    parties: Parties
    facts: Mapping[str, Value] = field(default_factory=dict, repr=False)
    debts: Mapping[str, Mapping[str, Value]] = field(default_factory=dict, repr=False)
    campaign: str = ""
    flow: str = ""
    locale: str = ""
    zones: tuple[str, ...] = ()
    due: datetime | None = None
    priority: int = 5
    retry: Retry = Retry()
    idempotency: str = ""
    flags: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.priority not in PRIORITIES:
            raise ValueError(f"priority {self.priority} is not one of 0 to 9")
        if not self.flags <= FLAGS:
            raise ValueError(f"`{min(self.flags - FLAGS)}` is not a flag; flags are {', '.join(sorted(FLAGS))}")

    def payload(self) -> dict[str, Any]:
        """Return what is sealed."""
        return {
            "parties": self.parties.to_json(),
            "debts": {debt: dict(self.debts.get(debt, {})) for debt in self.parties.debts},
            "facts": dict(self.facts),
            "flow": self.flow,
            "locale": self.locale,
            "zones": list(self.zones),
        }


@dataclass(frozen=True, slots=True)
class Brief:
    """What a worker needs to know to place the call."""

    parties: Parties
    facts: Mapping[str, Value] = field(repr=False)
    debts: Mapping[str, Mapping[str, Value]] = field(repr=False)
    flow: str
    locale: str
    zones: tuple[str, ...]

    @classmethod
    def from_payload(cls, data: Mapping[str, Any]) -> "Brief":
        """Return what was enqueued, from what was sealed."""
        return cls(
            Parties.from_json(data["parties"]),
            facts_from_json(data["facts"]),
            {debt: facts_from_json(facts) for debt, facts in data["debts"].items()},
            data["flow"],
            data["locale"],
            tuple(data["zones"]),
        )


@dataclass(frozen=True)
class Lease:
    """A worker's right to one try of a job; `token` comes back with every later word about it.

    What the job is about stays sealed until somebody asks for it.
    """

    job: str
    token: str = field(repr=False)
    worker: str
    tries: int
    until: datetime
    campaign: str
    unseal: Callable[[], tuple[Brief, PartyKeys]] = field(repr=False, compare=False)

    @cached_property
    def _unsealed(self) -> tuple[Brief, PartyKeys]:
        return self.unseal()

    @property
    def brief(self) -> Brief:
        """What the worker needs to know to place the call."""
        return self._unsealed[0]

    @property
    def keys(self) -> PartyKeys:
        """The look-up hashes of the parties."""
        return self._unsealed[1]


@dataclass(frozen=True, slots=True)
class Enqueued:
    """A job's id, and whether this request made it; False when its key was used before with the same content."""

    job: str
    created: bool
    state: JobState


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as listed: nothing personal."""

    id: str
    campaign: str
    state: JobState
    reason: str
    flags: tuple[str, ...]
    priority: int
    ready: datetime
    created: datetime
    updated: datetime
    tries: int
    most_tries: int
    worker: str
