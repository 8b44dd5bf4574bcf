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
      odd:  # error[rule-always-fires]
        ask: before_dialing
        when:
          - any: [party.verified, none: [party.verified]]
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

from engine.checks.analysis import Space
from engine.checks.context import Context, found, too_large
from engine.checks.prove.limits import TooLarge
from engine.checks.prove.truth import ANY, TRUE
from engine.expressions.tree import ALWAYS
from engine.source.finding import Finding, Level
from engine.terms import Kind

NAME = "rule-always-fires"
CODE = "POL602"
LEVEL = Level.WARNING
WAIVABLE = True
READS: tuple[Kind, ...] = ()


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each rule whose own condition nothing makes false."""
    for rule in context.rules:
        if rule.written == ALWAYS or rule.row:
            continue
        try:
            free = Space(context.bundle, context.as_of, (rule.written,)).find(rule.written, ANY & ~TRUE)
        except TooLarge as error:
            yield too_large(rule.span, NAME, rule.id, error)
            continue
        if free is None:
            yield found(
                rule.span,
                f"the conditions of `{rule.id}` hold whatever the facts are",
                "mend its conditions, or leave them out if that is meant",
                where=f"rules/{rule.id}",
            )
