"""Draw a call flow: ``callwright graph``.

Exit status: 0 it was drawn, 2 the command was called wrongly, 3 a bundle could
not be read, or a picture was asked for and could not be drawn.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click

from engine.bundle import CompiledBundle
from engine.rehearsal.replay import replay
from engine.rehearsal.scenario import Scenario, read_scenario
from engine.terms import Kind
from engine.views.dot import drawn
from engine.views.drawing import NotDrawn, lay_out, png
from engine.views.lens import lens
from engine.views.mermaid import mermaid
from engine.views.model import Graph, UnknownGraph, graph_of
from engine.views.outline import outline
from engine.views.overlays import Counts, Marks, Trail, counted, trail_of, united
from engine.views.page import Over, page
from engine.views.play import Play
from engine.views.play import play as walked
from engine.views.svg import svg
from engine.views.zones import zones_of
from tools.bundles import Opened, open_bundle
from tools.console import CouldNotRead, bundle_option

FORMATS = ("html", "svg", "png", "dot", "mermaid", "outline")

@click.command()
@click.argument("flow", required=False)
@click.option("--format", "form", type=click.Choice(FORMATS), help="Default: by the name of --output, else outline.")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="The file to write. Default: standard output.")
@click.option("--locale", default="", metavar="NAME", help="The language of the prompts. Default: the bundle's first.")
@click.option("--coverage", is_flag=True, help="Lay over which states and steps the bundle's scenarios come through.")
@click.option("--call", "calls", multiple=True, metavar="ID", help="Lay a call over: a scenario, or a recorded call.")
@click.option("--traffic", is_flag=True, help="Lay over how recorded calls went. Needs --database.")
@click.option("--diff", "old", metavar="OLD", help="Lay over what differs from a folder, git revision or digest.")
@click.option("--database", "store", metavar="URL", envvar="CALLWRIGHT_DATABASE", help="Where calls are kept.")
@click.option("--play", is_flag=True, help="Let the reader walk a call by clicking what the callee says.")
@click.option("--as-of", metavar="DATE", help="The day whose law the zones follow. Default: today.")
@bundle_option
def graph(
    flow: str | None, form: str | None, output: Path | None, locale: str, coverage: bool, calls: tuple[str, ...],
    traffic: bool, old: str | None, store: str | None, play: bool, as_of: str | None, folder: Path | None,
) -> None:
    """Draw FLOW, as one page that needs nothing else, as a picture or in words.

    The page is reached all through by keyboard. It shades where something is guaranteed, and shows for every
    rule what it can hold back. Without FLOW the bundle's only one is drawn, or `collections`.
    """
    opened = open_bundle(folder)
    bundle = opened.bundle
    name = flow or (next(iter(bundle.flows)) if len(bundle.flows) == 1 else "collections")
    style = form or _by_name(output)
    day = _day(as_of)
    try:
        plain = graph_of(bundle, name, locale)
        if style in ("dot", "mermaid"):
            return _write((mermaid(plain) if style == "mermaid" else drawn(plain).dot).encode("utf-8"), output)
        seen = graph_of(bundle, name, locale, zones_of(bundle, name, day))
        if style == "outline":
            return _write(outline(seen).encode("utf-8"), output)
        marks: Marks | None = None
        if old is not None:
            seen, marks = _compared(seen, old, opened, store)
        found = drawn(seen)
        if style == "png":
            return _write(png(found), output)
        layout = lay_out(found)
        if style == "svg":
            return _write(svg(found, layout).encode("utf-8"), output)
        over = _over(opened, seen, coverage=coverage, calls=calls, traffic=traffic, store=store, marks=marks, walk=play)
        return _write(page(found, layout, over).encode("utf-8"), output)
    except UnknownGraph as wrong:
        raise click.UsageError(str(wrong)) from wrong
    except NotDrawn as wrong:
        raise CouldNotRead(str(wrong)) from wrong


def _by_name(output: Path | None) -> str:
    endings = {".html": "html", ".svg": "svg", ".png": "png", ".dot": "dot", ".gv": "dot", ".mmd": "mermaid"}
    return endings.get(output.suffix, "outline") if output else "outline"


def _day(written: str | None) -> date:
    try:
        return date.fromisoformat(written) if written else date.today()
    except ValueError as wrong:
        raise click.BadParameter(f"`{written}` is not a date: write it as 2026-03-10", param_hint="--as-of") from wrong


def _write(data: bytes, output: Path | None) -> None:
    if output is None:
        click.echo(data, nl=False)
    else:
        output.write_bytes(data)


def _compared(seen: Graph, old: str, opened: Opened, store: str | None) -> tuple[Graph, Marks]:
    from tools.diff_versions import open_version

    before = open_version(old, opened.folder, store).bundle
    if seen.flow not in before.flows:
        raise click.UsageError(f"`{old}` has no flow `{seen.flow}`")
    locale = seen.locale if seen.locale in before.locales else ""
    return united(graph_of(before, seen.flow, locale), seen)


def _over(
    opened: Opened, seen: Graph, *, coverage: bool, calls: tuple[str, ...], traffic: bool, store: str | None,
    marks: Marks | None, walk: bool,
) -> Over:
    scenarios = list(_scenarios(opened, seen.flow)) if coverage or calls or walk else []
    wanted = set(calls)
    trails = [trail_of(replay(opened.bundle, s)) for s in scenarios if coverage or s.id in wanted]
    shown = [t for t in trails if t.id in wanted] if calls else trails
    unknown = wanted - {s.id for s in scenarios}
    kept, counts = _from_store(seen.flow, unknown, traffic, store)
    covered: dict[str, list[str]] = {}
    for trail in trails if coverage else ():
        for state in dict.fromkeys(s for turn in trail.turns for s in turn.states):
            covered.setdefault(state, []).append(trail.id)
    return Over(
        rules=lens(opened.bundle, seen),
        coverage=counted(trails) if coverage else None,
        trails=(*shown, *kept),
        traffic=counts,
        marks=marks,
        play=_play(opened.bundle, seen, scenarios) if walk else None,
        covered_by={name: tuple(found) for name, found in covered.items()},
    )


def _scenarios(opened: Opened, flow: str) -> Iterator[Scenario]:
    for document in opened.sources.of(Kind.SCENARIO):
        scenario, _ = read_scenario(document, opened.bundle)
        if scenario is not None and scenario.lines and scenario.flow == flow:
            yield scenario


def _play(bundle: CompiledBundle, seen: Graph, scenarios: list[Scenario]) -> Play:
    if not scenarios:
        raise CouldNotRead("--play needs a scenario of the flow: its `given:` says who is called")
    given = next((s for s in scenarios if s.locale == seen.locale), scenarios[0]).situation
    return walked(bundle, seen.flow, seen.locale, given.at, given.facts, given.zones or None)


def _from_store(
    flow: str, calls: set[str], traffic: bool, store: str | None
) -> tuple[list[Trail], Counts | None]:
    """Return the recorded calls of these ids and, if wanted, the flow's traffic."""
    if not calls and not traffic:
        return [], None
    if not store:
        missing = f"there is no scenario `{min(calls)}`; " if calls else ""
        raise click.UsageError(f"{missing}recorded calls need --database, or CALLWRIGHT_DATABASE set")
    from tools import graph_records

    return graph_records.recorded(calls, store), graph_records.traffic(flow, store) if traffic else None
