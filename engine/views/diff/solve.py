"""Facts that satisfy one condition and not another: by boundary values first, by z3 for the rest.

A condition is Kleene's: for z3 each becomes two formulas, that it is true and
that it is false; a fact is a value and whether it is known.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

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
from engine.views.diff.points import FRESH

MOST = 4_000
"""Combinations of boundary values that are tried before z3 is asked."""

TIME_LIMIT = 3_000
"""Milliseconds for one question to z3."""

Answer = Callable[[Mapping[str, Value]], bool]


class Undecided(Exception):
    """Neither facts nor a proof that there are none could be found in time."""


@dataclass(frozen=True, slots=True)
class Side:
    """A formula over one version: its condition holds when ``formula`` says so; parameters have ``given`` values."""

    condition: Condition
    given: Mapping[str, Value]
    truths: tuple[bool, bool, bool]  # wanted when the condition is true, false, unknown


def find(
    sides: tuple[Side, ...], values: Mapping[str, tuple[Value, ...]], wanted: Answer, counts: Collection[str] = ()
) -> dict[str, Value] | None:
    """Return facts on which every side is as it is wanted, or None where there are none.

    Args:
        sides: What must hold, for z3.
        values: The values that matter, by fact.
        wanted: The same asked of facts, by evaluation; it confirms what z3 finds.
        counts: Names that are counts, which are never below nought.

    Raises:
        Undecided: It could not be told.
    """
    names = list(values)
    size = 1
    for found in values.values():
        size *= len(found)
    for chosen in islice(product(*values.values()), MOST):
        facts = dict(zip(names, chosen, strict=True))
        if wanted(facts):
            return facts
    if size <= MOST and not _arithmetic(sides):
        return None
    return _by_solver(sides, values, wanted, counts)


def _arithmetic(sides: tuple[Side, ...]) -> bool:
    from engine.checks.prove.truth import atoms

    return any(
        isinstance(part, Arithmetic)
        for side in sides for atom in atoms(side.condition) if isinstance(atom, Compare)
        for part in (atom.left, atom.right)
    )


def _by_solver(
    sides: tuple[Side, ...], values: Mapping[str, tuple[Value, ...]], wanted: Answer, counts: Collection[str]
) -> dict[str, Value] | None:
    try:
        import z3
    except ImportError as missing:
        raise Undecided("install `callwright[prove]` to decide this") from missing
    words = _Words(z3, values, counts)
    formulas = []
    for side in sides:
        true, false = words.read(side.condition, side.given)
        when_true, when_false, when_unknown = side.truths
        parts = [z3.And(true, when_true), z3.And(false, when_false), z3.And(z3.Not(true), z3.Not(false), when_unknown)]
        formulas.append(z3.Or(*parts))
    for extra in (words.all_known(), ()):
        solver = z3.Solver()
        solver.set("timeout", TIME_LIMIT)
        solver.add(*formulas, *words.limits, *extra)
        answer = solver.check()
        if answer == z3.sat:
            facts = words.facts(solver.model())
            if wanted(facts):
                return facts
        elif not extra and answer == z3.unsat and not words.loose:
            return None
    raise Undecided("the conditions are too tangled to compare")


class _Words:
    """Facts as z3's variables, and conditions over them."""

    def __init__(self, z3: Any, values: Mapping[str, tuple[Value, ...]], counts: Collection[str]) -> None:
        self.z3 = z3
        self.counts = counts
        self.values = values
        self.codes: dict[str, int] = {FRESH: 0}
        for found in values.values():
            for value in found:
                for text in sorted(value) if isinstance(value, frozenset) else (value,):
                    if isinstance(text, str):
                        self.codes.setdefault(text, len(self.codes))
        self.types: dict[str, ValueType] = {}
        self.limits: list[Any] = []
        self.loose = False
        self._known: dict[str, Any] = {}
        self._numbers: dict[str, Any] = {}
        self._members: dict[tuple[str, str], Any] = {}

    def read(self, condition: Condition, given: Mapping[str, Value]) -> tuple[Any, Any]:
        """Return when *condition* is true, and when it is false."""
        z3 = self.z3
        match condition:
            case All(parts=parts):
                read = [self.read(part, given) for part in parts]
                return z3.And(*(t for t, _ in read)), z3.Or(*(f for _, f in read))
            case AnyOf(parts=parts):
                read = [self.read(part, given) for part in parts]
                return z3.Or(*(t for t, _ in read)), z3.And(*(f for _, f in read))
            case Not(part=part):
                true, false = self.read(part, given)
                return false, true
            case Known(ref=ref):
                known = self._is_known(ref, given)
                return known, z3.Not(known)
            case Truth(ref=ref):
                value, known = self._number(ref, given)
                return z3.And(known, value == 1), z3.And(known, value == 0)
            case BankDay(date=date):
                _, known = self._number(date, given)
                self.loose = True
                fresh = z3.FreshBool()
                return z3.And(known, fresh), z3.And(known, z3.Not(fresh))
            case Compare(op=op, left=left, right=right):
                (one, sure), (two, certain) = self._number(left, given), self._number(right, given)
                holds = {"==": one == two, "!=": one != two, "<": one < two, "<=": one <= two, ">": one > two,
                         ">=": one >= two}[op]  # fmt: skip
                return z3.And(sure, certain, holds), z3.And(sure, certain, z3.Not(holds))
            case Member(member=member, group=group):
                return self._member(member, group, given)

    def _member(self, member: Expression, group: Ref | Constant, given: Mapping[str, Value]) -> tuple[Any, Any]:
        z3 = self.z3
        code, sure = self._number(member, given)
        held = group.value if isinstance(group, Constant) else given.get(group.name)
        if isinstance(held, frozenset):
            inside = z3.Or(*(code == self._code(one) for one in sorted(held)))
            return z3.And(sure, inside), z3.And(sure, z3.Not(inside))
        assert isinstance(group, Ref)
        certain = self._is_known(group, given)
        self.types[group.name] = ValueType.SET
        inside = z3.Or(*(z3.And(code == number, self._has(group.name, text)) for text, number in self.codes.items()))
        both = z3.And(sure, certain)
        return z3.And(both, inside), z3.And(both, z3.Not(inside))

    def _has(self, name: str, member: str) -> Any:
        return self._members.setdefault((name, member), self.z3.Bool(f"{name} has {member}"))

    def _is_known(self, ref: Ref, given: Mapping[str, Value]) -> Any:
        if ref.name in given:
            return self.z3.BoolVal(given[ref.name] is not None)
        if not ref.can_be_unknown:
            return self.z3.BoolVal(True)
        return self._known.setdefault(ref.name, self.z3.Bool(f"{ref.name} is known"))

    def _code(self, text: str) -> int:
        return self.codes.setdefault(text, len(self.codes))

    def _number(self, expression: Expression, given: Mapping[str, Value]) -> tuple[Any, Any]:
        """Return the value of *expression* as a number, and whether it is known."""
        z3 = self.z3
        match expression:
            case Constant(value=value):
                return self._literal(value), z3.BoolVal(value is not None)
            case Ref(name=name) if name in given:
                return self._literal(given[name]), z3.BoolVal(given[name] is not None)
            case Ref(name=name, type=type):
                self.types.setdefault(name, type)
                if name not in self._numbers:
                    variable = self._numbers[name] = z3.Int(name)
                    low, high = (0, 1) if type is ValueType.BOOL else RANGES.get(type, (0, 10**6))
                    low = 0 if name in self.counts else low
                    self.limits.append(z3.And(variable >= low, variable <= high))
                return self._numbers[name], self._is_known(expression, given)
            case Arithmetic(op=op, left=left, right=right):
                (one, sure), (two, certain) = self._number(left, given), self._number(right, given)
                if expression.type is ValueType.DATE:
                    one, two = (one, two / DAY) if left.type is ValueType.DATE else (two, one / DAY)
                result = one + two if op == "+" else one - two if op == "-" else one * two
                if op == "-" and expression.type is not ValueType.DATE and left.type is ValueType.DATE:
                    result = result * DAY
                return result, z3.And(sure, certain)

    def _literal(self, value: Value) -> Any:
        if isinstance(value, str):
            return self.z3.IntVal(self._code(value))
        return self.z3.IntVal(int(value) if isinstance(value, int) else 0)

    def all_known(self) -> tuple[Any, ...]:
        """Return that every fact is known."""
        return tuple(self._known.values())

    def facts(self, model: Any) -> dict[str, Value]:
        """Return the facts of a model."""
        texts = {number: text for text, number in self.codes.items()}
        found: dict[str, Value] = {name: values[0] for name, values in self.values.items()}
        for name, type in self.types.items():
            known = self._known.get(name)
            if known is not None and self.z3.is_false(model.eval(known, model_completion=True)):
                found[name] = None
            elif type is ValueType.SET:
                found[name] = frozenset(
                    text for (owner, text), has in self._members.items()
                    if owner == name and self.z3.is_true(model.eval(has, model_completion=True))
                )
            elif name in self._numbers:
                number = model.eval(self._numbers[name], model_completion=True).as_long()
                if type is ValueType.BOOL:
                    found[name] = bool(number)
                elif type in (ValueType.TEXT, ValueType.ENUM):
                    found[name] = texts.get(number, f"{FRESH} {number}")
                else:
                    found[name] = number
        return found
