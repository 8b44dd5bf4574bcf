"""What the facts are in the flat fields of the rules network, as JSON members.

Every field is present in every message: an unknown number is an interval from
the least to the greatest integer, an unknown truth may be either. Texts are
written in letters that pass through the engine unchanged.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import quote

from engine.bundle import Field
from engine.expressions.bank_days import is_bank_day
from engine.expressions.evaluate import value_of
from engine.expressions.operators import ORDERED
from engine.expressions.tree import Arithmetic, Constant, Expression, Ref, Value
from engine.expressions.values import TEXT_LIMIT, within
from engine.terms import ValueType

LIMIT = 2**62
MOST_KEPT = 256

Facts = Mapping[str, Value]
Maker = Callable[[Facts], str]

_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~ ")


def writer(fields: Iterable[tuple[Field, str]]) -> Maker:
    """Return how *fields* are written, each as the member of a name, in a message.

    What a truth, a set or one of few words comes to is worked out once for each of its values and kept: few facts
    change from one question to the next. Free texts and numbers may be personal and are never kept.

    What it returns raises TypeError or ValueError for a fact that has not its type.
    """
    every: list[Maker] = []
    kept: dict[str, list[Maker]] = {}
    for field, name in fields:
        refs = {ref.name: ref.type for part in (field.of, field.item) if part is not None for ref in _leaves(part)}
        if len(refs) == 1 and set(refs.values()) <= {ValueType.BOOL, ValueType.SET, ValueType.ENUM}:
            kept.setdefault(next(iter(refs)), []).append(maker(field, name))
        else:
            every.append(maker(field, name))
    groups: tuple[tuple[str, tuple[Maker, ...], dict[object, str]], ...]
    groups = tuple((fact, tuple(makers), {}) for fact, makers in kept.items())

    def write(facts: Facts) -> str:
        parts = [make(facts) for make in every]
        for fact, makers, known in groups:
            value = facts.get(fact)
            key = (value.__class__, value)
            part = known.get(key)
            if part is None:
                part = "".join([make(facts) for make in makers])
                if len(known) < MOST_KEPT:
                    known[key] = part
            parts.append(part)
        return "".join(parts)

    return write


def maker(field: Field, name: str) -> Maker:
    """Return how *field* is written as the member *name* of a message, with a comma after it.

    What it returns raises TypeError or ValueError for a fact that has not its type.
    """
    start = f'"{name}":'
    match field.kind:
        case "low" | "high":
            return _bound(start, _checked(field.of), -LIMIT if field.kind == "low" else LIMIT)
        case "value":
            return _text(start, _checked(field.of))
        case "unknown":
            return _either(start, _checked(field.of), None)
        case "may" | "may_not":
            return _either(start, _checked(field.of), field.kind == "may_not", negated=True)
        case "may_have" | "may_lack":
            return _either(start, _having(field), field.kind == "may_lack", negated=True)
        case "may_bank_day" | "may_not_bank_day":
            return _either(start, _bank_day(field.of), field.kind == "may_not_bank_day", negated=True)
    raise ValueError(f"`{field.kind}` is no kind of field")


def encode_text(text: str) -> str:
    """Return *text* in letters that pass through the engine unchanged, distinct for distinct texts, never ''."""
    return "=" + (text if _PLAIN.issuperset(text) else quote(text, safe=" ", errors="surrogatepass"))


def _bound(start: str, read: Callable[[Facts], Value], unknown: int) -> Maker:
    def make(facts: Facts) -> str:
        value = read(facts)
        return f"{start}{unknown if value is None else value},"

    return make


def _text(start: str, read: Callable[[Facts], Value]) -> Maker:
    def make(facts: Facts) -> str:
        value = read(facts)
        return f'{start}"{encode_text(value if isinstance(value, str) else "")}",'

    return make


def _either(start: str, read: Callable[[Facts], Value], sought: bool | None, negated: bool = False) -> Maker:
    """Say whether what is read is *sought*, or with *negated*, whether it is not."""
    found, other = (f"{start}false,", f"{start}true,") if negated else (f"{start}true,", f"{start}false,")

    def make(facts: Facts) -> str:
        return found if read(facts) is sought else other

    return make


def _checked(expression: Expression) -> Callable[[Facts], Value]:
    """Return how to read *expression*, checking that what is read has its type."""
    if isinstance(expression, Ref):
        return _fact(expression)
    leaves = tuple(_leaves(expression))

    def read(facts: Facts) -> Value:
        for leaf in leaves:
            value = facts.get(leaf.name)
            if value is not None and not _has_type(value, leaf.type):
                raise TypeError(f"`{leaf.name}` is not of type {leaf.type}")
        return value_of(expression, facts)

    return read


def _fact(ref: Ref) -> Callable[[Facts], Value]:
    name, type = ref.name, ref.type

    def read(facts: Facts) -> Value:
        value = facts.get(name)
        if value is not None and not _has_type(value, type):
            raise TypeError(f"`{name}` is not of type {type}")
        return value

    return read


def _leaves(expression: Expression) -> Iterator[Ref]:
    if isinstance(expression, Ref):
        yield expression
    elif isinstance(expression, Arithmetic):
        yield from _leaves(expression.left)
        yield from _leaves(expression.right)


def _has_type(value: Value, type: ValueType) -> bool:
    if type in ORDERED:
        return isinstance(value, int) and not isinstance(value, bool) and within(value, type)
    if type is ValueType.BOOL:
        return isinstance(value, bool)
    if type is ValueType.SET:
        return isinstance(value, frozenset)
    return isinstance(value, str) and len(value) <= TEXT_LIMIT


def _having(field: Field) -> Callable[[Facts], Value]:
    group = _checked(field.of)
    item = _checked(field.item if field.item is not None else Constant(field.member, ValueType.TEXT))

    def read(facts: Facts) -> bool | None:
        members, member = group(facts), item(facts)
        return member in members if isinstance(members, frozenset) and member is not None else None

    return read


def _bank_day(date: Expression) -> Callable[[Facts], Value]:
    day = _checked(date)

    def read(facts: Facts) -> bool | None:
        value = day(facts)
        return is_bank_day(value) if isinstance(value, int) else None

    return read
