"""Proofs without a search, and the folded look, against what they stand for: generated bundles.

The folded look has the verdicts of the search over all situations, slice by slice; and no call that is conducted by the
engine itself, which shares nothing with either, breaks a rule that was proved.
"""

import random
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import PurePosixPath

import pytest

from engine.bundle import CompiledBundle, Rule
from engine.checks.prove import memory
from engine.checks.prove.confirm import deaf, sample_facts
from engine.checks.prove.limits import Budget, TooLarge
from engine.checks.prove.memory import Memory, disclosed
from engine.checks.prove.model import Model
from engine.checks.prove.proof import Verdict
from engine.checks.prove.prover import Prover
from engine.checks.prove.search import search
from engine.checks.prove.slices import BANS, Depth, Slicer
from engine.compiler import compile_bundle
from engine.runtime.session import CallSession, Event
from engine.runtime.step import start, step
from engine.source.read import read_texts
from engine.terms import Ask, EventKind

AS_OF = date(2026, 3, 10)
AT = datetime(2026, 3, 10, 19, 0, tzinfo=UTC)
BUNDLES = 60
CALLS, LONGEST = 60, 10
BUDGET = Budget(20_000, 200_000)
INTENTS = ("yes", "no", "pay", "change")
PROMPTS = ("hello", "ask", "debt_one", "debt_two", "offer", "notice", "purpose", "bye", "sorry")
LISTENING = ("a", "b", "c", "d")
HEAD = "callwright: 1\nkind: {kind}\nid: {id}\nversion: 1.0.0\ntitle: Generated\n"
VOCABULARY = """\
places: {US: {}, TX: {within: US}}
classes: {debt: {about: a debt}, payment: {about: paying it}}
facts:
  account.places: {type: set, of: place, from: host}
  account.balance: {type: money, from: host}
  party.zip: {type: text, from: host}
  party.verified: {type: bool, from: policy, initially: false, lasts: person}
  matter.rests: {type: bool, from: policy, initially: false}
  just.said: {type: bool, from: policy, initially: false, lasts: turn}
  heard.zip: {type: text, from: heard, lasts: person}
  pay.amount: {type: money, from: heard, lasts: person}
  read.amount: {type: money, from: flow, lasts: person}
  read.times: {type: int, from: flow, initially: 0}
actions: {hand_off: {}, note: {}}
dispositions: {done: {}, blocked: {}, silent: {}}
protected: [stop, human]
"""
PARAMETERS = """\
parameters:
  soon:
    type: date
    unit: a day
    values: [{from: 2021-11-30, is: 2026-03-11, source: x}, {from: 2026-04-01, is: 2026-05-01, source: x}]
  noon:
    type: time
    unit: a time
    values: [{from: 2021-11-30, is: '12:00', source: x}]
"""
FACTS: tuple[tuple[str, ...], ...] = (
    *(("party.verified",), ("party.verified",), ("matter.rests",), ("just.said",), ("pay.amount is known",)),
    ("pay.amount is known", "account.balance is known", "pay.amount <= account.balance"),
    *(("pay.amount is known", "pay.amount > 5000"), ("'TX' in account.places",)),
    *(
        ("clock.today is known", "us.soon is known", "clock.today > us.soon"),
        ("clock.time is known", "us.noon is known", "clock.time < us.noon"),
    ),
)
NOTED: tuple[tuple[str, ...], ...] = (
    *(("read.amount is known",), ("read.times >= 2",), ("call.locale != 'es-US'",)),
    ("pay.amount is known", "read.amount is known", "pay.amount == read.amount"),
    ("read.amount is known", "account.balance is known", "read.amount > account.balance - 100"),
)
WORDS = tuple((f"heard.{intent}",) for intent in (*INTENTS, "stop", "silence", "voicemail"))
SPOKEN = (("asked.offer",), ("asked.ask",), ("said.notice",), ("said.offer",), ("said.debt_one",))


