"""Find a bundle, read it and compile it, or say why that cannot be done."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from engine.bundle import CompiledBundle
from engine.compiler import compile_bundle
from engine.runtime.prepared import prepare
from engine.source.documents import Document, Sources
from engine.source.finding import Finding
from engine.source.read import files_under, read_folder
from engine.source.shape import check_shape
from engine.source.span import Span
from engine.source.syntax import MAX_BYTES, decode, parse
from engine.source.tree import Map, Node, Text
from engine.terms import Kind
from tools.console import CouldNotRead, count, errors, show

if TYPE_CHECKING:
    from engine.nlu.encoder import Encoder

STDIN = Path("-")
MOST_SHOWN = 20
"""As many errors as a command that is not `lint` shows."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A bundle that compiles, where it stands and what it was read from."""

    folder: Path
    sources: Sources
    bundle: CompiledBundle

    @property
    def texts(self) -> Mapping[PurePosixPath, str]:
        """Return the text of each file, to show findings in."""
        return self.sources.texts


def shipped() -> Path:
    """Return the folder of the bundle that comes with the program."""
    here = Path(__file__).resolve().parent
    carried = here / "shipped"
    return carried if (carried / "flows").is_dir() else here.parent


def find(folder: Path | None) -> Path:
    """Return the folder of the bundle to use.

    Raises:
        CouldNotRead: *folder* holds no bundle.
    """
    if folder is None:
        here = Path.cwd()
        return here if (here / "flows").is_dir() else shipped()
    if not folder.is_dir():
        raise CouldNotRead(f"`{folder}` is not a folder: name the one that holds `flows` and `policies`")
    if not (folder / "flows").is_dir():
        raise CouldNotRead(f"`{folder}` holds no folder `flows`: name the folder of a bundle")
    return folder


def open_bundle(folder: Path | None, *, scenarios: bool = True) -> Opened:
    """Return the bundle in *folder*, or the default one, compiled. What is wrong with it goes to standard error.

    Its scenarios are read as well, unless that is not needed.

    Raises:
        CouldNotRead: There is none, or it does not compile.
    """
    place = find(folder)
    sources = read_folder(place, scenarios=scenarios)
    compiled = compile_bundle(sources)
    wrong = errors(compiled.findings)
    if compiled.bundle is None:
        show(wrong[:MOST_SHOWN], sources.texts)
        rest = "; `callwright lint` shows them all" if len(wrong) > MOST_SHOWN else ""
        raise CouldNotRead(f"the bundle in `{place}` has {count(len(wrong), 'error')}: mend them first{rest}")
    make_ready(compiled.bundle)
    return Opened(place, sources, compiled.bundle)


def make_ready(bundle: CompiledBundle) -> None:
    """Let *bundle* hear as CALLWRIGHT_ENCODER says, and keep what it is taught where CALLWRIGHT_CACHE says.

    Raises:
        CouldNotRead: There is no such encoder, or it is not installed.
    """
    prepare(bundle, cache(), encoder())


def encoder() -> "Encoder | None":
    """Return the encoder that CALLWRIGHT_ENCODER names, if it names one.

    Raises:
        CouldNotRead: There is none of that name, or it is not installed.
    """
    named = os.environ.get("CALLWRIGHT_ENCODER", "")
    if not named:
        return None
    from engine.nlu.encoder import NoEncoder, encoder_named

    try:
        return encoder_named(named)
    except NoEncoder as none:
        raise CouldNotRead(f"CALLWRIGHT_ENCODER: {none}") from none


def cache() -> Path:
    """Return the folder that keeps trained recognisers: CALLWRIGHT_CACHE, else the user's cache folder."""
    named = os.environ.get("CALLWRIGHT_CACHE")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "callwright"


