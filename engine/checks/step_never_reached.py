"""
A step that comes after one which takes every case is never taken.

Flagged::

    # flows/call/flow.yaml
    states:
      greeting:
        say: greeting
        hears:
          affirm:
            - {when: pay.amount is unknown, end: done}
            - {when: pay.amount > 50, end: done}
            - {when: pay.amount > 100, say: bye, end: done}  # error[step-never-reached]
            - {end: done}

Write instead::

    # flows/call/flow.yaml
    states:
      greeting:
        say: greeting
        hears:
          affirm:
            - {when: pay.amount is unknown, end: done}
            - {when: pay.amount > 100, say: bye, end: done}
            - {when: pay.amount > 50, end: done}
            - {end: done}
"""

from collections.abc import Iterator, Mapping

from engine.bundle import Again
from engine.checks.analysis import Space
from engine.checks.context import Context, found, too_large
from engine.checks.prove.limits import TooLarge
from engine.checks.prove.truth import TRUE, placeless, truth
from engine.expressions.tree import Condition, Value
from engine.source.finding import Finding, Level
from engine.terms import Kind

NAME = "step-never-reached"
CODE = "FLW114"
LEVEL = Level.WARNING
WAIVABLE = True
READS: tuple[Kind, ...] = (Kind.FLOW,)


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each step that can hold, but only where an earlier step of its list always does."""
    seen = set()
    looked: dict[tuple[Condition, ...], bool] = {}
    for flow in context.flows:
        for state in flow.states.values():
            for steps in (*state.hears.values(), state.then):
                for place, step in enumerate(steps):
                    before = tuple(s.when for s in steps[:place] if not isinstance(s.target, Again))
                    if not before or step.id in seen:
                        continue
                    seen.add(step.id)
                    asked = tuple(map(placeless, (step.when, *before)))
                    try:
                        if asked not in looked:
                            looked[asked] = _hidden(context, asked[0], asked[1:])
                    except TooLarge as error:
                        yield too_large(step.span, NAME, step.id, error)
                        continue
                    if looked[asked]:
                        yield found(
                            step.span,
                            "an earlier step is always taken in its place",
                            "put the narrower step first, or delete this one",
                            where=step.id,
                        )


def _hidden(context: Context, when: Condition, before: tuple[Condition, ...]) -> bool:
    """Return whether *when* can hold, but only where one of *before* does.

    Raises:
        TooLarge: They read too much to be looked at case by case.
    """
    space = Space(context.bundle, context.as_of, (when, *before))
    if space.find(when, TRUE) is None:
        return False
    known = {name for name, fact in context.bundle.vocabulary.facts.items() if fact.initially is not None}

    def taken(facts: Mapping[str, Value]) -> bool:
        if any(value is None and name in known for name, value in facts.items()):
            return False
        return bool(truth(when, facts) & TRUE) and all(truth(earlier, facts) & ~TRUE for earlier in before)

    return space.first(taken) is None
