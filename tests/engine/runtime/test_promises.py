"""What holds of every call of every bundle: looked for with random bundles and random events."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import lru_cache
from pathlib import Path, PurePosixPath

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine.bundle import CompiledBundle
from engine.compiler import compile_bundle
from engine.runtime.codec import event_from_json, session_from_json, to_json
from engine.runtime.session import CallSession, Event, Turn
from engine.runtime.step import start, step
from engine.source.read import read_texts
from engine.terms import EVENTS, EventKind
from tests.engine.runtime.calls import AT, DOB, FACTS, texts

GUARDED = {"debt", "collecting", "payment"}
FLOW, CHECK, RULES = "flows/call/flow.yaml", "flows/check/flow.yaml", "policies/us/calls.yaml"
ZONES = ("America/Chicago", "America/New_York")

PROMPTS = ("greeting", "balance_and_ask", "readback", "goodbye", "mini_miranda", "ask_zip", "limited_content")
STATES = ("greeting", "verify", "ask_payment", "read_back")
EDITS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (FLOW, "    say: greeting\n", tuple(f"    say: [greeting, {p}]\n" for p in PROMPTS[1:])),
    (FLOW, "identity_confirmed: {go: verify}", tuple(f"identity_confirmed: {{go: {s}}}" for s in STATES)),
    (FLOW, "failed: {say: cannot_continue, end: verification_failed}", tuple(f"failed: {{go: {s}}}" for s in STATES)),
    (FLOW, "who_is_this: {say: identify, again: 2}", tuple(f"who_is_this: {{say: {p}, again: 2}}" for p in PROMPTS)),
    (FLOW, "blocked: {say: cannot_continue", tuple(f"blocked: {{say: {p}" for p in PROMPTS)),
    (FLOW, "say: are_you_there", tuple(f"say: {p}" for p in PROMPTS)),
    (FLOW, "new_person: {go: greeting}", tuple(f"new_person: {{go: {s}}}" for s in STATES)),
    (FLOW, "voicemail: {say: limited_content", tuple(f"voicemail: {{say: {p}" for p in PROMPTS)),
    (CHECK, "refuse: {outcome: failed}", ("refuse: {outcome: verified}", "refuse: {say: readback, outcome: failed}")),
    (RULES, "when: [heard.zip == party.zip, heard.dob == party.dob]", ("when: heard.zip == party.zip",)),
    (RULES, "when: heard.stop_calling, suppress", ("when: heard.refuse, end_call: refused, suppress",)),
    (RULES, "must_say: mini_miranda, before: [debt, payment]", ("must_say: mini_miranda, before: end",)),
    (RULES, "derive: {callee.is_machine: 'true'}", ("derive: {new_person: 'true'}",)),
)  # fmt: skip


@lru_cache(maxsize=64)
def bundle_of(chosen: tuple[tuple[int, int], ...]) -> CompiledBundle | None:
    """Return the small bundle with some of the edits made, or None where they do not fit together."""
    files = texts()
    for number, way in chosen:
        path, old, news = EDITS[number]
        files[PurePosixPath(path)] = files[PurePosixPath(path)].replace(old, news[way % len(news)], 1)
    return compile_bundle(read_texts(files)).bundle


INTENTS = (
    "identity_confirmed", "who_is_this", "affirm", "deny", "refuse", "repeat", "give_identifier", "promise",
    "stop_calling", "wrong_party", "new_person", "nonsense",
)  # fmt: skip
SLOTS = st.fixed_dictionaries(
    {},
    optional={
        "heard.zip": st.sampled_from(["78701", "10001", "", None]),
        "heard.dob": st.sampled_from([DOB, 1, None]),
        "promise.amount": st.sampled_from([0, -5, 24000, 2**61, None]),
        "promise.date": st.sampled_from([AT.toordinal(), 1, 3_652_059, None]),
        "party.verified": st.just(True),
        "account.balance": st.just(1),
    },
)
PLAYED = st.none() | st.floats(0, 1) | st.sampled_from([float("nan"), float("inf"), -3.0])
WORDS = st.sampled_from(
    ["yes this is she", "wrong number", "78701", "May 3 1985", "", "i will pay 50 dollars friday", "\x00"]
)
KINDS = st.sampled_from([EventKind(name) for name in EVENTS if name != "hung_up"])
MEANT = st.lists(st.sampled_from(INTENTS), min_size=1, max_size=3).map(tuple)
EVENT = st.one_of(
    st.builds(Event, KINDS, st.just(AT), digits=st.sampled_from(["", "1", "78701"]), played=PLAYED),
    st.builds(Event, st.just(EventKind.INTENTS), st.just(AT), intents=MEANT, slots=SLOTS, played=PLAYED),
    st.builds(Event, st.just(EventKind.WORDS), st.just(AT), text=WORDS, played=PLAYED),
)  # fmt: skip
BUNDLES = st.lists(st.tuples(st.integers(0, len(EDITS) - 1), st.integers(0, 6)), max_size=4, unique_by=lambda e: e[0])
SEQUENCES = st.lists(EVENT, min_size=1, max_size=12)
OPENING = (Event(EventKind.ANSWERED, AT),)
TO_VERIFIED = (
    Event(EventKind.INTENTS, AT, intents=("identity_confirmed",)),
    Event(EventKind.INTENTS, AT, intents=("give_identifier",), slots={"heard.zip": "78701"}),
    Event(EventKind.INTENTS, AT, intents=("give_identifier",), slots={"heard.dob": DOB}),
)


def line(turn: Turn) -> str:
    """Return *turn* as one line of JSON."""
    return json.dumps(to_json(turn), ensure_ascii=True, sort_keys=True)


def conversation(
    bundle: CompiledBundle, events: Sequence[Event], between: Callable[[CallSession], CallSession] = lambda s: s
) -> list[Turn]:
    """Return the turns of a call in which *events* happen, *between* being done to the session before each."""
    session = start(bundle, "c", "call", "en-US", AT, FACTS, ZONES)
    turns: list[Turn] = []
    for number, event in enumerate(events):
        if session.ended:
            break
        timed = Event(
            event.kind, AT + timedelta(seconds=10 * number), event.text, event.intents, event.slots, event.digits,
            event.played,
        )  # fmt: skip
        turns.append(step(bundle, between(session), timed))
        session = turns[-1].session
    return turns


def through_json(session: CallSession) -> CallSession:
    """Return *session* after a trip through text."""
    return session_from_json(json.loads(json.dumps(to_json(session))))


SOME = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@SOME
@given(BUNDLES, SEQUENCES, st.booleans())
def test_every_call_keeps_its_promises(chosen: list[tuple[int, int]], events: list[Event], verified: bool) -> None:
    bundle = bundle_of(tuple(sorted(chosen)))
    assume(bundle is not None)
    assert bundle is not None
    whole = (*OPENING, *(TO_VERIFIED if verified else ()), *events)
    turns = conversation(bundle, whole)
    stored = conversation(bundle, whole, through_json)
    assert [line(t) for t in turns] == [line(t) for t in stored]
    previous: Turn | None = None
    for turn, event in zip(turns, whole, strict=False):
        assert turn.faults == ()
        assert event_from_json(json.loads(json.dumps(to_json(event)))).kind is event.kind
        now = turn.session
        for spoken in turn.utterances:
            if GUARDED & set(spoken.discloses):
                assert now.facts.get("party.verified") is True
        if now.facts.get("callee.is_machine") is True:
            assert {u.prompt for u in turn.utterances} <= {"limited_content"}
        if previous is not None:
            _played(previous, turn, event)
        said = {*now.said, *(u.prompt for u in turn.utterances)}
        assert not turn.utterances or "identify" in said or now.facts.get("callee.is_machine") is True
        previous = turn


def _played(before: Turn, after: Turn, event: Event) -> None:
    """Check that exactly what fits into the part that was played is said; another person has heard nothing."""
    if event.kind is EventKind.NEW_PERSON or "new_person" in event.intents or "new_person" in repr(after.steps):
        return
    share = 1.0 if event.played is None else min(1.0, max(0.0, event.played)) if event.played == event.played else 0.0
    reach = share * sum(len(u.text) for u in before.utterances)
    heard, done = set(before.session.said), 0
    for spoken in before.utterances:
        done += len(spoken.text)
        if done <= reach + 1e-9:
            heard.add(spoken.prompt)
    assert set(after.session.said) in ({*heard}, set())


SCRIPT = """
import json, sys
sys.path.insert(0, sys.argv[1])
from tests.engine.runtime import test_promises as here
print(*here.fixed_lines(), sep="\\n")
"""


def fixed_lines() -> list[str]:
    """Return the turns of fixed calls under three bundles, one line each."""
    plans = [(), ((0, 0), (5, 1)), ((1, 2), (9, 0))]
    promise = Event(EventKind.INTENTS, AT, intents=("promise",), slots={"promise.amount": 500, "promise.date": 739_700})
    yes, bye = (Event(EventKind.INTENTS, AT, intents=(name,)) for name in ("affirm", "stop_calling"))
    words = Event(EventKind.WORDS, AT, text="yes this is she", played=0.5)
    calls = [(*OPENING, *TO_VERIFIED, promise, yes), (*OPENING, words, words, bye)]
    found: list[str] = []
    for plan in plans:
        bundle = bundle_of(plan)
        assert bundle is not None
        found += [line(turn) for call in calls for turn in conversation(bundle, call)]
    return found


def test_another_process_gives_the_same_bytes() -> None:
    root = Path(__file__).parents[3]
    here = fixed_lines()
    for seed in ("0", "4711"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        told = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(root)], capture_output=True, text=True, env=environment, check=True
        )
        assert told.stdout.splitlines() == here


def test_eight_threads_agree_with_one() -> None:
    alone = fixed_lines()
    with ThreadPoolExecutor(8) as pool:
        assert all(told == alone for told in pool.map(lambda _: fixed_lines(), range(24)))
