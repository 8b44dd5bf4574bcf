"""
A rule whose conditions exclude one another protects nobody.

It is looked at for all facts at once, on the day asked about and later.

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
      odd:  # error[rule-never-fires]
        ask: on_hearing
        when: [heard.affirm, party.verified, none: [party.verified]]
        warn: This never comes.
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
        ask: on_hearing
        when: [heard.affirm, none: [party.verified]]
        warn: Yes was said before it was clear by whom.
        source: house rule
        severity: house
"""

from collections.abc import Iterator
from functools import partial

from engine.checks.analysis import fires, space_of
from engine.checks.context import Context, found, too_large
from engine.checks.prove.limits import TooLarge
from engine.source.finding import Finding, Level
from engine.terms import Kind

NAME = "rule-never-fires"
CODE = "POL601"
LEVEL = Level.WARNING
WAIVABLE = True
READS: tuple[Kind, ...] = ()


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each rule that fires for no facts at all."""
    for rule in context.rules:
        try:
            firing = space_of(context.bundle, context.as_of, rule).first(partial(fires, rule))
        except TooLarge as error:
            yield too_large(rule.span, NAME, rule.id, error)
            continue
        if firing is None:
            yield found(
                rule.span,
                f"`{rule.id}` can never fire: its conditions exclude one another",
                "mend its conditions, or delete it",
                where=f"rules/{rule.id}",
            )
