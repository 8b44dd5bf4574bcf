import contextlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.expressions.values import RANGES, TEXT_LIMIT, format_value, from_json, parse_value, to_json
from engine.source.tree import Map, Seq, Text
from engine.terms import ValueType as T
from tests.engine.expressions import worlds


@pytest.mark.parametrize(
    ("written", "type", "value", "shown"),
    [
        ("240", T.MONEY, 24_000, "$240.00"),
        ("240.00", T.MONEY, 24_000, "$240.00"),
        ("$1,250.50", T.MONEY, 125_050, "$1,250.50"),
        ("-$3.05", T.MONEY, -305, "-$3.05"),
        ("2026-03-10", T.DATE, 739_685, "2026-03-10"),
        ("21:00", T.TIME, 75_600, "21:00"),
        ("21:00:30", T.TIME, 75_630, "21:00:30"),
        ("2026-03-10T14:00:00-05:00", T.DATETIME, 1_773_169_200, "2026-03-10T19:00:00Z"),
        ("2026-03-10 19:00Z", T.DATETIME, 1_773_169_200, "2026-03-10T19:00:00Z"),
        ("7 days", T.DURATION, 604_800, "7 days"),
        ("2 weeks", T.DURATION, 1_209_600, "14 days"),
        ("4 hours", T.DURATION, 14_400, "4 hours"),
        ("30 minutes", T.DURATION, 1_800, "30 minutes"),
        ("1 day", T.DURATION, 86_400, "1 day"),
        ("true", T.BOOL, True, "true"),
        ("-7", T.INT, -7, "-7"),
        ("no", T.TEXT, "no", "no"),
        ("01234", T.TEXT, "01234", "01234"),
    ],
)
def test_written_values(written, type, value, shown):
    assert parse_value(Text(written), type) == value
    assert format_value(value, type) == shown


@pytest.mark.parametrize(
    ("written", "type", "said"),
    [
        ("240.5", T.MONEY, "dollars, as"),
        ("1,25.00", T.MONEY, "not an amount of money"),
        ("240 USD", T.MONEY, "`240 USD`"),
        ("2026-3-10", T.DATE, "2026-03-10"),
        ("2026-02-30", T.DATE, "not a date"),
        ("20260310", T.DATE, "not a date"),
        ("9:00", T.TIME, "09:00"),
        ("24:00", T.TIME, "not a time of day"),
        ("2026-03-10T14:00:00", T.DATETIME, "no offset"),
        ("2026-03-10T25:00Z", T.DATETIME, "not a moment"),
        ("7", T.DURATION, "7 days"),
        ("7 fortnights", T.DURATION, "4 hours"),
        ("yes", T.BOOL, "`true` or `false`"),
        ("seven", T.INT, "a whole number, as `7`"),
        ("\u0667", T.INT, "not a whole number"),
        ("9" * 5_000, T.INT, "too long"),
        ("9" * 19, T.INT, "not a whole number"),
        ("9" * 18, T.MONEY, "too large"),
    ],
)
def test_refusals_say_the_mend(written, type, said):
    with pytest.raises(ValueError, match=said.replace("$", r"\$")):
        parse_value(Text(written), type)


def test_words_of_an_enum_and_members_of_a_set():
    assert parse_value(Text("work"), T.ENUM, ("mobile", "work")) == "work"
    assert parse_value(Seq([Text("TX"), Text("TX")]), T.SET) == frozenset({"TX"})
    with pytest.raises(ValueError, match="none of `mobile`, `work`"):
        parse_value(Text("home"), T.ENUM, ("mobile", "work"))
    with pytest.raises(ValueError, match="`TX` is none of `MA`"):
        parse_value(Seq([Text("TX")]), T.SET, ("MA",))
    with pytest.raises(ValueError, match="a set is a list"):
        parse_value(Text("TX"), T.SET)
    with pytest.raises(ValueError, match="one value"):
        parse_value(Map(), T.TEXT)


@given(st.sampled_from(list(T)).flatmap(lambda type: st.tuples(st.just(type), worlds.values(type))))
def test_stored_values_come_back(pair):
    type, value = pair
    assume(not any(character in "\x00" or "\ud800" <= character <= "\udfff" for character in str(value)))
    assert from_json(to_json(value), type) == value


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])
def test_what_no_store_can_hold_is_no_text(text):
    with pytest.raises(ValueError, match="cannot be stored"):
        from_json(text, T.TEXT)
    with pytest.raises(ValueError, match="cannot be stored"):
        from_json([text], T.SET)


@given(st.sampled_from([T.MONEY, T.DATE, T.TIME, T.DURATION, T.INT, T.BOOL]).flatmap(
    lambda type: st.tuples(st.just(type), st.booleans() if type is T.BOOL else st.integers(0, 80_000))))
def test_shown_values_read_back(pair):
    type, value = pair
    value = max(value, 1) if type is T.DATE else value
    assert parse_value(Text(format_value(value, type)), type) == value


@given(st.sampled_from(list(T)), st.text(max_size=12))
def test_any_text_is_a_value_or_a_refusal(type, written):
    value = None
    with contextlib.suppress(ValueError):
        value = parse_value(Text(written), type)
    assert from_json(to_json(value), type) == value


@pytest.mark.parametrize(
    ("value", "type"),
    [("7", T.INT), (True, T.INT), (1.0, T.MONEY), (1, T.BOOL), (7, T.TEXT), ("a", T.SET), ([1], T.SET), (0, T.DATE),
     (86_400, T.TIME), (2**62, T.INT), (10**4_000, T.INT), ("x" * (TEXT_LIMIT + 1), T.TEXT)],
)
def test_stored_values_of_another_type_are_refused(value, type):
    with pytest.raises(ValueError, match=r"."):
        from_json(value, type)


def test_unknown_is_shown_as_such():
    assert format_value(None, T.MONEY) == "unknown"
    assert from_json(None, T.MONEY) is None
    assert format_value(RANGES[T.DATE][1], T.DATE) == "9999-12-31"
