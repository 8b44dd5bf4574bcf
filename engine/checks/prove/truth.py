"""What a condition may be when only some facts are tracked.

A truth is a set of Kleene's three values, held as bits, so that "it may be
either" is a value too. A fact that is not tracked may have any value: whatever
is concluded holds for all of them.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from engine.expressions.evaluate import calculated
from engine.expressions.tree import (
    ALWAYS,
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

FALSE: Final = 1
UNKNOWN: Final = 2
TRUE: Final = 4
EITHER: Final = FALSE | TRUE
ANY: Final = FALSE | UNKNOWN | TRUE

Given = Mapping[str, Value]


class _Untracked:
    """The value of an expression over a fact that is not tracked."""


UNTRACKED: Final = _Untracked()
NEVER: Final[Condition] = AnyOf(())

_NOT = tuple(
    (TRUE if bits & FALSE else 0) | (UNKNOWN if bits & UNKNOWN else 0) | (FALSE if bits & TRUE else 0)
    for bits in range(8)
)


def _and(left: int, right: int) -> int:
    found = 0
    if (left | right) & FALSE:
        found |= FALSE
    if (left & TRUE) and (right & TRUE):
        found |= TRUE
    if (left & UNKNOWN and right & (UNKNOWN | TRUE)) or (right & UNKNOWN and left & (UNKNOWN | TRUE)):
        found |= UNKNOWN
    return found


_AND = tuple(tuple(_and(left, right) for right in range(8)) for left in range(8))


def value_of(expression: Expression, given: Given) -> Value | _Untracked:
    """Return the value of *expression*; None is unknown, UNTRACKED is any value at all."""
    match expression:
        case Constant():
            return expression.value
        case Ref():
            return given.get(expression.name, UNTRACKED)
        case Arithmetic():
            left, right = value_of(expression.left, given), value_of(expression.right, given)
            if isinstance(left, _Untracked) or isinstance(right, _Untracked):
                return UNTRACKED
            if not isinstance(left, int) or not isinstance(right, int):
                return None
            return calculated(expression, left, right)


def truth(condition: Condition, given: Given) -> int:
    """Return every truth *condition* may have, as bits, when *given* is all that is tracked."""
    match condition:
        case All():
            found = TRUE
            for part in condition.parts:
                found = _AND[found][truth(part, given)]
                if found == FALSE:
                    break
            return found
        case AnyOf():
            found = TRUE
            for part in condition.parts:
                found = _AND[found][_NOT[truth(part, given)]]
                if found == FALSE:
                    break
            return _NOT[found]
        case Not():
            return _NOT[truth(condition.part, given)]
        case Truth():
            if condition.ref.name not in given:
                return ANY if condition.ref.can_be_unknown else EITHER
            return _bit(given[condition.ref.name])
        case Known():
            if condition.ref.name not in given:
                return EITHER if condition.ref.can_be_unknown else TRUE
            return FALSE if given[condition.ref.name] is None else TRUE
        case Compare():
            return _compare(condition, given)
        case Member():
            return _member(condition, given)
        case BankDay():
            day = value_of(condition.date, given)
            return UNKNOWN if day is None else ANY if isinstance(day, _Untracked) else EITHER


def _bit(value: Value) -> int:
    return UNKNOWN if value is None else TRUE if value else FALSE


def _compare(condition: Compare, given: Given) -> int:
    left, right = value_of(condition.left, given), value_of(condition.right, given)
    if left is None or right is None:
        return UNKNOWN
    if isinstance(left, _Untracked) or isinstance(right, _Untracked):
        return ANY if any(ref.can_be_unknown for ref in _refs(condition)) else EITHER
    if condition.op == "==":
        return TRUE if left == right else FALSE
    if condition.op == "!=":
        return TRUE if left != right else FALSE
    assert isinstance(left, int)
    assert isinstance(right, int)
    holds = {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[condition.op]
    return TRUE if holds else FALSE


def _member(condition: Member, given: Given) -> int:
    member, group = value_of(condition.member, given), value_of(condition.group, given)
    if member is None or group is None:
        return UNKNOWN
    if isinstance(member, _Untracked) or isinstance(group, _Untracked):
        return ANY if any(ref.can_be_unknown for ref in _refs(condition)) else EITHER
    assert isinstance(group, frozenset)
    return TRUE if member in group else FALSE


def atoms(condition: Condition) -> Iterator[Condition]:
    """Yield the comparisons of *condition*, from left to right."""
    match condition:
        case All() | AnyOf():
            for part in condition.parts:
                yield from atoms(part)
        case Not():
            yield from atoms(condition.part)
        case _:
            yield condition


def refs_of(expression: Expression) -> Iterator[Ref]:
    """Yield the facts and parameters *expression* reads."""
    match expression:
        case Ref():
            yield expression
        case Arithmetic():
            yield from refs_of(expression.left)
            yield from refs_of(expression.right)


def _refs(atom: Condition) -> Iterator[Ref]:
    match atom:
        case Compare():
            yield from refs_of(atom.left)
            yield from refs_of(atom.right)
        case Member():
            yield from refs_of(atom.member)
            yield from refs_of(atom.group)
        case Truth() | Known():
            yield atom.ref
        case BankDay():
            yield from refs_of(atom.date)


def read_by(condition: Condition) -> dict[str, Ref]:
    """Return what *condition* reads, by name, in order of first reading."""
    return {ref.name: ref for atom in atoms(condition) for ref in _refs(atom)}


def read_by_atom(atom: Condition) -> tuple[str, ...]:
    """Return the names one comparison reads."""
    return tuple(dict.fromkeys(ref.name for ref in _refs(atom)))


def placeless(condition: Condition) -> Condition:
    """Return *condition* without the places where it is written, so that the same written twice is equal."""
    match condition:
        case Truth():
            return Truth(_bare_ref(condition.ref))
        case Compare():
            return Compare(condition.op, bare(condition.left), bare(condition.right))
        case Known():
            return Known(_bare_ref(condition.ref))
        case Member():
            group = condition.group
            held = _bare_ref(group) if isinstance(group, Ref) else Constant(group.value, group.type)
            return Member(bare(condition.member), held)
        case BankDay():
            return BankDay(bare(condition.date))
        case Not():
            return Not(placeless(condition.part))
        case All() | AnyOf():
            return type(condition)(tuple(map(placeless, condition.parts)))


def replaced(condition: Condition, by: Callable[[Condition], Condition]) -> Condition:
    """Return *condition* with each comparison as *by* says."""
    match condition:
        case Not():
            return Not(replaced(condition.part, by))
        case All() | AnyOf():
            return type(condition)(tuple(replaced(part, by) for part in condition.parts))
    return by(condition)


def instead(atom: Condition, name: str, other: Expression) -> Condition:
    """Return *atom*, a comparison, with *other* in place of *name*, and without the places where it is written."""
    match atom:
        case Compare():
            return Compare(atom.op, _put(atom.left, name, other), _put(atom.right, name, other))
        case BankDay():
            return BankDay(_put(atom.date, name, other))
    return atom


def _put(expression: Expression, name: str, other: Expression) -> Expression:
    match expression:
        case Ref():
            return bare(other if expression.name == name else expression)
        case Arithmetic():
            left, right = _put(expression.left, name, other), _put(expression.right, name, other)
            return Arithmetic(expression.op, left, right, expression.type)
    return bare(expression)


def bare(expression: Expression) -> Expression:
    """Return *expression* without the places where it is written."""
    match expression:
        case Constant():
            return Constant(expression.value, expression.type)
        case Ref():
            return _bare_ref(expression)
        case Arithmetic():
            return Arithmetic(expression.op, bare(expression.left), bare(expression.right), expression.type)


def _bare_ref(ref: Ref) -> Ref:
    return Ref(ref.name, ref.type, ref.can_be_unknown)


def assume(condition: Condition, given: Given) -> Condition:
    """Return *condition* as it stands once *given* is known, without the comparisons that are thereby decided."""
    match condition:
        case All():
            return _joined(condition.parts, given, FALSE, NEVER, ALWAYS, All)
        case AnyOf():
            return _joined(condition.parts, given, TRUE, ALWAYS, NEVER, AnyOf)
        case Not():
            part = assume(condition.part, given)
            return NEVER if part == ALWAYS else ALWAYS if part == NEVER else Not(part)
    if all(name in given for name in read_by_atom(condition)):
        held = truth(condition, given)
        if held in (TRUE, FALSE):
            return ALWAYS if held == TRUE else NEVER
    return condition


def _joined(
    parts: tuple[Condition, ...],
    given: Given,
    ends: int,
    ended: Condition,
    neutral: Condition,
    whole: type[All] | type[AnyOf],
) -> Condition:
    left = []
    for part in parts:
        found = assume(part, given)
        if found == ended:
            return ended
        if found != neutral:
            left.append(found)
    return neutral if not left else left[0] if len(left) == 1 else whole(tuple(left))
