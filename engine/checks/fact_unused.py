"""
A fact that nobody reads is collected for nothing.

What a callee says, or a rule or a flow notes, should be read by a rule, a step or a sentence.

Flagged::

    # policies/vocabulary.yaml
    facts:
      party.first_name: {type: text, from: host}
      party.zip: {type: text, from: host}
      party.verified: {type: bool, from: policy, initially: false, lasts: person}
      account.balance: {type: money, discloses: debt, from: host}
      account.places: {type: set, of: place, from: host}
      heard.zip: {type: text, from: heard, lasts: person}
      heard.employer: {type: text, from: heard, lasts: person}  # error[fact-unused]

Write instead::

    # policies/vocabulary.yaml
    facts:
      party.first_name: {type: text, from: host}
      party.zip: {type: text, from: host}
      party.verified: {type: bool, from: policy, initially: false, lasts: person}
      account.balance: {type: money, discloses: debt, from: host}
      account.places: {type: set, of: place, from: host}
      heard.zip: {type: text, from: heard, lasts: person}
"""

from collections.abc import Iterator

from engine.bundle import Deny, Derive, Do, OnlyBetween, RouteHuman, Rule, Step, Warn
from engine.checks.context import Context, found
from engine.checks.prove.regions import names_in
from engine.checks.prove.slices import NEW_PERSON, conditions_of
from engine.checks.prove.truth import read_by
from engine.source.finding import Finding, Level
from engine.terms import FactSource

WATCHED = (FactSource.HEARD, FactSource.FLOW, FactSource.POLICY)

NAME = "fact-unused"
CODE = "SLT203"
LEVEL = Level.WARNING
WAIVABLE = True


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each heard, noted or derived fact that is read nowhere."""
    read = set(_read(context))
    for name, fact in context.bundle.vocabulary.facts.items():
        if fact.origin in WATCHED and name not in read and name != NEW_PERSON:
            yield found(fact.span, f"`{name}` is never read", "read it, or delete it", where=f"facts/{name}")


def _read(context: Context) -> Iterator[str]:
    for rules in context.bundle.rules.values():
        for rule in rules:
            yield from _by_rule(rule)
    for flow in context.flows:
        for step in context.steps[flow.id]:
            yield from _by_step(step)
    for prompt in context.bundle.prompts.values():
        for text in prompt.texts.values():
            yield from text.names
    for counter in context.bundle.vocabulary.counters.values():
        yield from (*read_by(counter.where), counter.since)


def _by_step(step: Step) -> Iterator[str]:
    yield from read_by(step.when)
    yield from names_in(value for _, value in step.sets)
    yield from names_in(value for do in step.does for _, value in do.arguments)


def _by_rule(rule: Rule) -> Iterator[str]:
    for condition in conditions_of(rule):
        yield from read_by(condition)
    for effect in rule.effects:
        match effect:
            case Derive():
                yield from names_in((effect.value,))
            case Do():
                yield from names_in(value for _, value in effect.arguments)
            case OnlyBetween():
                yield from names_in((effect.opens, effect.closes))
            case Deny() | RouteHuman() | Warn():
                yield from effect.reason.names
