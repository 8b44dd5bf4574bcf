"""The typed tree of conditions and expressions.

Built only by :mod:`engine.expressions.parse`; whatever is in it is well typed.
Readers: the network lowering, the generated Python function, intervals and z3
for the proofs, and English.
"""

from dataclasses import dataclass
from typing import Literal as OneOf
from typing import TypeAlias

from engine.source.span import NOWHERE, Span
from engine.terms import FactSource, ValueType

Value: TypeAlias = bool | int | str | frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Name:
    """What a scope says of one name.

    Args:
        name: The flat name under which its value is found at run time.
        type: Its type.
        values: An enum's values, or a set's possible members where they are closed.
        origin: Who supplies it; ``None`` for a parameter or a bound column.
        can_be_unknown: Whether its value may be unknown when it is read.
        discloses: The disclosure class an utterance naming it gives away, or ''.
        spoken: False for what may never be named in a prompt.
        constant: The value, for a column bound by a table's row.
        refers_to: The fact or counter that a column's row names, read in its place.
    """

    name: str
    type: ValueType
    values: frozenset[str] = frozenset()
    origin: FactSource | None = None
    can_be_unknown: bool = True
    discloses: str = ""
    spoken: bool = True
    constant: Value = None
    span: Span = NOWHERE
    refers_to: "Name | None" = None


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal, in canonical form."""

    value: Value
    type: ValueType
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Ref:
    """The value of a fact, slot, counter or parameter."""

    name: str
    type: ValueType
    can_be_unknown: bool = True
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``left op right``. Unknown when either side is. ``*`` multiplies money or int by int."""

    op: OneOf["+", "-", "*"]
    left: "Expression"
    right: "Expression"
    type: ValueType
    span: Span = NOWHERE


Expression: TypeAlias = Constant | Ref | Arithmetic


@dataclass(frozen=True, slots=True)
class Compare:
    """One comparison: unknown when either side is.

    ``==`` and ``!=`` on any one type; the order operators on int, money, date, time, datetime and duration.
    """

    op: OneOf["==", "!=", "<", "<=", ">", ">="]
    left: Expression
    right: Expression
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Member:
    """Whether *member* (text or enum, constant or fact) is in *group*: a set fact, or constants written as a list."""

    member: Expression
    group: Ref | Constant
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Truth:
    """A bool fact, by itself."""

    ref: Ref
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Known:
    """Whether the fact has a value at all: never unknown itself."""

    ref: Ref
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class BankDay:
    """Whether a date is a day on which the Federal Reserve settles."""

    date: Expression
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Not:
    """Kleene's not."""

    part: "Condition"
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class All:
    """Kleene's and; true when empty."""

    parts: tuple["Condition", ...]
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Kleene's or; false when empty."""

    parts: tuple["Condition", ...]
    span: Span = NOWHERE


Condition: TypeAlias = Compare | Member | Truth | Known | BankDay | Not | All | AnyOf

ALWAYS: Condition = All(())


def constants(condition: Condition) -> tuple[Constant, ...]:
    """Return every literal in *condition*, in order."""
    found: list[Constant] = []
    stack: list[Condition | Expression] = [condition]
    while stack:
        match stack.pop():
            case Constant() as constant:
                found.append(constant)
            case Arithmetic(_, left, right) | Compare(_, left, right) | Member(left, right):
                stack += [right, left]
            case BankDay(date):
                stack.append(date)
            case Not(part):
                stack.append(part)
            case All(parts) | AnyOf(parts):
                stack += reversed(parts)
    return tuple(found)
