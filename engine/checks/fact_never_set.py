"""
A fact that is read but that nothing ever sets is always unknown.

Flagged::

    # policies/vocabulary.yaml
    facts:
      party.first_name: {type: text, from: host}
      party.zip: {type: text, from: host}
      party.verified: {type: bool, from: policy, initially: false, lasts: person}
      callee.is_minor: {type: bool, from: policy, initially: false}  # error[fact-never-set]
      account.balance: {type: money, discloses: debt, from: host}
      account.places: {type: set, of: place, from: host}
      heard.zip: {type: text, from: heard, lasts: person}
      pay.amount: {type: money, from: heard, lasts: person}

Write instead::

    # policies/vocabulary.yaml
    facts:
      party.first_name: {type: text, from: host}
      party.zip: {type: text, from: host}
      party.verified: {type: bool, from: policy, initially: false, lasts: person}
      account.balance: {type: money, discloses: debt, from: host}
      account.places: {type: set, of: place, from: host}
      heard.zip: {type: text, from: heard, lasts: person}
      pay.amount: {type: money, from: heard, lasts: person}
"""

from collections.abc import Iterator

from engine.checks.context import Context, found
from engine.checks.prove.slices import NEW_PERSON, derived_by
from engine.source.finding import Finding, Level
from engine.terms import FactSource

NAME = "fact-never-set"
CODE = "SLT204"
LEVEL = Level.WARNING
WAIVABLE = True


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each fact that rules or flows should set, and none does."""
    derived = {d.fact for rules in context.bundle.rules.values() for rule in rules for d in derived_by(rule)}
    noted = {name for steps in context.steps.values() for step in steps for name, _ in step.sets}
    for name, fact in context.bundle.vocabulary.facts.items():
        if name == NEW_PERSON:
            continue
        if fact.origin is FactSource.POLICY and name not in derived:
            yield found(
                fact.span, f"no rule derives `{name}`", "write the rule, or delete the fact", where=f"facts/{name}"
            )
        elif fact.origin is FactSource.FLOW and name not in noted:
            yield found(
                fact.span, f"no step sets `{name}`", "set it in a flow, or delete the fact", where=f"facts/{name}"
            )
