"""How a scalar's characters lie in its file.

YAML folds lines, doubles quotes and resolves escapes, so the tenth character of
a value is seldom ten columns from its start. :func:`layout_of` walks the raw
text once more and notes where each contiguous run of the value begins.
"""

import re
from collections.abc import Iterator

from engine.source.tree import Layout

STYLES = {None: "plain", "": "plain", "'": "single", '"': "double", "|": "literal", ">": "folded"}

_BREAKS = re.compile(r"[ \t]*(?:\r?\n[ \t]*)+")
_ESCAPED_BREAK = re.compile(r"\\\r?\n[ \t]*(?:\r?\n[ \t]*)*")
_SINGLE = re.compile(r"''|[ \t]*(?:\r?\n[ \t]*)+")
_DOUBLE = re.compile(
    r"\\\r?\n[ \t]*(?:\r?\n[ \t]*)*|\\x[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}|\\.|[ \t]*(?:\r?\n[ \t]*)+"
)
_LINE_END = re.compile(r"\r?\n")


def layout_of(style: str | None, raw: str, value: str, line: int, column: int) -> Layout:
    """Return the layout of *value*, whose source text is *raw*.

    Args:
        style: As PyYAML names it: ``None`` or ``''`` (plain), ``'``, ``"``, ``|`` or ``>``.
        raw: The characters from its start mark to its end mark.
        value: What it stands for.
        line: Where *raw* begins, counted from 1.
        column: Where *raw* begins, counted from 1.
    """
    name = STYLES[style]
    if name in ("literal", "folded"):
        return Layout(name, _block(raw, value, line) or ((0, line, column),))
    inner, start = (raw, column) if name == "plain" else (raw[1:-1], column + 1)
    if len(inner) == len(value) and "\n" not in inner:
        return Layout(name, ((0, line, start),))
    pattern = {"plain": _BREAKS, "single": _SINGLE, "double": _DOUBLE}[name]
    return Layout(name, tuple(_flow(pattern, inner, line, start)))


def _flow(pattern: re.Pattern[str], inner: str, line: int, column: int) -> Iterator[tuple[int, int, int]]:
    """Yield a place for the start and for what follows each fold, doubled quote and escape."""
    offset, position, line_start = 0, 0, -column + 1
    yield (0, line, column)
    for match in pattern.finditer(inner):
        offset += match.start() - position
        position = match.end()
        breaks = match[0].count("\n")
        if not breaks:
            yield (offset, line, match.start() - line_start + 1)
            offset += 1
        else:
            escaped = bool(_ESCAPED_BREAK.match(match[0]))
            offset += (breaks - 1) if escaped or breaks > 1 else 1
            line += breaks
            line_start = inner.rfind("\n", 0, position) + 1
        yield (offset, line, position - line_start + 1)


def _block(raw: str, value: str, line: int) -> tuple[tuple[int, int, int], ...]:
    """Return the places of a block scalar, by the indentation under which it reads as *value*."""
    lines = _LINE_END.split(raw)[1:]
    folded = raw[:1] == ">"
    first = next((text for text in lines if text.strip(" ")), "")
    deepest = len(first) - len(first.lstrip(" "))
    body = value.rstrip("\n")
    for indent in range(deepest, -1, -1):
        places, built = _with_indent(lines, folded, indent, line + 1)
        if built.rstrip("\n") == body:
            return places
    return ()


def _with_indent(
    lines: list[str], folded: bool, indent: int, line: int
) -> tuple[tuple[tuple[int, int, int], ...], str]:
    """Read block lines as libyaml's scanner does, and return the places and the value they make."""
    places: list[tuple[int, int, int]] = []
    parts: list[str] = []
    length = 0
    breaks = 0
    after_indented, begun = False, False
    for number, text in enumerate(lines, line):
        content = text[indent:] if not text[:indent].strip(" ") else ""
        if not content:
            breaks += 1
            continue
        indented = content[0] in " \t"
        gap = "\n" * breaks
        if begun:
            gap = gap or " " if folded and not after_indented and not indented else gap + "\n"
        places.append((length + len(gap), number, indent + 1))
        parts += (gap, content)
        length += len(gap) + len(content)
        after_indented, begun, breaks = indented, True, 0
    return tuple(places), "".join(parts)
