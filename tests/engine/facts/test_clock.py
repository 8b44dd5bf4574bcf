"""Local times are right at the limits of the legal hours and where the clocks change."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from engine.facts import timezones
from engine.facts.clock import aware, clock_facts, epoch, local, versions

NEW_YORK = "America/New_York"


def seconds(text):
    hours, minutes, rest = map(int, text.split(":"))
    return hours * 3600 + minutes * 60 + rest


@pytest.mark.parametrize(
    ("instant", "zone", "day", "time"),
    [
        pytest.param("2026-03-10T00:59:59Z", NEW_YORK, "2026-03-09", "20:59:59", id="the last second"),
        pytest.param("2026-03-10T00:59:59.999999Z", NEW_YORK, "2026-03-09", "20:59:59", id="the last microsecond"),
        pytest.param("2026-03-10T01:00:00Z", NEW_YORK, "2026-03-09", "21:00:00", id="nine o'clock"),
        pytest.param("2026-03-08T06:59:59Z", NEW_YORK, "2026-03-08", "01:59:59", id="before the gap"),
        pytest.param("2026-03-08T07:00:00Z", NEW_YORK, "2026-03-08", "03:00:00", id="after the gap"),
        pytest.param("2026-11-01T05:30:00Z", NEW_YORK, "2026-11-01", "01:30:00", id="first 01:30"),
        pytest.param("2026-11-01T06:30:00Z", NEW_YORK, "2026-11-01", "01:30:00", id="second 01:30"),
        pytest.param("2026-07-01T15:00:00Z", "America/Phoenix", "2026-07-01", "08:00:00", id="Arizona in July"),
        pytest.param("2026-07-01T15:00:00Z", "America/Denver", "2026-07-01", "09:00:00", id="Navajo Nation in July"),
        pytest.param("2026-01-15T15:00:00Z", "America/Denver", "2026-01-15", "08:00:00", id="both in January"),
        pytest.param("2026-07-01T18:00:00Z", "Pacific/Honolulu", "2026-07-01", "08:00:00", id="Hawaii in July"),
        pytest.param("2026-07-01T17:00:00Z", "America/Adak", "2026-07-01", "08:00:00", id="Adak in July"),
        pytest.param("2026-07-01T22:00:00Z", "Pacific/Guam", "2026-07-02", "08:00:00", id="Guam, a day ahead"),
    ],
)
def test_local_day_and_time(instant, zone, day, time):
    facts = clock_facts(datetime.fromisoformat(instant), zone)

    assert facts["clock.today"] == date.fromisoformat(day).toordinal()
    assert facts["clock.time"] == seconds(time)
    assert facts["clock.zone"] == zone


def test_the_offset_the_instant_came_in_does_not_matter():
    utc = datetime(2026, 3, 9, 14, tzinfo=UTC)
    east = utc.astimezone(timezone(timedelta(hours=5, minutes=30)))

    assert clock_facts(utc, NEW_YORK) == clock_facts(east, NEW_YORK)


@pytest.mark.parametrize(
    ("day", "weekday", "federal", "places", "state"),
    [
        pytest.param("2026-07-03", "friday", True, {"US", "NY"}, True, id="Independence Day, observed"),
        pytest.param("2026-07-06", "monday", False, {"US", "NY"}, False, id="a working Monday"),
        pytest.param("2026-04-20", "monday", False, {"US", "MA"}, True, id="Patriots' Day in Massachusetts"),
        pytest.param("2026-04-20", "monday", False, {"US", "NY"}, False, id="Patriots' Day in New York"),
        pytest.param("2026-02-17", "tuesday", False, {"US", "LA"}, True, id="Mardi Gras"),
        pytest.param("2026-07-24", "friday", False, {"US", "UT", "NY"}, True, id="any of several states"),
        pytest.param("2026-07-24", "friday", False, {"US"}, None, id="no state known"),
        pytest.param("2026-07-24", "friday", False, set(), None, id="no place known"),
        pytest.param("2026-07-24", "friday", False, {"NYC"}, None, id="a city alone"),
    ],
)
def test_weekdays_and_holidays(day, weekday, federal, places, state):
    facts = clock_facts(datetime.fromisoformat(f"{day}T12:00:00-05:00"), NEW_YORK, places)

    assert facts["clock.weekday"] == weekday
    assert facts["clock.is_holiday"] is federal
    assert facts["clock.is_state_holiday"] is state


def test_the_holiday_is_of_the_local_date():
    christmas_eve_in_honolulu = datetime(2026, 12, 25, 9, tzinfo=UTC)

    assert clock_facts(christmas_eve_in_honolulu, "Pacific/Honolulu")["clock.is_holiday"] is False
    assert clock_facts(christmas_eve_in_honolulu, NEW_YORK)["clock.is_holiday"] is True


@pytest.mark.parametrize("zone", [None, "", "America/New_Yrok", "EST", "Etc/UTC"])
def test_without_a_zone_only_the_instant_is_known(zone):
    facts = clock_facts(datetime(2026, 3, 9, 14, tzinfo=UTC), zone, {"NY"})

    assert facts.pop("clock.now") == 1773064800
    assert facts
    assert set(facts.values()) == {None}
    assert facts.keys() == clock_facts(datetime(2026, 3, 9, 14, tzinfo=UTC), NEW_YORK).keys() - {"clock.now"}


@pytest.mark.parametrize(
    "function", [aware, epoch, lambda at: clock_facts(at, NEW_YORK), lambda at: local(at, NEW_YORK)]
)
def test_an_instant_without_an_offset_is_refused(function):
    with pytest.raises(ValueError, match="no offset"):
        function(datetime(2026, 3, 9, 14))


def test_an_unknown_zone_is_refused():
    with pytest.raises(timezones.UnknownZone, match="`America/New_Yrok`"):
        local(datetime(2026, 3, 9, 14, tzinfo=UTC), "America/New_Yrok")


@pytest.mark.parametrize("at", [datetime(1969, 12, 31, 23, 59, 59, 500_000, UTC), datetime(2026, 1, 1, tzinfo=UTC)])
def test_an_epoch_is_whole_seconds_rounded_down(at):
    assert 0 <= at.timestamp() - epoch(at) < 1


def test_the_zone_rules_are_the_packaged_ones():
    instant = datetime(2026, 7, 1, 12, tzinfo=UTC)

    assert len(timezones.names()) > 400
    for name in timezones.names():
        assert instant.astimezone(timezones.load(name)).utcoffset() == instant.astimezone(ZoneInfo(name)).utcoffset()


def test_versions_name_all_data_that_decides():
    found = versions()

    assert found.keys() == {"tzdata", "area_codes", "zip_codes", "holidays"}
    assert found["tzdata"].startswith("20")
    assert len(found["area_codes"]) == 64
