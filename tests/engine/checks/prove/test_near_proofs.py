"""Bundles that are proved, and what becomes of the proofs when they are made dangerous.

The judge is the engine itself: calls are conducted with all that a callee may do, and where a rule holds something back
it is not proved. Where it is said to be broken, the call that is shown is gone again, event by event.
"""

from collections import Counter
from datetime import UTC, date, datetime

import pytest
from checks.prove.bundles_made import DANGEROUS, FLOW, HOST, NAMES, PROMPTS, RULES, Edit, after, drawn, every_edit
from checks.prove.calls_walked import held_back_first, walked

from engine.bundle import CompiledBundle, Flow, Rule
from engine.checks.prove import prover
from engine.checks.prove.confirm import Call, deaf
from engine.checks.prove.limits import Budget
from engine.checks.prove.proof import Proof, Verdict
from engine.checks.prove.prover import Prover
from engine.runtime.session import Event
from engine.runtime.step import MOST_TURNS, start, step
from engine.terms import EventKind

AS_OF = date(2026, 3, 10)
BUDGET = Budget(8_000, 60_000)
HOUSE = {"source": "x", "severity": "house"}
DRAWN, SHOWN = 50, 12
SINGLE = (
    ("verified", 'policies/rules.yaml: rules/change/when/0 → {"none": ["heard.change"]}', "no_hand"),
    ("verified", 'flows/call/flow.yaml: states/check/hears/yes/2 → {"go": "more"}', "none_when_not"),
    ("agreed", "flows/call/flow.yaml: states/read/hears/yes/0 → nothing", "not_both"),
    ("agreed", 'flows/call/flow.yaml: states/read/hears/yes/1/when/7 → "pay.date >= clock.today + us.wait"', "late"),
    ("notices", """policies/rules.yaml: rules/not_here/when/0 → {"none": ["'TX' in account.places"]}""", "not_here"),
    ("notices", 'flows/call/flow.yaml: states/deal/hears/yes/1/set → {"call.locale": "es-US"}', "not_here"),
    ("notices", "flows/call/flow.yaml: anytime/voicemail → nothing", "only"),
    ("notices", 'flows/call/flow.yaml: anytime/new_person → {"again": 1}', "heard_it"),
    ("kinds", "flows/call/flow.yaml: states/hello/hears/yes/0 → nothing", "work"),
    (
        "kinds",
        'flows/call/flow.yaml: states/hello/hears/yes/0 → {"when": ["number.kind is unknown"], "go": "deal"}',
        "either",
    ),
    ("kinds", 'flows/call/flow.yaml: states/hello/hears/yes/2/when/2 → {"none": ["clock.time <= us.noon"]}', "either"),
    ("kinds", 'flows/call/flow.yaml: states/tell/hears/yes/0/when/2 → "clock.time <= us.noon"', "morning"),
    ("kinds", 'flows/call/flow.yaml: silence/then → {"go": "agree"}', "soon"),
    ("languages", 'flows/call/flow.yaml: states/tell/say → ["debt_two"]', "first"),
)
AIMED = (*DANGEROUS, *((name, (every_edit(name)[change],), rule) for name, change, rule in SINGLE))


