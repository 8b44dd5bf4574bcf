"""
From every state that listens, asking for a person must lead to one.

The intent `human` must, within two turns, hand the call over: by the action `transfer`, or an end whose name says so.

Flagged::

    # flows/call/flow.yaml
    anytime:
      stop_calling: {say: stopped, end: stopped}
      human: {say: bye, end: done}  # error[no-way-to-a-person]

Write instead::

    # flows/call/flow.yaml
    anytime:
      stop_calling: {say: stopped, end: stopped}
      human: {say: wait_please, do: {transfer: {queue: '"people"'}}, end: transferred}
"""

from collections.abc import Iterator

from engine.bundle import End, Flow, Go, Step
from engine.checks.context import Context, found, steps_in
from engine.source.finding import Finding, Level

HUMAN, TRANSFER = "human", "transfer"

NAME = "no-way-to-a-person"
CODE = "FLW117"
LEVEL = Level.ERROR
WAIVABLE = True


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each handler of `human` that does not hand the call to a person within two turns."""
    if HUMAN not in context.bundle.vocabulary.protected:
        return
    for flow in context.flows:
        seen = set()
        for name in context.reached[flow.id]:
            for step in flow.states[name].hears.get(HUMAN, ())[:1]:
                if step.id not in seen and not _reaches(flow, step, 2):
                    seen.add(step.id)
                    yield found(
                        step.span,
                        "asking for a person does not lead to one",
                        "do `transfer` within two turns, or end with a transfer",
                        where=step.id,
                    )


def _reaches(flow: Flow, step: Step, turns: int) -> bool:
    if any(do.action == TRANSFER for do in step.does):
        return True
    if isinstance(step.target, End):
        return TRANSFER in step.target.disposition
    if not isinstance(step.target, Go):
        return False
    state = flow.states[step.target.state]
    if state.then:
        return any(_reaches(flow, other, turns) for other in state.then if other is not step)
    return turns > 1 and any(_reaches(flow, other, turns - 1) for other in steps_in(state))
