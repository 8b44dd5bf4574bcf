"""YAML text to a located tree, in one pass over the event stream.

PyYAML's composer overflows the C stack on deep nesting; its event stream does
not. Values, spans, duplicate keys and limits all come from the events, without
recursion, and nothing is resolved: ``no``, ``21:00`` and ``01234`` stay what
they say. A file is never an exception, only a tree and findings.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, NoReturn

import yaml

from engine.source import slips
from engine.source.characters import HIDDEN, hidden_characters, name_of
from engine.source.finding import Finding, Note
from engine.source.layout import layout_of
from engine.source.slips import Place, Quoted
from engine.source.span import Span
from engine.source.tree import Map, Node, Seq, Text

MAX_DEPTH = 40
MAX_NODES = 200_000
MAX_BYTES = 1_000_000
MAX_FINDINGS = 200

_CUT = re.compile(r"[ \t]+(#[^\r\n]*)")
_WORD_OF_PROSE = re.compile(r"[^\W\d_][^\W\d_A-Z]+[.,!?]?\Z")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a file says. ``root`` is None where too little could be read to go on."""

    root: Node | None
    findings: tuple[Finding, ...]


def parse(text: str, path: PurePosixPath, loader: Any = _LOADER) -> Parsed:
    """Return the located tree of *text* and every slip in it.

    Args:
        text: The whole file.
        path: Its name, for the spans.
        loader: PyYAML's scanner: libyaml's where it is there, else the one in Python.
    """
    start = Span(path, 1, 1)
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "replace")) > MAX_BYTES:
        return Parsed(None, (slips.too_large(start, "the file is larger than 1 MB", "split it"),))
    hidden = tuple(hidden_characters(text, path))
    if hidden:
        return Parsed(None, hidden)
    return _Builder(Place(text, path)).build(loader)


