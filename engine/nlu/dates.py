"""Days the callee names, relative to the local day of the call.

Only with an anchor (``the fifteenth``, ``friday``, ``in two weeks``): the month
``may`` and the moment ``a second`` name no day. A phrase that leaves two days
open yields both; a range yields its ends. A promise is never about the past,
so unless the words are in the past tense the next such day is meant.
"""

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from engine.nlu.entity import Entity
from engine.nlu.figures import Figures
from engine.nlu.language import Numerals

Days = tuple[date, ...]


def days(figures: Figures, numerals: Numerals, today: date, code: str) -> Iterator[Entity]:
    """Yield each day named, the leftmost longest readings first come."""
    grammar = _GRAMMARS[code]
    line = figures.line
    past = bool(grammar.past.search(line))
    taken: list[tuple[int, int]] = []
    found: list[tuple[int, int, Days]] = []
    for pattern, meaning in grammar.rules:
        for match in pattern.finditer(line):
            if any(s < match.end() and match.start() < e for s, e in taken):
                continue
            value = meaning(_Reading(match, today, past, numerals))
            if value is None:
                continue
            taken.append(match.span())
            if value:
                found.append((*match.span(), value))
    for start, end, value in sorted(found):
        first, last = figures.words(start, end)
        yield Entity("date", tuple(d.toordinal() for d in value), first, last, f"`{line[start:end].strip()}`")


@dataclass(frozen=True, slots=True)
class _Reading:
    match: re.Match[str]
    today: date
    past: bool
    numerals: Numerals

    def number(self, group: str) -> int:
        text = self.match[group]
        return (
            int(text)
            if text.isdecimal()
            else {"un par de": 2, "a couple of": 2, "a couple": 2, "a few": 3}.get(text, 1)
        )


def made(year: int, month: int, day: int) -> date | None:
    """Return the day, or None if there is none."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def month_after(day: date, months: int) -> date:
    """Return the first day of the month *months* after that of *day*."""
    at = day.year * 12 + day.month - 1 + months
    return date(at // 12, at % 12 + 1, 1)


def month_end(day: date) -> date:
    """Return the last day of the month of *day*."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def full_year(text: str, today: date) -> int:
    """Return the year that two or four figures name: two figures reach ten years ahead."""
    year = int(text)
    if year >= 100:
        return year
    return 2000 + year if year <= today.year % 100 + 10 else 1900 + year


def next_weekday(today: date, weekday: int, *, today_counts: bool = False) -> date:
    """Return the next day that falls on *weekday*."""
    ahead = (weekday - today.weekday()) % 7
    return today + timedelta(ahead or (0 if today_counts else 7))


def _month_day(r: _Reading) -> Days | None:
    month = r.numerals.months[r.match["month"]]
    day = int(r.match["day"])
    year = r.match["year"]
    if year:
        found = made(full_year(year.replace(" ", ""), r.today), month, day)
        return (found,) if found else ()
    return _yearless(r, month, day)


def _yearless(r: _Reading, month: int, day: int) -> Days | None:
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return None
    years = range(r.today.year, r.today.year - 9, -1) if r.past else range(r.today.year, r.today.year + 9)
    for year in years:
        found = made(year, month, day)
        if found and (found <= r.today if r.past else found >= r.today):
            return (found,)
    return ()


def _slashes(r: _Reading) -> Days | None:
    a, b, year = int(r.match["a"]), int(r.match["b"]), r.match["y"]
    month, day = (a, b) if a <= 12 else (b, a)
    if year:
        found = made(full_year(year, r.today), month, day)
        return (found,) if found else ()
    return _yearless(r, month, day)


def _iso(r: _Reading) -> Days | None:
    found = made(int(r.match["y"]), int(r.match["m"]), int(r.match["d"]))
    return (found,) if found else ()


def _day_of_month(r: _Reading) -> Days | None:
    day = int(r.match["day"])
    if not 1 <= day <= 31:
        return None
    for months in range(0, -13, -1) if r.past else range(13):
        first = month_after(r.today, months)
        found = made(first.year, first.month, day)
        if found and (found <= r.today if r.past else found >= r.today):
            return (found,)
    return ()


def _day_of_next_month(r: _Reading) -> Days | None:
    first = month_after(r.today, 1)
    found = made(first.year, first.month, int(r.match["day"]))
    return (found,) if found else ()


