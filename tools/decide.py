"""Decide one dial: ``callwright decide``.

Exit status: 0 the call is allowed, 1 it is not (denied, or only a person may
place it), 2 the command was called wrongly, 3 it could not be decided.
"""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from engine.rehearsal.reading import Findings, facts
from engine.rehearsal.replay import dialled
from engine.rehearsal.situation import read_situation, read_zones
from engine.rehearsal.wording import decision_lines
from engine.runtime.codec import to_json
from engine.source.tree import Map, Node, Seq, Text
from engine.terms import Outcome, ValueType
from tools.bundles import Opened, open_bundle, read_mapping
from tools.console import FAILED, CouldNotRead, bundle_option, count, echo_json, format_option, moment, show


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--at", metavar="TIME", callback=moment, help="When the call would be placed. Default: FILE, or now.")
@click.option("--fact", "given", multiple=True, metavar="NAME=VALUE", help="One fact; a set as a,b. May be repeated.")
@click.option(
    "--zone", "zones", multiple=True, metavar="NAME", help="A time zone the callee may be in. May be repeated."
)
@bundle_option
@format_option
def decide(
    file: Path | None, at: datetime | None, given: tuple[str, ...], zones: tuple[str, ...],
    folder: Path | None, style: str,
) -> None:  # fmt: skip
    """Decide whether one call may be placed, and say every reason and when it would be allowed.

    FILE (`-` is standard input) is YAML or JSON with `given:` (facts), and, as wanted, `at:`, `history:`,
    `suppressions:`, `debts:` and `zones:`, as in a scenario. Options add to it.

    Exit status: 0 allowed, 1 not allowed, 2 wrong usage, 3 it could not be decided.
    """
    opened = open_bundle(folder, scenarios=False)
    root, texts = read_mapping(file) if file else (Map(), {})
    found = Findings()
    now = at or datetime.now(UTC)
    words = opened.bundle.vocabulary
    situation = read_situation(root, words, found, default=now)
    options = Map((name, value) for name, value in (_fact(entry, opened) for entry in given))
    situation = replace(
        situation,
        at=at or situation.at,
        facts={**situation.facts, **facts(options, words, found)},
        zones=read_zones(Seq(map(Text, zones)), found) or situation.zones,
    )
    problems = found.all()
    if problems:
        show(problems, texts)
        raise CouldNotRead(f"nothing was decided: {count(len(problems), 'thing')} could not be read")
    decision = dialled(opened.bundle, situation)
    if style == "json":
        echo_json({"bundle": opened.bundle.digest, "decision": to_json(decision)})
    else:
        click.echo("\n".join(decision_lines(decision, opened.bundle)))
    if decision.outcome is not Outcome.ALLOW:
        raise SystemExit(FAILED)


def _fact(entry: str, opened: Opened) -> tuple[Text, Node]:
    """Return the name and value that ``NAME=VALUE`` writes; a set's members are parted by commas."""
    name, equals, value = entry.partition("=")
    if not equals or not name:
        raise click.BadParameter(f"`{entry}` is no NAME=VALUE: write it as account.balance=240.00", param_hint="--fact")
    fact = opened.bundle.vocabulary.facts.get(name)
    if fact is not None and fact.type is ValueType.SET:
        return Text(name), Seq(Text(part.strip()) for part in value.split(",") if part.strip())
    return Text(name), Text(value)
