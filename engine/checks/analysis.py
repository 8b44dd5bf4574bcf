"""Conditions compared with one another: can this hold, does that follow.

Over the same regions as the proofs; every answer comes with facts that show it.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import product
from math import prod

from engine.bundle import CompiledBundle, Fact, Rule, in_force
from engine.checks.prove.limits import TooLarge
from engine.checks.prove.regions import Mobility, Tracked, clusters, first_of
from engine.checks.prove.slices import FLAG, Slicer, conditions_of
from engine.checks.prove.truth import FALSE, TRUE, UNKNOWN, atoms, read_by, truth
from engine.expressions.english import say
from engine.expressions.tree import ALWAYS, All, Compare, Condition, Constant, Ref, Value
from engine.expressions.values import format_value
from engine.source.span import Span
from engine.terms import FactSource, ValueType

MOST_POINTS = 40_000
"""Most cases that are gone through one by one."""
MOST_TRIED = 4_000
"""Most groups of cases that are tried in search of one."""
TODAY = Ref("clock.today", ValueType.DATE)


class Space:
    """All facts that some conditions read, in all the ways that differ to them.

    Args:
        bundle: Whose facts they are.
        as_of: The day from which on the law is read.
        conditions: What will be asked.
    """

    def __init__(self, bundle: CompiledBundle, as_of: date, conditions: tuple[Condition, ...]) -> None:
        self._bundle = bundle
        names = {name for condition in conditions for name in read_by(condition)}
        days = _changes(bundle, as_of, names)
        asked = (*conditions, *_cut_by_law(bundle, names, days))
        slicer = _slicer(bundle, as_of)
        followed = sorted({*names, *(TODAY.name for _ in days)})
        tracked = {name: slicer.tracked(name, conditions) or _engine(bundle, name) for name in followed}
        for name in followed:
            if _counts_nothing(bundle, as_of, name):
                tracked[name] = replace(tracked[name], only=(0,))
            fact = bundle.vocabulary.facts.get(name)
            if fact is not None and fact.of_places:
                tracked[name] = replace(tracked[name], only=_somewhere(bundle, tracked[name].only))
        self._clusters = clusters(tracked, asked, slicer.constants(tracked))
        self._law = [(day.toordinal(), _law(bundle, day, names)) for day in (as_of, *days)] if days else []

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
            if self._lawful(facts):
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
        return first_of(self._clusters, lambda facts: self._lawful(facts) and holds(facts), MOST_TRIED)

    def _lawful(self, facts: Mapping[str, Value]) -> bool:
        """Return whether on one day, which is today as far as that is told, parameters are what *facts* say."""
        today = facts.get(TODAY.name)
        held = self._law
        if isinstance(today, int):
            held = [(day, law) for day, law in held if day <= today][-1:] or held[:1]
        return not held or any(all(facts.get(name, value) == value for name, value in law.items()) for _, law in held)

    def find(self, condition: Condition, wanted: int) -> Mapping[str, Value] | None:
        """Return facts for which *condition* may be one of *wanted*; else None.

        Args:
            condition: What is asked.
            wanted: Truths, as bits.

        Raises:
            TooLarge: Too much had to be tried.
        """
        return self.first(lambda facts: truth(condition, facts) & wanted)


def _somewhere(bundle: CompiledBundle, asked: tuple[Value, ...]) -> tuple[Value, ...]:
    """Return where accounts may lie, for each of the sets of places *asked* about: somewhere, and in all around it."""
    places = bundle.vocabulary.places
    named = {place for held in asked if isinstance(held, frozenset) for place in held}
    elsewhere = next((held for _, held in sorted(places.items()) if named.isdisjoint(held)), None)
    found: dict[Value, None] = {}
    for held in asked:
        if isinstance(held, frozenset) and (held or elsewhere):
            whole = {outer for place in held for outer in places.get(place, (place,))}
            found[frozenset(whole or elsewhere or ())] = None
    return tuple(found)


def _counts_nothing(bundle: CompiledBundle, as_of: date, name: str) -> bool:
    """Return whether *name* is a counter over no time at all, on *as_of* and later."""
    counter = bundle.vocabulary.counters.get(name)
    window = counter.window if counter is not None else None
    if not isinstance(window, str):
        return window == 0
    parameter = bundle.parameters[window]
    later = [dated.value for dated in parameter.values if dated.starts > as_of]
    return all(value == 0 for value in (parameter.on(as_of), *later))


def _changes(bundle: CompiledBundle, as_of: date, names: Collection[str]) -> list[date]:
    """Return the days after *as_of* on which a parameter among *names* gets another value."""
    read = bundle.parameters.keys() & {name.removesuffix(FLAG) for name in names}
    return sorted({dated.starts for name in read for dated in bundle.parameters[name].values if dated.starts > as_of})


def _cut_by_law(bundle: CompiledBundle, names: Collection[str], days: list[date]) -> Iterator[Condition]:
    """Yield what tells the days between *days* apart, and the values that parameters among *names* have on them."""
    for day in days:
        yield Compare(">=", TODAY, Constant(day.toordinal(), ValueType.DATE))
        for name in sorted(bundle.parameters.keys() & set(names)):
            parameter = bundle.parameters[name]
            if parameter.on(day) is not None:
                yield Compare("==", Ref(name, parameter.type), Constant(parameter.on(day), parameter.type))


def _law(bundle: CompiledBundle, day: date, names: Collection[str]) -> dict[str, Value]:
    """Return what the parameters among *names* are on *day*, and whether they are anything."""
    law: dict[str, Value] = {}
    for name, parameter in bundle.parameters.items():
        value = parameter.on(day)
        law |= {n: held for n, held in ((name, value), (in_force(name), value is not None)) if n in names}
    return law


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
    """Return where the author's own condition of *rule* begins, or the rule where it has none; of a row, the row."""
    if rule.row:
        return rule.row_span
    if rule.written == ALWAYS:
        return rule.span
    return next((atom.span for atom in atoms(rule.written) if atom.span.line), rule.span)