def _shift(day: date, number: int, unit: str) -> date | None:
    try:
        if unit.startswith(("month", "mes")):
            first = month_after(day, number)
            return min(month_end(first), first + timedelta(day.day - 1))
        if unit.startswith(("year", "ano")):
            return made(day.year + number, day.month, day.day) or made(day.year + number, 2, 28)
        if unit.startswith("business"):
            step = 1 if number > 0 else -1
            while number:
                day += timedelta(step)
                number -= step if day.weekday() < 5 else 0
            return day
        size = 7 if unit.startswith(("week", "semana")) else 14 if unit.startswith(("fortnight", "quincena")) else 1
        return day + timedelta(size * number)
    except (OverflowError, ValueError):
        return None


def _ahead(r: _Reading) -> Days | None:
    found = _shift(r.today, r.number("n"), r.match["unit"])
    return (found,) if found else ()


def _back(r: _Reading) -> Days | None:
    found = _shift(r.today, -r.number("n"), r.match["unit"])
    return (found,) if found else ()


def _fixed(offset: int) -> Callable[[_Reading], Days | None]:
    return lambda r: (r.today + timedelta(offset),)


def _weekday(r: _Reading) -> Days | None:
    weekday = r.numerals.weekdays[r.match["weekday"]]
    if r.past:
        return (next_weekday(r.today, weekday, today_counts=True) - timedelta(7),)
    if weekday == r.today.weekday():
        return (r.today + timedelta(7), r.today)
    return (next_weekday(r.today, weekday),)


def _next_weekday(r: _Reading) -> Days | None:
    weekday = r.numerals.weekdays[r.match["weekday"]]
    of_next_week = r.today + timedelta(7 - r.today.weekday() + weekday)
    soonest = next_weekday(r.today, weekday)
    return (of_next_week,) if of_next_week == soonest else (of_next_week, soonest)


def _weekday_of_next_week(r: _Reading) -> Days | None:
    return (r.today + timedelta(7 - r.today.weekday() + r.numerals.weekdays[r.match["weekday"]]),)


def _last_weekday(r: _Reading) -> Days | None:
    weekday = r.numerals.weekdays[r.match["weekday"]]
    return (r.today - timedelta((r.today.weekday() - weekday - 1) % 7 + 1),)


def _weeks_from_weekday(r: _Reading) -> Days | None:
    day = next_weekday(r.today, r.numerals.weekdays[r.match["weekday"]])
    return (day + timedelta(7 * r.number("n")),)


def _weekday_and_day(r: _Reading) -> Days | None:
    weekday = r.numerals.weekdays[r.match["weekday"]]
    found = _day_of_month(r)
    if found and found[0].weekday() != weekday:
        for months in range(13):
            first = month_after(r.today, months)
            day = made(first.year, first.month, int(r.match["day"]))
            if day and day >= r.today and day.weekday() == weekday:
                return (found[0], day)
    return found


def _month_end(months: int) -> Callable[[_Reading], Days | None]:
    return lambda r: (month_end(month_after(r.today, months)),)


def _end_of_named_month(r: _Reading) -> Days | None:
    month = r.numerals.months[r.match["month"]]
    for year in (r.today.year, r.today.year + 1):
        end = month_end(date(year, month, 1))
        if end >= r.today:
            return (end,)
    return ()


def _week_end(weeks: int) -> Callable[[_Reading], Days | None]:
    def meaning(r: _Reading) -> Days | None:
        friday = r.today + timedelta(4 - r.today.weekday() + 7 * weeks)
        sunday = friday + timedelta(2)
        return tuple(d for d in (friday, sunday) if d >= r.today)

    return meaning


def _none(r: _Reading) -> Days | None:
    return ()


@dataclass(frozen=True)
class Grammar:
    """A language's phrases for days, most specific first."""

    rules: tuple[tuple[re.Pattern[str], Callable[[_Reading], Days | None]], ...]
    past: re.Pattern[str]


