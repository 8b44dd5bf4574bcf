"""The manual page of a rule: ``callwright explain RULE``."""

import click

from engine.checks.catalogue import CHECKS
from engine.checks.dropped import DROPPED
from engine.checks.earlier import EARLIER
from engine.checks.pages import page_of
from engine.source.suggest import suggest


@click.command()
@click.argument("rule")
def explain(rule: str) -> None:
    """Print what RULE (its name or code) means, why, and a bad and a good example."""
    for check in CHECKS:
        if rule in (check.name, check.code):
            click.echo(f"{check.name} ({check.code}, {check.level}{'' if check.waivable else ', cannot be waived'})\n")
            click.echo(check.page.text)
            return
    for name, earlier in EARLIER.items():
        if rule in (name, earlier.code):
            click.echo(f"{name} ({earlier.code}, {earlier.level}, cannot be waived)\n\n{page_of(name)}")
            return
    for names, why in DROPPED.items():
        if rule in names.split(", "):
            click.echo(f"{rule} is not checked: {why}")
            return
    codes = [earlier.code for earlier in EARLIER.values()]
    near = suggest(rule, [name for check in CHECKS for name in (check.name, check.code)] + [*EARLIER, *codes])
    raise click.UsageError(
        f"there is no rule `{rule}`" + (f": did you mean `{near}`?" if near else ": `callwright rules` lists them")
    )
