"""The catalogue of rules: ``callwright rules``."""

import click

from engine.checks.catalogue import CHECKS
from engine.checks.dropped import DROPPED
from engine.checks.earlier import EARLIER
from tools.console import echo_json, format_option


@click.command()
@format_option
def rules(style: str) -> None:
    """List every rule that `lint` knows: name, code, how grave it is, and what it is about; then what it leaves out."""
    rows = [(c.name, c.code, str(c.level), c.waivable, c.page.title) for c in CHECKS]
    rows += [(name, e.code, str(e.level), False, e.page.partition(". ")[0].rstrip(".")) for name, e in EARLIER.items()]
    if style == "json":
        keys = ("name", "code", "level", "waivable", "about")
        listed = [dict(zip(keys, row, strict=True)) for row in sorted(rows)]
        echo_json({"rules": listed, "left_out": [{"name": name, "because": why} for name, why in DROPPED.items()]})
        return
    for name, code, level, waivable, about in sorted(rows):
        click.echo(f"{name:33} {code:7} {level:8} {' ' if waivable else '!'} {about.rstrip('.')}")
    click.echo("! cannot be waived\n\nNot rules of their own, and why:")
    for name, why in sorted(DROPPED.items()):
        click.echo(f"{name:33} {why}")
