"""What each phrase for a day means: a match, the local day and the tense make the days it may be.

None is no reading at all; no days (an empty tuple) is a phrase understood to
name no single day, so that no shorter phrase within it is read.
"""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from engine.nlu.language import Numerals
from engine.nlu.sieve import Sieve

Days = tuple[date, ...]
_COUNTS = re.compile(r"(?:after|before|del?) ")
WORDS = {"un par de": 2, "a couple of": 2, "a couple": 2, "a few": 3, "few": 3}


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase found, the local day, and whether the words are in the past tense."""

    match: re.Match[str]
    today: date
    past: bool
    numerals: Numerals

    def number(self, group: str) -> int:
        """Return the number in *group*: figures, ``a``, ``a couple``, ``a few``."""
        text = self.match[group]
        return int(text) if text.isdecimal() else WORDS.get(text, 1)


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
    """Return the year that two or four figures name: two figures reach twenty years ahead."""
    year = int(text)
    if year >= 100:
        return year
    return 2000 + year if year <= today.year % 100 + 20 else 1900 + year


def next_weekday(today: date, weekday: int, *, today_counts: bool = False) -> date:
    """Return the next day that falls on *weekday*."""
    ahead = (weekday - today.weekday()) % 7
    return today + timedelta(ahead or (0 if today_counts else 7))


def month_day(r: Phrase) -> Days | None:
    """``march third``, with a year or without."""
    month = r.numerals.months[r.match["month"]]
    day = int(r.match["day"])
    year = r.match["year"]
    if year:
        found = made(full_year(year.replace(" ", ""), r.today), month, day)
        return (found,) if found else ()
    return yearless(r, month, day)


def yearless(r: Phrase, month: int, day: int) -> Days | None:
    """The next such day of the year; the last one in the past tense."""
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return None
    years = range(r.today.year, r.today.year - 9, -1) if r.past else range(r.today.year, r.today.year + 9)
    for year in years:
        found = made(year, month, day)
        if found and (found <= r.today if r.past else found >= r.today):
            return (found,)
    return ()


def slashes(r: Phrase) -> Days | None:
    """``3/15``, month first unless that cannot be."""
    a, b, year = int(r.match["a"]), int(r.match["b"]), r.match["y"]
    month, day = (a, b) if a <= 12 else (b, a)
    if year:
        found = made(full_year(year, r.today), month, day)
        return (found,) if found else ()
    return yearless(r, month, day)


def iso(r: Phrase) -> Days | None:
    """``2026-03-15``."""
    found = made(int(r.match["y"]), int(r.match["m"]), int(r.match["d"]))
    return (found,) if found else ()


def day_of_month(r: Phrase) -> Days | None:
    """``the fifteenth``: the next one, or the last one in the past tense."""
    day = int(r.match["day"])
    if not 1 <= day <= 31:
        return None
    for months in range(0, -13, -1) if r.past else range(13):
        first = month_after(r.today, months)
        found = made(first.year, first.month, day)
        if found and (found <= r.today if r.past else found >= r.today):
            return (found,)
    return ()


def day_of_next_month(r: Phrase) -> Days | None:
    """``the fifth of next month``."""
    first = month_after(r.today, 1)
    group = r.match.groupdict()
    found = made(first.year, first.month, int(group["day"] or group["later"]))
    return (found,) if found else ()


def shift(day: date, number: int, unit: str) -> date | None:
    """Return *day* moved by a number of units, or None past the calendar."""
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


def ahead(r: Phrase) -> Days | None:
    """``in two weeks``."""
    found = shift(r.today, r.number("n"), r.match["unit"])
    return (found,) if found else ()


def back(r: Phrase) -> Days | None:
    """``two weeks ago``."""
    found = shift(r.today, -r.number("n"), r.match["unit"])
    return (found,) if found else ()


def in_days(offset: int) -> Callable[[Phrase], Days | None]:
    """Return the meaning of a word that stands for a day near today."""
    return lambda r: (r.today + timedelta(offset),)


def coming_weekday(r: Phrase) -> Days | None:
    """``friday``: the next one; on a Friday, today or in a week."""
    weekday = r.numerals.weekdays[r.match["weekday"]]
    if r.past:
        return (next_weekday(r.today, weekday, today_counts=True) - timedelta(7),)
    if weekday == r.today.weekday():
        return (r.today + timedelta(7), r.today)
    return (next_weekday(r.today, weekday),)


def weekday_called_next(r: Phrase) -> Days | None:
    """``next friday``: of next week, or the very next where that is another day."""
    weekday = r.numerals.weekdays[r.match["weekday"]]
    of_next_week = r.today + timedelta(7 - r.today.weekday() + weekday)
    soonest = next_weekday(r.today, weekday)
    return (of_next_week,) if of_next_week == soonest else (of_next_week, soonest)


def weekday_of_next_week(r: Phrase) -> Days | None:
    """``friday of next week``."""
    return (r.today + timedelta(7 - r.today.weekday() + r.numerals.weekdays[r.match["weekday"]]),)


def last_weekday(r: Phrase) -> Days | None:
    """``last friday``."""
    weekday = r.numerals.weekdays[r.match["weekday"]]
    return (r.today - timedelta((r.today.weekday() - weekday - 1) % 7 + 1),)


def weeks_from_weekday(r: Phrase) -> Days | None:
    """``a week from friday``."""
    day = next_weekday(r.today, r.numerals.weekdays[r.match["weekday"]])
    return (day + timedelta(7 * r.number("n")),)


def weekday_and_day(r: Phrase) -> Days | None:
    """``friday the fifteenth``; two days where they do not agree."""
    weekday = r.numerals.weekdays[r.match["weekday"]]
    found = day_of_month(r)
    if found and found[0].weekday() != weekday:
        for months in range(0, -13, -1) if r.past else range(13):
            first = month_after(r.today, months)
            day = made(first.year, first.month, int(r.match["day"]))
            if day and (day <= r.today if r.past else day >= r.today) and day.weekday() == weekday:
                return (found[0], day)
    return found


def day_of_this_month(r: Phrase) -> Days | None:
    """``the fifth of this month``: nothing when it is past."""
    group = r.match.groupdict()
    found = made(r.today.year, r.today.month, int(group["day"] or group["later"]))
    return (found,) if found and (r.past or found >= r.today) else ()


def several_units(r: Phrase) -> Days | None:
    """``two years one month and three days``, from today, tomorrow or yesterday, ahead or back."""
    words = r.match.group()
    back = bool(re.search(r"\b(?:ago|back|earlier|before)\b", words))
    day = r.today + timedelta({"tomorrow": 1, "yesterday": -1}.get(words.split()[-1], 0))
    number, unit = "an?|one|a couple of|a couple|a few|few", "business days?|days?|weeks?|months?|years?"
    parts = re.findall(rf"(\d{{1,3}}|{number}) ({unit})", words)
    order = {"y": 0, "m": 1, "w": 2, "b": 3, "d": 3}
    for number, unit in sorted(parts, key=lambda p: order[p[1][0]]):
        count = int(number) if number.isdecimal() else WORDS.get(number, 1)
        moved = shift(day, -count if back else count, unit)
        if moved is None:
            return ()
        day = moved
    return (day,)


def weekdays_ahead(r: Phrase) -> Days | None:
    """``two fridays from now``."""
    weekday = r.numerals.weekdays[r.match["weekday"]]
    return (next_weekday(r.today, weekday, today_counts=False) + timedelta(7 * (r.number("n") - 1)),)


def nth_weekday(r: Phrase) -> Days | None:
    """``the first friday of next month``."""
    weekday = r.numerals.weekdays[r.match["weekday"]]
    which, month = r.match["which"], r.match["of"]
    name = month.split()[-1]
    if name in r.numerals.months:
        start = date(r.today.year, r.numerals.months[name], 1)
        candidates = [start] if r.past else [start, start.replace(year=start.year + 1)]
    elif re.match(r"next|following|coming", month):
        candidates = [month_after(r.today, 1)]
    elif re.match(r"last|previous|past", month):
        candidates = [month_after(r.today, -1)]
    elif month.startswith("this"):
        candidates = [month_after(r.today, 0)]
    else:
        candidates = [month_after(r.today, 0), month_after(r.today, 1)]
    found = [d for first in candidates if (d := nth(first, weekday, which)) is not None]
    ahead = tuple(d for d in found if d >= r.today)[:1]
    return ahead or (tuple(found[:1]) if len(candidates) == 1 else ())


def nth(first: date, weekday: int, which: str) -> date | None:
    """Return the nth *weekday* of a month, or None."""
    if which == "last":
        end = month_end(first)
        return end - timedelta((end.weekday() - weekday) % 7)
    found = first + timedelta((weekday - first.weekday()) % 7 + 7 * (int(which.removesuffix("th")) - 1))
    return found if found.month == first.month else None


def after_the_next(r: Phrase) -> Days | None:
    """``friday after next``."""
    return (next_weekday(r.today, r.numerals.weekdays[r.match["weekday"]]) + timedelta(7),)


def week_or_two(r: Phrase) -> Days | None:
    """``in a week or two``: both."""
    return (r.today + timedelta(7), r.today + timedelta(14))


def holiday(month: int, day: int) -> Callable[[Phrase], Days | None]:
    """Return the meaning of a holiday on a fixed day."""
    return lambda r: yearless(r, month, day)


def thanksgiving(r: Phrase) -> Days | None:
    """The fourth Thursday of November."""
    days = [nth(date(year, 11, 1), 3, "4th") for year in (r.today.year, r.today.year + 1)]
    return tuple(d for d in days if d is not None and d >= r.today)[:1]


def end_of_month(months: int) -> Callable[[Phrase], Days | None]:
    """Return the meaning of the end of a month, counted from this one."""
    return lambda r: (month_end(month_after(r.today, months)),)


def end_of_named_month(r: Phrase) -> Days | None:
    """``the end of march``."""
    month = r.numerals.months[r.match["month"]]
    for year in (r.today.year, r.today.year + 1):
        end = month_end(date(year, month, 1))
        if end >= r.today:
            return (end,)
    return ()


def week_end(weeks: int) -> Callable[[Phrase], Days | None]:
    """Return the meaning of the end of a week: its Friday or its Sunday."""
    def meaning(r: Phrase) -> Days | None:
        friday = r.today + timedelta(4 - r.today.weekday() + 7 * weeks)
        sunday = friday + timedelta(2)
        return tuple(d for d in (friday, sunday) if d >= r.today)

    return meaning


def no_day(r: Phrase) -> Days | None:
    """A phrase that names no single day."""
    return ()


Meaning = Callable[[Phrase], Days | None]


@dataclass(frozen=True)
class Grammar:
    """A language's phrases for days, most specific first, what shows the past tense, and what stands before a day
    that is only counted from (``two days after``)."""

    rules: tuple[tuple[re.Pattern[str], Meaning], ...]
    past: re.Pattern[str]
    counted: re.Pattern[str]

    @cached_property
    def sieve(self) -> Sieve:
        """Return what tells which phrases a line may hold."""
        return Sieve(phrase for phrase, _ in self.rules)

    @classmethod
    def of(cls, table: tuple[tuple[str, Meaning], ...], past: str, counted: str) -> "Grammar":
        """Return the grammar of *table*, whose phrases are whole words."""
        rules = tuple((re.compile(rf"\b(?:{phrase})(?!\w)"), meaning) for phrase, meaning in table)
        return cls(rules, re.compile(past), re.compile(rf"\b(?:{counted}) $"))

    def shift(self, line: str, day: re.Match[str]) -> tuple[int, timedelta | None]:
        """Return where in *line* the words begin that count from *day*, and by how much they move it.

        None is a number of days that is not known.
        """
        within = _COUNTS.match(day.group())
        match = self.counted.search(line[: day.start() + (within.end() if within else 0)])
        if match is None:
            return day.start(), timedelta(0)
        text = match["n"] or "1"
        number = int(text) if text.isdecimal() else WORDS.get(text, 1)
        if match["unit"][:3] in ("mon", "mes"):
            return match.start(), None
        days = number * (7 if match["unit"][0] in "ws" else 1)
        return match.start(), timedelta(-days if match["way"] in ("before", "antes") else days)
