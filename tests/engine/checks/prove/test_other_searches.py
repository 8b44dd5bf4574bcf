"""What other checks say never happens, against calls that the engine conducts."""

import random
from collections import defaultdict
from collections.abc import Mapping

import pytest
from checks.bundles import AS_OF
from checks.prove.bundles_made import LOCALES, PROMPTS, RULES, WORDS, Drawn, Edit, after, drawn, every_edit
from checks.prove.calls_walked import walked

from engine.bundle import MustSay, NeverSay
from engine.checks.context import UNDECIDED
from engine.checks.prove.limits import Budget
from engine.checks.run import run
from engine.expressions.tree import ALWAYS
from engine.runtime.session import CallSession, Event, Turn
from engine.runtime.speaking import UNKNOWN_FACT
from engine.source.finding import Finding
from engine.terms import Ask, EventKind

BUDGET = Budget(8_000, 60_000)
MOST = 250
STOP = "stop_calling"
TALKING = {"debt", "payment"}
HOUSE = {"source": "x", "severity": "house"}


def findings(near: Drawn, check: str) -> list[Finding]:
    """Return what *check* finds, and what it could not decide."""
    return list(run(near.sources, near.bundle, (), AS_OF, only=(check,), budget=BUDGET).findings)


def answering(name: str, trigger: str) -> list[Edit]:
    return [edit for edit in every_edit(name).values() if edit.way[:2] == ("anytime", trigger)]


def missing_in(near: Drawn) -> set[tuple[str, str]]:
    """Return the prompts that nothing but an unknown fact that they name kept from being said, each with it."""
    found: set[tuple[str, str]] = set()

    def seen(way: tuple[Event, ...], before: CallSession, turn: Turn) -> object:
        for decision in turn.decisions if turn.prevented == (UNKNOWN_FACT,) else ():
            if any(fired.rule == UNKNOWN_FACT for fired in decision.fired):
                found.update((decision.subject, name) for name in decision.facts)
        return None

    walked(near.bundle, near.made, MOST, frozenset(), seen)
    return found


def said_in(found: list[Finding]) -> set[str]:
    """Return what *found* says to be unknown, in its own words; with it goes what else the same step leads to."""
    also = {name.partition(" without ")[::2] for f in found for name in f.also}
    return {f.message for f in found} | {f"`{fact}` may be unknown when `{prompt}` names it" for prompt, fact in also}