def decode(data: bytes, path: PurePosixPath) -> str | Finding:
    """Return *data* as text, or the finding that it is not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        good = data[: error.start].decode("utf-8")
        return Finding(
            Span(path, good.count("\n") + 1, len(good) - good.rfind("\n")),
            "unreadable-file",
            "the file is not UTF-8 text",
            help="save it as UTF-8",
        )


@dataclass(slots=True)
class _Group:
    """A mapping or a list that is still being read."""

    mark: yaml.Mark
    mapping: bool
    flow: bool
    items: list[Node] = field(default_factory=list)
    entries: dict[Text, Node] = field(default_factory=dict)
    key: Text | None = None
    last: Node | None = None
    repeated: bool = False


class _Stop(Exception):
    """No tree can be built from here on."""


class _Builder:
    """Builds one tree; made anew for each text."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._findings: list[Finding] = []
        self._open: list[_Group] = []
        self._root: Node | None = None
        self._quoted: Quoted | None = None
        self._nodes = 0
        self._documents = 0

    def build(self, loader: Any) -> Parsed:
        """Read every event, or up to the slip after which no tree can be had."""
        whole = False
        try:
            events = loader(self._place.text)
            try:
                self._take_all(events.get_event)
            finally:
                events.dispose()
            whole = True
        except yaml.MarkedYAMLError as error:
            flow = next((g.mark for g in reversed(self._open) if g.flow), None)
            self._findings.append(slips.explain(error, self._place, self._quoted, flow))
        except _Stop:
            pass
        if whole and self._root is None:
            self._findings.append(
                Finding(
                    Span(self._place.path, 1, 1),
                    "empty-file",
                    "the file says nothing",
                    help="begin it with `callwright: 1` and `kind:`, or delete it",
                )
            )
        return Parsed(self._root if whole else None, tuple(sorted(self._findings, key=lambda f: f.span)))

    def _take_all(self, next_event: Callable[[], Any]) -> None:
        """Take every event. Most are words on one line, which are taken here; the rest, elsewhere."""
        path, opened, new, new_span = self._place.path, self._open, str.__new__, tuple.__new__
        while True:
            event = next_event()
            sort = type(event)
            if sort is yaml.ScalarEvent:
                if event.anchor is not None or event.tag is not None:
                    self._mark_up(event)
                start, end, value = event.start_mark, event.end_mark, event.value
                width = len(value)
                if width and not event.style and start.line == end.line and end.index - start.index == width:
                    node = new(Text, value)
                    node.span = new_span(Span, (path, start.line + 1, start.column + 1, width))
                    node._layout = None
                else:
                    node = self._scalar(event)
                group = opened[-1] if opened else None
                if group and group.mapping and group.key is None:
                    self._key(group, node)
                else:
                    self._add(node, event)
            elif sort is yaml.StreamEndEvent:
                return
            else:
                self._take(event)
            if len(self._findings) >= MAX_FINDINGS:
                raise _Stop

    def _take(self, event: Any) -> None:
        if isinstance(event, yaml.CollectionStartEvent):
            if event.anchor is not None or event.tag is not None:
                self._mark_up(event)
            self._begin(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            group = self._open.pop()
            span = self._span(group.mark, event.end_mark)
            self._add(Map(group.entries, span) if group.mapping else Seq(group.items, span), event)
        elif isinstance(event, yaml.AliasEvent):
            self._refuse(slips.special_start(self._span(event.start_mark, event.end_mark), "*"))
        elif isinstance(event, yaml.DocumentStartEvent):
            self._document(event)

    def _document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            self._refuse(slips.several_documents(self._place.span(event.start_mark)))
        if event.version or event.tags:
            self._refuse(slips.percent_line(self._place.span(event.start_mark)))

    def _mark_up(self, event: Any) -> None:
        """Refuse anchors and tags, which may stand before any value."""
        for written, character in ((event.anchor, "&"), (event.tag, "!")):
            if written is not None:
                self._findings.append(slips.special_start(self._place.span(event.start_mark), character))

    def _begin(self, event: Any) -> None:
        mark = event.start_mark
        if len(self._open) == MAX_DEPTH:
            self._too_large(event, f"this is nested deeper than {MAX_DEPTH} levels", "take a level out")
        if event.flow_style and self._place.text.startswith("{{", mark.index):
            self._refuse(slips.at(slips.BRACES, self._place.span(mark, 2)))
        group = self._open[-1] if self._open else None
        if group and group.mapping and group.key is None:
            span = self._place.span(mark)
            self._refuse(Finding(span, "name-not-text", "a setting's name must be a word", help="write `name: value`"))
        self._open.append(_Group(mark, isinstance(event, yaml.MappingStartEvent), bool(event.flow_style)))

    def _add(self, node: Node, event: Any) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._too_large(event, f"the file holds more than {MAX_NODES:,} names and values", "split it")
        if not self._open:
            self._root = node
            return
        group = self._open[-1]
        if not group.mapping:
            group.items.append(node)
            self._check_cut(node, event)
        else:
            if group.key is not None and not group.repeated:
                group.entries[group.key] = node
            self._check_cut(node, event)
            self._check_comma(group, node, event)
            group.key, group.last = None, node

    def _key(self, group: _Group, node: Text) -> None:
        self._nodes += 1
        group.key, group.repeated = node, node in group.entries
        if node == "<<" and node.plain:
            self._findings.append(
                Finding(
                    node.span,
                    "anchors-not-allowed",
                    "`<<` would merge in settings written elsewhere, which is not allowed",
                    help="write them out where they belong",
                )
            )
            group.repeated = True
            return
        if group.repeated:
            first = next(key for key in group.entries if key == node)
            self._findings.append(
                Finding(
                    node.span,
                    "duplicate-key",
                    f"`{node}` is set twice",
                    help="keep one of the two",
                    notes=(Note(first.span, "it is first set here"),),
                )
            )

    def _scalar(self, event: Any) -> Text:
        start, end, value = event.start_mark, event.end_mark, event.value
        if not event.style and value and start.line == end.line and end.index - start.index == len(value):
            return Text(value, Span(self._place.path, start.line + 1, start.column + 1, len(value)))
        raw = self._place.text[start.index : end.index]
        style = event.style or ""
        if style in ("'", '"'):
            self._quoted = Quoted(start.index, end.index, start.line + 1, start.column + 1, end.line + 1)
        if style == '"' and "\\" in raw:
            self._check_escapes(raw, event)
        layout = layout_of(style, raw, value, start.line + 1, start.column + 1)
        return Text(value, self._span(start, end), layout)

    def _check_escapes(self, raw: str, event: Any) -> None:
        found = slips.backslashes(raw, self._place, event.start_mark.index)
        hidden = HIDDEN.search(event.value)
        if hidden and not found:
            found = [
                Finding(
                    self._span(event.start_mark, event.end_mark),
                    "hidden-characters",
                    f"this text holds a character that cannot be seen: {name_of(hidden[0])}",
                    help="take its backslash escape out",
                )
            ]
        self._findings += found

    def _check_cut(self, node: Node, event: Any) -> None:
        """Report a comment right after a plain sentence, whose end it silently becomes.

        A sentence has a space in it or is one capitalised word, which no name of the language is; and
        where no space follows the ``#``, as in ``#44``, it is no comment at all.
        """
        text, end = self._place.text, event.end_mark.index
        if text.startswith("\n", end) or not isinstance(node, Text) or not node.plain or not node:
            return
        match = _CUT.match(text, end)
        prose = " " in node or (node[0].isupper() and _WORD_OF_PROSE.match(node))
        if match and (prose or match[1][1:2].isalnum()):
            self._findings.append(
                Finding(
                    self._place.span(event.end_mark, len(match[1]), match.start(1) - match.start()),
                    "text-cut-at-hash",
                    f"the text ends before `#`: what follows is a comment, and only `{shorten(node)}` is left",
                    help="put the text in quotes; or, if this is a comment, give it a line of its own",
                )
            )

    def _check_comma(self, group: _Group, node: Node, event: Any) -> None:
        """Report `{text: a, b}`, in which a comma makes a setting of the rest of a sentence."""
        key = group.key
        if not group.flow or node or not isinstance(node, Text) or not node.plain or key is None:
            return
        if ":" in self._between(event):
            return
        before = group.last
        if before and isinstance(before, Text) and before.plain:
            self._findings.append(
                Finding(
                    key.span,
                    "comma-splits-text",
                    f"the comma ends `{shorten(before)}` and makes a setting of `{shorten(key)}`",
                    help="put the whole text in quotes",
                )
            )
            if not group.repeated:
                del group.entries[key]

    def _between(self, event: Any) -> str:
        """Return what stands between a name and its empty value."""
        text, end = self._place.text, event.start_mark.index
        start = end
        while start and text[start - 1] in " :\n\r":
            start -= 1
        following = text[end : end + 1]
        return text[start:end] + (following if following == ":" else "")

    def _span(self, start: Any, end: Any) -> Span:
        """Return the span from *start* to *end*, or to the end of its first line."""
        if start.line == end.line:
            return self._place.span(start, end.column - start.column)
        stop = self._place.text.find("\n", start.index)
        return self._place.span(start, len(self._place.text[start.index : stop].rstrip()))

    def _too_large(self, event: Any, message: str, mend: str) -> None:
        self._refuse(slips.too_large(self._place.span(event.start_mark), message, mend))

    def _refuse(self, finding: Finding) -> NoReturn:
        self._findings.append(finding)
        raise _Stop


def shorten(text: str, most: int = 40) -> str:
    """Return *text* on one line, cut to *most* characters, for a message."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
