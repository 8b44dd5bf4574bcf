"""What a search suggests of a call that breaks a rule: where it may end, what may happen on the way, what may be given.

A search follows little, so the call it found may not come true as it stands; what the engine is asked to look for
near it may.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from engine.bundle import Fact, Rule
from engine.checks.prove.confirm import Chosen, chosen_for, told_by
from engine.checks.prove.model import UNCLEAR, Model
from engine.checks.prove.regions import Mobility
from engine.checks.prove.search import Found
from engine.checks.prove.slices import conditions_of
from engine.checks.prove.truth import read_by
from engine.expressions.tree import Value
from engine.runtime.session import Turn
from engine.terms import FactSource

Stopped: TypeAlias = Callable[[Turn], bool]
Given: TypeAlias = tuple[tuple[str, Value], ...]


class Hint(NamedTuple):
    """What may happen in a state on the way to a breach: the trigger, the intents heard with it, and what is told."""

    state: str
    trigger: str
    beside: tuple[str, ...]
    slots: Given


@dataclass(frozen=True, slots=True)
class Wanted:
    """A call that is looked for.

    Args:
        stopped: Whether a turn is its last.
        hints: What may happen on the way there.
        lasts: What may happen in its last turn.
        ends: The states near which it is looked for.
        words: Intents that mean something there though no step hears them.
        slots: What may be told beside anything in the state where it happens.
        days: Whether it may take midnight to pass.
    """

    stopped: Stopped = field(compare=False)
    hints: tuple[Hint, ...]
    lasts: tuple[Hint, ...]
    ends: frozenset[str]
    words: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    days: bool = False


@dataclass(frozen=True, slots=True)
class Lead:
    """What is looked for, and what the host may have to supply for it."""

    wanted: Wanted
    given: tuple[Given, ...]


def lead(
    model: Model,
    rule: Rule,
    found: list[Found],
    facts: Mapping[str, Fact],
    usual: Mapping[str, Value],
    stopped: Stopped,
) -> Lead:
    """Return what *found*, breaches of *rule* over *model*, suggest.

    Args:
        model: What was searched.
        rule: The rule.
        found: Its breaches.
        facts: All facts there are.
        usual: What the host supplies in most calls.
        stopped: Whether a turn is the last of a call that is looked for.
    """
    steps = {step.id: step for one in found for step in one.path[-1][1].plan.steps}
    rules = (rule, *model.slice.derives)
    conditions = (*(c for one in rules for c in conditions_of(one)), *(step.when for step in steps.values()))
    read = dict.fromkeys(name for condition in conditions for name in read_by(condition))
    slots = tuple(name for name in read if name in facts and facts[name].origin is FactSource.HEARD)
    words = tuple(name.partition(".")[2] for name in read if name.startswith("heard.") and name not in facts)
    days = any(name.startswith("clock.") for name in read)
    hints: dict[Hint, None] = {}
    lasts: dict[Hint, None] = {}
    ends: set[str] = set()
    given: dict[Given, None] = {}
    for one in found:
        chosen = chosen_for(model, one)
        way = tuple(_hints(model, one, chosen))
        hints |= dict.fromkeys(way)
        ends.add(way[-1].state)
        lasts |= dict.fromkeys(way[-1]._replace(state=state) for state in _alike(model, one, way[-1].state))
        given[_given(model, one, chosen, usual)] = None
    wanted = Wanted(stopped, tuple(hints), tuple(lasts), frozenset(ends), words, slots, days)
    return Lead(wanted, tuple(one for one in given if one))


def _alike(model: Model, found: Found, last: str) -> Iterator[str]:
    """Yield the states in which the last turn of *found* may happen: *last*, and all that hear the same."""
    _, move = found.path[-1]
    first = move.plan.steps[0].id if move.plan.steps else ""
    yield last
    for state in model.states:
        if state.name != last and any(step.id == first for step in state.hears.get(move.trigger, ())):
            yield state.name


def _hints(model: Model, found: Found, chosen: Chosen | None) -> Iterator[Hint]:
    """Yield what happens in each turn of *found*; in the last, two things may be told at once, which is unknown."""
    for place, (before, move) in enumerate(found.path):
        state = model.flow.start if before is None else model.states[before.state].name
        trigger = "" if move.trigger == UNCLEAR else move.trigger
        beside = tuple(name for name in told_by(model, before, move) if name != move.trigger)
        told = chosen.slots[place] if chosen else {}
        last = place == len(found.path) - 1
        yield Hint(state, trigger, beside, tuple((n, told[n]) for n in sorted(told) if last or told[n] is not None))


def _given(model: Model, found: Found, chosen: Chosen | None, usual: Mapping[str, Value]) -> Given:
    """Return what the host has to supply for *found*: all that is compared with what is told, and what is not usual."""
    facts = model.slice.facts
    regions = model.knowledge.regions(found.path[-1][1].hearing.known)
    given: dict[str, Value] = {}
    for cluster, region in zip(model.knowledge.clusters, regions, strict=True):
        told = any(fact.mobility is Mobility.HEARD for fact in cluster.facts)
        moving = frozenset(fact.name for fact in cluster.facts if fact.mobility is not Mobility.FIXED)
        fixed = {n: cluster.witnesses[region][n] for n in cluster.names if n not in moving and n in facts}
        if chosen:
            fixed = {n: chosen.given[n] for n in fixed if n in chosen.given}
        if told or not cluster.alike(region, {name: usual.get(name) for name in fixed}, moving):
            given |= fixed
    return tuple(sorted(given.items()))
