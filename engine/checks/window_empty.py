"""
Hours that end before they begin let no call be placed, and on some day nobody will know why.

Looked at on the day asked about and on every later day on which one of the two changes.

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
from datetime import date

from engine.bundle import OnlyBetween, Rule
from engine.checks.context import Context, found
from engine.checks.prove.regions import names_in
from engine.expressions.evaluate import value_of
from engine.expressions.tree import Value
from engine.expressions.values import format_value
from engine.source.finding import Finding, Level
from engine.source.span import Span
from engine.terms import ValueType

NAME = "window-empty"
CODE = "POL610"
LEVEL = Level.ERROR
WAIVABLE = True


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each rule whose hours are empty on some day, with that day and how many rows share it."""
    empty: dict[Span, list[tuple[Rule, date, int, int]]] = defaultdict(list)
    for rule in context.rules:
        for effect in rule.effects:
            if isinstance(effect, OnlyBetween):
                empty[rule.span] += [(rule, *hours) for hours in _empty(context, effect)]
    for held in empty.values():
        if held:
            rule, day, opens, closes = held[0]
            first, last = (format_value(at, ValueType.TIME) for at in (opens, closes))
            what = (
                f"opens and closes at {first}" if opens == closes else f"opens at {first} and closes before, at {last}"
            )
            more = f", and {len(held) - 1} more of its rows leave none either" if len(held) > 1 else ""
            yield found(
                rule.span,
                f"`{rule.id}` leaves no hour on {day}: it {what}{more}",
                "write when the hours begin first and when they end second, the end after the beginning",
                where=f"rules/{rule.id.partition('[')[0]}",
            )


def _empty(context: Context, effect: OnlyBetween) -> Iterator[tuple[date, int, int]]:
    """Yield the first day on which the hours of *effect* are empty, and what they then are."""
    read = [n for n in names_in((effect.opens, effect.closes)) if n in context.bundle.parameters]
    for day in _days(context, read):
        held: dict[str, Value] = {name: context.bundle.parameters[name].on(day) for name in read}
        opens, closes = value_of(effect.opens, held), value_of(effect.closes, held)
        if isinstance(opens, int) and isinstance(closes, int) and opens >= closes:
            yield day, opens, closes
            return


def _days(context: Context, names: list[str]) -> list[date]:
    """Return the day asked about and each later one on which one of *names* changes."""
    later = {dated.starts for name in names for dated in context.bundle.parameters[name].values}
    return [context.as_of, *sorted(day for day in later if day > context.as_of)]
