"""Compare two versions of a bundle by meaning: ``callwright diff``.

Exit status with ``--exit-code``: 0 nothing differs in meaning, 1 something does,
4 a protection or legal words differ. Always: 2 wrong usage, 3 a version could
not be read.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import click

from engine.bundle import CompiledBundle
from engine.rehearsal.scenario import Scenario, read_scenario
from engine.source.documents import Document, Sources
from engine.terms import Kind
from engine.views.diff import compare
from engine.views.diff.calls import Given
from engine.views.diff.change import Difference
from engine.views.diff.render import data, html, markdown, text
from tools.console import bundle_option, echo_json
from tools.diff_versions import Version, open_version

DIFFERS, UNSAFE = 1, 4


@click.command()
@click.argument("old")
@click.argument("new", default="", required=False)
@click.option("--format", "style", type=click.Choice(["text", "markdown", "html", "json"]), default="text",
              help="How to print. Default: text.")  # fmt: skip
@click.option("--exit-code", "coded", is_flag=True, help="End with 1 where anything differs, 4 where safety does.")
@click.option("--database", "store", metavar="URL", envvar="CALLWRIGHT_DATABASE", help="Where bundles are kept.")
@click.option("--as-of", metavar="DATE", help="The day from which on rules are compared. Default: today.")
@click.option("--scenarios/--no-scenarios", default=True, help="Replay the scenarios of both under both. Default: yes.")
@bundle_option
def diff(
    old: str, new: str, style: str, coded: bool, store: str | None, as_of: str | None, scenarios: bool,
    folder: Path | None,
) -> None:
    """Say what differs from OLD to NEW: which protections got weaker or stronger, and facts or a call that show it.

    OLD and NEW are folders, git revisions of the bundle's folder, or digests kept in the store. Without NEW, OLD is
    compared with the bundle as it is now.
    """
    before = open_version(old, folder, store)
    after = open_version(new, folder, store) if new else _present(folder)
    found = compared(before, after, _day(as_of), replays=scenarios)
    if style == "json":
        echo_json(data(found))
    else:
        click.echo({"text": text, "markdown": markdown, "html": html}[style](found), nl=False)
    if coded:
        raise SystemExit(UNSAFE if found.unsafe else 0 if found.same else DIFFERS)


def compared(before: Version, after: Version, day: date, *, replays: bool = True) -> Difference:
    """Return the difference of two versions, their scenarios replayed under both."""
    read = [_scenarios(version.sources, version.bundle) for version in (before, after)]
    stories: dict[str, tuple[Scenario | None, Scenario | None]] = {}
    if replays:
        every = {**_documents(before.sources), **_documents(after.sources)}
        for name, document in every.items():
            one, other = (read_scenario(document, version.bundle)[0] for version in (before, after))
            stories[name] = (one, other)
    told = next((s for found in (read[1], read[0]) for s in found.values() if s.lines), None)
    given = Given(told.situation.at, told.situation.facts, told.situation.zones) if told else _nobody(day)
    return compare(
        before.bundle, after.bundle, day, names=(before.name, after.name),
        texts=(before.sources.texts, after.sources.texts), given=given, stories=stories,
    )


def _present(folder: Path | None) -> Version:
    from tools.bundles import open_bundle

    opened = open_bundle(folder)
    return Version("now", opened.sources, opened.bundle)


def _documents(sources: Sources) -> Mapping[str, Document]:
    return {str(document.id): document for document in sources.of(Kind.SCENARIO)}


def _scenarios(sources: Sources, bundle: CompiledBundle) -> dict[str, Scenario]:
    found = ((name, read_scenario(document, bundle)[0]) for name, document in _documents(sources).items())
    return {name: scenario for name, scenario in found if scenario is not None}


def _nobody(day: date) -> Given:
    return Given(datetime(day.year, day.month, day.day, 18, tzinfo=UTC), {})


def _day(written: str | None) -> date:
    try:
        return date.fromisoformat(written) if written else date.today()
    except ValueError as wrong:
        raise click.BadParameter(f"`{written}` is not a date: write it as 2026-03-10", param_hint="--as-of") from wrong
