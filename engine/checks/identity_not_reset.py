"""
Who is verified must be forgotten when someone else takes the phone.

A fact that lets a rule's ban lapse, and that rules derive from what one person said, has to last as long as the
person: `lasts: person`; and so has what that person said of themselves. It cannot hold from the start either. And
whoever says that another person is on the line must be heard: if there is an intent `person_change`, a rule derives
`new_person` from it.

Flagged::

    # policies/vocabulary.yaml
    facts:
      party.first_name: {type: text, from: host}
      party.zip: {type: text, from: host}
      party.verified: {type: bool, from: policy, initially: false}  # error[identity-not-reset]
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

from engine.bundle import Fact, NeverDo, NeverSay
from engine.checks.context import Context, found
from engine.checks.prove.slices import NEW_PERSON, conditions_of, derived_by
from engine.checks.prove.truth import TRUE, read_by, truth
from engine.expressions.tree import Condition
from engine.source.finding import Finding, Level
from engine.terms import Ask, FactSource, Lasts

CHANGE = "person_change"

NAME = "identity-not-reset"
CODE = "PRV505"
LEVEL = Level.ERROR
WAIVABLE = False


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each exemption that outlives the person it was given to."""
    facts = context.bundle.vocabulary.facts
    seen = set()
    for rule in context.bundle.rules[Ask.BEFORE_SPEAKING]:
        if rule.unless is None or not any(isinstance(e, NeverSay | NeverDo) for e in rule.effects):
            continue
        for name in read_by(rule.unless):
            fact = facts.get(name)
            if fact and fact.origin is FactSource.POLICY and fact.lasts is Lasts.CALL and name not in seen:
                seen.add(name)
                yield found(
                    fact.span,
                    f"`{name}` opens `{rule.id}` and is kept when someone else takes the phone",
                    "give it `lasts: person`",
                    where=f"facts/{name}",
                )
            if fact and fact.origin is FactSource.POLICY and name not in seen and _open_at_first(rule.unless, fact):
                seen.add(name)
                yield found(
                    fact.span,
                    f"`{name}` opens `{rule.id}` from the start, before anybody has said anything",
                    "let it begin with the other value, and let a rule derive it",
                    where=f"facts/{name}",
                )
    for rule in context.bundle.rules[Ask.ON_HEARING]:
        for derived in derived_by(rule):
            kept = facts.get(derived.fact)
            if kept is None or kept.lasts is not Lasts.PERSON:
                continue
            for name in (n for c in conditions_of(rule) for n in read_by(c)):
                fact = facts.get(name)
                if fact and fact.origin is FactSource.HEARD and fact.lasts is Lasts.CALL and name not in seen:
                    seen.add(name)
                    yield found(
                        fact.span,
                        f"`{name}` is kept when someone else takes the phone, so `{rule.id}` counts it for them too",
                        "give it `lasts: person`",
                        where=f"facts/{name}",
                    )
    change = facts.get(f"heard.{CHANGE}")
    if change is not None and change.origin is FactSource.ENGINE:
        hearing = context.bundle.rules[Ask.ON_HEARING]
        reset = [r for r in hearing if any(d.fact == NEW_PERSON for d in derived_by(r))]
        if not any(change.name in read_by(c) for r in reset for c in conditions_of(r)):
            spec = next((s for specs in context.bundle.intents.values() for s in specs if s.id == CHANGE), None)
            yield found(
                spec.span if spec else change.span,
                f"nothing follows from `{CHANGE}` for who is verified",
                "write a rule `when: heard.person_change` with `derive: {new_person: true}`",
                where=f"intents/{CHANGE}",
            )


def _open_at_first(unless: Condition, fact: Fact) -> bool:
    """Return whether *fact* alone makes *unless* hold as the call starts."""
    return fact.initially is not None and truth(unless, {fact.name: fact.initially}) == TRUE
