"""
An exemption that always holds where its rule would fire leaves nothing of the rule.

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
        when: [account.balance is known, account.balance > 100]
        unless: account.balance > 50  # error[exemption-swallows-rule]
        deny: The balance is large.
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
        when: [account.balance is known, account.balance > 100]
        unless: account.balance > 5000
        deny: The balance is large.
        source: house rule
        severity: house
"""

from collections.abc import Iterator

from engine.checks.analysis import Space
from engine.checks.context import Context, found
from engine.checks.prove.limits import TooLarge
from engine.checks.prove.slices import conditions_of
from engine.checks.prove.truth import TRUE, UNKNOWN, truth
from engine.source.finding import Finding, Level

NAME = "exemption-swallows-rule"
CODE = "POL612"
LEVEL = Level.ERROR
WAIVABLE = False


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each rule that its own `unless` never lets fire."""
    for rule in context.rules:
        if rule.unless is None:
            continue
        try:
            cases = list(Space(context.bundle, context.as_of, conditions_of(rule)).cases())
        except TooLarge:
            continue
        firing = [facts for facts in cases if truth(rule.when, facts) & (TRUE | UNKNOWN)]
        if firing and all(truth(rule.unless, facts) == TRUE for facts in firing):
            yield found(
                rule.unless_span,
                f"wherever `{rule.id}` would fire, its `unless` holds, so it never does",
                "make the exemption narrower",
                where=f"rules/{rule.id}/unless",
            )
