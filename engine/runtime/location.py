"""Where the callee may be, and whom a call is about, from the facts that say so."""

from collections.abc import Mapping

from engine.bundle import CompiledBundle
from engine.expressions.tree import Value
from engine.facts.history import Subject
from engine.facts.zones import Location, plausible_zones


def location_of(bundle: CompiledBundle, facts: Mapping[str, Value]) -> Location:
    """Return every zone the callee may be in, by the facts that locate; none when any of them cannot be read."""
    given: dict[str, list[str]] = {"zip": [], "number": [], "zone": []}
    for fact in bundle.vocabulary.facts.values():
        value = facts.get(fact.name)
        if fact.locates and isinstance(value, str):
            given[fact.locates].append(value)
    return plausible_zones(
        given["zip"][0] if given["zip"] else None, given["number"][0] if given["number"] else None, tuple(given["zone"])
    )


def subject_of(bundle: CompiledBundle, facts: Mapping[str, Value]) -> Subject:
    """Return the identifiers of whom a call is about; '' where no fact tells."""
    held = {
        fact.identifies: value
        for fact in bundle.vocabulary.facts.values()
        if fact.identifies and isinstance(value := facts.get(fact.name), str)
    }
    return Subject(
        person=held.get("person", ""), household=held.get("household", ""), debt=held.get("debt", ""),
        account=held.get("account", ""), number=held.get("number", ""),
    )
