"""The slow half of the language server, in a process of its own so that typing never waits for it.

Reads the bundle's texts from standard input and writes what is wrong with them to
standard output, both pickled by the server that starts it.
"""

import os
import pickle
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from engine.checks.run import PROVING, run
from engine.compiler import compile_bundle
from engine.rehearsal.replay import replay
from engine.rehearsal.scenario import read_scenario
from engine.source.finding import Finding
from engine.source.read import read_texts
from engine.terms import Kind
from engine.views.overlays import trail_of
from engine.views.typing.help import Uses
from engine.views.typing.names import Names, names_of

NICE = 10


@dataclass(frozen=True, slots=True)
class Checked:
    """What one look at the whole bundle found; ``taken`` are the files that could be read."""

    findings: tuple[Finding, ...]
    names: Names
    taken: frozenset[PurePosixPath]
    uses: Uses | None = None


def whole(texts: Mapping[PurePosixPath, str], *, saved: bool) -> Checked:
    """Return what is wrong with a bundle; when it was saved, after every check but the proofs."""
    sources = read_texts(texts)
    compiled = compile_bundle(sources)
    names, taken = names_of(sources.documents), frozenset(document.path for document in sources.documents)
    if compiled.bundle is None or not saved:
        return Checked(compiled.findings, names, taken)
    found = list(run(sources, compiled.bundle, compiled.findings, date.today(), skip=PROVING).findings)
    stories: dict[str, list[str]] = {}
    for document in sources.of(Kind.SCENARIO):
        scenario, wrong = read_scenario(document, compiled.bundle)
        found += wrong
        if scenario is not None and scenario.lines:
            trail = trail_of(replay(compiled.bundle, scenario))
            passed = {state for turn in trail.turns for state in turn.states}
            for name in passed | {state.rpartition(".")[2] for state in passed}:
                stories.setdefault(name, []).append(trail.id)
    return Checked(tuple(found), names, taken, Uses({name: tuple(ids) for name, ids in stories.items()}))


if __name__ == "__main__":
    os.nice(NICE)
    given, was_saved = pickle.load(sys.stdin.buffer)
    pickle.dump(whole(given, saved=was_saved), sys.stdout.buffer)
