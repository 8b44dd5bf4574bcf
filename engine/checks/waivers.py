"""Waivers: findings that someone answers for, for a time.

A waiver names the rule and the place, gives a reason, who approved it, and the
last day on which it holds, at most 180 days ahead. Whoever wrote the text is
someone else: `author`, where it is given, and whoever last changed the line, where
that is known. One of the two has to be. Some rules cannot be waived. A waived finding stays in every report.
A change cannot waive its own findings: what is waived is what the version that it
sets out from waives too. To take a waiver back takes effect at once.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePosixPath

from engine.checks.people import names_somebody, same_person
from engine.source.finding import Finding, Level
from engine.source.span import NOWHERE, Span
from engine.source.syntax import parse
from engine.source.tree import Map, Node, Seq, Text

LONGEST = 180
"""Days ahead that a waiver may hold."""
KEYS = ("rule", "where", "reason", "approved_by", "expires")
_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Waiver:
    """One waiver as written; ``author`` is '' where it is left out."""

    rule: str
    where: str
    reason: str
    author: str
    approved_by: str
    expires: date
    span: Span


@dataclass(frozen=True, slots=True)
class Waived:
    """A finding and the waiver it falls under."""

    finding: Finding
    waiver: Waiver


def read_waivers(text: str, path: PurePosixPath, today: date) -> tuple[tuple[Waiver, ...], tuple[Finding, ...]]:
    """Return the waivers of a file that hold on *today*, and what is wrong with the others."""
    parsed = parse(text, path)
    if any(f.level is Level.ERROR for f in parsed.findings):
        return (), parsed.findings
    root = parsed.root
    entries = root.get(Text("waivers")) if isinstance(root, Map) else root
    if not isinstance(entries, Seq):
        return (), (
            Finding(
                Span(path, 1, 1),
                "waiver-malformed",
                "this file lists no waivers",
                "write `waivers:` and under it one entry for each",
            ),
        )
    held: list[Waiver] = []
    found: list[Finding] = []
    for entry in entries:
        waiver = _waiver(entry)
        if isinstance(waiver, Finding):
            found.append(waiver)
        elif wrong := _wrong(waiver, today):
            found.append(wrong)
        else:
            held.append(waiver)
    return tuple(held), tuple(found)


def _waiver(entry: Node) -> Waiver | Finding:
    if not isinstance(entry, Map):
        return Finding(entry.span, "waiver-malformed", "a waiver has settings", "write `rule:`, `where:` and the rest")
    given = {str(key): str(value) for key, value in entry.items() if isinstance(value, Text)}
    for key in entry:
        if key not in (*KEYS, "author"):
            known = ", ".join(f"`{name}`" for name in (*KEYS, "author"))
            return Finding(key.span, "waiver-malformed", f"`{key}` is no setting of a waiver", f"a waiver has {known}")
    missing = [key for key in KEYS if not _said(key, given.get(key, ""))]
    if missing:
        return Finding(
            entry.span,
            "waiver-without-reason-or-approver",
            f"this waiver has no `{missing[0]}`",
            "say why, who approved it and until when",
        )
    expires = _day(given["expires"].strip())
    if expires is None:
        return Finding(
            entry.span,
            "waiver-expired-or-malformed",
            f"`{given['expires']}` is not a date",
            "write year-month-day, as 2026-09-30",
        )
    return Waiver(
        given["rule"],
        given["where"],
        given["reason"],
        given.get("author", "").strip(),
        given["approved_by"].strip(),
        expires,
        entry.span,
    )


def _said(key: str, value: str) -> bool:
    """Return whether *value* says what a waiver wants under *key*: a person, or some words."""
    return names_somebody(value) if key == "approved_by" else any(character.isalnum() for character in value)


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if _DAY.match(written) else None
    except ValueError:
        return None


def _wrong(waiver: Waiver, today: date) -> Finding | None:
    if waiver.expires < today:
        return Finding(
            waiver.span,
            "waiver-expired-or-malformed",
            f"this waiver ended on {waiver.expires}",
            "mend what it waives, or have it approved again",
        )
    if (waiver.expires - today).days > LONGEST:
        return Finding(
            waiver.span,
            "waiver-expired-or-malformed",
            f"this waiver would hold until {waiver.expires}",
            f"let it end within {LONGEST} days",
        )
    return _self_approved(waiver) if same_person(waiver.approved_by, waiver.author) else None


def _self_approved(waiver: Waiver) -> Finding:
    return Finding(
        waiver.span,
        "self-approved-waiver",
        f"`{waiver.approved_by}` wrote the text and approved the waiver",
        "have someone else approve it",
    )


def nobody(finding: Finding) -> frozenset[str]:
    """Return that it is not known who wrote the line of *finding*."""
    return frozenset()


def governing(waivers: tuple[Waiver, ...], base: tuple[Waiver, ...]) -> tuple[tuple[Waiver, ...], tuple[Finding, ...]]:
    """Return those of *waivers* that *base* holds word for word, and a note on each of the others."""
    before = {replace(waiver, span=NOWHERE) for waiver in base}
    held = tuple(waiver for waiver in waivers if replace(waiver, span=NOWHERE) in before)
    notes = tuple(
        Finding(
            waiver.span,
            "waiver-not-in-base",
            f"this waiver of `{waiver.rule}` is new or changed, so it does not hold yet",
            "have it merged; it holds for the changes that come after",
            level=Level.NOTE,
        )
        for waiver in waivers
        if waiver not in held
    )
    return held, notes


def waive(
    findings: Iterable[Finding],
    waivers: tuple[Waiver, ...],
    waivable: Callable[[str], bool],
    authors: Callable[[Finding], frozenset[str]] = nobody,
) -> tuple[tuple[Finding, ...], tuple[Waived, ...]]:
    """Return the findings that stand, and those that are waived.

    A waiver of a rule that cannot be waived, one that waives nothing, and one approved by whoever wrote the text,
    or of a text that nobody is known to have written, are findings themselves.

    Args:
        findings: What was found.
        waivers: Those that hold.
        waivable: Whether findings of a rule can be waived.
        authors: Who last changed the line of a finding, by all names they are known under; empty where not known.
    """
    left: list[Finding] = []
    waived: list[Waived] = []
    used: set[Waiver] = set()
    for finding in findings:
        waiver = next((w for w in waivers if w.rule == finding.rule and w.where == finding.where), None)
        if waiver is None:
            left.append(finding)
        elif not waivable(finding.rule):
            used.add(waiver)
            left.append(replace(finding, help=f"{finding.help}; this rule cannot be waived"))
        elif wrong := _wrongly_approved(waiver, authors(finding)):
            used.add(waiver)
            left += [finding, wrong]
        else:
            used.add(waiver)
            waived.append(Waived(finding, waiver))
    for number, waiver in enumerate(waivers):
        if waiver not in used:
            twice = any((w.rule, w.where) == (waiver.rule, waiver.where) for w in waivers[:number])
            what = "another waiver is for" if twice else "nothing is found for"
            message = f"{what} `{waiver.rule}` at `{waiver.where}`"
            if not waivable(waiver.rule):
                message += ", which cannot be waived"
            left.append(Finding(waiver.span, "unused-waiver", message, "delete the waiver", level=Level.WARNING))
    return tuple(left), tuple(waived)


def _wrongly_approved(waiver: Waiver, authors: frozenset[str]) -> Finding | None:
    """Return what keeps *waiver* from being approved by someone else than the *authors* of the text, or None."""
    if any(same_person(waiver.approved_by, name) for name in authors):
        return _self_approved(waiver)
    if names_somebody(waiver.author) or authors:
        return None
    return Finding(
        waiver.span,
        "waiver-without-reason-or-approver",
        "this waiver has no `author`, and nothing else says who wrote what it waives",
        "say who wrote the text, so that it is seen that someone else approved the waiver",
    )
