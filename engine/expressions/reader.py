"""Jinja2's syntax tree into the typed tree: a whitelist, with the type of everything checked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jinja2 import nodes

from engine.expressions.operators import comparable, result_type
from engine.expressions.scope import Scope
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
    Name,
    Not,
    Ref,
    Truth,
    Value,
)
from engine.expressions.values import INT_LIMIT, TEXT_LIMIT, TEXTUAL, describe, money_of_number
from engine.source.finding import Finding
from engine.source.span import Span
from engine.terms import ValueType

NEVER: Condition = AnyOf(())

_OPERATORS = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


class Refused(Exception):
    """What is written has no place in the language; carries the finding."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


@dataclass(frozen=True, slots=True)
class Loose:
    """Something written that gets its type from what stands beside it: a number, a quoted text, a bare word."""

    kind: str  # number, text, word, truth
    value: int | float | str | bool
    offset: int
    width: int


@dataclass(frozen=True, slots=True)
class Typed:
    """An expression, and the words it can be where they are closed."""

    tree: Expression
    values: frozenset[str] = frozenset()
    written: str = ""


Operand = Loose | Typed


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads one text's syntax trees.

    Args:
        scope: The names it may use.
        at: Gives the span of a width from an offset.
        open_words: Whether a bare word beside an enum, a set or a text whose words are not known means itself;
            only for text that was read with its full scope before.
    """

    scope: Scope
    at: Callable[[int, int], Span]
    open_words: bool = False

    # ------------------------------------------------------------ conditions

    def condition(self, node: nodes.Node) -> Condition:
        """Return the condition *node* stands for.

        Raises:
            Refused: It is not in the language, or its types do not fit.
        """
        match node:
            case nodes.Not():
                return Not(self.condition(node.node), self.at(node.lineno, 3))
            case nodes.Compare():
                return self._comparison(node)
            case nodes.Test():
                return self._test(node)
            case nodes.And():
                raise self._refuse(node, "`and` is not used in conditions", "write a list, of which all must hold")
            case nodes.Or():
                raise self._refuse(node, "`or` is not used in conditions", "write `any:` with a list")
        operand = self.operand(node)
        if isinstance(operand, Loose):
            raise self._stray(operand)
        return self._truth(operand, node)

    def _truth(self, operand: Typed, node: nodes.Node) -> Condition:
        tree = operand.tree
        if tree.type is not ValueType.BOOL:
            said = f"`{operand.written}` is {describe(tree.type)}" if operand.written else "this is no comparison"
            raise self._wrong(node, said, "compare it with something, or ask `is known`", len(operand.written))
        if isinstance(tree, Constant):
            return _constant_truth(tree)
        assert isinstance(tree, Ref)
        return Truth(tree, tree.span)

    def _comparison(self, node: nodes.Compare) -> Condition:
        parts: list[Condition] = []
        left = node.expr
        for link in node.ops:
            parts.append(self._link(left, link.op, link.expr))
            left = link.expr
        return parts[0] if len(parts) == 1 else All(tuple(parts), self.at(place_of(node), 1))

    def _link(self, left: nodes.Expr, op: str, right: nodes.Expr) -> Condition:
        if op in ("in", "notin"):
            member = self._membership(left, right)
            return member if op == "in" else Not(member, self.at(place_of(left), 1))
        for side in (left, right):
            if isinstance(side, nodes.Const) and side.value is None:
                raise self._refuse(side, "`none` is no value", "ask `is unknown` or `is known`")
            if isinstance(side, nodes.List | nodes.Tuple):
                raise self._refuse(side, "a list cannot be compared", "ask `in`")
        return self._compare(_OPERATORS[op], left, right)

    def _compare(self, op: str, left: nodes.Expr, right: nodes.Expr) -> Condition:
        one, two = self._pair(left, right)
        span = self.at(place_of(left), 1)
        if not comparable(one.tree.type, op, two.tree.type):
            raise self._incomparable(op, one, two, left)
        if one.tree.type is ValueType.BOOL:
            return self._bool_comparison(op, one.tree, two.tree, span)
        return Compare(op, one.tree, two.tree, span)  # type: ignore[arg-type]

    def _bool_comparison(self, op: str, left: Expression, right: Expression, span: Span) -> Condition:
        if isinstance(left, Constant):
            left, right = right, left
        if isinstance(left, Constant) or not isinstance(left, Ref):
            value = isinstance(left, Constant) and isinstance(right, Constant) and left.value == right.value
            return ALWAYS if value == (op == "==") else NEVER
        if isinstance(right, Constant):
            holds = bool(right.value) == (op == "==")
            return Truth(left, span) if holds else Not(Truth(left, left.span), span)
        return Compare(op, left, right, span)  # type: ignore[arg-type]

    def _incomparable(self, op: str, one: Typed, two: Typed, node: nodes.Expr) -> Refused:
        left, right = one.tree.type, two.tree.type
        if ValueType.SET in (left, right):
            return self._wrong(node, "a set is not compared with `" + op + "`", "ask `in`, as `MA in account.places`")
        if left is right or {left, right} <= {*TEXTUAL}:
            return self._wrong(node, f"`{op}` has no meaning on {describe(left)}", "use `==` or `!=`")
        return self._wrong(
            node, f"{describe(left)} is compared with {describe(right)}", "compare values of the same type"
        )

    def _test(self, node: nodes.Test) -> Condition:
        if node.args or node.kwargs or node.dyn_args or node.dyn_kwargs or node.name not in _TESTS:
            raise self._refuse(node, f"`is {node.name}` asks nothing", "ask `is known`, `is unknown` or `is bank_day`")
        operand = self.operand(node.node)
        if isinstance(operand, Loose):
            raise self._stray(operand)
        tree, span = operand.tree, self.at(place_of(node.node), max(1, len(operand.written)))
        if node.name == "bank_day":
            if tree.type is not ValueType.DATE:
                said = f"`is bank_day` asks about a date, not {describe(tree.type)}"
                raise self._wrong(node.node, said, "name a date")
            return BankDay(tree, span)
        if isinstance(tree, Constant):
            return ALWAYS if node.name == "known" else NEVER
        if not isinstance(tree, Ref):
            raise self._refuse(node.node, f"`is {node.name}` asks about one fact", "name a fact before it")
        known = Known(tree, span)
        return known if node.name == "known" else Not(known, span)

    def _membership(self, left: nodes.Expr, right: nodes.Expr) -> Condition:
        span = self.at(place_of(left), 1)
        if isinstance(right, nodes.List | nodes.Tuple):
            return self._listed(left, right.items, span)
        group = self.operand(right)
        if isinstance(group, Loose):
            raise self._stray(group)
        if group.tree.type is not ValueType.SET:
            raise self._wrong(
                right,
                f"`in` looks into a set or a list, not into {describe(group.tree.type)}",
                "write a list, as `number.kind in [work, mobile]`",
                len(group.written),
            )
        member = self._beside(left, group.values)
        if isinstance(member, Loose):
            member = Typed(self.fit(member, ValueType.TEXT, group.values))
        if member.tree.type not in TEXTUAL:
            said = f"a set holds texts, not {describe(member.tree.type)}"
            raise self._wrong(left, said, "name a text or a word of it")
        if not isinstance(group.tree, Ref | Constant):
            raise self._refuse(right, "a set is one fact", "name the fact")
        return Member(member.tree, group.tree, span)

    def _listed(self, left: nodes.Expr, items: Sequence[nodes.Expr], span: Span) -> Condition:
        wanted = self.operand(left)
        if isinstance(wanted, Loose):
            raise self._stray(wanted)
        type = wanted.tree.type
        if type is ValueType.SET:
            raise self._wrong(left, "a set is not in a list", "ask of one member, as `MA in account.places`")
        members = [self._fitted(self._beside(item, wanted.values), type, wanted.values, item) for item in items]
        if type in TEXTUAL and all(isinstance(m, Constant) for m in members):
            words = frozenset(str(m.value) for m in members if isinstance(m, Constant))
            return Member(wanted.tree, Constant(words, ValueType.SET, span), span)
        if type is ValueType.BOOL:
            raise self._wrong(left, "true or false is not looked up in a list", "name the fact alone")
        return AnyOf(tuple(Compare("==", wanted.tree, member, span) for member in members), span)

    def _fitted(self, operand: Operand, type: ValueType, values: frozenset[str], node: nodes.Expr) -> Expression:
        tree = self.fit(operand, type, values) if isinstance(operand, Loose) else operand.tree
        if not comparable(type, "==", tree.type):
            raise self._wrong(node, f"{describe(tree.type)} is listed beside {describe(type)}", "list like beside like")
        return tree

    # ----------------------------------------------------------- expressions

    def operand(self, node: nodes.Node) -> Operand:
        """Return what *node* stands for: typed, or waiting for the type of what stands beside it.

        Raises:
            Refused: It is not in the language, or its types do not fit.
        """
        match node:
            case nodes.Name() | nodes.Getattr():
                return self._name(node)
            case nodes.Const():
                return self._literal(node, node.value)
            case nodes.TemplateData():
                return Loose("text", node.data, node.lineno, len(node.data))
            case nodes.Neg():
                return self._negative(node)
            case nodes.Add():
                return self._arithmetic("+", node)
            case nodes.Sub():
                return self._arithmetic("-", node)
            case nodes.Mul():
                return self._arithmetic("*", node)
            case nodes.Compare() | nodes.Test() | nodes.Not() | nodes.And() | nodes.Or():
                raise self._refuse(node, "a comparison cannot stand inside a value", "write one comparison a line")
        what, mend = _FORBIDDEN.get(type(node), ("this", "write names, literals and comparisons only"))
        raise self._refuse(node, f"{what} cannot be used here", mend)

    def fit(self, loose: Loose, type: ValueType, values: frozenset[str] = frozenset()) -> Constant:
        """Return *loose* as a value of *type*.

        Raises:
            Refused: It is none.
        """
        span = self.at(loose.offset, loose.width)
        value = self._fitting(loose, type, values)
        if value is None:
            raise self._misfit(loose, type, values)
        return Constant(value, type, span)

    def _fitting(self, loose: Loose, type: ValueType, values: frozenset[str]) -> Value:
        value = loose.value
        if type in TEXTUAL and isinstance(value, str):
            if loose.kind == "word":
                return value if value in values or (self.open_words and not values) else None
            return value if (not values or value in values) and len(value) <= TEXT_LIMIT else None
        if type is ValueType.BOOL and loose.kind == "truth":
            return bool(value)
        if loose.kind != "number" or isinstance(value, str):
            return None
        if type is ValueType.INT:
            return value if isinstance(value, int) and abs(value) <= INT_LIMIT else None
        return money_of_number(repr(value)) if type is ValueType.MONEY else None

    def _misfit(self, loose: Loose, type: ValueType, values: frozenset[str]) -> Refused:
        span = self.at(loose.offset, loose.width)
        shown = _shown(loose)
        if loose.kind == "word":
            near = self.scope.did_you_mean(str(loose.value), values)
            quote = f"write a text in quotes: `'{loose.value}'`" if type is ValueType.TEXT and not values else ""
            known = f"it can be {', '.join(f'`{v}`' for v in sorted(values)[:8])}" if values else ""
            return Refused(
                Finding(
                    span,
                    "unknown-name",
                    f"nothing is called {shown} here",
                    near or quote or known or "declare it in the vocabulary, or as a parameter",
                )
            )
        if loose.kind == "text" and values:
            known = f"it can be {', '.join(f'`{v}`' for v in sorted(values)[:8])}"
            near = self.scope.did_you_mean(str(loose.value), values)
            return Refused(Finding(span, "unknown-name", f"{shown} is none of its values", near or known))
        help = "compare values of the same type"
        if type in (ValueType.DATE, ValueType.TIME, ValueType.DATETIME, ValueType.DURATION):
            help = f"give {describe(type)} a name under `parameters:`, and use the name"
        if type is ValueType.MONEY and loose.kind == "number":
            help = "write whole cents, as `240.50`"
        return Refused(Finding(span, "wrong-type", f"{shown} is not {describe(type)}", help))

    def named(self, node: nodes.Node, written: str) -> Name:
        """Return what the name *written* at *node* stands for.

        Raises:
            Refused: It stands for nothing here.
        """
        name = self.scope.names.get(written)
        if name is None and self.open_words:
            return Name(written, ValueType.TEXT)
        if name is None:
            raise self._misfit(Loose("word", written, place_of(node), len(written)), ValueType.BOOL, frozenset())
        return name

    def _name(self, node: nodes.Name | nodes.Getattr) -> Operand:
        written = dotted(node)
        if written is None:
            raise self._refuse(node, "only a name can be followed by a dot", "write a declared name")
        start = place_of(node)
        name = self.scope.find(written)
        if name is None:
            return Loose("word", written, start, len(written))
        return Typed(self._of_name(name, self.at(start, len(written))), name.values, written)

    def _of_name(self, name: Name, span: Span) -> Expression:
        if name.constant is not None:
            return Constant(name.constant, name.type, span)
        return Ref(name.name, name.type, name.can_be_unknown, span)

    def _literal(self, node: nodes.Const, value: object) -> Loose:
        if isinstance(value, bool):
            return Loose("truth", value, node.lineno, 4 if value else 5)
        if isinstance(value, int | float):
            return Loose("number", value, node.lineno, len(str(value)))
        if isinstance(value, str):
            return Loose("text", value, node.lineno, len(value) + 2)
        raise self._refuse(node, "`none` is no value", "ask `is unknown` or `is known`")

    def _negative(self, node: nodes.Neg) -> Loose:
        inner = node.node
        value = inner.value if isinstance(inner, nodes.Const) else None
        if isinstance(value, int | float) and not isinstance(value, bool):
            return Loose("number", -value, node.lineno, len(str(value)) + 1)
        raise self._refuse(node, "a minus sign can only stand before a number", "subtract it: `0 - x`")

    def _arithmetic(self, op: str, node: nodes.Add | nodes.Sub | nodes.Mul) -> Typed:
        left, right = self.operand(node.left), self.operand(node.right)
        one = self._term(left, right, op)
        two = self._term(right, left, op)
        type = result_type(one.type, op, two.type)
        if type is None:
            raise self._wrong(
                node.left,
                f"`{op}` has no meaning between {describe(one.type)} and {describe(two.type)}",
                "a date takes a length of time; money takes money, or times a whole number",
            )
        return Typed(Arithmetic(op, one, two, type, self.at(place_of(node), 1)))  # type: ignore[arg-type]

    def _term(self, operand: Operand, other: Operand, op: str) -> Expression:
        if isinstance(operand, Typed):
            return operand.tree
        if op == "*" or isinstance(other, Loose):
            return self.fit(operand, ValueType.INT)
        type = other.tree.type
        return self.fit(operand, ValueType.DURATION if type in (ValueType.DATE, ValueType.DATETIME) else type)

    def _pair(self, left: nodes.Expr, right: nodes.Expr) -> tuple[Typed, Typed]:
        one, two = self.operand(left), self.operand(right)
        one = self._beside(left, _closed(two)) if isinstance(two, Typed) else one
        two = self._beside(right, _closed(one)) if isinstance(one, Typed) else two
        if isinstance(one, Loose) and isinstance(two, Loose):
            raise self._stray(one if one.kind == "word" or two.kind != "word" else two)
        if isinstance(one, Loose):
            assert isinstance(two, Typed)
            one = Typed(self.fit(one, two.tree.type, two.values))
        if isinstance(two, Loose):
            two = Typed(self.fit(two, one.tree.type, one.values))
        return one, two

    def _beside(self, node: nodes.Expr, values: frozenset[str]) -> Operand:
        """Read *node* beside something whose words are closed: one of those words means itself."""
        if isinstance(node, nodes.Name) and node.name in values:
            return Typed(Constant(node.name, ValueType.TEXT, self.at(node.lineno, len(node.name))), written=node.name)
        return self.operand(node)

    # ---------------------------------------------------------------- refusals

    def _stray(self, loose: Loose) -> Refused:
        if loose.kind == "word":
            return self._misfit(loose, ValueType.BOOL, frozenset())
        return Refused(
            Finding(
                self.at(loose.offset, loose.width),
                "wrong-type",
                f"{_shown(loose)} says nothing by itself",
                "compare a fact with it, as `calls >= 7`",
            )
        )

    def _refuse(self, node: nodes.Node, message: str, help: str) -> Refused:
        return Refused(Finding(self.at(place_of(node), 1), "not-allowed-in-conditions", message, help))

    def _wrong(self, node: nodes.Node, message: str, help: str, width: int = 1) -> Refused:
        return Refused(Finding(self.at(place_of(node), max(1, width)), "wrong-type", message, help))


_TESTS = ("known", "unknown", "bank_day")
_FORBIDDEN: dict[type[nodes.Node], tuple[str, str]] = {
    nodes.Call: ("a call", "leave the brackets out: only names, literals and comparisons"),
    nodes.Filter: ("a filter", "leave it out: filters belong to sentences"),
    nodes.Getitem: ("a `[…]` after a name", "write a declared name, as `party.zip`"),
    nodes.Slice: ("a `[…]` after a name", "write a declared name, as `party.zip`"),
    nodes.CondExpr: ("`if` inside a value", "write two rules or two steps, each with its own `when`"),
    nodes.List: ("a list", "a list stands only after `in`"),
    nodes.Tuple: ("a comma", "write one comparison a line"),
    nodes.Dict: ("a `{…}`", "write names, literals and comparisons only"),
    nodes.Concat: ("`~`", "texts cannot be joined here"),
    nodes.Div: ("`/`", "only `+`, `-` and `*`"),
    nodes.FloorDiv: ("`//`", "only `+`, `-` and `*`"),
    nodes.Mod: ("`%`", "only `+`, `-` and `*`"),
    nodes.Pow: ("`**`", "only `+`, `-` and `*`"),
    nodes.Pos: ("a plus sign before a value", "leave it out"),
}


def dotted(node: nodes.Node) -> str | None:
    """Return the dotted name that *node* is, or None when it is something else."""
    parts: list[str] = []
    while isinstance(node, nodes.Getattr):
        parts.append(node.attr)
        node = node.node
    return ".".join([node.name, *reversed(parts)]) if isinstance(node, nodes.Name) else None


def place_of(node: nodes.Node) -> int:
    """Return the offset at which *node* begins."""
    while (first := _first(node)) is not None:
        node = first
    return node.lineno or 0


def _first(node: nodes.Node) -> nodes.Node | None:
    match node:
        case nodes.Getattr() | nodes.Getitem() | nodes.Call() | nodes.Filter() | nodes.Test():
            return node.node
        case nodes.Compare():
            return node.expr
        case nodes.BinExpr():
            return node.left
        case nodes.CondExpr():
            return node.expr1
    return None


def _closed(operand: Typed) -> frozenset[str]:
    return operand.values if operand.tree.type in TEXTUAL else frozenset()


def _shown(loose: Loose) -> str:
    written = str(loose.value) if loose.kind != "truth" else str(loose.value).lower()
    return f"`{written if len(written) <= 60 else written[:60] + '…'}`"


def _constant_truth(constant: Constant) -> Condition:
    return ALWAYS if constant.value is True else NEVER
