"""The examples of the language, completed to one bundle, compile and do what they say."""

from pathlib import Path, PurePosixPath

import pytest

from engine.bundle import CompiledBundle
from engine.compiler import compile_bundle
from engine.rehearsal.replay import Replay, replay
from engine.rehearsal.scenario import read_scenario
from engine.source.documents import Sources
from engine.source.read import read_folder, read_texts
from engine.source.render import render
from engine.terms import Kind

FOLDER = Path(__file__).parents[2] / "data" / "language_examples"
FLOW = PurePosixPath("flows/collections/flow.yaml")


def played(sources: Sources, name: str) -> Replay:
    """Return the scenario *name* of *sources*, replayed under them."""
    bundle = compile_bundle(sources).need()
    (document,) = (d for d in sources.of(Kind.SCENARIO) if d.id == name)
    scenario, found = read_scenario(document, bundle)
    assert scenario is not None, found
    return replay(bundle, scenario)


def edited(*edits: tuple[str, str]) -> Sources:
    """Return the examples with the flow edited."""
    texts = dict(read_folder(FOLDER).texts)
    for old, new in edits:
        assert texts[FLOW].count(old) == 1, old
        texts[FLOW] = texts[FLOW].replace(old, new)
    return read_texts(texts)


@pytest.fixture(scope="module")
def examples() -> Sources:
    return read_folder(FOLDER)


def test_they_compile(examples: Sources) -> None:
    compiled = compile_bundle(examples)
    assert compiled.bundle is not None, "\n".join(render(f, examples.texts) for f in compiled.findings)
    assert {str(kind) for kind in Kind} == {str(document.kind) for document in examples.documents}
    rules = {rule.id for rules in compiled.bundle.rules.values() for rule in rules}
    assert {"us.frequency.seven_in_seven", "us.rpv.before_debt", "rpv.two_identifiers", "place.cap[MA]"} <= rules


@pytest.mark.parametrize("name", ["third_party_asks", "promise", "payment", "voicemail", "stop", "caps"])
def test_they_run(examples: Sources, name: str) -> None:
    result = played(examples, name)
    assert [render(failure, examples.texts) for failure in result.failures] == []


def test_a_balance_before_verification_is_never_said() -> None:
    result = played(edited(("    say: greeting\n", "    say: [greeting, balance_and_ask]\n")), "promise")
    first = result.exchanges[0].turn
    assert [u.prompt for u in first.utterances] == ["identify", "cannot_continue"]
    assert first.session.disposition == "ended_by_rule"
    assert "us.rpv.before_debt" in first.prevented
    assert not {"debt", "collecting", "payment"} & set(first.session.disclosed)
    (denied,) = (d for d in first.decisions if d.subject == "balance_and_ask" and d.denying)
    assert denied.facts["party.verified"] is False


def test_a_move_to_the_balance_without_verification_is_held_back() -> None:
    result = played(edited(("identity_confirmed: {go: verify}", "identity_confirmed: {go: ask_payment}")), "promise")
    turn = result.exchanges[1].turn
    assert "us.rpv.before_debt" in turn.prevented
    assert turn.session.disposition == "ended_by_rule"
    assert "240" not in " ".join(e.turn.text for e in result.exchanges)


def test_a_payment_before_the_yes_is_never_taken() -> None:
    early = ("        - {go: pay}\n", "        - {do: {take_payment: {amount: promise.amount}}, go: pay}\n")
    result = played(edited(early), "payment")
    turn = result.exchanges[4].turn
    assert turn.prevented == ("pay.explicit_yes",)
    assert turn.session.disposition == "ended_by_rule"
    assert [a.name for e in result.exchanges for a in e.turn.actions] == []


def test_a_payment_on_a_yes_to_something_else_is_never_taken() -> None:
    other = ("    say: payment_readback\n", "    say: [payment_readback, who_we_are]\n")
    asked = played(edited(other), "payment")
    assert [a.name for e in asked.exchanges for a in e.turn.actions] == ["take_payment"]
    unasked = played(edited(("    say: payment_readback\n", "    say: who_we_are\n")), "payment")
    assert unasked.exchanges[-1].turn.prevented == ("pay.explicit_yes",)
    assert [a.name for e in unasked.exchanges for a in e.turn.actions] == []


def test_layout_does_not_change_the_digest(examples: Sources) -> None:
    texts = {
        path: f"# a comment\n{text}".replace("  greeting:\n", "\n  greeting:\n")
        for path, text in examples.texts.items()
    }
    again: CompiledBundle = compile_bundle(read_texts(texts)).need()
    assert again.digest == compile_bundle(examples).need().digest
    changed = compile_bundle(edited(("times: 2, say: are_you_there", "times: 3, say: are_you_there"))).need()
    assert changed.digest != again.digest
