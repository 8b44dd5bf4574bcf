"""A scenario is typed by the vocabulary, and what it names must exist."""

import pytest

from engine.bundle import CompiledBundle
from engine.expressions.values import parse_value
from engine.runtime.session import Event
from engine.terms import EventKind, ValueType
from tests.engine.rehearsal.stories import HEAD, read, story

LINES = len(HEAD.splitlines())


def test_facts_lines_and_expectations_are_typed(small: CompiledBundle) -> None:
    told = story(
        small,
        """\
call:
  - {event: promise, slots: {promise.amount: 50.00, promise.date: 2026-02-20}, played: 0.5}
  - {callee: 'no', heard: [], says: [readback]}
  - {event: dtmf, digits: '12'}
expect:
  ends: no_response
  actions: [{record_promise: {amount: $50.00}}]
  derived: {party.verified: true, promise.amount: unknown}
""",
    )
    assert told.situation.facts["account.balance"] == 24_000
    assert told.situation.facts["party.dob"] == parse_value("1980-05-02", ValueType.DATE)
    first, second, third = (line.event for line in told.lines)
    assert first.kind is EventKind.INTENTS
    assert first.played == 0.5
    assert first.slots == {"promise.amount": 5_000, "promise.date": parse_value("2026-02-20", ValueType.DATE)}
    assert second == Event(EventKind.WORDS, second.at, text="no")
    assert (third.kind, third.digits) == (EventKind.DTMF, "12")
    assert told.situation.at < first.at < second.at < third.at
    assert told.expects.actions is not None
    assert told.expects.actions[1][0].arguments == {"amount": 5_000}
    assert dict(told.expects.derived) == {"party.verified": True, "promise.amount": None}


EXPECTED = "expect: {ends: wrong_party}\n"


@pytest.mark.parametrize(
    ("body", "line", "message", "help"),
    [
        pytest.param(
            "call:\n  - {callee: hello, says: greting}\n" + EXPECTED,
            2, "there is no prompt `greting`", "did you mean `greeting`?", id="prompt",
        ),
        pytest.param(
            "call:\n  - {callee: hello, heard: [affrim]}\n" + EXPECTED,
            2, "there is no intent `affrim`", "did you mean `affirm`?", id="intent",
        ),
        pytest.param(
            "call:\n  - {callee: hello, state: greetings}\n" + EXPECTED,
            2, "there is no state `greetings`", "did you mean `greeting`?", id="state",
        ),
        pytest.param(
            "call:\n  - event: hang_up\n" + EXPECTED,
            2, "there is no event or intent `hang_up`", "did you mean `hung_up`?", id="event",
        ),
        pytest.param(
            "call:\n  - {event: promise, slots: {promise.amount: soon}}\n" + EXPECTED,
            2, "`soon` is not an amount of money: write dollars, as `240`, `240.00` or `$1,250.50`",
            "write a value of type money", id="slot",
        ),
        pytest.param(
            "call:\n  - callee: hello\nexpect: {ends: wrong_partie}\n",
            3, "there is no disposition `wrong_partie`", "did you mean `wrong_party`?", id="disposition",
        ),
        pytest.param(
            "call:\n  - callee: hello\nexpect: {never_disclosed: [dept]}\n",
            3, "there is no class `dept`", "did you mean `debt`?", id="class",
        ),
        pytest.param(
            "call:\n  - callee: hello\nexpect: {prevented: [us.rvp]}\n",
            3, "there is no rule `us.rvp`", "did you mean `us.rpv`?", id="rule",
        ),
        pytest.param(
            "call:\n  - callee: hello\nexpect: {actions: [{record_promise: {amout: 5}}]}\n",
            3, "there is no argument of record_promise `amout`", "did you mean `amount`?", id="argument",
        ),
        pytest.param(
            "call:\n  - callee: hello\nexpect: {derived: {party.verifed: true}}\n",
            3, "there is no fact `party.verifed`", "did you mean `party.verified`?", id="derived",
        ),
        pytest.param(
            "zones: [America/Chicgo]\ncall:\n  - callee: hello\n" + EXPECTED,
            1, "there is no time zone `America/Chicgo`", "did you mean `America/Chicago`?", id="zone",
        ),
        pytest.param(
            "history:\n  - {kind: call, at: 2026-02-01T10:00:00Z, number.conected: true}\ncall:\n  - callee: hello\n"
            + EXPECTED,
            2, "there is no fact `number.conected`", "did you mean `number.connected`?", id="history",
        ),
    ],
)  # fmt: skip
def test_what_is_named_must_exist(small: CompiledBundle, body: str, line: int, message: str, help: str) -> None:
    scenario, found = read(small, body)
    assert scenario is None
    assert [(f.span.line - LINES, f.message, f.help) for f in found] == [(line, message, help)]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param("party.verified: true", "`party.verified` is set by rules alone", id="policy"),
        pytest.param("promise.amount: 50", "`promise.amount` is what the callee says", id="heard"),
        pytest.param("calls_in_window: 3", "`calls_in_window` is counted, not given", id="counter"),
        pytest.param("clock.time: '09:00'", "`clock.time` comes from the clock", id="clock"),
        pytest.param("suppressed.dnc: true", "`suppressed.dnc` comes from the suppressions", id="suppression"),
        pytest.param("said.greeting: true", "`said.greeting` is what the engine sees for itself", id="engine"),
        pytest.param("tries: 1", "`tries` is set by the flow alone", id="flow"),
    ],
)
def test_no_gate_is_opened_by_what_is_given(small: CompiledBundle, given: str, message: str) -> None:
    head = HEAD[: HEAD.index("given:")] + f"given: {{{given}}}\n"
    scenario, found = read(small, "call:\n  - callee: hello\n" + EXPECTED, head)
    assert scenario is None
    assert [f.message for f in found] == [message]
    assert found[0].span.line == len(head.splitlines())


def test_unknown_flow_and_locale(small: CompiledBundle) -> None:
    head = HEAD.replace("flow: call", "flow: cal").replace("en-US", "fr-FR")
    scenario, found = read(small, "call:\n  - callee: hello\n" + EXPECTED, head)
    assert scenario is None
    assert [f.message for f in found] == ["there is no flow `cal`", "there is no locale `fr-FR`"]
