"""
A step whose conditions exclude one another is never taken.

Flagged::

    # flows/call/flow.yaml
    states:
      greeting:
        say: greeting
        hears:
          affirm:
            - when: [pay.amount is known, pay.amount > 100, pay.amount < 50]  # error[condition-never-holds]
              say: bye
              end: done
            - {end: done}

Write instead::

    # flows/call/flow.yaml
    states:
      greeting:
        say: greeting
        hears:
          affirm:
            - when: [pay.amount is known, pay.amount > 50, pay.amount < 100]
              say: bye
              end: done
            - {end: done}
"""

from collections.abc import Iterator

from engine.checks.analysis import Space
from engine.checks.context import Context, found, too_large
from engine.checks.prove.limits import TooLarge
from engine.checks.prove.truth import TRUE, placeless
from engine.expressions.tree import ALWAYS, Condition
from engine.source.finding import Finding, Level
from engine.terms import Kind

NAME = "condition-never-holds"
CODE = "FLW116"
LEVEL = Level.ERROR
WAIVABLE = True
READS: tuple[Kind, ...] = (Kind.FLOW,)


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each step whose condition holds for no facts at all."""
    seen = set()
    looked: dict[Condition, bool] = {}
    for flow in context.flows:
        for step in context.steps[flow.id]:
            if step.when == ALWAYS or step.id in seen:
                continue
            seen.add(step.id)
            asked = placeless(step.when)
            try:
                if asked not in looked:
                    looked[asked] = Space(context.bundle, context.as_of, (asked,)).find(asked, TRUE) is not None
            except TooLarge as error:
                yield too_large(step.span, NAME, step.id, error)
                continue
            if not looked[asked]:
                yield found(
                    step.span,
                    "the conditions of this step exclude one another, so it is never taken",
                    "mend the condition, or delete the step",
                    where=step.id,
                )