class Author:
    """Writes one bundle by chance: its rules by one seed, its flow by another."""

    def __init__(self, rules: int, flow: int) -> None:
        self.chance = random.Random(f"rules {rules}")
        self.law = self.rules()
        self.chance = random.Random(f"flow {flow}")

    def condition(self, *more: tuple[str, ...]) -> str:
        chance = self.chance
        few = chance.sample((*FACTS, *more), chance.choice([1, 1, 1, 2]))
        single = all(len(parts) == 1 for parts in few)
        parts = [f'"{one}"' for parts in few for one in parts]
        if single and chance.random() < 0.2:
            return f"[{{none: [{', '.join(parts)}]}}]"
        if single and chance.random() < 0.4:
            return f"[{{any: [{', '.join(parts)}]}}]"
        return f"[{', '.join(parts)}]"

    def rules(self) -> str:
        chance = self.chance
        told = "source: x, severity: house"
        lines = [
            f'  v: {{ask: on_hearing, when: ["heard.zip == party.zip"], derive: {{party.verified: "true"}}, {told}}}',
            f'  p: {{ask: on_hearing, when: [heard.change], derive: {{new_person: "true"}}, {told}}}',
        ]
        for n in range(chance.randint(1, 3)):
            fact = chance.choice(["matter.rests", "just.said", "party.verified", "matter.rests"])
            value = chance.choice(["true", "true", "false"])
            when = self.condition(*WORDS, *SPOKEN)
            lines.append(f'  derive{n}: {{ask: on_hearing, when: {when}, derive: {{{fact}: "{value}"}}, {told}}}')
        if chance.random() < 0.3:
            when = self.condition(*WORDS)
            lines.append(f"  over: {{ask: on_hearing, when: {when}, end_call: {{end: silent, say: bye}}, {told}}}")
        for n in range(chance.randint(0, 2)):
            before = chance.choice(["anything", "[debt]", "[payment]", "[debt_two]", "[notice]", "end"])
            prompt = chance.choice(["notice", "purpose", "debt_one"])
            unless = f", unless: {self.condition(*WORDS)}" if chance.random() < 0.4 else ""
            lines.append(f"  must{n}: {{ask: before_speaking, must_say: {prompt}, before: {before}{unless}, {told}}}")
        for n in range(chance.randint(2, 4)):
            bans = ("never_say: [debt]", "never_say: [payment]", "never_do: [hand_off]", "only_say: [hello, bye]")
            ban = chance.choice((*bans, "never_say: [debt]"))
            unless = f", unless: {self.condition(*WORDS, *SPOKEN)}" if chance.random() < 0.85 else ""
            when = f", when: {self.condition(*WORDS, *SPOKEN)}" if not unless or chance.random() < 0.3 else ""
            lines.append(f"  ban{n}: {{ask: before_speaking, {ban}{when}{unless}, {told}}}")
        return HEAD.format(kind="policy", id="us") + "place: US\n" + PARAMETERS + "rules:\n" + "\n".join(lines) + "\n"

    def step(self, *, stays: bool) -> str:
        chance = self.chance
        parts = []
        if chance.random() < 0.25:
            sets = ["read.amount: pay.amount", 'read.times: "read.times + 1"', "read.times: 0", "call.locale: es-US"]
            parts.append(f"set: {{{chance.choice(sets)}}}")
        if chance.random() < 0.2:
            parts.append(f"do: [{chance.choice(['hand_off', 'note'])}]")
        if chance.random() < 0.5:
            parts.append(f"say: {chance.choice(PROMPTS)}")
        to = chance.random()
        if to < 0.2 and stays:
            parts.append(f"again: {chance.randint(1, 2)}")
        elif to < 0.4:
            parts.append("end: done")
        else:
            parts.append(f"go: {chance.choice((*LISTENING, 'through'))}")
        return ", ".join(parts)

    def steps(self, *, stays: bool = True) -> str:
        guarded = [
            f"{{when: {self.condition(*WORDS, *SPOKEN, *NOTED)}, {self.step(stays=stays)}}}"
            for _ in range(self.chance.choice([0, 0, 1, 1, 2]))
        ]
        last = self.step(stays=False).replace("go: through", "go: a")
        return f"[{', '.join([*guarded, f'{{{last}}}'])}]"

    def flow(self) -> str:
        chance = self.chance
        lines = [
            HEAD.format(kind="flow", id="call") + f"start: {chance.choice((*LISTENING, 'a', 'through'))}",
            "blocked: {say: bye, end: blocked}",
            "silence: {times: 1, say: sorry, then: {end: silent}}",
            f"unclear: {{times: 1, say: {chance.choice(PROMPTS)}, then: {{{self.step(stays=False)}}}}}",
            "anytime:",
            f"  stop: {self.steps()}",
            "  human: {say: bye, end: done}",
        ]
        if chance.random() < 0.5:
            lines.append("  new_person: {go: a}")
        if chance.random() < 0.4:
            lines.append(f"  voicemail: {self.steps()}")
        lines.append("states:")
        for state in LISTENING:
            said = chance.sample(PROMPTS, chance.choice([1, 1, 2]))
            lines += [f"  {state}:", f"    say: [{', '.join(said)}]", "    hears:"]
            lines += [f"      {intent}: {self.steps()}" for intent in chance.sample(INTENTS, chance.randint(1, 3))]
        then = self.steps(stays=False).replace("go: through", f"go: {chance.choice(LISTENING)}")
        return "\n".join([*lines, "  through:", f"    then: {then}"]) + "\n"

    def texts(self) -> dict[PurePosixPath, str]:
        intents = "".join(
            f"  {intent}:\n    examples:\n" + "".join(f"      - {intent} in words {n}\n" for n in range(8))
            for intent in (*INTENTS, "stop", "human")
        )
        found = {
            "policies/vocabulary.yaml": HEAD.format(kind="vocabulary", id="words") + VOCABULARY,
            "policies/rules.yaml": self.law,
            "flows/call/flow.yaml": self.flow(),
        }
        for locale in ("en-US", "es-US"):
            said = "".join(
                f"  {p}: {{text: Words for {p}., discloses: [{_class(p)}]}}\n" if _class(p) else f"  {p}: Words, {p}.\n"
                for p in PROMPTS
            )
            head = HEAD.format(kind="prompts", id=f"said.{locale}")
            found[f"flows/prompts.{locale}.yaml"] = head + f"locale: {locale}\nprompts:\n" + said
            head = HEAD.format(kind="intents", id=f"meant.{locale}")
            found[f"flows/intents.{locale}.yaml"] = head + f"locale: {locale}\nintents:\n" + intents
        return {PurePosixPath(path): text for path, text in found.items()}


