"""The instants at which an answer about time may change.

Local midnights, hours of opening and closing, and the changes of the clocks, in
each plausible zone: between two of them nothing that a rule can read of the
clock crosses a limit, so a search for the next permitted time looks only there.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from heapq import merge

from engine.facts.clock import aware, local
from engine.facts.timezones import load

_DAY = timedelta(days=1)


def day_begins(day: int, zone: str) -> datetime:
    """Return the first instant, in UTC, of the local date *day* in *zone*.

    That is midnight, or the end of the gap where the clocks skip midnight. A date
    that the zone skipped altogether begins with the next one.

    Raises:
        UnknownZone: There is no such zone.
    """
    return datetime.fromordinal(day).replace(tzinfo=load(zone)).astimezone(UTC)


def next_instants(
    at: datetime,
    zones: Iterable[str],
    times_of_day: Iterable[int],
    others: Iterable[datetime],
    until: datetime,
) -> Iterator[datetime]:
    """Yield, in order and once each, the instants after *at* up to *until* at which an answer may change.

    In each zone: every local midnight (dates, weekdays, holidays and dated parameters turn there),
    every occurrence of each time of day, and every change of the clocks. A time that
    the clocks skip comes with the change itself; one that they repeat comes twice.

    Args:
        times_of_day: Seconds after local midnight, as a rule's hours give them.
        others: Instants of another origin, such as :func:`engine.facts.counters.change_instants` gives.

    Raises:
        UnknownZone: One of *zones* does not exist.
    """
    start, end = aware(at), aware(until)
    times = sorted(set(times_of_day))
    streams = [_in_zone(start, end, zone, times) for zone in dict.fromkeys(zones)]
    last = start
    for instant in merge(*streams, sorted(aware(other) for other in others)):
        if last < instant <= end:
            yield instant
            last = instant


def _in_zone(at: datetime, until: datetime, zone: str, times: list[int]) -> Iterator[datetime]:
    rules, day = load(zone), local(at, zone).toordinal()
    begins = day_begins(day, zone)
    while begins <= until:
        ends = day_begins(day + 1, zone)
        if ends - begins == _DAY and not begins.astimezone(rules).hour:
            yield from sorted({begins, *(begins + timedelta(seconds=time) for time in times)})
        else:
            met = (instant for time in times for instant in _occurrences(day, time, rules))
            yield from sorted({begins, *_clock_change(begins, ends, rules), *met})
        day, begins = day + 1, ends


def _occurrences(day: int, time: int, rules: tzinfo) -> Iterator[datetime]:
    wall = datetime.fromordinal(day) + timedelta(seconds=time)
    for fold in (0, 1):
        instant = wall.replace(tzinfo=rules, fold=fold).astimezone(UTC)
        if instant.astimezone(rules).replace(tzinfo=None) == wall:
            yield instant


def _clock_change(before: datetime, after: datetime, rules: tzinfo) -> Iterator[datetime]:
    old = before.astimezone(rules).utcoffset()
    if after.astimezone(rules).utcoffset() == old:
        return
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(rules).utcoffset() == old:
            before = middle
        else:
            after = middle
    yield after
