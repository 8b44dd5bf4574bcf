"""Propose scenarios: ``callwright scenarios generate``.

Exit status: 0 proposals were made, or nothing is missing; 1 something is missing that no proposal covers; 2 wrong
usage; 3 the bundle could not be read.
"""

import itertools
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import click

from engine.bundle import CompiledBundle
from engine.checks.prove.confirm import sample_facts
from engine.expressions.tree import Value
from engine.rehearsal.coverage import Coverage, Tally, steps_of
from engine.rehearsal.generate import MARK, Proposal, generate, write
from engine.rehearsal.replay import replay
from engine.rehearsal.scenario import read_scenario
from engine.source.read import read_document
from tools.boundaries import propose_boundaries
from tools.bundles import Opened, open_bundle
from tools.console import FAILED, CouldNotRead, bundle_option, count, show
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
    measured, adopted = _measure(opened)
    missing = {m.name for m in measured.share("steps" if cover == "steps" else "rules fired").missing}
    covered = frozenset(_every(opened.bundle, cover) - missing)
    kept: list[Proposal] = []
    for proposal in generate(opened.bundle, cover, covered, _facts(opened.bundle), day):
        number = _free(proposal.flow, adopted, out)
        text = write(opened.bundle, proposal, number)
        if _passes(opened.bundle, text):
            name = f"proposed_{proposal.flow}_{number}"
            _put(out, name, text)
            adopted.add(name)
            kept.append(proposal)
    left = sorted(missing - {name for proposal in kept for name in proposal.covers})
    click.echo(f"{count(len(kept), 'proposal')} for {count(len(missing), 'thing')} not covered", err=True)
    for name in left:
        click.echo(f"no proposal covers {name}", err=True)
    if left:
        raise SystemExit(FAILED)


def _propose_boundaries(opened: Opened, out: Path | None) -> None:
    found, left = propose_boundaries(opened)
    for name, text in found:
        if not _adopted(out, name):
            _put(out, name, text)
    click.echo(f"{count(len(found), 'proposal')} at the limits of rules", err=True)
    for rule in left:
        click.echo(f"no scenario shows a dial that {rule} denies and that can be moved to its limit", err=True)
    if left:
        raise SystemExit(FAILED)


def _put(out: Path | None, name: str, text: str) -> None:
    if out is None:
        click.echo(text)
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / f"{name}.yaml").write_text(text, "utf-8")
    except OSError as error:
        raise CouldNotRead(f"`{out}` cannot be written to: {(error.strerror or str(error)).lower()}") from error


def _free(flow: str, taken: Collection[str], out: Path | None) -> int:
    """Return the first number under which a proposal for *flow* takes nobody's name."""
    names = ((number, f"proposed_{flow}_{number}") for number in itertools.count(1))
    return next(number for number, name in names if name not in taken and not _adopted(out, name))


def _adopted(out: Path | None, name: str) -> bool:
    """Return whether *out* holds a file of that name which is no proposal, or no longer one."""
    file = out / f"{name}.yaml" if out is not None else None
    try:
        return file is not None and file.exists() and MARK not in file.read_text("utf-8", "replace")
    except OSError:
        return True


def _every(bundle: CompiledBundle, cover: str) -> set[str]:
    if cover == "steps":
        return {step for flow in bundle.flows.values() for step in steps_of(flow)}
    return {rule.id for rules in bundle.rules.values() for rule in rules}


def _facts(bundle: CompiledBundle) -> dict[str, Value]:
    """Return what the host supplies in a proposal: a value for each fact, and a place that can be found."""
    located = {fact.name: LOCATING[fact.locates] for fact in bundle.vocabulary.facts.values() if fact.locates}
    return {name: located.get(name, value) for name, value in sample_facts(bundle).items()}


def _passes(bundle: CompiledBundle, text: str) -> bool:
    """Return whether *text*, a proposal, can be read, and goes as it says."""
    document, _ = read_document(text, PurePosixPath("scenarios/proposed.yaml"))
    scenario = read_scenario(document, bundle)[0] if document else None
    return scenario is not None and replay(bundle, scenario).passed


def _measure(opened: Opened) -> tuple[Coverage, set[str]]:
    """Return what the passing, adopted scenarios and drills of a bundle exercise, and what they are called.

    Raises:
        CouldNotRead: One of them cannot be read, so that nobody knows what it covers.
    """
    tally = Tally(opened.bundle)
    company = find_scenarios((), opened.folder)
    unread, failed, names = [*company.findings], 0, set()
    for one in played(opened, company):
        unread += one.findings if one.replay is None else ()
        if one.replay is not None and not one.proposed:
            tally.add(one.replay, one.bundle)
            failed += not one.replay.passed
            names.add(str(one.document.id))
    if unread:
        show(unread, company.texts)
        files = count(len({finding.span.path for finding in unread}), "file")
        raise CouldNotRead(f"{files} could not be read, so what is covered is not known: mend that first")
    if failed:
        click.echo(f"{count(failed, 'scenario')} failed, and what only such exercise is not covered", err=True)
    return tally.coverage(), names
