"""A story is replayed through the public door, and each failed expectation stands at its line."""

import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest

from engine.bundle import CompiledBundle
from engine.rehearsal.record import as_line
from engine.rehearsal.replay import replay
from engine.rehearsal.scenario import Scenario, read_scenario
from engine.rehearsal.transcript import transcript
from engine.source.read import read_texts
from engine.terms import Kind
from tests.engine.rehearsal.stories import HEAD, story

TOLD = Path(__file__).parent / "told"
LINES = len(HEAD.splitlines())
TO_PAYMENT = """\
call:
  - {event: identity_confirmed}
  - {event: give_identifier, slots: {heard.zip: '10001'}}
  - {event: give_identifier, slots: {heard.dob: 1980-05-02}}
"""


def told(bundle: CompiledBundle, name: str) -> Scenario:
    """Return a scenario of the folder beside this file."""
    path = PurePosixPath("scenarios") / name
    sources = read_texts({path: (TOLD / name).read_text("utf-8")})
    scenario, found = read_scenario(sources.of(Kind.SCENARIO)[0], bundle)
    assert scenario is not None, found
    return scenario


@pytest.mark.parametrize("name", ["promise.yaml", "dials.yaml"])
def test_a_true_story_passes(small: CompiledBundle, name: str) -> None:
    played = replay(small, told(small, name))
    assert played.failures == ()
    assert played.passed
    assert played.exchanges or len(played.decisions) == 2


def test_the_answer_is_left_out_of_a_story_and_happens_all_the_same(small: CompiledBundle) -> None:
    played = replay(small, story(small, "call:\n  - event: silence\nexpect: {says: greeting}\n"))
    assert [str(e.event.kind) for e in played.exchanges] == ["answered", "silence"]
    assert played.exchanges[0].line is None
    assert played.passed
    machine = replay(small, story(small, "call:\n  - event: voicemail\nexpect: {ends: voicemail_left}\n"))
    assert [str(e.event.kind) for e in machine.exchanges] == ["voicemail"]
    assert machine.passed


@pytest.mark.parametrize(
    ("body", "line", "message"),
    [
        pytest.param(
            "call:\n  - event: identity_confirmed\n    says: [greeting]\nexpect: {max_turns: 9}\n",
            3, "expected `greeting` to be said, but it was `ask_zip`", id="says",
        ),
        pytest.param(
            "call:\n  - event: identity_confirmed\n    says_any: [greeting, goodbye]\nexpect: {max_turns: 9}\n",
            3, "expected one of `greeting`, `goodbye` to be said, but the agent said `ask_zip`", id="says_any",
        ),
        pytest.param(
            "call:\n  - event: identity_confirmed\n    state: greeting\nexpect: {max_turns: 9}\n",
            3, "expected the state `greeting`, but the call is in `verify.zip`", id="state",
        ),
        pytest.param(
            "call:\n  - callee: please stop calling me\n    heard: [wrong_party]\nexpect: {max_turns: 9}\n",
            3, "expected `wrong_party` to be heard, but it was `stop_calling`", id="heard",
        ),
        pytest.param(
            "call:\n  - event: wrong_party\n  - event: silence\nexpect: {max_turns: 9}\n",
            3, "the call had already ended with `wrong_party`, so this was never heard", id="over",
        ),
        pytest.param(
            "call:\n  - event: silence\nexpect: {ends: no_response}\n",
            3, "expected the call to end with `no_response`, but it is still in `greeting`", id="ends",
        ),
        pytest.param(
            TO_PAYMENT + "expect:\n  never_disclosed: [secret, debt]\n",
            6, "expected `debt` never to be disclosed, but it was", id="never_disclosed",
        ),
        pytest.param(
            "call:\n  - event: silence\nexpect:\n  disclosed: [debt]\n",
            4, "expected `debt` to be disclosed, but it was not", id="disclosed",
        ),
        pytest.param(
            "call:\n  - event: silence\nexpect:\n  says: [identify, goodbye]\n",
            4, "expected `goodbye` to be said, but it was not", id="said",
        ),
        pytest.param(
            "call:\n  - event: silence\nexpect:\n  never_says: are_you_there\n",
            4, "expected `are_you_there` never to be said, but it was", id="never_says",
        ),
        pytest.param(
            "call:\n  - event: silence\nexpect:\n  actions: [record_promise]\n",
            4, "expected the actions `record_promise`, but there came nothing", id="actions",
        ),
        pytest.param(
            "call:\n  - event: stop_calling\nexpect:\n  suppressions: []\n",
            4, "`stop_calling` was suppressed for the phone, which was not expected", id="not suppressed",
        ),
        pytest.param(
            "call:\n  - event: silence\nexpect:\n  suppressions: [stop_calling]\n",
            4, "expected `stop_calling` to be suppressed, but there came nothing", id="suppressed",
        ),
        pytest.param(
            "call:\n  - event: silence\nexpect:\n  prevented: [us.rpv]\n",
            4, "expected it to be held back by `us.rpv`, but it was nothing", id="prevented",
        ),
        pytest.param(
            "call:\n  - event: silence\nexpect:\n  derived: {party.verified: true}\n",
            4, "expected `party.verified` to be `true`, but it is `false`", id="derived",
        ),
        pytest.param(
            "call:\n  - event: silence\nexpect:\n  max_turns: 1\n",
            4, "expected no more turns than 1, but the call took 2", id="max_turns",
        ),
    ],
)  # fmt: skip
def test_a_failed_expectation_stands_at_its_line(small: CompiledBundle, body: str, line: int, message: str) -> None:
    played = replay(small, story(small, body))
    assert not played.passed
    assert [(f.span.line - LINES, f.message) for f in played.failures] == [(line, message)]


