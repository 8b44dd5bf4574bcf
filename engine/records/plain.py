"""Moments, identifiers and JSON, as the tables hold them.

A moment is whole microseconds since 1970-01-01T00:00Z, so both stores compare
it alike. JSON is canonical: sorted keys, no spaces, sets as sorted lists.
"""

import json
import re
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from engine.expressions.tree import Value
from engine.records.errors import BadText

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def micros(moment: datetime) -> int:
    """Return *moment* as microseconds since 1970.

    Raises:
        ValueError: *moment* has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return (moment - _EPOCH) // _MICROSECOND


def moment(stored: int) -> datetime:
    """Return the UTC time of a stored moment."""
    return _EPOCH + timedelta(microseconds=stored)


def span(length: timedelta) -> int:
    """Return *length* in microseconds."""
    return length // _MICROSECOND


def new_id() -> str:
    """Return a new identifier: a version 7 UUID, so that identifiers sort by when they were made, to 0.25 µs.

    Source: RFC 9562, section 5.7 and method 3 of section 6.2.
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    stamp = (milliseconds & ((1 << 48) - 1)) << 80 | 0x7 << 76 | (rest * 4096 // 1_000_000) << 64
    return str(UUID(int=stamp | 0b10 << 62 | secrets.randbits(62)))


def check_text(text: str) -> str:
    """Return *text*, or refuse it on every store alike.

    Raises:
        BadText: It holds NUL (PostgreSQL cannot keep it) or half of a surrogate pair (no store can).
    """
    if "\x00" in text:
        raise BadText("a text holds the character NUL, which cannot be kept")
    if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
        raise BadText("a text holds half of a surrogate pair, which is no character")
    return text


def _set(value: object) -> list[Any]:
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} cannot be kept")


_CANONICAL = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_set
)


def canonical(data: object) -> str:
    """Return *data* as canonical JSON.

    Raises:
        BadText: A text in it cannot be kept.
    """
    text = _CANONICAL.encode(data)
    if "\\u0000" in text and _ESCAPED_NUL.search(text):
        raise BadText("a text holds the character NUL, which cannot be kept")
    return check_text(text)


def facts_from_json(data: Mapping[str, Any]) -> dict[str, Value]:
    """Return facts read back from canonical JSON: a list was a set."""
    return {name: frozenset(value) if isinstance(value, list) else value for name, value in data.items()}
