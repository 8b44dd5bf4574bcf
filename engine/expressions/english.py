"""Conditions in words, for explanations and pages people read."""

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
from engine.expressions.values import format_value

_OPERATORS = {
    "==": "is",
    "!=": "is not",
    "<": "is less than",
    "<=": "is at most",
    ">": "is more than",
    ">=": "is at least",
}
_MOMENTS = {"<": "is before", "<=": "is no later than", ">": "is after", ">=": "is no earlier than"}
_NEGATED = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_ARITHMETIC = {"+": "plus", "-": "minus", "*": "times"}


def say(condition: Condition) -> str:
    """Return *condition* in words: ``calls in window is at least max calls``."""
    return _say(condition, True)


def say_expression(expression: Expression) -> str:
    """Return *expression* in words: ``today plus grace``."""
    match expression:
        case Ref(name=name):
            return words(name)
        case Constant(value=value, type=type):
            if isinstance(value, frozenset):
                return " or ".join(words(item) for item in sorted(value)) or "nothing"
            shown = format_value(value, type)
            return shown if shown else "empty"
        case Arithmetic(op=op, left=left, right=right):
            return f"{_term(left)} {_ARITHMETIC[op]} {_term(right)}"


def words(name: str) -> str:
    """Return a name as words: ``account.balance`` is `account balance`; of three parts or more, the last."""
    parts = name.split(".")
    return (parts[-1] if len(parts) > 2 else " ".join(parts)).replace("_", " ")


def _term(expression: Expression) -> str:
    said = say_expression(expression)
    return f"({said})" if isinstance(expression, Arithmetic) else said


def _say(condition: Condition, holds: bool) -> str:
    match condition:
        case All(parts=()) | AnyOf(parts=()):
            return "always" if isinstance(condition, All) is holds else "never"
        case All(parts=parts) | AnyOf(parts=parts):
            joint = " and " if isinstance(condition, All) is holds else " or "
            return joint.join(_part(part, holds, len(parts) > 1) for part in parts)
        case Not(part=part):
            return _say(part, not holds)
        case Truth(ref=ref):
            return _truth(ref.name, holds)
        case Known(ref=ref):
            return f"{words(ref.name)} is {'known' if holds else 'unknown'}"
        case BankDay(date=date):
            return f"{say_expression(date)} is {'' if holds else 'not '}a bank day"
        case Member(member=member, group=Constant() as group):
            return f"{say_expression(member)} is {'' if holds else 'not '}{say_expression(group)}"
        case Member(member=member, group=group):
            return f"{say_expression(member)} is {'' if holds else 'not '}among {say_expression(group)}"
        case Compare(op=op, left=left, right=right):
            written = op if holds else _NEGATED[op]
            verb = _MOMENTS.get(written) if left.type in ("date", "time", "datetime") else None
            return f"{say_expression(left)} {verb or _OPERATORS[written]} {say_expression(right)}"


def _part(condition: Condition, holds: bool, several: bool) -> str:
    while isinstance(condition, Not):
        condition, holds = condition.part, not holds
    said = _say(condition, holds)
    return f"({said})" if several and isinstance(condition, All | AnyOf) and len(condition.parts) > 1 else said


def _truth(name: str, holds: bool) -> str:
    first, _, rest = name.partition(".")
    no = "" if holds else "not "
    match first:
        case "heard":
            return f"`{rest}` was {no}heard"
        case "said":
            return f"the prompt `{rest}` has {no}been said"
        case "asked":
            return f"the prompt `{rest}` was {no}just asked"
        case "suppressed":
            return f"there is {'a' if holds else 'no'} suppression for `{rest}`"
    if name.endswith("@in_force"):
        return f"{words(name.removesuffix('@in_force'))} is {no}in force"
    return words(name) if holds else f"not {words(name)}"
