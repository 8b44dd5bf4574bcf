"""Random typed scopes, conditions, rules and facts, for the tests that set the readers against each other."""

from collections.abc import Sequence

from hypothesis import strategies as st

from engine.bundle import Deny, Derive, Effect, Rule, Template
from engine.expressions.scope import Scope
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
    Name,
    Not,
    Ref,
    Truth,
    Value,
)
from engine.expressions.values import RANGES
from engine.source.tree import Map, Node, Seq, Text
from engine.terms import Ask, Severity, Status
from engine.terms import ValueType as T

KINDS = ("mobile", "work", "unknown_kind")
PLACES = ("MA", "NY", "NYC")
TYPES = {
    "calls": T.INT, "max_calls": T.INT, "account.balance": T.MONEY, "promise.amount": T.MONEY,
    "party.verified": T.BOOL, "heard.affirm": T.BOOL, "consent": T.BOOL,
    "heard.zip": T.TEXT, "party.zip": T.TEXT, "number.kind": T.ENUM, "callee.kind": T.ENUM,
    "account.places": T.SET, "place": T.TEXT, "clock.today": T.DATE, "promise.date": T.DATE,
    "clock.time": T.TIME, "opens": T.TIME, "clock.now": T.DATETIME, "given_on": T.DATETIME,
    "grace": T.DURATION, "window": T.DURATION,
}
_VALUES = {T.ENUM: frozenset(KINDS), T.SET: frozenset(PLACES)}
SCOPE = Scope({name: Name(name, type, _VALUES.get(type, frozenset())) for name, type in TYPES.items()})
ORDERED = tuple(RANGES)
OPERATORS = ("==", "!=", "<", "<=", ">", ">=")

_NEAR = {
    T.INT: (-1, 0, 1, 2, 7), T.MONEY: (0, 99, 100, 24_000),
    T.DATE: (739_000, 739_001, 739_002, 739_009),
    T.TIME: (0, 28_800, 75_600), T.DATETIME: (0, 1_700_000_000, 1_700_086_400), T.DURATION: (0, 3_600, 86_400, 172_800),
}
_ENDS: dict[T, tuple[Value, ...]] = {
    **{type: tuple(found[:3]) for type, found in _NEAR.items()},
    T.BOOL: (True, False), T.TEXT: ("", "work", "a"), T.ENUM: ("work", "mobile"),
    T.SET: (frozenset(), frozenset({"MA"}), frozenset({"work", ""})),
}
TEXTS = (
    "", "01234", "a", "a b", "=a", "%61", 'say "no"', "\\", "naïve", "\u202e", "\0", "\ud800", "🙂", "true", "1", "MA",
)


def values(type: T) -> st.SearchStrategy[Value]:
    """Return values of *type*, near one another, with the ends of its range."""
    if type is T.BOOL:
        return st.booleans()
    if type is T.TEXT:
        return st.sampled_from(TEXTS) | st.text(max_size=4)
    if type is T.ENUM:
        return st.sampled_from(KINDS)
    if type is T.SET:
        return st.frozensets(st.sampled_from(PLACES))
    return st.sampled_from((*_NEAR[type], *_NEAR[type], *RANGES[type]))


def facts() -> st.SearchStrategy[dict[str, Value]]:
    """Return facts, each of which may be missing, or there and unknown."""
    return st.fixed_dictionaries({}, optional={name: st.none() | values(type) for name, type in TYPES.items()})


def refs(type: T) -> st.SearchStrategy[Ref]:
    """Return references to facts of *type*."""
    return st.sampled_from([Ref(name, type) for name, held in TYPES.items() if held is type])


def expressions(type: T, depth: int = 1) -> st.SearchStrategy[Expression]:
    """Return expressions of *type*."""
    simple = st.one_of(refs(type), refs(type), values(type).map(lambda value: Constant(value, type)))
    return st.one_of(simple, simple, *_sums(type, depth)) if depth else simple


