"""What lint found out before, kept by everything it depends on.

A report is kept under a digest of all files of the bundle, what was asked, the day, the engine's own source and
the libraries it stands on; proofs alone, where all hold, under what searches read: vocabulary, policies, flows and
what each prompt gives away. Anything else means that it is found out anew, and so does an entry that is damaged.
"""

import gc
import hashlib
import io
import os
import pickle
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from functools import cache as once
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePosixPath
from typing import Any

from engine.bundle import CompiledBundle
from engine.checks.prove.limits import Budget
from engine.checks.prove.proof import Proof, Verdict
from engine.checks.prove.prover import Prover
from engine.checks.run import Report, run
from engine.compiler import compile_bundle
from engine.rehearsal.scenario import read_scenario
from engine.source.canonical import document_digest
from engine.source.documents import Sources
from engine.source.read import read_files, sources_of
from engine.terms import Kind
from tools.bundles import cache, make_ready

MOST_KEPT = 200
LIBRARIES = (
    "durable-rules", "google-re2", "holidays", "jinja2", "jsonschema", "numpy", "pyyaml", "transitions", "tzdata",
    "z3-solver", "zipcodes",
)  # fmt: skip
_SEARCHED = (Kind.VOCABULARY, Kind.POLICY, Kind.FLOW)
_SAFE = ("engine.checks.", "engine.source.", "engine.terms")


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
    files = [(str(path), text) for path, text in texts.items()]
    encoder = os.environ.get("CALLWRIGHT_ENCODER", "")
    key = _digest("report", files, [repr(f) for f in found], as_of.isoformat(), only, skip, encoder)
    kept = read(key)
    if kept is not None:
        report, digest, documents = kept
        return Looked(report, texts, digest, documents)
    with collecting_later():
        looked = _look(sources_of(texts, found), as_of, only, skip)
    write(key, (looked.report, looked.digest, looked.documents))
    return looked


def _look(sources: Sources, as_of: date, only: tuple[str, ...], skip: tuple[str, ...]) -> Looked:
    compiled = compile_bundle(sources)
    found = list(compiled.findings)
    if compiled.bundle is not None:
        for document in sources.of(Kind.SCENARIO):
            found += read_scenario(document, compiled.bundle)[1]
        make_ready(compiled.bundle)

    def prove(bundle: CompiledBundle, day: date, budget: Budget) -> tuple[Proof, ...]:
        return proved(sources, bundle, day, budget)

    report = run(sources, compiled.bundle, found, as_of, only=only, skip=skip, prove=prove)
    digest = compiled.bundle.digest if compiled.bundle else ""
    return Looked(report, sources.texts, digest, len(sources.documents))


def proved(sources: Sources, bundle: CompiledBundle, as_of: date, budget: Budget) -> tuple[Proof, ...]:
    """Return the proofs of *bundle*; where all held, those found before for the same flows, rules and words."""
    searched = sorted((d.kind.value, str(d.path), document_digest(d)) for kind in _SEARCHED for d in sources.of(kind))
    gives = sorted((p.id, sorted(p.discloses)) for p in bundle.prompts.values())
    key = _digest("proofs", searched, gives, bundle.locales, as_of.isoformat(), repr(budget))
    kept = read(key)
    if kept is not None:
        held: tuple[Proof, ...] = kept
        return held
    proofs = Prover(bundle, as_of, budget).prove()
    if all(proof.verdict is Verdict.PROVED for proof in proofs):
        write(key, proofs)
    return proofs


def read(key: str) -> Any:
    """Return what is kept under *key*; None where nothing is, or where it is damaged."""
    try:
        data = _file(key).read_bytes()
    except OSError:
        return None
    checksum, payload = data[:32], data[32:]
    if hashlib.sha256(key.encode() + payload).digest() != checksum:
        return None
    try:
        return _Unpickler(io.BytesIO(payload)).load()
    except (pickle.UnpicklingError, AttributeError, EOFError, ImportError, IndexError, TypeError, ValueError):
        return None


def write(key: str, value: object) -> None:
    """Keep *value* under *key*; where that cannot be done, it is found out anew the next time."""
    payload = pickle.dumps(value, protocol=5)
    file = _file(key)
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(hashlib.sha256(key.encode() + payload).digest() + payload)
        os.replace(name, file)
        _drop_old(file.parent)


@contextmanager
def collecting_later() -> Iterator[None]:
    """Collect no garbage meanwhile: a search makes much that lasts and nothing that goes round in circles."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class _Unpickler(pickle.Unpickler):
    """Makes values of findings and proofs, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if module.startswith(_SAFE) or (module, name) in (("pathlib", "PurePosixPath"), ("datetime", "date")):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is not kept here")


def _file(key: str) -> Path:
    return cache() / "checked" / key


def _drop_old(folder: Path) -> None:
    files = sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime_ns)
    for file in files[:-MOST_KEPT]:
        file.unlink(missing_ok=True)


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr((engine(), parts)).encode("utf-8", "surrogatepass")).hexdigest()


@once
def engine() -> str:
    """Return the digest of the engine's own source and data, of the libraries, and of the interpreter."""
    root = Path(__file__).resolve().parents[1]
    found = hashlib.sha256(sys.version.encode())
    for library in LIBRARIES:
        found.update(f"{library} {_version(library)}\n".encode())
    for file in _sources(root / "engine"):
        data = file.read_bytes()
        found.update(f"{file.relative_to(root)} {len(data)}\n".encode())
        found.update(data)
    found.update(Path(__file__).read_bytes())
    return found.hexdigest()


def _sources(folder: Path) -> Iterable[Path]:
    return sorted(f for f in folder.rglob("*") if f.is_file() and "__pycache__" not in f.parts)


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
