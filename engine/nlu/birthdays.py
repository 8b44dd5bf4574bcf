"""Dates of birth: a full date in the past, never read as a day to come."""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache

from engine.nlu.day_meanings import made
from engine.nlu.entity import Entity
from engine.nlu.figures import Figures
from engine.nlu.language import Numerals

_FIGURE = re.compile(r"\d")  # without one, there is no date of birth
_YEAR = r"(?P<year>(?:19|20) ?\d\d|(?:19|20) (?:0|o|oh) ?\d|2000|\d\d)(?!\d)"


def birthdays(figures: Figures, numerals: Numerals, today: date) -> Iterator[Entity]:
    """Yield the first complete date of birth; in figures the month comes first, unless that cannot be."""
    line = figures.line
    if not _FIGURE.search(line):
        return
    for pattern in _patterns(tuple(numerals.months)):
        for match in pattern.finditer(line):
            group = match.groupdict()
            month = numerals.months[group["month"]] if group.get("month") else int(group["m"].replace(" ", ""))
            day = int((group.get("day") or group.get("d") or "0").replace(" ", ""))
            if group.get("m") and month > 12 >= day:
                month, day = day, month
            year = _year(group["year"], today)
            found = made(year, month, day)
            if found is not None and found < today and today.year - found.year <= 120:
                first, last = figures.words(match.start(), match.end())
                yield Entity("dob", (found.toordinal(),), first, last, "a full date in the past", "month" in group)
                return


@cache
def _patterns(names: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    months = "|".join(sorted(names, key=len, reverse=True))
    written = (
        rf"\b(?:the |el )?(?P<day>\d{{1,2}})(?:th)? (?:of |de )?(?P<month>{months}),? (?:of |de |del )?{_YEAR}",
        rf"\b(?P<month>{months}) (?:the )?(?P<day>\d{{1,2}})(?:th)?,? (?:of |de |del )?{_YEAR}",
        rf"\b(?P<month>{months}) (?:the )?(?P<day>\d{{1,2}})(?:th)?,? (?P<year>0 \d)(?! ?\d)",
        r"\b(?P<year>(?:19|20)\d\d)[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})\b",
        r"\b(?P<m>[01] \d) (?P<d>[0-3] \d) (?P<year>(?:1 9|2 0) \d \d)(?! ?\d)",
        r"\b(?P<m>\d{1,2})[-/.](?P<d>\d{1,2})[-/.](?P<year>\d{4}|\d\d)(?!\d)",
        rf"\b(?P<m>(?:0 )?\d{{1,2}}) (?P<d>(?:0 )?\d{{1,2}})(?:th)? {_YEAR}",
        r"\b(?P<m>\d\d)(?P<d>\d\d)(?P<year>(?:19|20)\d\d)\b",
    )
    return tuple(re.compile(pattern) for pattern in written)


def _year(text: str, today: date) -> int:
    figure = int(re.sub(r"\D", "", text.replace("oh", "0").replace("o", "0")))
    if figure >= 100:
        return figure
    return 2000 + figure if 2000 + figure < today.year - 15 else 1900 + figure
