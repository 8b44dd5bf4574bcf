"""A turn that says little is read by a short way, which comes to the same as the schema."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError

from engine.terms import EventKind
from server.schemas.call import TURN

CALL = "0198f1c0-0000-7000-8000-000000000001"
ODD: tuple[Any, ...] = (None, True, 1, 0, 0.5, 2.0, -1, 100_001, "", "x", "words", [], {}, [1], {"a": 1})
TEXTS = st.one_of(st.text(max_size=8), st.sampled_from(["\n", "a\tb", "\x00", "x" * 2000, "x" * 2001, "\x7f", "é\r"]))
EVENTS = st.fixed_dictionaries(
    {"kind": st.sampled_from([*(kind.value for kind in EventKind), *map(str, ODD)])},
    optional={
        "text": st.one_of(TEXTS, st.sampled_from(ODD)),
        "played": st.one_of(st.floats(-0.2, 1.2), st.sampled_from(ODD)),
        "time": st.sampled_from([None, "2026-03-10T14:00:00-05:00", "now", 1]),
        "digits": st.sampled_from(["12#", "x", 1]),
        "slots": st.sampled_from([{}, {"promise.amount": 1}, []]),
        "intents": st.sampled_from([[], ["affirm"], ["!"], {}]),
        "other": st.just(1),
    },
)
TURNS = st.fixed_dictionaries(
    {},
    optional={
        "call_id": st.sampled_from([CALL, CALL.upper(), CALL.replace("-", ""), CALL + "\n", *ODD]),
        "expected_turn": st.one_of(st.integers(-1, 3), st.sampled_from([100_000, *ODD])),
        "turn_event": st.one_of(EVENTS, EVENTS, st.sampled_from(ODD)),
        "other": st.just(1),
    },
)
PLAIN = st.builds(
    lambda turn, event: {"call_id": CALL, "expected_turn": turn, "turn_event": event},
    st.integers(0, 4),
    st.fixed_dictionaries(
        {"kind": st.sampled_from([kind.value for kind in EventKind])},
        optional={"text": TEXTS, "played": st.sampled_from([None, 0, 1, 0.25, 1.5])},
    ),
)


def read(way: Any, data: Any) -> Any:
    try:
        return way(data)
    except ValidationError as error:
        return error.messages


@settings(max_examples=600)
@given(st.one_of(PLAIN, TURNS, st.sampled_from(ODD)))
def test_both_ways_come_to_the_same(data: Any) -> None:
    whole = read(lambda given: Schema.load(TURN, given), data)
    found = read(TURN.load, data)
    assert found == whole
    assert repr(found) == repr(whole)
