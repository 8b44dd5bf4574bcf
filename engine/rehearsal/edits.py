"""Edits of a located tree: one node taken out or put in another's place, the rest as it was."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from engine.source.span import Span
from engine.source.tree import Map, Node, Seq, Text

Step: TypeAlias = str | int
"""A key of a mapping, or a place in a list."""


@dataclass(frozen=True, slots=True)
class Place:
    """A node of a document, the steps that lead to it, and how people name it.

    ``words`` names an item of a list by what it says, so that a name outlives a line put in before it.
    """

    node: Node
    steps: tuple[Step, ...]
    words: tuple[str, ...]
    span: Span

    def under(self, key: str) -> "Place | None":
        """Return what stands under *key*, or None."""
        if not isinstance(self.node, Map) or Text(key) not in self.node:
            return None
        located = self.node.key(key)
        return Place(self.node[located], (*self.steps, key), (*self.words, key), located.span)

    def entries(self) -> Iterator["Place"]:
        """Yield each entry of a mapping, or each item of a list."""
        if isinstance(self.node, Map):
            for key in self.node:
                found = self.under(str(key))
                assert found is not None
                yield found
        elif isinstance(self.node, Seq):
            seen: dict[str, int] = {}
            for number, item in enumerate(self.node):
                said = _said(item) or str(number + 1)
                seen[said] = seen.get(said, 0) + 1
                name = said if seen[said] == 1 else f"{said} ({seen[said]})"
                yield Place(item, (*self.steps, number), (*self.words, name), item.span)

    @property
    def key(self) -> str:
        """Return the last name on the way here."""
        return self.words[-1] if self.words else ""


def _said(item: Node) -> str:
    """Return what tells a list's item from the others: its text, or the first cell of a row."""
    if isinstance(item, Text):
        return str(item)
    if isinstance(item, Seq) and item and isinstance(item[0], Text):
        return str(item[0])
    return ""


def root_of(document: Map) -> Place:
    """Return the place of a whole document."""
    return Place(document, (), (), document.span)


def without(root: Map, steps: tuple[Step, ...]) -> Map:
    """Return *root* without the node at *steps*."""
    edited = _edited(root, steps, None)
    assert isinstance(edited, Map)
    return edited


def put(root: Map, steps: tuple[Step, ...], node: Node) -> Map:
    """Return *root* with *node* at *steps*, where there is one already or a new key is named."""
    edited = _edited(root, steps, node)
    assert isinstance(edited, Map)
    return edited


def reworded(text: Text, written: str) -> Text:
    """Return *written* as if it stood where *text* does."""
    return Text(written, text.span, text.layout)


def _edited(node: Node, steps: tuple[Step, ...], new: Node | None) -> Node:
    step, rest = steps[0], steps[1:]
    if isinstance(node, Map):
        key = next((k for k in node if k == step), Text(str(step), node.span))
        items = [(k, v) for k, v in node.items() if k != key]
        old = node.get(key)
        put_in = new if not rest else _edited(old, rest, new) if old is not None else None
        if key not in node:
            return Map([*items, (key, put_in)] if put_in is not None else items, node.span)
        pairs = ((k, put_in if k == key else v) for k, v in node.items())
        return Map([(k, v) for k, v in pairs if v is not None], node.span)
    assert isinstance(node, Seq)
    assert isinstance(step, int)
    changed = new if not rest else _edited(node[step], rest, new)
    kept = [changed if number == step else item for number, item in enumerate(node)]
    return Seq([item for item in kept if item is not None], node.span)
