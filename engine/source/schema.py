"""The shape of each kind of document, as JSON Schema 2020-12.

One file for each kind, and the words they share in ``common.json``. Editors are
given :func:`schema_for`. Beside the standard keywords a schema says ``x-what``
(what is wanted, for a message), ``x-like`` (an example) and ``x-sentence``
(prose, in which YAML's commas and colons do harm).
"""

import json
from copy import deepcopy
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

from engine.source.tree import Map, Node, Seq
from engine.terms import Kind

Schema: TypeAlias = dict[str, Any]


def schema_for(kind: Kind) -> Schema:
    """Return the schema of documents of *kind*, whole in itself and free to be changed.

    ``$defs`` hold the places where a name of the bundle is written (``state``, ``intent``,
    ``prompt``, ``fact``, ``action``, ``disposition``, ``place``, ``class``, ``rule`` …), so that
    a bundle's own schema is made by giving them an ``enum``.
    """
    return deepcopy(packaged(kind))


@cache
def packaged(kind: Kind) -> Schema:
    """Return the schema of *kind* for reading only."""
    schema = _load(kind.value)
    schema["$defs"] = {**_load("common")["$defs"], **schema.get("$defs", {})}
    used = _used(schema)
    schema["$defs"] = {name: schema["$defs"][name] for name in sorted(used)}
    return schema


def resolve(schema: Schema, whole: Schema) -> Schema:
    """Return *schema*, or the one it refers to within *whole*."""
    definitions: dict[str, Schema] = whole.get("$defs", {})
    while "$ref" in schema:
        schema = definitions[schema["$ref"].removeprefix("#/$defs/")]
    return schema


def branch(schema: Any, node: Node, whole: Schema) -> Schema:
    """Return the part of *schema* that is meant for a node of this sort: text, settings or list."""
    if not isinstance(schema, dict):
        return {}
    found = resolve(schema, whole)
    for choice in found.get("oneOf", ()):
        candidate = branch(choice, node, whole)
        if "type" in candidate and sort_of(node) == _sort(candidate["type"]):
            return candidate
    return found


def setting(schema: Schema, name: str) -> Any:
    """Return the schema of the setting *name* of settings that have *schema*."""
    return schema.get("properties", {}).get(name, schema.get("additionalProperties", {}))


def sort_of(node: Node) -> str:
    """Return whether *node* is ``settings``, a ``list`` or ``text``."""
    return "settings" if isinstance(node, Map) else "list" if isinstance(node, Seq) else "text"


def _sort(type_name: str) -> str:
    return {"object": "settings", "array": "list"}.get(type_name, "text")


def _load(name: str) -> Schema:
    text = files("engine.source.schemas").joinpath(f"{name}.json").read_text("utf-8")
    loaded: Schema = json.loads(text)
    return loaded


def _used(schema: Schema) -> set[str]:
    """Return the names of the definitions that *schema* needs."""
    used: set[str] = set()
    waiting: list[Any] = [{key: value for key, value in schema.items() if key != "$defs"}]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            reference = part.get("$ref")
            if isinstance(reference, str) and (name := reference.removeprefix("#/$defs/")) not in used:
                used.add(name)
                waiting.append(schema["$defs"][name])
            waiting += part.values()
    return used
