"""Check a bundle: ``callwright lint``.

Exit status: 0 no errors, 1 errors, 2 the command was called wrongly, 3 there
is no bundle to check.
"""

from pathlib import Path

import click

from engine.compiler import compile_bundle
from engine.rehearsal.scenario import read_scenario
from engine.source.documents import Sources
from engine.source.finding import Finding
from engine.source.read import read_folder
from engine.source.render import render, to_json
from engine.terms import Kind
from tools.bundles import find
from tools.console import FAILED, bundle_option, count, echo_json, errors, format_option


@click.command()
@click.argument("place", required=False, metavar="[DIR]", type=click.Path(path_type=Path))
@bundle_option
@format_option
def lint(place: Path | None, folder: Path | None, style: str) -> None:
    """Report everything that is wrong with the bundle in DIR, each at its line, with the mend.

    Exit status: 0 no errors, 1 errors, 2 wrong usage, 3 there is no bundle to check.
    """
    if place is not None and folder is not None:
        raise click.UsageError("name the bundle once: as DIR, or with --bundle")
    sources = read_folder(find(place or folder))
    findings = check(sources)
    wrong = len(errors(findings))
    if style == "json":
        echo_json([to_json(finding) for finding in findings])
    else:
        for finding in findings:
            click.echo(render(finding, sources.texts) + "\n")
        rest = len(findings) - wrong
        more = f", {count(rest, 'warning')}" if rest else ""
        click.echo(f"{count(len(sources.documents), 'document')}, {count(wrong, 'error')}{more}")
    if wrong:
        raise SystemExit(FAILED)


def check(sources: Sources) -> tuple[Finding, ...]:
    """Return every finding of *sources*: shape, links, types, and what its scenarios name."""
    compiled = compile_bundle(sources)
    findings = list(compiled.findings)
    if compiled.bundle is not None:
        for document in sources.of(Kind.SCENARIO):
            findings += read_scenario(document, compiled.bundle)[1]
    return tuple(sorted(set(findings), key=lambda f: (f.span, f.rule, f.message)))
