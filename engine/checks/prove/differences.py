"""Regions of numbers that differ by so much: ``promise.date <= clock.today + 30``.

Most comparisons of sums come to this once parameters have their values: a number or the difference of two compared
with a constant. Whether such comparisons can hold together follows from adding up bounds, and needs no solver.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from math import gcd
from typing import NamedTuple, TypeAlias

from engine.expressions.tree import Arithmetic, Compare, Condition, Constant, Expression, Ref, Value
from engine.expressions.values import DAY
from engine.terms import ValueType

_Sum: TypeAlias = tuple[dict[str, int], int]
"""How often each fact stands in a sum, and the constant in it."""
Bounds: TypeAlias = list[list[int]]
"""By how much each number is at most greater than each other; the first is zero."""
_FAR = 1 << 70
"""More than any two values differ by."""
_NEGATED = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


class Number(NamedTuple):
    """A fact that is compared.

    Args:
        name: Its name.
        values: What it can be, where that is few, None for unknown; else it may be anything from least to greatest.
        unknown: Whether it may be unknown, where it may be anything.
        least: Its least value.
        greatest: Its greatest value.
        near: What its value is to be near to, where it can be chosen.
    """

    name: str
    values: tuple[int | None, ...]
    unknown: bool
    least: int
    greatest: int
    near: int = 0


class _Difference(NamedTuple):
    """``left - right op most``; a side that is '' is zero."""

    left: str
    right: str
    op: str
    most: int


class NotDifferences(Exception):
    """Raised where a comparison is of something else."""


def assignments(numbers: tuple[Number, ...], atoms: Iterable[Condition]) -> Iterator[dict[str, Value]]:
    """Yield one assignment of *numbers* for each way the comparisons *atoms* can hold together.

    Raises:
        NotDifferences: A comparison is not of differences.
    """
    compared = [atom for atom in atoms if isinstance(atom, Compare)]
    choices = [number.values or ((0, None) if number.unknown else (0,)) for number in numbers]
    for chosen in product(*choices):
        given = {n.name: value for n, value in zip(numbers, chosen, strict=True) if n.values or value is None}
        free = [number for number in numbers if number.name not in given]
        differences = dict.fromkeys(d for d in (_difference(atom, given) for atom in compared) if d is not None)
        places = {"": 0} | {number.name: place for place, number in enumerate(free, 1)}
        bounds = [[0 if a == b else _FAR for b in range(len(places))] for a in range(len(places))]
        if all(_bound(bounds, p, 0, n.greatest) and _bound(bounds, 0, p, -n.least) for p, n in enumerate(free, 1)):
            near = max((number.near for number in free), default=0)
            for left in _together(bounds, list(differences), places):
                yield {**given, **_values(left, places, near)}


def _together(bounds: Bounds, differences: list[_Difference], places: Mapping[str, int]) -> Iterator[Bounds]:
    """Yield the bounds of each way *differences* can hold or not."""
    if not differences:
        yield bounds
        return
    left, right, op, most = differences[0]
    a, b = places[left], places[right]
    for held in (op, _NEGATED[op]):
        for limits in _limits(a, b, held, most):
            narrowed = [list(row) for row in bounds]
            if all(_bound(narrowed, *limit) for limit in limits):
                yield from _together(narrowed, differences[1:], places)


def _limits(a: int, b: int, op: str, most: int) -> tuple[tuple[tuple[int, int, int], ...], ...]:
    """Return what *op* says of two numbers: each way of it, as bounds."""
    match op:
        case "<=":
            return (((a, b, most),),)
        case "<":
            return (((a, b, most - 1),),)
        case ">=":
            return (((b, a, -most),),)
        case ">":
            return (((b, a, -most - 1),),)
        case "==":
            return (((a, b, most), (b, a, -most)),)
    return (((a, b, most - 1),), ((b, a, -most - 1),))


def _bound(bounds: Bounds, a: int, b: int, most: int) -> bool:
    """Add that *a* is at most *most* greater than *b*; return whether that can be."""
    if bounds[b][a] + most < 0:
        return False
    if most < bounds[a][b]:
        every = range(len(bounds))
        for x in every:
            for y in every:
                bounds[x][y] = min(bounds[x][y], bounds[x][a] + most + bounds[b][y])
    return True


def _values(bounds: Bounds, places: Mapping[str, int], near: int) -> dict[str, Value]:
    """Return a value within *bounds* for each number, as near to *near* as may be."""
    found: dict[str, Value] = {}
    for name, place in places.items():
        if place:
            value = max(-bounds[0][place], min(bounds[place][0], near))
            _bound(bounds, place, 0, value)
            _bound(bounds, 0, place, -value)
            found[name] = value
    return found


def _difference(atom: Compare, given: Mapping[str, int | None]) -> _Difference | None:
    """Return what is left of *atom* once some facts are *given*, or None where it is thereby decided.

    Raises:
        NotDifferences: It is not of a difference.
    """
    left, right = _sum(atom.left, given), _sum(atom.right, given)
    if left is None or right is None:
        return None
    constant = right[1] - left[1]
    names: dict[str, int] = dict(left[0])
    for name, times in right[0].items():
        names[name] = names.get(name, 0) - times
    names = {name: times for name, times in names.items() if times}
    whole = gcd(*names.values())
    if whole > 1:
        if constant % whole and atom.op in ("==", "!="):
            return None
        constant = constant // whole if atom.op in ("<=", ">") else -(-constant // whole)
        names = {name: times // whole for name, times in names.items()}
    if any(times not in (1, -1) for times in names.values()) or sum(map(abs, names.values())) > 2:
        raise NotDifferences
    up = [name for name, times in names.items() if times == 1]
    down = [name for name, times in names.items() if times == -1]
    if len(up) > 1 or len(down) > 1:
        raise NotDifferences
    if not names:
        return None
    return _Difference(up[0] if up else "", down[0] if down else "", atom.op, constant)


def _sum(expression: Expression, given: Mapping[str, int | None]) -> _Sum | None:
    """Return a sum, or None where it is unknown."""
    match expression:
        case Constant():
            if expression.value is None:
                return None
            if not isinstance(expression.value, int):
                raise NotDifferences
            return {}, expression.value
        case Ref():
            if expression.name not in given:
                return {expression.name: 1}, 0
            value = given[expression.name]
            return None if value is None else ({}, value)
        case Arithmetic():
            left, right = _sum(expression.left, given), _sum(expression.right, given)
            if left is None or right is None:
                return None
            if expression.type is ValueType.DATE:
                left, right = _in_days(expression.left, left), _in_days(expression.right, right)
            if expression.op == "*":
                if left[0] and right[0]:
                    raise NotDifferences
                times, (names, constant) = (left[1], right) if not left[0] else (right[1], left)
                return _times((names, constant), times)
            sign = 1 if expression.op == "+" else -1
            names = dict(left[0])
            for name, n in right[0].items():
                names[name] = names.get(name, 0) + sign * n
            found = names, left[1] + sign * right[1]
            days = expression.type is ValueType.DURATION and expression.left.type is ValueType.DATE
            return _times(found, DAY) if days else found


def _times(found: _Sum, times: int) -> _Sum:
    return {name: n * times for name, n in found[0].items()}, found[1] * times


def _in_days(part: Expression, found: _Sum) -> _Sum:
    """Return a part of a date: a length of time as whole days.

    Raises:
        NotDifferences: It is one that is not given.
    """
    if part.type is not ValueType.DURATION:
        return found
    if found[0]:
        raise NotDifferences
    return {}, found[1] // DAY
