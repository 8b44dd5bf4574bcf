"""Holidays by place, and counting bank days."""

from datetime import date

import pytest

from engine.facts.calendars import add_bank_days, is_holiday, is_state_holiday


def D(text):
    return date.fromisoformat(text).toordinal()


@pytest.mark.parametrize(
    ("day", "places", "holiday"),
    [
        pytest.param("2026-11-26", ("US",), True, id="Thanksgiving"),
        pytest.param("2026-07-03", ("US",), True, id="Saturday's holiday observed on Friday"),
        pytest.param("2027-07-05", ("US",), True, id="Sunday's holiday observed on Monday"),
        pytest.param("2027-12-31", ("US",), True, id="next year's holiday observed this year"),
        pytest.param("2026-11-27", ("US",), False, id="the day after Thanksgiving"),
        pytest.param("2026-04-20", ("US", "MA"), True, id="Patriots' Day"),
        pytest.param("2026-04-20", ("US", "NY", "NYC"), False, id="elsewhere"),
        pytest.param("2026-07-04", (), False, id="nowhere"),
        pytest.param("2026-07-04", ("NYC",), False, id="a city has no calendar of its own"),
    ],
)
def test_holidays(day, places, holiday):
    assert is_holiday(D(day), places) is holiday


def test_without_a_state_a_state_holiday_is_unknown():
    assert is_state_holiday(D("2026-07-04"), {"US", "NYC"}) is None


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        pytest.param("2026-07-01", 0, "2026-07-01", id="none"),
        pytest.param("2026-07-01", 1, "2026-07-02", id="the next day"),
        pytest.param("2026-07-02", 1, "2026-07-03", id="the Reserve settles on the observed Friday"),
        pytest.param("2026-07-03", 1, "2026-07-06", id="over a weekend"),
        pytest.param("2026-11-25", 1, "2026-11-27", id="over Thanksgiving"),
        pytest.param("2026-12-23", 10, "2027-01-08", id="ten, over Christmas and New Year"),
        pytest.param("2027-07-02", 1, "2027-07-06", id="over Sunday's holiday kept on Monday"),
        pytest.param("2026-07-04", 1, "2026-07-06", id="from a Saturday"),
    ],
)
def test_adding_bank_days(day, count, expected):
    assert date.fromordinal(add_bank_days(D(day), count)) == date.fromisoformat(expected)


@pytest.mark.parametrize("count", [-1, 10_000])
def test_bank_days_out_of_reach_are_refused(count):
    with pytest.raises(ValueError, match="bank days"):
        add_bank_days(D("2026-07-01"), count)
