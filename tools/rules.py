"""The catalogue of rules: ``callwright rules``."""

import click

from engine.checks.catalogue import CHECKS
from engine.checks.earlier import EARLIER
from tools.console import echo_json, format_option


@click.command()
@format_option
def rules(style: str) -> None:
    """List every rule that `lint` knows: name, code, how grave it is, and what it is about."""
    rows = [(c.name, c.code, str(c.level), c.waivable, c.page.title) for c in CHECKS]
    rows += [(name, e.code, "error", e.waivable, e.page.split(". ")[0]) for name, e in EARLIER.items()]
    if style == "json":
        keys = ("name", "code", "level", "waivable", "about")
        echo_json([dict(zip(keys, row, strict=True)) for row in sorted(rows)])
        return
    for name, code, level, waivable, about in sorted(rows):
        click.echo(f"{name:28} {code:8} {level:8} {' ' if waivable else '!'} {about}")
    click.echo("! cannot be waived")
