"""A call found with little followed, gone again with everything followed.

What a coarse search finds may need luck that facts do not allow. The same steps
are taken again over a deeper slice: if they can be, the values for it come out
as well; if not, this call proves nothing.
"""

from collections.abc import Iterator
from itertools import islice, product

from engine.checks.prove.model import Model, Move, Situation
from engine.checks.prove.regions import Cluster, Mobility
from engine.checks.prove.search import Found

MOST_STARTS = 4
MOST_MOVES = 1_500
_Path = tuple[tuple[Situation | None, Move], ...]


def retrace(deep: Model, coarse: Model, found: Found, goal: int) -> Iterator[Found]:
    """Yield *found*, a call over *coarse*, as calls over the slice of *deep*, in which the broken rule is the goal at *goal*."""
    wanted = [(move.trigger, tuple(step.id for step in move.plan.steps)) for _, move in found.path]
    starts = _likely_starts(deep, coarse, found)
    seen: set[tuple[int, Situation]] = set()
    looked = 0
    waiting: list[tuple[Situation | None, _Path]] = [(None, ())]
    while waiting:
        situation, path = waiting.pop()
        trigger, steps = wanted[len(path)]
        ahead: list[tuple[Situation | None, _Path]] = []
        for move in _moves(deep, situation, trigger, starts):
            looked += 1
            if looked > MOST_MOVES:
                return
            if tuple(step.id for step in move.plan.steps) != steps:
                continue
            result = deep.result(move.plan, move.hearing)
            way = (*path, (situation, move))
            if len(way) == len(wanted):
                yield from (Found(b, way, found.turns) for b in result.breaches if b.rule == goal)
                continue
            for after in result.nexts:
                if (len(way), after) not in seen:
                    seen.add((len(way), after))
                    ahead.append((after, way))
        waiting += reversed(ahead)


def _moves(deep: Model, situation: Situation | None, trigger: str, starts: list[int]) -> Iterator[Move]:
    if situation is not None:
        return deep.moves(situation, only=trigger)
    return deep.first_moves(starts, trigger)


def _likely_starts(deep: Model, coarse: Model, found: Found) -> list[int]:
    """Return some of what may be known before a call: what the coarse call takes to be so, and as much as can be."""
    held = coarse.knowledge.regions(found.path[-1][1].hearing.known)
    choices = []
    for cluster in deep.knowledge.clusters:
        alike = [(c, r) for c, r in zip(coarse.knowledge.clusters, held, strict=True) if set(c.names) <= set(cluster.names)]
        choices.append(sorted(cluster.starts, key=lambda region: _unlike(cluster, region, alike)))
    return [deep.knowledge.number(regions) for regions in islice(product(*choices), MOST_STARTS)]


def _unlike(cluster: Cluster, region: int, alike: list[tuple[Cluster, int]]) -> tuple[int, int, int]:
    """Return how little a region agrees with the coarse ones, how much in it is unknown, and how little it holds."""
    witness = cluster.witnesses[region]
    apart = 0
    for other, wanted in alike:
        moving = frozenset(f.name for f in other.facts if f.mobility is not Mobility.FIXED)
        there = other.find({name: witness[name] for name in other.names})
        apart += there is None or wanted not in other.moves(moving)[there]
    unknown = sum(value is None for value in witness.values())
    size = sum(len(value) for value in witness.values() if isinstance(value, frozenset))
    return apart, unknown, -size