@pytest.fixture
def unwalked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for no call that breaks what could not be proved: it takes long, and proves nothing."""
    monkeypatch.setattr(prover, "walk", lambda stage, wanted: {})


def verdicts(bundle: CompiledBundle) -> dict[str, Verdict]:
    return {proof.rule: proof.verdict for proof in Prover(bundle, AS_OF, BUDGET).prove()}


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_is_proved_before_anything_is_edited(name: str) -> None:
    proved = after(name)
    assert proved is not None
    assert set(verdicts(proved.bundle).values()) == {Verdict.PROVED}
    found = walked(proved.bundle, proved.made, 300, frozenset())
    assert not found.held_back
    assert found.turns >= 300


@pytest.mark.usefixtures("unwalked")
@pytest.mark.parametrize(("name", "changes", "rule"), AIMED)
def test_a_rule_that_a_call_breaks_is_not_proved(name: str, changes: tuple[Edit, ...], rule: str) -> None:
    near = after(name, *changes)
    assert near is not None
    assert verdicts(near.bundle)[rule] is not Verdict.PROVED
    found = walked(near.bundle, near.made, 6_000, frozenset((rule,)))
    assert rule in found.held_back


@pytest.mark.parametrize(("name", "changes", "rule"), DANGEROUS)
def test_a_rule_that_a_call_breaks_is_shown_to_be_broken(name: str, changes: tuple[Edit, ...], rule: str) -> None:
    """What rules ask about and no search follows is told too: words, slots, what the host supplies, a day."""
    near = after(name, *changes)
    assert near is not None
    assert verdicts(near.bundle)[rule] is Verdict.BROKEN


@pytest.mark.usefixtures("unwalked")
@pytest.mark.parametrize("part", range(5))
def test_no_call_breaks_what_is_proved_after_edits(part: int) -> None:
    told: Counter[Verdict] = Counter()
    broken = 0
    for seed in range(part, DRAWN, 5):
        near = drawn(f"near {seed}")
        found = walked(near.bundle, near.made, 400, frozenset())
        for rule, verdict in verdicts(near.bundle).items():
            assert verdict is not Verdict.PROVED or rule not in found.held_back, (seed, rule, found.held_back[rule])
            told[verdict] += 1
            broken += rule in found.held_back
    assert broken > 0
    assert told[Verdict.PROVED] > 0


@pytest.mark.parametrize("part", range(3))
def test_a_call_that_is_shown_happens(part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[str, Call, Proof]] = []
    keeping(monkeypatch, shown)
    for seed in range(part, SHOWN, 3):
        bundle = drawn(f"near {seed}").bundle
        shown.clear()
        proofs = [p for p in Prover(bundle, AS_OF, BUDGET).prove() if p.verdict is Verdict.BROKEN]
        assert {p.rule for p in proofs} <= {rule for rule, _, _ in shown} | {p.rule for p in proofs if p.inserted_by}
        silent = deaf(bundle)
        for rule, call, proof in shown:
            session = call.happenings[0].before
            assert session.turn == 0
            for number, happening in enumerate(call.happenings, 1):
                turn = step(silent, session, happening.event)
                session = turn.session
                lines = [line for line in proof.call if line.turn == number]
                heard = next(line.text for line in lines if line.who == "callee")
                assert all(intent in heard for intent in happening.event.intents)
                if number < len(call.happenings):
                    assert not turn.prevented
                    said = [f"{u.prompt}: {u.text}" for u in turn.utterances]
                    assert [line.text for line in lines if line.who == "agent"] == said
                    assert [line.text for line in lines if line.who == "action"] == [a.name for a in turn.actions]
            assert rule in held_back_first(turn)
            assert any(f"`{rule}` forbids it" in line.text for line in proof.call if line.turn == len(call.happenings))


def keeping(monkeypatch: pytest.MonkeyPatch, shown: list[tuple[str, Call, Proof]]) -> None:
    """Keep every call that a proof shows in *shown*."""
    found, walked_to = prover.broken, prover.broken_in

    def by_search(bundle: CompiledBundle, model: object, rule: Rule, way: object, call: Call, situations: int) -> Proof:
        proof = found(bundle, model, rule, way, call, situations)  # type: ignore[arg-type]
        shown.append((rule.id, call, proof))
        return proof

    def by_walk(bundle: CompiledBundle, flow: Flow, rule: Rule, call: Call) -> Proof:
        proof = walked_to(bundle, flow, rule, call)
        shown.append((rule.id, call, proof))
        return proof

    monkeypatch.setattr(prover, "broken", by_search)
    monkeypatch.setattr(prover, "broken_in", by_walk)


def test_the_last_turn_a_call_may_have_ends_it() -> None:
    """Nothing in the flow ends the call, and yet something must be said before it ends."""
    steps = {"go": "hello"}
    changes = (
        Edit(RULES, ("rules", "limited"), {"ask": "before_speaking", "must_say": "limited", "before": "end", **HOUSE}),
        Edit(PROMPTS.format("en-US"), ("prompts", "limited"), {"text": "Words.", "discloses": ["debt"]}),
        Edit(FLOW, ("silence", "then"), steps),
        Edit(FLOW, ("unclear", "then"), steps),
        Edit(FLOW, ("anytime", "stop_calling"), steps),
        Edit(FLOW, ("anytime", "human"), steps),
        Edit(FLOW, ("states",), {"hello": {"say": "hello", "hears": {"yes": steps}}}),
        Edit(RULES, ("rules", "over"), None),
    )
    near = after("asking", *changes)
    assert near is not None
    assert verdicts(near.bundle)["no_debt"] is not Verdict.PROVED
    silent, at = deaf(near.bundle), datetime(2026, 3, 10, 19, tzinfo=UTC)
    facts = {**HOST, "consent.given": False}
    session = start(silent, "c", "call", "en-US", at, facts, ("America/New_York",))
    for _ in range(MOST_TURNS):
        turn = step(silent, session, Event(EventKind.SILENCE, at))
        session = turn.session
    assert turn.prevented == ("no_debt",)
