"""The ``clock.*`` facts: what time it is where the person may be.

The legal hours are local time at the consumer's location (12 CFR 1006.6(b)(1)(i),
15 USC 1692c(a)(1)), so an instant has one set of facts for each plausible zone.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import zipcodes

from engine.expressions.tree import Value
from engine.facts import calendars, packaged, timezones

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""The values of ``clock.weekday``."""

FIRST_YEAR, LAST_YEAR = 2, 9998
"""The years of an instant that has a date in every zone, and so has each day in reach of it."""


def clock_facts(at: datetime, zone: str | None, places: Iterable[str] | None = None) -> Mapping[str, Value]:
    """Return the ``clock.*`` facts at *at* in *zone*, as canonical values.

    Args:
        at: The instant, aware.
        zone: An IANA zone. Where it is None, or no zone at all, everything but ``clock.now`` is unknown.
        places: The account's places, for ``clock.is_state_holiday``; unknown when no state is among them.

    Raises:
        ValueError: *at* has no offset.
    """
    now = epoch(at)
    if zone not in timezones.names():
        unknown = ("today", "time", "weekday", "is_holiday", "is_state_holiday", "zone")
        return {"clock.now": now} | {f"clock.{name}": None for name in unknown}
    here = local(at, zone)
    today = here.toordinal()
    return {
        "clock.now": now,
        "clock.today": today,
        "clock.time": here.hour * 3600 + here.minute * 60 + here.second,
        "clock.weekday": WEEKDAYS[here.weekday()],
        "clock.is_holiday": calendars.is_holiday(today),
        "clock.is_state_holiday": calendars.is_state_holiday(today, places or ()),
        "clock.zone": zone,
    }


def local(at: datetime, zone: str) -> datetime:
    """Return *at* on the wall clocks of *zone*.

    Raises:
        UnknownZone: There is no such zone.
        ValueError: *at* has no offset.
    """
    return aware(at).astimezone(timezones.load(zone))


def epoch(at: datetime) -> int:
    """Return *at* as whole seconds since 1970-01-01T00:00Z, the canonical form of a datetime.

    Raises:
        ValueError: *at* has no offset.
    """
    return int(aware(at).timestamp() // 1)


def aware(at: datetime) -> datetime:
    """Return *at* in UTC.

    Two instants with one zone object compare by their wall clocks, which run twice
    through an hour each autumn; in UTC they do not.

    Raises:
        ValueError: *at* has no offset: it may be any of 24 instants; or it lies in the first or the last
            year that can be written, where another zone's date could not be.
    """
    if at.utcoffset() is None:
        raise ValueError(f"`{at.isoformat()}` has no offset from UTC")
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise ValueError(f"`{at.isoformat()}` is not between the years {FIRST_YEAR} and {LAST_YEAR}")
    return at.astimezone(UTC)


def versions() -> Mapping[str, str]:
    """Return the versions of the data that times and places are decided by, for decision records."""
    from holidays.version import __version__ as holidays_version

    return {
        "tzdata": timezones.version(),
        "area_codes": packaged.digest(),
        "zip_codes": zipcodes.__version__,
        "holidays": holidays_version,
    }
