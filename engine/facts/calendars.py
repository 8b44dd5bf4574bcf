"""Holidays by place, and counting bank days.

Days are proleptic Gregorian day numbers (``date.toordinal``).
"""

from collections.abc import Iterable
from datetime import date
from functools import cache, lru_cache

from engine.expressions.bank_days import is_bank_day

_LONGEST_WAIT = 3660


def is_holiday(day: int, places: Iterable[str] = ("US",)) -> bool:
    """Tell whether *day* is a public holiday, observed days included, in any of *places*.

    ``US`` has the federal holidays (5 USC 6103); a state's postal code has that state's.
    A place without a calendar of its own, such as a city, adds no holidays to its state's.
    """
    year = date.fromordinal(day).year
    return any(day in _holidays(place, year) for place in places if has_calendar(place))


def is_state_holiday(day: int, places: Iterable[str]) -> bool | None:
    """Tell whether *day* is a holiday in any state among *places*; None if no state is among them."""
    states = _states().intersection(places)
    return is_holiday(day, states) if states else None


def has_calendar(place: str) -> bool:
    """Tell whether holidays of *place* are known."""
    return place == "US" or place in _states()


def add_bank_days(day: int, count: int) -> int:
    """Return the *count*-th bank day after *day*, or *day* itself when *count* is 0.

    Raises:
        ValueError: *count* is negative, or more than ten years away.
    """
    if count < 0:
        raise ValueError("bank days are counted forwards")
    left, end = count, day
    while left:
        end += 1
        if end > day + _LONGEST_WAIT:
            raise ValueError(f"{count} bank days are more than ten years")
        left -= is_bank_day(end)
    return end


@cache
def _states() -> frozenset[str]:
    from holidays import list_supported_countries

    return frozenset(list_supported_countries()["US"])


@lru_cache(maxsize=1024)
def _holidays(place: str, year: int) -> frozenset[int]:
    from holidays import country_holidays

    subdivision = None if place == "US" else place
    around = country_holidays("US", subdiv=subdivision, years=range(year - 1, year + 2))
    return frozenset(day.toordinal() for day in around if day.year == year)
