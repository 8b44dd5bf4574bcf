"""One look at a bundle: what is wrong with it, and what is proved of it.

What an earlier look found out is taken from there. A report is kept under a digest of all files of the bundle, what
was asked and the day; that a check found nothing, under what it reads; proofs, where all hold, under what searches
read: vocabulary, policies, flows and the names of the rest; that a scenario names nothing that is not there,
under all there is to name.
"""

import gc
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path, PurePosixPath

from engine.bundle import CompiledBundle
from engine.checks.memory import Digests, Memories, text_digest
from engine.checks.prove.limits import Budget
from engine.checks.prove.proof import Proof, Verdict
from engine.checks.prove.prover import Prover
from engine.checks.run import Report, run
from engine.compiler import compile_bundle
from engine.rehearsal.scenario import read_scenario
from engine.runtime.ear import ear_of
from engine.source.documents import Sources
from engine.source.finding import Finding
from engine.source.read import read_files, sources_of
from engine.source.strays import strays
from engine.terms import Kind
from tools.bundles import cache, encoder
from tools.kept import Kept

MOST_CHECKED, MOST_HEARD = 1_000, 50


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look at a bundle came to.

    Args:
        report: The report, nothing waived.
        texts: The files.
        digest: The bundle's digest, or '' where it does not compile.
        documents: How many documents it has.
    """

    report: Report
    texts: Mapping[PurePosixPath, str]
    digest: str
    documents: int


def look(folder: Path, as_of: date, only: tuple[str, ...] = (), skip: tuple[str, ...] = ()) -> Looked:
    """Return what is wrong with the bundle in *folder*, and what is proved of it; from what is kept where that is."""
    texts, found = read_files(folder)
    found += strays(folder)
    files = [(str(path), text_digest(text)) for path, text in texts.items()]
    hearing = os.environ.get("CALLWRIGHT_ENCODER", "")
    key = text_digest(repr(("report", files, found, as_of, only, skip)))
    checked, heard = Kept("checked", MOST_CHECKED, hearing), Kept("heard", MOST_HEARD, hearing)
    kept = checked.read(key)
    if kept is not None:
        report, digest, documents = kept
        return Looked(report, texts, digest, documents)
    with collecting_later():
        looked = _Look(checked, heard).at(sources_of(texts, found), as_of, only, skip)
    checked.write(key, (looked.report, looked.digest, looked.documents))
    checked.tidy()
    heard.tidy()
    return looked


@dataclass(frozen=True, slots=True)
class _Look:
    """A look that goes by what is kept."""

    checked: Kept
    heard: Kept

    def at(self, sources: Sources, as_of: date, only: tuple[str, ...], skip: tuple[str, ...]) -> Looked:
        compiled = compile_bundle(sources)
        bundle, found = compiled.bundle, list(compiled.findings)
        if bundle is None:
            report = run(sources, None, found, as_of, only=only, skip=skip)
            return Looked(report, sources.texts, "", len(sources.documents))
        digests = Digests(sources, bundle)
        found += self._misnamed(sources, bundle, digests)
        ear = ear_of(bundle)
        ear.keep_in(cache())
        if (beside := encoder()) is not None:
            ear.hear_with(beside)
        prove = partial(self._proved, digests)
        memories = Memories(self.checked, self.heard)
        report = run(sources, bundle, found, as_of, only=only, skip=skip, prove=prove, memories=memories)
        return Looked(report, sources.texts, bundle.digest, len(sources.documents))

    def _proved(self, digests: Digests, bundle: CompiledBundle, as_of: date, budget: Budget) -> tuple[Proof, ...]:
        """Return the proofs of *bundle*; where all held, those found before for the same rules, flows and names."""
        key = digests.clean("proofs", (Kind.FLOW,), as_of, budget)
        kept: tuple[Proof, ...] | None = self.checked.read(key)
        if kept is not None:
            return kept
        proofs = Prover(bundle, as_of, budget).prove()
        if all(proof.verdict is Verdict.PROVED for proof in proofs):
            self.checked.write(key, proofs)
        return proofs

    def _misnamed(self, sources: Sources, bundle: CompiledBundle, digests: Digests) -> list[Finding]:
        """Return what is wrong in scenarios, such as names of what is not there."""
        right = frozenset(self.checked.read(digests.linked) or ())
        found: list[Finding] = []
        good: list[str] = []
        for document in sources.of(Kind.SCENARIO):
            name = f"{document.path} {text_digest(sources.texts[document.path])}"
            wrong = () if name in right else read_scenario(document, bundle)[1]
            found += wrong
            if not wrong:
                good.append(name)
        if right != frozenset(good):
            self.checked.write(digests.linked, tuple(good))
        return found


@contextmanager
def collecting_later() -> Iterator[None]:
    """Collect no garbage meanwhile, and do not look for any in what was made: it lasts, and goes not in circles."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was:
            gc.enable()
