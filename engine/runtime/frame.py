"""The facts of one turn or one dial: a flat, typed name-to-value mapping, built afresh each time."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

from engine.bundle import CompiledBundle, in_force
from engine.expressions.tree import Value
from engine.facts.clock import clock_facts
from engine.runtime.prepared import Prepared
from engine.terms import FactSource, Lasts

HEARD, SAID, ASKED = "heard.", "said.", "asked."


def closed_facts(bundle: CompiledBundle, facts: Mapping[str, Value]) -> dict[str, Value]:
    """Return the facts a host gave, places with all they lie within, and no place at all made unknown."""
    found: dict[str, Value] = {name: value for name, value in facts.items() if value is not None}
    for fact in bundle.vocabulary.facts.values():
        held = found.get(fact.name)
        if fact.of_places and isinstance(held, frozenset):
            places = frozenset(p for place in held for p in bundle.vocabulary.places.get(place, (place,)))
            if places:
                found[fact.name] = places
            else:
                del found[fact.name]
    return found


def host_facts(bundle: CompiledBundle, facts: Mapping[str, Value]) -> dict[str, Value]:
    """Return only what a host or a ledger may supply; a turn or a request can never set anything else."""
    known = bundle.vocabulary.facts
    return {
        name: value
        for name, value in facts.items()
        if name in known and known[name].origin in (FactSource.HOST, FactSource.LEDGER)
    }


def places_of(bundle: CompiledBundle, facts: Mapping[str, Value]) -> Iterable[str]:
    """Return the account's places, or none."""
    for fact in bundle.vocabulary.facts.values():
        held = facts.get(fact.name)
        if fact.of_places and isinstance(held, frozenset):
            return held
    return ()


def dated_parameters(bundle: CompiledBundle, day: date) -> dict[str, Value]:
    """Return each parameter's value on *day*, and whether it has one."""
    found: dict[str, Value] = {}
    for parameter in bundle.parameters.values():
        value = parameter.on(day)
        found[parameter.name] = value
        found[in_force(parameter.name)] = value is not None
    return found


def frame_at(prepared: Prepared, facts: Mapping[str, Value], at: datetime, zone: str | None) -> dict[str, Value]:
    """Return the facts that hold at *at* in *zone*: defaults, *facts*, the clock and the day's parameters.

    Without a zone the clock is unknown, and parameters are those of the UTC date.
    """
    frame = dict(prepared.defaults)
    frame |= facts
    frame |= clock_facts(at, zone, places_of(prepared.bundle, facts))
    today = frame["clock.today"]
    day = date.fromordinal(today) if isinstance(today, int) else at.astimezone(UTC).date()
    frame |= dated_parameters(prepared.bundle, day)
    return frame


def forgotten(bundle: CompiledBundle, facts: Mapping[str, Value], lasts: frozenset[Lasts]) -> dict[str, Value]:
    """Return *facts* without those that last only so long; the vocabulary's first values come back by themselves."""
    known = bundle.vocabulary.facts
    return {name: value for name, value in facts.items() if name not in known or known[name].lasts not in lasts}
