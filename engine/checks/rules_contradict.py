"""
Two rules of which one requires what the other forbids cannot both be kept.

A prompt that must be said and, for the same facts, must never be said; or two rules that derive different values for
one fact. Facts that show it are given. A fact for which two values are derived at once keeps the one it begins with, so
deriving that one only takes another back; it is said where the other is always taken back. `only_say` is no
contradiction: it holds insertions back.

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
      say:  # error[rules-contradict]
        ask: before_speaking
        must_say: balance
        before: end
        source: house rule
        severity: house
      hush:
        ask: before_speaking
        never_say: [balance]
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
      say:
        ask: before_speaking
        must_say: balance
        before: end
        when: party.verified
        source: house rule
        severity: house
      hush:
        ask: before_speaking
        never_say: [balance]
        unless: party.verified
        source: house rule
        severity: house
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import combinations, product
from typing import TypeAlias

from engine.bundle import CompiledBundle, MustSay, NeverSay, Rule
from engine.checks.analysis import fires, in_words, silent, space_of
from engine.checks.context import Context, too_large
from engine.checks.prove.limits import TooLarge
from engine.checks.prove.slices import derived_by
from engine.checks.prove.truth import FALSE, TRUE, truth
from engine.expressions.tree import Constant, Value
from engine.source.finding import Finding, Level, Note
from engine.terms import Ask, Kind

NAME = "rules-contradict"
CODE = "POL604"
LEVEL = Level.ERROR
WAIVABLE = True
READS: tuple[Kind, ...] = ()
_Pair: TypeAlias = tuple[Rule, Rule, Callable[[], Mapping[str, Value] | None], str, str]


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each pair of rules that cannot both be kept, with facts that show it."""
    for rule, other, shown, one, two in _pairs(context):
        try:
            facts = shown()
        except TooLarge as error:
            yield too_large(rule.span, NAME, f"{rule.id}` beside `{other.id}", error)
            continue
        if facts is not None:
            yield _finding(context, rule, other, one, two, facts)


def _pairs(context: Context) -> Iterator[_Pair]:
    """Yield the rules that may not both be kept, what would show it, and what each of them does."""
    speaking = context.bundle.rules[Ask.BEFORE_SPEAKING]
    for rule, other in product(speaking, speaking):
        for prompt in _required_and_banned(context.bundle, rule, other):
            shown = partial(_always, context, rule, other, prompt)
            yield rule, other, shown, f"must have `{prompt}` said", "never lets it be said"
    hearing = [r for r in context.bundle.rules[Ask.ON_HEARING] if r.status.enforced]
    for rule, other in combinations(hearing, 2):
        for fact in _derived_apart(context, rule, other):
            shown = partial(_both, context, rule, other)
            yield rule, other, shown, f"derives one value for `{fact}`", "derives another"
    for rule, other in product(hearing, hearing):
        for fact in _taken_back(context, rule, other):
            shown = partial(_wherever, context, rule, other)
            yield rule, other, shown, f"derives `{fact}`", "always derives another value"


def _required_and_banned(bundle: CompiledBundle, rule: Rule, other: Rule) -> Iterator[str]:
    if not rule.status.enforced or not other.status.enforced or (rule.place not in ("", other.place) and other.place):
        return
    for effect in rule.effects:
        for ban in other.effects:
            if isinstance(effect, MustSay) and isinstance(ban, NeverSay):
                given = bundle.prompts[effect.prompt].discloses
                if effect.prompt in ban.prompts or given & ban.classes:
                    yield effect.prompt


def _always(context: Context, rule: Rule, other: Rule, prompt: str) -> Mapping[str, Value] | None:
    """Return facts under which *prompt* is required, where under all of these it is banned; else None.

    Raises:
        TooLarge: The two read too much to be compared case by case.
    """
    about: dict[str, Value] = {
        "utterance.prompt": prompt,
        "utterance.discloses": context.bundle.prompts[prompt].discloses,
        "utterance.action": "",
        "utterance.ends": False,
    }
    cases = list(space_of(context.bundle, context.as_of, rule, other).cases())
    banned = required = 0
    shown: Mapping[str, Value] | None = None
    for facts in cases:
        if truth(rule.when, facts) == TRUE and (rule.unless is None or truth(rule.unless, facts) == FALSE):
            held = {**facts, **about}
            required += 1
            if truth(other.when, held) == TRUE and (other.unless is None or truth(other.unless, held) != TRUE):
                banned += 1
                shown = shown or {n: v for n, v in facts.items() if not n.startswith(("utterance.", "said."))}
    return shown if required and banned == required else None


def _derived_apart(context: Context, rule: Rule, other: Rule) -> Iterator[str]:
    """Yield the facts that both derive apart, and whose first value is neither: then nobody knows what holds."""
    for ours in derived_by(rule):
        for theirs in derived_by(other):
            if ours.fact == theirs.fact and isinstance(ours.value, Constant) and isinstance(theirs.value, Constant):
                values = {ours.value.value, theirs.value.value}
                if len(values) > 1 and context.bundle.vocabulary.facts[ours.fact].initially not in values:
                    yield ours.fact


def _taken_back(context: Context, rule: Rule, other: Rule) -> Iterator[str]:
    """Yield the facts for which *rule* derives another value than their first, and *other* their first."""
    for ours in derived_by(rule):
        first = context.bundle.vocabulary.facts[ours.fact].initially
        if isinstance(ours.value, Constant) and ours.value.value != first:
            for theirs in derived_by(other):
                if theirs.fact == ours.fact and isinstance(theirs.value, Constant) and theirs.value.value == first:
                    yield ours.fact


def _wherever(context: Context, rule: Rule, other: Rule) -> Mapping[str, Value] | None:
    """Return facts for which *rule* fires, where *other* fires wherever it does; else None.

    Raises:
        TooLarge: The two read too much to be compared case by case.
    """
    space = space_of(context.bundle, context.as_of, rule, other)
    alone = space.first(lambda facts: fires(rule, facts) and silent(other, facts))
    return space.first(partial(fires, rule)) if alone is None else None


def _both(context: Context, rule: Rule, other: Rule) -> Mapping[str, Value] | None:
    """Return facts under which both rules fire because of one thing heard alone, or None.

    Raises:
        TooLarge: The two read too much to be compared case by case.
    """
    cases = space_of(context.bundle, context.as_of, rule, other).cases()
    for facts in cases:
        heard = sum(bool(v) for n, v in facts.items() if n.startswith("heard.") and isinstance(v, bool))
        sure = all(
            truth(r.when, facts) == TRUE and (r.unless is None or truth(r.unless, facts) == FALSE)
            for r in (rule, other)
        )
        if heard <= 1 and sure:
            return facts
    return None


def _finding(context: Context, rule: Rule, other: Rule, one: str, two: str, facts: Mapping[str, Value]) -> Finding:
    return Finding(
        rule.span,
        NAME,
        f"`{rule.id}` {one} where `{other.id}` {two}",
        "make one of them yield, with `unless`",
        why=f"for example with {in_words(context.bundle, facts)}" if facts else "whatever the facts are",
        notes=(Note(other.span, f"the rule `{other.id}`"),),
        where=f"rules/{rule.id}/{other.id}",
    )
