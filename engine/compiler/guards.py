"""A guard that can meet an unknown must have handled it."""

from collections.abc import Iterator

from engine.bundle import Step, Vocabulary
from engine.expressions.parse import names_read
from engine.expressions.tree import All, AnyOf, Condition, Known, Not
from engine.source.finding import Finding, Level
from engine.terms import FactSource

_GIVEN = frozenset({FactSource.HOST, FactSource.LEDGER})
"""Who gives facts when a call starts, or leaves them out."""


def check_unknowns(steps: tuple[Step, ...], vocabulary: Vocabulary) -> Iterator[Finding]:
    """Yield a finding for each guard whose facts may be unknown when it is met.

    A fact is handled by a step before it that is taken when it is unknown, or by ``is known`` in the
    same list of conditions. A handler that handles none of the facts it reads does not compile; one
    that handles some is warned about the rest: an unknown only ever makes a step be passed over. Of
    what is given when the call starts, only a handler that handles nothing at all is warned.
    """
    handled: set[str] = set()
    for step in steps:
        known_here = {n for part in _conjuncts(step.when) for n in _known(part)}
        open_names = [
            name
            for name in dict.fromkeys(names_read(step.when))
            if _may_be_unknown(name, vocabulary) and name not in handled | known_here | _tested(step.when)
        ]
        noted = [name for name in open_names if vocabulary.facts[name].origin not in _GIVEN]
        some = handled | known_here
        if noted or (open_names and not some):
            first = (noted or open_names)[0]
            yield Finding(
                step.when.span,
                "unknown-not-handled",
                f"`{first}` may be unknown when this condition is met",
                f"put a step with `when: {first} is unknown` before it",
                level=Level.WARNING if some or not noted else Level.ERROR,
            )
        handled |= {n for part in _alternatives(step.when) for n in _unknown(part)}


def _may_be_unknown(name: str, vocabulary: Vocabulary) -> bool:
    fact = vocabulary.facts.get(name)
    if fact is None or fact.initially is not None or name.startswith("suppressed.") or name == "new_person":
        return False
    return fact.origin in (FactSource.HEARD, FactSource.FLOW, FactSource.POLICY, *_GIVEN)


def _conjuncts(condition: Condition) -> tuple[Condition, ...]:
    return (
        tuple(p for part in condition.parts for p in _conjuncts(part)) if isinstance(condition, All) else (condition,)
    )


def _alternatives(condition: Condition) -> tuple[Condition, ...]:
    if isinstance(condition, AnyOf):
        return tuple(p for part in condition.parts for p in _alternatives(part))
    if isinstance(condition, All) and len(condition.parts) == 1:
        return _alternatives(condition.parts[0])
    return (condition,)


def _known(condition: Condition) -> set[str]:
    return {condition.ref.name} if isinstance(condition, Known) else set()


def _unknown(condition: Condition) -> set[str]:
    if isinstance(condition, Not) and isinstance(condition.part, Known):
        return {condition.part.ref.name}
    return set()


def _tested(condition: Condition) -> set[str]:
    """Return the names that *condition* only asks whether they are known."""
    found: set[str] = set()
    stack = [condition]
    while stack:
        here = stack.pop()
        if isinstance(here, Known):
            found.add(here.ref.name)
        elif isinstance(here, Not):
            stack.append(here.part)
        elif isinstance(here, All | AnyOf):
            stack += here.parts
    return found
