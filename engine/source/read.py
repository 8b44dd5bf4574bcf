"""A bundle's folder to documents. The only reading of files in the core.

Nothing here raises on what an author did: a file that cannot be read, is in the
wrong folder or says twice who it is becomes a finding.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath

from engine.source.documents import Document, Sources
from engine.source.finding import Finding, Level, Note
from engine.source.shape import check_shape
from engine.source.span import Span
from engine.source.suggest import suggest
from engine.source.syntax import MAX_BYTES, decode, parse, shorten
from engine.source.tree import Map, Text
from engine.terms import Kind

FOLDERS = {
    Kind.VOCABULARY: ("policies",),
    Kind.POLICY: ("policies",),
    Kind.PROMPTS: ("policies", "flows"),
    Kind.FLOW: ("flows",),
    Kind.INTENTS: ("flows",),
    Kind.SCENARIO: ("scenarios",),
}
_SUFFIXES = (".yaml", ".yml")


def read_folder(root: Path, *, scenarios: bool = True) -> Sources:
    """Return the documents of the bundle at *root*, and everything wrong with its files.

    Reads ``flows``, ``policies`` and, unless told not to, ``scenarios``, in order of
    path. Folders and files whose names begin with a dot are left out. A link is
    followed if it stays within the bundle; each folder is read once.
    """
    return sources_of(*read_files(root, scenarios=scenarios))


def read_files(root: Path, *, scenarios: bool = True) -> tuple[dict[PurePosixPath, str], list[Finding]]:
    """Return the files that :func:`read_folder` reads, and what keeps others from being read."""
    folders = ("flows", "policies", "scenarios") if scenarios else ("flows", "policies")
    texts: dict[PurePosixPath, str] = {}
    findings: list[Finding] = []
    for folder in folders:
        for found in _top(root, PurePosixPath(folder)):
            if isinstance(found, Finding):
                findings.append(found)
                continue
            text = _read(root / found, found)
            if isinstance(text, Finding):
                findings.append(text)
            else:
                texts[found] = text
    if not texts and not findings:
        findings.append(
            Finding(
                Span(PurePosixPath("."), 1, 1),
                "no-documents",
                "there is no document here",
                help="a bundle holds its documents, as `.yaml` files, in `flows` and `policies`",
            )
        )
    return texts, findings


def files_under(folder: Path, within: Path) -> Iterator[PurePosixPath | Finding]:
    """Yield the YAML files under *folder*, relative to it, in order of path, and what keeps any from being read.

    Folders and files whose names begin with a dot are left out; links are followed if they stay *within* a folder.
    """
    yield from _files(folder, within.resolve(), PurePosixPath(), set())


def read_texts(texts: Mapping[PurePosixPath, str]) -> Sources:
    """Return the documents of a bundle held in memory, by their paths relative to its root."""
    return sources_of(dict(sorted(texts.items())), [])


def sources_of(texts: Mapping[PurePosixPath, str], read: Iterable[Finding]) -> Sources:
    """Return the documents that *texts* are; *read* is what kept other files from being read."""
    findings = [*read]
    documents: dict[tuple[Kind, str], Document] = {}
    for path, text in texts.items():
        document, found = read_document(text, path)
        findings += found
        if document is None:
            continue
        first = documents.setdefault((document.kind, str(document.id)), document)
        if first is not document:
            findings.append(
                Finding(
                    document.id.span,
                    "duplicate-document",
                    f"another document of kind `{document.kind}` is called `{document.id}` too",
                    help="give one of them another `id`",
                    notes=(Note(first.id.span, "it is first called so here"),),
                )
            )
    return Sources(texts, tuple(documents.values()), tuple(sorted(findings, key=lambda f: (f.span, f.rule))))


@lru_cache(maxsize=1024)
def read_document(text: str, path: PurePosixPath) -> tuple[Document | None, tuple[Finding, ...]]:
    """Return the document that *text* is, or None if anything is wrong with its shape, and the findings."""
    parsed = parse(text, path)
    if parsed.root is None:
        return None, parsed.findings
    root, kind = parsed.root, None
    if not isinstance(root, Map):
        found: tuple[Finding, ...] = (
            Finding(
                root.span,
                "wrong-kind",
                "a document is made of settings (`name: value`), and this is none",
                help="begin it with `callwright: 1` and `kind:`",
            ),
        )
    else:
        kind, found = _kind(root, path)
    if isinstance(root, Map) and kind is not None:
        found = (*found, *check_shape(root, kind))
    findings = (*parsed.findings, *found)
    if kind is None or not isinstance(root, Map) or any(f.level is Level.ERROR for f in findings):
        return None, findings
    by_name = {str(key): value for key, value in root.items()}
    name, version, title = (_text(by_name[setting]) for setting in ("id", "version", "title"))
    return Document(kind, name, version, title, path, root), findings


def _text(node: object) -> Text:
    assert isinstance(node, Text)
    return node


def _kind(root: Map, path: PurePosixPath) -> tuple[Kind | None, tuple[Finding, ...]]:
    """Return the kind that a document says it is, and whether it may be that where it is."""
    value = next((value for key, value in root.items() if key == "kind"), None)
    names = [kind.value for kind in Kind]
    if value is None:
        span = next(iter(root)).span if root else root.span
        mend = f"add `kind:`, one of {_words(names)}"
        return None, (Finding(span, "missing-setting", "`kind` is missing", help=mend),)
    if not isinstance(value, Text) or value not in names:
        word = shorten(value) if isinstance(value, Text) else ""
        meant = suggest(word, names)
        message = f"`{word}` is not a kind of document" if word else "`kind` should be one word"
        mend = f"did you mean `{meant}`?" if meant else f"write {_words(names)}"
        return None, (Finding(value.span, "wrong-kind", message, help=mend),)
    kind = Kind(value)
    folder = path.parts[0] if len(path.parts) > 1 else ""
    if folder in FOLDERS[kind]:
        return kind, ()
    where = " or ".join(f"`{name}`" for name in FOLDERS[kind])
    here = f"`{folder}`" if folder else "the bundle's own folder"
    message = f"a document of kind `{kind}` does not belong in {here}"
    return kind, (Finding(value.span, "wrong-folder", message, help=f"move it to {where}"),)


def _words(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names[:-1]) + f" or `{names[-1]}`"


def _top(root: Path, folder: PurePosixPath) -> Iterator[PurePosixPath | Finding]:
    """Yield the YAML files under *folder*, one of a bundle's three, and what keeps one from being read."""
    place = root / folder
    try:
        there, is_folder = place.is_symlink() or place.exists(), place.is_dir()
    except (OSError, RuntimeError):
        there, is_folder = True, False
    if is_folder:
        yield from _entry(root, root.resolve(), folder, place, set())
    elif there:
        yield _unreadable(folder, "this is no folder", "put a folder in its place, or delete it")