def _english() -> Grammar:
    month = (
        "(?P<month>january|jan|february|feb|march|mar|april|apr|may|june|jun|july|jul|august|aug|september|sept|sep|"
        "october|oct|november|nov|december|dec)"
    )
    weekday = (
        "(?P<weekday>monday|tuesday|tues|tue|wednesday|weds|thursday|thurs|thur|friday|saturday|sunday|"
        "(?<=on )(?:mon|wed|thu|fri|sat|sun)|(?<=this )(?:mon|wed|thu|fri|sat|sun)|(?<=next )(?:mon|wed|thu|fri|sat|sun))"
    )
    year = r"(?:,? (?:of )?(?P<year>(?:19|20) ?\d\d|\d\d(?!\d|th| dollars| bucks)))?"
    number = r"(?P<n>\d{1,3}|an?|one|a couple of|a couple|a few)"
    unit = "(?P<unit>business days?|days?|weeks?|months?|years?|fortnight)"
    end = r"(?:the )?(?:very )?(?:end|last day|last) of"
    table: tuple[tuple[str, Callable[[_Reading], Days | None]], ...] = (
        (r"(?P<y>(?:19|20)\d\d)[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})", _iso),
        (r"(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<y>\d{4}|\d\d)", _slashes),
        (r"(?P<a>\d{1,2})[-/](?P<b>\d{1,2})(?P<y>)", _slashes),
        (rf"{month} (?:the )?(?P<day>\d{{1,2}})(?:th)?\b{year}", _month_day),
        (rf"(?:the )?(?P<day>\d{{1,2}})(?:th)?(?: day)? of {month}{year}", _month_day),
        (rf"(?:the )?(?P<day>\d{{1,2}})th {month}{year}", _month_day),
        (rf"{number} weeks? from (?:this |next )?{weekday}", _weeks_from_weekday),
        (rf"(?P<n>a) week after (?:this |next )?{weekday}", _weeks_from_weekday),
        (rf"(?:in |within )?{number} {unit} (?:from now|from today|away|later|hence)", _ahead),
        (rf"{number} {unit} (?:ago|back|earlier)", _back),
        (rf"(?:in|within) (?:the next |about |like )?{number} {unit}(?: 's)?(?: time)?", _ahead),
        (r"(?:the )?day after tomorrow", _fixed(2)),
        (r"(?:the )?day before yesterday", _fixed(-2)),
        (r"tomorrow", _fixed(1)),
        (r"yesterday|last night", _fixed(-1)),
        (r"today|tonight|right now|this (?:morning|afternoon|evening)|by close of business", _fixed(0)),
        (rf"{weekday},? (?:the )?(?P<day>\d{{1,2}})th", _weekday_and_day),
        (rf"{weekday} (?:of )?next week", _weekday_of_next_week),
        (rf"next week (?:on )?{weekday}", _weekday_of_next_week),
        (rf"next {weekday}", _next_weekday),
        (rf"(?:last|this past|past|previous) {weekday}", _last_weekday),
        (rf"{end} (?:the|this) month|(?:by |at )?month 's end|month end|end of month", _month_end(0)),
        (rf"{end} (?:the )?next month", _month_end(1)),
        (rf"{end} {month}", _end_of_named_month),
        (rf"{end} (?:the|this) week", _week_end(0)),
        (rf"{end} next week", _week_end(1)),
        (rf"{weekday}", _weekday),
        (r"(?:the )?(?P<day>\d{1,2})th of (?:the )?(?:next|following|coming) month|(?!)", _day_of_next_month),
        (
            r"(?:on |by |before |until |around |after |for )?the (?P<day>\d{1,2})th(?: of (?:the|this) month)?(?! (?:notice|time|call|letter|one|floor|grade|payment|chance|thing|person|reason|mortgage|job|wife|husband|party|place|grader|street|avenue|quarter|week|day|month|year|half|option|part))",
            _day_of_month,
        ),
        (r"(?:on|by|before|until|around) (?P<day>\d{1,2})th", _day_of_month),
        (r"next month", lambda r: (month_after(r.today, 1), month_end(month_after(r.today, 1)))),
        (
            r"next week",
            lambda r: (r.today + timedelta(7 - r.today.weekday()), r.today + timedelta(13 - r.today.weekday())),
        ),
        (
            r"(?:this|the) weekend",
            lambda r: (next_weekday(r.today, 5, today_counts=True), next_weekday(r.today, 6, today_counts=True)),
        ),
    )
    return Grammar(
        tuple((re.compile(rf"\b(?:{p})(?!\w)"), m) for p, m in table),
        re.compile(
            r"\b(?:last|ago|already|was|were|sent|mailed|yesterday)\b|(?<!get )(?<!gets )(?<!getting )(?<!am )(?<!be )(?<!is )\bpaid\b"
        ),
    )


