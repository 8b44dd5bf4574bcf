"""Findings on one file while it is typed: fast, since what did not change is not judged again."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from engine.source.canonical import canonical
from engine.source.finding import Finding
from engine.source.read import FOLDERS, read_document
from engine.source.schema import branch, packaged, setting
from engine.source.shape import check_shape
from engine.source.suggest import suggest
from engine.source.syntax import parse
from engine.source.tree import Map, Node, Seq, Text
from engine.terms import Kind
from engine.views.typing.names import WHERE, Names
from engine.views.typing.schemas import BUILT_IN, DECLARES, SORTS, SUBJECTS

_REMEMBERED = 20_000
_DEFERRED = {"say": "prompt"}


class Quick:
    """Judges files as they are typed. Entries known to be right are remembered, and left out of the next judging."""

    def __init__(self) -> None:
        self._right: set[tuple[Kind, str, int]] = set()

    def findings(self, text: str, path: PurePosixPath, names: Names) -> tuple[Finding, ...]:
        """Return what is wrong with the shape of one file, and each name in it that *names* do not hold."""
        parsed = parse(text, path)
        root = parsed.root
        kind = _kind(root)
        folder = path.parts[0] if len(path.parts) > 1 else ""
        if not isinstance(root, Map) or kind is None or folder not in FOLDERS[kind]:
            return read_document(text, path)[1]
        new, trimmed = self._trimmed(root, kind)
        found = check_shape(trimmed, kind)
        wrong = {finding.span.line for finding in found}
        self._remember(kind, [entry for entry in new if not _holds(entry[1], wrong)])
        unknown = () if found else tuple(unknown_names(root, kind, names))
        return (*parsed.findings, *found, *unknown)

    def _trimmed(self, root: Map, kind: Kind) -> tuple[list[tuple[str, Node, int]], Map]:
        """Return the entries not yet known to be right, and *root* without the others."""
        new: list[tuple[str, Node, int]] = []
        kept: list[tuple[Text, Node]] = []
        for key, value in root.items():
            if str(key) not in WHERE.get(kind, {}) or not isinstance(value, Map):
                kept.append((key, value))
                continue
            entries: list[tuple[Text, Node]] = []
            for name, entry in value.items():
                mark = hash((str(name), canonical(entry), _styles(entry)))
                if (kind, str(key), mark) not in self._right:
                    entries.append((name, entry))
                    new.append((str(key), entry, mark))
            if not entries and value:
                entries.append(next(iter(value.items())))
            kept.append((key, Map(entries, value.span)))
        return new, Map(kept, root.span)

    def _remember(self, kind: Kind, entries: list[tuple[str, Node, int]]) -> None:
        if len(self._right) > _REMEMBERED:
            self._right.clear()
        self._right |= {(kind, section, mark) for section, _, mark in entries}


def unknown_names(root: Map, kind: Kind, names: Names) -> Iterator[Finding]:
    """Yield a finding for each name in *root* that is declared nowhere, with the name that was meant."""
    schema = packaged(kind)
    own = declared_here(root, kind)
    for text, definition in named_places(root, schema, schema):
        sorts = SORTS.get(definition, ())
        if not sorts or definition in DECLARES.get(kind, ()) or (definition == "state" and kind is not Kind.FLOW):
            continue
        known = {name for sort in sorts for name in own.get(sort, ())}
        if definition != "state":
            known |= {name for sort in sorts for name in names.of(sort)}
        if not known or text in known or (definition in ("fact", "rule") and _built_in(str(text), definition)):
            continue
        meant = suggest(str(text), sorted(known))
        mend = f"did you mean `{meant}`?" if meant else f"declare it, or write one of the {definition}s there are"
        yield Finding(text.span, f"unknown-{definition}", f"there is no {definition} `{text}`", mend)


def declared_here(root: Map, kind: Kind) -> dict[str, set[str]]:
    """Return the names that one document itself declares, by sort."""
    found: dict[str, set[str]] = {}
    for section, sort in WHERE.get(kind, {}).items():
        body = root.get(Text(section))
        if isinstance(body, Map):
            found[sort] = {str(key) for key in body}
    return found


def named_places(node: Node, schema: object, whole: dict[str, object]) -> Iterator[tuple[Text, str]]:
    """Yield each text of *node* in whose place a name of some sort is wanted, and the sort's definition."""
    definition = _definition(schema, node)
    part = branch(schema, node, whole)
    if isinstance(node, Text):
        if definition:
            yield node, definition
        return
    if isinstance(node, Seq):
        for item in node:
            yield from named_places(item, part.get("items", {}), whole)
        return
    keys = part.get("propertyNames", {})
    for key, value in node.items():
        wanted = _definition(keys, key)
        if wanted and str(key) not in part.get("properties", {}):
            yield key, wanted
        yield from named_places(value, setting(part, str(key)), whole)


def _definition(schema: object, node: Node) -> str:
    """Return the definition that *schema* refers to for a text, looked for through its choices."""
    if not isinstance(schema, dict):
        return ""
    reference = schema.get("$ref", "")
    if isinstance(reference, str) and reference:
        name = reference.removeprefix("#/$defs/")
        if name in SORTS or not isinstance(node, Text):
            return name if name in SORTS else ""
        return _DEFERRED.get(name, "")
    for choice in schema.get("oneOf", ()):
        found = _definition(choice, node)
        if found:
            return found
    return ""


def _built_in(name: str, definition: str) -> bool:
    return definition == "rule" or name.startswith(BUILT_IN) or name in SUBJECTS


def _kind(root: Node | None) -> Kind | None:
    value = root.get(Text("kind")) if isinstance(root, Map) else None
    return Kind(str(value)) if isinstance(value, Text) and str(value) in {kind.value for kind in Kind} else None


def _styles(node: Node) -> tuple[bool, ...]:
    """Return which texts are written plain: quotes decide what may be a number."""
    if isinstance(node, Text):
        return (node.plain,)
    parts = node.values() if isinstance(node, Map) else node
    return tuple(style for part in parts for style in _styles(part))


def _holds(node: Node, lines: set[int]) -> bool:
    """Return whether any text of *node* stands on one of *lines*."""
    if isinstance(node, Text):
        return node.span.line in lines
    if node.span.line in lines:
        return True
    if isinstance(node, Map):
        return any(key.span.line in lines or _holds(value, lines) for key, value in node.items())
    return any(_holds(item, lines) for item in node)

