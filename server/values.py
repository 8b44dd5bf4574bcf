"""Values as callers write and read them, by the types that the bundle declares.

Money is whole cents and a duration whole seconds; a date, a time of day and an instant are texts in ISO form; a
set is a list. Everything else is as it is.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from engine.bundle import CompiledBundle
from engine.expressions.tree import Value
from engine.expressions.values import from_json, parse_value
from engine.facts.timezones import names as zone_names
from engine.source.suggest import suggest
from engine.terms import FactSource, ValueType
from server.errors import NotOfBundle

_WRITTEN = (ValueType.DATE, ValueType.TIME, ValueType.DATETIME)
HOST = (FactSource.HOST, FactSource.LEDGER)
HEARD = (FactSource.HEARD,)


def read_facts(
    bundle: CompiledBundle, given: Mapping[str, Any], origins: Collection[FactSource] = HOST
) -> dict[str, Value]:
    """Return *given* as canonical values.

    Args:
        bundle: What declares the facts.
        given: JSON values by flat name.
        origins: Who may supply them here.

    Raises:
        NotOfBundle: A name is not declared, is not supplied by these, or its value is not of its type; all are named.
    """
    known = {name: fact for name, fact in bundle.vocabulary.facts.items() if fact.origin in origins}
    found: dict[str, Value] = {}
    wrong: list[dict[str, str]] = []
    for name, value in given.items():
        fact = known.get(name)
        if fact is None:
            near = suggest(name, known)
            mend = f"; did you mean `{near}`?" if near else ""
            wrong.append({"pointer": f"/{name}", "detail": f"the bundle takes no fact `{name}` here{mend}"})
            continue
        try:
            found[name] = _read(value, fact.type, fact.values)
        except ValueError as error:
            wrong.append({"pointer": f"/{name}", "detail": str(error)})
    if wrong:
        raise NotOfBundle(wrong[0]["detail"], errors=wrong)
    return found


def _read(value: Any, type: ValueType, values: tuple[str, ...]) -> Value:
    if type in _WRITTEN:
        if not isinstance(value, str):
            raise ValueError(f"this is a {type}, written as a text")
        return parse_value(value, type)
    read = from_json(value, type)
    stray = [one for one in (read if isinstance(read, frozenset) else (read,)) if values and one not in values]
    if stray:
        raise ValueError(f"`{stray[0]}` is none of {', '.join(values)}")
    return read


def write_value(value: Value, type: ValueType | None) -> Any:
    """Return a canonical value as callers read it."""
    if isinstance(value, frozenset):
        return sorted(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    match type:
        case ValueType.DATE:
            return date.fromordinal(value).isoformat()
        case ValueType.TIME:
            return f"{value // 3600:02}:{value // 60 % 60:02}:{value % 60:02}"
        case ValueType.DATETIME:
            return datetime.fromtimestamp(value, UTC).isoformat().replace("+00:00", "Z")
        case _:
            return value


def write_facts(bundle: CompiledBundle, facts: Mapping[str, Value]) -> dict[str, Any]:
    """Return facts and parameters as callers read them."""
    types = {name: fact.type for name, fact in bundle.vocabulary.facts.items()}
    types |= {name: parameter.type for name, parameter in bundle.parameters.items()}
    return {name: write_value(value, types.get(name)) for name, value in sorted(facts.items())}


def check_names(what: str, given: Iterable[str], known: Collection[str]) -> None:
    """Refuse a name that is not *known*.

    Raises:
        NotOfBundle: There is one.
    """
    for name in given:
        if name not in known:
            near = suggest(name, list(known))
            mend = f"; did you mean `{near}`?" if near else ""
            raise NotOfBundle(f"the bundle has no {what} `{name}`{mend}")


def check_zones(zones: Iterable[str]) -> None:
    """Refuse a name that is no time zone.

    Raises:
        NotOfBundle: There is one.
    """
    for zone in zones:
        if zone not in zone_names():
            raise NotOfBundle(f"there is no time zone `{zone}`")
