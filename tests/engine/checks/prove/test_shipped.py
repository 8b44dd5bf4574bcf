"""The search foresees what the engine does, over thousands of turns of calls of the bundle that ships.

Steps, state, what is known, what was said and whether the rule held something back. Together some thousands of turns.
"""

import random
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path, PurePosixPath

import pytest

from engine.bundle import CompiledBundle, Fact, NeverDo, NeverSay, OnlySay
from engine.checks.prove.confirm import deaf, sample_facts
from engine.checks.prove.limits import Budget
from engine.checks.prove.model import ENDED, Model, Move, Situation
from engine.checks.prove.proof import Verdict
from engine.checks.prove.prover import Prover
from engine.checks.prove.slices import Depth, Slicer
from engine.checks.run import run
from engine.compiler import compile_bundle
from engine.expressions.tree import Value
from engine.runtime.session import CallSession, Event, Turn
from engine.runtime.step import start, step
from engine.source.read import read_folder, read_texts
from engine.terms import Ask, EventKind, FactSource, ValueType

AS_OF = date(2026, 3, 10)
AT = datetime(2026, 3, 10, 19, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[4]
CALLS, LONGEST = 50, 12
PLACES = ({"US"}, {"US", "TX"}, {"US", "MA"}, {"US", "NY", "NYC"})


@cache
def shipped() -> CompiledBundle:
    return compile_bundle(read_folder(ROOT, scenarios=False)).need()


@cache
def model_of(rule: str) -> Model:
    bundle = shipped()
    flow = bundle.flows["collections"]
    discloses = {p.id: p.discloses for p in bundle.prompts.values()}
    part = Slicer(bundle, flow, AS_OF).cut((bundle.rule(rule),), Depth.READ)
    return Model(flow, part, bundle.vocabulary.protected, discloses)


def bans() -> list[str]:
    rules = shipped().rules[Ask.BEFORE_SPEAKING]
    ban = NeverSay | NeverDo | OnlySay
    return [r.id for r in rules if r.status.enforced and any(isinstance(e, ban) for e in r.effects)]


def value(fact: Fact, session: CallSession, chance: random.Random) -> Value:
    """Return something a callee may say for a slot: what is true of the account, something near it, or two things."""
    own = session.facts.get(fact.name.replace("heard.", "party."))
    by_type: dict[ValueType, list[Value]] = {
        ValueType.MONEY: [4_000, 20_000, 42_000, 90_000],
        ValueType.DATE: [AS_OF.toordinal() + n for n in (-1, 0, 3, 40, 400)],
        ValueType.TIME: [30_000, 43_200, 80_000],
        ValueType.TEXT: ["00000", "1234"],
        ValueType.INT: [1, 3],
        ValueType.BOOL: [True, False],
    }
    known = [own] * 3 if own is not None else []
    return chance.choice([*known, *by_type.get(fact.type, []), None])


def happening(session: CallSession, chance: random.Random) -> Event:
    """Return what may happen next, what the state hears oftener than the rest."""
    bundle = shipped()
    at = AT + timedelta(seconds=10 * session.turn)
    played = chance.choice([None, None, None, 0.0, 0.4, 0.8])
    others = [EventKind.SILENCE, EventKind.NEW_PERSON, EventKind.VOICEMAIL, EventKind.CALL_SCREENER, EventKind.ANSWERED]
    kind = chance.choice([EventKind.INTENTS] * 16 + others)
    if kind is not EventKind.INTENTS:
        return Event(kind, at, played=played)
    state = bundle.flows[session.flow].states.get(session.state)
    names = sorted({i.id for specs in bundle.intents.values() for i in specs})
    near = sorted(set(state.hears) & set(names) - set(bundle.vocabulary.protected)) if state else []
    some = chance.sample(names, chance.choice([0, 0, 1, 2])) if chance.random() < 0.4 else []
    intents = tuple(dict.fromkeys([*([chance.choice(near)] if near else []), *some]))
    asked = state.asks if state else ()
    slots = {
        f.name: value(f, session, chance)
        for f in bundle.vocabulary.facts.values()
        if f.origin is FactSource.HEARD and chance.random() < (0.9 if f.name in asked else 0.1)
    }
    return Event(kind, at, intents=intents, slots=slots, played=played)


def heard_of(session: CallSession, played: float | None) -> tuple[str, ...]:
    """Return the prompts that are heard to their end when the next event comes at *played*."""
    total = sum(length for _, length, _ in session.pending)
    heard, done = [], 0
    for prompt, length, locale in session.pending:
        done += length
        if done <= total * (1.0 if played is None else played) + 1e-9 and locale == session.locale:
            heard.append(prompt)
    return tuple(heard)


def known_as(model: Model, session: CallSession) -> int:
    """Return what the model takes to be known."""
    regions = []
    for cluster in model.knowledge.clusters:
        facts: dict[str, Value] = {}
        for tracked in cluster.facts:
            name = tracked.name
            held = session.facts.get(name, model.knowledge.first_value(name))
            if name in shipped().parameters:
                held = shipped().parameters[name].on(AS_OF)
            elif name.endswith("@in_force"):
                held = True
            elif name == "clock.today":
                held = AS_OF.toordinal()
            elif name in model.slice.facts and model.slice.facts[name].of_places:
                fitting = [w[name] for w in cluster.witnesses if w[name] <= session.facts.get(name, frozenset())]
                held = max(fitting, key=len)
            facts[name] = held
        region = cluster.find(facts)
        assert region is not None, (cluster.names, facts)
        regions.append(region)
    return model.hearer.settle(model.knowledge.number(tuple(regions)))


def situation(model: Model, session: CallSession, played: float | None) -> Situation:
    heard = heard_of(session, played)
    bits = model.knowledge.prompt_bits
    said = sum(bits.get(prompt, 0) for prompt in {*session.said, *heard})
    asked = sum(bits.get(prompt, 0) for prompt in set(heard)) & model.knowledge.asked_bits
    return Situation(model.index[session.state], known_as(model, session), said, asked)


def steps_of(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if name != "again" and not name.endswith("/again"))


def foresees(model: Model, move: Move, turn: Turn) -> bool:
    """Return whether *move* is how *turn* went: its steps, its end or where it leads, what is known and said."""
    if steps_of(tuple(step.id for step in move.plan.steps)) != steps_of(turn.steps):
        return False
    if (move.plan.state == ENDED) != turn.session.ended:
        return False
    result = model.result(move.plan, move.hearing)
    if turn.session.ended:
        return True
    pending = tuple(prompt for prompt, _, _ in turn.session.pending)
    bits = model.knowledge.prompt_bits
    said = sum(bits.get(prompt, 0) for prompt in {*turn.session.said, *pending})
    after = known_as(model, turn.session)
    return any(
        (one.state, one.known, one.said) == (model.index[turn.session.state], after, said) for one in result.nexts
    )


@pytest.mark.parametrize("rule", bans())
def test_the_search_foresees_what_the_engine_does(rule: str) -> None:
    bundle, model = shipped(), model_of(rule)
    silent, chance = deaf(bundle), random.Random(f"calls for {rule}")
    turns = 0
    for number in range(CALLS):
        facts = sample_facts(bundle) | {"account.places": frozenset(PLACES[number % len(PLACES)])}
        session = start(silent, "c", "collections", bundle.locales[0], AT, facts, ("America/New_York",))
        turn = step(silent, session, Event(EventKind.ANSWERED, AT))
        for _ in range(LONGEST):
            if turn.session.ended:
                break
            event = happening(turn.session, chance)
            before = situation(model, turn.session, event.played)
            after = step(silent, turn.session, event)
            moves = list(model.moves(before))
            if after.prevented:
                broken = {b.rule for m in moves for b in model.result(m.plan, m.hearing).breaches}
                assert rule not in after.prevented or broken, (event, before)
                break
            ruled = not after.steps and after.session.ended
            assert ruled or any(foresees(model, m, after) for m in moves), (event, before, after.steps)
            turns += 1
            turn = after
    assert turns > 100


def edited(*taken_out: tuple[str, str], by: str = "") -> CompiledBundle:
    """Return the bundle that ships without some of what is written in its files, or with *by* in place of it."""
    texts = dict(read_folder(ROOT, scenarios=False).texts)
    for file, written in taken_out:
        path = PurePosixPath(file)
        assert written in texts[path]
        texts[path] = texts[path].replace(written, by, 1)
    return compile_bundle(read_texts(texts)).need()


def test_a_length_of_time_beside_a_date_is_so_many_days() -> None:
    flow = "flows/take_promise/flow.yaml"
    bundle = edited(
        (flow, "            - promise.date <= clock.today + pay.longest_wait\n"),
        (flow, "              - promise.date > clock.today + pay.longest_wait\n"),
    )
    (broken,) = Prover(bundle, AS_OF).prove(only=("pay.promise.bounds",))
    assert broken.verdict is Verdict.BROKEN
    assert broken.where == "take_promise/readback/affirm/1"


@pytest.mark.parametrize(
    ("file", "taken_out", "rule", "step"),
    [
        (
            "flows/take_promise/flow.yaml",
            "            - asked.promise_readback\n",
            "pay.promise.explicit_yes",
            "take_promise/readback/affirm/1",
        ),
        (
            "flows/collections/flow.yaml",
            "            - asked.payment_line_offer\n",
            "pay.hand_off.explicit_yes",
            "collections/pay_now/affirm/1",
        ),
    ],
)
def test_a_question_that_is_not_waited_for_is_shown_by_a_call(file: str, taken_out: str, rule: str, step: str) -> None:
    """Whoever cuts in has not heard the question."""
    proofs = {p.rule: p for p in Prover(edited((file, taken_out)), AS_OF).prove(only=(rule, "us.identify"))}
    broken = proofs[rule]
    assert broken.verdict is Verdict.BROKEN
    assert broken.where == step
    assert broken.prevented == (rule,)
    (last,) = (line.text for line in broken.call if line.who == "callee" and line.turn == broken.call[-1].turn)
    assert last.endswith(("(cutting in)", "(before anything was heard)"))
    assert "Alex Alex" not in " ".join(line.text for line in broken.call)


READBACK, FLOW = "flows/take_promise/flow.yaml", "flows/collections/flow.yaml"


def test_what_equals_something_else_is_as_small_as_that() -> None:
    """What was read back is at most the balance, and only that is promised: a second question is not needed."""
    bundle = edited((READBACK, "            - promise.amount <= account.balance\n"))
    (proof,) = Prover(bundle, AS_OF).prove(only=("pay.promise.bounds",))
    assert proof.verdict is Verdict.PROVED


def test_a_proof_that_rests_on_what_the_flow_notes_is_small() -> None:
    bundle = edited((READBACK, "            - promise.amount <= account.balance\n"))
    (proof,) = Prover(bundle, AS_OF, Budget(3_000, 30_000)).prove(only=("pay.promise.bounds",))
    assert proof.verdict is Verdict.PROVED


def test_what_the_host_and_a_machine_must_say_for_a_breach_is_told() -> None:
    bundle = edited((FLOW, "say: limited_content, end: voicemail_left"), by="say: greeting, end: voicemail_left")
    (proof,) = Prover(bundle, AS_OF).prove(only=("us.voicemail.exact",))
    assert proof.verdict is Verdict.BROKEN
    assert {line.turn for line in proof.call} == {1}
    assert any("voicemail.mailbox: unknown → consumer" in line.text for line in proof.call)


def test_a_screener_that_puts_someone_through_later_is_shown() -> None:
    """Who speaks after the screener is someone new, to whom what was asked of another is said again."""
    guarded = "    - {when: party.verified, say: sorry_again, again: 2}\n"
    bundle = edited((FLOW, guarded), by="    - {say: sorry_again, again: 2}\n")
    (proof,) = Prover(bundle, AS_OF).prove(only=("us.rpv.before_debt",))
    assert proof.verdict is Verdict.BROKEN
    heard = [line.text for line in proof.call if line.who == "callee"]
    assert heard[-2:] == ["(answered)", heard[-1]]
    assert "(call screener)" in heard


def test_a_call_that_goes_on_past_midnight_is_shown() -> None:
    bundle = edited((READBACK, "            - promise.date >= clock.today\n"))
    (proof,) = Prover(bundle, AS_OF).prove(only=("pay.promise.bounds",))
    assert proof.verdict is Verdict.BROKEN
    assert any("past midnight" in line.text for line in proof.call)


def test_a_new_person_who_is_told_the_same_again_is_one_finding() -> None:
    """What would be agreed with that person later is never come to, and no other sentence is looked at for it."""
    texts = dict(read_folder(ROOT, scenarios=False).texts)
    path = PurePosixPath("flows/collections/flow.yaml")
    assert "  new_person: {go: greeting}\n" in texts[path]
    texts[path] = texts[path].replace("  new_person: {go: greeting}\n", "  new_person: {again: 2}\n")
    sources = read_texts(texts)
    only = ("rule-can-be-broken", "could-not-prove", "slot-maybe-unset", "said-after-stop")
    report = run(sources, compile_bundle(sources).need(), (), AS_OF, only=only)
    (finding,) = report.findings
    assert finding.rule == "rule-can-be-broken"
    assert "`us.rpv.before_debt`" in finding.message
    assert "(new person)" in " ".join(finding.how)
    assert not report.unsure


def test_what_was_looked_at_before_an_edit_is_no_reason_not_to_decide() -> None:
    flow, asked = "flows/collections/flow.yaml", "    - {when: party.verified, say: sorry_again, again: 2}\n"
    only = ("slot-maybe-unset",)
    for by in ("    - {say: sorry_again, again: 2}\n", asked):
        texts = dict(read_folder(ROOT, scenarios=False).texts)
        path = PurePosixPath(flow)
        assert asked in texts[path]
        texts[path] = texts[path].replace(asked, by)
        sources = read_texts(texts)
        report = run(sources, compile_bundle(sources).need(), (), AS_OF, only=only)
        assert bool(report.findings) == (by != asked)


def test_the_step_that_takes_over_what_is_not_known_is_shown() -> None:
    """Others lead to the state of that step on conditions, but it is the step that must not do so."""
    texts = dict(read_folder(ROOT, scenarios=False).texts)
    path, asked = PurePosixPath("flows/collections/flow.yaml"), "              - callback.date is unknown\n"
    texts[path] = texts[path].replace(asked, "", 1)
    sources = read_texts(texts)
    report = run(sources, compile_bundle(sources).need(), (), AS_OF, only=("slot-maybe-unset",))
    (finding,) = report.findings
    assert texts[path].splitlines()[finding.span.line - 1].strip() == "go: callback_readback"


def test_a_shown_call_tells_what_is_usually_told() -> None:
    texts = dict(read_folder(ROOT, scenarios=False).texts)
    path = PurePosixPath("flows/collections/flow.yaml")
    texts[path] = texts[path].replace("  new_person: {go: greeting}\n", "  new_person: {again: 2}\n")
    sources = read_texts(texts)
    report = run(sources, compile_bundle(sources).need(), (), AS_OF, only=("slot-maybe-unset",))
    shown = [line for finding in report.findings if "callback_readback" in finding.message for line in finding.how]
    assert any("on Friday, March 13, 2026 at 2:00 PM" in line for line in shown), shown


def test_what_comes_behind_a_shortcut_is_decided() -> None:
    """Who is not verified comes no further; who says who they are, and all that proves it, as they ask does."""
    flow = "flows/collections/flow.yaml"
    bundle = edited((flow, "who_is_this: {say: who_we_are, again: 2}"), by="who_is_this: {go: ask_payment}")
    rules = ("us.rpv.before_debt", "us.truthful.time_barred_deals")
    proofs = {proof.rule: proof for proof in Prover(bundle, AS_OF).prove(only=rules)}
    assert {name: proofs[name].prevented for name in rules} == {name: (name,) for name in rules}


def test_a_change_of_person_that_a_right_hides_is_shown_and_what_the_rule_holds_back_is_the_end() -> None:
    """A right that no state answers is not understood, and who took the telephone hears the next sentence."""
    flow = "flows/collections/flow.yaml"
    written = (ROOT / flow).read_text("utf-8")
    handler = written[written.index("  inconvenient_time:\n") : written.index("  dispute:\n")]
    rules = ("us.rpv.before_debt", "us.rpv.no_deals")
    proofs = {proof.rule: proof for proof in Prover(edited((flow, handler)), AS_OF).prove(only=rules)}
    assert proofs["us.rpv.before_debt"].prevented == ("us.rpv.before_debt",)
    assert proofs["us.rpv.no_deals"].verdict is Verdict.PROVED
