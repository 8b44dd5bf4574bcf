"""What a condition says of given facts: true, false or unknown (None).

The plain reading of the tree, by Kleene's three-valued logic, against which
the faster readers are tested. It never raises on well-typed facts.

Source: S. C. Kleene, Introduction to Metamathematics (1952), section 64.
"""

import operator
from collections.abc import Callable, Iterator, Mapping

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
from engine.expressions.values import DAY, within
from engine.terms import ValueType

Facts = Mapping[str, Value]

_OPERATORS: dict[str, Callable[..., bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def evaluate(condition: Condition, facts: Facts) -> bool | None:
    """Return whether *condition* holds of *facts*; None when that depends on something unknown."""
    match condition:
        case All(parts=parts):
            return _all(evaluate(part, facts) for part in parts)
        case AnyOf(parts=parts):
            return _not(_all(_not(evaluate(part, facts)) for part in parts))
        case Not(part=part):
            return _not(evaluate(part, facts))
        case Truth(ref=ref):
            value = facts.get(ref.name)
            return None if value is None else bool(value)
        case Known(ref=ref):
            return facts.get(ref.name) is not None
        case BankDay(date=date):
            day = value_of(date, facts)
            return None if day is None else is_bank_day(int(day))  # type: ignore[arg-type]
        case Member(member=member, group=group):
            item, members = value_of(member, facts), value_of(group, facts)
            return None if item is None or members is None else item in members  # type: ignore[operator]
        case Compare(op=op, left=left, right=right):
            one, two = value_of(left, facts), value_of(right, facts)
            return None if one is None or two is None else _OPERATORS[op](one, two)


def value_of(expression: Expression, facts: Facts) -> Value:
    """Return the value of *expression*; None when it is unknown or outside the range of its type.

    A length of time is added to a date in whole days, a part of a day dropped towards the past.
    """
    match expression:
        case Constant(value=value):
            return value
        case Ref(name=name):
            return facts.get(name)
        case Arithmetic():
            one, two = value_of(expression.left, facts), value_of(expression.right, facts)
            if one is None or two is None:
                return None
            return calculated(expression, int(one), int(two))  # type: ignore[arg-type]


def undecided_by(condition: Condition, facts: Facts) -> tuple[str, ...]:
    """Return the unknown facts that leave *condition* undecided; none when it is true or false."""
    if evaluate(condition, facts) is not None:
        return ()
    match condition:
        case All(parts=parts) | AnyOf(parts=parts):
            return tuple(dict.fromkeys(name for part in parts for name in undecided_by(part, facts)))
        case Not(part=part):
            return undecided_by(part, facts)
        case Truth(ref=ref) | Known(ref=ref):
            return (ref.name,)
        case BankDay(date=date):
            names = _names(date)
        case Member(member=member, group=group):
            names = _names(member) + _names(group)
        case Compare(left=left, right=right):
            names = _names(left) + _names(right)
    missing = [name for name in names if facts.get(name) is None]
    return tuple(dict.fromkeys(missing or names))


def calculated(sum: Arithmetic, left: int, right: int) -> int | None:
    """Return what *sum* comes to where its sides are *left* and *right*; None outside the range of its type."""
    result = _calculate(sum, left, right)
    return result if within(result, sum.type) else None


def _calculate(sum: Arithmetic, left: int, right: int) -> int:
    if sum.type is ValueType.DATE:
        days = (right if sum.left.type is ValueType.DATE else left) // DAY
        start = left if sum.left.type is ValueType.DATE else right
        return start + days if sum.op == "+" else start - days
    if sum.op == "+":
        return left + right
    if sum.op == "*":
        return left * right
    return (left - right) * (DAY if sum.left.type is ValueType.DATE else 1)


def _names(expression: Expression) -> list[str]:
    match expression:
        case Ref(name=name):
            return [name]
        case Arithmetic(left=left, right=right):
            return _names(left) + _names(right)
    return []


def _all(parts: Iterator[bool | None]) -> bool | None:
    result: bool | None = True
    for part in parts:
        if part is False:
            return False
        if part is None:
            result = None
    return result


def _not(part: bool | None) -> bool | None:
    return None if part is None else not part
