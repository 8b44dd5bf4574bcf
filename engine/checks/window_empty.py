"""
Hours that end before they begin let no call be placed, and on some day nobody will know why.

Looked at on the day asked about and on every later day on which one of the two changes; so are the hours of two rules
that hold at once, and have none in common.

Flagged::

    # policies/rules.yaml
    parameters:
      opens: {type: time, values: [{from: 2021-11-30, is: '21:00', source: house rule}]}
      closes: {type: time, values: [{from: 2021-11-30, is: '08:00', source: house rule}]}
    rules:
      window:  # error[window-empty]
        {ask: before_dialing, only_between: [opens, closes], source: house rule, severity: house}

Write instead::

    # policies/rules.yaml
    parameters:
      opens: {type: time, values: [{from: 2021-11-30, is: '08:00', source: house rule}]}
      closes: {type: time, values: [{from: 2021-11-30, is: '21:00', source: house rule}]}
    rules:
      window: {ask: before_dialing, only_between: [opens, closes], source: house rule, severity: house}
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from engine.bundle import Dated, OnlyBetween, Rule, in_force
from engine.checks.analysis import TODAY, Space, for_example, parts_of, written_at
from engine.checks.context import Context, found, too_large
from engine.checks.prove.limits import TooLarge
from engine.checks.prove.regions import names_in
from engine.checks.prove.truth import TRUE, assume, placeless, read_by
from engine.expressions.evaluate import value_of
from engine.expressions.tree import ALWAYS, All, Condition, Member, Not, Value
from engine.expressions.values import format_value
from engine.source.finding import Finding, Level, Note
from engine.source.span import Span
from engine.terms import ValueType

NAME = "window-empty"
CODE = "POL610"
LEVEL = Level.ERROR
WAIVABLE = True


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each rule whose hours are empty on some day, with that day and how many rows share it."""
    empty: dict[Span, list[tuple[Rule, OnlyBetween, date, Hours]]] = defaultdict(list)
    for rule, effect in _windows(context):
        try:
            first = _first_empty(context, rule, effect)
        except TooLarge as error:
            yield too_large(rule.span, NAME, rule.id, error)
            continue
        if first is not None:
            empty[rule.span].append((rule, effect, *first))
    for held in empty.values():
        rule, effect, day, hours = held[0]
        opens, closes = hours.said()
        what = (
            f"opens and closes at {opens}"
            if hours.opens == hours.closes
            else f"opens at {opens} and closes before, at {closes}"
        )
        more = f", and {len(held) - 1} more of its rows leave none either" if len(held) > 1 else ""
        values = _in_force(context, effect, day)
        told = tuple(Note(value.span, "a value in force then") for _, value in values)
        yield replace(
            found(
                _changed(context, effect, values) or (rule.row_span if rule.row else rule.span),
                f"`{rule.id}` leaves no hour on {day}: it {what}{more}",
                "write when the hours begin first and when they end second, the end after the beginning",
                where=f"rules/{rule.id.partition('[')[0]}",
            ),
            notes=(Note(rule.span, f"the rule `{rule.id}`"), *told),
        )
    yield from _apart(context, {rule.id for held in empty.values() for rule, *_ in held})


def _apart(context: Context, empty: set[str]) -> Iterator[Finding]:
    """Yield one finding for each rule whose hours have none in common with those of an earlier one, but for *empty*."""
    windows = [(rule, effect) for rule, effect in _windows(context) if rule.id not in empty]
    windows.sort(key=lambda held: (held[0].row != "", held[0].written != ALWAYS, held[0].span, held[0].row_span))
    for place, (rule, effect) in enumerate(windows):
        for other, theirs in windows[:place]:
            try:
                apart = _day_apart(context, (rule, effect), (other, theirs))
            except TooLarge as error:
                yield too_large(rule.span, NAME, f"{rule.id}` beside `{other.id}", error)
                continue
            if apart is not None:
                day, (ours, others), facts = apart
                both = "" if rule.written == ALWAYS == other.written else ", where both hold"
                (opens, closes), (opened, closed) = ours.said(), others.said()
                hours = f"`{rule.id}` leaves {opens} to {closes}, `{other.id}` {opened} to {closed}"
                yield replace(
                    found(
                        rule.row_span if rule.row else written_at(rule),
                        f"`{rule.id}` and `{other.id}` share no hour on {day}{both}, so no call can be placed",
                        "let their hours meet, or say with `when` where each holds",
                        why="a call may be placed only in the hours of all rules that hold",
                        how=(hours, *for_example(context.bundle, facts)),
                        where=f"rules/{rule.id}/{other.id}",
                    ),
                    notes=(Note(written_at(other), f"the hours of `{other.id}`"),),
                )
                break


@dataclass(frozen=True, slots=True)
class Hours:
    """The seconds after midnight at which calls may begin, and from which they may not."""

    opens: int
    closes: int

    def said(self) -> tuple[str, str]:
        """Return both as times of day."""
        return format_value(self.opens, ValueType.TIME), format_value(self.closes, ValueType.TIME)


