"""Bank days: days on which the Federal Reserve Banks settle.

Source: Federal Reserve Financial Services, Holiday Schedules, as packaged by
the `holidays` library (financial calendar ``XFED``).
"""

from datetime import date
from functools import lru_cache

_SATURDAY = 5


def is_bank_day(ordinal: int) -> bool:
    """Return whether the day (``date.toordinal``) is a weekday that is no holiday of the Federal Reserve."""
    day = date.fromordinal(ordinal)
    return day.weekday() < _SATURDAY and ordinal not in _holidays(day.year)


@lru_cache(maxsize=256)
def _holidays(year: int) -> frozenset[int]:
    import holidays

    return frozenset(day.toordinal() for day in holidays.financial_holidays("XFED", years=year))