def _class(prompt: str) -> str:
    return {"debt_one": "debt", "debt_two": "debt", "offer": "payment"}.get(prompt, "")


@cache
def written(rules: int, flow: int | None = None) -> CompiledBundle:
    compiled = compile_bundle(read_texts(Author(rules, rules if flow is None else flow).texts()))
    assert compiled.bundle is not None, [str(f) for f in compiled.findings]
    return compiled.bundle


def bans(bundle: CompiledBundle) -> list[Rule]:
    return [r for r in bundle.rules[Ask.BEFORE_SPEAKING] if any(isinstance(e, BANS) for e in r.effects)]


def event(bundle: CompiledBundle, session: CallSession, at: datetime, chance: random.Random) -> Event:
    kinds = [EventKind.SILENCE, EventKind.NEW_PERSON, EventKind.VOICEMAIL, EventKind.ANSWERED]
    kind = chance.choice([*[EventKind.INTENTS] * 12, *kinds])
    played = chance.choice([None, None, 0.0, 0.5])
    if kind is not EventKind.INTENTS:
        return Event(kind, at, played=played)
    near = sorted(set(bundle.flows["call"].states[session.state].hears) & set(INTENTS)) if session.state else []
    names = [*([chance.choice(near)] if near and chance.random() < 0.8 else [])]
    names += chance.sample((*INTENTS, "stop"), chance.choice([0, 0, 1, 2]))
    slots = {}
    if chance.random() < 0.5:
        slots["heard.zip"] = chance.choice(["78701", "78701", "00000", None])
    if chance.random() < 0.5:
        slots["pay.amount"] = chance.choice([100, 5_001, 24_000, 24_001, None])
    return Event(kind, at, intents=tuple(dict.fromkeys(names)), slots=slots, played=played)


