"""Finitely many regions in place of all values.

Conditions cut the values of a fact into regions that no condition can tell
apart: between two constants of ``amount <= 100`` and ``amount > 200`` any amount
does as well as any other. Facts compared with one another are cut together, as
one cluster. Each region has a witness, so that a condition over the cluster is
evaluated and never approximated.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import islice, product
from typing import Literal, TypeAlias

from engine.checks.prove import differences, solver
from engine.checks.prove.limits import TooLarge
from engine.checks.prove.truth import atoms, instead, placeless, read_by_atom, refs_of, truth
from engine.expressions.tree import (
    Arithmetic,
    BankDay,
    Compare,
    Condition,
    Constant,
    Expression,
    Known,
    Member,
    Ref,
    Value,
)
from engine.expressions.values import RANGES
from engine.terms import ValueType

LIMIT = 60_000
"""Most combinations of values looked at for one cluster."""


class Mobility(StrEnum):
    """What can change a fact while a call goes on. The clock goes on, but whether it is known stays.

    A call may go on past midnight: the ``DAY`` becomes a later one, and what is ``DATED`` may become another.
    """

    FIXED = "fixed"
    HEARD = "heard"
    FLOW = "flow"
    POLICY = "policy"
    CLOCK = "clock"
    DAY = "day"
    DATED = "dated"


@dataclass(frozen=True, slots=True)
class Tracked:
    """A fact that is followed: what it may be at the start, and what can change it.

    Args:
        name: Its flat name.
        type: Its type.
        mobility: What can change it.
        start: The values it may have at first; None for any.
        unknown: Whether it may ever be unknown.
        only: All values it can have, where they are few and given; else they follow from the conditions.
        least: The least value it can have.
    """

    name: str
    type: ValueType
    mobility: Mobility
    start: tuple[Value, ...] | None = None
    unknown: bool = True
    only: tuple[Value, ...] = ()
    least: int | None = None


Region = Mapping[str, Value]
Moves = tuple[tuple[int, ...], ...]

_MIDDLE = {
    ValueType.INT: 5,
    ValueType.MONEY: 20_000,
    ValueType.DATE: 739_000,
    ValueType.TIME: 43_200,
    ValueType.DATETIME: 1_767_225_600,
    ValueType.DURATION: 86_400,
}
NUMBERS = frozenset(_MIDDLE)
_FROM_ZERO = frozenset({ValueType.INT, ValueType.MONEY, ValueType.DURATION, ValueType.TIME})
MOST_DAYS = 36_525
"""How many days after the day asked about a call may be: a hundred years. Later, dates would leave their range."""


class Cluster:
    """Facts that are compared with one another, and the regions of their values."""

    def __init__(self, facts: tuple[Tracked, ...], conditions: tuple[Condition, ...], values: Iterable[Value]) -> None:
        self.facts = facts
        self.names = tuple(fact.name for fact in facts)
        self._atoms = _carried(tuple(c for c in conditions if not isinstance(c, BankDay | Known)))
        self._reads = tuple(frozenset(read_by_atom(atom)) for atom in self._atoms)
        self.points = {fact.name: self._points(fact, tuple(values)) for fact in facts}
        self.witnesses: list[dict[str, Value]] = []
        self._keys: dict[tuple[object, ...], int] = {}
        starts: set[int] = set()
        for assignment in self._assignments():
            index = self._add(assignment)
            if all(f.start is None or assignment[f.name] in f.start for f in facts):
                starts.add(index)
        self.starts = tuple(sorted(starts))
        self._cut_by = frozenset(map(_canonical, self._atoms))
        self._copied: dict[tuple[int, str, Expression], tuple[int, ...]] = {}
        self._moves: dict[frozenset[str], Moves] = {}
        self._settled: dict[tuple[int, str, Value], tuple[int, ...]] = {}
        self._lasting = frozenset(fact.name for fact in facts if fact.mobility in (Mobility.CLOCK, Mobility.DAY))
        self._later: tuple[tuple[int, ...], ...] | None = None

    def _add(self, assignment: dict[str, Value]) -> int:
        key = self.key(assignment)
        index = self._keys.setdefault(key, len(self.witnesses))
        if index == len(self.witnesses):
            self.witnesses.append(assignment)
        return index

    @property
    def _sums(self) -> bool:
        return any(
            isinstance(side, Arithmetic)
            for atom in self._atoms
            if isinstance(atom, Compare)
            for side in (atom.left, atom.right)
        )

    def _assignments(self) -> Iterable[dict[str, Value]]:
        if self._sums:
            found = self._differences()
            if found is not None:
                yield from found
                return
            ranges = {f.name: self._range(f) for f in self.facts}
            yield from solver.assignments(self.facts_known(), (*self._atoms, *self._edges()), ranges)
            return
        size = 1
        for points in self.points.values():
            size *= len(points)
        if size > LIMIT:
            raise TooLarge(
                f"{', '.join(f'`{n}`' for n in self.names)} have {size:,} combinations of values that matter"
            )
        for values in product(*self.points.values()):
            yield dict(zip(self.names, values, strict=True))

    def _edges(self) -> Iterable[Condition]:
        """Yield comparisons that tell where a sum leaves the range of its type, and is not known."""
        sides = (side for atom in self._atoms if isinstance(atom, Compare) for side in (atom.left, atom.right))
        for one in dict.fromkeys(sum_ for side in sides for sum_ in _sums_in(side)):
            least, greatest = RANGES[one.type]
            yield Compare("<=", one, Constant(greatest, one.type))
            yield Compare(">=", one, Constant(least, one.type))

    def _differences(self) -> list[dict[str, Value]] | None:
        """Return an assignment for each region, or None where it is not differences that are compared.

        Raises:
            TooLarge: There are too many.
        """
        try:
            ways = differences.assignments(self._numbers(), (*self._atoms, *self._edges()))
            found = list(islice(ways, solver.MOST + 1))
        except differences.NotDifferences:
            return None
        if len(found) > solver.MOST:
            raise TooLarge(solver.too_many(self.names))
        return found

    def _numbers(self) -> tuple[differences.Number, ...]:
        """Return the facts as numbers.

        Raises:
            NotDifferences: One is none.
        """
        if any(f.type not in NUMBERS for f in self.facts) or not all(isinstance(a, Compare) for a in self._atoms):
            raise differences.NotDifferences
        found = []
        for fact in self.facts:
            values = tuple(value for value in fact.only if value is None or isinstance(value, int))
            least, greatest = self._range(fact)
            near = max(least, 0 if fact.type in _FROM_ZERO else _MIDDLE[fact.type])
            found.append(differences.Number(fact.name, values, fact.unknown, least, greatest, near))
        return tuple(found)

    def facts_known(self) -> tuple[tuple[str, bool], ...]:
        """Return each fact's name and whether it may be unknown."""
        return tuple((fact.name, fact.unknown) for fact in self.facts)

    def _points(self, fact: Tracked, given: tuple[Value, ...]) -> tuple[Value, ...]:
        """Return values of *fact* that meet every region it can be in."""
        if fact.only:
            return fact.only
        unknown: tuple[Value, ...] = (None,) if fact.unknown else ()
        if fact.type is ValueType.BOOL:
            return (False, True, *unknown)
        others = (v for f in self.facts for v in (f.least, *f.only, *(f.start or ())))
        constants = [v for v in (*self._constants(), *given, *others) if v is not None]
        if fact.type in (ValueType.TEXT, ValueType.ENUM):
            texts = sorted({v for v in constants if isinstance(v, str)} | self._members())
            fresh = [f"other {n + 1}" for n in range(len(self.facts))]
            return (*texts, *fresh, *unknown)
        if fact.type is ValueType.SET:
            return (*self._sets(), *unknown)
        numbers = sorted({v for v in constants if isinstance(v, int) and not isinstance(v, bool)})
        reach = len(self.facts)
        least, greatest = self._range(fact)
        held = {min(max(c, least), greatest) for c in numbers or [_MIDDLE[fact.type]]}
        near = {c + n for c in held for n in range(-reach, reach + 1)}
        return (*sorted(v for v in near if least <= v <= greatest), *unknown)

    def _range(self, fact: Tracked) -> tuple[int, int]:
        known = [v for v in fact.only if isinstance(v, int)]
        if known:
            return min(known), max(known)
        least, greatest = RANGES[fact.type]
        if fact.least is not None:
            least = fact.least
        return least, least + MOST_DAYS if fact.mobility is Mobility.DAY else greatest

    def _constants(self) -> Iterable[Value]:
        for atom in self._atoms:
            if isinstance(atom, Compare):
                yield from (c for side in (atom.left, atom.right) for c in constants_of(side))
            elif isinstance(atom, Member):
                yield from constants_of(atom.member)

    def _members(self) -> set[str]:
        return {
            member
            for atom in self._atoms
            if isinstance(atom, Member) and isinstance(atom.group, Constant)
            if isinstance(atom.group.value, frozenset)
            for member in atom.group.value
        }

    def _sets(self) -> list[frozenset[str]]:
        members = sorted(
            {
                str(atom.member.value)
                for atom in self._atoms
                if isinstance(atom, Member) and isinstance(atom.member, Constant)
            }
            | {f"other {n + 1}" for n in range(len(self.facts) - 1)}
        )
        if len(members) > 12:
            raise TooLarge(f"`{self.names[0]}` is asked about {len(members)} members")
        return [frozenset(m for bit, m in enumerate(members) if mask >> bit & 1) for mask in range(1 << len(members))]

    def key(self, assignment: Mapping[str, Value]) -> tuple[object, ...]:
        """Return what tells the region of *assignment* from the others."""
        known = tuple(assignment[name] is None for name in self.names)
        return (*known, *(truth(atom, assignment) for atom in self._atoms))

    def find(self, assignment: Mapping[str, Value]) -> int | None:
        """Return the region *assignment* lies in."""
        return self._keys.get(self.key(assignment))

    def _restricted(self, region: int, moved: frozenset[str]) -> tuple[object, ...]:
        held = self.witnesses[region]
        known = tuple(held[name] is None for name in self.names if name not in moved or name in self._lasting)
        return (
            *known,
            *(truth(a, held) for a, reads in zip(self._atoms, self._reads, strict=True) if not reads & moved),
        )

    def alike(self, region: int, values: Mapping[str, Value], moved: frozenset[str]) -> bool:
        """Return whether nothing that is asked of *values* alone, all but *moved*, tells them from *region*."""
        held = self.witnesses[region]
        asked = (a for a, reads in zip(self._atoms, self._reads, strict=True) if reads <= values.keys() - moved)
        known = all((held[name] is None) == (value is None) for name, value in values.items())
        return known and all(truth(atom, held) == truth(atom, values) for atom in asked)

    def moves(self, moved: frozenset[str]) -> Moves:
        """Return, for each region, those that differ from it in the values of *moved* alone."""
        found = self._moves.get(moved)
        if found is None:
            groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
            keys = [self._restricted(region, moved) for region in range(len(self.witnesses))]
            for region, key in enumerate(keys):
                groups[key].append(region)
            found = self._moves[moved] = tuple(tuple(groups[key]) for key in keys)
        return found

    def later(self) -> Moves:
        """Return, for each region, itself and those that it may become as days pass."""
        if self._later is None:
            days = frozenset(fact.name for fact in self.facts if fact.mobility is Mobility.DAY)
            self._later = self.moves(days) if self._sums else self._passing(days)
        return self._later

    def _passing(self, days: frozenset[str]) -> Moves:
        orders: dict[tuple[Value, ...], list[tuple[tuple[int, ...], int]]] = defaultdict(list)
        for assignment in self._assignments():
            region = self.find(assignment)
            passed = tuple(day for name in sorted(days) if isinstance(day := assignment[name], int))
            others = tuple(value for name, value in assignment.items() if name not in days or value is None)
            if region is not None:
                orders[(*others, len(passed))].append((passed, region))
        after: list[set[int]] = [{region} for region in range(len(self.witnesses))]
        for order in orders.values():
            order.sort()
            for place, (_, region) in enumerate(order):
                after[region] |= {later for _, later in order[place:]}
        grown = True
        while grown:
            wider = [found.union(*(after[later] for later in found)) for found in after]
            grown = wider != after
            after = wider
        return tuple(tuple(sorted(found)) for found in after)

    def settled(self, region: int, fact: str, value: Value) -> tuple[int, ...]:
        """Return the regions *region* may become when *fact* gets *value*."""
        key = (region, fact, value)
        found = self._settled.get(key)
        if found is None:
            found = self._settled[key] = self._settled_anew(region, fact, value)
        return found

    def copied(self, region: int, fact: str, source: Expression) -> tuple[int, ...]:
        """Return the regions *region* may become when *fact* gets what *source*, another fact, is known to be."""
        key = (region, fact, source)
        found = self._copied.get(key)
        if found is None:
            before = self.witnesses[region]
            asked = (a for a, reads in zip(self._atoms, self._reads, strict=True) if fact in reads)
            same = ((atom, instead(atom, fact, source)) for atom in asked)
            told = [(atom, truth(of_source, before)) for atom, of_source in same if self._tells(of_source)]
            found = self._copied[key] = tuple(
                after
                for after in self.moves(frozenset((fact,)))[region]
                if self.witnesses[after][fact] is not None
                and all(truth(atom, self.witnesses[after]) == held for atom, held in told)
            )
        return found

    def _tells(self, atom: Condition) -> bool:
        """Return whether *atom* is the same in all of a region: the regions are cut by it, or nothing can differ."""
        return _canonical(atom) in self._cut_by or (isinstance(atom, Compare) and atom.left == atom.right)

    def _settled_anew(self, region: int, fact: str, value: Value) -> tuple[int, ...]:
        own = [a for a, reads in zip(self._atoms, self._reads, strict=True) if reads == {fact}]
        wanted = (value is None, *(truth(a, {fact: value}) for a in own))
        found = []
        for other in self.moves(frozenset((fact,)))[region]:
            held = self.witnesses[other]
            if (held[fact] is None, *(truth(a, held) for a in own)) == wanted:
                found.append(other)
        exact = [r for r in found if self.witnesses[r][fact] == value]
        return tuple(exact if len(self.facts) == 1 and exact else found)


