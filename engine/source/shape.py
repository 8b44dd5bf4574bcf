"""Whether a document has the shape of its kind, told in the author's words.

The located tree becomes plain data guided by the schema (an integer where one is
wanted and plain digits stand there; everything else stays text), and
``jsonschema`` judges it, where it does not surely fit; :mod:`engine.source.explain` says what its errors mean.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from engine.source.explain import Reader
from engine.source.finding import Finding
from engine.source.quick import Quick
from engine.source.schema import Schema, branch, packaged, resolve, setting
from engine.source.span import NOWHERE
from engine.source.syntax import shorten
from engine.source.tree import Map, Node, Seq, Text
from engine.terms import Kind

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})\Z")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?\Z")


def check_shape(root: Map, kind: Kind) -> tuple[Finding, ...]:
    """Return what is wrong with the shape of *root*, a document of *kind*."""
    schema = packaged(kind)
    data = typed(root, schema, schema)
    errors = () if _quick(kind).fits(data) else _validator(kind).iter_errors(data)
    findings = [*Reader(root, schema).read(errors), *_prose(root, schema, schema)]
    name = str(root.get(Text("id"), kind.value))
    unique = {(f.span, f.rule, f.message): f for f in findings}
    return tuple(
        Finding(f.span, f.rule, f.message, help=f.help, where=f"{name}{f.where}")
        for f in sorted(unique.values(), key=lambda f: (f.span, f.rule))
    )


def typed(node: Node, schema: Any, whole: Schema) -> Any:
    """Return *node* as plain data, scalars typed by what *schema* wants in their place.

    Only a plain scalar becomes anything but text: ``"7"`` in quotes is a text.
    """
    part = branch(schema, node, whole)
    if isinstance(node, Map):
        return {str(key): typed(value, setting(part, key), whole) for key, value in node.items()}
    if isinstance(node, Seq):
        return [typed(item, part.get("items", {}), whole) for item in node]
    wanted = part.get("type")
    if node.plain and wanted == "boolean" and node in ("true", "false"):
        return node == "true"
    if node.plain and wanted == "integer" and _INTEGER.match(node):
        return int(node)
    if node.plain and wanted == "number" and _NUMBER.match(node):
        return float(node)
    return str(node)


@cache
def _validator(kind: Kind) -> Draft202012Validator:
    return Draft202012Validator(packaged(kind))


@cache
def _quick(kind: Kind) -> Quick:
    return Quick(packaged(kind))


def _prose(node: Node, schema: Any, whole: Schema) -> Iterator[Finding]:
    """Yield a finding for each list of sentences whose commas YAML would take for its own."""
    part = branch(schema, node, whole)
    if isinstance(node, Map):
        for key, value in node.items():
            yield from _prose(value, setting(part, key), whole)
    elif isinstance(node, Seq):
        items = part.get("items", {})
        in_line = len(node) > 1 and len({item.span.line for item in node}) < len(node) and _starts_inside(node)
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
        for item in node:
            yield from _prose(item, items, whole)


def _starts_inside(node: Seq) -> bool:
    """Whether the list is written in brackets: those begin before their first item, dashes two columns before."""
    first = node[0].span if node else NOWHERE
    return first.line == node.span.line and node.span.width > 1