def test_a_wrong_argument_of_an_action_is_a_failure(small: CompiledBundle) -> None:
    body = (TOLD / "promise.yaml").read_text("utf-8").split("call:")[1]
    wrong = "call:" + body.replace("record_promise: {amount: 50.00", "record_promise: {amount: 500.00")
    played = replay(small, story(small, wrong))
    assert [f.message for f in played.failures] == [
        "expected `amount` of `record_promise` to be `$500.00`, but it is `$50.00`"
    ]


DIAL = "zones: [America/New_York]\ndial:\n  - at: {at}\n    {expects}\n"


@pytest.mark.parametrize(
    ("at", "expects", "message"),
    [
        ("2026-02-10T21:00:00-05:00", "allowed: true", "expected the call to be allowed, but the decision is `deny`"),
        ("2026-02-10T20:59:59-05:00", "denied_by: [us.window]",
         "expected it to be denied by `us.window`, but it was nothing"),
        ("2026-02-10T21:00:00-05:00", "{denied_by: [us.window], next_allowed: 2026-02-11T09:00:00-05:00}",
         "expected the next allowed time to be `2026-02-11T09:00:00-05:00`, but it is `2026-02-11T13:00:00+00:00`"),
        ("2026-02-10T21:00:00-05:00", "{denied_by: [us.window], next_allowed: never}",
         "expected the next allowed time to be never, but it is `2026-02-11T13:00:00+00:00`"),
        ("2026-02-10T21:00:00-05:00", "route_human: true",
         "expected the call to go to a person, but the decision is `deny`"),
        ("2026-02-10T20:59:59-05:00", "{allowed: true, warns: [us.window]}",
         "expected it to be warned by `us.window`, but it was nothing"),
    ],
)  # fmt: skip
def test_a_dial_is_held_to_its_answer(small: CompiledBundle, at: str, expects: str, message: str) -> None:
    inner = expects.strip("{}").replace(", next", "\n    next").replace(", warns", "\n    warns")
    body = DIAL.replace("{at}", at).replace("{expects}", inner)
    head = HEAD.replace("flow: call\nlocale: en-US\n", "")
    played = replay(small, story(small, body, head))
    assert [f.message for f in played.failures] == [message]


def test_two_replays_and_two_processes_give_the_same_bytes(small: CompiledBundle, root: Path) -> None:
    first = [as_line(e.turn) for e in replay(small, told(small, "promise.yaml")).exchanges]
    again = [as_line(e.turn) for e in replay(small, told(small, "promise.yaml")).exchanges]
    assert first == again
    assert len(first) == 6
    command = [sys.executable, "-m", "tools.main", "replay", str(TOLD / "promise.yaml"), "--format", "json"]
    command += ["--bundle", "tests/data/small"]
    runs = [
        subprocess.run(
            command, cwd=root, capture_output=True, check=True, env={"PYTHONHASHSEED": seed, "PATH": ""}
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]
    assert b'"ended"' not in runs[0].split(b'"turns"')[0]
    assert b"promise_to_pay" in runs[0]


def test_a_transcript_tells_who_said_what_and_what_the_rules_did(small: CompiledBundle) -> None:
    text = transcript(replay(small, told(small, "promise.yaml")), small)
    assert "  Agent   Hello, may I speak with Alex?" in text
    assert "identify is inserted by us.identify (47 CFR 64.1200(b)(1))" in text
    assert "action: record_promise amount $50.00, date 2026-02-20" in text
    assert "ended: promise_to_pay" in text
    assert "10001" not in text, "what may never be spoken is not written down either"
    assert "1980" not in text
    verbose = transcript(replay(small, told(small, "promise.yaml")), small, verbose=True)
    assert "before_speaking balance_and_ask: allow" in verbose
    assert len(verbose) > 2 * len(text)


def test_a_decision_is_told_in_words(small: CompiledBundle) -> None:
    text = transcript(replay(small, told(small, "dials.yaml")), small)
    assert "allowed: a call on Tue 10 February 2026, 14:00 America/New_York" in text
    assert "us.window: it is outside the hours that this rule allows" in text
    assert "it would be allowed from Wed 11 February 2026, 08:00 America/New_York" in text


def test_an_action_is_held_to_the_day_by_which_it_is_due(shipped: CompiledBundle, root: Path) -> None:
    text = (root / "scenarios" / "rights" / "stop_before_verification.yaml").read_text("utf-8")
    path = PurePosixPath("scenarios/x.yaml")
    for day, messages in (
        ("2026-03-24", []),
        ("2026-03-25", ["expected `pass_on_revocation` to be due on `2026-03-25`, but it is due on `2026-03-24`"]),
    ):
        sources = read_texts({path: text.replace("due: 2026-03-24", f"due: {day}")})
        scenario, found = read_scenario(sources.of(Kind.SCENARIO)[0], shipped)
        assert scenario is not None, found
        assert [f.message for f in replay(shipped, scenario).failures] == messages


def test_an_action_without_a_day_is_due_on_none(small: CompiledBundle) -> None:
    body = (TOLD / "promise.yaml").read_text("utf-8").split("call:")[1]
    told = "call:" + body.replace("{amount: 50.00, date: 2026-02-20}", "{due: 2026-02-20}")
    assert [f.message for f in replay(small, story(small, told)).failures] == [
        "expected `record_promise` to be due on `2026-02-20`, but no day is set for it"
    ]
