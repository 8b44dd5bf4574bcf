"""
More than three repetitions badger the callee.

Flagged::

    # flows/call/flow.yaml
    silence: {times: 5, say: are_you_there, then: {end: no_answer}}  # error[too-many-repeats]

Write instead::

    # flows/call/flow.yaml
    silence: {times: 2, say: are_you_there, then: {end: no_answer}}
"""

from collections.abc import Iterator

from engine.bundle import Again
from engine.checks.context import Context, found
from engine.source.finding import Finding, Level
from engine.source.span import Span

MOST = 3

NAME = "too-many-repeats"
CODE = "FLW111"
LEVEL = Level.WARNING
WAIVABLE = True


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each answer that is given more than three times a visit."""
    seen: set[str] = set()
    asked: set[Span] = set()
    for flow in context.flows:
        for step in context.steps[flow.id]:
            if isinstance(step.target, Again) and step.target.times > MOST and step.id not in seen:
                seen.add(step.id)
                yield found(
                    step.target_span, f"the same is said {step.target.times} times", f"at most {MOST}", where=step.id
                )
        for state in flow.states.values():
            for kind, reask in (("silence", state.silence), ("unclear", state.unclear)):
                if reask is not None and reask.times > MOST and reask.span not in asked:
                    asked.add(reask.span)
                    yield found(
                        reask.span,
                        f"the callee is asked {reask.times} times more",
                        f"at most {MOST}",
                        where=f"{flow.id}/states/{state.name}/{kind}",
                    )
