"""Conditions compared with one another: can this hold, does that follow.

Over the same regions as the proofs; every answer comes with facts that show it.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from itertools import product
from math import prod

from engine.bundle import CompiledBundle, Fact, Rule
from engine.checks.prove.limits import TooLarge
from engine.checks.prove.regions import Mobility, Tracked, clusters, first_of
from engine.checks.prove.slices import Slicer, conditions_of
from engine.checks.prove.truth import FALSE, TRUE, UNKNOWN, atoms, read_by, truth
from engine.expressions.tree import ALWAYS, Condition, Value
from engine.expressions.values import format_value
from engine.source.span import Span
from engine.terms import FactSource, ValueType

MOST_POINTS = 40_000
"""Most cases that are gone through one by one."""
MOST_TRIED = 4_000
"""Most groups of cases that are tried in search of one."""


class Space:
    """All facts that some conditions read, in all the ways that differ to them.

    Args:
        bundle: Whose facts they are.
        as_of: The day from which on the law is read.
        conditions: What will be asked.
    """

    def __init__(self, bundle: CompiledBundle, as_of: date, conditions: tuple[Condition, ...]) -> None:
        self._bundle = bundle
        names = sorted({name for condition in conditions for name in read_by(condition)})
        slicer = _slicer(bundle, as_of)
        tracked = {name: slicer.tracked(name, conditions) or _engine(bundle, name) for name in names}
        self._clusters = clusters(tracked, conditions, slicer.constants(tracked))

    def cases(self) -> Iterator[dict[str, Value]]:
        """Yield one assignment of the facts for each case that differs.

        Raises:
            TooLarge: There are too many of them.
        """
        size = prod(max(1, len(cluster.witnesses)) for cluster in self._clusters)
        if size > MOST_POINTS:
            raise TooLarge(f"{size:,} cases differ")
        for chosen in product(*(cluster.witnesses for cluster in self._clusters)):
            facts: dict[str, Value] = {}
            for witness in chosen:
                facts |= witness
            yield facts

    def first(self, holds: Callable[[Mapping[str, Value]], object]) -> Mapping[str, Value] | None:
        """Return facts for which *holds*, or None where there are none.

        Facts are settled one group after the other, and what cannot hold any more is not followed further.

        Args:
            holds: Whether something may hold (true, or not 0), as far as the facts given say: those left out may be
                anything.

        Raises:
            TooLarge: Too much had to be tried.
        """
        return first_of(self._clusters, holds, MOST_TRIED)

    def find(self, condition: Condition, wanted: int) -> Mapping[str, Value] | None:
        """Return facts for which *condition* may be one of *wanted*; else None.

        Args:
            condition: What is asked.
            wanted: Truths, as bits.

        Raises:
            TooLarge: Too much had to be tried.
        """
        return self.first(lambda facts: truth(condition, facts) & wanted)


@lru_cache(maxsize=4)
def _slicer(bundle: CompiledBundle, as_of: date) -> Slicer:
    """Return what tells how facts are followed, made once for all conditions of a bundle."""
    return Slicer(bundle, None, as_of)


def _engine(bundle: CompiledBundle, name: str) -> Tracked:
    """Return a fact of the engine's own, which may have any value here."""
    fact = bundle.vocabulary.facts.get(name)
    kind = fact.type if fact else ValueType.BOOL
    return Tracked(name, kind, Mobility.FIXED, unknown=False)


def fires(rule: Rule, facts: Mapping[str, Value]) -> bool:
    """Return whether *rule* may fire, as far as *facts* say: unknown makes a tightening rule act."""
    return bool(when_of(rule, facts)) and bool(unless_of(rule, facts) & (FALSE | (UNKNOWN if rule.tightening else 0)))


def fires_when_known(rule: Rule, facts: Mapping[str, Value]) -> bool:
    """Return whether *rule* may fire because its condition holds, and not for what is unknown, as *facts* say."""
    exempt = FALSE | (UNKNOWN if rule.tightening else 0)
    return bool(truth(rule.when, facts) & TRUE) and bool(unless_of(rule, facts) & exempt)


def silent(rule: Rule, facts: Mapping[str, Value]) -> bool:
    """Return whether *rule* may be silent, as far as *facts* say."""
    acts = TRUE | UNKNOWN if rule.tightening else TRUE
    return bool(truth(rule.when, facts) & ~acts) or bool(
        unless_of(rule, facts) & (TRUE if rule.tightening else TRUE | UNKNOWN)
    )


def when_of(rule: Rule, facts: Mapping[str, Value]) -> int:
    """Return the truths of the rule's condition for which it acts, as bits."""
    return truth(rule.when, facts) & (TRUE | UNKNOWN if rule.tightening else TRUE)


def unless_of(rule: Rule, facts: Mapping[str, Value]) -> int:
    """Return the truths of the rule's exemption, as bits; without one, it is false."""
    return FALSE if rule.unless is None else truth(rule.unless, facts)


def out_of_force(bundle: CompiledBundle, as_of: date, rule: Rule) -> bool:
    """Return whether *rule* reads a parameter that has no value on *as_of*, so that it does not apply then."""
    read = {name.removesuffix("@in_force") for condition in conditions_of(rule) for name in read_by(condition)}
    return any(bundle.parameters[name].on(as_of) is None for name in read if name in bundle.parameters)


def written_at(rule: Rule) -> Span:
    """Return where the author's own condition of *rule* begins, or the rule where it has none."""
    if rule.written == ALWAYS:
        return rule.span
    return next((atom.span for atom in atoms(rule.written) if atom.span.line), rule.span)


def space_of(bundle: CompiledBundle, as_of: date, *rules: Rule) -> Space:
    """Return all that *rules* read."""
    return Space(bundle, as_of, tuple(c for rule in rules for c in conditions_of(rule)))


def in_words(bundle: CompiledBundle, facts: Mapping[str, Value]) -> str:
    """Return *facts* as a reader is told them, what the engine itself supplies last."""
    known: Mapping[str, Fact] = bundle.vocabulary.facts

    def order(name: str) -> tuple[bool, str]:
        return name in known and known[name].origin is FactSource.ENGINE, name

    shown = []
    for name in sorted(facts, key=order):
        if name.endswith("@in_force"):
            continue
        kind = known[name].type if name in known else bundle.parameters[name].type
        value = facts[name]
        shown.append(f"{name} {'unknown' if value is None else format_value(value, kind) or 'none'}")
    return ", ".join(shown)
