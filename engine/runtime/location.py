"""Where the callee may be, and whom a call is about, from the facts that say so."""

from collections.abc import Mapping, Sequence

from engine.bundle import CompiledBundle
from engine.expressions.tree import Value
from engine.facts.history import Subject
from engine.facts.zones import Location, plausible_zones


def location_of(bundle: CompiledBundle, facts: Mapping[str, Value]) -> Location:
    """Return every zone the callee may be in, by all facts that locate; none when any of them cannot be read."""
    given: dict[str, list[str]] = {"zip": [], "number": [], "zone": []}
    for fact in bundle.vocabulary.facts.values():
        value = facts.get(fact.name)
        if fact.locates and isinstance(value, str):
            given[fact.locates].append(value)
    stated = (*given["zip"][1:], *given["zone"])
    first = given["zip"][0] if given["zip"] else None
    numbers: list[str | None] = [*given["number"]] or [None]
    return united([plausible_zones(first, number, stated) for number in numbers])


def united(locations: Sequence[Location]) -> Location:
    """Return all *locations* as one: every zone of each, or none when any is unknown."""
    unknown = next((location.unknown for location in locations if location.unknown), "")
    if unknown:
        return Location((), unknown=unknown)
    zones = sorted({zone for location in locations for zone in location.zones})
    return Location(tuple(zones), tuple(dict.fromkeys(why for location in locations for why in location.why)))


def subject_of(bundle: CompiledBundle, facts: Mapping[str, Value]) -> Subject:
    """Return the identifiers of whom a call is about; '' where no fact tells."""
    held = {
        fact.identifies: value
        for fact in bundle.vocabulary.facts.values()
        if fact.identifies and isinstance(value := facts.get(fact.name), str)
    }
    return Subject(
        person=held.get("person", ""),
        household=held.get("household", ""),
        debt=held.get("debt", ""),
        account=held.get("account", ""),
        number=held.get("number", ""),
    )
