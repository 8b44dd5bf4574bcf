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
from functools import partial

from engine.checks.analysis import fires, fires_when_known, for_example, space_of
from engine.checks.context import Context, found, too_large
from engine.checks.prove.limits import TooLarge
from engine.checks.prove.truth import TRUE
from engine.source.finding import Finding, Level
from engine.terms import Kind

NAME = "exemption-swallows-rule"
CODE = "POL612"
LEVEL = Level.ERROR
WAIVABLE = False
READS: tuple[Kind, ...] = ()


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each rule that its own `unless` never lets fire."""
    for rule in context.rules:
        if rule.unless is None:
            continue
        try:
            space = space_of(context.bundle, context.as_of, rule)
            would = space.find(rule.when, TRUE)
            does = space.first(partial(fires_when_known, rule)) if would is not None else None
            unsure = does is None and would is not None and space.first(partial(fires, rule)) is not None
        except TooLarge as error:
            yield too_large(rule.span, NAME, rule.id, error)
            continue
        if would is not None and does is None:
            but = " unless something that it reads is unknown" if unsure else ""
            yield found(
                rule.unless_span,
                f"wherever `{rule.id}` would fire, its `unless` holds, so it never does{but}",
                "make the exemption narrower",
                how=for_example(context.bundle, would),
                where=f"rules/{rule.id}/unless",
            )
