"""
`only_say` goes before `must_say`, so what it lets through may be said without the notice that another rule requires.

Said of what a call can come to: a prompt that both rules are about, an action or the end, in a turn in which the flow
says or does it. Where it is meant, the rule that requires the notice says so with `unless`.

Flagged::

    # policies/rules.yaml
    rules:
      verify:
        ask: on_hearing
        when: heard.zip == party.zip
        derive: {party.verified: 'true'}
        source: house rule
        severity: house
      before_debt:
        ask: before_speaking
        never_say: [debt]
        unless: party.verified
        source: 12 CFR 1006.6(d)(1)
        severity: statutory
      notice:  # error[insertion-held-back]
        ask: before_speaking
        must_say: greeting
        before: anything
        source: house rule
        severity: house
      machine:
        ask: before_speaking
        only_say: [bye]
        when: party.verified
        source: house rule
        severity: house

Write instead::

    # policies/rules.yaml
    rules:
      verify:
        ask: on_hearing
        when: heard.zip == party.zip
        derive: {party.verified: 'true'}
        source: house rule
        severity: house
      before_debt:
        ask: before_speaking
        never_say: [debt]
        unless: party.verified
        source: 12 CFR 1006.6(d)(1)
        severity: statutory
      notice:
        ask: before_speaking
        must_say: greeting
        before: anything
        unless: party.verified
        source: house rule
        severity: house
      machine:
        ask: before_speaking
        only_say: [bye]
        when: party.verified
        source: house rule
        severity: house
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from engine.bundle import EndCall, MustSay, OnlySay, Rule
from engine.checks.analysis import in_words, space_of
from engine.checks.context import Context, found, too_large
from engine.checks.prove.limits import TooLarge
from engine.checks.prove.truth import FALSE, TRUE, truth
from engine.checks.turns import Turn, turns
from engine.expressions.tree import Value
from engine.source.finding import Finding, Level
from engine.terms import EVENTS, Ask, Kind

NAME = "insertion-held-back"
CODE = "POL614"
LEVEL = Level.WARNING
WAIVABLE = True
READS: tuple[Kind, ...] = (Kind.FLOW,)


@dataclass(frozen=True, slots=True)
class _Thing:
    """What is let through, in the author's words and as the rules see it."""

    words: str
    about: Mapping[str, Value]


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each notice that `only_say` holds back before something that it lets through."""
    speaking = [rule for rule in context.rules if rule.ask is Ask.BEFORE_SPEAKING]
    pairs = [
        (rule, effect, other, only)
        for rule in speaking
        for effect in rule.effects
        for other in speaking
        for only in [next((e for e in other.effects if isinstance(e, OnlySay)), None)]
        if isinstance(effect, MustSay) and only is not None and effect.prompt not in only.prompts
    ]
    if not pairs:
        return
    held = list(dict.fromkeys(each for turn in (*_turns(context), *_ends(context)) for each in _each(turn)))
    for rule, effect, other, only in pairs:
        try:
            shown = _shown(context, rule, effect, other, only, held)
        except TooLarge as error:
            yield too_large(rule.span, NAME, f"{rule.id}` beside `{other.id}", error)
            continue
        if shown:
            yield found(
                rule.span,
                f"{shown[0]} without `{effect.prompt}`, which `{rule.id}` requires: `{other.id}` holds it "
                f"back, with {shown[1]}",
                f"name `{effect.prompt}` under `only_say` too, or say with `unless` where it need not be",
                where=f"rules/{rule.id}/{other.id}",
                level=LEVEL,
            )


def _turns(context: Context) -> Iterator[Turn]:
    for flow in context.flows:
        yield from turns(flow)


def _ends(context: Context) -> Iterator[Turn]:
    """Yield the turns in which a rule ends the call."""
    for rule in context.rules:
        for effect in rule.effects:
            if isinstance(effect, EndCall):
                yield Turn("", frozenset({effect.say} - {""}), frozenset(), True)


def _each(turn: Turn) -> Iterator[Turn]:
    """Yield *turn*, and where anything may have been heard, the same turn after each event."""
    yield turn
    if not turn.heard:
        for event in EVENTS:
            yield replace(turn, heard=event)


def _shown(
    context: Context, rule: Rule, effect: MustSay, other: Rule, only: OnlySay, held: list[Turn]
) -> tuple[str, str] | None:
    """Return what is let through without the notice of *rule*, and with which facts; None where nothing is.

    Raises:
        TooLarge: The two read too much to be compared case by case.
    """
    cases = list(space_of(context.bundle, context.as_of, rule, other).cases())
    for turn in held:
        for thing in _let_through(context, turn, effect, only):
            for facts in cases:
                known = {**facts, **_heard(context, turn, facts)}
                notice = {**known, **_prompt(context, effect.prompt)}
                if _acts(rule, {**known, **thing.about}) and _acts(other, notice):
                    shown = {n: v for n, v in known.items() if not n.startswith(("utterance.", "said."))}
                    return thing.words, in_words(context.bundle, {n: v for n, v in shown.items() if v is not False})
    return None


def _let_through(context: Context, turn: Turn, effect: MustSay, only: OnlySay) -> Iterator[_Thing]:
    """Yield what *turn* says and does that `only_say` does not forbid and that the notice is to come before."""
    for prompt in sorted(turn.says & only.prompts):
        classes = context.bundle.prompts[prompt].discloses
        if effect.anything or prompt in effect.prompts or effect.classes & classes:
            yield _Thing(f"`{prompt}` is said", _prompt(context, prompt))
    for action in sorted(turn.does & effect.actions):
        yield _Thing(f"`{action}` is done", {**_NOTHING, "utterance.action": action})
    if effect.end and turn.ends:
        yield _Thing("the call ends", {**_NOTHING, "utterance.ends": True})


_NOTHING: Mapping[str, Value] = {
    "utterance.prompt": "",
    "utterance.discloses": frozenset(),
    "utterance.action": "",
    "utterance.ends": False,
}


def _prompt(context: Context, prompt: str) -> Mapping[str, Value]:
    return {
        **_NOTHING,
        "utterance.prompt": prompt,
        "utterance.discloses": context.bundle.prompts[prompt].discloses,
        f"said.{prompt}": False,
    }


def _heard(context: Context, turn: Turn, facts: Mapping[str, Value]) -> Mapping[str, Value]:
    """Return what *turn* makes of what was heard: an event comes alone, words perhaps with other meanings."""
    intents = {spec.id for specs in context.bundle.intents.values() for spec in specs}
    apart = set(EVENTS) | (intents if turn.heard in EVENTS else {turn.heard})
    return {name: name == f"heard.{turn.heard}" for name in facts if name.removeprefix("heard.") in apart}


def _acts(rule: Rule, facts: Mapping[str, Value]) -> bool:
    """Return whether *rule* surely acts, and not only because something is unknown."""
    return truth(rule.when, facts) == TRUE and (rule.unless is None or truth(rule.unless, facts) == FALSE)
