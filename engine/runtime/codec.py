"""Sessions, events, turns and decisions as JSON, and sessions and events back."""

from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from pathlib import PurePath
from typing import Any, TypeAlias

from engine.expressions.tree import Value
from engine.runtime.session import CallSession, Event
from engine.source.span import Span
from engine.terms import EventKind

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None


def to_json(thing: object) -> Json:
    """Return *thing* as JSON: frozen data by its fields, sets sorted, times in ISO form, spans as text."""
    kind: type = thing.__class__
    return thing if kind in _PLAIN else _way(kind)(thing)  # type: ignore[return-value]


_PLAIN = frozenset({bool, int, float, str, type(None)})


@cache
def _way(kind: type) -> Callable[[Any], Json]:
    """Return how things of a type are written."""
    if issubclass(kind, Enum):
        return lambda thing: str(thing.value)
    if issubclass(kind, str | Span):
        return str
    if is_dataclass(kind):
        return _by_field(tuple(kind.__dataclass_fields__))
    if kind is tuple or kind is list:
        return lambda thing: [item if item.__class__ in _PLAIN else to_json(item) for item in thing]
    if issubclass(kind, datetime):
        return datetime.isoformat
    if issubclass(kind, PurePath):
        return PurePath.as_posix
    if issubclass(kind, Mapping):
        return _mapping
    if issubclass(kind, frozenset | set):
        return lambda thing: [to_json(item) for item in sorted(thing, key=str)]
    raise TypeError(f"{kind.__name__} has no form in JSON")


def _mapping(thing: Mapping[object, object]) -> Json:
    if not thing:
        return {}
    found = ((str(key), thing[key]) for key in sorted(thing, key=str))
    return {key: value if value.__class__ in _PLAIN else to_json(value) for key, value in found}  # type: ignore[misc]


def _by_field(names: tuple[str, ...]) -> Callable[[Any], Json]:
    def write(thing: Any) -> Json:
        found = ((name, getattr(thing, name)) for name in names)
        return {name: value if value.__class__ in _PLAIN else to_json(value) for name, value in found}

    return write


def value_from_json(value: object) -> Value:
    """Return the canonical value that *value* stands for: a list is a set.

    Raises:
        ValueError: It stands for none.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return frozenset(value)
    raise ValueError(f"`{value}` is no fact's value")


def session_from_json(data: Mapping[str, object]) -> CallSession:
    """Return the session that :func:`to_json` wrote.

    Raises:
        KeyError: A part is missing.
        ValueError: A part is not what it should be.
    """
    facts, counts, pending = data["facts"], data["counts"], data["pending"]
    suppressed, turn = data["suppressed"], data["turn"]
    if not (isinstance(facts, Mapping) and isinstance(counts, Mapping) and isinstance(turn, int)):
        raise ValueError("the session is not whole")
    return CallSession(
        call_id=str(data["call_id"]),
        bundle=str(data["bundle"]),
        flow=str(data["flow"]),
        locale=str(data["locale"]),
        state=str(data["state"]),
        turn=turn,
        started=datetime.fromisoformat(str(data["started"])),
        facts={str(k): value_from_json(v) for k, v in facts.items()},
        zones=_texts(data["zones"]),
        said=_texts(data["said"]),
        asked=_texts(data["asked"]),
        pending=tuple((str(p), int(n), str(loc)) for p, n, loc in _rows(pending)),
        counts={str(k): _count(v) for k, v in counts.items()},
        disclosed=_texts(data["disclosed"]),
        suppressed=tuple((str(s), str(r)) for s, r in _rows(suppressed)),
        disposition=str(data["disposition"]),
    )


def event_from_json(data: Mapping[str, object]) -> Event:
    """Return the event that :func:`to_json` wrote.

    Raises:
        KeyError: A part is missing.
        ValueError: A part is not what it should be.
    """
    slots, played = data.get("slots", {}), data.get("played")
    if not isinstance(slots, Mapping) or not (played is None or isinstance(played, int | float)):
        raise ValueError("the event is not whole")
    return Event(
        kind=EventKind(str(data["kind"])),
        at=datetime.fromisoformat(str(data["at"])),
        text=str(data.get("text", "")),
        intents=_texts(data.get("intents", ())),
        slots={str(k): value_from_json(v) for k, v in slots.items()},
        digits=str(data.get("digits", "")),
        played=None if played is None else float(played),
    )


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"`{value}` is not a count")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError(f"`{value}` is not a list")
    return tuple(str(item) for item in value)


def _rows(value: object) -> list[list[str]]:
    if not isinstance(value, list | tuple):
        raise ValueError(f"`{value}` is not a list")
    return [list(row) for row in value]