_Op: TypeAlias = Literal["==", "!=", "<", "<=", ">", ">="]
_MIRRORED: Mapping[_Op, _Op] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_OPPOSITE: Mapping[_Op, _Op] = {">": "<=", ">=": "<", "!=": "=="}


def _canonical(atom: Condition) -> Condition:
    """Return *atom*, or what is false where it is true, written in one way."""
    if not isinstance(atom, Compare):
        return atom
    op, left, right = atom.op, atom.left, atom.right
    if str(left) > str(right):
        op, left, right = _MIRRORED[op], right, left
    return Compare(_OPPOSITE.get(op, op), left, right)


def _carried(asked: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """Return *asked*, and what it comes to for facts that are asked to equal one another.

    Where ``a == b`` and ``a <= c`` are asked, so is ``b <= c``: what holds of one is then known of the other, even
    after the one has changed.
    """
    found = {_canonical(atom): atom for atom in reversed(asked)}
    equal = [(a.left, a.right) for a in asked if isinstance(a, Compare) and a.op in ("==", "!=")]
    pairs = [(one, two) for one, two in equal if isinstance(one, Ref) and isinstance(two, Ref)]
    carried: dict[Condition, Condition] = {}
    for one, two in (*pairs, *((two, one) for one, two in pairs)):
        for atom in asked:
            if isinstance(atom, Compare) and one.name in read_by_atom(atom):
                other = instead(atom, one.name, two)
                if isinstance(other, Compare) and other.left != other.right and _canonical(other) not in found:
                    carried.setdefault(_canonical(other), other)
    return (*asked, *carried.values())


def _sums_in(expression: Expression) -> Iterable[Arithmetic]:
    if isinstance(expression, Arithmetic):
        yield expression
        yield from _sums_in(expression.left)
        yield from _sums_in(expression.right)


def constants_of(expression: Expression) -> Iterable[Value]:
    """Yield the constants written in *expression*."""
    match expression:
        case Constant():
            yield expression.value
        case Arithmetic():
            yield from constants_of(expression.left)
            yield from constants_of(expression.right)


Cuts: TypeAlias = tuple[tuple[tuple[str, ...], Condition], ...]
"""The comparisons of a condition, each with what it reads and without its place."""


def cuts_of(condition: Condition) -> Cuts:
    """Return the comparisons of *condition* by which regions may be cut."""
    reads = ((read_by_atom(atom), atom) for atom in atoms(condition))
    return tuple((names, placeless(atom)) for names, atom in reads if names)


def clusters(
    tracked: Mapping[str, Tracked],
    conditions: Iterable[Condition],
    values: Mapping[str, set[Value]],
    cuts_in: Callable[[Condition], Cuts] = cuts_of,
) -> tuple[Cluster, ...]:
    """Return the clusters of *tracked*, cut by those comparisons in *conditions* that read nothing else.

    Args:
        tracked: How each fact is followed, by name.
        conditions: What is asked.
        values: Values that facts are given.
        cuts_in: What gives the comparisons of a condition.
    """
    cuts: dict[tuple[str, ...], dict[Condition, None]] = defaultdict(dict)
    parent = {name: name for name in tracked}

    def root(name: str) -> str:
        while parent[name] != name:
            name = parent[name]
        return name

    for condition in conditions:
        for reads, atom in cuts_in(condition):
            if all(name in tracked for name in reads):
                cuts[reads][atom] = None
                for name in reads[1:]:
                    parent[root(name)] = root(reads[0])
    groups: dict[str, list[str]] = defaultdict(list)
    for name in sorted(tracked):
        groups[root(name)].append(name)
    found = []
    for names in groups.values():
        held = set(names)
        own = [atom for reads, group in cuts.items() if held.issuperset(reads) for atom in group]
        given = {v for name in names for v in values.get(name, ())}
        ordered = sorted(given, key=lambda v: (str(type(v)), str(v)))
        typed = tuple((type(value), value) for value in ordered)
        found.append(_cluster(tuple(tracked[name] for name in names), tuple(own), typed))
    return tuple(found)


@lru_cache(maxsize=2048)
def _cluster(
    facts: tuple[Tracked, ...], atoms: tuple[Condition, ...], values: tuple[tuple[type, Value], ...]
) -> Cluster:
    """Return a cluster, cut once for all that have the same facts, conditions and values; 1 and True are two values."""
    return Cluster(facts, atoms, tuple(value for _, value in values))


def names_in(expressions: Iterable[Expression]) -> frozenset[str]:
    """Return the names that *expressions* read."""
    return frozenset(ref.name for expression in expressions for ref in refs_of(expression))


def first_of(
    groups: Iterable[Cluster], holds: Callable[[Mapping[str, Value]], object], most: int
) -> Mapping[str, Value] | None:
    """Return facts of *groups* for which *holds*, or None where there are none.

    Facts are settled one group after the other, and what cannot hold any more is not followed further.

    Args:
        groups: Facts, by what differs.
        holds: Whether something may hold (true, or not 0), as far as the facts given say: those left out may be
            anything.
        most: How many groups of cases to try.

    Raises:
        TooLarge: More had to be tried.
    """
    alone = [[witness for witness in cluster.witnesses if holds(witness)] for cluster in groups]
    looked = 0
    ahead: list[tuple[int, dict[str, Value]]] = [(0, {})] if all(alone) else []
    while ahead:
        depth, facts = ahead.pop()
        if not holds(facts):
            continue
        if depth == len(alone):
            return facts
        looked += 1
        if looked > most:
            raise TooLarge(f"more than {most:,} groups of cases were tried")
        ahead += [(depth + 1, {**facts, **witness}) for witness in reversed(alone[depth])]
    return None
