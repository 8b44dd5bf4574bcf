"""
What is said when a rule holds a turn back must itself give nothing away.

Flagged::

    # flows/call/flow.yaml
    blocked: {say: balance, end: blocked}  # error[blocked-not-neutral]

Write instead::

    # flows/call/flow.yaml
    blocked: {say: bye, end: blocked}
"""

from collections.abc import Iterator

from engine.checks.context import Context, found
from engine.source.finding import Finding, Level

NAME = "blocked-not-neutral"
CODE = "POL603"
LEVEL = Level.ERROR
WAIVABLE = False


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each `blocked` that does something, or says what a class guards."""
    for flow in context.flows:
        for prompt in flow.blocked.say:
            classes = sorted(context.bundle.prompts[prompt].discloses)
            if classes:
                yield found(
                    flow.blocked.span,
                    f"`blocked` says `{prompt}`, which gives away `{classes[0]}`",
                    "say something that gives nothing away",
                    where=f"{flow.id}/blocked",
                )
        for do in flow.blocked.does:
            yield found(
                flow.blocked.span,
                f"`blocked` does `{do.action}`",
                "let it only say something and end",
                where=f"{flow.id}/blocked",
            )
