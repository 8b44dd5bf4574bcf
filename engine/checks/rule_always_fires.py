"""
A rule against every call, or one whose conditions exclude nothing, is not meant.

Of a rule with conditions of its own it is said when no facts make them false; of a denial, when no call is left.

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

from collections.abc import Iterator

from engine.bundle import CompiledBundle, Deny, Rule
from engine.checks.analysis import Space, for_example, out_of_force, written_at
from engine.checks.context import Context, found, too_large
from engine.checks.prove.limits import TooLarge
from engine.checks.prove.truth import FALSE, TRUE, UNKNOWN
from engine.expressions.tree import ALWAYS
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
        kept_quiet = FALSE if rule.tightening else FALSE | UNKNOWN
        try:
            space = Space(context.bundle, context.as_of, (rule.written,))
            free = space.find(rule.written, kept_quiet)
            shown = space.find(rule.written, TRUE) if free is None else None
        except TooLarge as error:
            yield too_large(rule.span, NAME, rule.id, error)
            continue
        if free is None:
            yield found(
                written_at(rule),
                f"the conditions of `{rule.id}` hold whatever the facts are",
                "mend its conditions, or leave them out if that is meant",
                how=for_example(context.bundle, shown or {}),
                where=f"rules/{rule.id}",
            )


def _denies_all(bundle: CompiledBundle, rule: Rule) -> bool:
    """Return whether *rule*, which has no condition of its own, denies calls about accounts of every place, always."""
    outermost = [name for name, held in bundle.vocabulary.places.items() if len(held) == 1]
    everywhere = rule.place == "" or outermost == [rule.place]
    policy = bundle.policies[rule.policy]
    unbound = rule.unless is None and rule.ends is None and policy.applies_when == ALWAYS
    return everywhere and unbound and any(isinstance(effect, Deny) for effect in rule.effects)