@pytest.mark.parametrize("part", range(3))
def test_what_is_said_to_be_known_is_never_missing(part: int) -> None:
    missing = clean = 0
    for seed in range(part, 24, 3):
        prompt, fact = ("sorry", "offer", "read_back", "ask")[seed % 4], ("pay.amount", "read.amount")[seed // 4 % 2]
        words = {"text": f"Words of {{{{ {fact} | money }}}}.", "discloses": []}
        near = drawn(f"known {seed}", *(Edit(PROMPTS.format(at), ("prompts", prompt), words) for at in LOCALES))
        lacking = missing_in(near)
        found = findings(near, "slot-maybe-unset")
        told = {f"`{name}` may be unknown when `{subject}` names it" for subject, name in lacking}
        assert any(f.rule == UNDECIDED for f in found) or told <= said_in(found), (seed, told)
        missing += bool(lacking)
        clean += not found
    assert missing > 0
    assert clean > 0


def said_after_stop(near: Drawn) -> set[str]:
    """Return what was said of the debt once the callee had said to stop, and that is not free to be said anyhow."""
    rules = near.bundle.rules[Ask.BEFORE_SPEAKING]
    effects = [effect for rule in rules for effect in rule.effects if rule.unless or rule.written != ALWAYS]
    bans = {c for effect in effects if isinstance(effect, NeverSay) for c in effect.classes}
    notices = {c for rule in rules for effect in rule.effects if isinstance(effect, MustSay) for c in effect.classes}
    found: set[str] = set()

    def seen(way: tuple[Event, ...], before: CallSession, turn: Turn) -> object:
        stopped = any(STOP in event.intents for event in way)
        if stopped:
            found.update(u.prompt for u in turn.utterances if TALKING & (bans | notices) & set(u.discloses))
        return stopped

    walked(near.bundle, near.made, MOST, frozenset(), seen)
    return found


@pytest.mark.parametrize("name", ["verified", "notices", "moments", "languages", "guarded"])
def test_nothing_is_said_of_the_debt_after_a_stop_unless_that_is_found(name: str) -> None:
    talked = 0
    for edit in random.Random(f"stop {name}").sample(answering(name, STOP), 5):
        near = after(name, edit)
        if near is not None:
            said = said_after_stop(near)
            assert not said or findings(near, "said-after-stop"), (str(edit), said)
            talked += bool(said)
    assert talked > 0


def unanswered_in(near: Drawn) -> set[str]:
    """Return the states in which a right, not answered before in that visit, led to something else."""
    found: set[str] = set()

    def seen(way: tuple[Event, ...], before: CallSession, turn: Turn) -> object:
        first = not any(STOP in name for name in before.counts)
        if STOP in way[-1].intents and first and not turn.prevented and turn.steps:
            found.update([] if any(f"/{STOP}/" in step for step in turn.steps) else [before.state])
        return None

    walked(near.bundle, near.made, MOST, frozenset(), seen)
    return found


@pytest.mark.parametrize("name", ["verified", "moments", "noted"])
def test_a_right_is_answered_as_such_unless_that_is_found(name: str) -> None:
    lost = 0
    for edit in answering(name, STOP)[:4]:
        near = after(name, edit)
        if near is not None:
            told = [f.message for f in findings(near, "right-unanswered")]
            unanswered = unanswered_in(near)
            assert not unanswered or any(f"`{STOP}` is not answered" in text for text in told), (str(edit), unanswered)
            lost += bool(unanswered)
    assert lost > 0


@pytest.mark.parametrize("part", range(2))
def test_states_are_led_to_and_left_unless_that_is_found(part: int) -> None:
    dead = 0
    for seed in range(part, 24, 2):
        near = drawn(f"states {seed}")
        ways, whole = ways_in(near)
        unled = {f.where.rpartition("/")[2] for f in findings(near, "dead-state")}
        assert not unled & ways.keys(), (seed, unled)
        dead += bool(unled)
        if whole and not findings(near, "call-can-never-end"):
            assert all(leads_to(ways, state, "") for state in ways), (seed, ways)
    assert dead > 0 or part


def ways_in(near: Drawn) -> tuple[Mapping[str, set[str]], bool]:
    """Return the states that calls were in, each with those it led to, '' for the end; and whether that is all."""
    found: dict[str, set[str]] = defaultdict(set)

    def seen(way: tuple[Event, ...], before: CallSession, turn: Turn) -> object:
        here = before.state or near.bundle.flows["call"].start
        for there in (*turn.states, "" if turn.session.ended and not turn.prevented else turn.session.state):
            found[here].add(there)
            here = there
        return None

    whole = walked(near.bundle, near.made, MOST, frozenset(), seen).whole
    found.pop("", None)
    return found, whole


def leads_to(ways: Mapping[str, set[str]], start: str, end: str) -> bool:
    seen, waiting = {start}, [start]
    while waiting:
        more = ways.get(waiting.pop(), set()) - seen
        seen |= more
        waiting += more
    return end in seen


def told_to_another(near: Drawn) -> bool:
    """Return whether what only the verified may hear is said to someone who took the phone and told nothing."""
    found: list[bool] = []

    def seen(way: tuple[Event, ...], before: CallSession, turn: Turn) -> object:
        since = next((n for n, event in enumerate(reversed(way)) if event.kind is EventKind.NEW_PERSON), None)
        another = since is not None and not any(event.slots for event in way[len(way) - since :])
        found.append(another and any("debt" in u.discloses for u in turn.utterances))
        return another

    walked(near.bundle, near.made, 3_000, frozenset(), seen)
    return any(found)


FORGETS = Edit(WORDS, ("facts", "party.verified", "lasts"), None)
BY_WHEN = tuple(
    Edit(RULES, ("rules", name), {"ask": "before_speaking", **ban, "when": [{"none": ["party.verified"]}], **HOUSE})
    for name, ban in (("no_debt", {"never_say": ["debt"]}), ("no_hand", {"never_do": ["hand_off"]}))
)
IN_TWO_STEPS = (
    Edit(WORDS, ("facts", "party.matched"), {"type": "bool", "from": "policy", "initially": "false"}),
    Edit(RULES, ("rules", "two", "derive"), {"party.matched": "true"}),
    Edit(
        RULES,
        ("rules", "then"),
        {"ask": "on_hearing", "when": ["party.matched"], "derive": {"party.verified": "true"}, **HOUSE},
    ),
)


@pytest.mark.parametrize(
    "changes", [(FORGETS,), (FORGETS, *BY_WHEN), IN_TWO_STEPS], ids=["unless", "when", "in two steps"]
)
def test_who_was_verified_is_found_to_outlast_the_person(changes: tuple[Edit, ...]) -> None:
    near = after("verified", *changes)
    assert near is not None
    assert told_to_another(near)
    assert findings(near, "identity-not-reset")


def test_who_is_verified_anew_is_not_found() -> None:
    near = after("verified")
    assert near is not None
    assert not told_to_another(near)
    assert not findings(near, "identity-not-reset")
