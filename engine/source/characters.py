"""Characters that a reviewer cannot see, or sees differently from the machine.

Control, bidirectional, zero-width and odd space characters can make a reader
believe another text than the one that is spoken (Boucher and Anderson,
"Trojan Source", 2021), so none may stand in a bundle.
"""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import PurePosixPath

from engine.source.finding import Edit, Finding
from engine.source.span import Span

_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_UNSEEN = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"
    "\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
HIDDEN = re.compile(f"\r(?!\n)|[{_SPACES}{_UNSEEN}]")
_REPORTED = re.compile(f"\r(?!\n)|[\t{_SPACES}{_UNSEEN}]")
_REPORTED_OF_ASCII = re.compile("[\x00-\x09\x0b-\x1f\x7f]")
_SPACE = re.compile(f"[{_SPACES}]")
_AT_MOST = 50


def name_of(character: str) -> str:
    """Return how *character* is called in a message: its number and its Unicode name."""
    name = unicodedata.name(character, "").lower()
    return f"U+{ord(character):04X}" + (f" ({name})" if name else "")


def hidden_characters(text: str, path: PurePosixPath) -> Iterator[Finding]:
    """Yield a finding for each tab and each hidden character of *text*, the first fifty of them.

    Carriage returns that end lines alone, as files of old have them, are one.
    """
    if text.isascii() and not _REPORTED_OF_ASCII.search(text):
        return
    line, line_start, returns = 1, 0, 0
    for count, match in enumerate(_REPORTED.finditer(text)):
        returns += match[0] == "\r"
        if match[0] == "\r" and returns > 1:
            continue
        if count - max(0, returns - 1) == _AT_MOST:
            return
        line += text.count("\n", line_start, match.start())
        line_start = text.rfind("\n", 0, match.start()) + 1
        yield _finding(match[0], Span(path, line, match.start() - line_start + 1))


def _finding(character: str, span: Span) -> Finding:
    if character == "\t":
        return Finding(span, "tab-character", "a tab stands here", help="use spaces: two for each level of indentation")
    if _SPACE.match(character):
        return Finding(
            span,
            "hidden-characters",
            f"this looks like a space and is none: {name_of(character)}",
            help="type an ordinary space in its place",
            edits=(Edit(span, " "),),
        )
    message = f"a character that cannot be seen stands here: {name_of(character)}"
    if character == "\ufeff" and (span.line, span.column) == (1, 1):
        message = "the file begins with a byte order mark, which cannot be seen"
    return Finding(
        span,
        "hidden-characters",
        message,
        help="delete it; save the file as UTF-8 with ordinary line ends",
        edits=(Edit(span, ""),) if character not in "\r\x85\u2028\u2029" else (),
    )