def _windows(context: Context) -> list[tuple[Rule, OnlyBetween]]:
    return [(rule, effect) for rule in context.rules for effect in rule.effects if isinstance(effect, OnlyBetween)]


def _first_empty(context: Context, rule: Rule, effect: OnlyBetween) -> tuple[date, Hours] | None:
    """Return the first day on which *rule* may hold and its hours are none, and what they then are; else None."""
    for day in _days(context, rule):
        hours = _hours(context, effect, day)
        if hours is not None and hours.opens >= hours.closes and _both(context, day, rule) is not None:
            return day, hours
    return None


def _day_apart(
    context: Context, ours: tuple[Rule, OnlyBetween], theirs: tuple[Rule, OnlyBetween]
) -> tuple[date, tuple[Hours, Hours], Mapping[str, Value]] | None:
    """Return the first day on which both have hours, and none in common, and facts for which both hold; else None."""
    rule, other = ours[0], theirs[0]
    places = context.bundle.vocabulary.places
    nested = rule.place in ("", *places.get(other.place, ())) or other.place in ("", *places.get(rule.place, ()))
    if not nested or (rule.row and other.row and _members(rule) != _members(other)):
        return None
    for day in _days(context, rule, other):
        mine, yours = _hours(context, ours[1], day), _hours(context, theirs[1], day)
        if mine is not None and yours is not None and max(mine.opens, yours.opens) >= min(mine.closes, yours.closes):
            facts = _both(context, day, rule, other)
            if facts is not None:
                return day, (mine, yours), facts
    return None


def _members(rule: Rule) -> set[Condition]:
    """Return what *rule* asks to be among something, such as a place among those of an account."""
    return {placeless(part) for part in parts_of(rule.written) if isinstance(part, Member)}


def _both(context: Context, day: date, *rules: Rule) -> Mapping[str, Value] | None:
    """Return facts for which all of *rules* hold on *day*; None where there are none.

    Raises:
        TooLarge: They read too much to be compared case by case.
    """
    wanted = [part for rule in rules for part in (rule.written, *([Not(rule.unless)] if rule.unless else []))]
    law: dict[str, Value] = {TODAY.name: day.toordinal()}
    for name, parameter in context.bundle.parameters.items():
        law |= {name: parameter.on(day), in_force(name): parameter.on(day) is not None}
    left = assume(All(tuple(wanted)), law)
    return Space(context.bundle, day, (left,)).find(left, TRUE)


def _hours(context: Context, effect: OnlyBetween, day: date) -> Hours | None:
    """Return the hours of *effect* on *day*, or None where they are not given by parameters in force then."""
    held: dict[str, Value] = {name: context.bundle.parameters[name].on(day) for name in _parameters(context, effect)}
    opens, closes = value_of(effect.opens, held), value_of(effect.closes, held)
    return Hours(opens, closes) if isinstance(opens, int) and isinstance(closes, int) else None


def _in_force(context: Context, effect: OnlyBetween, day: date) -> list[tuple[str, Dated]]:
    """Return what the parameters of *effect* are on *day*, the latest values last."""
    found = []
    for name in _parameters(context, effect):
        begun = [value for value in context.bundle.parameters[name].values if value.starts <= day]
        found += [(name, value) for value in begun[-1:]]
    return sorted(found, key=lambda held: (held[1].starts, held[1].span))


def _changed(context: Context, effect: OnlyBetween, values: list[tuple[str, Dated]]) -> Span | None:
    """Return where the first that changed of the latest of *values* is written, if there were hours before; or None."""
    if not values or values[-1][1].starts == date.min:
        return None
    latest = values[-1][1].starts
    before = latest - timedelta(days=1)
    hours = _hours(context, effect, before)
    if hours is None or hours.opens >= hours.closes:
        return None
    was = context.bundle.parameters
    return next(value.span for name, value in values if value.starts == latest and was[name].on(before) != value.value)


def _parameters(context: Context, *windows: OnlyBetween) -> list[str]:
    """Return the parameters that the hours of *windows* are given by."""
    bounds = tuple(bound for window in windows for bound in (window.opens, window.closes))
    return sorted(name for name in names_in(bounds) if name in context.bundle.parameters)


def _days(context: Context, *rules: Rule) -> list[date]:
    """Return the day asked about and each later one on which something of *rules* changes, while all are in force."""
    names = {
        name for rule in rules for e in rule.effects if isinstance(e, OnlyBetween) for name in _parameters(context, e)
    }
    names |= {name for rule in rules for name in read_by(rule.written) if name in context.bundle.parameters}
    later = {dated.starts for name in names for dated in context.bundle.parameters[name].values}
    later |= {rule.starts for rule in rules if rule.starts is not None}
    days = [context.as_of, *sorted(day for day in later if day > context.as_of)]
    return [day for day in days if all(_covers(rule, day) for rule in rules)]


def _covers(rule: Rule, day: date) -> bool:
    return (rule.starts is None or rule.starts <= day) and (rule.ends is None or day < rule.ends)