def _spanish() -> Grammar:
    month = (
        "(?P<month>enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre)"
    )
    weekday = "(?P<weekday>lunes|martes|miercoles|jueves|viernes|sabado|domingo)"
    year = r"(?: (?:de |del )?(?:ano )?(?P<year>(?:19|20)\d\d))?"
    number = r"(?P<n>\d{1,3}|una?|un par de)"
    unit = "(?P<unit>dias?|semanas?|mes|meses|anos?|quincenas?)"
    coming = "(?:proxim[oa]|siguiente|entrante)"
    table: tuple[tuple[str, Callable[[_Reading], Days | None]], ...] = (
        (r"(?P<y>(?:19|20)\d\d)[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})", _iso),
        (r"(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<y>\d{4}|\d\d)", _slashes),
        (rf"(?:el )?(?:dia )?(?P<day>\d{{1,2}})(?:th)? de {month}{year}", _month_day),
        (rf"{month} (?P<day>\d{{1,2}})(?:th)?{year}", _month_day),
        (
            rf"(?:el )?(?:dia )?(?P<day>\d{{1,2}})(?:th)? del? (?:mes que viene|{coming} mes|mes {coming}|mes entrante)",
            _day_of_next_month,
        ),
        (rf"(?:dentro de|en|de aqui a|de hoy en) (?:unos |unas )?{number} {unit}", _ahead),
        (rf"hace (?:unos |unas |como )?{number} {unit}", _back),
        (r"pasado manana", _fixed(2)),
        (r"(?<!la )(?<!las )manana(?: mismo)?", _fixed(1)),
        (r"ayer|anoche", _fixed(-1)),
        (r"hoy(?: mismo| dia)?|ahorita|esta (?:noche|tarde|manana)|ahora mismo", _fixed(0)),
        (r"anteayer|antier|antes de ayer", _fixed(-2)),
        (
            rf"(?:el )?{weekday} (?:de )?(?:la )?(?:{coming} semana|semana que viene|semana {coming})",
            _weekday_of_next_week,
        ),
        (rf"(?:el )?{weekday} (?:pasado|anterior)", _last_weekday),
        (rf"(?:el )?{coming} {weekday}", _next_weekday),
        (rf"(?:el )?{weekday} (?:{coming}|que viene)", _next_weekday),
        (rf"(?:el )?{weekday} (?P<day>\d{{1,2}})", _weekday_and_day),
        (
            r"(?:a |al |en |el |para |a el )?(?:fin|fines|final|finales|ultimo dia|ultimo) (?:de|del) (?:este )?mes",
            _month_end(0),
        ),
        (rf"(?:al |a )?(?:fin|final|finales|ultimo dia) del? (?:mes que viene|{coming} mes)", _month_end(1)),
        (
            r"(?:este |el )?fin de semana",
            lambda r: (next_weekday(r.today, 5, today_counts=True), next_weekday(r.today, 6, today_counts=True)),
        ),
        (rf"(?:este |el |para el |los )?{weekday}", _weekday),
        (
            r"(?:el|dia|para el|antes del|antes de el|del|hasta el|al) (?:dia )?(?P<day>\d{1,2})(?:th)?(?: de(?:l| este)? mes)?(?! (?:por ciento|dolares|pesos|de cada|anos|meses|dias|semanas|horas|veces|personas|digitos|pagos|porciento))",
            _day_of_month,
        ),
        (
            rf"(?:la )?(?:{coming} semana|semana que viene|semana {coming})",
            lambda r: (r.today + timedelta(7 - r.today.weekday()), r.today + timedelta(13 - r.today.weekday())),
        ),
        (
            rf"(?:el )?(?:{coming} mes|mes que viene|mes {coming})",
            lambda r: (month_after(r.today, 1), month_end(month_after(r.today, 1))),
        ),
    )
    return Grammar(
        tuple((re.compile(rf"\b(?:{p})(?!\w)"), m) for p, m in table),
        re.compile(r"\b(?:ayer|hace|pasado(?! manana)|pague|pagado|pagamos|mande|envie|fue|pagaron|anterior)\b"),
    )


_GRAMMARS = {"en": _english(), "es": _spanish()}
