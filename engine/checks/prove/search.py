"""The search: every situation a call can get into, the nearest first.

Breadth first by turns, with a parent for each situation, so that the first call
found to break a rule is a shortest one.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from engine.checks.prove.limits import Budget, TooLarge
from engine.checks.prove.model import ENDED, Model, Move, Situation
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
        states: Every dialogue state reached.
        held: Edges looked at, in the order found, for readers of the whole graph.
    """

    found: dict[int, list[Found]] = field(default_factory=lambda: defaultdict(list))
    situations: int = 0
    turns: int = 0
    states: set[int] = field(default_factory=set)


def search(model: Model, budget: Budget, each: int = 12, stop_early: bool = False) -> Searched:
    """Return every goal of the model's slice that can fire, with nearest calls.

    Args:
        model: The calls to look at.
        budget: How far to look.
        each: How many different breaches to keep for each goal.
        stop_early: Whether to stop once every goal is broken.

    Raises:
        TooLarge: The budget was used up.
    """
    out = Searched()
    parents: dict[Situation, tuple[Situation | None, Move]] = {}
    waiting: dict[int, list[Situation]] = defaultdict(list)
    costs: dict[Situation, int] = {}
    seen: set[tuple[object, ...]] = set()
    done: set[tuple[object, ...]] = set()
    goals = range(len(model.slice.goals))

    def look(before: Situation | None, move: Move, cost: int) -> None:
        result = model.result(move.plan, move.hearing)
        at = cost + move.plan.cost
        for breach in result.breaches:
            mark = (breach.rule, breach.inserted, move.plan.by[breach.part], move.plan.items[breach.part])
            key = (breach.rule, id(mark[2]), mark[3], breach.inserted)
            kept = out.found[breach.rule]
            if key not in seen and len(kept) < each * 4:
                seen.add(key)
                kept.append(Found(breach, (*_path(parents, before), (before, move)), at))
        for after in result.nexts:
            if after.state != ENDED and costs.get(after, 1 << 30) > at:
                costs[after] = at
                parents[after] = (before, move)
                waiting[at].append(after)

    for move in model.first_moves():
        out.turns += 1
        look(None, move, 0)
    at = 0
    while waiting:
        at = min(waiting)
        for situation in waiting.pop(at):
            if costs[situation] != at:
                continue
            out.states.add(situation.state)
            distinct: set[tuple[int, ...]] = set()
            for move in model.moves(situation, done):
                out.turns += 1
                mark = (id(move.plan), *move.hearing)
                if mark not in distinct:
                    distinct.add(mark)
                    look(situation, move, at)
            if out.turns > budget.turns or len(costs) > budget.situations:
                raise TooLarge(f"{len(costs):,} situations were looked at, and there are more")
        if stop_early and all(out.found.get(goal) for goal in goals):
            break
    out.situations = len(costs)
    for kept in out.found.values():
        kept.sort(key=lambda found: found.turns)
        del kept[each:]
    return out


def _path(
    parents: dict[Situation, tuple[Situation | None, Move]], situation: Situation | None
) -> tuple[tuple[Situation | None, Move], ...]:
    found: list[tuple[Situation | None, Move]] = []
    while situation is not None:
        before, move = parents[situation]
        found.append((before, move))
        situation = before
    return tuple(reversed(found))
