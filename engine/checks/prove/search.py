"""The search: every situation a call can get into, the nearest first.

Breadth first by turns, with a parent for each situation, so that the first call
found to break a rule is a shortest one.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from engine.bundle import Again
from engine.checks.prove.hearing import Hearing
from engine.checks.prove.limits import Budget, TooLarge
from engine.checks.prove.model import Core, Model, Move, Plan, Situation, Ways
from engine.checks.prove.speaking import Breach


@dataclass(frozen=True, slots=True)
class Found:
    """A breach, and the way there: where each turn began, and how it went. The first turn begins nowhere."""

    breach: Breach
    path: tuple[tuple[Situation | None, Move], ...]
    turns: int


@dataclass(slots=True)
class Searched:
    """What a search came to.

    Args:
        found: Breaches by goal, the nearest first, at most ``each`` for a goal.
        situations: How many situations were seen.
        turns: How many turns were looked at.
        states: Every dialogue state reached from which something that a goal forbids may yet be said.
        given: The bounded answers that are given and not held back for certain, by state and step.
    """

    found: dict[int, list[Found]] = field(default_factory=lambda: defaultdict(list))
    situations: int = 0
    turns: int = 0
    states: set[int] = field(default_factory=set)
    given: set[tuple[int, str]] = field(default_factory=set)


def search(model: Model, budget: Budget, each: int = 12) -> Searched:
    """Return every goal of the model's slice that can fire, with nearest calls.

    Args:
        model: The calls to look at.
        budget: How far to look.
        each: How many different breaches to keep for each goal.

    Raises:
        TooLarge: The budget was used up.
    """
    return _Search(model, budget, each).run()


_Origin = tuple[Situation | None, int, str, Hearing, Plan]
"""Where a turn began, what was known at the start of the call, and how it went."""


class _Search:
    """One search in the making."""

    def __init__(self, model: Model, budget: Budget, each: int) -> None:
        self._model = model
        self._budget = budget
        self._each = each
        self._out = Searched()
        self._origins: dict[Situation, _Origin] = {}
        self._costs: dict[Situation, int] = {}
        self._waiting: dict[int, list[Situation]] = defaultdict(list)
        self._seen: set[tuple[int, int, int, str]] = set()
        self._done: set[tuple[Core, Hearing]] = set()
        self._ahead = model.ahead()

    def run(self) -> Searched:
        model, out = self._model, self._out
        for known in model.knowledge.starts():
            for opening in model.first_openings():
                for hearing in model.hearings(opening, known, 0, 0):
                    self._look(None, known, hearing, model.ways(opening, hearing), 0)
        while self._waiting:
            at = min(self._waiting)
            for situation in self._waiting.pop(at):
                if self._costs[situation] == at:
                    out.states.add(situation.state)
                    state, known, said, asked = situation
                    for opening in model.openings(state):
                        for hearing in model.hearings(opening, known, said, asked):
                            self._look(situation, known, hearing, model.ways(opening, hearing), at)
        out.situations = len(self._costs)
        for kept in out.found.values():
            kept.sort(key=lambda found: found.turns)
            del kept[self._each :]
        return out

    def _look(self, before: Situation | None, known: int, hearing: Hearing, ways: Ways, cost: int) -> None:
        """Look at *ways* to go on; what has been looked at before led to the same, and as soon."""
        for core, plans in ways:
            if (core, hearing) in self._done:
                self._give(plans)
                continue
            self._out.turns += 1
            result = self._model.come_of(core, hearing)
            if result.nexts:
                self._give(plans)
            at = cost + core.cost
            if result.breaches:
                for trigger, plan in plans:
                    self._note(result.breaches, (before, known, trigger, hearing, plan), at)
            else:
                self._done.add((core, hearing))
            for after in result.nexts:
                if after.state in self._ahead and self._costs.get(after, 1 << 30) > at:
                    self._costs[after] = at
                    self._origins[after] = (before, known, *plans[0][:1], hearing, plans[0][1])
                    self._waiting[at].append(after)
        if self._out.turns > self._budget.turns or len(self._costs) > self._budget.situations:
            raise TooLarge(f"{len(self._costs):,} situations were looked at, and there are more")

    def _give(self, plans: tuple[tuple[str, Plan], ...]) -> None:
        for _, plan in plans:
            if plan.steps and isinstance(plan.steps[-1].target, Again):
                self._out.given.add((plan.state, plan.steps[-1].id))

    def _note(self, breaches: tuple[Breach, ...], origin: _Origin, at: int) -> None:
        plan = origin[4]
        for one in breaches:
            breach = self._model.part(plan, one)
            key = (breach.rule, id(plan.by[breach.part]), plan.items[breach.part], breach.inserted)
            kept = self._out.found[breach.rule]
            if key not in self._seen and len(kept) < self._each * 4:
                self._seen.add(key)
                kept.append(Found(breach, self._path(origin), at))

    def _path(self, origin: _Origin) -> tuple[tuple[Situation | None, Move], ...]:
        found: list[tuple[Situation | None, Move]] = []
        while True:
            before, known, trigger, hearing, plan = origin
            found.append((before, self._model.move(before, known, trigger, hearing, plan)))
            if before is None:
                return tuple(reversed(found))
            origin = self._origins[before]
