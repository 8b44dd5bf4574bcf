"""Safe fixes, as text edits: a misspelt name with one near name becomes that name.

Nothing else of the file changes, byte for byte. No sentence that is spoken, and nothing that a policy says, is
touched but for a misspelt name; where a policy holds is a person's to say. An edit after which the file would have a
fault that it does not have is not made.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from engine.source.finding import Edit, Finding
from engine.source.read import read_document
from engine.source.suggest import distance

_MEND = re.compile(r"did you mean `([^`\s]+)`\?")
_NAMED = re.compile(r"`([^`\s]+)`")
_PROMPTS = re.compile(r"""^kind\s*:\s*["']?prompts\b""", re.MULTILINE)
_BYTE_ORDER_MARK = "\ufeff"
FIXABLE = frozenset(
    {
        "unknown-state",
        "unknown-prompt",
        "unknown-intent",
        "unknown-disposition",
        "unknown-action",
        "unknown-fact",
        "unknown-setting",
        "unknown-class",
        "unknown-class-or-prompt",
        "unknown-flow",
        "unknown-outcome",
        "unknown-slot",
        "unknown-table",
        "unknown-parameter",
        "unknown-argument",
    }
)


def safe_edits(finding: Finding, texts: Mapping[PurePosixPath, str]) -> tuple[Edit, ...]:
    """Return the edits that mend *finding* without a person's judgement; often none."""
    return next(iter(each_safely((finding,), texts)))


def each_safely(findings: Sequence[Finding], texts: Mapping[PurePosixPath, str]) -> tuple[tuple[Edit, ...], ...]:
    """Return for each of *findings* the edits that mend it without a person's judgement; often none."""
    offered = [_offered(finding, texts) for finding in findings]
    by_file: dict[PurePosixPath, list[Edit]] = {}
    for edit in (edit for edits in offered for edit in edits):
        by_file.setdefault(edit.span.path, []).append(edit)
    sound = {path for path, edits in by_file.items() if not _worse(texts[path], _together(texts[path], edits), path)}
    return tuple(
        tuple(e for e in edits if e.span.path in sound or not _worse(texts[path], _together(texts[path], [e]), path))
        for edits, path in zip(offered, (finding.span.path for finding in findings), strict=True)
    )


def mended(text: str, path: PurePosixPath, edits: Iterable[Edit]) -> str:
    """Return *text*, the file at *path*, with *edits*, or with those that bring no fault into it, the last in it first.

    Of two edits that overlap one is applied.
    """
    ordered = _apart(edits)
    together = _together(text, ordered)
    if not _worse(text, together, path):
        return together
    for edit in ordered:
        changed = _together(text, [edit])
        text = text if _worse(text, changed, path) else changed
    return text


def _offered(finding: Finding, texts: Mapping[PurePosixPath, str]) -> tuple[Edit, ...]:
    path = finding.span.path
    text = texts.get(path, "")
    if finding.edits and _worded(path, text):
        return tuple(edit for edit in finding.edits if _at(text, edit) == _BYTE_ORDER_MARK)
    return finding.edits or tuple(_respelt(finding, text))


def _apart(edits: Iterable[Edit]) -> list[Edit]:
    """Return *edits* from the last in the file to the first, and of two that overlap the later one."""
    kept: list[Edit] = []
    for edit in sorted(set(edits), key=lambda e: (e.span, e.text), reverse=True):
        span, later = edit.span, kept[-1].span if kept else None
        if later is None or span.line != later.line or span.column + span.width <= later.column:
            kept.append(edit)
    return kept


def _respelt(finding: Finding, text: str) -> Iterable[Edit]:
    """Yield the edit that makes of a misspelt name the only one that is near."""
    mend, named = _MEND.search(finding.help), _NAMED.search(finding.message)
    if finding.rule in FIXABLE and mend and named:
        written = _at(text, Edit(finding.span, ""))
        if written == named[1] and distance(written, mend[1]) <= 2:
            yield Edit(finding.span, mend[1])


def _worded(path: PurePosixPath, text: str) -> bool:
    """Return whether the words of the file at *path* are nobody's to change but its author's."""
    return path.parts[:1] == ("policies",) or _PROMPTS.search(text) is not None


def _worse(before: str, after: str, path: PurePosixPath) -> bool:
    """Return whether *after* has a fault that *before* has not; with hidden characters, it is read no further."""
    had, has = (Counter((f.rule, f.message) for f in read_document(text, path)[1]) for text in (before, after))
    return not any(rule == "hidden-characters" for rule, _ in had) and bool(has - had)


def _at(text: str, edit: Edit) -> str:
    """Return what *edit* would replace; '' where the text ends before."""
    lines = text.split("\n")
    start = edit.span.column - 1
    return lines[edit.span.line - 1][start : start + edit.span.width] if edit.span.line <= len(lines) else ""


def _together(text: str, edits: Iterable[Edit]) -> str:
    lines = text.split("\n")
    for edit in _apart(edits):
        line, start = edit.span.line - 1, edit.span.column - 1
        lines[line] = lines[line][:start] + edit.text + lines[line][start + edit.span.width :]
    return "\n".join(lines)
