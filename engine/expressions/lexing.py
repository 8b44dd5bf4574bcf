"""Words into Jinja2's own syntax tree, with every node knowing its place.

Jinja2's nodes carry a line number only. Here each word reaches Jinja2's parser
with its offset in the text in place of its line, so that every node's
``lineno``, and every error's, is an offset.
"""

import re
from functools import lru_cache

from jinja2 import nodes
from jinja2.environment import Environment
from jinja2.exceptions import TemplateSyntaxError
from jinja2.lexer import TokenStream
from jinja2.parser import Parser

LONGEST_EXPRESSION = 1_000
LONGEST_TEMPLATE = 2_000
_MOST_WORDS = 1_500
_DEEPEST = 12
_MOST_UNARY = 40
_MOST_KEPT = 10_000


class Unreadable(ValueError):
    """The text is not in the language at all. ``offset`` is where it stops making sense, ``help`` the mend."""

    def __init__(self, message: str, offset: int = 0, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.help = help


@lru_cache(_MOST_KEPT)
def expression_tree(text: str) -> nodes.Expr:
    """Return the syntax tree of one expression, for reading only; ``lineno`` of each node is its offset in *text*.

    Raises:
        Unreadable: It is empty, too long, too deep, or not one expression.
    """
    if len(text) > LONGEST_EXPRESSION:
        raise Unreadable(f"this is longer than {LONGEST_EXPRESSION:,} characters", 0, "split it into a list")
    if not text.strip():
        raise Unreadable("nothing is written here", 0, _DEFAULT)
    try:
        parser = Parser(_LOCATED, text, state="variable")
        tree = parser.parse_expression()
        if not parser.stream.eos:
            raise _unreadable(parser.stream.current.lineno, text)
    except TemplateSyntaxError as error:
        raise _unreadable(error.lineno, text) from error
    return tree


@lru_cache(_MOST_KEPT)
def template_tree(text: str) -> nodes.Template:
    """Return the syntax tree of a sentence with ``{{ }}``, for reading only; ``lineno`` is each node's offset.

    Raises:
        Unreadable: It is too long, too deep, or a brace is left open.
    """
    if len(text) > LONGEST_TEMPLATE:
        raise Unreadable(f"this is longer than {LONGEST_TEMPLATE:,} characters", 0, "split it into several prompts")
    try:
        return Parser(_LOCATED, text).parse()
    except TemplateSyntaxError as error:
        offset = min(max(error.lineno, 0), max(len(text) - 1, 0))
        raise Unreadable("this sentence cannot be read", offset, "write facts as `{{ party.first_name }}`") from error


class _Located(Environment):
    """An environment whose words know their offset."""

    def _tokenize(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> TokenStream:
        words: list[tuple[int, str, str]] = []
        place = 0
        try:
            for _, kind, value in self.lexer.tokeniter(source, name, filename, state):
                place = max(source.find(value, place), place)
                words.append((place, kind, value))
                place += len(value)
        except TemplateSyntaxError as error:
            place += len(source[place:]) - len(source[place:].lstrip())
            raise TemplateSyntaxError(error.message or "", place) from error
        _check_size(words)
        return TokenStream(self.lexer.wrap(words), name, filename)


_LOCATED = _Located()


def _check_size(words: list[tuple[int, str, str]]) -> None:
    depth = unary = blocks = 0
    for number, (offset, kind, value) in enumerate(words):
        if kind == "operator":
            depth += (value in ("(", "[", "{")) - (value in (")", "]", "}"))
        unary += value in ("not", "-", "+") or (kind == "name" and value == "if")
        blocks += kind == "block_begin"
        if kind in ("integer", "float") and len(value) > 18:
            raise Unreadable("this number is too large", offset, "write a smaller number")
        if depth > _DEEPEST or unary > _MOST_UNARY or blocks > _MOST_UNARY or number > _MOST_WORDS:
            raise Unreadable("this is too deep or too long to read", offset, "split it into smaller parts")


def _unreadable(place: int, text: str) -> Unreadable:
    offset = max(0, min(place, len(text)))
    for written in _MOMENT.finditer(text):
        if written.start() <= offset <= written.end():
            return Unreadable(f"`{written[0]}` cannot be written inside a condition", written.start(), _NAME_IT)
    for symbol, mend in _MENDS.items():
        for start in (offset, offset - 1):
            if start >= 0 and text.startswith(symbol, start):
                return Unreadable(f"`{symbol}` cannot be used here", start, mend)
    if not text[offset:].strip():
        return Unreadable("it stops too early", max(0, len(text.rstrip()) - 1), _DEFAULT)
    return Unreadable(f"cannot be read from `{text[offset : offset + 20].strip()}` on", offset, _DEFAULT)


_DEFAULT = "write one comparison, as `calls >= 7` or `number.kind != work`"
_NAME_IT = "give it a name under `parameters:`, and use the name"
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}:\d{2}")
_MENDS = {
    "&&": "write a list, of which all must hold",
    "&": "write a list, of which all must hold",
    "||": "write `any:` with a list",
    "|": "leave it out: conditions take no filters",
    "<>": "write `!=`",
    "!=": "write a value on each side of it",
    "!": "write `not` before it, or `!=` between two values",
    "==": "write a value on each side of it",
    "=": "to compare, write `==`",
    "$": "write the number alone, as `240.00`",
    "{{": "leave the braces out: a condition needs none",
    "}}": "leave the braces out: a condition needs none",
}
