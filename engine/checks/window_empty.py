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

from collections.abc import Iterator
from datetime import date

from engine.bundle import OnlyBetween
from engine.checks.context import Context, found
from engine.checks.prove.regions import names_in
from engine.expressions.evaluate import value_of
from engine.expressions.tree import Value
from engine.expressions.values import format_value
from engine.source.finding import Finding, Level
from engine.terms import ValueType

NAME = "window-empty"
CODE = "POL610"
LEVEL = Level.ERROR
WAIVABLE = True


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each window that is empty on some day, with that day."""
    for rule in context.rules:
        for effect in rule.effects:
            if isinstance(effect, OnlyBetween):
                read = [n for n in names_in((effect.opens, effect.closes)) if n in context.bundle.parameters]
                for day in _days(context, read):
                    held: dict[str, Value] = {name: context.bundle.parameters[name].on(day) for name in read}
                    opens, closes = value_of(effect.opens, held), value_of(effect.closes, held)
                    if isinstance(opens, int) and isinstance(closes, int) and opens >= closes:
                        hours = f"{format_value(opens, ValueType.TIME)} to {format_value(closes, ValueType.TIME)}"
                        yield found(
                            rule.span,
                            f"`{rule.id}` leaves no hour on {day}: {hours}",
                            "let the hours begin before they end",
                            where=f"rules/{rule.id}",
                        )
                        break


def _days(context: Context, names: list[str]) -> list[date]:
    """Return the day asked about and each later one on which one of *names* changes."""
    later = {dated.starts for name in names for dated in context.bundle.parameters[name].values}
    return [context.as_of, *sorted(day for day in later if day > context.as_of)]
