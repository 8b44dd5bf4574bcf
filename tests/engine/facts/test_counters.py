"""Counters count local dates with today included, and whatever may count."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bundle import Counter
from engine.expressions.tree import ALWAYS, Compare, Constant, Ref, Truth
from engine.facts import timezones
from engine.facts.counters import DAY, change_instants, count, count_at, counted
from engine.facts.history import Contact, History, Subject
from engine.terms import ValueType

NEW_YORK = "America/New_York"
CONNECTED = Truth(Ref("number.connected", ValueType.BOOL))
ME = Subject(person="p1", household="h1", debt="d1", account="a1", number="n1")


def counter(kinds=("call",), where=ALWAYS, per=("person", "debt"), window="us.frequency.window_days", since=""):
    return Counter("calls_in_window", kinds, where, per, window, since)


SINCE_CONSENT = counter(window=None, since="consent.given_on")


def at(text, zone=NEW_YORK):
    return datetime.fromisoformat(text).replace(tzinfo=timezones.load(zone))


def call(when, kind="call", person="p1", debt="d1", **rest):
    return Contact(kind, at(when) if isinstance(when, str) else when, rest.pop("facts", {}), person, debt=debt, **rest)


def number_of(contacts, now, *, what=None, subject=ME, zone=NEW_YORK, window=7 * DAY, facts=None):
    instant = at(now) if isinstance(now, str) else now
    return count(what or counter(), History(tuple(contacts)), subject, instant, zone, window, facts or {})


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param("2026-03-02 21:00", 1, id="the same day"),
        pytest.param("2026-03-08 23:59:59", 1, id="day seven, the last second"),
        pytest.param("2026-03-09 00:00", 0, id="D+7"),
        pytest.param("2026-03-09 08:00", 0, id="D+7, before 168 hours are over"),
        pytest.param("2026-03-01 12:00", 1, id="dated ahead of the clock"),
        pytest.param("2025-03-01 12:00", 1, id="dated a year ahead"),
    ],
)
def test_a_conversation_blocks_d_to_d_plus_six(now, expected):
    conversation = call("2026-03-02 20:59:59", kind="conversation")

    assert number_of([conversation], now, what=counter(("conversation",))) == expected


@pytest.mark.parametrize(
    ("zone", "expected"), [(NEW_YORK, 0), ("America/Los_Angeles", 1)], ids=["already D+7", "still day seven"]
)
def test_each_zone_has_its_own_dates(zone, expected):
    evening_in_both = call("2026-03-02 22:00")

    assert number_of([evening_in_both], "2026-03-09 01:00", zone=zone) == expected


def test_seven_calls_in_seven_days():
    calls = [call(f"2026-03-{day:02} 10:00") for day in range(4, 11)]

    assert number_of(calls, "2026-03-10 12:00") == 7
    assert number_of(calls, "2026-03-11 08:00") == 6


@pytest.mark.parametrize(
    ("contact", "expected"),
    [
        pytest.param({"debt": "d2"}, 0, id="another debt"),
        pytest.param({"person": "p2"}, 0, id="another person"),
        pytest.param({"debt": ("d2", "d1", "d3")}, 1, id="one call about three debts"),
        pytest.param({"debt": ("d2", "d3")}, 0, id="one call about two other debts"),
        pytest.param({"debt": ""}, 1, id="a debt unknown"),
        pytest.param({"debt": ()}, 1, id="debts unknown"),
        pytest.param({"person": ""}, 1, id="a person unknown"),
        pytest.param({"person": "", "debt": "d2"}, 0, id="a person unknown, another debt"),
        pytest.param({"kind": "text"}, 0, id="another kind"),
        pytest.param({"number": "n2"}, 1, id="another number of the same person"),
    ],
)
def test_whose_contact_counts(contact, expected):
    assert number_of([call("2026-03-10 10:00", **contact)], "2026-03-10 12:00") == expected


def test_for_an_unknown_person_every_contact_counts():
    calls = [call("2026-03-10 10:00", person=person) for person in ("p1", "p2", "")]

    assert number_of(calls, "2026-03-10 12:00", subject=Subject(debt="d1")) == 3


@pytest.mark.parametrize(
    ("key", "mine", "other"),
    [("household", "h1", "h2"), ("account", "a1", "a2"), ("number", "n1", "n2")],
)
def test_other_keys(key, mine, other):
    calls = [call("2026-03-10 10:00", person=key, **{key: value}) for value in (mine, other)]

    assert number_of(calls, "2026-03-10 12:00", what=counter(per=(key,))) == 1
    assert number_of(calls, "2026-03-10 12:00", what=counter(per=())) == 2


def test_a_key_that_contacts_do_not_have_is_refused():
    with pytest.raises(ValueError, match="`colour`"):
        number_of([call("2026-03-10 10:00")], "2026-03-10 12:00", what=counter(per=("colour",)))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"number.connected": True}, 1, id="rang"),
        pytest.param({"number.connected": False}, 0, id="busy"),
        pytest.param({"number.connected": None}, 1, id="nobody knows"),
        pytest.param({}, 1, id="nobody said"),
    ],
)
def test_a_contact_that_may_count_counts(facts, expected):
    calls = [call("2026-03-10 10:00", facts=facts)]

    assert number_of(calls, "2026-03-10 12:00", what=counter(where=CONNECTED)) == expected


def test_where_reads_the_contact_and_not_the_facts_of_now():
    work = Compare("==", Ref("number.kind", ValueType.ENUM), Constant("work", ValueType.ENUM))
    calls = [call("2026-03-10 10:00", facts={"number.kind": kind}) for kind in ("work", "mobile")]

    assert number_of(calls, "2026-03-10 12:00", what=counter(where=work), facts={"number.kind": "mobile"}) == 1


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param("2026-03-10 13:59:59", 1, id="a second before four hours"),
        pytest.param("2026-03-10 14:00:00", 0, id="four hours"),
    ],
)
def test_shorter_windows_roll(now, expected):
    assert number_of([call("2026-03-10 10:00")], now, window=4 * 3600, zone=None) == expected


def test_a_rolling_window_runs_through_a_change_of_the_clocks():
    calls = [call(datetime(2026, 11, 1, 5, 30, tzinfo=UTC))]  # the first 01:30

    second_half_past_one = at("2026-11-01 01:30").replace(fold=1)
    assert number_of(calls, second_half_past_one, window=3600) == 0
    assert number_of(calls, datetime(2026, 11, 1, 6, 29, 59, tzinfo=UTC), window=3600) == 1


def test_days_of_23_and_25_hours_are_days():
    assert number_of([call("2026-03-02 00:00")], "2026-03-08 23:59:59") == 1
    assert number_of([call("2026-10-26 00:00")], "2026-11-01 23:59:59") == 1
    assert number_of([call("2026-10-26 23:59:59")], "2026-11-02 00:00:00") == 0


@pytest.mark.parametrize(
    ("what", "window", "zone", "facts"),
    [
        pytest.param(counter(), None, NEW_YORK, {}, id="the window is a parameter out of force"),
        pytest.param(counter(), 0, NEW_YORK, {}, id="a window of nothing"),
        pytest.param(counter(), -DAY, NEW_YORK, {}, id="a negative window"),
        pytest.param(counter(), 7 * DAY, None, {}, id="local dates nowhere"),
        pytest.param(counter(), 7 * DAY, "America/New_Yrok", {}, id="local dates in a misspelt zone"),
        pytest.param(SINCE_CONSENT, None, NEW_YORK, {}, id="since when is not said"),
        pytest.param(
            counter(window=None, since="consent.given_on"),
            None,
            NEW_YORK,
            {"consent.given_on": None},
            id="since nothing",
        ),
    ],
)
def test_what_cannot_be_counted_is_unknown(what, window, zone, facts):
    history = [call("2026-03-10 10:00")]

    assert number_of(history, "2026-03-10 12:00", what=what, window=window, zone=zone, facts=facts) is None


def test_a_counter_without_a_window_counts_everything():
    history = [call("1999-12-31 23:00"), call("2026-03-10 10:00")]

    assert number_of(history, "2026-03-10 12:00", what=counter(window=None), window=None, zone=None) == 2


def test_a_window_of_centuries_counts_everything():
    history = [call("1999-12-31 23:00")]

    for window in (300_000 * DAY, 10**15 * DAY, 10**15 * DAY + 1):
        assert number_of(history, "2026-03-10 12:00", window=window) == 1


def test_a_window_written_in_the_vocabulary_needs_no_parameter():
    assert number_of([call("2026-03-10 10:00")], "2026-03-10 12:00", what=counter(window=3600), window=None) == 0
    assert number_of([call("2026-03-10 11:30")], "2026-03-10 12:00", what=counter(window=3600), window=None) == 1


def test_since_counts_what_came_after_and_not_the_instant_itself():
    given_on = at("2026-03-09 10:00")
    history = [call(given_on), call(given_on + timedelta(seconds=1)), call(given_on - timedelta(days=1))]
    facts = {"consent.given_on": int(given_on.timestamp())}

    assert number_of(history, "2026-03-10 12:00", what=SINCE_CONSENT, window=None, facts=facts) == 1


def test_since_within_a_window_is_the_later_of_both():
    facts = {"consent.given_on": int(at("2026-01-01 10:00").timestamp())}
    both = counter(since="consent.given_on")

    assert (
        number_of([call("2026-02-01 10:00"), call("2026-03-10 10:00")], "2026-03-10 12:00", what=both, facts=facts) == 1
    )


def test_contacts_are_instants_whatever_zone_they_came_in():
    """In one zone object the second 01:10 sorts before the first 01:50."""
    first, second = at("2026-11-01 01:50"), at("2026-11-01 01:10").replace(fold=1)

    assert [contact.at for contact in History((call(second), call(first))).contacts] == [
        datetime(2026, 11, 1, 5, 50, tzinfo=UTC),
        datetime(2026, 11, 1, 6, 10, tzinfo=UTC),
    ]


def test_a_contact_without_an_offset_is_refused():
    with pytest.raises(ValueError, match="no offset"):
        Contact("call", datetime(2026, 3, 10, 10))


def test_a_history_grows_by_new_ones():
    history = History((call("2026-03-10 10:00"),))

    longer = history.and_then([call("2026-03-09 10:00", kind="consent")])

    assert [contact.kind for contact in longer.contacts] == ["consent", "call"]
    assert longer.of("consent") == longer.contacts[:1]
    assert len(history.contacts) == 1


ZONES = st.sampled_from(
    [
        NEW_YORK, "America/Chicago", "America/Phoenix", "America/Adak", "Pacific/Honolulu", "America/Puerto_Rico",
        "Pacific/Guam", "America/Havana", "America/Santiago", "Pacific/Apia", "Europe/Paris", "Asia/Beirut",
    ]
)  # fmt: skip
INSTANTS = st.one_of(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),
    st.datetimes(datetime(2026, 2, 27), datetime(2026, 3, 12), timezones=st.just(UTC)),
    st.datetimes(datetime(2026, 10, 24), datetime(2026, 11, 12), timezones=st.just(UTC)),
)
IDS = st.sampled_from(["", "x", "y", ("x", "y"), ("y", "z")])
CONTACTS = st.lists(
    st.builds(
        Contact,
        st.sampled_from(["call", "conversation", "text"]),
        INSTANTS,
        st.sampled_from([{}, {"number.connected": True}, {"number.connected": False}]),
        person=IDS,
        debt=IDS,
    ),
    max_size=12,
)
WINDOWS = st.one_of(st.integers(1, 40).map(lambda days: days * DAY), st.integers(1, 30 * DAY).filter(lambda s: s % DAY))


def day_by_day(contacts, subject, now, zone, window):
    """Count slowly: walk the window's local dates, or compare ages, one contact at a time."""
    total = 0
    for contact in contacts:
        if window % DAY == 0:
            today = now.astimezone(timezones.load(zone)).date()
            window_dates = {today - timedelta(days=back) for back in range(window // DAY)}
            then = contact.at.astimezone(timezones.load(zone)).date()
            timely = then in window_dates or then > today
        else:
            timely = now - contact.at < timedelta(seconds=window)
        whose = all(
            not one or not other or (other in one if isinstance(one, tuple) else other == one)
            for one, other in ((contact.person, subject.person), (contact.debt, subject.debt))
        )
        of_kind = contact.kind == "call" or contact.kind == "conversation"
        total += timely and whose and of_kind and contact.facts.get("number.connected") is not False
    return total


@settings(max_examples=400, deadline=None)
@given(CONTACTS, st.sampled_from(["", "x"]), st.sampled_from(["", "y"]), INSTANTS, ZONES, WINDOWS)
def test_counts_agree_with_a_day_by_day_count(contacts, person, debt, now, zone, window):
    subject, what = Subject(person=person, debt=debt), counter(("call", "conversation"), CONNECTED)

    expected = day_by_day(contacts, subject, now, zone, window)

    history = History(tuple(contacts))
    assert count(what, history, subject, now, zone, window, {}) == expected
    assert count_at(counted(what, history, subject), what, now, zone, window, {}) == expected


@settings(max_examples=150, deadline=None)
@given(CONTACTS, INSTANTS, ZONES, WINDOWS)
def test_counts_fall_only_at_the_instants_named(contacts, now, zone, window):
    what, history, until = counter(("call",), CONNECTED), History(tuple(contacts)), now + timedelta(days=60)

    changes = change_instants(what, history, now, zone, window, until)

    assert list(changes) == sorted(set(changes))
    assert all(now < change <= until for change in changes)
    tick, marks = timedelta(microseconds=1), [now, *changes, until]
    for earlier, later in pairwise(marks):
        before_the_next = max(earlier, later - tick)
        counts = [count(what, history, ME, moment, zone, window, {}) for moment in (earlier, before_the_next)]
        assert counts[0] == counts[1], "steady between two instants"


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        pytest.param(7 * DAY, ["2026-03-13T04:00Z", "2026-03-16T04:00Z"], id="local midnights"),
        pytest.param(4 * 3600 + 1, [], id="already over"),
    ],
)
def test_when_counts_fall(window, expected):
    history = History((call("2026-03-06 20:00"), call("2026-03-09 10:00"), call("2026-03-09 11:00")))

    found = change_instants(counter(), history, at("2026-03-09 20:00"), NEW_YORK, window, at("2026-04-30 00:00"))

    assert [instant.strftime("%Y-%m-%dT%H:%MZ") for instant in found] == expected