def read_scenarios(paths: Sequence[Path], beside: Path) -> Sources:
    """Return the scenarios in *paths*, files or folders, and what keeps any from being read.

    A path that is not here is looked for in *beside*, a bundle's folder.

    Raises:
        CouldNotRead: There is nothing at one of the paths.
    """
    texts: dict[PurePosixPath, str] = {}
    documents: list[Document] = []
    findings: list[Finding] = []
    seen: set[Path | Finding] = set()
    for file in (file for path in paths for file in _yaml_files(existing(path, beside), beside)):
        once = file if isinstance(file, Finding) else file.resolve()
        if once in seen:
            continue
        seen.add(once)
        if isinstance(file, Finding):
            findings.append(file)
            continue
        text, name = _text_of(file), _shown(file)
        if isinstance(text, Finding):
            findings.append(text)
            continue
        texts[name] = text
        document, found = _scenario(text, name)
        findings += found
        documents += [document] if document else []
    return Sources(texts, tuple(documents), tuple(findings))


def read_mapping(file: Path) -> tuple[Map, Mapping[PurePosixPath, str]]:
    """Return what *file* says (`-` is standard input), YAML or JSON, and its text, to show findings in.

    Raises:
        CouldNotRead: It cannot be opened, or does not hold `name: value` lines.
    """
    text, name = _text_of(file), _shown(file)
    if isinstance(text, Finding):
        show((text,), {})
        raise CouldNotRead(f"`{name}` could not be read")
    parsed = parse(text, name)
    wrong = errors(parsed.findings)
    if wrong or not isinstance(parsed.root, Map):
        show(wrong, {name: text})
        raise CouldNotRead(f"`{name}` could not be read: it holds `name: value` lines, as `given:` with facts under it")
    return parsed.root, {name: text}


def existing(path: Path, beside: Path) -> Path:
    """Return *path* as it is found here, or in the folder *beside*.

    Raises:
        CouldNotRead: There is nothing at either place.
    """
    for place in (path, beside / path):
        if os.path.exists(place):
            return place
    raise CouldNotRead(f"there is nothing at `{path}`: name a scenario, or a folder of them")


def _yaml_files(path: Path, bundle: Path) -> Iterator[Path | Finding]:
    """Yield *path*, or the YAML files under it, and what keeps any from being read."""
    if not path.is_dir():
        yield path
        return
    within = bundle if path.resolve().is_relative_to(bundle.resolve()) else path
    for file in files_under(path, within):
        if isinstance(file, Finding):
            yield replace(file, span=file.span._replace(path=_shown(path / file.span.path)))
        else:
            yield path / file


def _shown(file: Path) -> PurePosixPath:
    """Return how *file* is named to people: from here where it lies below."""
    if file == STDIN:
        return PurePosixPath("standard input")
    here = Path.cwd()
    return PurePosixPath(file.relative_to(here) if file.is_absolute() and file.is_relative_to(here) else file)


def _text_of(file: Path) -> str | Finding:
    """Return the text of *file*, or why it cannot be had. No more is read than a document may hold."""
    name = _shown(file)
    try:
        if file == STDIN:
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with file.open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        return Finding(Span(name, 1, 1), "unreadable-file", "this file cannot be opened", reason)
    if len(data) > MAX_BYTES:
        return Finding(Span(name, 1, 1), "too-deep-or-large", "the file is larger than 1 MB", "split it")
    return decode(data, name)


def _scenario(text: str, name: PurePosixPath) -> tuple[Document | None, tuple[Finding, ...]]:
    """Return the scenario that *text* holds, wherever its file lies, and what is wrong with its shape."""
    parsed = parse(text, name)
    root = parsed.root
    if root is None or errors(parsed.findings):
        return None, parsed.findings
    if not isinstance(root, Map) or root.get(Text("kind")) != Text(Kind.SCENARIO):
        mend = "a scenario begins with `callwright: 1` and `kind: scenario`"
        return None, (*parsed.findings, Finding(Span(name, 1, 1), "wrong-kind", "this file is no scenario", mend))
    findings = (*parsed.findings, *check_shape(root, Kind.SCENARIO))
    if errors(findings):
        return None, findings
    id, version, title = (_word(root[Text(key)]) for key in ("id", "version", "title"))
    return Document(Kind.SCENARIO, id, version, title, name, root), findings


def _word(node: Node) -> Text:
    assert isinstance(node, Text)
    return node
