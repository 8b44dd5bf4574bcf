"""Replay scenarios: ``callwright replay``.

Exit status: 0 every expectation held, 1 one or more failed or less was covered than asked for, 2 the command was
called wrongly, 3 a bundle or a scenario could not be read.
"""

from collections.abc import Sequence
from pathlib import Path

import click

from engine.rehearsal.coverage import Coverage, Share, Tally
from engine.rehearsal.record import replay_record
from engine.rehearsal.replay import Replay
from engine.rehearsal.transcript import transcript
from engine.source.finding import Finding
from engine.source.render import render, to_json
from tools.bundles import open_bundle
from tools.console import FAILED, UNREADABLE, bundle_option, count, echo_json, format_option, show
from tools.rehearse import find_scenarios, played


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@bundle_option
@format_option
@click.option("--verbose", "-v", is_flag=True, help="Show every decision, its sources and the facts it read.")
@click.option("--quiet", "-q", is_flag=True, help="Show only the scenarios that fail, and the count.")
@click.option(
    "--coverage", "covers", is_flag=True, help="Say what the scenarios that pass exercise, and what none does."
)
@click.option(
    "--min", "least", multiple=True, metavar="NAME=PERCENT", help="Fail below it, as `steps=100`; repeatable."
)
def replay(
    paths: tuple[Path, ...],
    folder: Path | None,
    style: str,
    verbose: bool,
    quiet: bool,
    covers: bool,
    least: tuple[str, ...],
) -> None:
    """Replay the scenarios under PATHS, and hold the engine to what they expect.

    PATHS are files or folders, looked for here and then in the bundle; without any, the scenarios and drills of the
    bundle are replayed. Drills are a folder with `flows` that do wrong on purpose, and `scenarios` that show which
    rule holds them back; a bundle has them in `tests/drills`.

    With --coverage, only failures are shown, then what the passing scenarios exercise: states, steps, each condition
    true, false and unknown, rules fired and held back, prompts in each language, and every line that none does.
    --min NAME=PERCENT holds one of these to a share (`rules-fired=100`), --min PERCENT all of them.

    Exit status: 0 every expectation held, 1 one failed or too little was covered, 2 wrong usage, 3 something could not
    be read.
    """
    wanted = _least(least)
    covers = covers or bool(wanted)
    opened = open_bundle(folder, scenarios=False)
    company = find_scenarios(paths, opened.folder)
    problems: list[Finding] = list(company.findings)
    tally = Tally(opened.bundle)
    replays: list[Replay] = []
    for one in played(opened, company):
        problems += one.findings
        if one.replay is None:
            continue
        replays.append(one.replay)
        if covers and not one.proposed:
            tally.add(one.replay, one.bundle)
        if style == "text" and not ((quiet or covers) and one.replay.passed):
            click.echo(transcript(one.replay, one.bundle, verbose=verbose))
            for failure in one.replay.failures:
                click.echo(render(failure, company.texts) + "\n")
    covered = tally.coverage() if covers else None
    if style == "json":
        _as_json(replays, problems, covered)
    else:
        show(problems, company.texts)
        click.echo(summary(replays, problems))
        if covered is not None:
            click.echo(coverage_text(covered), nl=False)
    low = _low(covered, wanted)
    for share, percent in low:
        click.echo(f"too little is covered: {share}, and {percent} % is asked for", err=True)
    if problems or not replays:
        raise SystemExit(UNREADABLE)
    if low or not all(one.passed for one in replays):
        raise SystemExit(FAILED)


def summary(replays: list[Replay], problems: list[Finding]) -> str:
    """Return how many scenarios passed, failed and could not be read, in one line."""
    failed = sum(not one.passed for one in replays)
    unread = len({problem.span.path for problem in problems})
    parts = [f"{len(replays) - failed} of {count(len(replays), 'scenario')} passed"] if replays else []
    parts += [f"{failed} failed"] if failed else []
    parts += [f"{count(unread, 'file')} could not be read"] if unread else []
    return ", ".join(parts) or "no scenario was found: a scenario is a YAML file with `kind: scenario`"


# -------------------------------------------------------------------- coverage


def coverage_text(found: Coverage) -> str:
    """Return a coverage in lines: counts first, then what is missing, each at its line."""
    lines = [f"covered by {count(found.scenarios, 'passing scenario')}:", *(f"  {share}" for share in found.shares)]
    lines += [f"not covered  {m.span}  {m.what}: {m.name}" for share in found.shares for m in share.missing]
    return "\n".join(lines) + "\n"


def _as_json(replays: Sequence[Replay], problems: Sequence[Finding], covered: Coverage | None) -> None:
    found = [to_json(problem) for problem in problems]
    record: dict[str, object] = {"replays": [replay_record(one) for one in replays], "findings": found}
    if covered is not None:
        record["coverage"] = {
            "format_version": 1,
            "scenarios": covered.scenarios,
            "shares": [_share(share) for share in covered.shares],
        }
    echo_json(record)


def _share(share: Share) -> dict[str, object]:
    missing = [
        {"name": m.name, "file": str(m.span.path), "line": m.span.line, "column": m.span.column} for m in share.missing
    ]
    counts = {"covered": share.covered, "total": share.total, "percent": share.percent}
    return {"name": _name(share), **counts, "missing": missing}


def _name(share: Share) -> str:
    return share.what.replace(" ", "-")


def _least(written: Sequence[str]) -> dict[str, int]:
    """Return the least percentage of each share that is named; '' stands for every one.

    Raises:
        UsageError: One of them is no name with a percentage.
    """
    found: dict[str, int] = {}
    for part in (part.strip() for one in written for part in one.split(",")):
        name, _, percent = part.rpartition("=")
        if not (percent.isascii() and percent.isdigit() and int(percent[:9]) <= 100) or ("=" in part and not name):
            raise click.UsageError(f"`{part}` is no least share: write it as `steps=100`, or `100` for all of them")
        found[name] = int(percent)
    return found


def _low(covered: Coverage | None, wanted: dict[str, int]) -> list[tuple[Share, int]]:
    """Return the shares that fall short.

    Raises:
        UsageError: A share that is asked for is not measured.
    """
    if covered is None:
        return []
    names = [_name(share) for share in covered.shares]
    for name in wanted:
        if name and name not in names:
            raise click.UsageError(f"there is no share `{name}`: there is {', '.join(names)}")
    least = [(share, wanted.get(_name(share), wanted.get("", 0))) for share in covered.shares]
    return [(share, percent) for share, percent in least if share.percent < percent]
