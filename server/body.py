"""The strict reading of a body: JSON as RFC 8259 means it, and no more of it than a server should bear.

What other readers let pass is refused: a name given twice, numbers no program holds exactly, NaN and
Infinity, NUL and halves of surrogate pairs in texts, and nesting that would exhaust the stack.
"""

import json
import math
import re
from typing import Any, NoReturn

DEPTH = 32
#: Digits of a number; 2**63 has 19.
DIGITS = 19
LARGEST = 2**63 - 1
_TEXTS = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


class BadBody(ValueError):
    """The body is no JSON that this server reads; the message says why."""


def read(raw: bytes) -> Any:
    """Return what *raw* says.

    Raises:
        BadBody: See the module.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadBody(f"byte {error.start} of the body is not UTF-8") from error
    if text.count("[") + text.count("{") > DEPTH:
        _check_depth(text)
    try:
        value = json.loads(
            text, object_pairs_hook=_once, parse_int=_whole, parse_float=_fraction, parse_constant=_no_constant
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise BadBody(f"the body is no JSON: {error.msg.lower()} at {where}") from error
    if "\\u" in text:
        _check_texts(value)
    return value


def _check_depth(text: str) -> None:
    depth = 0
    for character in _TEXTS.sub("", text):
        if character in "[{":
            depth += 1
            if depth > DEPTH:
                raise BadBody(f"the body is nested deeper than {DEPTH} levels")
        elif character in "]}":
            depth -= 1


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadBody(f"`{twice[:60]}` is given twice")
    return found


def _whole(digits: str) -> int:
    value = int(digits) if len(digits) <= DIGITS + 1 else None
    if value is None or abs(value) > LARGEST:
        raise BadBody("a whole number is too large")
    return value


def _fraction(written: str) -> float:
    value = float(written) if len(written) <= 64 else math.inf
    if not math.isfinite(value):
        raise BadBody("a number is too large or too long")
    return value


def _no_constant(name: str) -> NoReturn:
    raise BadBody(f"`{name}` is no number in JSON")


def _check_texts(value: Any) -> None:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            check_text(one)
        elif isinstance(one, dict):
            waiting += one.keys()
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def check_text(text: str) -> str:
    """Return *text*.

    Raises:
        BadBody: It holds NUL or half of a surrogate pair, which no store keeps.
    """
    if "\x00" in text:
        raise BadBody("a text holds the character NUL")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise BadBody("a text holds half of a surrogate pair, which is no character")
    return text
