"""Replay scenarios: ``callwright replay``.

Exit status: 0 every expectation held, 1 one or more failed, 2 the command was
called wrongly, 3 a bundle or a scenario could not be read.
"""

from pathlib import Path

import click

from engine.rehearsal.record import replay_record
from engine.rehearsal.replay import Replay
from engine.rehearsal.replay import replay as play
from engine.rehearsal.scenario import read_scenario
from engine.rehearsal.transcript import transcript
from engine.source.finding import Finding
from engine.source.render import render, to_json
from engine.terms import Kind
from tools.bundles import open_bundle, read_scenarios
from tools.console import FAILED, UNREADABLE, bundle_option, count, echo_json, errors, format_option, show


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@bundle_option
@format_option
@click.option("--verbose", "-v", is_flag=True, help="Show every decision, its sources and the facts it read.")
@click.option("--quiet", "-q", is_flag=True, help="Show only the scenarios that fail, and the count.")
def replay(paths: tuple[Path, ...], folder: Path | None, style: str, verbose: bool, quiet: bool) -> None:
    """Replay the scenarios under PATHS, and hold the engine to what they expect.

    PATHS are files or folders, looked for here and then in the bundle; without any, every scenario of the bundle
    is replayed. Exit status: 0 every expectation held, 1 one failed, 2 wrong usage, 3 something could not be read.
    """
    opened = open_bundle(folder, scenarios=False)
    sources = read_scenarios(paths or (opened.folder / "scenarios",), opened.folder)
    problems: list[Finding] = list(errors(sources.findings))
    replays: list[Replay] = []
    for document in sources.of(Kind.SCENARIO):
        scenario, findings = read_scenario(document, opened.bundle)
        problems += findings
        if scenario is None:
            continue
        one = play(opened.bundle, scenario)
        replays.append(one)
        if style == "text" and not (quiet and one.passed):
            click.echo(transcript(one, opened.bundle, verbose=verbose))
            for failure in one.failures:
                click.echo(render(failure, sources.texts) + "\n")
    if style == "json":
        found = [to_json(problem) for problem in problems]
        echo_json({"replays": [replay_record(one) for one in replays], "findings": found})
    else:
        show(problems, sources.texts)
        click.echo(summary(replays, problems))
    if problems or not replays:
        raise SystemExit(UNREADABLE)
    if not all(one.passed for one in replays):
        raise SystemExit(FAILED)


def summary(replays: list[Replay], problems: list[Finding]) -> str:
    """Return how many scenarios passed, failed and could not be read, in one line."""
    failed = sum(not one.passed for one in replays)
    unread = len({problem.span.path for problem in problems})
    parts = [f"{len(replays) - failed} of {count(len(replays), 'scenario')} passed"] if replays else []
    parts += [f"{failed} failed"] if failed else []
    parts += [f"{count(unread, 'file')} could not be read"] if unread else []
    return ", ".join(parts) or "no scenario was found: a scenario is a YAML file with `kind: scenario`"
