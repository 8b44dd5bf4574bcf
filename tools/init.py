"""Make a small bundle to start from: ``callwright init DIR``.

Exit status: 0 it was made, 2 wrong usage, or there is something in DIR already.
"""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import click

PLACES: Mapping[str, str] = {
    "vocabulary.yaml": "policies/vocabulary.yaml",
    "policy.yaml": "policies/us/calls.yaml",
    "law_prompts.yaml": "policies/us/prompts.en-US.yaml",
    "flow.yaml": "flows/reminder/flow.yaml",
    "prompts.yaml": "flows/reminder/prompts.en-US.yaml",
    "intents.yaml": "flows/intents.en-US.yaml",
    "right_person.yaml": "scenarios/right_person.yaml",
    "stop.yaml": "scenarios/stop.yaml",
    "hours.yaml": "scenarios/hours.yaml",
}
"""Where each file of the starter goes."""

NEXT = """Now:
  cd {folder}
  callwright lint                 what is wrong with it, and what is proved
  callwright replay scenarios     the calls it is held to
  callwright chat                 be the callee
  callwright graph -o flow.html   look at it"""


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Make a small bundle in DIR, with comments that explain it: a call that tells a balance to the right person."""
    taken = [place for place in PLACES.values() if (folder / place).exists()]
    if taken or (folder.exists() and not folder.is_dir()):
        raise click.UsageError(f"`{folder / taken[0] if taken else folder}` is there already: name another folder")
    for name, place in PLACES.items():
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(files("tools.starter").joinpath(name).read_bytes())
    click.echo(f"made {len(PLACES)} files in {folder}\n\n{NEXT.format(folder=folder)}")
