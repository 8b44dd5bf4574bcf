"""Whether a document has the shape of its kind, told in the author's words.

The located tree becomes plain data guided by the schema (an integer where one is
wanted and plain digits stand there; everything else stays text), and
``jsonschema`` judges it, where it does not surely fit; :mod:`engine.source.explain` says what its errors mean.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from engine.source.explain import Reader
from engine.source.finding import Finding
from engine.source.quick import Quick
from engine.source.schema import Schema, branch, packaged, resolve
from engine.source.span import NOWHERE
from engine.source.syntax import shorten
from engine.source.tree import Map, Node, Seq, Text
from engine.terms import Kind

if TYPE_CHECKING:
    from jsonschema import ValidationError

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})\Z")
_NONE: Final[Schema] = {}
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?\Z")


def check_shape(root: Map, kind: Kind) -> tuple[Finding, ...]:
    """Return what is wrong with the shape of *root*, a document of *kind*."""
    typing = _typing(kind)
    data, prose = typing.read(root)
    findings = [*Reader(root, typing.schema).read(typing.errors(data)), *prose]
    name = str(root.get(Text("id"), kind.value))
    unique = {(f.span, f.rule, f.message): f for f in findings}
    return tuple(
        Finding(f.span, f.rule, f.message, help=f.help, where=f"{name}{f.where}")
        for f in sorted(unique.values(), key=lambda f: (f.span, f.rule))
    )


def typed(root: Map, schema: Schema) -> Any:
    """Return *root* as plain data, scalars typed by what *schema* wants in their place."""
    return _Typing(schema).read(root)[0]


class _Typing:
    """Makes plain data of documents of one schema, and judges it."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._quick = Quick(self.schema)
        self._branches: dict[tuple[int, type], Schema] = {}

    def errors(self, data: Any) -> Iterable["ValidationError"]:
        """Return why *data* does not fit."""
        if self._quick.fits(data):
            return ()
        from jsonschema import Draft202012Validator

        return Draft202012Validator(self.schema).iter_errors(data)

    def read(self, root: Map) -> tuple[Any, list[Finding]]:
        """Return *root* as plain data, and a finding for each list of sentences whose commas YAML takes for its own.

        Scalars are typed by what the schema wants in their place. Only a plain scalar becomes anything but text:
        ``"7"`` in quotes is a text.
        """
        found: list[Finding] = []
        return self._typed(root, self.schema, found), found

    def _typed(self, node: Node, schema: Any, found: list[Finding]) -> Any:
        part = self._branch(schema, node)
        if isinstance(node, Map):
            settings, others = part.get("properties", _NONE), part.get("additionalProperties", _NONE)
            return {str(key): self._typed(value, settings.get(key, others), found) for key, value in node.items()}
        if isinstance(node, Seq):
            items = part.get("items", _NONE)
            if len(node) > 1:
                found += _split(node, items, self.schema)
            return [self._typed(item, items, found) for item in node]
        wanted = part.get("type")
        if wanted != "string" and node.plain:
            if wanted == "boolean" and node in ("true", "false"):
                return node == "true"
            if wanted == "integer" and _INTEGER.match(node):
                return int(node)
            if wanted == "number" and _NUMBER.match(node):
                return float(node)
        return str(node)

    def _branch(self, schema: Any, node: Node) -> Schema:
        key = (id(schema), type(node))  # the schema lives as long as this does
        found = self._branches.get(key)
        if found is None:
            found = self._branches[key] = branch(schema, node, self.schema)
        return found


@cache
def _typing(kind: Kind) -> _Typing:
    return _Typing(packaged(kind))


def _split(node: Seq, items: Any, whole: Schema) -> Iterator[Finding]:
    """Yield a finding where *node* is a list of sentences in one line, which commas have made."""
    in_line = len({item.span.line for item in node}) < len(node) and _starts_inside(node)
    if in_line and resolve(items, whole).get("x-sentence"):
        for item in node[1:]:
            if isinstance(item, Text) and item.plain:
                yield Finding(
                    item.span,
                    "comma-splits-text",
                    f"the comma before `{shorten(item)}` begins another item",
                    help="give each sentence a line of its own after a dash, or put each in quotes",
                )
                break


def _starts_inside(node: Seq) -> bool:
    """Whether the list is written in brackets: those begin before their first item, dashes two columns before."""
    first = node[0].span if node else NOWHERE
    return first.line == node.span.line and node.span.width > 1