def prevented(bundle: CompiledBundle, seed: int) -> set[str]:
    """Return the rules that hold something back in calls by chance, conducted by the engine."""
    silent, chance = deaf(bundle), random.Random(f"calls {seed}")
    found: set[str] = set()
    for _ in range(CALLS):
        facts = sample_facts(bundle) | {
            "account.places": frozenset(chance.choice([{"US"}, {"US", "TX"}])),
            "account.balance": chance.choice([24_000, 4_000, None]),
            "party.zip": chance.choice(["78701", "78701", None]),
        }
        at = AT + timedelta(hours=chance.choice([0, 0, 8, 14, 40]))
        zones = chance.choice([("America/New_York",), ("America/New_York",), ()])
        session = start(silent, "c", "call", "en-US", at, facts, zones)
        for _ in range(LONGEST):
            turn = step(silent, session, event(bundle, session, at, chance))
            found |= set(turn.prevented)
            session = turn.session
            at += timedelta(seconds=20)
            if session.ended:
                break
    return found


@pytest.mark.parametrize("part", range(6))
def test_the_folded_look_finds_what_the_search_finds(part: int) -> None:
    compared = broken = 0
    for seed in range(part, BUNDLES, 6):
        bundle = written(seed)
        flow = bundle.flows["call"]
        known, slicer = Memory(bundle, AS_OF), Slicer(bundle, flow, AS_OF)
        paths = known.written(flow)
        assert paths is not None
        for depth in (Depth.READ, Depth.DERIVED):
            for goals in (*((rule,) for rule in bans(bundle)), tuple(bans(bundle))):
                try:
                    cut = slicer.cut(goals, depth)
                    model = Model(flow, cut, bundle.vocabulary.protected, disclosed(bundle))
                    searched = search(model, BUDGET)
                    reached = known.reach(slicer, cut).look(paths, flow.start, BUDGET)
                except TooLarge:
                    continue
                fires = {goal for goal, found in searched.found.items() if found}
                assert set(reached.broken) == fires, (seed, depth, [rule.id for rule in goals])
                compared += 1
                broken += len(fires)
    assert compared > 20
    assert broken > 5


@pytest.mark.parametrize("part", range(6))
def test_no_call_breaks_what_was_proved(part: int) -> None:
    proved = broken = 0
    for seed in range(part, BUNDLES, 6):
        bundle = written(seed)
        proofs = {p.rule: p for p in Prover(bundle, AS_OF, BUDGET).prove()}
        held_back = prevented(bundle, seed)
        for rule in bans(bundle):
            if proofs[rule.id].verdict is Verdict.PROVED:
                assert rule.id not in held_back, (seed, rule.id)
                proved += 1
            broken += rule.id in held_back
    assert proved > 3
    assert broken > 5


def test_what_is_remembered_of_other_flows_changes_no_proof() -> None:
    for rules in range(100, 106):
        flows = [written(rules, flow) for flow in range(200, 206)]
        anew = []
        for bundle in flows:
            memory._KEPT.clear()
            anew.append(Prover(bundle, AS_OF, BUDGET).prove())
        memory._KEPT.clear()
        again = [Prover(bundle, AS_OF, BUDGET).prove() for bundle in (*flows, *reversed(flows))]
        assert len(memory._KEPT) == 1
        assert again == [*anew, *reversed(anew)]
