"""
A rule that fires only where another one with the same effect fires too adds nothing.

Either it was meant to be wider, or one of the two can go. Rules that rest on different law are left alone.

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
      narrow:  # error[rule-implied]
        ask: before_dialing
        when: account.balance > 500
        deny: The balance is large.
        source: house rule
        severity: house
      wide:
        ask: before_dialing
        when: account.balance > 100
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
      narrow:
        ask: before_dialing
        when: account.balance > 500
        deny: The balance is large.
        source: house rule
        severity: house
      wide:
        ask: before_dialing
        when: account.balance < 100
        deny: The balance is small.
        source: house rule
        severity: house
"""

from collections import defaultdict
from collections.abc import Iterator
from functools import partial

from engine.bundle import Deny, Effect, Rule
from engine.checks.analysis import Space, fires, silent, space_of
from engine.checks.context import Context, found, too_large
from engine.checks.prove.limits import TooLarge
from engine.checks.prove.slices import conditions_of
from engine.checks.prove.truth import read_by
from engine.source.finding import Finding, Level
from engine.terms import Kind

NAME = "rule-implied"
CODE = "POL605"
LEVEL = Level.WARNING
WAIVABLE = True
READS: tuple[Kind, ...] = ()


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each rule whose every case another rule of the same source and effect covers."""
    alike: dict[object, list[Rule]] = defaultdict(list)
    for rule in context.rules:
        if not rule.row:
            alike[rule.ask, rule.source, rule.place, _effects(rule)].append(rule)
    for rule in (rule for rules in alike.values() for rule in rules):
        for other in alike[rule.ask, rule.source, rule.place, _effects(rule)]:
            if rule.id != other.id and _shares(rule, other):
                try:
                    space = space_of(context.bundle, context.as_of, rule, other)
                    within, back = _covered(space, rule, other), _covered(space, other, rule)
                    ever = space.first(partial(fires, rule)) is not None
                except TooLarge as error:
                    yield too_large(rule.span, NAME, f"{rule.id}` beside `{other.id}", error)
                    continue
                if within and ever and (not back or rule.id > other.id):
                    yield found(
                        rule.span,
                        f"wherever `{rule.id}` fires, `{other.id}` fires too, and does the same",
                        "delete it, or mend its conditions",
                        where=f"rules/{rule.id}",
                    )
                    break


def _covered(space: Space, rule: Rule, other: Rule) -> bool:
    """Return whether *other* fires wherever *rule* does."""
    return space.first(lambda facts: fires(rule, facts) and silent(other, facts)) is None


def _effects(rule: Rule) -> tuple[Effect | str, ...]:
    return tuple("deny" if isinstance(effect, Deny) else effect for effect in rule.effects)


def _shares(rule: Rule, other: Rule) -> bool:
    ours, theirs = ({n for c in conditions_of(r) for n in read_by(c)} for r in (rule, other))
    return bool(ours & theirs)
