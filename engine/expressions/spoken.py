"""Values in words, by locale: what a voice says for money, dates, times and digits."""

from collections.abc import Callable
from datetime import date

from engine.expressions.tree import Value
from engine.expressions.values import DAY, format_value
from engine.terms import ValueType

_MONTHS = {
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    "es": (
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ),
}
_WEEKDAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
_UNITS = {
    "en": ((DAY, "day", "days"), (3600, "hour", "hours"), (60, "minute", "minutes"), (1, "second", "seconds")),
    "es": ((DAY, "día", "días"), (3600, "hora", "horas"), (60, "minuto", "minutos"), (1, "segundo", "segundos")),
}


def spoken(value: Value, type: ValueType, locale: str) -> str:
    """Return *value* as it is said without a filter."""
    language = "es" if locale.startswith("es") else "en"
    if isinstance(value, str):
        return value.replace("_", " ") if type is ValueType.ENUM else value
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    if isinstance(value, bool) or value is None:
        return format_value(value, type)
    if type is ValueType.DATE:
        return _date(value, language)
    if type is ValueType.TIME:
        return _time(value, language)
    if type is ValueType.DURATION:
        return _duration(value, language)
    return f"{value:,}" if type is ValueType.INT else format_value(value, type)


def spelled(value: Value, type: ValueType, locale: str) -> str:
    """Return *value* letter by letter and digit by digit: ``9 0 2 1 0``."""
    return " ".join(letter for letter in str(value) if not letter.isspace())


def capitalized(value: Value, type: ValueType, locale: str) -> str:
    """Return *value* with its first letter large, the rest as it is."""
    words = spoken(value, type, locale)
    return words[:1].upper() + words[1:]


Say = Callable[[Value, ValueType, str], str]

FILTERS: dict[str, tuple[Say, frozenset[ValueType]]] = {
    "money": (spoken, frozenset({ValueType.MONEY})),
    "spoken_date": (spoken, frozenset({ValueType.DATE})),
    "spoken_time": (spoken, frozenset({ValueType.TIME})),
    "spell": (spelled, frozenset({ValueType.TEXT, ValueType.INT})),
    "capitalize": (capitalized, frozenset({ValueType.TEXT, ValueType.ENUM})),
}
"""The closed set of filters a sentence may use: how each says a value, and of which types."""


def _date(ordinal: int, language: str) -> str:
    day = date.fromordinal(ordinal)
    weekday, month = _WEEKDAYS[language][day.weekday()], _MONTHS[language][day.month - 1]
    if language == "es":
        return f"{weekday} {day.day} de {month} de {day.year}"
    return f"{weekday}, {month} {day.day}, {day.year}"


def _time(seconds: int, language: str) -> str:
    hour, minute = seconds // 3600, seconds // 60 % 60
    clock = f"{hour % 12 or 12}:{minute:02}"
    if language == "es":
        part = "de la mañana" if hour < 12 else "de la tarde" if hour < 19 else "de la noche"
        return f"{clock} {part}"
    return f"{clock} {'AM' if hour < 12 else 'PM'}"


def _duration(seconds: int, language: str) -> str:
    length, one, many = next(u for u in _UNITS[language] if u[0] == 1 or (seconds and seconds % u[0] == 0))
    count = seconds // length
    return f"{count} {one if count == 1 else many}"
