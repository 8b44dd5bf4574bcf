"""A bundle's waivers: which hold, and what they take out of a report."""

from dataclasses import replace
from pathlib import Path, PurePosixPath

import click

from engine.checks.catalogue import waivable
from engine.checks.pages import name_of, names
from engine.checks.run import Report
from engine.checks.waivers import Waived, Waiver, governing, read_waivers, waive
from engine.source.finding import Finding
from engine.source.span import Span
from engine.source.suggest import did_you_mean
from engine.source.syntax import MAX_BYTES, decode, parse
from tools.base import authors_of, base_of
from tools.wanted import Wanted

WAIVERS = PurePosixPath("waivers.yaml")


def waived(wanted: Wanted, report: Report, texts: dict[PurePosixPath, str]) -> tuple[Report, tuple[Waived, ...]]:
    """Return *report* without what is waived, and that; the file of waivers, if there is one, is laid to *texts*."""
    text = _text(wanted.folder / WAIVERS)
    if text is None:
        return report, ()
    if isinstance(text, Finding):
        return _with(report, (text,), read=False), ()
    texts[WAIVERS] = text
    waivers, wrong = _governing(wanted, text)
    unknown = {waiver: _unknown(waiver) for waiver in waivers if waiver.rule not in names()}
    looked = tuple(waiver for waiver in waivers if waiver not in unknown and wanted.looks_for(waiver.rule))

    def authors(finding: Finding) -> frozenset[str]:
        return authors_of(wanted.folder, str(finding.span.path), finding.span.line)

    left, held = waive(report.findings, looked, waivable, authors)
    read = parse(text, WAIVERS).root is not None
    return _with(replace(report, findings=left), (*wrong, *unknown.values()), read=read), held


def _governing(wanted: Wanted, text: str) -> tuple[tuple[Waiver, ...], tuple[Finding, ...]]:
    """Return the waivers of *text* that hold, which are those that the change's base has too, and what is wrong."""
    waivers, wrong = _read(wanted, text)
    base = base_of(wanted.folder, wanted.base)
    if base is None:
        click.echo(
            f"no earlier version of `{wanted.folder}` is known, so `{WAIVERS}` holds as written: name one with --base",
            err=True,
        )
        return waivers, wrong
    before, _ = _read(wanted, base.text(str(WAIVERS)))
    waivers, notes = governing(waivers, before)
    return waivers, (*wrong, *notes)


def _read(wanted: Wanted, text: str) -> tuple[tuple[Waiver, ...], tuple[Finding, ...]]:
    waivers, wrong = read_waivers(text, WAIVERS, wanted.as_of)
    return tuple(replace(waiver, rule=name_of(waiver.rule)) for waiver in waivers), wrong


def _unknown(waiver: Waiver) -> Finding:
    mend = did_you_mean(waiver.rule, names()) or "`callwright rules` lists them"
    return Finding(waiver.span, "waiver-malformed", f"there is no rule `{waiver.rule}`", mend)


def _text(file: Path) -> str | Finding | None:
    """Return what *file* says, why that cannot be had, or None where there is no such file."""
    if not file.is_symlink() and not file.exists():
        return None
    if not file.is_file():
        return _unreadable("this is no file", "put a file in its place, or delete it")
    try:
        with file.open("rb") as stream:
            return decode(stream.read(MAX_BYTES + 1), WAIVERS)
    except OSError as error:
        return _unreadable("this file cannot be opened", (error.strerror or str(error)).lower())


def _unreadable(message: str, mend: str) -> Finding:
    return Finding(Span(WAIVERS, 1, 1), "unreadable-file", message, mend)


def _with(report: Report, found: tuple[Finding, ...], *, read: bool) -> Report:
    findings = tuple(sorted({*report.findings, *found}, key=lambda f: (f.span, f.rule, f.message)))
    return replace(report, findings=findings, read=report.read and read)
