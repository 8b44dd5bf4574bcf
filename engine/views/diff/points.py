"""Values that matter to conditions: at, just below and just above what they compare with."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from engine.checks.prove.truth import atoms, read_by, refs_of
from engine.expressions.tree import Arithmetic, Compare, Condition, Constant, Expression, Member, Ref, Value
from engine.expressions.values import RANGES
from engine.terms import ValueType

FRESH = "something else"
_USUAL: Mapping[ValueType, int] = {
    ValueType.INT: 1, ValueType.MONEY: 24_000, ValueType.DATE: 739_700, ValueType.TIME: 50_400,
    ValueType.DATETIME: 1_772_000_000, ValueType.DURATION: 86_400,
}


def points(
    conditions: Iterable[Condition], given: Iterable[Mapping[str, Value]], counts: Collection[str] = ()
) -> dict[str, tuple[Value, ...]]:
    """Return, for each fact that *conditions* read, the values that can matter to them; None, unknown, is last.

    Args:
        conditions: All that are to be told apart.
        given: Values of parameters, one mapping for each version.
        counts: Names that are counts, which are never below nought.
    """
    parts = [atom for condition in conditions for atom in atoms(condition)]
    fixed = list(given)
    types: dict[str, Ref] = {}
    for condition in parts:
        types |= read_by(condition)
    free = {name: ref for name, ref in types.items() if not any(name in values for values in fixed)}
    numbers: dict[ValueType, set[int]] = {}
    texts: set[str] = set()
    members: dict[str, set[str]] = {}
    for atom in parts:
        for side in _sides(atom):
            for value in _constants(side, fixed):
                if isinstance(value, bool) or value is None:
                    continue
                if isinstance(value, int):
                    numbers.setdefault(side.type, set()).add(value)
                elif isinstance(value, str):
                    texts.add(value)
                else:
                    texts |= value
        if isinstance(atom, Member) and isinstance(atom.group, Ref) and isinstance(atom.member, Constant):
            members.setdefault(atom.group.name, set()).add(str(atom.member.value))
    found = {name: tuple(_values(ref, numbers, texts, members)) for name, ref in sorted(free.items())}
    return {
        name: tuple(v for v in values if v is None or not isinstance(v, int) or v >= 0) if name in counts else values
        for name, values in found.items()
    }


def _values(
    ref: Ref, numbers: Mapping[ValueType, set[int]], texts: set[str], members: Mapping[str, set[str]]
) -> Iterator[Value]:
    if ref.type is ValueType.BOOL:
        yield from (False, True)
    elif ref.type is ValueType.SET:
        own = sorted(members.get(ref.name, ()))
        yield from (frozenset((one,)) for one in own)
        yield frozenset(own)
        yield frozenset()
    elif ref.type in (ValueType.TEXT, ValueType.ENUM):
        yield FRESH
        yield from sorted(texts)
    else:
        least, greatest = RANGES[ref.type]
        near = {value + by for value in numbers.get(ref.type, ()) for by in (-1, 0, 1)} or {_USUAL[ref.type]}
        yield from sorted(value for value in near | {_USUAL[ref.type]} if least <= value <= greatest)
    if ref.can_be_unknown:
        yield None


def _sides(atom: Condition) -> Iterator[Expression]:
    match atom:
        case Compare():
            yield from (atom.left, atom.right)
        case Member():
            yield from (atom.member, atom.group)


def _constants(expression: Expression, fixed: Iterable[Mapping[str, Value]]) -> Iterator[Value]:
    match expression:
        case Constant():
            yield expression.value
        case Arithmetic():
            yield from _constants(expression.left, fixed)
            yield from _constants(expression.right, fixed)
    for ref in refs_of(expression):
        yield from (values[ref.name] for values in fixed if ref.name in values)
