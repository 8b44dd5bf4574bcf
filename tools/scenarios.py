"""Propose scenarios: ``callwright scenarios generate``.

Exit status: 0 proposals were made, or nothing is missing; 1 something is missing that no proposal covers; 2 wrong
usage; 3 the bundle could not be read.
"""

from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import click

from engine.bundle import CompiledBundle
from engine.checks.prove.confirm import sample_facts
from engine.expressions.tree import Value
from engine.rehearsal.coverage import Coverage, Tally, steps_of
from engine.rehearsal.generate import Proposal, generate, write
from engine.rehearsal.replay import replay
from engine.rehearsal.scenario import read_scenario
from engine.source.read import read_document
from tools.boundaries import propose_boundaries
from tools.bundles import Opened, open_bundle
from tools.console import FAILED, bundle_option, count
from tools.rehearse import find_scenarios, played

LOCATING = {"zip": "78701", "number": "5125550142", "zone": "America/Chicago"}
"""Where the callee of a proposal is, by what a fact locates."""


@click.group()
def scenarios() -> None:
    """Propose scenarios. What those there are exercise, `callwright replay --coverage` says."""


@scenarios.command("generate")
@bundle_option
@click.option(
    "--cover",
    type=click.Choice(["steps", "rules", "boundaries"]),
    default="steps",
    help="What to cover; `boundaries` are the limits of the rules that deny a dial. Default: steps.",
)
@click.option("--out", type=click.Path(path_type=Path), help="A folder for the proposals. Default: print them.")
@click.option("--at", metavar="DATE", type=click.DateTime(["%Y-%m-%d"]), help="The day of the calls. Default: today.")
def propose(folder: Path | None, cover: str, out: Path | None, at: datetime | None) -> None:
    """Propose calls for what no scenario covers: few, and each to be read.

    Every proposal was replayed, and expects what happened. It begins with a mark and counts for nothing in
    `callwright replay --coverage` until someone has read it, found it right, and deleted the mark.

    With `--cover boundaries`, dials are proposed that lie beside the limits of rules: the minute before and the minute
    after, the days on which the clocks change, either side of a compared fact, one contact fewer.

    Exit status: 0 proposals were made or nothing is missing, 1 something is missing that no proposal covers (rules
    asked before a dial among it: write those by hand), 2 wrong usage, 3 the bundle could not be read.
    """
    opened = open_bundle(folder, scenarios=False)
    if cover == "boundaries":
        _propose_boundaries(opened, out)
        return
    day = (at or datetime.now(UTC)).replace(hour=19, minute=0, second=0, microsecond=0, tzinfo=UTC)
    missing = {m.name for m in _measure(opened).share("steps" if cover == "steps" else "rules fired").missing}
    covered = frozenset(_every(opened.bundle, cover) - missing)
    found = generate(opened.bundle, cover, covered, _facts(opened.bundle), day)
    kept = [(proposal, text) for proposal, text in _written(opened.bundle, found) if _passes(opened.bundle, text)]
    for number, (proposal, text) in enumerate(kept, 1):
        _put(out, f"proposed_{proposal.flow}_{number}", text)
    left = sorted(missing - {name for proposal, _ in kept for name in proposal.covers})
    click.echo(f"{count(len(kept), 'proposal')} for {count(len(missing), 'thing')} not covered", err=True)
    for name in left:
        click.echo(f"no proposal covers {name}", err=True)
    if left:
        raise SystemExit(FAILED)


def _propose_boundaries(opened: Opened, out: Path | None) -> None:
    found, left = propose_boundaries(opened)
    for name, text in found:
        _put(out, name, text)
    click.echo(f"{count(len(found), 'proposal')} at the limits of rules", err=True)
    for rule in left:
        click.echo(f"no scenario shows a dial that {rule} denies and that can be moved to its limit", err=True)
    if left:
        raise SystemExit(FAILED)


def _put(out: Path | None, name: str, text: str) -> None:
    if out is None:
        click.echo(text)
    else:
        out.mkdir(parents=True, exist_ok=True)
        (out / f"{name}.yaml").write_text(text, "utf-8")


def _every(bundle: CompiledBundle, cover: str) -> set[str]:
    if cover == "steps":
        return {step for flow in bundle.flows.values() for step in steps_of(flow)}
    return {rule.id for rules in bundle.rules.values() for rule in rules}


def _facts(bundle: CompiledBundle) -> dict[str, Value]:
    """Return what the host supplies in a proposal: a value for each fact, and a place that can be found."""
    located = {fact.name: LOCATING[fact.locates] for fact in bundle.vocabulary.facts.values() if fact.locates}
    return {name: located.get(name, value) for name, value in sample_facts(bundle).items()}


def _written(bundle: CompiledBundle, proposals: tuple[Proposal, ...]) -> list[tuple[Proposal, str]]:
    return [(proposal, write(bundle, proposal, number)) for number, proposal in enumerate(proposals, 1)]


def _passes(bundle: CompiledBundle, text: str) -> bool:
    """Return whether *text*, a proposal, can be read, and goes as it says."""
    document, _ = read_document(text, PurePosixPath("scenarios/proposed.yaml"))
    scenario = read_scenario(document, bundle)[0] if document else None
    return scenario is not None and replay(bundle, scenario).passed


def _measure(opened: Opened) -> Coverage:
    """Return what the passing, adopted scenarios and drills of a bundle exercise."""
    tally = Tally(opened.bundle)
    for one in played(opened, find_scenarios((), opened.folder)):
        if one.replay is not None and not one.proposed:
            tally.add(one.replay, one.bundle)
    return tally.coverage()
