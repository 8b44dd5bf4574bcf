"""The facts of one turn or one dial: a flat, typed name-to-value mapping, built afresh each time."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from types import MappingProxyType

from engine.bundle import CompiledBundle, in_force
from engine.expressions.tree import Value
from engine.expressions.values import from_json
from engine.facts.clock import clock_facts
from engine.runtime.prepared import Prepared
from engine.terms import FactSource, Lasts

HEARD, SAID, ASKED = "heard.", "said.", "asked."


def closed_facts(bundle: CompiledBundle, facts: Mapping[str, Value]) -> dict[str, Value]:
    """Return the facts a host gave, places with all they lie within.

    No place at all is unknown, and so is a place that the vocabulary does not name: the rules of where it lies
    would be left out.
    """
    found: dict[str, Value] = {name: value for name, value in facts.items() if value is not None}
    for fact in bundle.vocabulary.facts.values():
        held = found.get(fact.name)
        if fact.of_places and isinstance(held, frozenset):
            known = bundle.vocabulary.places
            if held and all(place in known for place in held):
                found[fact.name] = frozenset(p for place in held for p in known[place])
            else:
                del found[fact.name]
    return found


def checked_facts(bundle: CompiledBundle, facts: Mapping[str, Value]) -> dict[str, Value]:
    """Return *facts* as canonical values of the types the vocabulary gives them.

    Raises:
        ValueError: One of them has another type, or lies outside what its type can hold.
    """
    found: dict[str, Value] = {}
    for name, value in facts.items():
        try:
            found[name] = from_json(value, bundle.vocabulary.facts[name].type)
        except ValueError as error:
            raise ValueError(f"`{name}`: {error}") from error
    return found


def host_facts(bundle: CompiledBundle, facts: Mapping[str, Value]) -> dict[str, Value]:
    """Return only what a host or a ledger may supply; a turn or a request can never set anything else."""
    known = bundle.vocabulary.facts
    return {
        name: value
        for name, value in facts.items()
        if name in known and known[name].origin in (FactSource.HOST, FactSource.LEDGER)
    }


def places_of(prepared: Prepared, facts: Mapping[str, Value]) -> Iterable[str]:
    """Return the account's places, or none."""
    for name in prepared.of_places:
        held = facts.get(name)
        if isinstance(held, frozenset):
            return held
    return ()


@lru_cache(maxsize=64)
def dated_parameters(bundle: CompiledBundle, day: date) -> Mapping[str, Value]:
    """Return each parameter's value on *day*, and whether it has one."""
    found: dict[str, Value] = {}
    for parameter in bundle.parameters.values():
        value = parameter.on(day)
        found[parameter.name] = value
        found[in_force(parameter.name)] = value is not None
    return MappingProxyType(found)


def lasting(prepared: Prepared, facts: Mapping[str, Value]) -> dict[str, Value]:
    """Return *facts* as a session keeps them: one that became unknown only where it has a value before it is set."""
    return {name: value for name, value in facts.items() if value is not None or name in prepared.defaults}


def frame_at(prepared: Prepared, facts: Mapping[str, Value], at: datetime, zone: str | None) -> dict[str, Value]:
    """Return the facts that hold at *at* in *zone*: defaults, *facts*, the clock and the day's parameters.

    Without a zone the clock is unknown, and parameters are those of the UTC date.
    """
    frame = dict(prepared.defaults)
    frame |= facts
    frame |= clock_facts(at, zone, places_of(prepared, facts))
    today = frame["clock.today"]
    day = date.fromordinal(today) if isinstance(today, int) else at.astimezone(UTC).date()
    frame |= dated_parameters(prepared.bundle, day)
    return frame


def frame_in(prepared: Prepared, facts: Mapping[str, Value], at: datetime, zones: tuple[str, ...]) -> dict[str, Value]:
    """Return the facts that hold at *at* in every one of *zones*: what differs between them is unknown.

    So where two plausible dates differ, a rule that either of them brings into force acts.
    """
    frame = frame_at(prepared, facts, at, zones[0] if zones else None)
    for zone in zones[1:]:
        other = clock_facts(at, zone, places_of(prepared, facts))
        today = other["clock.today"]
        if today != frame["clock.today"] and isinstance(today, int):
            other = {**other, **dated_parameters(prepared.bundle, date.fromordinal(today))}
        for name, value in other.items():
            if frame[name] != value:
                frame[name] = None
    return frame


def forgotten(bundle: CompiledBundle, facts: Mapping[str, Value], lasts: frozenset[Lasts]) -> dict[str, Value]:
    """Return *facts* without those that last only so long; the vocabulary's first values come back by themselves."""
    known = bundle.vocabulary.facts
    return {name: value for name, value in facts.items() if name not in known or known[name].lasts not in lasts}
