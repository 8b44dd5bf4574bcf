"""
A rule whose conditions exclude one another protects nobody.

It is looked at for all facts at once, on the day asked about and later. A rule that acts only for what is unknown, and
never for what is known, is flagged too, and so is an `unless` that never holds. Of a rule whose days have passed it is
only noted that it is over. An `unless` that leaves nothing of a rule has a page of its own.

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

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from engine.bundle import Rule
from engine.checks.analysis import (
    TODAY,
    Space,
    exclusive,
    fires,
    how_exclusive,
    out_of_force,
    parts_of,
    space_of,
    written_at,
)
from engine.checks.context import Context, found, too_large
from engine.checks.prove.limits import TooLarge
from engine.checks.prove.regions import MOST_DAYS
from engine.checks.prove.truth import TRUE, atoms, read_by
from engine.expressions.tree import All, Condition
from engine.source.finding import Finding, Level
from engine.source.span import Span
from engine.source.tree import Map, Text
from engine.terms import Kind

NAME = "rule-never-fires"
CODE = "POL601"
LEVEL = Level.WARNING
WAIVABLE = True
READS: tuple[Kind, ...] = ()


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each rule whose condition, or whose exemption, holds for no facts at all."""
    over: dict[Span, list[Rule]] = defaultdict(list)
    for rule in context.rules:
        if out_of_force(context.bundle, context.as_of, rule):
            continue
        try:
            space = space_of(context.bundle, context.as_of, rule)
            if space.find(rule.when, TRUE) is None:
                parts = exclusive(space, rule.when)
                if _is_over(context, rule, parts):
                    over[rule.span].append(rule)
                else:
                    yield _never(context, rule, parts, unsure=rule.tightening and space.first(partial(fires, rule)))
            elif rule.unless is not None and space.find(rule.unless, TRUE) is None:
                yield _no_exemption(context, rule, exclusive(space, rule.unless))
        except TooLarge as error:
            yield too_large(rule.span, NAME, rule.id, error)
    for rules in over.values():
        yield _over(context, rules)


def _never(context: Context, rule: Rule, parts: tuple[Condition, ...], *, unsure: object) -> Finding:
    but = "; it acts only while something that it reads is unknown" if unsure else ""
    several = "its conditions exclude one another" if len(parts) > 1 else "one of its conditions never holds"
    return found(
        _place_of(rule, parts),
        f"`{rule.id}` can never fire: {several}{but}",
        "mend its conditions, or delete it",
        how=how_exclusive(context.bundle, context.as_of, parts),
        where=f"rules/{rule.id}",
    )


def _no_exemption(context: Context, rule: Rule, parts: tuple[Condition, ...]) -> Finding:
    return found(
        rule.unless_span,
        f"the `unless` of `{rule.id}` never holds, so it exempts nothing",
        "write `any:` over conditions of which one is enough; else mend them, or delete the `unless`",
        why="an exemption that nothing meets lets nobody through",
        how=how_exclusive(context.bundle, context.as_of, parts),
        where=f"rules/{rule.id}/unless",
    )


def _over(context: Context, rules: list[Rule]) -> Finding:
    """Return that the days of *rules*, one or some rows of one, lie in the past."""
    rule = rules[0]
    more = f", and {len(rules) - 1} more of its rows are" if len(rules) > 1 else ""
    return found(
        _until(context, rule) or written_at(rule),
        f"`{rule.id}` is over: it no longer fires on {context.as_of} or later{more}",
        "delete it once no earlier day is asked about, or write the day that is meant",
        why="what is over is read as if it still held",
        where=f"rules/{rule.id.partition('[')[0]}/over",
        level=Level.NOTE,
    )


def _is_over(context: Context, rule: Rule, parts: tuple[Condition, ...]) -> bool:
    """Return whether *parts*, of which *rule* never fires, are a day that has passed, and all its days were once."""
    dates = tuple(part for part in parts_of(rule.when) if set(read_by(part)) == {TODAY.name})
    if len(parts) > 1 or parts[0] not in dates:
        return False
    earlier = context.as_of - timedelta(days=MOST_DAYS)
    return Space(context.bundle, earlier, dates).find(All(dates), TRUE) is not None


def _until(context: Context, rule: Rule) -> Span | None:
    """Return where the last day of *rule* is written, if it is what ended it."""
    if rule.ends is None or rule.ends > context.as_of:
        return None
    for document in context.sources.of(Kind.POLICY):
        rules = document.root.get(Text("rules"))
        body = rules.get(Text(rule.id.partition("[")[0])) if isinstance(rules, Map) else None
        until = body.get(Text("until")) if isinstance(body, Map) else None
        if document.id == rule.policy and until is not None:
            return until.span
    return None


def _place_of(rule: Rule, parts: tuple[Condition, ...]) -> Span:
    """Return where the first of *parts* is written; of a row, or where none is, where the rule is."""
    own = [atom.span for part in parts for atom in atoms(part) if atom.span.path == rule.span.path]
    return own[0] if own and not rule.row else written_at(rule)
