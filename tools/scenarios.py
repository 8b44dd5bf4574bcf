"""Propose scenarios: ``callwright scenarios generate``."""

from datetime import UTC, date, datetime
from pathlib import Path

import click

from engine.checks.prove.confirm import sample_facts
from engine.rehearsal.coverage import Coverage, Tally, steps_of
from engine.rehearsal.generate import generate, write
from tools.bundles import Opened, open_bundle
from tools.console import bundle_option, count
from tools.rehearse import find_scenarios, played


@click.group()
def scenarios() -> None:
    """Propose scenarios. What those there are exercise, `callwright replay --coverage` says."""


@scenarios.command("generate")
@bundle_option
@click.option("--cover", type=click.Choice(["steps", "rules"]), default="steps", help="What to cover. Default: steps.")
@click.option("--out", type=click.Path(path_type=Path), help="A folder for the proposals. Default: print them.")
@click.option("--at", metavar="DATE", default=None, help="The day of the calls. Default: today.")
def propose(folder: Path | None, cover: str, out: Path | None, at: str | None) -> None:
    """Propose scenarios for what no scenario covers. They are marked, and count only once the mark is deleted."""
    opened = open_bundle(folder, scenarios=False)
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
    """Return what the passing, adopted scenarios and drills of a bundle exercise."""
    tally = Tally(opened.bundle)
    for one in played(opened, find_scenarios((), opened.folder)):
        if one.replay is not None and not one.proposed:
            tally.add(one.replay, one.bundle)
    return tally.coverage()
