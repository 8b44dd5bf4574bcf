"""
A rule against every call, or one whose conditions exclude nothing, is not meant.

Of a rule with conditions of its own it is said when no facts make them, or one of them, false; of a denial, when no
call is left.

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
      odd:
        ask: before_dialing
        when:
          - any: [party.verified, none: [party.verified]]  # error[rule-always-fires]
        deny: No call is ever placed.
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
      odd:
        ask: before_dialing
        when: party.verified
        deny: Who was spoken to is not called again.
        source: house rule
        severity: house
"""

from collections.abc import Iterator, Mapping

from engine.bundle import CompiledBundle, Deny, Rule
from engine.checks.analysis import TODAY, Space, for_example, out_of_force, parts_of, written_at
from engine.checks.context import Context, found, too_large
from engine.checks.prove.limits import TooLarge
from engine.checks.prove.truth import FALSE, TRUE, UNKNOWN, atoms, read_by
from engine.expressions.english import say
from engine.expressions.tree import ALWAYS, Condition, Known, Value
from engine.source.finding import Finding, Level
from engine.terms import Kind

NAME = "rule-always-fires"
CODE = "POL602"
LEVEL = Level.WARNING
WAIVABLE = True
READS: tuple[Kind, ...] = ()


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each rule whose own condition nothing makes false, and for each denial of every call."""
    for rule in context.rules:
        if rule.row or out_of_force(context.bundle, context.as_of, rule):
            continue
        if rule.written == ALWAYS:
            if _denies_all(context.bundle, rule):
                yield found(
                    rule.span,
                    f"`{rule.id}` forbids every call: it has no condition",
                    "say with `when` which calls it is against",
                    where=f"rules/{rule.id}",
                )
            continue
        try:
            shown = _always(context, rule, rule.written)
            idle = None if shown is not None else _idle(context, rule)
        except TooLarge as error:
            yield too_large(rule.span, NAME, rule.id, error)
            continue
        if shown is not None:
            yield found(
                written_at(rule),
                f"the conditions of `{rule.id}` hold whatever the facts are",
                "mend its conditions, or leave them out if that is meant",
                how=for_example(context.bundle, shown),
                where=f"rules/{rule.id}",
            )
        elif idle is not None:
            part, facts = idle
            yield found(
                next((atom.span for atom in atoms(part)), rule.span),
                f"one of the conditions of `{rule.id}` holds whatever the facts are, so it excludes nothing",
                "mend it, or leave it out",
                how=(f"`{say(part)}` always holds", *for_example(context.bundle, facts)),
                where=f"rules/{rule.id}/when",
            )


def _always(context: Context, rule: Rule, condition: Condition) -> Mapping[str, Value] | None:
    """Return facts for which *condition*, of *rule*, holds, if no facts make the rule silent by it; else None.

    Raises:
        TooLarge: Too much had to be tried.
    """
    space = Space(context.bundle, context.as_of, (condition,))
    if space.find(condition, FALSE if rule.tightening else FALSE | UNKNOWN) is not None:
        return None
    return space.find(condition, TRUE) or {}


def _idle(context: Context, rule: Rule) -> tuple[Condition, Mapping[str, Value]] | None:
    """Return the first of several conditions of *rule* that excludes nothing, and facts for which it holds; or None.

    A day that has passed excluded something once; asking whether something is known, or for a place, does no harm.

    Raises:
        TooLarge: Too much had to be tried.
    """
    parts = parts_of(rule.written)
    for part in parts if len(parts) > 1 else ():
        read = [context.bundle.vocabulary.facts.get(name) for name in read_by(part)]
        harmless = TODAY.name in read_by(part) or any(fact is not None and fact.of_places for fact in read)
        if not harmless and not any(isinstance(atom, Known) for atom in atoms(part)):
            facts = _always(context, rule, part)
            if facts is not None:
                return part, facts
    return None


def _denies_all(bundle: CompiledBundle, rule: Rule) -> bool:
    """Return whether *rule*, which has no condition of its own, denies calls about accounts of every place, always."""
    outermost = [name for name, held in bundle.vocabulary.places.items() if len(held) == 1]
    everywhere = rule.place == "" or outermost == [rule.place]
    policy = bundle.policies[rule.policy]
    unbound = rule.unless is None and rule.ends is None and policy.applies_when == ALWAYS
    return everywhere and unbound and any(isinstance(effect, Deny) for effect in rule.effects)
