"""Values: how each type is written, held, shown and stored.

Every type has one canonical form at run time (:class:`engine.terms.ValueType`)
and a range outside which nothing is a value of it, so that no arithmetic can
leave what the rules network can hold exactly.
"""

import re
from collections.abc import Collection
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from engine.expressions.tree import Value
from engine.source.tree import Seq
from engine.terms import ValueType

DAY = 86_400
INT_LIMIT = 2**61
TEXT_LIMIT = 10_000

RANGES: dict[ValueType, tuple[int, int]] = {
    ValueType.INT: (-INT_LIMIT, INT_LIMIT),
    ValueType.MONEY: (-INT_LIMIT, INT_LIMIT),
    ValueType.DATE: (date.min.toordinal(), date.max.toordinal()),
    ValueType.TIME: (0, DAY - 1),
    ValueType.DATETIME: (-62_135_596_800, 253_402_300_799),
    ValueType.DURATION: (-INT_LIMIT, INT_LIMIT),
}
"""The least and the greatest value of each ordered type, in its canonical form."""

TEXTUAL = (ValueType.TEXT, ValueType.ENUM)

_MONEY = re.compile(r"(?P<sign>-?)\$?(?P<whole>\d{1,3}(?:,\d{3})+|\d{1,18})(?:\.(?P<cents>\d{2}))?")
_INT = re.compile(r"[+-]?\d{1,18}")
_TIME = re.compile(r"(\d{2}):(\d{2})(?::(\d{2}))?")
_DURATION = re.compile(r"(\d{1,9}) (second|minute|hour|day|week)s?")
_DATETIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?(?P<zone>Z|[+-]\d{2}:\d{2})?")
_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": DAY, "week": 7 * DAY}
_LONGEST = 2_000
_UNSTORED = re.compile("[\\x00\ud800-\udfff]")


def parse_value(text: object, type: ValueType, values: Collection[str] = ()) -> Value:
    """Return the canonical value that *text* writes.

    Args:
        text: A scalar as written; for a set, a list of scalars.
        type: The type that its place expects.
        values: An enum's values, or a set's possible members; empty when they are open.

    Raises:
        ValueError: *text* is no value of *type*; the message says so in plain words, with the mend.
    """
    if type is ValueType.SET:
        return _parse_set(text, values)
    if not isinstance(text, str):
        raise ValueError(f"{_a(type)} is one value, not a list or a group of keys")
    if type is ValueType.TEXT:
        return _checked_text(str(text))
    written = str(text).strip()
    shown = written if len(written) <= 60 else f"{written[:60]}…"
    if len(written) > _LONGEST:
        raise ValueError(f"`{shown}` is too long for {_a(type)}")
    if type is ValueType.ENUM:
        if values and written not in values:
            raise ValueError(f"`{shown}` is none of {_list(values)}")
        return _checked_text(written)
    value = _READERS[type](written)
    if value is None:
        raise ValueError(f"`{shown}` is not {_a(type)}: write {_EXAMPLES[type]}")
    return _in_range(value, type, shown)


def format_value(value: Value, type: ValueType) -> str:
    """Return *value* as a person writes it: ``$240.00``, ``2026-03-10``, ``21:00``, ``7 days``; None is ``unknown``."""
    if value is None:
        return "unknown"
    if isinstance(value, frozenset):
        return ", ".join(sorted(value)) if value else "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if type is ValueType.MONEY:
        return f"{'-' if value < 0 else ''}${abs(value) // 100:,}.{abs(value) % 100:02}"
    if type is ValueType.DATE:
        return date.fromordinal(value).isoformat()
    if type is ValueType.TIME:
        hour, minute, second = value // 3600, value // 60 % 60, value % 60
        return f"{hour:02}:{minute:02}" + (f":{second:02}" if second else "")
    if type is ValueType.DATETIME:
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if type is ValueType.DURATION:
        return _format_duration(value)
    return str(value)


def to_json(value: Value) -> bool | int | str | list[str] | None:
    """Return *value* as JSON holds it: as it is, a set as a sorted list."""
    return sorted(value) if isinstance(value, frozenset) else value


def from_json(value: object, type: ValueType) -> Value:
    """Return the canonical value that :func:`to_json` wrote; None is unknown.

    Raises:
        ValueError: *value* is not the JSON of a value of *type*, or lies outside its range.
    """
    if value is None:
        return None
    if type is ValueType.SET:
        if not isinstance(value, list | tuple | frozenset | set) or not all(isinstance(v, str) for v in value):
            raise ValueError(f"{_a(type)} is a list of texts")
        return frozenset(_checked_text(str(v)) for v in value)
    if type in TEXTUAL:
        if not isinstance(value, str):
            raise ValueError(f"`{_short(value)}` is not {_a(type)}")
        return _checked_text(value)
    if type is ValueType.BOOL:
        if not isinstance(value, bool):
            raise ValueError(f"`{_short(value)}` is not {_a(type)}: it is true or false")
        return value
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"`{_short(value)}` is not {_a(type)}: it is stored as a whole number")
    return _in_range(value, type, _short(value))


