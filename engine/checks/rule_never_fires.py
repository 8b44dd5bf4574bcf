"""
A rule whose conditions exclude one another protects nobody.

It is looked at for all facts at once, on the day asked about and later. A rule that acts only for what is unknown, and
never for what is known, is flagged too. An `unless` that leaves nothing of a rule has a page of its own.

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
        ask: on_hearing
        when: [heard.affirm, party.verified, none: [party.verified]]  # error[rule-never-fires]
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

from collections.abc import Iterator, Mapping
from functools import partial

from engine.bundle import Rule
from engine.checks.analysis import fires, out_of_force, space_of, written_at
from engine.checks.context import Context, found, too_large
from engine.checks.prove.limits import TooLarge
from engine.checks.prove.truth import TRUE, truth
from engine.expressions.tree import Value
from engine.source.finding import Finding, Level
from engine.terms import Kind

NAME = "rule-never-fires"
CODE = "POL601"
LEVEL = Level.WARNING
WAIVABLE = True
READS: tuple[Kind, ...] = ()


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each rule whose condition holds for no facts at all."""
    for rule in context.rules:
        try:
            space = space_of(context.bundle, context.as_of, rule)
            if space.first(partial(_holds, rule)) is not None:
                continue
            unsure = rule.tightening and space.first(partial(fires, rule)) is not None
        except TooLarge as error:
            yield too_large(rule.span, NAME, rule.id, error)
            continue
        if not out_of_force(context.bundle, context.as_of, rule):
            but = ", but while something that it reads is unknown" if unsure else ""
            yield found(
                written_at(rule),
                f"`{rule.id}` can never fire{but}: its conditions exclude one another",
                "mend its conditions, or delete it",
                where=f"rules/{rule.id}",
            )


def _holds(rule: Rule, facts: Mapping[str, Value]) -> bool:
    return bool(truth(rule.when, facts) & TRUE)
