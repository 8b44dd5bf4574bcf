"""A finding as text for people, and as data for programs."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from engine.source.characters import HIDDEN
from engine.source.finding import Finding
from engine.source.span import Span

_WIDEST = 140


def render(finding: Finding, texts: Mapping[PurePosixPath, str]) -> str:
    """Return *finding* in several lines: what, where, the line with its place marked, the mend, and why."""
    return "\n".join(_lines(finding, texts))


def to_json(finding: Finding) -> dict[str, Any]:
    """Return *finding* as plain data; empty fields are left out."""
    data: dict[str, Any] = {
        "rule": finding.rule,
        "level": finding.level.value,
        "message": finding.message,
        **_place(finding.span),
        "help": finding.help,
        "why": finding.why,
        "how": list(finding.how),
        "notes": [{"message": note.message, **_place(note.span)} for note in finding.notes],
        "edits": [{"text": edit.text, **_place(edit.span)} for edit in finding.edits],
        "where": finding.where,
        "also": list(finding.also),
    }
    kept = {"rule", "level", "message", "path", "line", "column", "width"}
    return {name: value for name, value in data.items() if value or name in kept}


def _place(span: Span) -> dict[str, Any]:
    return {"path": str(span.path), "line": span.line, "column": span.column, "width": span.width}


def _lines(finding: Finding, texts: Mapping[PurePosixPath, str]) -> Iterator[str]:
    yield f"{finding.level}[{finding.rule}]: {finding.message}"
    yield from _excerpt(finding.span, texts)
    for note in finding.notes:
        yield f"  = {note.message}:"
        yield from _excerpt(note.span, texts)
    if finding.help:
        yield f"  = help: {finding.help}"
    if finding.why:
        yield f"  = why: {finding.why}"
    if finding.how:
        yield "  = how it happens:"
        yield from (f"      {line}" for line in finding.how)
    if finding.also:
        yield f"  = also: {', '.join(finding.also)}"


def _excerpt(span: Span, texts: Mapping[PurePosixPath, str]) -> Iterator[str]:
    yield f" --> {span}"
    line = _line(texts.get(span.path, ""), span.line)
    if line is None:
        return
    skipped = max(0, span.column - _WIDEST // 2) if len(line) > _WIDEST else 0
    shown = line[skipped : skipped + _WIDEST]
    column = span.column - 1 - skipped
    width = max(1, min(span.width, len(shown) - column))
    gutter = str(span.line)
    yield f"{gutter} | {shown}".rstrip()
    yield f"{' ' * len(gutter)} | {' ' * column}{'^' * width}"


def _line(text: str, number: int) -> str | None:
    """Return the line *number*, what cannot be seen made visible, or None if there is none."""
    lines = text.split("\n")
    if not 0 < number <= len(lines) or not lines[number - 1].strip():
        return None
    return HIDDEN.sub("\ufffd", lines[number - 1].rstrip("\r").replace("\t", " "))
