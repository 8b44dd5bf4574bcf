"""The one way a document is laid out: text edits that change nothing it says, comments kept.

Settings of a document stand in one order, two spaces indent, long sentences stand
under ``>-``, long lists of conditions a line each, and blank lines part the
sections. What cannot be laid out without a change of meaning stays as it is: the
result is read again, and must say the same.
"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from textwrap import wrap

from engine.source.canonical import canonical
from engine.source.syntax import parse
from engine.source.tree import Map, Node, Seq, Text

WIDTH = 120
FIRST = ("callwright", "kind", "id", "version", "title", "place", "status", "locale", "flow", "at", "about")
"""Settings that open a document, in this order; the others follow as they were written."""

_TRAILING = re.compile(r"[ \t]+$", re.MULTILINE)
_COMMENT = re.compile(r"^\s*#")


class Unlike(ValueError):
    """Laid out, the document would say something else. It is left as it is."""


def lay_out(text: str, path: PurePosixPath) -> str:
    """Return *text* laid out. What cannot be read comes back unchanged; laying out twice changes nothing more.

    Raises:
        Unlike: The result would not say the same.
    """
    parsed = parse(text, path)
    if parsed.root is None or parsed.findings or not isinstance(parsed.root, Map):
        return text
    laid = text
    for step in (_tidy, _ordered, _sentences, _lists, _indented, _parted, _tidy):
        laid = _checked(step(laid, path), laid, path)
    if _says(laid, path) != _says(text, path):
        raise Unlike(f"`{path}` could not be laid out without changing what it says")
    return laid


def _checked(after: str, before: str, path: PurePosixPath) -> str:
    """Return *after* if it says what *before* does and keeps its comments, else *before*."""
    same = _says(after, path) == _says(before, path) and sorted(_comments(after)) == sorted(_comments(before))
    return after if same else before


def _says(text: str, path: PurePosixPath) -> str:
    parsed = parse(text, path)
    return "" if parsed.root is None or parsed.findings else canonical(parsed.root)


def _comments(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if _COMMENT.match(line)]


def _tidy(text: str, path: PurePosixPath) -> str:
    """Return *text* with one kind of line end, nothing at the ends of lines, and one line end at the end."""
    del path
    text = _TRAILING.sub("", text.replace("\r\n", "\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


def _root(text: str, path: PurePosixPath) -> Map | None:
    root = parse(text, path).root
    return root if isinstance(root, Map) else None


def _ordered(text: str, path: PurePosixPath) -> str:
    """Return *text* with the settings that open a document first; each takes the comments above it along."""
    root = _root(text, path)
    if root is None or any(key.span.column != 1 for key in root):
        return text
    lines = text.split("\n")
    starts = [_with_comments(lines, key.span.line - 1) for key in root]
    bounds = [*starts, len(lines)]
    head = lines[: starts[0]]
    blocks = [(str(key), lines[bounds[n] : bounds[n + 1]]) for n, key in enumerate(root)]
    places = {name: number for number, name in enumerate(FIRST)}
    ordered = sorted(enumerate(blocks), key=lambda item: (places.get(item[1][0], len(FIRST)), item[0]))
    return "\n".join([*head, *(line for _, (_, block) in ordered for line in block)])


def _with_comments(lines: list[str], start: int) -> int:
    """Return the line on which the comments right above *start* begin; those at the top of a file stay there."""
    first = start
    while first > 0 and lines[first - 1].startswith("#"):
        first -= 1
    return start if first == 0 else first


def _sentences(text: str, path: PurePosixPath) -> str:
    """Return *text* with each sentence that is too long for its line put under ``>-``."""
    root = _root(text, path)
    if root is None:
        return text
    lines = text.split("\n")
    for key, value in sorted(_entries(root), key=lambda item: item[0].span.line, reverse=True):
        if not isinstance(value, Text) or value.layout.style in ("literal", "folded") or "\n" in value:
            continue
        line = key.span.line - 1
        ending = lines[line]
        whole = value.span.line == key.span.line and value.span.column + value.span.width - 1 == len(ending)
        own = ending[: key.span.column - 1].strip(" -") == ""
        if not whole or not own or len(ending) <= WIDTH or " " not in value or value != " ".join(value.split()):
            continue
        indent = " " * (key.span.column + 1)
        written = wrap(str(value), WIDTH - len(indent), break_long_words=False, break_on_hyphens=False)
        lines[line : line + 1] = [f"{ending[: key.span.column - 1]}{key}: >-", *(indent + part for part in written)]
    return "\n".join(lines)


def _lists(text: str, path: PurePosixPath) -> str:
    """Return *text* with each list in brackets that is too long for its line written an item a line."""
    root = _root(text, path)
    if root is None:
        return text
    lines = text.split("\n")
    for key, value in sorted(_entries(root), key=lambda item: item[0].span.line, reverse=True):
        line = key.span.line - 1
        if not isinstance(value, Seq) or not value or len(lines[line]) <= WIDTH or value.span.line != key.span.line:
            continue
        start = value.span.column - 1
        raw = lines[line][start:]
        own = lines[line][: key.span.column - 1].strip(" -") == ""
        if not own or not raw.startswith("[") or not raw.endswith("]"):
            continue
        items = [item for item in value if isinstance(item, Text)]
        if len(items) != len(value) or any(item.span.line != key.span.line for item in items):
            continue
        indent = " " * (key.span.column + 1)
        shown = [lines[line][i.span.column - 1 : i.span.column - 1 + i.span.width] for i in items]
        lines[line : line + 1] = [f"{lines[line][:start].rstrip()}", *(f"{indent}- {item}" for item in shown)]
    return "\n".join(lines)


def _entries(node: Node) -> Iterator[tuple[Text, Node]]:
    """Yield every setting of *node*, at any depth, that stands in a block."""
    if isinstance(node, Map):
        for key, value in node.items():
            yield key, value
            yield from _entries(value)
    elif isinstance(node, Seq):
        for item in node:
            yield from _entries(item)


def _indented(text: str, path: PurePosixPath) -> str:
    """Return *text* indented by two spaces a level; comments go with the line that follows them."""
    root = _root(text, path)
    if root is None:
        return text
    wanted: dict[int, int] = {}
    _levels(root, 0, wanted, text.split("\n"))
    out: list[str] = []
    held: list[str] = []
    shift = 0
    for number, line in enumerate(text.split("\n"), 1):
        body = line.lstrip(" ")
        if number in wanted:
            shift = wanted[number] - (len(line) - len(body))
            out += [" " * wanted[number] + comment for comment in held]
            held = []
            out.append(" " * wanted[number] + body)
        elif body.startswith("#"):
            held.append(body)
        elif not body:
            if held:
                out += held
                held = []
            out.append("")
        else:
            out += held
            held = []
            out.append(" " * max(0, len(line) - len(body) + shift) + body)
    return "\n".join([*out, *held])


def _levels(node: Node, level: int, wanted: dict[int, int], lines: list[str]) -> None:
    """Note for each line that begins a setting or an item how far it is to be indented."""
    if isinstance(node, Map):
        for key, value in node.items():
            line = lines[key.span.line - 1]
            if line[: key.span.column - 1].strip() == "":
                wanted.setdefault(key.span.line, level)
            _levels(value, level + 2, wanted, lines)
    elif isinstance(node, Seq):
        for item in node:
            place = item.span
            line = lines[place.line - 1]
            if line[: place.column - 1].strip() == "-":
                wanted.setdefault(place.line, level)
            _levels(item, level + 2, wanted, lines)


def _parted(text: str, path: PurePosixPath) -> str:
    """Return *text* with a blank line before each section that holds settings of its own."""
    root = _root(text, path)
    if root is None:
        return text
    lines = text.split("\n")
    before = [
        _with_comments(lines, key.span.line - 1)
        for key, value in root.items()
        if not isinstance(value, Text) and len(value) > 1 and value.span.line != key.span.line
    ]
    for line in sorted(before, reverse=True):
        if line > 0 and lines[line - 1].strip():
            lines.insert(line, "")
    return "\n".join(lines)
