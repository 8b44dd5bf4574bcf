"""Conditions and expressions as authors write them, into the typed tree.

A condition is one comparison, a list of which all must hold, or ``any:`` or
``none:`` over a list. What is wrong comes back as findings, each at its place
inside the YAML; nothing an author can write raises.
"""

from engine.expressions.lexing import Unreadable, expression_tree
from engine.expressions.reader import Loose, Reader, Refused
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
    Not,
    Ref,
    Truth,
)
from engine.expressions.values import TEXTUAL, describe, parse_value
from engine.source.finding import Finding
from engine.source.span import Span
from engine.source.tree import Map, Node, Seq, Text
from engine.terms import ValueType

Findings = tuple[Finding, ...]

_DEEPEST = 4
_WRITTEN = (ValueType.DATE, ValueType.TIME, ValueType.DATETIME, ValueType.DURATION, ValueType.MONEY)


def parse_condition(node: Node, scope: Scope) -> tuple[Condition | None, Findings]:
    """Return the condition *node* writes, or None and what is wrong with it.

    Args:
        node: A text (one comparison), a list (all must hold), or keys ``any:`` and ``none:`` over lists.
        scope: The names it may use.
    """
    return _condition(node, scope, 0)


def parse_expression(
    text: Text, scope: Scope, wanted: ValueType | None, values: frozenset[str] = frozenset()
) -> tuple[Expression | None, Findings]:
    """Return the expression *text* writes, or None and what is wrong with it.

    Args:
        text: One scalar.
        scope: The names it may use.
        wanted: The type its place expects, which also says how a literal is written (``25.00``, ``5 days``,
            a text without quotes); None takes any.
        values: The wanted enum's values, where they are closed.
    """
    if wanted is not None and (literal := _written_literal(text, scope, wanted, values)) is not None:
        return literal, ()
    reader = _reader(text, scope)
    try:
        operand = reader.operand(expression_tree(str(text)))
        if isinstance(operand, Loose):
            return reader.fit(operand, wanted or _natural(operand), values), ()
    except Unreadable as error:
        return None, (_unreadable(text, error),)
    except Refused as refused:
        return None, (refused.finding,)
    found = operand.tree.type
    if wanted is None or found is wanted or (found in TEXTUAL and wanted in TEXTUAL):
        return operand.tree, ()
    return None, (
        Finding(
            text.at(0, len(text)),
            "wrong-type",
            f"`{text}` is {describe(found)}, not {describe(wanted)}",
            f"name or write {describe(wanted)}",
        ),
    )


def names_read(condition: Condition) -> tuple[str, ...]:
    """Return the run-time names *condition* reads, each once, in the order written."""
    return _names(condition)


def expression_names(expression: Expression) -> tuple[str, ...]:
    """Return the run-time names *expression* reads, each once, in the order written."""
    return _names(expression)


def _names(part: Condition | Expression) -> tuple[str, ...]:
    found: dict[str, None] = {}
    stack: list[Condition | Expression] = [part]
    while stack:
        match stack.pop():
            case Ref(name=name):
                found[name] = None
            case Arithmetic(left=left, right=right) | Compare(left=left, right=right):
                stack += (right, left)
            case Member(member=member, group=group):
                stack += (group, member)
            case Truth(ref=ref) | Known(ref=ref):
                stack.append(ref)
            case BankDay(date=date):
                stack.append(date)
            case Not(part=inner):
                stack.append(inner)
            case All(parts=parts) | AnyOf(parts=parts):
                stack += reversed(parts)
            case Constant():
                pass
    return tuple(found)


def _condition(node: Node, scope: Scope, depth: int) -> tuple[Condition | None, Findings]:
    if depth > _DEEPEST:
        return None, (
            Finding(
                _span(node),
                "unreadable-condition",
                "conditions are nested too deeply",
                "derive a fact in a rule of its own, and name it here",
            ),
        )
    if isinstance(node, Text):
        return _comparison(node, scope)
    if isinstance(node, Map):
        return _any_none(node, scope, depth)
    parts, findings = _each(node, scope, depth)
    return (None, findings) if findings else (parts[0] if len(parts) == 1 else All(parts, _span(node)), ())


def _each(nodes: Seq, scope: Scope, depth: int) -> tuple[tuple[Condition, ...], Findings]:
    read = [_condition(node, scope, depth + 1) for node in nodes]
    findings = tuple(finding for _, found in read for finding in found)
    return tuple(part for part, _ in read if part is not None), findings


def _any_none(node: Map, scope: Scope, depth: int) -> tuple[Condition | None, Findings]:
    parts: list[Condition] = []
    findings: list[Finding] = []
    if not node:
        findings.append(
            Finding(node.span, "unreadable-condition", "nothing is written here", "write `any:` or `none:`")
        )
    for key, value in node.items():
        if key not in ("any", "none"):
            findings.append(
                Finding(
                    key.span,
                    "not-allowed-in-conditions",
                    f"`{key}:` is not a way to join conditions",
                    "write a list, of which all must hold, or `any:` or `none:` with a list",
                )
            )
        elif not isinstance(value, Seq):
            findings.append(
                Finding(
                    _span(value),
                    "unreadable-condition",
                    f"`{key}:` takes a list",
                    "write each condition after a `-` on a line of its own",
                )
            )
        elif not value:
            findings.append(
                Finding(key.span, "unreadable-condition", f"`{key}:` has an empty list", "write a condition")
            )
        else:
            inner, found = _each(value, scope, depth)
            findings += found
            joined = AnyOf(inner, key.span)
            parts.append(joined if key == "any" else Not(joined, key.span))
    if findings:
        return None, tuple(findings)
    return (parts[0] if len(parts) == 1 else All(tuple(parts), node.span)), ()


def _comparison(text: Text, scope: Scope) -> tuple[Condition | None, Findings]:
    try:
        return _reader(text, scope).condition(expression_tree(str(text))), ()
    except Unreadable as error:
        return None, (_unreadable(text, error),)
    except Refused as refused:
        return None, (refused.finding,)


def _reader(text: Text, scope: Scope) -> Reader:
    return Reader(scope, text.at)


def _unreadable(text: Text, error: Unreadable) -> Finding:
    return Finding(text.at(error.offset), "unreadable-condition", error.message, error.help)


def _written_literal(text: Text, scope: Scope, wanted: ValueType, values: frozenset[str]) -> Constant | None:
    span = text.at(0, len(text))
    if wanted in _WRITTEN and text[:1].isascii() and (text[:1].isdigit() or text[:1] == "$"):
        try:
            return Constant(parse_value(text, wanted), wanted, span)
        except ValueError:
            return None
    if wanted is ValueType.ENUM and text in values:
        return Constant(str(text), wanted, span)
    if wanted is ValueType.TEXT and scope.find(text) is None and text[:1] not in ("'", '"') and not _like_a_name(text):
        return Constant(str(text), wanted, span) if len(text) <= 1_000 else None
    return None


def _like_a_name(text: str) -> bool:
    return "." in text and all(part.isidentifier() for part in text.split("."))


def _natural(loose: Loose) -> ValueType:
    kinds = {"truth": ValueType.BOOL, "text": ValueType.TEXT, "number": ValueType.INT, "word": ValueType.BOOL}
    return kinds[loose.kind]


def _span(node: Node) -> Span:
    return node.span
