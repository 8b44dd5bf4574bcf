"""Scenarios: ``callwright scenarios generate`` and ``callwright scenarios coverage``."""

from datetime import UTC, date, datetime
from pathlib import Path

import click

from engine.checks.prove.confirm import sample_facts
from engine.rehearsal.coverage import Coverage, coverage, steps_of
from engine.rehearsal.generate import MARK, generate, write
from engine.rehearsal.replay import replay
from engine.rehearsal.scenario import read_scenario
from engine.terms import Kind
from tools.bundles import Opened, open_bundle, read_scenarios
from tools.console import bundle_option, count


@click.group()
def scenarios() -> None:
    """Measure what scenarios exercise, and propose more."""


@scenarios.command("coverage")
@bundle_option
@click.option("--missing", is_flag=True, help="List what no scenario exercises, with its line.")
def show_coverage(folder: Path | None, missing: bool) -> None:
    """Print what the passing scenarios of a bundle exercise."""
    click.echo(render_coverage(measure(open_bundle(folder)), missing=missing), nl=False)


@scenarios.command("generate")
@bundle_option
@click.option("--cover", type=click.Choice(["steps", "rules"]), default="steps", help="What to cover. Default: steps.")
@click.option("--out", type=click.Path(path_type=Path), help="A folder for the proposals. Default: print them.")
@click.option("--at", metavar="DATE", default=None, help="The day of the calls. Default: today.")
def propose(folder: Path | None, cover: str, out: Path | None, at: str | None) -> None:
    """Propose scenarios for what no scenario covers. They are marked, and count only once the mark is deleted."""
    opened = open_bundle(folder)
    day = date.fromisoformat(at) if at else date.today()
    missing = measure(opened).share("steps" if cover == "steps" else "rules fired").missing
    every = (
        {s for f in opened.bundle.flows.values() for s in steps_of(f)}
        if cover == "steps"
        else {r.id for rules in opened.bundle.rules.values() for r in rules}
    )
    covered = frozenset(every - {m.name for m in missing})
    found = generate(
        opened.bundle,
        cover,
        covered,
        sample_facts(opened.bundle),
        datetime(day.year, day.month, day.day, 19, tzinfo=UTC),
    )
    for number, proposal in enumerate(found, 1):
        text = write(opened.bundle, proposal, number)
        if out is None:
            click.echo(text)
        else:
            out.mkdir(parents=True, exist_ok=True)
            (out / f"proposed_{proposal.flow}_{number}.yaml").write_text(text, "utf-8")
    click.echo(f"{count(len(found), 'proposal')} for {count(len(missing), 'thing')} not covered", err=True)


def measure(opened: Opened) -> Coverage:
    """Return what the passing, adopted scenarios of a bundle exercise."""
    folder = opened.folder / "scenarios"
    replays = []
    if folder.is_dir():
        sources = read_scenarios([folder], opened.folder)
        for document in sources.of(Kind.SCENARIO):
            if MARK not in sources.texts.get(document.path, ""):
                scenario, _ = read_scenario(document, opened.bundle)
                replays += [replay(opened.bundle, scenario)] if scenario else []
    return coverage(opened.bundle, replays)


def render_coverage(found: Coverage, *, missing: bool) -> str:
    """Return a coverage in lines: counts first, and where asked for what is missing."""
    lines = [f"{count(found.scenarios, 'passing scenario')}", *(f"  {share}" for share in found.shares)]
    if missing:
        lines += [f"not covered  {m.span}  {m.what}: {m.name}" for share in found.shares for m in share.missing]
    return "\n".join(lines) + "\n"
