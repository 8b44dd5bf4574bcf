"""Write the register of policies: ``callwright register``.

Exit status: 0 written, 2 wrong usage, 3 the bundle or a scenario cannot be read.
"""

from pathlib import Path

import click

from engine.rehearsal.replay import Replay, replay
from engine.rehearsal.scenario import read_scenario
from engine.terms import Kind
from engine.views.register import register as written
from engine.views.register import shown_by
from tools.bundles import Opened, open_bundle
from tools.console import UNREADABLE, bundle_option, errors, show


@click.command()
@bundle_option
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="Where to. Default: print it.")
def register(folder: Path | None, output: Path | None) -> None:
    """Write which regulation is kept by which rule, which scenarios show it, and what counsel must confirm.

    It is Markdown, made from the policies and from how the scenarios of the bundle go; only those that pass count.
    """
    opened = open_bundle(folder)
    text = written(opened.bundle, shown_by(replays(opened)))
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, "utf-8")


def replays(opened: Opened) -> list[Replay]:
    """Return how each scenario of the bundle goes; one that cannot be read ends the command."""
    found: list[Replay] = []
    for document in opened.sources.of(Kind.SCENARIO):
        scenario, findings = read_scenario(document, opened.bundle)
        if scenario is None:
            show(errors(findings), opened.texts)
            raise SystemExit(UNREADABLE)
        found.append(replay(opened.bundle, scenario))
    return found
