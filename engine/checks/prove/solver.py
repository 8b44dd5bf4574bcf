"""Regions of facts that are added or multiplied before they are compared.

Boxes and orderings of single values cannot tell whether ``paid + due <= total``
and ``due > total`` may hold at once; z3 can. It is loaded only when a bundle has
such a comparison that does not come to a difference of two numbers.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.checks.prove.limits import TooLarge
from engine.expressions.tree import Arithmetic, Compare, Condition, Constant, Expression, Ref, Value
from engine.expressions.values import DAY
from engine.terms import ValueType

MOST = 4096
"""Most regions looked for in one cluster."""


def assignments(
    facts: tuple[tuple[str, bool], ...], atoms: tuple[Condition, ...], ranges: Mapping[str, tuple[int, int]]
) -> Iterator[dict[str, Value]]:
    """Yield one assignment of *facts* for each way the comparisons *atoms* can hold together.

    Args:
        facts: Each fact's name and whether it may be unknown.
        atoms: Comparisons over these facts.
        ranges: The least and the greatest value of each fact.

    Raises:
        TooLarge: There are more regions than are looked for, or the solver is not installed.
    """
    try:
        import z3
    except ModuleNotFoundError as missing:
        raise TooLarge("comparisons of sums need a solver: pip install 'callwright[prove]'") from missing
    solver = z3.Solver()
    solver.set("timeout", 5_000)
    numbers = {name: z3.Int(name) for name, _ in facts}
    present = {name: z3.Bool(f"{name} is known") for name, _ in facts}
    for name, unknown in facts:
        if not unknown:
            solver.add(present[name])
        least, greatest = ranges[name]
        solver.add(numbers[name] >= least, numbers[name] <= greatest)
    literals = [_term(atom, numbers) for atom in atoms if isinstance(atom, Compare)]
    flags = [z3.Bool(f"atom {n}") for n in range(len(literals))]
    for flag, literal in zip(flags, literals, strict=True):
        solver.add(flag == literal)
    watched = [*flags, *present.values()]
    for _ in range(MOST):
        answer = solver.check()
        if answer == z3.unsat:
            return
        if answer == z3.unknown:
            raise TooLarge(f"the comparisons between {', '.join(f'`{n}`' for n, _ in facts)} were not decided in 5 s")
        model = solver.model()
        yield {
            name: model.eval(numbers[name], True).as_long() if z3.is_true(model.eval(present[name], True)) else None
            for name, _ in facts
        }
        solver.add(z3.Or([flag != model.eval(flag, True) for flag in watched]))
    raise TooLarge(too_many(name for name, _ in facts))


def too_many(names: Iterable[str]) -> str:
    """Return in words that *names* have more regions than are looked for."""
    return f"{', '.join(f'`{name}`' for name in names)} can be compared in more than {MOST:,} ways"


def _term(atom: Compare, numbers: Mapping[str, Any]) -> Any:
    left, right = _number(atom.left, numbers), _number(atom.right, numbers)
    return {
        "==": left == right,
        "!=": left != right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }[atom.op]


def _number(expression: Expression, numbers: Mapping[str, Any]) -> Any:
    match expression:
        case Constant():
            return int(expression.value) if isinstance(expression.value, int) else 0
        case Ref():
            return numbers[expression.name]
        case Arithmetic():
            left, right = _number(expression.left, numbers), _number(expression.right, numbers)
            if expression.type is ValueType.DATE:
                left, right = _in_days(expression.left, left), _in_days(expression.right, right)
            found = left + right if expression.op == "+" else left - right if expression.op == "-" else left * right
            days = expression.type is ValueType.DURATION and expression.left.type is ValueType.DATE
            return found * DAY if days else found


def _in_days(part: Expression, number: Any) -> Any:
    """Return a part of a date: a length of time as whole days, a part of a day dropped towards the past."""
    if part.type is not ValueType.DURATION:
        return number
    return number // DAY if isinstance(number, int) else number / DAY
