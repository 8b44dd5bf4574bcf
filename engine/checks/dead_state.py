"""
A dialogue state that nothing leads to is never spoken.

It usually means that a target was renamed in one place only, and that what the author believes is said is not.

Flagged::

    # flows/call/flow.yaml
    states:
      greeting:
        say: greeting
        hears:
          affirm: {say: bye, end: done}
      farewell:  # error[dead-state]
        say: bye
        hears:
          affirm: {say: bye, end: done}

Write instead::

    # flows/call/flow.yaml
    states:
      greeting:
        say: greeting
        hears:
          affirm: {go: farewell}
      farewell:
        say: bye
        hears:
          affirm: {say: bye, end: done}
"""

from collections.abc import Iterator

from engine.checks.context import Context, found
from engine.source.finding import Finding, Level

NAME = "dead-state"
CODE = "FLW102"
LEVEL = Level.WARNING
WAIVABLE = True


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each state that the start cannot lead to; a subflow's state counts once."""
    for flow in context.flows:
        alive = {flow.states[name].span for name in context.reached[flow.id]}
        for state in flow.states.values():
            if state.span not in alive and not state.name.rpartition(".")[2].startswith("="):
                alive.add(state.span)
                yield found(
                    state.span,
                    f"no step leads to `{state.name}`",
                    f"point a step at `{state.name}`, or delete it",
                    where=f"{flow.id}/states/{state.name}",
                )
