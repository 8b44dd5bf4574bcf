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

from collections.abc import Callable, Iterator, Mapping

from engine.bundle import Again, Step
from engine.checks.analysis import Space
from engine.checks.context import Context, found, too_large
from engine.checks.prove.limits import TooLarge
from engine.checks.prove.truth import TRUE, placeless, truth
from engine.expressions.tree import ALWAYS, Condition, Value
from engine.source.finding import Finding, Level
from engine.terms import Kind

NAME = "step-never-reached"
CODE = "FLW114"
LEVEL = Level.WARNING
WAIVABLE = True
READS: tuple[Kind, ...] = (Kind.FLOW,)


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each step that can hold, but only where an earlier one of its list is taken before it."""
    seen: set[str] = set()
    looked: dict[tuple[Condition, ...], bool] = {}

    def hidden(when: Condition, *before: Condition) -> bool:
        asked = tuple(map(placeless, (when, *before)))
        if asked not in looked:
            looked[asked] = _hidden(context, asked[0], asked[1:])
        return looked[asked]

    for flow in context.flows:
        for state in flow.states.values():
            for steps in (*state.hears.values(), state.then):
                yield from _in_list(steps, hidden, seen)


def _in_list(steps: tuple[Step, ...], hidden: Callable[..., bool], seen: set[str]) -> Iterator[Finding]:
    """Yield what is never taken of one list. Its last step is there for what nobody thought of."""
    before: list[Step] = []
    for step in steps:
        if step.id not in seen and before:
            seen.add(step.id)
            try:
                always = next((s for s in before if s.when != ALWAYS and hidden(ALWAYS, s.when)), None)
                never = always is None and step.when != ALWAYS and hidden(step.when, *(s.when for s in before))
            except TooLarge as error:
                yield too_large(step.span, NAME, step.id, error)
                continue
            if always is not None:
                seen |= {later.id for later in steps}
                yield found(
                    always.when.span,
                    "this condition holds whatever the facts are, so the steps after it are never taken",
                    "mend the condition, or delete the steps after it and the condition",
                    where=always.id,
                )
                return
            if never:
                yield found(
                    step.span,
                    "an earlier step is always taken in its place",
                    "put the narrower step first, or delete this one",
                    where=step.id,
                )
        if not isinstance(step.target, Again):
            before.append(step)


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
