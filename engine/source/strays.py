"""Documents that lie where no bundle keeps any, so that nobody reads them.

Looked for beside ``flows``, ``policies`` and ``scenarios`` and two folders deep, and within the three under other
names than YAML files have. A folder that holds ``flows`` of its own is another bundle, and one with files of other
kinds, as of a program, is none of ours. Scenarios may lie anywhere, to be named when they are replayed, except in a
folder whose name is one of the three misspelt.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from engine.source.finding import Finding
from engine.source.span import Span
from engine.source.suggest import suggest
from engine.terms import Kind

FOLDERS = ("flows", "policies", "scenarios")
_SINGULAR = {"flow": "flows", "policy": "policies", "scenario": "scenarios"}
_DEEPEST = 2
_ENOUGH = 4_096
_YAML = (".yaml", ".yml")
_OTHER = ("", ".json", ".txt")
_OURS = (*_YAML, *_OTHER, ".md")
_OPENS = re.compile(r"""^\s*\{?\s*["']?callwright["']?\s*:""", re.MULTILINE)
_KIND = re.compile(r"""^[\s,{]*["']?kind["']?\s*:\s*["']?(\w+)|,\s*["']?kind["']?\s*:\s*["']?(\w+)""", re.MULTILINE)


def strays(root: Path) -> list[Finding]:
    """Return a finding for each document at *root* that :func:`engine.source.read.read_folder` passes by."""
    return [*_beside(root), *_within(root)]


def _beside(root: Path) -> Iterator[Finding]:
    for path in _walk(root, PurePosixPath(), _YAML, 0):
        top = path.parts[0] if len(path.parts) > 1 else ""
        meant = _SINGULAR.get(top.lower()) or suggest(top, FOLDERS)
        kind = _kind_of(root / path)
        if kind is None or (kind is Kind.SCENARIO and not meant):
            continue
        where = f"`{meant}`" if meant else "`flows` or `policies`"
        here = f"in `{top}`" if top else "beside the folders of the bundle"
        yield _stray(path, f"a document lies {here}, where it is not read", f"move it to {where}")


def _within(root: Path) -> Iterator[Finding]:
    for folder in FOLDERS:
        for path in _walk(root, PurePosixPath(folder), _OTHER, None):
            if _kind_of(root / path) is not None:
                yield _stray(path, f"a document lies in `{path.name}`, which is not read", "name the file `….yaml`")


def _stray(path: PurePosixPath, message: str, mend: str) -> Finding:
    return Finding(Span(path, 1, 1), "wrong-folder", message, help=mend)


def _walk(root: Path, folder: PurePosixPath, suffixes: tuple[str, ...], depth: int | None) -> Iterator[PurePosixPath]:
    """Yield the files under *folder* with one of *suffixes*, by name; *depth* counts folders from the root."""
    try:
        with os.scandir(root / folder) as listed:
            entries = sorted((e for e in listed if not e.name.startswith(".")), key=lambda entry: entry.name)
    except OSError:
        return  # what cannot be opened within the three is told where they are read
    if depth and any(entry.name in FOLDERS or _of_others(entry) for entry in entries):
        return
    for entry in entries:
        path = folder / entry.name
        if entry.is_dir(follow_symlinks=False):
            if depth is None:
                yield from _walk(root, path, suffixes, None)
            elif depth < _DEEPEST and (depth or entry.name not in FOLDERS):
                yield from _walk(root, path, suffixes, depth + 1)
        elif path.suffix.lower() in suffixes and _is_file(entry):
            yield path


def _of_others(entry: "os.DirEntry[str]") -> bool:
    return PurePosixPath(entry.name).suffix.lower() not in _OURS and _is_file(entry)


def _is_file(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False


def _kind_of(file: Path) -> Kind | None:
    """Return the kind that *file* opens as; None where it is no document."""
    try:
        with file.open("rb") as stream:
            text = stream.read(_ENOUGH).decode("utf-8", "replace")
    except OSError:
        return None
    kind = _KIND.search(text)
    if not _OPENS.search(text) or kind is None:
        return None
    word = kind[1] or kind[2]
    return Kind(word) if word in set(Kind) else None