def within(value: int, type: ValueType) -> bool:
    """Return whether *value* lies in the range of *type*."""
    least, greatest = RANGES[type]
    return least <= value <= greatest


def _in_range(value: int | bool, type: ValueType, shown: str) -> int | bool:
    if type in RANGES and not within(value, type):
        raise ValueError(f"`{shown}` is too large or too small for {_a(type)}")
    return value


def _checked_text(text: str) -> str:
    if len(text) > TEXT_LIMIT:
        raise ValueError(f"the text is longer than {TEXT_LIMIT:,} characters")
    if _UNSTORED.search(text):
        raise ValueError("the text holds a character that cannot be stored")
    return text


def _parse_set(text: object, values: Collection[str]) -> frozenset[str]:
    items = text if isinstance(text, Seq | list | tuple | set | frozenset) else None
    if items is None or not all(isinstance(item, str) for item in items):
        raise ValueError("a set is a list: write `[one, two]`")
    for item in items:
        if values and str(item) not in values:
            raise ValueError(f"`{_short(item)}` is none of {_list(values)}")
    return frozenset(_checked_text(str(item)) for item in items)


def _read_bool(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text)


def _read_int(text: str) -> int | None:
    return int(text) if _INT.fullmatch(text) and text.isascii() else None


def _read_money(text: str) -> int | None:
    match = _MONEY.fullmatch(text)
    if match is None or not text.isascii():
        return None
    cents = int(match["whole"].replace(",", "")) * 100 + int(match["cents"] or 0)
    return -cents if match["sign"] else cents


def money_of_number(text: str) -> int | None:
    """Return the cents of a number written in a condition (``240``, ``240.5``), or None if it is not whole cents."""
    try:
        cents = Decimal(text) * 100
    except InvalidOperation:
        return None
    if not cents.is_finite() or abs(cents) > INT_LIMIT or cents != int(cents):
        return None
    return int(cents)


def _read_date(text: str) -> int | None:
    if len(text) != 10:
        return None
    try:
        return date.fromisoformat(text).toordinal()
    except ValueError:
        return None


def _read_time(text: str) -> int | None:
    match = _TIME.fullmatch(text)
    if match is None or not text.isascii():
        return None
    hour, minute, second = (int(part or 0) for part in match.groups())
    return hour * 3600 + minute * 60 + second if hour < 24 and minute < 60 and second < 60 else None


def _read_datetime(text: str) -> int | None:
    match = _DATETIME.fullmatch(text)
    if match is None:
        return None
    if match["zone"] is None:
        raise ValueError(f"`{text}` has no offset: write `{text}-05:00`, or `Z` for UTC")
    try:
        return int(datetime.fromisoformat(text).timestamp())
    except (ValueError, OverflowError):
        return None


def _read_duration(text: str) -> int | None:
    match = _DURATION.fullmatch(text)
    return int(match[1]) * _UNITS[match[2]] if match and text.isascii() else None


_READERS = {
    ValueType.BOOL: _read_bool,
    ValueType.INT: _read_int,
    ValueType.MONEY: _read_money,
    ValueType.DATE: _read_date,
    ValueType.TIME: _read_time,
    ValueType.DATETIME: _read_datetime,
    ValueType.DURATION: _read_duration,
}

_EXAMPLES = {
    ValueType.BOOL: "`true` or `false`",
    ValueType.INT: "a whole number, as `7`",
    ValueType.MONEY: "dollars, as `240`, `240.00` or `$1,250.50`",
    ValueType.DATE: "a day as `2026-03-10`",
    ValueType.TIME: "hours and minutes as `09:00` or `21:00`",
    ValueType.DATETIME: "a moment with its offset, as `2026-03-10T14:00:00-05:00`",
    ValueType.DURATION: "a length of time, as `7 days`, `4 hours` or `30 minutes`",
}

_ARTICLES = {
    ValueType.BOOL: "true or false",
    ValueType.INT: "a whole number",
    ValueType.MONEY: "an amount of money",
    ValueType.TEXT: "a text",
    ValueType.ENUM: "one of its words",
    ValueType.SET: "a set",
    ValueType.DATE: "a date",
    ValueType.TIME: "a time of day",
    ValueType.DATETIME: "a moment",
    ValueType.DURATION: "a length of time",
}


def _a(type: ValueType) -> str:
    return _ARTICLES[type]


def describe(type: ValueType) -> str:
    """Return *type* in words for a message: ``an amount of money``."""
    return _ARTICLES[type]


def _short(value: object) -> str:
    shown = str(value) if not isinstance(value, int) or abs(value) < 10**30 else "a huge number"
    return shown if len(shown) <= 60 else f"{shown[:60]}…"


def _list(values: Collection[str]) -> str:
    names = sorted(values)
    shown = ", ".join(f"`{name}`" for name in names[:12])
    return f"{shown} …" if len(names) > 12 else shown


def _format_duration(seconds: int) -> str:
    unit = next((u for u in ("day", "hour", "minute") if seconds and seconds % _UNITS[u] == 0), "second")
    count = seconds // _UNITS[unit]
    return f"{count} {unit}{'' if count == 1 else 's'}"
