"""Conditions compared with one another: can this hold, does that follow.

Over the same regions as the proofs; every answer comes with facts that show it.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import product

from engine.bundle import CompiledBundle, Fact, Rule
from engine.checks.prove.limits import TooLarge
from engine.checks.prove.regions import Mobility, Tracked, clusters
from engine.checks.prove.slices import Slicer, conditions_of
from engine.checks.prove.truth import FALSE, TRUE, UNKNOWN, read_by, truth
from engine.expressions.tree import Condition, Value
from engine.expressions.values import format_value
from engine.terms import FactSource, ValueType

MOST_POINTS = 40_000


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
        slicer = Slicer(bundle, None, as_of)
        tracked = {name: slicer.tracked(name, conditions) or _engine(bundle, name) for name in names}
        self._clusters = clusters(tracked, conditions, slicer.constants(tracked))
        size = 1
        for cluster in self._clusters:
            size *= max(1, len(cluster.witnesses))
        if size > MOST_POINTS:
            raise TooLarge(f"{size:,} cases differ")

    def cases(self) -> Iterator[dict[str, Value]]:
        """Yield one assignment of the facts for each case that differs."""
        for chosen in product(*(cluster.witnesses for cluster in self._clusters)):
            facts: dict[str, Value] = {}
            for witness in chosen:
                facts |= witness
            yield facts

    def find(self, condition: Condition, wanted: int, unsure: tuple[Condition, ...] = ()) -> Mapping[str, Value] | None:
        """Return facts for which *condition* may be one of *wanted*, or for which it holds but for *unsure*; else None.

        Args:
            condition: What is asked.
            wanted: Truths, as bits.
            unsure: Conditions that do not stand in the way while they are unknown.
        """
        for facts in self.cases():
            held = truth(condition, facts)
            if held & wanted:
                return facts
            if unsure and held & UNKNOWN and not any(truth(c, facts) & TRUE for c in unsure):
                return facts
        return None


def _engine(bundle: CompiledBundle, name: str) -> Tracked:
    """Return a fact of the engine's own, which may have any value here."""
    fact = bundle.vocabulary.facts.get(name)
    kind = fact.type if fact else ValueType.BOOL
    return Tracked(name, kind, Mobility.FIXED, unknown=False)


def fires(rule: Rule, facts: Mapping[str, Value]) -> bool:
    """Return whether *rule* fires when *facts* are all it reads: unknown makes a tightening rule act."""
    when = truth(rule.when, facts)
    unless = FALSE if rule.unless is None else truth(rule.unless, facts)
    if rule.tightening:
        return bool(when & (TRUE | UNKNOWN)) and bool(unless & (FALSE | UNKNOWN))
    return bool(when & TRUE) and bool(unless & FALSE)


def space_of(bundle: CompiledBundle, as_of: date, *rules: Rule) -> Space:
    """Return all that *rules* read.

    Raises:
        TooLarge: They read too much to be compared case by case.
    """
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
