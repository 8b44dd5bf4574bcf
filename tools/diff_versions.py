"""A version of a bundle by what it is called: a folder, a git revision, or a digest kept in a store."""

import io
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from engine.bundle import CompiledBundle
from engine.compiler import compile_bundle
from engine.source.documents import Sources
from engine.source.read import read_folder, read_texts
from tools.bundles import find
from tools.console import CouldNotRead, count, errors, show

_FOLDERS = ("flows", "policies", "scenarios")


@dataclass(frozen=True, slots=True)
class Version:
    """A bundle that compiles, what it was called, and what it was read from."""

    name: str
    sources: Sources
    bundle: CompiledBundle


def open_version(name: str, folder: Path | None = None, store: str | None = None) -> Version:
    """Return the version called *name*: a folder, a git revision of the bundle's folder, or a digest in the store.

    Args:
        name: What it is called.
        folder: The bundle whose git revisions are meant; by default the one in use.
        store: The address of the store, for digests.

    Raises:
        CouldNotRead: There is none of that name, or it does not compile.
    """
    sources = _sources(name, folder, store)
    compiled = compile_bundle(sources)
    if compiled.bundle is None:
        wrong = errors(compiled.findings)
        show(wrong, sources.texts)
        raise CouldNotRead(f"the bundle `{name}` has {count(len(wrong), 'error')}: mend them first")
    return Version(name, sources, compiled.bundle)


def _sources(name: str, folder: Path | None, store: str | None) -> Sources:
    here = Path(name)
    if here.is_dir():
        return read_folder(find(here))
    texts = _revision(name, find(folder))
    if texts is None and store is not None:
        texts = _kept(name, store)
    if texts is None:
        raise CouldNotRead(f"`{name}` is no folder and no git revision: name one; a whole digest needs --database")
    return read_texts(texts)


def _revision(name: str, folder: Path) -> dict[PurePosixPath, str] | None:
    """Return the texts of the bundle in *folder* as they were in a git revision, or None."""
    if name.startswith("-"):
        return None
    named = subprocess.run(
        ["git", "-C", str(folder), "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"],
        capture_output=True, text=True,
    )
    if named.returncode != 0:
        return None
    prefix = subprocess.run(
        ["git", "-C", str(folder), "rev-parse", "--show-prefix"], capture_output=True, text=True, check=True
    ).stdout.strip()
    tree = f"{named.stdout.strip()}:{prefix}".rstrip("/")
    done = subprocess.run(["git", "-C", str(folder), "archive", "--format=tar", tree], capture_output=True)
    if done.returncode != 0:
        raise CouldNotRead(f"`{name}` holds no bundle in `{prefix or '.'}`")
    texts: dict[PurePosixPath, str] = {}
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        for member in archive.getmembers():
            path = PurePosixPath(member.name)
            if member.isfile() and path.suffix in (".yaml", ".yml") and path.parts[0] in _FOLDERS:
                file = archive.extractfile(member)
                texts[path] = file.read().decode("utf-8", "replace") if file else ""
    return texts


def _kept(name: str, url: str) -> dict[PurePosixPath, str] | None:
    """Return the texts that a store keeps for the digest *name*, or None."""
    from engine.records.errors import UnknownBundle
    from tools.stores import opened

    with opened(url) as store:
        try:
            return dict(store.bundles.texts(name))
        except UnknownBundle:
            return None
