"""Lay documents out the one way: ``callwright format``.

Exit status: 0 done, 1 with ``--check`` where a file would change, 2 wrong usage,
3 a file could not be read.
"""

import difflib
from pathlib import Path, PurePosixPath

import click

from engine.source.read import read_folder
from engine.source.syntax import parse
from engine.views.layout import Unlike, lay_out
from tools.bundles import find
from tools.console import FAILED, UNREADABLE, bundle_option, count, errors, show


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("--check", is_flag=True, help="Change nothing; end with 1 where something would.")
@click.option("--diff", "differing", is_flag=True, help="Change nothing; show what would.")
@bundle_option
def format(files: tuple[Path, ...], check: bool, differing: bool, folder: Path | None) -> None:
    """Lay out FILES, or every document of the bundle, and change nothing that they say: comments stay.

    A file that cannot be read is left alone and reported.
    """
    broken, changed = 0, 0
    for file in _wanted(files, folder):
        name = PurePosixPath(file.as_posix())
        text = file.read_bytes().decode("utf-8", "replace")
        parsed = parse(text, name)
        wrong = errors(parsed.findings)
        if wrong:
            broken += 1
            show(wrong, {name: text})
            continue
        try:
            laid = lay_out(text, name)
        except Unlike as unlike:
            broken += 1
            click.echo(str(unlike), err=True)
            continue
        if laid == text:
            continue
        changed += 1
        if differing:
            lines = difflib.unified_diff(text.splitlines(True), laid.splitlines(True), str(file), str(file))
            click.echo("".join(lines), nl=False)
        elif not check:
            file.write_bytes(laid.encode("utf-8"))
        click.echo(f"{'would lay out' if check or differing else 'laid out'} {file}", err=differing)
    click.echo(f"{count(changed, 'file')} {'would change' if check or differing else 'changed'}", err=differing)
    if broken:
        raise SystemExit(UNREADABLE)
    if changed and check:
        raise SystemExit(FAILED)


def _wanted(files: tuple[Path, ...], folder: Path | None) -> list[Path]:
    if not files:
        place = find(folder)
        return [place / path for path in sorted(read_folder(place).texts)]
    found: list[Path] = []
    for file in files:
        found += sorted(f for f in file.rglob("*") if f.suffix in (".yaml", ".yml")) if file.is_dir() else [file]
    return found