def space_of(bundle: CompiledBundle, as_of: date, *rules: Rule) -> Space:
    """Return all that *rules* read."""
    return Space(bundle, as_of, tuple(c for rule in rules for c in conditions_of(rule)))


def parts_of(condition: Condition) -> tuple[Condition, ...]:
    """Return the conditions that must all hold for *condition* to hold."""
    return tuple(p for part in condition.parts for p in parts_of(part)) if isinstance(condition, All) else (condition,)


def exclusive(space: Space, condition: Condition) -> tuple[Condition, ...]:
    """Return parts of *condition*, which never holds, that already cannot all hold; no fewer, as far as is seen."""
    kept = parts_of(condition)
    for part in kept:
        rest = tuple(other for other in kept if other is not part)
        if rest and _excluded(space, rest):
            kept = rest
    return kept


def _excluded(space: Space, parts: tuple[Condition, ...]) -> bool:
    """Return whether *parts* cannot all hold, which is not said where too much would have to be tried."""
    try:
        return space.find(All(parts), TRUE) is None
    except TooLarge:
        return False


def how_exclusive(bundle: CompiledBundle, as_of: date, parts: tuple[Condition, ...]) -> tuple[str, ...]:
    """Return in words that *parts* never all hold, and which parameters that rests on."""
    said = " and ".join(f"`{say(part)}`" for part in parts)
    names = sorted({name for part in parts for name in read_by(part)})
    windows = (bundle.vocabulary.counters[name].window for name in names if _counts_nothing(bundle, as_of, name))
    law = [name for name in (*names, *windows) if isinstance(name, str) and name in bundle.parameters]
    since = f" from {as_of} on" if TODAY.name in names or law else ""
    never = f"{said} never hold at once{since}" if len(parts) > 1 else f"{said} never holds{since}"
    return (never, f"with {', '.join(_as_dated(bundle, as_of, name) for name in law)}") if law else (never,)


def _as_dated(bundle: CompiledBundle, as_of: date, name: str) -> str:
    """Return in words what a parameter is on *as_of* and becomes later."""
    parameter = bundle.parameters[name]
    later = [(dated.value, dated.starts) for dated in parameter.values if dated.starts > as_of]
    then = "".join(f", from {day} {'none' if v is None else format_value(v, parameter.type)}" for v, day in later)
    now = parameter.on(as_of)
    return f"{name} {'none' if now is None else format_value(now, parameter.type)}{then}"


def for_example(bundle: CompiledBundle, facts: Mapping[str, Value]) -> tuple[str, ...]:
    """Return *facts* as an example in words; nothing where there are none."""
    said = in_words(bundle, facts)
    return (f"for example with {said}",) if said else ()


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
