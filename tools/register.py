"""Write the register of policies: ``callwright register``.

Exit status: 0 written, 2 wrong usage, 3 the bundle or a scenario cannot be read.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from engine.rehearsal.replay import Replay
from engine.views.register import register as written
from engine.views.register import shown_by
from tools.bundles import Opened, open_bundle
from tools.console import UNREADABLE, bundle_option, show
from tools.rehearse import find_scenarios, played


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@bundle_option
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="Where to. Default: print it.")
def register(paths: tuple[Path, ...], folder: Path | None, output: Path | None) -> None:
    """Write which regulation is kept by which rule, which scenarios show it, and what counsel must confirm.

    It is Markdown, made from the policies and from how the scenarios under PATHS go, by default the scenarios and
    drills of the bundle; only those that pass count.
    """
    opened = open_bundle(folder, scenarios=False)
    text = written(opened.bundle, shown_by(replays(opened, paths)))
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, "utf-8")


def replays(opened: Opened, paths: Sequence[Path] = ()) -> list[Replay]:
    """Return how each scenario goes, named from the bundle's folder; one that cannot be read ends the command."""
    company = find_scenarios(paths, opened.folder)
    found: list[Replay] = []
    wrong = list(company.findings)
    for one in played(opened, company):
        wrong += one.findings
        if one.replay is not None and not one.proposed:
            found.append(_named_from(opened.folder, one.replay))
    if wrong:
        show(wrong, company.texts)
        raise SystemExit(UNREADABLE)
    return found


def _named_from(folder: Path, one: Replay) -> Replay:
    file, top = Path(one.scenario.path).absolute(), folder.absolute()
    path = file.relative_to(top).as_posix() if file.is_relative_to(top) else one.scenario.path
    return replace(one, scenario=replace(one.scenario, path=path))
