"""Rules into disjunctive form over flat fields, for the rules network.

The network knows no unknown. So each comparison is asked in one of two ways:
*may* it hold, whatever the unknown facts turn out to be taken one comparison at
a time, or *must* it. A tightening rule fires when ``when`` may hold and
``unless`` may fail; one that derives, when ``when`` must hold and ``unless``
must fail. Unknown numbers and dates are an interval from the least to the
greatest integer, so that most comparisons stay one comparison.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from engine.bundle import Atom, Field, NetworkSpec, Rule
from engine.expressions.evaluate import evaluate
from engine.expressions.operators import ORDERED
from engine.expressions.parse import names_read
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
)
from engine.terms import Ask, ValueType

MOST_CONJUNCTS = 64
MOST_READ = 200

Conjunct = frozenset[Atom]
Form = tuple[Conjunct, ...]  # any of these, each all of its atoms

_TRUE: Form = (frozenset(),)
_FALSE: Form = ()
_NEGATED = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


class TooComplex(Exception):
    """A rule has more ways to fire than the network may hold, or reads more."""

    def __init__(self, rule_id: str) -> None:
        super().__init__(f"rule `{rule_id}` has more than {MOST_CONJUNCTS} ways to fire, or reads too much")
        self.rule_id = rule_id


def lower(ask: Ask, rules: Sequence[Rule]) -> NetworkSpec:
    """Return the network specification of *rules*.

    Raises:
        TooComplex: A rule has more than 64 ways to fire, or one that reads more than 200 fields; split it.
    """
    lowering = _Lowering()
    forms = {rule.id: lowering.rule(rule) for rule in rules}
    ordered = {
        rule_id: tuple(tuple(sorted(conjunct, key=_order)) for conjunct in sorted(form, key=_form_order))
        for rule_id, form in forms.items()
    }
    used = {name for form in ordered.values() for conjunct in form for atom in conjunct for name in _fields_of(atom)}
    return NetworkSpec(ask, tuple(f for f in lowering.fields.values() if f.name in used), ordered)


class _Lowering:
    """The fields met so far, and the forms built on them."""

    def __init__(self) -> None:
        self.fields: dict[str, Field] = {}
        self._rule = ""

    def rule(self, rule: Rule) -> Form:
        self._rule = rule.id
        may = rule.tightening
        parts = [self._form(rule.when, True, may)]
        if rule.unless is not None:
            parts.append(self._form(rule.unless, False, may))
        form = self._both(parts)
        if any(len({name for atom in conjunct for name in _fields_of(atom)}) > MOST_READ for conjunct in form):
            raise TooComplex(rule.id)
        return form

    def _form(self, condition: Condition, holds: bool, may: bool) -> Form:
        """Return when *condition* may (or must) hold, or with *holds* false, may (or must) fail."""
        if not isinstance(condition, All | AnyOf | Not) and not names_read(condition):
            truth = evaluate(condition, {})
            return _TRUE if (may if truth is None else truth is holds) else _FALSE
        match condition:
            case Not(part=part):
                return self._form(part, not holds, may)
            case All(parts=parts) | AnyOf(parts=parts):
                forms = [self._form(part, holds, may) for part in parts]
                return self._both(forms) if isinstance(condition, All) is holds else self._either(forms)
            case Truth(ref=ref):
                return _one(self._truth(ref, holds, may))
            case Known(ref=ref):
                return _one(Atom("==", self._field("unknown", ref), not holds))
            case BankDay(date=date):
                return _one(self._doubtful("may_bank_day", "may_not_bank_day", holds, may, date))
            case Member():
                return self._member(condition, holds, may)
            case Compare():
                op = condition.op if holds else _NEGATED[condition.op]
                return self._compare(op, condition.left, condition.right, may)

    # ------------------------------------------------------------ comparisons

    def _compare(self, op: str, left: Expression, right: Expression, may: bool) -> Form:
        if isinstance(left, Constant):
            left, right, op = right, left, _MIRRORED[op]
        if isinstance(right, Constant) and right.value is None:
            return _TRUE if may else _FALSE
        if left.type in ORDERED:
            return self._ordered(op, left, right, may)
        if left.type is ValueType.BOOL:
            return self._bools(op, left, right, may)
        if isinstance(right, Constant):
            return self._texts(op, left, [str(right.value)], may)
        return self._two_texts(op, left, right, may)

    def _ordered(self, op: str, left: Expression, right: Expression, may: bool) -> Form:
        if op in (">", ">="):
            if isinstance(right, Constant):
                return _one(self._against(op, left, right, may))
            left, right, op = right, left, _MIRRORED[op]
        if op in ("<", "<="):
            if isinstance(right, Constant):
                return _one(self._against(op, left, right, may))
            least, greatest = ("low", "high") if may else ("high", "low")
            return _one(Atom(op, self._field(least, left), other=self._field(greatest, right)))
        return self._equal(left, right, may) if op == "==" else self._unequal(left, right, may)

    def _against(self, op: str, left: Expression, right: Constant, may: bool) -> Atom:
        downward = op in ("<", "<=")
        return Atom(op, self._field("low" if downward is may else "high", left), _number(right))

    def _equal(self, left: Expression, right: Expression, may: bool) -> Form:
        if isinstance(right, Constant):
            if not may:
                return _one(Atom("==", self._field("low", left), _number(right)))
            return _one(
                Atom("<=", self._field("low", left), _number(right)),
                Atom(">=", self._field("high", left), _number(right)),
            )
        if not may:
            return _one(Atom("==", self._field("low", left), other=self._field("high", right)))
        return _one(
            Atom("<=", self._field("low", left), other=self._field("high", right)),
            Atom("<=", self._field("low", right), other=self._field("high", left)),
        )

    def _unequal(self, left: Expression, right: Expression, may: bool) -> Form:
        if isinstance(right, Constant):
            differs = Atom("!=", self._field("low", left), _number(right))
            return _one(differs) if may else _one(differs, self._known(left))
        if may:
            return _one(Atom("!=", self._field("low", left), other=self._field("high", right)))
        return _one(
            Atom("!=", self._field("low", left), other=self._field("low", right)), self._known(left), self._known(right)
        )

    def _texts(self, op: str, left: Expression, words: Sequence[str], may: bool) -> Form:
        """*left* is one of *words*, or with ``!=`` none of them. An unknown text stands as ''."""
        value, doubtful = self._field("value", left), "" in words
        unknown = Atom("==", self._field("unknown", left), True)
        if op == "==":
            if may:
                return self._either([_one(Atom("==", value, word)) for word in words] + [_one(unknown)])
            return self._either(
                [_one(Atom("==", value, word), *([self._known(left)] if word == "" else [])) for word in words]
            )
        others = [Atom("!=", value, word) for word in words]
        if may:
            return self._either([_one(*others), _one(unknown)]) if doubtful else _one(*others)
        return _one(*others, self._known(left))

    def _two_texts(self, op: str, left: Expression, right: Expression, may: bool) -> Form:
        same = Atom(op, self._field("value", left), other=self._field("value", right))
        if not may:
            return _one(same, self._known(left), self._known(right))
        return self._either(
            [
                _one(same),
                _one(Atom("==", self._field("unknown", left), True)),
                _one(Atom("==", self._field("unknown", right), True)),
            ]
        )

    def _bools(self, op: str, left: Expression, right: Expression, may: bool) -> Form:
        if isinstance(right, Constant):
            return _one(self._truth(left, bool(right.value) is (op == "=="), may))
        return self._either(
            [
                _one(self._truth(left, value, may), self._truth(right, value is (op == "=="), may))
                for value in (True, False)
            ]
        )

    def _member(self, member: Member, holds: bool, may: bool) -> Form:
        item, group = member.member, member.group
        if isinstance(group, Constant) and isinstance(group.value, frozenset):
            if group.value:
                return self._texts("==" if holds else "!=", item, sorted(group.value), may)
            if holds is may:
                return _one(Atom("==", self._field("unknown", item), may))
            return _TRUE if may else _FALSE
        if isinstance(item, Constant) and item.value is not None:
            return _one(self._doubtful("may_have", "may_lack", holds, may, group, str(item.value)))
        return _one(self._doubtful("may_have", "may_lack", holds, may, group, "", item))

    # ------------------------------------------------------------------ atoms

    def _truth(self, of: Expression, holds: bool, may: bool) -> Atom:
        return self._doubtful("may", "may_not", holds, may, of)

    def _doubtful(
        self,
        yes: str,
        no: str,
        holds: bool,
        may: bool,
        of: Expression,
        member: str = "",
        item: Expression | None = None,
    ) -> Atom:
        """What may hold is so by itself; what must hold is what may not fail."""
        return Atom("==", self._field(yes if holds is may else no, of, member, item), may)

    def _known(self, of: Expression) -> Atom:
        return Atom("==", self._field("unknown", of), False)

    def _field(self, kind: str, of: Expression, member: str = "", item: Expression | None = None) -> str:
        about = [_spelled(item)] if item is not None else [repr(member)] if member else []
        name = ":".join([kind, _spelled(of), *about])
        self.fields.setdefault(name, Field(name, kind, of, member, item))
        return name

    # ---------------------------------------------------------------- joining

    def _both(self, forms: Iterable[Form]) -> Form:
        joined = _TRUE
        for form in forms:
            if len(joined) * len(form) > MOST_CONJUNCTS**2:
                raise TooComplex(self._rule)
            joined = self._within(_smallest(one | two for one, two in product(joined, form)))
        return joined

    def _either(self, forms: Iterable[Form]) -> Form:
        return self._within(_smallest(conjunct for form in forms for conjunct in form))

    def _within(self, form: Form) -> Form:
        if len(form) > MOST_CONJUNCTS:
            raise TooComplex(self._rule)
        return form


_MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _one(*atoms: Atom) -> Form:
    return (frozenset(atoms),)


def _smallest(conjuncts: Iterable[Conjunct]) -> Form:
    """Leave out what cannot hold, and what another conjunct already covers."""
    kept: list[Conjunct] = []
    for conjunct in sorted({c for c in conjuncts if not _impossible(c)}, key=lambda c: (len(c), _form_order(c))):
        if not any(smaller <= conjunct for smaller in kept):
            kept.append(conjunct)
    return tuple(kept)


def _impossible(conjunct: Conjunct) -> bool:
    fixed: dict[str, bool | int | str] = {}
    for atom in conjunct:
        if atom.op == "==" and not atom.other and fixed.setdefault(atom.field, atom.value) != atom.value:
            return True
    return False


def _number(constant: Constant) -> int:
    assert isinstance(constant.value, int)
    return int(constant.value)


def _fields_of(atom: Atom) -> Iterator[str]:
    yield atom.field
    if atom.other:
        yield atom.other


def _order(atom: Atom) -> tuple[str, str, str, str]:
    return atom.field, atom.op, atom.other, repr(atom.value)


def _form_order(conjunct: Conjunct) -> list[tuple[str, str, str, str]]:
    return sorted(_order(atom) for atom in conjunct)


def _spelled(expression: Expression) -> str:
    match expression:
        case Ref(name=name):
            return str(name)
        case Constant(value=value):
            return repr(sorted(value) if isinstance(value, frozenset) else value)
        case Arithmetic(op=op, left=left, right=right, type=type):
            return f"({_spelled(left)} {op} {_spelled(right)} as {type})"
