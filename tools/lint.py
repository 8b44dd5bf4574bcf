"""Check and prove a bundle: ``callwright lint``.

Exit status: 0 nothing found at the chosen level, 1 findings, 2 the command was
called wrongly, 3 something could not be checked. 3 wins over 1.
"""

import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path, PurePosixPath

import click

from engine.checks import fingerprints
from engine.checks.catalogue import CHECKS
from engine.checks.earlier import EARLIER
from engine.checks.fixes import apply, safe_edits
from engine.checks.formats import FORMATS, Judged
from engine.checks.pages import why_of
from engine.checks.run import Report
from engine.checks.waivers import Waived, governing, read_waivers, waive
from engine.compiler import compile_bundle
from engine.rehearsal.scenario import read_scenario
from engine.source.documents import Sources
from engine.source.finding import Finding, Level
from engine.source.read import read_folder
from engine.source.suggest import did_you_mean
from engine.terms import Kind
from tools.base import authors_of, base_of
from tools.bundles import find
from tools.console import FAILED, UNREADABLE, CouldNotRead, bundle_option
from tools.look import look

WAIVERS = PurePosixPath("waivers.yaml")
FOLDERS = ("flows", "policies", "scenarios")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one run of the command is to report."""

    folder: Path
    as_of: date
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    baseline: Path | None = None
    prune: bool = False
    base: str | None = None


def _day(ctx: click.Context, param: click.Parameter, value: str | None) -> date:
    if value is None:
        return date.today()
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"`{value}` is not a date: write it as 2026-03-10", ctx, param) from None


def _rules(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    names = tuple(name for part in value for name in part.split(",") if name)
    known = {name for check in CHECKS for name in (check.name, check.code)}
    known |= {name for rule, earlier in EARLIER.items() for name in (rule, earlier.code)}
    for name in names:
        if name not in known:
            mend = did_you_mean(name, known) or "`callwright rules` lists them"
            raise click.BadParameter(f"there is no rule `{name}`: {mend}", ctx, param)
    return tuple(_name_of(name) for name in names)


def _name_of(rule: str) -> str:
    by_code = {check.code: check.name for check in CHECKS} | {e.code: name for name, e in EARLIER.items()}
    return by_code.get(rule, rule)


@click.command()
@click.argument("place", required=False, metavar="[DIR]", type=click.Path(path_type=Path))
@bundle_option
@click.option(
    "--format", "style", type=click.Choice(sorted(FORMATS)), default="text", help="How to print. Default: text."
)
@click.option(
    "--fail-on",
    type=click.Choice([level.value for level in Level]),
    default="error",
    help="The mildest finding that makes the exit status 1. Default: error.",
)
@click.option("--only", multiple=True, callback=_rules, metavar="RULE", help="Report this rule only; may be repeated.")
@click.option("--skip", multiple=True, callback=_rules, metavar="RULE", help="Leave this rule out; may be repeated.")
@click.option("--as-of", callback=_day, metavar="DATE", help="Read the law as of this day. Default: today.")
@click.option("--fix", is_flag=True, help="Mend what can be mended safely: misspelt names with one near name.")
@click.option("--baseline", type=click.Path(path_type=Path), help="Report only what this file does not hold.")
@click.option("--write-baseline", type=click.Path(path_type=Path), help="Write what is found now to this file.")
@click.option("--prune", is_flag=True, help="Take out of the baseline what is no longer found.")
@click.option(
    "--base",
    metavar="REF",
    help="The git revision whose waivers hold. Default: where the change left the main branch.",
)
@click.option("--watch", is_flag=True, help="Check again whenever a file changes, until interrupted.")
def lint(
    place: Path | None,
    folder: Path | None,
    style: str,
    fail_on: str,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    as_of: date,
    fix: bool,
    baseline: Path | None,
    write_baseline: Path | None,
    prune: bool,
    base: str | None,
    watch: bool,
) -> None:
    """Report everything that is wrong with the bundle in DIR, each at its line, with the mend, and prove its rules.

    Exit status: 0 nothing found at the chosen level, 1 findings, 2 wrong usage, 3 something could not be checked.
    """
    if place is not None and folder is not None:
        raise click.UsageError("name the bundle once: as DIR, or with --bundle")
    wanted = Wanted(find(place or folder), as_of, only, skip, baseline, prune, base)
    if base is not None:
        base_of(wanted.folder, base)
    if prune and baseline is None:
        raise click.UsageError("`--prune` takes out of a baseline what is no longer found: name it with --baseline")
    while True:
        if fix:
            _fix(wanted)
        seen = _stamps(wanted.folder)
        judged = judge(wanted)
        if write_baseline is not None:
            _write(write_baseline, fingerprints.write_baseline(judged.report.findings, waivable))
        click.echo(FORMATS[style](judged), nl=False)
        if not watch:
            break
        _wait_for_change(wanted.folder, seen)
    if hidden := judged.report.hidden:
        errors = "1 error that was left out keeps" if hidden == 1 else f"{hidden} errors that were left out keep"
        click.echo(f"{errors} the rest from being checked", err=True)
    if judged.report.unsure:
        raise SystemExit(UNREADABLE)
    if judged.report.at_least(Level(fail_on)):
        raise SystemExit(FAILED)


def judge(wanted: Wanted) -> Judged:
    """Return the report on the bundle in a folder, with waivers and baseline applied."""
    looked = look(wanted.folder, wanted.as_of, wanted.only, wanted.skip)
    report, texts = looked.report, dict(looked.texts)
    report, waived = _waived(wanted, report, texts)
    if wanted.baseline is not None:
        report = _since(report, wanted.baseline, wanted)
    mended = tuple(replace(f, edits=safe_edits(f, texts), why=why_of(f)) for f in report.findings)
    report = replace(report, findings=mended)
    return Judged(report, waived, texts, looked.digest, looked.documents, wanted.only, wanted.skip)


def waivable(rule: str) -> bool:
    """Return whether findings of *rule* can be waived or kept in a baseline."""
    return any(check.name == rule and check.waivable for check in CHECKS)


def check(sources: Sources) -> tuple[Finding, ...]:
    """Return every finding of *sources*: shape, links, types, and what its scenarios name."""
    compiled = compile_bundle(sources)
    findings = list(compiled.findings)
    if compiled.bundle is not None:
        for document in sources.of(Kind.SCENARIO):
            findings += read_scenario(document, compiled.bundle)[1]
    return tuple(sorted(set(findings), key=lambda f: (f.span, f.rule, f.message)))


def _waived(wanted: Wanted, report: Report, texts: dict[PurePosixPath, str]) -> tuple[Report, tuple[Waived, ...]]:
    file = wanted.folder / WAIVERS
    if not file.is_file():
        return report, ()
    try:
        texts[WAIVERS] = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CouldNotRead(f"`{WAIVERS}` cannot be read: {error}") from error
    waivers, wrong = read_waivers(texts[WAIVERS], WAIVERS, wanted.as_of)
    waivers = tuple(replace(waiver, rule=_name_of(waiver.rule)) for waiver in waivers)
    base = base_of(wanted.folder, wanted.base)
    if base is None:
        click.echo(
            f"no earlier version of `{wanted.folder}` is known, so `{WAIVERS}` holds as written: name one with --base",
            err=True,
        )
    else:
        before, _ = read_waivers(base.text(str(WAIVERS)), WAIVERS, wanted.as_of)
        before = tuple(replace(waiver, rule=_name_of(waiver.rule)) for waiver in before)
        waivers, notes = governing(waivers, before)
        wrong = (*wrong, *notes)
    looked = tuple(waiver for waiver in waivers if _looked_for(wanted, waiver.rule))

    def authors(finding: Finding) -> frozenset[str]:
        return authors_of(wanted.folder, str(finding.span.path), finding.span.line)

    left, waived = waive(report.findings, looked, waivable, authors)
    findings = tuple(sorted({*left, *wrong}, key=lambda f: (f.span, f.rule, f.message)))
    return replace(report, findings=findings), waived


def _looked_for(wanted: Wanted, rule: str) -> bool:
    """Return whether findings of *rule* are reported at all: a waiver of others is neither used nor unused."""
    return (not wanted.only or rule in wanted.only) and rule not in wanted.skip


def _since(report: Report, file: Path, wanted: Wanted) -> Report:
    """Return *report* without what the baseline *file* holds; say what it holds that is no longer found."""
    try:
        text = file.read_text("utf-8")
        held = fingerprints.read_baseline(text)
    except OSError as error:
        raise CouldNotRead(f"`{file}` cannot be read: {(error.strerror or str(error)).lower()}") from error
    except ValueError as error:
        raise CouldNotRead(f"`{file}`: {error}") from error
    findings, gone = fingerprints.new_ones(report.findings, held, waivable)
    if gone and wanted.prune and not report.unsure:
        _write(file, fingerprints.without(text, gone))
        click.echo(f"{len(gone)} of the entries of `{file}` are no longer found: taken out", err=True)
    elif gone:
        click.echo(f"{len(gone)} of the entries of `{file}` are no longer found: take them out with --prune", err=True)
    return replace(report, findings=findings)


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        raise CouldNotRead(f"`{file}` cannot be written: {(error.strerror or str(error)).lower()}") from error


def _fix(wanted: Wanted) -> None:
    """Apply safe edits until none is left; what is mended may let more be found."""
    for _ in range(8):
        sources = read_folder(wanted.folder)
        found = (finding for finding in check(sources) if _looked_for(wanted, finding.rule))
        edits = [edit for finding in found for edit in safe_edits(finding, sources.texts)]
        if not edits:
            return
        for path in sorted({edit.span.path for edit in edits}):
            mended = apply(sources.texts[path], [edit for edit in edits if edit.span.path == path])
            (wanted.folder / path).write_bytes(mended.encode("utf-8"))
            click.echo(f"mended {path}", err=True)


def _wait_for_change(folder: Path, seen: dict[Path, int]) -> None:
    while _stamps(folder) == seen:
        time.sleep(0.2)


def _stamps(folder: Path) -> dict[Path, int]:
    """Return when each file that a report reads was last changed."""
    held: dict[Path, int] = {}
    for file in (folder / WAIVERS, *(f for name in FOLDERS for f in (folder / name).rglob("*.y*ml"))):
        with suppress(FileNotFoundError):  # a file that goes while we look has changed
            held[file] = file.stat().st_mtime_ns
    return held
