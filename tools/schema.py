"""Write JSON Schemas for editors: ``callwright schema``.

Exit status: 0 written, 2 wrong usage, 3 there is no bundle to read names from.
"""

import json
from pathlib import Path

import click

from engine.source.read import read_folder
from engine.terms import Kind
from engine.views.typing.names import Names, names_of
from engine.views.typing.schemas import every_schema, one_schema
from tools.bundles import find
from tools.console import bundle_option, echo_json


@click.command()
@click.argument("kind", required=False, type=click.Choice([kind.value for kind in Kind]))
@click.option("--generic", is_flag=True, help="For any bundle. Default: with this bundle's own names.")
@click.option("--output", "-o", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="Write one file for each kind there, and `any.json` for all. Default: print one.")  # fmt: skip
@bundle_option
def schema(kind: str | None, generic: bool, output: Path | None, folder: Path | None) -> None:
    """Write the schema of documents of KIND (or of all kinds) for the YAML plug-in of an editor.

    With a bundle's own states, intents, prompts and facts as the only names there are, the editor completes
    them and marks a misspelt one. Put this in a file's first line:

    # yaml-language-server: $schema=../../schemas/flow.json
    """
    names: Names | None = None if generic else names_of(read_folder(find(folder)).documents)
    if output is None:
        echo_json(every_schema(names)[f"{kind}.json"] if kind else one_schema(names))
        return
    output.mkdir(parents=True, exist_ok=True)
    for name, found in {**every_schema(names), "any.json": one_schema(names)}.items():
        if kind is None or name == f"{kind}.json":
            (output / name).write_text(json.dumps(found, indent=2, sort_keys=True) + "\n", "utf-8")
            click.echo(output / name)
