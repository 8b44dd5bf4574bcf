"""A finding: something wrong or noteworthy, at a place, in plain words."""

from dataclasses import dataclass, field
from enum import StrEnum

from engine.source.span import Span


class Level(StrEnum):
    """Whether a finding blocks publishing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Edit:
    """A text edit: the characters of one line from *column*, *width* of them, become *text*."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """A second place that belongs to a finding, and what is there."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One root cause, where it is, and the mend.

    Args:
        span: Where.
        rule: The rule's name, as ``unknown-state``.
        message: What is wrong: lower case, no full stop, the author's words in backticks.
        help: How to mend it, in plain words.
        why: Why it matters: the policy and its source, where there is one.
        level: Whether it blocks publishing.
        how: The shortest call that shows it, line by line, where there is one.
        notes: Other places that belong to it.
        edits: A safe fix, or nothing.
        where: Semantic path (``collections/states/verify``), for fingerprints and waivers.
    """

    span: Span
    rule: str
    message: str
    help: str = ""
    why: str = ""
    level: Level = Level.ERROR
    how: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    edits: tuple[Edit, ...] = ()
    where: str = ""
    also: tuple[str, ...] = field(default=())


class BundleError(Exception):
    """Raised once, at the door, when findings keep a bundle from being compiled."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(f"{len(findings)} findings: " + "; ".join(f"{f.span}: {f.message}" for f in findings[:3]))
        self.findings = findings
