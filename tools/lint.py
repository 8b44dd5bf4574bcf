"""Check and prove a bundle: ``callwright lint``.

Exit status: 0 nothing found at the chosen level, 1 findings, 2 the command was
called wrongly, 3 something could not be checked. 3 wins over 1.
"""

import time
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path, PurePosixPath

import click

from engine.checks import fingerprints
from engine.checks.catalogue import CHECKS
from engine.checks.earlier import EARLIER
from engine.checks.fixes import apply, safe_edits
from engine.checks.formats import FORMATS, Judged
from engine.checks.run import Report, run
from engine.checks.waivers import Waived, read_waivers, waive
from engine.compiler import compile_bundle
from engine.rehearsal.scenario import read_scenario
from engine.runtime.prepared import prepare
from engine.source.documents import Sources
from engine.source.finding import Finding, Level
from engine.source.read import read_folder
from engine.terms import Kind
from tools.bundles import cache, find
from tools.console import FAILED, UNREADABLE, CouldNotRead, bundle_option

WAIVERS = PurePosixPath("waivers.yaml")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one run of the command is to report."""

    folder: Path
    as_of: date
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    baseline: Path | None = None


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
        if name not in known and not name.startswith("unknown-"):
            raise click.BadParameter(f"there is no rule `{name}`: `callwright rules` lists them", ctx, param)
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
    watch: bool,
) -> None:
    """Report everything that is wrong with the bundle in DIR, each at its line, with the mend, and prove its rules.

    Exit status: 0 nothing found at the chosen level, 1 findings, 2 wrong usage, 3 something could not be checked.
    """
    if place is not None and folder is not None:
        raise click.UsageError("name the bundle once: as DIR, or with --bundle")
    wanted = Wanted(find(place or folder), as_of, only, skip, baseline)
    while True:
        if fix:
            _fix(wanted)
        judged = judge(wanted)
        if write_baseline is not None:
            write_baseline.write_text(_baseline(judged), "utf-8")
        click.echo(FORMATS[style](judged), nl=False)
        if not watch:
            break
        _wait_for_change(wanted.folder)
    if judged.report.unsure:
        raise SystemExit(UNREADABLE)
    if judged.report.at_least(Level(fail_on)):
        raise SystemExit(FAILED)


def judge(wanted: Wanted) -> Judged:
    """Return the report on the bundle in a folder, with waivers and baseline applied."""
    sources = read_folder(wanted.folder)
    compiled = compile_bundle(sources)
    found = list(compiled.findings)
    if compiled.bundle is not None:
        for document in sources.of(Kind.SCENARIO):
            found += read_scenario(document, compiled.bundle)[1]
    if compiled.bundle is not None:
        prepare(compiled.bundle, cache())
    report = run(sources, compiled.bundle, found, wanted.as_of, only=wanted.only, skip=wanted.skip)
    texts = dict(sources.texts)
    report, waived = _waived(wanted, report, texts)
    if wanted.baseline is not None:
        report = _since(report, wanted.baseline)
    mended = tuple(replace(f, edits=safe_edits(f, texts)) for f in report.findings)
    digest = compiled.bundle.digest if compiled.bundle else ""
    return Judged(replace(report, findings=mended), waived, texts, digest, len(sources.documents))


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
    left, waived = waive(report.findings, waivers, waivable)
    findings = tuple(sorted({*left, *wrong}, key=lambda f: (f.span, f.rule, f.message)))
    return replace(report, findings=findings), waived


def _since(report: Report, file: Path) -> Report:
    try:
        held = fingerprints.read_baseline(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CouldNotRead(f"`{file}` cannot be read: {error}") from error
    findings, gone = fingerprints.new_ones(report.findings, held, waivable)
    if gone:
        click.echo(f"{len(gone)} entries of `{file}` are no longer found: write it anew", err=True)
    return replace(report, findings=findings)


def _baseline(judged: Judged) -> str:
    return fingerprints.write_baseline(judged.report.findings, waivable)


def _fix(wanted: Wanted) -> None:
    """Apply safe edits until none is left; what is mended may let more be found."""
    for _ in range(8):
        sources = read_folder(wanted.folder)
        edits = [edit for finding in check(sources) for edit in safe_edits(finding, sources.texts)]
        if not edits:
            return
        for path in sorted({edit.span.path for edit in edits}):
            mended = apply(sources.texts[path], [edit for edit in edits if edit.span.path == path])
            (wanted.folder / path).write_bytes(mended.encode("utf-8"))
            click.echo(f"mended {path}", err=True)


def _wait_for_change(folder: Path) -> None:
    before = _stamps(folder)
    while _stamps(folder) == before:
        time.sleep(0.2)


def _stamps(folder: Path) -> dict[Path, int]:
    files = (f for name in ("flows", "policies", "scenarios") for f in sorted((folder / name).rglob("*.y*ml")))
    return {file: file.stat().st_mtime_ns for file in files if file.is_file()}
