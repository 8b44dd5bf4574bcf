"""
A pattern that takes another intent's example away from it answers the wrong thing.

One utterance can mean several things, so it is no mistake that a pattern matches an example of another intent.
It is one where a state hears both and the example is then no longer understood as its own intent; and where a right
is read into an example of something else, so that rules stop calls which nobody asked to stop.

Flagged::

    # flows/intents.yaml
    intents:
      stop_calling:
        examples:
          - stop calling me
          - take me off your list
          - never call again
          - no more calls please
          - quit phoning me
          - leave me alone
          - remove my number
          - do not ring me
      human:
        examples:
          - let me talk to a person
          - a human please
          - get me an operator
          - somebody real
          - an agent
          - your supervisor
          - a representative
          - transfer me to someone
      affirm:
        examples:
          - 'yes'
          - yeah
          - sure
          - certainly
          - that is right
          - correct
          - of course
          - absolutely
      deny:
        patterns: ['\\bsure\\b']  # error[pattern-catches-others]
        examples:
          - nope
          - that is wrong
          - incorrect
          - not so
          - negative
          - never
          - no way
          - by no means

Write instead::

    # flows/intents.yaml
    intents:
      stop_calling:
        examples:
          - stop calling me
          - take me off your list
          - never call again
          - no more calls please
          - quit phoning me
          - leave me alone
          - remove my number
          - do not ring me
      human:
        examples:
          - let me talk to a person
          - a human please
          - get me an operator
          - somebody real
          - an agent
          - your supervisor
          - a representative
          - transfer me to someone
      affirm:
        examples:
          - 'yes'
          - yeah
          - sure
          - certainly
          - that is right
          - correct
          - of course
          - absolutely
      deny:
        patterns: ['\\bwrong\\b']
        examples:
          - nope
          - that is wrong
          - incorrect
          - not so
          - negative
          - never
          - no way
          - by no means
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, time
from typing import TypeAlias
from zoneinfo import ZoneInfo

from engine.bundle import EndCall, IntentSpec, Suppress
from engine.checks.context import Context, found
from engine.checks.prove.truth import read_by
from engine.checks.words import place_of, unmarked
from engine.nlu.languages import language_of
from engine.nlu.reading import Listening, Reading
from engine.runtime.ear import ear_of
from engine.source.finding import Finding, Level
from engine.terms import Ask, Kind

NAME = "pattern-catches-others"
CODE = "INT304"
LEVEL = Level.ERROR
WAIVABLE = True
READS: tuple[Kind, ...] = (Kind.INTENTS, Kind.FLOW)
NOON = time(12, tzinfo=ZoneInfo("America/New_York"))
YES = frozenset({"affirm", "identity_confirmed"})
"""What a plain yes stands for depends on what the state has asked, so these may take from one another."""
_Taken: TypeAlias = tuple[str, str, str, str, str, bool]
"""A locale, an intent, its example, the other intent, the pattern of that, and whether the first is then lost."""


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each example that a pattern of another intent takes away or acts upon."""
    protected, ending = frozenset(context.bundle.vocabulary.protected), _ending(context)
    hears = {frozenset(state.hears) for flow in context.flows for state in flow.states.values()}
    for locale, own, words, name, pattern, lost in context.heard(NAME, lambda: _all_taken(context)):
        apart = name not in protected and not any(name in heard and own in heard for heard in hears)
        stopped = name in ending and own not in protected
        if apart or not (lost or stopped):
            continue
        spec = next(spec for spec in context.bundle.intents[locale] if spec.id == name)
        yield found(
            place_of(context, locale, spec, "patterns", pattern),
            f"this pattern of `{name}` takes `{words}`, which is an example of `{own}`",
            "make the pattern narrower, or move the example to where it belongs",
            why=f"`{own}` is lost" if lost else f"rules act on `{name}`, and nobody claimed it",
            where=f"intents/{locale}/{name}/{pattern}/{words}",
        )


def _all_taken(context: Context) -> tuple[_Taken, ...]:
    """Return each example that a pattern of another intent takes, where both are heard."""
    return tuple(_taken(context)) if context.understood else ()


def _taken(context: Context) -> Iterator[_Taken]:
    for locale, specs in context.bundle.intents.items():
        held = {spec.id: spec for spec in specs}
        for spec, words in _caught(locale, specs):
            for name in _accepted(context, locale, frozenset(held), words):
                if name == spec.id or {name, spec.id} == YES:
                    continue
                both = _accepted(context, locale, frozenset((name, spec.id)), words)
                pattern = _pattern(held[name], both[name]) if name in both else ""
                if pattern:
                    yield locale, spec.id, words, name, pattern, spec.id not in both


def _ending(context: Context) -> frozenset[str]:
    """Return the intents on which a rule stops calls or ends this one."""
    return frozenset(
        name.removeprefix("heard.")
        for rule in context.bundle.rules[Ask.ON_HEARING]
        if rule.status.enforced and any(isinstance(effect, Suppress | EndCall) for effect in rule.effects)
        for name in read_by(rule.when)
        if name.startswith("heard.")
    )


def _caught(locale: str, specs: tuple[IntentSpec, ...]) -> Iterator[tuple[IntentSpec, str]]:
    """Yield the examples that a pattern of another intent matches."""
    from engine.nlu.deciding import OUTSIDE
    from engine.nlu.patterns import Patterns
    from engine.nlu.words import read

    language = language_of(locale)
    patterns = Patterns(((spec.id, pattern) for spec in specs for pattern in spec.patterns), language)
    for spec in specs:
        if spec.id != OUTSIDE:
            for words in map(unmarked, spec.examples):
                if any(hit.intent != spec.id for hit in patterns.find(read(words, language), ())):
                    yield spec, words


def _accepted(context: Context, locale: str, hears: frozenset[str], words: str) -> Mapping[str, Reading]:
    """Return how *words* are understood where *hears* is answered, by intent."""
    listening = Listening(at=datetime.combine(context.as_of, NOON), hears=hears)
    understood = ear_of(context.bundle).recogniser().understand(words, locale, listening)
    return {reading.intent: reading for reading in understood.readings if reading.accepted}


def _pattern(spec: IntentSpec, reading: Reading) -> str:
    """Return the first pattern by which *spec* was accepted, or '' where it was not by one."""
    numbers = [why.removeprefix("pattern ") for why in reading.why]
    return next((spec.patterns[int(number) - 1] for number in numbers if number.isdigit()), "")