def _sums(type: T, depth: int) -> list[st.SearchStrategy[Expression]]:
    ways = {
        T.INT: [(T.INT, op, T.INT) for op in "+-*"],
        T.MONEY: [(T.MONEY, "+", T.MONEY), (T.MONEY, "-", T.MONEY), (T.MONEY, "*", T.INT), (T.INT, "*", T.MONEY)],
        T.DATE: [(T.DATE, "+", T.DURATION), (T.DATE, "-", T.DURATION), (T.DURATION, "+", T.DATE)],
        T.DATETIME: [(T.DATETIME, "+", T.DURATION), (T.DATETIME, "-", T.DURATION)],
        T.DURATION: [(T.DATE, "-", T.DATE), (T.TIME, "-", T.TIME), (T.DATETIME, "-", T.DATETIME),
                     (T.DURATION, "*", T.INT)],
    }
    return [
        st.builds(Arithmetic, st.just(op), expressions(left, depth - 1), expressions(right, depth - 1), st.just(type))
        for left, op, right in ways.get(type, [])
    ]


def comparisons() -> st.SearchStrategy[Condition]:
    """Return single comparisons of every kind."""
    ordered = st.sampled_from(ORDERED).flatmap(
        lambda type: st.builds(Compare, st.sampled_from(OPERATORS), expressions(type), expressions(type))
    )
    equal = st.sampled_from((T.TEXT, T.ENUM, T.BOOL)).flatmap(
        lambda type: st.builds(Compare, st.sampled_from(OPERATORS[:2]), refs(type), expressions(type))
    )
    words = st.frozensets(st.sampled_from((*KINDS, *TEXTS)), max_size=3).map(lambda found: Constant(found, T.SET))
    against = st.sampled_from(ORDERED).flatmap(
        lambda type: st.builds(Compare, st.sampled_from(OPERATORS), refs(type), expressions(type, 0))
    )
    return st.one_of(
        ordered, against, against, equal, equal,
        refs(T.BOOL).map(Truth),
        st.sampled_from(list(TYPES)).map(lambda name: Known(Ref(name, TYPES[name]))),
        expressions(T.DATE).map(BankDay),
        st.builds(Member, st.sampled_from(PLACES).map(lambda place: Constant(place, T.TEXT)), refs(T.SET)),
        st.builds(Member, st.one_of(refs(T.TEXT), refs(T.ENUM)), st.one_of(refs(T.SET), words)),
    )


def every_comparison() -> list[Condition]:
    """Return one comparison of each operator, type and kind of side."""
    found: list[Condition] = []
    for type in T:
        names = [Ref(name, held) for name, held in TYPES.items() if held is type]
        left, right = names[0], names[-1]
        if type is T.SET:
            found += [Member(Constant(place, T.TEXT), left) for place in PLACES]
            found += [Member(Ref("place", T.TEXT), left), Member(Ref("number.kind", T.ENUM), left)]
            continue
        constants = [Constant(value, type) for value in _ENDS[type]]
        if type in RANGES:
            number = Constant(2, T.INT)
            sums: list[Expression] = [Arithmetic("*", left, number, type)] if type in (T.INT, T.MONEY) else []
            sums += [Arithmetic("-", left, Ref("grace", T.DURATION), type)] if type in (T.DATE, T.DATETIME) else []
            constants = [Constant(value, type) for value in _NEAR[type][:2]]
        else:
            sums = []
        for op in OPERATORS if type in RANGES else OPERATORS[:2]:
            for one in (left, *sums):
                found += [Compare(op, one, other) for other in (right, *constants)]  # type: ignore[arg-type]
            found.append(Compare(op, constants[0], left))  # type: ignore[arg-type]
        found.append(Known(left))
    words = [Constant(frozenset(held), T.SET) for held in ((), ("",), ("work",), ("work", ""), ("a", "work"))]
    found += [Member(Ref(name, TYPES[name]), held) for name in ("number.kind", "heard.zip") for held in words]
    return [*found, Truth(Ref("consent", T.BOOL)), BankDay(Ref("clock.today", T.DATE))]


def every_pair_of_values() -> list[dict[str, Value]]:
    """Return facts in which two of each type have every pair of near values, the unknown included."""
    return [_facts(one, two) for one in range(4) for two in range(4)]


def _facts(one: int, two: int) -> dict[str, Value]:
    found: dict[str, Value] = {}
    seen: set[T] = set()
    for name, type in TYPES.items():
        near = (None, *_ENDS[type])
        found[name] = near[(two if type in seen else one) % len(near)]
        seen.add(type)
    return found


