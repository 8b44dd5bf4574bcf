"""Actions as data: arguments worked out, and due times."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from engine.bundle import Do
from engine.expressions.evaluate import value_of
from engine.expressions.tree import Value
from engine.facts.calendars import add_bank_days
from engine.runtime.session import Action


def carry_out(do: Do, frame: Mapping[str, Value], at: datetime, rule: str = "") -> Action:
    """Return the action that *do* asks of the host, with its arguments' values and when it is due."""
    due: datetime | None = None
    if do.within is not None and do.bank_days:
        today = frame.get("clock.today")
        here = today if isinstance(today, int) else at.toordinal()
        due = at + timedelta(days=add_bank_days(here, do.within) - here)
    elif do.within is not None:
        due = at + timedelta(seconds=do.within)
    return Action(do.action, {name: value_of(value, frame) for name, value in do.arguments}, due, rule)
