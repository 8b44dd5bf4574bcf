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
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from engine.bundle import Dated, OnlyBetween, Rule
from engine.checks.analysis import Space, written_at
from engine.checks.context import Context, found
from engine.checks.prove.regions import names_in
from engine.checks.prove.truth import TRUE
from engine.expressions.evaluate import value_of
from engine.expressions.tree import ALWAYS, All, Value
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
    empty: dict[Span, list[tuple[Rule, OnlyBetween, date, int, int]]] = defaultdict(list)
    for rule in context.rules:
        for effect in rule.effects:
            if isinstance(effect, OnlyBetween):
                empty[rule.span] += [(rule, effect, *hours) for hours in _empty(context, effect)]
    for held in empty.values():
        if held:
            rule, effect, day, opens, closes = held[0]
            first, last = (format_value(at, ValueType.TIME) for at in (opens, closes))
            what = (
                f"opens and closes at {first}" if opens == closes else f"opens at {first} and closes before, at {last}"
            )
            more = f", and {len(held) - 1} more of its rows leave none either" if len(held) > 1 else ""
            values = _in_force(context, effect, day)
            told = tuple(Note(value.span, "a value in force then") for value in values)
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
    hours = [(r, e) for r in context.rules for e in r.effects if isinstance(e, OnlyBetween) and r.id not in empty]
    hours.sort(key=lambda held: (held[0].row != "", held[0].written != ALWAYS, held[0].id))
    for place, (rule, effect) in enumerate(hours):
        for other, theirs in hours[:place]:
            day = _day_apart(context, effect, theirs) if _at_once(context, rule, other) else None
            if day is not None:
                both = "" if rule.written == ALWAYS == other.written else ", where both hold"
                yield replace(
                    found(
                        rule.row_span if rule.row else written_at(rule),
                        f"`{rule.id}` and `{other.id}` share no hour on {day}{both}, so no call can be placed",
                        "let their hours meet, or say with `when` where each holds",
                        where=f"rules/{rule.id}/{other.id}",
                    ),
                    notes=(Note(written_at(other), f"the hours of `{other.id}`"),),
                )
                break


def _at_once(context: Context, rule: Rule, other: Rule) -> bool:
    """Return whether the two hold for some call at once: in one place or within one another, with facts for both."""
    places = context.bundle.vocabulary.places
    nested = rule.place in ("", *places.get(other.place, ())) or other.place in ("", *places.get(rule.place, ()))
    if not nested or (rule.row and other.row) or rule.unless is not None or other.unless is not None:
        return False
    both = All((rule.written, other.written))
    return Space(context.bundle, context.as_of, (both,)).find(both, TRUE) is not None


def _day_apart(context: Context, ours: OnlyBetween, theirs: OnlyBetween) -> date | None:
    """Return the first day on which both have hours, and none in common; None where there is none."""
    read = _parameters(context, ours, theirs)
    for day in _days(context, read):
        held: dict[str, Value] = {name: context.bundle.parameters[name].on(day) for name in read}
        times = [value_of(bound, held) for bound in (ours.opens, theirs.opens, ours.closes, theirs.closes)]
        known = [time for time in times if isinstance(time, int)]
        if len(known) == len(times) and max(known[:2]) >= min(known[2:]):
            return day
    return None


def _empty(context: Context, effect: OnlyBetween) -> Iterator[tuple[date, int, int]]:
    """Yield the first day on which the hours of *effect* are empty, and what they then are."""
    read = _parameters(context, effect)
    for day in _days(context, read):
        held: dict[str, Value] = {name: context.bundle.parameters[name].on(day) for name in read}
        opens, closes = value_of(effect.opens, held), value_of(effect.closes, held)
        if isinstance(opens, int) and isinstance(closes, int) and opens >= closes:
            yield day, opens, closes
            return


def _in_force(context: Context, effect: OnlyBetween, day: date) -> list[Dated]:
    """Return what the parameters of *effect* are on *day*, the latest value last."""
    begun = ([v for v in context.bundle.parameters[n].values if v.starts <= day] for n in _parameters(context, effect))
    return sorted((values[-1] for values in begun if values), key=lambda value: value.starts)


def _changed(context: Context, effect: OnlyBetween, values: list[Dated]) -> Span | None:
    """Return where the latest of *values* is written, if there were hours until it came into force; else None."""
    if not values or values[-1].starts == date.min:
        return None
    before = values[-1].starts - timedelta(days=1)
    held: dict[str, Value] = {n: context.bundle.parameters[n].on(before) for n in _parameters(context, effect)}
    opens, closes = value_of(effect.opens, held), value_of(effect.closes, held)
    were = isinstance(opens, int) and isinstance(closes, int) and opens < closes
    return values[-1].span if were else None


def _parameters(context: Context, *windows: OnlyBetween) -> list[str]:
    """Return the parameters that the hours of *windows* are given by."""
    bounds = tuple(bound for window in windows for bound in (window.opens, window.closes))
    return sorted(name for name in names_in(bounds) if name in context.bundle.parameters)


def _days(context: Context, names: list[str]) -> list[date]:
    """Return the day asked about and each later one on which one of *names* changes."""
    later = {dated.starts for name in names for dated in context.bundle.parameters[name].values}
    return [context.as_of, *sorted(day for day in later if day > context.as_of)]