def test_a_counter_without_a_window_never_falls():
    history = History((call("2026-03-06 20:00"),))

    for what, zone in ((counter(window=None), NEW_YORK), (counter(), None)):
        assert change_instants(what, history, at("2026-03-06 21:00"), zone, 7 * DAY, at("2026-04-30 00:00")) == ()


def test_a_thousand_contacts_are_counted_in_under_two_milliseconds():
    start = at("2020-01-01 12:00")
    history = History(tuple(call(start + timedelta(days=2 * n)) for n in range(1000)))
    now, rounds = start + timedelta(days=2000), []

    for _ in range(20):
        began = perf_counter()
        assert count(counter(), history, ME, now, NEW_YORK, 7 * DAY, {}) == 3
        rounds.append(perf_counter() - began)

    assert min(rounds) < 0.002


def test_a_day_written_in_hours_rolls():
    at = datetime(2026, 3, 10, 10, 0, tzinfo=UTC)
    day = Counter("calls", ("call",), ALWAYS, (), 86_400)
    hours = Counter("calls", ("call",), ALWAYS, (), 86_400, rolls=True)
    history = History((Contact("call", at),))
    morning = datetime(2026, 3, 11, 9, 59, 59, tzinfo=UTC)
    assert count(day, history, Subject(), morning, "America/Chicago", None, {}) == 0
    assert count(hours, history, Subject(), morning, "America/Chicago", None, {}) == 1
    assert count(hours, history, Subject(), morning + timedelta(seconds=1), "America/Chicago", None, {}) == 0
    until = at + timedelta(days=3)
    assert change_instants(hours, history, at, "America/Chicago", None, until) == (at + timedelta(days=1),)
