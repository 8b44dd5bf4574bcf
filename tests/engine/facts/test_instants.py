"""The instants at which an answer may change are all there, in order, and right where the clocks change."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.facts import timezones
from engine.facts.instants import day_begins, next_instants

NEW_YORK, PACIFIC = "America/New_York", "America/Los_Angeles"
HOUR = 3600


def Z(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def instants(start, zones, times, until, others=()):
    return [found.strftime("%d %H:%M") for found in next_instants(Z(start), zones, times, others, Z(until))]


@pytest.mark.parametrize(
    ("day", "zone", "begins"),
    [
        pytest.param("2026-03-08", NEW_YORK, "2026-03-08 05:00", id="the day of the gap"),
        pytest.param("2026-03-09", NEW_YORK, "2026-03-09 04:00", id="the day after"),
        pytest.param("2026-11-02", NEW_YORK, "2026-11-02 05:00", id="after the fold"),
        pytest.param("2026-03-08", "America/Havana", "2026-03-08 05:00", id="midnight skipped: the day begins at one"),
        pytest.param("2026-11-01", "America/Havana", "2026-11-01 04:00", id="midnight repeated: the first one"),
        pytest.param("2011-12-30", "Pacific/Apia", "2011-12-30 10:00", id="a date that never was"),
        pytest.param("2026-07-01", "Pacific/Guam", "2026-06-30 14:00", id="ahead of UTC"),
    ],
)
def test_when_a_local_date_begins(day, zone, begins):
    assert day_begins(date.fromisoformat(day).toordinal(), zone) == Z(begins)


@pytest.mark.parametrize(
    ("start", "until", "times", "expected"),
    [
        pytest.param(
            "2026-03-09 12:00", "2026-03-11 00:00", [8 * HOUR, 21 * HOUR],
            ["10 01:00", "10 04:00", "10 12:00"], id="after eight: nine, midnight, eight",
        ),
        pytest.param(
            "2026-03-08 00:00", "2026-03-09 00:00", [2 * HOUR + 1800],
            ["08 05:00", "08 07:00"], id="half past two does not exist: the change itself",
        ),
        pytest.param(
            "2026-11-01 00:00", "2026-11-01 12:00", [HOUR + 1800],
            ["01 04:00", "01 05:30", "01 06:00", "01 06:30"], id="half past one, twice, and the change between",
        ),
    ],
)  # fmt: skip
def test_local_times_as_instants(start, until, times, expected):
    assert instants(start, [NEW_YORK], times, until) == expected


def test_zones_and_other_instants_are_merged_once_each():
    others = [Z("2026-03-10 04:00"), Z("2026-03-10 02:00"), Z("2026-03-01 00:00"), Z("2026-04-01 00:00")]

    found = instants("2026-03-09 20:00", [NEW_YORK, PACIFIC, NEW_YORK], [21 * HOUR], "2026-03-10 08:00", others)

    assert found == ["10 01:00", "10 02:00", "10 04:00", "10 07:00"]


def test_without_zones_only_the_other_instants_are_left():
    assert instants("2026-03-09 20:00", [], [HOUR], "2026-05-09 20:00", [Z("2026-03-10 04:00")]) == ["10 04:00"]


def test_it_is_lazy():
    century = next_instants(Z("2026-01-01 00:00"), [NEW_YORK], [], [], Z("2126-01-01 00:00"))

    assert next(century) == Z("2026-01-01 05:00")
    assert len(list(islice(century, 3))) == 3


def test_an_unknown_zone_is_refused():
    with pytest.raises(timezones.UnknownZone):
        list(next_instants(Z("2026-01-01 00:00"), ["Nowhere/At_All"], [], [], Z("2026-02-01 00:00")))


def minute_by_minute(start, zones, times, until):
    """Find slowly: walk every minute and see whether a date, an offset or a side of a time of day changed."""

    def seen(instant):
        state = []
        for zone in zones:
            here = instant.astimezone(timezones.load(zone))
            passed = [here.hour * 3600 + here.minute * 60 >= time for time in times]
            state.append((here.date(), here.utcoffset(), passed))
        return state

    now, before = start, seen(start)
    while (now := now + timedelta(minutes=1)) <= until:
        if (after := seen(now)) != before:
            yield now
        before = after


@settings(max_examples=60, deadline=None)
@given(
    st.one_of(
        st.integers(0, 525_600), st.integers(93_600, 97_920), st.integers(434_880, 440_640)
    ),  # minutes into 2026: anywhere, around 8 March, around 1 November
    st.lists(
        st.sampled_from([NEW_YORK, PACIFIC, "America/Phoenix", "America/Adak", "America/Havana", "America/Santiago"]),
        min_size=1,
        max_size=3,
    ),
    st.lists(st.integers(0, 1439).map(lambda minute: minute * 60), max_size=3),
)
@example(94_000, [NEW_YORK], [2 * HOUR + 1800])
@example(437_000, [NEW_YORK], [HOUR + 1800, 8 * HOUR])
@example(437_000, ["America/Havana"], [0, 1800, HOUR])
@example(95_000, ["America/Havana"], [0, 1800, HOUR + 60])
@example(355_000, ["America/Santiago"], [0, 1800, HOUR + 60])
def test_every_minute_at_which_something_changes_is_named(minute, zones, times):
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    until = start + timedelta(days=3)

    found = list(next_instants(start, zones, times, [], until))

    assert found == sorted(set(found))
    assert set(found) >= set(minute_by_minute(start, zones, times, until))
    assert len(found) <= len(zones) * 4 * (len(times) * 2 + 2), "and little else"
