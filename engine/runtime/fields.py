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
_BOUNDS = {"low": -LIMIT, "high": LIMIT}  # what each is of an unknown number

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
    truths: dict[str, list[Maker]] = {}
    words: dict[str, list[Maker]] = {}
    texts: dict[str, list[Maker]] = {}
    numbers: dict[Ref, list[tuple[str, int]]] = {}
    for field, name in fields:
        refs = {ref.name: ref.type for part in (field.of, field.item) if part is not None for ref in _leaves(part)}
        fact, types = next(iter(refs), ""), set(refs.values())
        if isinstance(field.of, Ref) and field.kind in _BOUNDS:
            numbers.setdefault(field.of, []).append((name, _BOUNDS[field.kind]))
        elif len(refs) == 1 and types == {ValueType.BOOL}:
            truths.setdefault(fact, []).append(maker(field, name))
        elif len(refs) == 1 and types <= {ValueType.SET, ValueType.ENUM}:
            words.setdefault(fact, []).append(maker(field, name))
        elif len(refs) == 1:
            texts.setdefault(fact, []).append(maker(field, name))
        else:
            every.append(maker(field, name))
    every += [_bounds(ref, named) for ref, named in numbers.items()]
    every += [_few(fact, makers) for fact, makers in words.items()]
    every += [_often_unknown(fact, makers) for fact, makers in texts.items()]
    facts_of_truths = tuple(truths)
    written = tuple(
        tuple(_all(makers, {fact: value}) for value in (True, False, None)) for fact, makers in truths.items()
    )

    def write(facts: Facts) -> str:
        values = map(facts.get, facts_of_truths)
        parts = [
            yes if value is True else no if value is False else unknown if value is None else _no_truth(value)
            for value, (yes, no, unknown) in zip(values, written, strict=True)
        ]
        parts += [make(facts) for make in every]
        return "".join(parts)

    return write


def _all(makers: Iterable[Maker], facts: Facts) -> str:
    return "".join([make(facts) for make in makers])


def _few(fact: str, makers: list[Maker]) -> Maker:
    """Return how all that is written of one fact, which has few values, is written."""
    known: dict[Value, str] = {}

    def make(facts: Facts) -> str:
        value = facts.get(fact)
        part = known.get(value)
        if part is None:
            part = _all(makers, facts)
            if len(known) < MOST_KEPT:
                known[value] = part
        return part

    return make


def _often_unknown(fact: str, makers: list[Maker]) -> Maker:
    """Return how all that is written of one fact is written, worked out beforehand for the fact being unknown."""
    unknown = _all(makers, {})
    return lambda facts: unknown if facts.get(fact) is None else _all(makers, facts)


def _bounds(ref: Ref, named: list[tuple[str, int]]) -> Maker:
    """Return how the bounds of one number are written, each as the member of a name."""
    unknown = "".join(f'"{name}":{bound},' for name, bound in named)
    starts = [f'"{name}":' for name, _ in named]
    read = _fact(ref)

    def make(facts: Facts) -> str:
        value = read(facts)
        if value is None:
            return unknown
        return "".join([f"{start}{value}," for start in starts])

    return make


def _no_truth(value: Value) -> str:
    raise TypeError(f"a value of type {type(value).__name__} is no truth")


def maker(field: Field, name: str) -> Maker:
    """Return how *field* is written as the member *name* of a message, with a comma after it.

    What it returns raises TypeError or ValueError for a fact that has not its type.
    """
    start = f'"{name}":'
    match field.kind:
        case "low" | "high":
            return _bound(start, _checked(field.of), _BOUNDS[field.kind])
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
