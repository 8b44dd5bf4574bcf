"""The search and the engine go the same way: generated calls, and the calls that break rules."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from checks.bundles import base
from runtime.calls import texts as small_texts

from engine.bundle import CompiledBundle, NeverDo, NeverSay, OnlySay
from engine.checks.prove.confirm import deaf, sample_facts
from engine.checks.prove.model import ENDED, Model, Situation
from engine.checks.prove.proof import Verdict
from engine.checks.prove.prover import Prover
from engine.checks.prove.slices import Depth, Slicer
from engine.compiler import compile_bundle
from engine.runtime.session import CallSession, Event, Turn
from engine.runtime.step import start, step
from engine.source.read import read_texts
from engine.terms import Ask, EventKind

AS_OF = date(2026, 3, 10)
AT = datetime(2026, 3, 10, 19, 0, tzinfo=UTC)


def compiled(small: bool) -> CompiledBundle:
    return compile_bundle(read_texts(small_texts() if small else base())).need()


def model_of(bundle: CompiledBundle, depth: Depth) -> Model:
    flow = next(iter(bundle.flows.values()))
    goals = tuple(
        r
        for r in bundle.rules[Ask.BEFORE_SPEAKING]
        if any(isinstance(e, NeverSay | NeverDo | OnlySay) for e in r.effects)
    )
    discloses = {p.id: p.discloses for p in bundle.prompts.values()}
    return Model(flow, Slicer(bundle, flow, AS_OF).cut(goals, depth), bundle.vocabulary.protected, discloses)


def seen_as(model: Model, session: CallSession, heard: tuple[str, ...]) -> Situation:
    """Return where *session* stands in the model, when *heard* is what was heard of its last utterance."""
    regions = []
    for cluster in model.knowledge.clusters:
        facts = {
            name: session.facts.get(name, model.knowledge.first_value(name)) if name in model.slice.facts else None
            for name in cluster.names
        }
        for tracked in cluster.facts:
            if tracked.name in model.slice.facts and model.slice.facts[tracked.name].of_places:
                held = session.facts.get(tracked.name, frozenset())
                best = [w for w in cluster.witnesses if w[tracked.name] <= held]
                facts[tracked.name] = max(best, key=lambda w: len(w[tracked.name]))[tracked.name]
            elif tracked.only and facts[tracked.name] not in tracked.only:
                facts[tracked.name] = tracked.only[0]
        region = cluster.find(facts)
        assert region is not None, (cluster.names, facts)
        regions.append(region)
    said = sum(bit for name, bit in model.knowledge.prompt_bits.items() if name in {*session.said, *heard})
    asked = sum(bit for name, bit in model.knowledge.prompt_bits.items() if name in heard)
    asked &= model.knowledge.asked_bits
    known = model.hearer.settle(model.knowledge.number(tuple(regions)))
    return Situation(model.index[session.state], known, said, asked)


def events(bundle: CompiledBundle, model: Model, session: CallSession, chance: random.Random) -> Event:
    at = AT + timedelta(seconds=10 * session.turn)
    played = chance.choice([None, None, 0.0, 0.5])
    kind = chance.choice([EventKind.INTENTS] * 5 + [EventKind.SILENCE, EventKind.NEW_PERSON, EventKind.VOICEMAIL])
    if kind is not EventKind.INTENTS:
        return Event(kind, at, played=played)
    names = sorted({i.id for specs in bundle.intents.values() for i in specs})
    intents = tuple(chance.sample(names, chance.choice([0, 1, 1, 1])))
    slots = {}
    if "heard.zip" in bundle.vocabulary.facts and chance.random() < 0.6:
        slots["heard.zip"] = chance.choice([session.facts.get("party.zip"), "00000", None])
    if "heard.dob" in bundle.vocabulary.facts and chance.random() < 0.6:
        slots["heard.dob"] = session.facts.get("party.dob")
    return Event(kind, at, intents=intents, slots=slots, played=played)


def spoken(turn: Turn, played: float | None) -> tuple[str, ...]:
    """Return the prompts of *turn* that are heard to their end when the next event comes at *played*."""
    total = sum(length for _, length, _ in turn.session.pending)
    heard, done = [], 0
    for prompt, length, _ in turn.session.pending:
        done += length
        if played is None or done <= total * played + 1e-9:
            heard.append(prompt)
    return tuple(heard)


@pytest.mark.parametrize("depth", [Depth.READ, Depth.DERIVED])
@pytest.mark.parametrize("small", [False, True], ids=["base", "small"])
def test_whatever_the_engine_does_the_model_foresees(small: bool, depth: Depth) -> None:
    bundle = compiled(small)
    silent, model, chance = deaf(bundle), model_of(bundle, depth), random.Random(7)
    turns = 0
    for _ in range(250):
        facts = sample_facts(bundle)
        session = start(silent, "c", model.flow.id, bundle.locales[0], AT, facts, ("America/New_York",))
        turn = step(silent, session, Event(EventKind.ANSWERED, AT))
        for _ in range(8):
            if turn.session.ended:
                break
            event = events(bundle, model, turn.session, chance)
            before = seen_as(model, turn.session, spoken(turn, event.played))
            after = step(silent, turn.session, event)
            if after.prevented:
                break
            turns += 1
            ways = [
                (tuple(s.id for s in move.plan.steps if s.id != "again"), move.plan.state)
                for move in model.moves(before)
            ]
            taken = tuple(name for name in after.steps if not name.endswith("/again"))
            state = ENDED if after.session.ended else model.index[after.session.state]
            if taken or not after.steps:
                assert (taken, state) in ways or (not taken and after.session.disposition), (event, after.steps)
            turn = after
    assert turns > 500


def test_a_broken_rule_comes_with_a_call_that_the_engine_stops() -> None:
    bundle = compiled(small=True)
    proofs = {p.rule: p for p in Prover(bundle, AS_OF).prove()}
    broken = [p for p in proofs.values() if p.verdict is Verdict.BROKEN]
    assert all(p.rule in p.prevented and p.call for p in broken)
    assert proofs["us.rpv"].verdict is Verdict.PROVED
    assert not [p for p in proofs.values() if p.verdict is Verdict.COULD_NOT_CHECK]