def conditions(depth: int = 2) -> st.SearchStrategy[Condition]:
    """Return conditions nested to *depth*."""
    if not depth:
        return comparisons()
    several = st.lists(conditions(depth - 1), max_size=3).map(tuple)
    return st.one_of(
        comparisons(), several.map(All), several.map(AnyOf), conditions(depth - 1).map(Not), comparisons()
    )


def written() -> st.SearchStrategy[str]:
    """Return comparisons as authors write them."""
    names = {type: [name for name, held in TYPES.items() if held is type] for type in T}
    plain = {type: st.sampled_from(found) for type, found in names.items()}
    number = st.integers(-9, 9).map(str)
    money = st.sampled_from(("0", "240", "0.99", "1.5"))
    sides: dict[T, st.SearchStrategy[str]] = {
        T.INT: st.one_of(plain[T.INT], number, st.builds("{} + {}".format, plain[T.INT], number)),
        T.MONEY: st.one_of(plain[T.MONEY], money, st.builds("{} * 2 - {}".format, plain[T.MONEY], money)),
        T.DATE: st.one_of(plain[T.DATE], st.builds("{} + {}".format, plain[T.DATE], plain[T.DURATION])),
        T.TIME: plain[T.TIME],
        T.DATETIME: st.one_of(plain[T.DATETIME], st.builds("{} - {}".format, plain[T.DATETIME], plain[T.DURATION])),
        T.DURATION: st.one_of(plain[T.DURATION], st.builds("{} - {}".format, plain[T.DATE], plain[T.DATE])),
    }
    ordered = st.sampled_from(ORDERED).flatmap(
        lambda type: st.builds("{} {} {}".format, plain[type], st.sampled_from(OPERATORS), sides[type])
    )
    chain = st.builds("{} <= {} < {}".format, plain[T.TIME], plain[T.TIME], plain[T.TIME])
    enum = st.builds("{} {} {}".format, plain[T.ENUM], st.sampled_from(("==", "!=")), st.sampled_from(KINDS))
    listed = st.builds("{} {} [{}]".format, plain[T.ENUM], st.sampled_from(("in", "not in")),
                       st.lists(st.sampled_from(KINDS), min_size=1).map(", ".join))
    member = st.builds("{} {} account.places".format, st.sampled_from((*PLACES, "place")),
                       st.sampled_from(("in", "not in")))
    texts = st.builds("{} {} {}".format, plain[T.TEXT], st.sampled_from(("==", "!=")),
                      st.one_of(plain[T.TEXT], st.sampled_from(("'01234'", "''", "'MA'"))))
    bools = st.builds("{}{}".format, st.sampled_from(("", "not ")), plain[T.BOOL])
    known = st.builds("{} is {}".format, st.sampled_from(list(TYPES)),
                      st.sampled_from(("known", "unknown", "not known")))
    days = st.builds("{} is bank_day".format, plain[T.DATE])
    return st.one_of(ordered, chain, enum, listed, member, texts, bools, known, days)


def nodes(depth: int = 2) -> st.SearchStrategy[Node]:
    """Return conditions as they stand in a document."""
    one = written().map(Text)
    if not depth:
        return one
    several = st.lists(nodes(depth - 1), min_size=1, max_size=3).map(Seq)
    return st.one_of(one, several, st.builds(_joined, st.sampled_from(("any", "none")), several))


def _joined(key: str, parts: Seq) -> Map:
    return Map([(Text(key), parts)])


def rule(id: str, when: Condition, unless: Condition | None = None, tightening: bool = True) -> Rule:
    """Return a rule that denies, or that derives."""
    said = Template("no")
    effect: Effect = Deny(said) if tightening else Derive("party.verified", Constant(True, T.BOOL))
    return Rule(id, "house", Ask.BEFORE_DIALING, when, unless, when, (effect,), "house rule",
                Severity.HOUSE, Status.HOUSE_RULE, "US", said)


def rules_of(parts: Sequence[tuple[Condition, Condition | None, bool]]) -> list[Rule]:
    """Return one rule for each of *parts*, named by its number."""
    return [rule(f"house.rule[{number}]", *part) for number, part in enumerate(parts)]


def rules(depth: int = 2) -> st.SearchStrategy[list[Rule]]:
    """Return sets of rules."""
    part = st.tuples(conditions(depth), st.none() | conditions(1), st.booleans())
    return st.lists(part, min_size=1, max_size=5).map(rules_of)
