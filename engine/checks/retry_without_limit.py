"""
Silence that leads back to the same question is asked again without end.

The count of `times` begins anew with each visit, so `then: {go: …}` must not come round to the same state by
silence or by unclear words alone.

Flagged::

    # flows/call/flow.yaml
    states:
      greeting:
        say: greeting
        silence: {times: 2, say: are_you_there, then: {go: greeting}}  # error[retry-without-limit]
        hears:
          affirm: {say: bye, end: done}

Write instead::

    # flows/call/flow.yaml
    states:
      greeting:
        say: greeting
        silence: {times: 2, say: are_you_there, then: {end: no_answer}}
        hears:
          affirm: {say: bye, end: done}
"""

from collections.abc import Iterator

from engine.bundle import Flow, Go, Reask, State
from engine.checks.context import Context, found
from engine.source.finding import Finding, Level

NAME = "retry-without-limit"
CODE = "FLW112"
LEVEL = Level.ERROR
WAIVABLE = True


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each bounded answer that can lead back to itself with nothing heard between."""
    for flow in context.flows:
        seen = set()
        for name in context.reached[flow.id]:
            state = flow.states[name]
            for kind in ("silence", "unclear"):
                reask = _of(state, kind)
                if reask is not None and reask.span not in seen and name in _led_to(flow, name, kind):
                    seen.add(reask.span)
                    yield found(
                        reask.span,
                        f"`{kind}` in `{name}` leads back to itself, so it is asked without end",
                        "let its `then` end the call, or go where something else is asked",
                        where=f"{flow.id}/states/{name}/{kind}",
                    )


def _of(state: State, kind: str) -> Reask | None:
    return state.silence if kind == "silence" else state.unclear


def _led_to(flow: Flow, start: str, kind: str) -> set[str]:
    """Return the listening states that *kind* alone leads to from *start*."""
    found: set[str] = set()
    ahead = [start]
    while ahead:
        state = flow.states[ahead.pop()]
        reask = _of(state, kind)
        steps = state.then if state.then else (reask.then,) if reask else ()
        for step in steps:
            if isinstance(step.target, Go) and step.target.state not in found:
                found.add(step.target.state)
                ahead.append(step.target.state)
    return found
