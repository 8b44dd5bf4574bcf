"""Check and prove a bundle: ``callwright lint``.

Exit status: 0 nothing found at the chosen level, 1 findings, 2 the command was
called wrongly, 3 something could not be checked. 3 wins over 1.
"""

import re
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path

import click

from engine.checks.fixes import each_safely
from engine.checks.formats import FORMATS, Judged
from engine.checks.pages import code_of, name_of, names, why_of
from engine.source.finding import Finding, Level
from engine.source.suggest import did_you_mean
from tools.base import base_of
from tools.baseline import since, write_found
from tools.bundles import find
from tools.console import FAILED, UNREADABLE, CouldNotRead, bundle_option
from tools.look import look
from tools.mend import mend
from tools.waiving import waived
from tools.wanted import Wanted
from tools.watch import interruptions, stamps, wait_for_change

_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)


def _day(ctx: click.Context, param: click.Parameter, value: str | None) -> date:
    if value is None:
        return date.today()
    try:
        if _DAY.match(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise click.BadParameter(f"`{value}` is not a date: write it as 2026-03-10", ctx, param)


def _rules(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    chosen = [name_of(part.strip()) for written in value for part in written.split(",")]
    for name in chosen:
        if name not in names():
            near = did_you_mean(name, names() | {code_of(rule) for rule in names()})
            mend = near or "`callwright rules` lists them"
            raise click.BadParameter(f"there is no rule `{name}`: {mend}", ctx, param)
    return tuple(dict.fromkeys(chosen))


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
    if only and not set(only) - set(skip):
        raise click.UsageError("`--skip` leaves out all that `--only` names, so nothing would be looked for")
    if prune and baseline is None:
        raise click.UsageError("`--prune` takes out of a baseline what is no longer found: name it with --baseline")
    wanted = Wanted(find(place or folder), as_of, only, skip, baseline, write_baseline, prune, base)
    if base is not None:
        base_of(wanted.folder, base)
    run = _watched if watch else _once
    try:
        status = run(wanted, style, Level(fail_on), fix)
    except KeyboardInterrupt:
        raise CouldNotRead("interrupted before everything was checked") from None
    raise SystemExit(status)


def _once(wanted: Wanted, style: str, fail_on: Level, fix: bool) -> int:
    """Mend what is to be mended, check the bundle, print the report, and return the exit status."""
    if fix:
        mend(wanted)
    return _report(wanted, style, fail_on)


def _watched(wanted: Wanted, style: str, fail_on: Level, fix: bool) -> int:
    """Do so whenever a file of the bundle changes, until interrupted; return the exit status of the last report."""
    status = UNREADABLE
    with interruptions() as interrupted, suppress(KeyboardInterrupt):
        while not interrupted():
            try:
                if fix:
                    mend(wanted)
                seen, status = stamps(wanted.folder), UNREADABLE
                status = _report(wanted, style, fail_on)
            except CouldNotRead as error:
                seen = stamps(wanted.folder)
                error.show()
            wait_for_change(wanted.folder, seen, interrupted)
    return status


def _report(wanted: Wanted, style: str, fail_on: Level) -> int:
    judged, found = _judged(wanted)
    report = judged.report
    click.echo(FORMATS[style](judged), nl=False)
    if hidden := report.hidden:
        errors = "1 error that was left out keeps" if hidden == 1 else f"{hidden} errors that were left out keep"
        click.echo(f"{errors} the rest from being checked", err=True)
    if wanted.write_baseline is not None:
        write_found(wanted.write_baseline, found, report)
    if report.unsure:
        return UNREADABLE
    return FAILED if report.at_least(fail_on) else 0


def judge(wanted: Wanted) -> Judged:
    """Return the report on the bundle in a folder, with waivers and baseline applied.

    Raises:
        CouldNotRead: The baseline cannot be read or written.
    """
    return _judged(wanted)[0]


def _judged(wanted: Wanted) -> tuple[Judged, tuple[Finding, ...]]:
    """Return the report, and all that is found, be it in the baseline or not."""
    looked = look(wanted.folder, wanted.as_of, wanted.only, wanted.skip)
    texts = dict(looked.texts)
    report, held = waived(wanted, looked.report, texts)
    found, known = report.findings, 0
    if wanted.baseline is not None:
        report, known = since(report, tuple(one.finding for one in held), wanted.baseline, wanted)
    mends = zip(report.findings, each_safely(report.findings, texts), strict=True)
    report = replace(report, findings=tuple(replace(f, edits=edits, why=why_of(f)) for f, edits in mends))
    return Judged(report, held, texts, looked.digest, looked.documents, wanted.only, wanted.skip, known), found
