"""What operators mean on types: one table for ``+ - *`` and one for comparisons."""

from engine.terms import ValueType as T

ORDERED = (T.INT, T.MONEY, T.DATE, T.TIME, T.DATETIME, T.DURATION)

_RESULTS: dict[tuple[T, str, T], T] = {
    (T.INT, "+", T.INT): T.INT,
    (T.INT, "-", T.INT): T.INT,
    (T.INT, "*", T.INT): T.INT,
    (T.MONEY, "+", T.MONEY): T.MONEY,
    (T.MONEY, "-", T.MONEY): T.MONEY,
    (T.MONEY, "*", T.INT): T.MONEY,
    (T.INT, "*", T.MONEY): T.MONEY,
    (T.DATE, "+", T.DURATION): T.DATE,
    (T.DURATION, "+", T.DATE): T.DATE,
    (T.DATE, "-", T.DURATION): T.DATE,
    (T.DATE, "-", T.DATE): T.DURATION,
    (T.DATETIME, "+", T.DURATION): T.DATETIME,
    (T.DURATION, "+", T.DATETIME): T.DATETIME,
    (T.DATETIME, "-", T.DURATION): T.DATETIME,
    (T.DATETIME, "-", T.DATETIME): T.DURATION,
    (T.TIME, "-", T.TIME): T.DURATION,
    (T.DURATION, "+", T.DURATION): T.DURATION,
    (T.DURATION, "-", T.DURATION): T.DURATION,
    (T.DURATION, "*", T.INT): T.DURATION,
    (T.INT, "*", T.DURATION): T.DURATION,
}


def result_type(left: T, op: str, right: T) -> T | None:
    """Return the type of ``left op right``, or None where it has no meaning."""
    return _RESULTS.get((left, op, right))


def comparable(left: T, op: str, right: T) -> bool:
    """Return whether ``left op right`` compares like with like; order is for numbers, dates and times only."""
    if op in ("==", "!="):
        alike = left is right or {left, right} == {T.TEXT, T.ENUM}
        return alike and left is not T.SET
    return left is right and left in ORDERED
