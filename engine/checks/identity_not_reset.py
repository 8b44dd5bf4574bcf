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

from collections.abc import Iterator, Mapping

from engine.bundle import Fact, NeverDo, NeverSay, Rule
from engine.checks.context import Context, found
from engine.checks.prove.slices import NEW_PERSON, conditions_of, derived_by
from engine.checks.prove.truth import FALSE, TRUE, read_by, truth
from engine.expressions.tree import Condition, Value
from engine.source.finding import Finding, Level
from engine.terms import Ask, FactSource, Lasts, ValueType

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
        if not any(isinstance(e, NeverSay | NeverDo) for e in rule.effects):
            continue
        for opening in _opening(rule, facts):
            for one in _outlasting(context, opening):
                if one.name not in seen:
                    seen.add(one.name)
                    through = "" if one is opening else f" through `{opening.name}`"
                    yield found(
                        one.span,
                        f"`{one.name}` opens `{rule.id}`{through} and is kept when someone else takes the phone",
                        "give it `lasts: person`",
                        where=f"facts/{one.name}",
                    )
            if rule.unless is not None and opening.name not in seen and _open_at_first(rule.unless, opening):
                seen.add(opening.name)
                yield found(
                    opening.span,
                    f"`{opening.name}` opens `{rule.id}` from the start, before anybody has said anything",
                    "let it begin with the other value, and let a rule derive it",
                    where=f"facts/{opening.name}",
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


def _opening(rule: Rule, facts: Mapping[str, Fact]) -> list[Fact]:
    """Return the derived facts that let the ban of *rule* lapse."""
    names = dict.fromkeys(read_by(rule.unless) if rule.unless else ())
    names |= dict.fromkeys(name for name in read_by(rule.when) if name in facts and _closes(rule, facts[name]))
    return [facts[name] for name in names if name in facts and facts[name].origin is FactSource.POLICY]


def _closes(rule: Rule, fact: Fact) -> bool:
    """Return whether *rule* is held off by *fact* alone once it is no longer as it was at first."""
    if fact.type is not ValueType.BOOL or fact.initially is None:
        return False
    return truth(rule.when, {fact.name: not fact.initially}) == FALSE != truth(rule.when, {fact.name: fact.initially})


def _outlasting(context: Context, opening: Fact) -> Iterator[Fact]:
    """Yield what is kept of one person for the next and makes *opening* so."""
    if opening.lasts is Lasts.CALL:
        yield opening
        return
    facts = context.bundle.vocabulary.facts
    for rule in context.bundle.rules[Ask.ON_HEARING]:
        if opening.lasts is Lasts.PERSON and any(d.fact == opening.name for d in derived_by(rule)):
            read = [name for condition in conditions_of(rule) for name in read_by(condition)]
            kept = [facts[n] for n in read if n in facts and _lasting(facts[n])]
            silent = {n: facts[n].initially for n in read if n in facts and _gone(facts[n])}
            silent |= {n: False for n in read if n.partition(".")[0] in ("heard", "said", "asked") and n not in silent}
            first = {fact.name: fact.initially for fact in kept}
            if kept and _derives(rule, silent) and not _derives(rule, {**silent, **first}):
                yield from kept


def _lasting(fact: Fact) -> bool:
    return fact.origin is FactSource.POLICY and fact.lasts is Lasts.CALL


def _gone(fact: Fact) -> bool:
    """Return whether *fact* is as at first when someone else takes the phone, and says nothing."""
    return fact.origin is FactSource.HEARD or (fact.origin is FactSource.POLICY and fact.lasts is not Lasts.CALL)


def _derives(rule: Rule, given: Mapping[str, Value]) -> bool:
    unless = FALSE if rule.unless is None else truth(rule.unless, given)
    return bool(truth(rule.when, given) & TRUE and unless & FALSE)
