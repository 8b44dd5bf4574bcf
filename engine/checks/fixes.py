"""Safe fixes, as text edits: a misspelt name with one near name becomes that name.

Nothing else of the file changes, byte for byte, and no sentence that is spoken
is ever touched.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from engine.source.finding import Edit, Finding
from engine.source.suggest import distance

_MEND = re.compile(r"did you mean `([^`\s]+)`\?")
_NAMED = re.compile(r"`([^`\s]+)`")
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
        "unknown-place",
        "unknown-slot",
        "unknown-table",
        "unknown-parameter",
        "unknown-argument",
    }
)


def safe_edits(finding: Finding, texts: Mapping[PurePosixPath, str]) -> tuple[Edit, ...]:
    """Return the edits that mend *finding* without a person's judgement; often none."""
    if finding.edits:
        return finding.edits
    mend = _MEND.search(finding.help)
    if finding.rule not in FIXABLE or mend is None:
        return ()
    lines = texts.get(finding.span.path, "").split("\n")
    if finding.span.line > len(lines):
        return ()
    start = finding.span.column - 1
    written = lines[finding.span.line - 1][start : start + finding.span.width]
    named = _NAMED.search(finding.message)
    if not named or written != named[1] or distance(written, mend[1]) > 2:
        return ()
    return (Edit(finding.span, mend[1]),)


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Return *text* with *edits*; of two that overlap the first is applied."""
    lines = text.split("\n")
    done: set[tuple[int, int]] = set()
    for edit in sorted(set(edits), key=lambda e: (e.span.line, e.span.column), reverse=True):
        line, start = edit.span.line - 1, edit.span.column - 1
        if (line, start) not in done:
            done.add((line, start))
            lines[line] = lines[line][:start] + edit.text + lines[line][start + edit.span.width :]
    return "\n".join(lines)
