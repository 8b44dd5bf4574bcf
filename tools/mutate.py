"""Who would notice: ``callwright mutate``.

Exit status: 0 every edit was noticed or is listed as equivalent, 1 some were
not, 2 the command was called wrongly, 3 the bundle could not be read.
"""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from time import monotonic

import click

from engine.checks.run import run
from engine.compiler import compile_bundle
from engine.rehearsal.mutate import Mutant, Texts
from engine.rehearsal.mutate import mutate as trials
from engine.rehearsal.replay import replay
from engine.rehearsal.scenario import read_scenario
from engine.source.finding import Level
from engine.source.read import read_folder, read_texts
from engine.terms import Kind
from tools.bundles import find
from tools.console import FAILED, CouldNotRead, bundle_option

EQUIVALENT = "equivalent_mutants.json"


@click.command()
@bundle_option
@click.option("--budget", type=click.IntRange(1), default=60, help="Seconds to spend. Default: 60.")
@click.option("--kind", "kinds", multiple=True, help="Try only edits of this kind; may be repeated.")
def mutate(folder: Path | None, budget: int, kinds: tuple[str, ...]) -> None:
    """Try small dangerous edits, and report those that neither lint nor a scenario notices."""
    place = find(folder)
    texts = {path: text for path, text in read_folder(place).texts.items()}
    if compile_bundle(read_texts(texts)).bundle is None:
        raise CouldNotRead(f"the bundle in `{place}` has errors: mend them first")
    today, ends = date.today(), monotonic() + budget
    usual = _errors(texts, today)

    def chosen(mutant: Mutant) -> bool:
        return (not kinds or mutant.kind in kinds) and monotonic() < ends

    done = list(trials(texts, lambda edited: bool(_errors(edited, today) - usual), _fails, _equivalent(place), chosen))
    left = [trial for trial in done if not trial.noticed_by]
    by = {who: sum(trial.noticed_by == who for trial in done) for who in ("lint", "scenario", "equivalent")}
    click.echo(
        f"{len(done)} edits tried: {by['lint']} noticed by lint, {by['scenario']} by scenarios, "
        f"{by['equivalent']} equivalent, {len(left)} NOT noticed"
    )
    for number, trial in enumerate(left, 1):
        click.echo(f"  {number}  {trial.mutant.span}  {trial.mutant.kind}: {trial.mutant.what}")
    if left:
        raise SystemExit(FAILED)


def _errors(texts: Texts, today: date) -> set[tuple[str, str]]:
    sources = read_texts(texts)
    compiled = compile_bundle(sources)
    report = run(sources, compiled.bundle, compiled.findings, today)
    return {(f.rule, f.where or f.message) for f in report.findings if f.level is not Level.NOTE}


def _fails(texts: Texts) -> bool:
    """Return whether a scenario fails, or can no longer be told."""
    sources = read_texts(texts)
    bundle = compile_bundle(sources).need()
    for document in sources.of(Kind.SCENARIO):
        scenario, _ = read_scenario(document, bundle)
        if scenario is None or not replay(bundle, scenario).passed:
            return True
    return False


def _equivalent(place: Path) -> Mapping[str, str]:
    file = place / EQUIVALENT
    return {str(k): str(v) for k, v in json.loads(file.read_text("utf-8")).items()} if file.is_file() else {}
