"""Sessions, events, turns and decisions as JSON, and sessions and events back."""

from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import datetime
from enum import Enum
from pathlib import PurePath
from typing import TypeAlias

from engine.expressions.tree import Value
from engine.runtime.session import CallSession, Event
from engine.source.span import Span
from engine.terms import EventKind

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None


def to_json(thing: object) -> Json:
    """Return *thing* as JSON: frozen data by its fields, sets sorted, times in ISO form, spans as text."""
    kind = type(thing)
    if kind in _PLAIN:
        return thing  # type: ignore[return-value]
    if kind is Span:
        return str(thing)
    if kind is tuple or kind is list:
        return [to_json(item) for item in thing]  # type: ignore[attr-defined]
    if kind is dict:
        return _mapping(thing)  # type: ignore[arg-type]
    if is_dataclass(kind):
        return {name: to_json(getattr(thing, name)) for name in kind.__dataclass_fields__}
    if isinstance(thing, Enum):
        return str(thing.value)
    if isinstance(thing, str):
        return str(thing)
    if isinstance(thing, datetime):
        return thing.isoformat()
    if isinstance(thing, PurePath):
        return thing.as_posix()
    if isinstance(thing, Mapping):
        return _mapping(thing)
    if isinstance(thing, frozenset | set):
        return [to_json(item) for item in sorted(thing, key=str)]
    raise TypeError(f"{kind.__name__} has no form in JSON")


_PLAIN = frozenset({bool, int, float, str, type(None)})


def _mapping(thing: Mapping[object, object]) -> dict[str, Json]:
    return {str(key): to_json(thing[key]) for key in sorted(thing, key=str)}


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
