"""
A rule that fires only where another one with the same effect fires too adds nothing.

Either it was meant to be wider, or one of the two can go. Rows of one table are compared with one another
only (of those that bound one fact, `table-gap` speaks), and a rule of a place within another with the rules of both. A
warning, or a call left to a person, adds nothing either where the call is denied.

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
      narrow:
        ask: before_dialing
        when: account.balance > 500  # error[rule-implied]
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
from dataclasses import replace
from functools import partial

from engine.bundle import Deny, Effect, NeverSay, OnlyBetween, RouteHuman, Rule, Warn
from engine.checks.analysis import Space, fires, fires_when_known, for_example, silent, space_of, written_at
from engine.checks.context import Context, found, too_large
from engine.checks.prove.limits import TooLarge
from engine.checks.prove.slices import FLAG
from engine.checks.prove.truth import FALSE, read_by
from engine.checks.table_gap import looked_up_by
from engine.expressions.tree import All, AnyOf, Condition, Not
from engine.source.finding import Finding, Level, Note
from engine.terms import Kind

NAME = "rule-implied"
CODE = "POL605"
LEVEL = Level.WARNING
WAIVABLE = True
READS: tuple[Kind, ...] = ()


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each rule whose every case another rule of the same effect covers."""
    alike: dict[tuple[object, ...], list[Rule]] = defaultdict(list)
    for rule in context.rules:
        alike[_table(rule), rule.ask, tuple(map(_kind, rule.effects))].append(rule)
    compared = (rules for (table, *_), rules in alike.items() if not (table and looked_up_by(rules)))
    for rule in (rule for rules in compared for rule in rules):
        kinds = tuple(map(_kind, rule.effects))
        stronger = alike.get((_table(rule), rule.ask, (Deny,)), []) if _gives_way(rule) else []
        for other in (*alike[_table(rule), rule.ask, kinds], *stronger):
            if rule.id != other.id and _comparable(context, rule, other):
                try:
                    space = space_of(context.bundle, context.as_of, rule, other)
                    shown = space.first(partial(fires_when_known, rule)) if _covered(space, rule, other) else None
                    adds = shown is None or _forbids_all(context, other)
                    weaker = _gives_way(rule) and not _gives_way(other)
                    needless = not adds and (weaker or _comes_later(rule, other) or not _covered(space, other, rule))
                except TooLarge as error:
                    yield too_large(rule.span, NAME, f"{rule.id}` beside `{other.id}", error)
                    continue
                if needless:
                    yield replace(
                        found(
                            written_at(rule),
                            f"wherever `{rule.id}` fires, `{other.id}` fires too, and {_does(weaker)}",
                            "delete it, or mend its conditions",
                            why="a denial goes before a person, and both before a warning" if weaker else "",
                            how=for_example(context.bundle, shown or {}),
                            where=f"rules/{rule.id}",
                        ),
                        notes=(Note(written_at(other), f"the rule `{other.id}`"),),
                    )
                    break


def _gives_way(rule: Rule) -> bool:
    """Return whether a denial makes *rule* idle: it warns of a call, or has a person place it."""
    return all(isinstance(effect, RouteHuman | Warn) for effect in rule.effects)


def _does(weaker: bool) -> str:
    return "denies the call, whatever else is said of it" if weaker else "does the same"


def _comparable(context: Context, rule: Rule, other: Rule) -> bool:
    """Return whether *other* may cover *rule*: it is asked wherever *rule* is, and needs nothing else."""
    lies_in = context.bundle.vocabulary.places.get(rule.place, ())
    if other.place not in ("", rule.place, *lies_in):
        return False
    ours = _read(context, rule.when, rule.unless)
    theirs = _read(context, other.written, other.unless)
    return theirs <= ours or (bool(ours & theirs) and _offers_a_choice(other.written))


def _offers_a_choice(condition: Condition) -> bool:
    """Return whether part of *condition* can do for the rest: else whatever it reads can make it false."""
    match condition:
        case All():
            return any(map(_offers_a_choice, condition.parts))
        case AnyOf() | Not():
            return True
    return False


def _forbids_all(context: Context, rule: Rule) -> bool:
    """Return whether *rule* is a denial whose own condition nothing makes false: another check speaks of it."""
    if rule.unless is not None or not any(isinstance(effect, Deny) for effect in rule.effects):
        return False
    free = Space(context.bundle, context.as_of, (rule.written,)).find(rule.written, FALSE)
    return free is None


def _table(rule: Rule) -> str:
    """Return the rule that goes through the table of which *rule* is a row: rows restate what holds elsewhere."""
    return rule.id.partition("[")[0] if rule.row else ""


def _comes_later(rule: Rule, other: Rule) -> bool:
    """Return which of two rules that say the same is the one too many."""
    return (rule.span.path, rule.span.line, rule.id) > (other.span.path, other.span.line, other.id)


def _covered(space: Space, rule: Rule, other: Rule) -> bool:
    """Return whether *other* fires wherever *rule* does."""
    return space.first(lambda facts: fires(rule, facts) and silent(other, facts)) is None


def _kind(effect: Effect) -> object:
    """Return what effects must share to be compared: what bans and hours extend to is part of the conditions."""
    if isinstance(effect, Warn):
        return Warn, effect.reason.source, effect.reason.bound
    return type(effect) if isinstance(effect, Deny | RouteHuman | NeverSay | OnlyBetween) else effect


def _read(context: Context, *conditions: Condition | None) -> set[str]:
    """Return the facts that *conditions* read."""
    names = {name for condition in conditions if condition is not None for name in read_by(condition)}
    return {name for name in names if not name.endswith(FLAG)} - context.bundle.parameters.keys()
