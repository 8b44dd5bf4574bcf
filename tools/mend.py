"""Safe fixes, made in the files of a bundle."""

from pathlib import Path, PurePosixPath

import click

from engine.checks.fixes import each_safely, mended
from engine.compiler import compile_bundle
from engine.rehearsal.scenario import read_scenario
from engine.source.documents import Sources
from engine.source.finding import Finding
from engine.source.read import read_folder
from engine.terms import Kind
from tools.console import CouldNotRead
from tools.wanted import Wanted

MOST_ROUNDS = 8


def mend(wanted: Wanted) -> None:
    """Make safe edits until none is left; what is mended may let more be found.

    Raises:
        CouldNotRead: A file cannot be written.
    """
    for _ in range(MOST_ROUNDS):
        sources = read_folder(wanted.folder)
        found = [finding for finding in check(sources) if wanted.looks_for(finding.rule)]
        edits = [edit for offered in each_safely(found, sources.texts) for edit in offered]
        changed = {
            path: mended(sources.texts[path], path, [edit for edit in edits if edit.span.path == path])
            for path in sorted({edit.span.path for edit in edits})
        }
        changed = {path: text for path, text in changed.items() if text != sources.texts[path]}
        if not changed:
            return
        for path, text in changed.items():
            _write(wanted.folder, path, text)
            click.echo(f"mended {path}", err=True)


def check(sources: Sources) -> tuple[Finding, ...]:
    """Return every finding of *sources*: shape, links, types, and what its scenarios name."""
    compiled = compile_bundle(sources)
    findings = list(compiled.findings)
    if compiled.bundle is not None:
        for document in sources.of(Kind.SCENARIO):
            findings += read_scenario(document, compiled.bundle)[1]
    return tuple(sorted(set(findings), key=lambda f: (f.span, f.rule, f.message)))


def _write(folder: Path, path: PurePosixPath, text: str) -> None:
    try:
        (folder / path).write_bytes(text.encode("utf-8"))
    except OSError as error:
        raise CouldNotRead(f"`{path}` cannot be mended: {(error.strerror or str(error)).lower()}") from error
