"""Conditions as one generated Python function: the second opinion on every decision.

The tree is written out as Python source, one assignment for each distinct
comparison, and compiled once. The source holds names of its own making,
literals, and looks facts up; nothing an author wrote becomes code.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.expressions.bank_days import is_bank_day
from engine.expressions.tree import (
    All,
    AnyOf,
    Arithmetic,
    BankDay,
    Compare,
    Condition,
    Constant,
    Expression,
    Known,
    Member,
    Not,
    Ref,
    Truth,
    Value,
)
from engine.expressions.values import DAY, RANGES
from engine.terms import ValueType

Facts = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Clause:
    """What decides whether a rule fires.

    Tightening, it fires unless ``when`` is false or ``unless`` is true; otherwise only if
    ``when`` is true and ``unless`` is false.
    """

    id: str
    when: Condition
    unless: Condition | None
    tightening: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """A condition's parts, by their places among the values worked out: conditions, or at a leaf, facts."""

    parts: tuple[int, ...] = ()
    facts: tuple[tuple[int, str], ...] = ()


class Generated:
    """The clauses as one function.

    Attributes:
        source: The Python source it was compiled from.
    """

    def __init__(self, clauses: Iterable[Clause]) -> None:
        writer = _Writer()
        self.source = _source(clauses, writer)
        self._opened = writer.opened
        self._ways = writer.ways
        names: dict[str, object] = {"bank_day": is_bank_day, "frozenset": frozenset, "__builtins__": {}}
        exec(compile(self.source, "<rules>", "exec"), names)
        self._decide: Callable[[Facts], tuple[frozenset[str], frozenset[str], tuple[object, ...]]]
        self._decide = names["decide"]  # type: ignore[assignment]

    def __call__(self, facts: Facts) -> tuple[frozenset[str], frozenset[str]]:
        """Return the ids of the clauses that fire, and of those that unknown facts leave undecided."""
        fired, undecided, _ = self._decide(facts)
        return fired, undecided

    def reasons(self, facts: Facts, undecided: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return, for each of these undecided clauses, the unknown facts that leave it so."""
        _, _, values = self._decide(facts)
        return {clause: tuple(self._missing(self._ways[clause], values)) for clause in undecided}

    def _missing(self, parts: tuple[int, ...], values: tuple[object, ...]) -> dict[str, None]:
        found: dict[str, None] = {}
        for part in parts:
            if values[part] is None:
                opened = self._opened[part]
                found |= self._missing(opened.parts, values)
                missing = [name for place, name in opened.facts if values[place] is None]
                found |= dict.fromkeys(missing or [name for _, name in opened.facts])
        return found


def generate(clauses: Iterable[Clause]) -> Generated:
    """Return *clauses* as one function, compiled."""
    return Generated(clauses)


def _source(clauses: Iterable[Clause], writer: "_Writer") -> str:
    ends: list[str] = []
    for clause in clauses:
        when = writer.condition(clause.when)
        unless = writer.condition(clause.unless) if clause.unless is not None else "False"
        writer.ways[clause.id] = _places((when, unless))
        fires = (
            f"{when} is not False and {unless} is not True"
            if clause.tightening
            else f"{when} is True and {unless} is False"
        )
        open_when = f"({when} is None and {unless} is not True)"
        open_unless = f"({unless} is None and {when} is not False)"
        ends.append(f" if {fires}: fired.append({clause.id!r})")
        ends.append(f" if {open_when} or {open_unless}: undecided.append({clause.id!r})")
    body = ["def decide(facts):", " get = facts.get", " fired = []", " undecided = []", *writer.lines, *ends]
    values = "".join(f"v{number}, " for number in range(writer.size))
    return "\n".join([*body, f" return frozenset(fired), frozenset(undecided), ({values})", ""])


def _places(names: Iterable[str]) -> tuple[int, ...]:
    return tuple(int(name[1:]) for name in names if name.startswith("v"))


class _Writer:
    """Writes each distinct part once, as an assignment to a name of its own."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.opened: dict[int, Opened] = {}
        self.ways: dict[str, tuple[int, ...]] = {}
        self._named: dict[str, str] = {}

    @property
    def size(self) -> int:
        """The number of values worked out."""
        return len(self._named)

    def condition(self, condition: Condition) -> str:
        match condition:
            case All(parts=parts):
                return self._joined([self.condition(part) for part in parts], "False", "True")
            case AnyOf(parts=parts):
                return self._joined([self.condition(part) for part in parts], "True", "False")
            case Not(part=part):
                inner = self.condition(part)
                return self._open(self._name(f"None if {inner} is None else not {inner}"), Opened(_places([inner])))
        name = self._leaf(condition)
        facts = tuple((int(self.expression(ref)[1:]), ref.name) for ref in _refs(condition))
        return self._open(name, Opened(facts=facts))

    def _leaf(self, condition: Condition) -> str:
        match condition:
            case Truth(ref=ref):
                return self.expression(ref)
            case Known(ref=ref):
                return self._name(f"{self.expression(ref)} is not None")
            case BankDay(date=date):
                return self._known([self.expression(date)], "bank_day({0})")
            case Member(member=member, group=group):
                return self._known([self.expression(member), self.expression(group)], "{0} in {1}")
            case Compare(op=op, left=left, right=right):
                return self._known([self.expression(left), self.expression(right)], "{0} " + op + " {1}")
        raise TypeError(f"{type(condition).__name__} is no comparison")

    def _open(self, name: str, opened: Opened) -> str:
        for place in _places([name]):
            self.opened[place] = opened
        return name

    def expression(self, expression: Expression) -> str:
        match expression:
            case Ref(name=name):
                return self._name(f"get({str(name)!r})")
            case Constant(value=value):
                return self._constant(value)
            case Arithmetic():
                return self._arithmetic(expression)

    def _constant(self, value: Value) -> str:
        if isinstance(value, frozenset):
            return self._name("(" + "".join(f"{str(item)!r}, " for item in sorted(value)) + ")")
        return self._name(repr(str(value) if isinstance(value, str) else value))

    def _arithmetic(self, sum: Arithmetic) -> str:
        left, right = self.expression(sum.left), self.expression(sum.right)
        term = f"{{0}} {sum.op} {{1}}"
        if sum.type is ValueType.DATE:
            days = "{1} // " if sum.left.type is ValueType.DATE else "{0} // "
            start = "{0}" if sum.left.type is ValueType.DATE else "{1}"
            term = f"{start} {sum.op} ({days}{DAY})"
        elif sum.left.type is ValueType.DATE:
            term = f"({{0}} - {{1}}) * {DAY}"
        result = self._known([left, right], term)
        least, greatest = RANGES[sum.type]
        return self._name(f"{result} if {result} is not None and {least} <= {result} <= {greatest} else None")

    def _known(self, parts: list[str], term: str) -> str:
        unknown = " or ".join(f"{part} is None" for part in parts)
        return self._name(f"None if {unknown} else {term.format(*parts)}")

    def _joined(self, parts: list[str], decisive: str, otherwise: str) -> str:
        if not parts:
            return otherwise
        decided = " or ".join(f"{part} is {decisive}" for part in parts)
        unknown = " or ".join(f"{part} is None" for part in parts)
        name = self._name(f"{decisive} if {decided} else None if {unknown} else {otherwise}")
        return self._open(name, Opened(_places(parts)))

    def _name(self, source: str) -> str:
        name = self._named.get(source)
        if name is None:
            name = self._named[source] = f"v{len(self._named)}"
            self.lines.append(f" {name} = {source}")
        return name


def _refs(part: Condition | Expression) -> Iterator[Ref]:
    match part:
        case Ref():
            yield part
        case Truth(ref=ref) | Known(ref=ref):
            yield ref
        case BankDay(date=date):
            yield from _refs(date)
        case Member(member=member, group=group):
            yield from _refs(member)
            yield from _refs(group)
        case Compare(left=left, right=right) | Arithmetic(left=left, right=right):
            yield from _refs(left)
            yield from _refs(right)