def _files(root: Path, real_root: Path, folder: PurePosixPath, seen: set[Path]) -> Iterator[PurePosixPath | Finding]:
    """Yield the YAML files under *folder* in order of name, and what keeps one from being read."""
    try:
        real = (root / folder).resolve()
        if real in seen:
            return
        seen.add(real)
        with os.scandir(real) as listed:
            entries = sorted(listed, key=lambda entry: entry.name)
    except (OSError, RuntimeError):
        yield _unreadable(folder, "this folder cannot be opened", "look at its permissions")
        return
    for entry in entries:
        if not entry.name.startswith("."):
            yield from _entry(root, real_root, folder / entry.name, entry, seen)


def _entry(
    root: Path, real_root: Path, path: PurePosixPath, entry: "os.DirEntry[str] | Path", seen: set[Path]
) -> Iterator[PurePosixPath | Finding]:
    """Yield *path* if it is a YAML file, those under it if it is a folder, and what keeps one from being read."""
    name = path.name
    yaml = name.lower().endswith(_SUFFIXES)
    try:
        is_link, is_folder, is_file = entry.is_symlink(), entry.is_dir(), entry.is_file()
        within = not is_link or (root / path).resolve().is_relative_to(real_root)
    except (OSError, RuntimeError):
        is_link, is_folder, is_file, within = True, False, False, True
    nowhere = is_link and not is_folder and not is_file
    if not (is_folder or yaml or (nowhere and not path.suffix)):
        return
    if not name.isprintable() or "\ufffd" in name:
        yield _unreadable(path.parent, "a file here has a name that is not plain text", "rename it")
    elif nowhere:
        yield _unreadable(path, "this is a link that leads nowhere", "put what it ought to lead to here, or delete it")
    elif not within:
        yield _unreadable(path, "this is a link that leads out of the bundle", "put what it leads to here")
    elif is_folder and yaml:
        yield _unreadable(path, "this is a folder with the name of a file", "rename it, or put a file in its place")
    elif is_folder:
        yield from _files(root, real_root, path, seen)
    elif is_file:
        yield path
    else:
        yield _unreadable(path, "this is no file", "put a file in its place")


def _read(file: Path, path: PurePosixPath) -> str | Finding:
    """Return the text of *file*, or why it cannot be had."""
    try:
        with file.open("rb") as stream:
            large = os.fstat(stream.fileno()).st_size > MAX_BYTES
            data = b"" if large else stream.read()
    except OSError as error:
        return _unreadable(path, "this file cannot be opened", (error.strerror or "look at its permissions").lower())
    if large or len(data) > MAX_BYTES:
        return Finding(Span(path, 1, 1), "too-deep-or-large", "the file is larger than 1 MB", help="split it")
    return decode(data, path)


def _unreadable(path: PurePosixPath, message: str, mend: str) -> Finding:
    return Finding(Span(path, 1, 1), "unreadable-file", message, help=mend)
