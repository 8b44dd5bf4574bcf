"""What a part of a bundle says, without where it is written: two that say the same are equal."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from typing import Any

from engine.source.span import Span

_PLACES = frozenset({"span", "spans", "target_span", "unless_span", "row_span", "say_span"})


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind) if f.name not in _PLACES)


def plain(value: Any, *without: str) -> Any:
    """Return *value* as nested tuples of what it says; fields called *without*, and every place, are left out."""
    if isinstance(value, Span):
        return ()
    if is_dataclass(value) and not isinstance(value, type):
        names = (name for name in _names(type(value)) if name not in without)
        return (type(value).__name__, *((name, plain(getattr(value, name), *without)) for name in names))
    if isinstance(value, Mapping):
        return tuple((key, plain(held, *without)) for key, held in sorted(value.items()))
    if isinstance(value, frozenset):
        return ("set", *sorted(value))
    if isinstance(value, tuple | list):
        return tuple(plain(one, *without) for one in value)
    if isinstance(value, date):
        return value.isoformat()
    return value


def keys(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Yield each name of either mapping with what it names in both; None where it is missing."""
    for name in sorted({*old, *new}):
        yield name, old.get(name), new.get(name)
