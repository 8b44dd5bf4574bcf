"""A call found with little followed, gone again with everything followed.

What a coarse search finds may need luck that facts do not allow. The same steps
are taken again over a deeper slice: if they can be, the values for it come out
as well; if not, this call proves nothing.
"""

from collections.abc import Iterator
from itertools import islice, product

from engine.bundle import Step
from engine.checks.prove.model import Model, Move, Situation
from engine.checks.prove.regions import Cluster, Mobility
from engine.checks.prove.search import Found
from engine.checks.prove.truth import TRUE, truth
from engine.expressions.tree import ALWAYS

MOST_STARTS = 4
MOST_MOVES = 12_000
MOST_ABREAST = 40
_Path = tuple[tuple[Situation | None, Move], ...]


def retrace(deep: Model, coarse: Model, found: Found, goal: int) -> Iterator[Found]:
    """Yield *found*, a call over *coarse*, as calls over the slice of *deep*, in which the broken rule is at *goal*."""
    starts = _likely_starts(deep, coarse, found)
    abreast: dict[Situation | None, _Path] = {None: ()}
    last = len(found.path) - 1
    looked = 0
    for place, (_, wanted) in enumerate(found.path):
        steps = tuple(step.id for step in wanted.plan.steps)
        ahead: dict[Situation | None, _Path] = {}
        for situation, path in abreast.items():
            for move in _moves(deep, situation, wanted.trigger, starts):
                looked += 1
                if tuple(step.id for step in move.plan.steps) != steps:
                    continue
                result = deep.result(move.plan, move.hearing)
                way = (*path, (situation, move))
                if place == last:
                    yield from (Found(b, way, found.turns) for b in result.breaches if b.rule == goal)
                for after in result.nexts:
                    ahead.setdefault(after, way)
            if looked > MOST_MOVES:
                break
        abreast = _varied(ahead)


def _varied(ahead: dict[Situation | None, _Path]) -> dict[Situation | None, _Path]:
    """Return at most MOST_ABREAST of *ahead*, taken evenly."""
    stride = max(1, -(-len(ahead) // MOST_ABREAST))
    return dict(islice(ahead.items(), 0, None, stride))


def _moves(deep: Model, situation: Situation | None, trigger: str, starts: list[int]) -> Iterator[Move]:
    if situation is not None:
        return deep.moves(situation, only=trigger)
    return deep.first_moves(starts, trigger)


def _likely_starts(deep: Model, coarse: Model, found: Found) -> list[int]:
    """Return some of what may be known before a call: what the coarse call and its steps take to be so."""
    held = coarse.knowledge.regions(found.path[-1][1].hearing.known)
    before = _earlier_steps(deep)
    taken = [step for _, move in found.path for step in move.plan.steps]
    passed = [other for step in taken for other in before.get(step.id, ())]
    choices = []
    for cluster in deep.knowledge.clusters:
        alike = [
            (c, r) for c, r in zip(coarse.knowledge.clusters, held, strict=True) if set(c.names) <= set(cluster.names)
        ]
        ranked = {region: _unlike(cluster, region, alike, taken, passed) for region in cluster.starts}
        choices.append(sorted(cluster.starts, key=ranked.__getitem__))
    return [deep.knowledge.number(regions) for regions in islice(product(*choices), MOST_STARTS)]


def _earlier_steps(model: Model) -> dict[str, tuple[Step, ...]]:
    """Return, for each step, those of its list that are looked at before it."""
    lists = [steps for state in model.states for steps in (*state.hears.values(), state.then)]
    return {step.id: steps[:place] for steps in lists for place, step in enumerate(steps)}


def _unlike(
    cluster: Cluster, region: int, alike: list[tuple[Cluster, int]], taken: list[Step], passed: list[Step]
) -> tuple[int, int, int]:
    """Return how little a region agrees with the coarse call, how much in it is unknown, and how little it holds."""
    witness = cluster.witnesses[region]
    fixed = {f.name: witness[f.name] for f in cluster.facts if f.mobility is Mobility.FIXED}
    apart = sum(not truth(step.when, fixed) & TRUE for step in taken)
    apart += sum(truth(step.when, fixed) == TRUE for step in passed if step.when != ALWAYS)
    for other, wanted in alike:
        moving = frozenset(f.name for f in other.facts if f.mobility is not Mobility.FIXED)
        there = other.find({name: witness[name] for name in other.names})
        apart += there is None or wanted not in other.moves(moving)[there]
    unknown = sum(value is None for value in witness.values())
    size = sum(len(value) for value in witness.values() if isinstance(value, frozenset))
    return apart, unknown, -size
