"""One turn, in order: heard, derived, walked, gated whole, recorded."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import PurePosixPath

import pytest

from engine.compiler import compile_bundle
from engine.runtime.codec import event_from_json, session_from_json, to_json
from engine.runtime.session import Event
from engine.runtime.step import CallEnded, UnknownFlow, start, step
from engine.source.read import read_texts
from engine.terms import Ask, EventKind, Outcome
from tests.engine.runtime.calls import AT, DOB, FACTS, begin, edited, hear, prompts, small, texts, verified

FRIDAY = datetime(2026, 3, 13).toordinal()


def test_the_greeting_is_preceded_by_who_calls():
    assert prompts(begin()) == ["identify", "greeting"]
    assert begin().utterances[0].inserted_by == "us.identify"


def test_what_was_said_is_not_said_again():
    turn = hear(begin(), "repeat")
    assert prompts(turn) == ["greeting"]


def test_two_identifiers_verify_and_the_notice_comes_before_the_balance():
    turn = verified()
    assert turn.session.facts["party.verified"] is True
    assert prompts(turn) == ["mini_miranda", "balance_and_ask"]
    assert "$240.00" in turn.text


@pytest.mark.parametrize("slots", [{}, {"heard.zip": "78702"}, {"heard.zip": None}], ids=["none", "wrong", "unsure"])
def test_an_identifier_that_is_missing_wrong_or_unsure_does_not_verify(slots):
    turn = hear(begin(), "identity_confirmed")
    turn = hear(turn, "give_identifier", slots=slots)
    turn = hear(turn, "give_identifier", slots={"heard.dob": DOB})
    assert turn.session.facts.get("party.verified") is not True
    assert "mini_miranda" not in prompts(turn)


def test_a_notice_that_was_interrupted_is_said_again():
    turn = verified()
    turn = hear(turn, "promise", slots={"promise.amount": 5000}, played=0.3)
    assert prompts(turn) == ["mini_miranda", "balance_and_ask"]


def test_a_notice_that_was_heard_is_not_said_again():
    turn = hear(verified(), "promise", slots={"promise.amount": 5000})
    assert prompts(turn) == ["balance_and_ask"]


def test_a_promise_is_recorded_only_after_its_readback_and_a_yes():
    turn = hear(verified(), "promise", slots={"promise.amount": 5000, "promise.date": FRIDAY})
    assert prompts(turn) == ["readback"]
    turn = hear(turn, "affirm")
    assert [(a.name, a.arguments) for a in turn.actions] == [("record_promise", {"amount": 5000, "date": FRIDAY})]
    assert turn.session.disposition == "promise_to_pay"


def test_a_yes_to_a_readback_that_was_not_heard_records_nothing():
    turn = hear(verified(), "promise", slots={"promise.amount": 5000, "promise.date": FRIDAY})
    turn = hear(turn, "affirm", played=0.5)
    assert turn.actions == ()
    assert turn.prevented == ("pay.explicit_yes",)
    assert turn.session.disposition == "ended_by_rule"


def test_the_balance_before_verification_is_never_said():
    bundle = edited("flows/call/flow.yaml", "identity_confirmed: {go: verify}", "identity_confirmed: {go: ask_payment}")
    turn = hear(begin(bundle), "identity_confirmed", bundle=bundle)
    assert prompts(turn) == ["cannot_continue"]
    assert "us.rpv" in turn.prevented
    assert "240" not in turn.text
    denied = [d for d in turn.decisions if d.outcome is Outcome.DENY]
    assert denied
    assert all(d.ask is Ask.BEFORE_SPEAKING for d in denied)


def test_what_a_forbidden_turn_planned_does_not_happen():
    bundle = edited(
        "flows/call/flow.yaml",
        "refuse: {say: goodbye, end: refused}",
        "refuse: {set: {tries: 7}, do: {take_payment: {amount: account.balance}}, say: goodbye, end: refused}",
    )
    turn = hear(verified(bundle), "refuse", bundle=bundle)
    assert turn.actions == ()
    assert "tries" not in turn.session.facts
    assert turn.session.disposition == "ended_by_rule"


@pytest.mark.parametrize("first", ["", ", initially: 100"])
def test_a_fact_that_is_set_to_what_is_unknown_is_unknown_from_then_on(first):
    files = texts()
    words, flow = PurePosixPath("policies/vocabulary.yaml"), PurePosixPath("flows/call/flow.yaml")
    files[words] = files[words].replace("  tries:", f"  noted: {{type: money, from: flow{first}}}\n  tries:")
    files[flow] = files[flow].replace(
        "refuse: {say: goodbye, end: refused}",
        "refuse: {set: {noted: '200'}, go: ask_payment}\n"
        "      who_is_this: {set: {noted: promise.amount}, go: ask_payment}\n"
        "      deny: [{when: noted is known, say: goodbye, end: refused}, {go: ask_payment}]",
    )
    bundle = compile_bundle(read_texts(files)).need()
    turn = hear(verified(bundle), "refuse", bundle=bundle)
    assert turn.session.facts["noted"] == 20_000
    for intent in ("who_is_this", "repeat", "deny"):
        turn = hear(turn, intent, bundle=bundle)
    assert not turn.session.ended


def test_a_blocked_sentence_that_is_itself_forbidden_ends_the_call_silently():
    bundle = edited("flows/call/flow.yaml", "identity_confirmed: {go: verify}", "identity_confirmed: {go: ask_payment}")
    bundle = edited_again(bundle)
    turn = hear(begin(bundle), "identity_confirmed", bundle=bundle)
    assert turn.utterances == ()
    assert turn.session.disposition == "ended_by_rule"


def edited_again(_bundle):
    from engine.compiler import compile_bundle
    from engine.source.read import read_texts
    from tests.engine.runtime.calls import texts

    files = texts()
    for path, body in files.items():
        body = body.replace("identity_confirmed: {go: verify}", "identity_confirmed: {go: ask_payment}")
        files[path] = body.replace("blocked: {say: cannot_continue", "blocked: {say: mini_miranda")
    return compile_bundle(read_texts(files)).need()


def test_a_suppression_stands_whatever_follows():
    turn = hear(begin(), "identity_confirmed", "stop_calling")
    assert [(s.scope, s.reason) for s in turn.suppressions] == [("phone", "stop_calling")]
    assert turn.session.disposition == "stop_requested"


def test_verification_falls_when_someone_else_takes_the_phone():
    turn = hear(verified(), "new_person")
    assert turn.session.facts.get("party.verified") is not True
    assert "heard.zip" not in turn.session.facts
    assert prompts(turn) == ["identify", "greeting"]


def test_a_machine_hears_only_the_limited_content():
    session = start(small(), "c2", "call", "en-US", AT, FACTS, ("America/Chicago",))
    turn = step(small(), session, Event(EventKind.VOICEMAIL, AT))
    assert prompts(turn) == ["limited_content"]
    assert turn.session.disposition == "voicemail_left"


def test_silence_ends_in_a_bounded_number_of_prompts():
    turn = begin()
    said = []
    while not turn.session.ended:
        turn = hear(turn, "silence")
        said += prompts(turn)
    assert said == ["are_you_there", "are_you_there"]
    assert turn.session.disposition == "no_response"


def test_a_handler_that_is_used_up_counts_as_unclear():
    turn = begin()
    for _ in range(2):
        turn = hear(turn, "who_is_this")
        assert prompts(turn) == ["identify"]
    assert prompts(hear(turn, "who_is_this")) == ["sorry_again"]


def test_an_ended_call_takes_no_turn():
    turn = hear(begin(), "stop_calling")
    with pytest.raises(CallEnded, match="stop_requested"):
        hear(turn, "affirm")


def test_a_turn_cannot_set_what_a_host_or_a_rule_supplies():
    turn = hear(begin(), "identity_confirmed", slots={"party.verified": True, "party.zip": "00000"})
    assert turn.session.facts["party.zip"] == "78701"
    assert turn.session.facts.get("party.verified") is not True


def test_a_host_cannot_say_that_the_callee_is_verified():
    session = start(small(), "c", "call", "en-US", AT, {**FACTS, "party.verified": True})
    assert "party.verified" not in session.facts


def test_a_session_and_an_event_come_back_from_json():
    session = verified().session
    assert session_from_json(json.loads(json.dumps(to_json(session)))) == session
    event = Event(EventKind.INTENTS, AT, intents=("affirm",), slots={"heard.zip": "1"}, played=0.5)
    assert event_from_json(json.loads(json.dumps(to_json(event)))) == event


def test_the_same_call_gives_the_same_bytes_in_two_processes():
    code = (
        "import json;from tests.engine.runtime.calls import *;from engine.runtime.codec import to_json;"
        "print(json.dumps([to_json(t) for t in (begin(), verified(), hear(verified(), 'stop_calling'))]))"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


def test_a_call_ends_under_the_bundle_it_began_under():
    with pytest.raises(ValueError, match="began under bundle"):
        step(small(), replace(begin().session, bundle="other"), Event(EventKind.SILENCE, AT))


def test_a_naive_time_is_refused():
    with pytest.raises(ValueError, match="offset"):
        step(small(), begin().session, Event(EventKind.SILENCE, AT.replace(tzinfo=None)))


def test_an_unknown_flow_or_locale_is_refused_with_what_there_is():
    with pytest.raises(UnknownFlow, match="there is: call"):
        start(small(), "c", "cal", "en-US", AT, FACTS)
    with pytest.raises(UnknownFlow, match="en-US"):
        start(small(), "c", "call", "fr-FR", AT, FACTS)


def test_a_call_of_endless_turns_is_ended():
    turn = begin()
    session = replace(turn.session, turn=199)
    ended = step(small(), session, Event(EventKind.INTENTS, AT + timedelta(hours=1), intents=("repeat",)))
    assert ended.session.disposition == "max_turns"


def test_secrets_are_not_written_into_decisions():
    for turn in (
        hear(hear(begin(), "identity_confirmed"), "give_identifier", slots={"heard.zip": "78701"}),
        verified(),
    ):
        shown = json.dumps([to_json(d) for d in turn.decisions])
        assert "78701" not in shown
        assert str(DOB) not in shown


def ordered_by_rules(*rules):
    """Return what is said first in a bundle with these more rules, all of which want a prompt before the greeting."""
    more = "".join(
        f"  {name}: {{ask: before_speaking, must_say: {say}, before: {before}, source: house rule, severity: house}}\n"
        for name, say, before in rules
    )
    bundle = edited("policies/us/calls.yaml", "  us.voicemail:", more + "  us.voicemail:")
    return prompts(begin(bundle))


def test_what_a_required_prompt_itself_requires_comes_first():
    assert ordered_by_rules(("a.first", "are_you_there", "greeting"), ("b.second", "ask_zip", "[are_you_there]")) == [
        "identify",
        "ask_zip",
        "are_you_there",
        "greeting",
    ]


def test_prompts_required_together_wait_for_one_another():
    said = ordered_by_rules(
        ("a.first", "are_you_there", "greeting"), ("b.second", "ask_zip", "[greeting, are_you_there]")
    )
    assert said == ["identify", "ask_zip", "are_you_there", "greeting"]


def test_prompts_that_are_both_required_before_anything_go_by_their_rules_names():
    assert ordered_by_rules(("a.first", "ask_zip", "anything")) == ["ask_zip", "identify", "greeting"]
    assert ordered_by_rules(("z.last", "ask_zip", "anything")) == ["identify", "ask_zip", "greeting"]


def test_a_required_prompt_stands_in_a_decision_with_its_rule():
    fired = {f.rule: f for d in verified().decisions for f in d.fired}
    assert fired["us.mini_miranda"].effect == "must_say"
    assert "us.mini_miranda" in {
        f.rule for d in verified().decisions if d.subject == "balance_and_ask" for f in d.fired
    }


def test_whoever_takes_the_phone_is_heard_before_anything_else_that_was_said():
    bundle = edited(
        "policies/us/calls.yaml",
        "  us.stop:",
        "  us.someone: {ask: on_hearing, when: heard.refuse, derive: {new_person: true}, "
        "source: house rule, severity: house}\n"
        "  us.stop:",
    )
    turn = hear(verified(bundle), "promise", "refuse", bundle=bundle, slots={"promise.amount": 5000})
    assert turn.session.state == "greeting"
    assert turn.session.facts.get("party.verified") is not True
    assert "promise.amount" not in turn.session.facts
