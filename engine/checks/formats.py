"""A report as text, JSON, SARIF, GitHub annotations or JUnit: the same bytes for the same report."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from engine.checks.catalogue import waivable
from engine.checks.context import UNDECIDED
from engine.checks.fingerprints import fingerprint
from engine.checks.pages import code_of, page_of
from engine.checks.prove.proof import ASSUMES, Line, Proof, Verdict
from engine.checks.run import Report
from engine.checks.waivers import Waived
from engine.source.finding import Edit, Finding, Level
from engine.source.render import render, to_json
from engine.source.span import NOWHERE, Span

MOST_ANNOTATIONS = 10
_URI_SAFE = "/~!$&'()*+,;=:@"
_SARIF_LEVELS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "note"}


@dataclass(frozen=True, slots=True)
class Judged:
    """A report with what was waived.

    Args:
        report: What stands.
        waived: What does not count, for a time.
        texts: The files.
        digest: The bundle judged, or ''.
        documents: How many documents there are.
        only: The rules looked for, or none where it was all of them.
        skip: The rules not looked for.
        known: How many findings are left out because a baseline holds them.
    """

    report: Report
    waived: tuple[Waived, ...]
    texts: Mapping[PurePosixPath, str]
    digest: str = ""
    documents: int = 0
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    known: int = 0


def verdict(judged: Judged) -> str:
    """Return the verdict in words."""
    report = judged.report
    if report.unsure:
        return "COULD NOT CHECK"
    if any(f.level is Level.ERROR for f in report.findings):
        return "NOT READY"
    return "READY WITH WARNINGS" if any(f.level is Level.WARNING for f in report.findings) else "READY"


def as_text(judged: Judged) -> str:
    """Return the report for people."""
    report = judged.report
    parts = [f"{render(f, judged.texts)}{_where(f)}\n  = more: callwright explain {f.rule}\n" for f in report.findings]
    levels = {level: sum(f.level is level for f in report.findings) for level in Level}
    proved = sum(p.verdict is Verdict.PROVED for p in report.proofs)
    unsure = sum(p.verdict is Verdict.COULD_NOT_CHECK for p in report.proofs)
    beside = max(0, sum(f.rule == UNDECIDED for f in report.findings) - unsure)
    waived = [
        f"waived until {w.waiver.expires}: {w.finding.rule} at {w.finding.where}, {_answered_for(w)}"
        for w in judged.waived
    ]
    known = [f"{_count(judged.known, 'finding')} left out, which the baseline holds"] if judged.known else []
    counts = (
        f"{_count(judged.documents, 'document')}, {_count(len(report.proofs), 'proof')}: {proved} proved, "
        f"{len(report.proofs) - proved - unsure} broken, {unsure + beside} not checked"
    )
    sums = (
        f"{verdict(judged)}: {levels[Level.ERROR]} to mend, {_count(levels[Level.WARNING], 'warning')}, "
        f"{_count(levels[Level.NOTE], 'note')}, {len(judged.waived)} waived"
    )
    return "\n".join([*parts, *waived, *known, counts, *_left_out(judged), sums]) + "\n"


def _where(finding: Finding) -> str:
    """Return the line that says what a waiver calls the place of *finding*, if it can be waived."""
    return f"\n  = where: {finding.where}" if finding.where and waivable(finding.rule) else ""


def _answered_for(waived: Waived) -> str:
    return f"{waived.waiver.reason} (approved by {waived.waiver.approved_by})"


def _left_out(judged: Judged) -> list[str]:
    """Return what was not looked for, in words, so that nobody takes a part for the whole."""
    said = []
    if judged.only:
        said.append(f"only {', '.join(judged.only)} was looked for; whether the bundle is ready takes the whole")
    if judged.skip:
        said.append(f"{', '.join(judged.skip)} was not looked for; whether the bundle is ready takes the whole")
    return said


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def as_json(judged: Judged) -> str:
    """Return the report for programs: ``findings`` and ``proofs``."""
    report = judged.report
    data = {
        "format_version": "1.0",
        "bundle": judged.digest,
        "verdict": verdict(judged),
        "only": list(judged.only),
        "skip": list(judged.skip),
        "known": judged.known,
        "findings": [_described(f) for f in report.findings],
        "waived": [
            {
                **_described(w.finding),
                "reason": w.waiver.reason,
                "approved_by": w.waiver.approved_by,
                "expires": w.waiver.expires.isoformat(),
            }
            for w in judged.waived
        ],
        "proofs": [_proof(proof) for proof in report.proofs],
        "assumes": list(ASSUMES) if report.proofs else [],
    }
    return json.dumps(data, sort_keys=True, indent=2, ensure_ascii=False) + "\n"


def _described(finding: Finding) -> dict[str, Any]:
    return {**to_json(finding), "code": code_of(finding.rule), "fingerprint": fingerprint(finding)}


def _proof(proof: Proof) -> dict[str, Any]:
    found: dict[str, Any] = {
        "rule": proof.rule,
        "flow": proof.flow,
        "outcome": proof.verdict.value,
        "situations": proof.situations,
    }
    if proof.call:
        found["call"] = [_line(line) for line in proof.call]
    if proof.reason:
        found["reason"] = proof.reason
    return found


def _line(line: Line) -> dict[str, Any]:
    where = {} if line.span == NOWHERE else {"path": str(line.span.path), "line": line.span.line}
    return {"turn": line.turn, "who": line.who, "text": line.text, **where}


def as_sarif(judged: Judged) -> str:
    """Return the report as SARIF 2.1.0, the offending calls as code flows and waivers as suppressions."""
    found = [(finding, None) for finding in judged.report.findings] + [(w.finding, w) for w in judged.waived]
    calls = {tuple(map(str, proof.call)): proof for proof in judged.report.proofs if proof.call}
    rules = sorted({finding.rule for finding, _ in found})
    data = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "callwright",
                        "rules": [_sarif_rule(rule) for rule in rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "invocations": [{"executionSuccessful": not judged.report.unsure}],
                "results": [_sarif_result(finding, waived, calls, rules) for finding, waived in found],
            }
        ],
    }
    return json.dumps(data, sort_keys=True, indent=2, ensure_ascii=False) + "\n"


def _sarif_rule(rule: str) -> dict[str, Any]:
    page = page_of(rule)
    return {"id": rule, "shortDescription": {"text": page.splitlines()[0]}, "help": {"text": page, "markdown": page}}


def _sarif_result(
    finding: Finding, waived: Waived | None, calls: Mapping[tuple[str, ...], Proof], rules: list[str]
) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rules.index(finding.rule),
        "level": _SARIF_LEVELS[finding.level],
        "message": {"text": ". ".join(part for part in (finding.message, finding.help) if part)},
        "locations": [{"physicalLocation": _physical(finding.span)}],
        "partialFingerprints": {"callwright/v1": fingerprint(finding)},
    }
    if finding.notes:
        result["relatedLocations"] = [
            {"physicalLocation": _physical(note.span), "message": {"text": note.message}} for note in finding.notes
        ]
    call = calls.get(finding.how)
    if call is not None:
        steps = [
            {
                "location": {
                    "message": {"text": f"{line.turn} {line.who}: {line.text}"},
                    "physicalLocation": _physical(line.span if line.span != NOWHERE else finding.span),
                }
            }
            for line in call.call
        ]
        result["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    if finding.edits:
        result["fixes"] = [{"artifactChanges": [_change(edit) for edit in finding.edits]}]
    if waived is not None:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": waived.waiver.reason}]
    return result


def _physical(span: Span) -> dict[str, Any]:
    region = {"startLine": span.line, "startColumn": span.column, "endColumn": span.column + max(1, span.width)}
    path = str(span.path).replace("<built in>", "built-in")
    return {"artifactLocation": {"uri": quote(path, safe=_URI_SAFE)}, "region": region}


def _change(edit: Edit) -> dict[str, Any]:
    place = _physical(edit.span)
    return {
        "artifactLocation": place["artifactLocation"],
        "replacements": [{"deletedRegion": place["region"], "insertedContent": {"text": edit.text}}],
    }


def as_github(judged: Judged) -> str:
    """Return GitHub annotations, at most ten of each level."""
    kinds = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}
    lines = []
    for level, kind in kinds.items():
        held = [f for f in judged.report.findings if f.level is level]
        for f in held[:MOST_ANNOTATIONS]:
            text = _github(". ".join(part for part in (f.message, f.help) if part))
            place = f"file={_github(str(f.span.path), True)},line={f.span.line},col={f.span.column}"
            lines.append(f"::{kind} {place},title={_github(f.rule, True)}::{text}")
        if len(held) > MOST_ANNOTATIONS:
            lines.append(f"{len(held) - MOST_ANNOTATIONS} more of level {level}")
    lines += [f"waived until {w.waiver.expires}: {w.finding.rule} at {w.finding.span}" for w in judged.waived]
    return "\n".join([*lines, verdict(judged)]) + "\n"


def _github(text: str, property_: bool = False) -> str:
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return escaped.replace(":", "%3A").replace(",", "%2C") if property_ else escaped


def as_junit(judged: Judged) -> str:
    """Return JUnit XML: a case for each finding, waived or not, for each proof, and for what was not checked at all."""
    report = judged.report
    cases = []
    for finding in report.findings:
        text = escape(_xml(render(finding, judged.texts)))
        failed = (
            f"<failure message={quoteattr(_xml(finding.message))}>{text}</failure>"
            if finding.level is Level.ERROR
            else f"<system-out>{text}</system-out>"
        )
        cases.append(_case(finding, failed))
    for waived in judged.waived:
        why = quoteattr(_xml(f"waived until {waived.waiver.expires}: {_answered_for(waived)}"))
        cases.append(_case(waived.finding, f"<skipped message={why}/>"))
    if report.hidden:
        why = quoteattr(f"{_count(report.hidden, 'error')} left out, so the rest could not be checked")
        cases.append(f'  <testcase classname="callwright lint" name="bundle"><error message={why}/></testcase>')
    for proof in report.proofs:
        inner = ""
        if proof.verdict is Verdict.COULD_NOT_CHECK:
            inner = f"<error message={quoteattr(_xml(proof.reason))}/>"
        elif proof.verdict is Verdict.BROKEN:
            inner = f'<failure message="broken">{escape(_xml(chr(10).join(map(str, proof.call))))}</failure>'
        cases.append(f"  <testcase classname={quoteattr(proof.flow)} name={quoteattr(proof.rule)}>{inner}</testcase>")
    failures = sum("<failure" in case for case in cases)
    errors = sum("<error" in case for case in cases)
    counts = f'tests="{len(cases)}" failures="{failures}" errors="{errors}" skipped="{len(judged.waived)}"'
    head = f'<testsuite name="callwright lint" {counts}>'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *cases, "</testsuite>"]) + "\n"


def _case(finding: Finding, inner: str) -> str:
    place = quoteattr(_xml(str(finding.span)))
    return f"  <testcase classname={quoteattr(finding.rule)} name={place}>{inner}</testcase>"


def _xml(text: str) -> str:
    """Return *text* without characters that XML cannot hold."""
    return "".join(
        c if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff" else "\ufffd"
        for c in text
    )


FORMATS: Mapping[str, Callable[[Judged], str]] = {
    "text": as_text,
    "json": as_json,
    "sarif": as_sarif,
    "github": as_github,
    "junit": as_junit,
}
