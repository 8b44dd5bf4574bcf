"""JSON Schemas for editors: generic, or with one bundle's own names as the only ones there are.

Source: https://json-schema.org/draft/2020-12/schema
"""

from collections.abc import Mapping
from typing import Any

from engine.source.schema import Schema, schema_for
from engine.terms import Kind
from engine.views.typing.names import Names

SORTS: Mapping[str, tuple[str, ...]] = {
    "state": ("state",), "intent": ("intent",), "prompt": ("prompt",), "fact": ("fact", "counter"),
    "action": ("action",), "disposition": ("disposition",), "place": ("place",), "class": ("class",),
    "rule": ("rule",), "counter": ("counter",), "flow": ("flow",),
}
"""The definitions in which a bundle's names are written, and the sorts of names that belong there."""

DECLARES: Mapping[Kind, frozenset[str]] = {
    Kind.VOCABULARY: frozenset({"place", "class", "fact", "counter", "action", "disposition"}),
    Kind.PROMPTS: frozenset({"prompt"}),
    Kind.INTENTS: frozenset({"intent"}),
}
"""Definitions in which a kind of document makes names up, so that no name is wrong there."""

BUILT_IN = ("heard.", "said.", "asked.", "suppressed.", "clock.", "call.", "utterance.", "event.")


SUBJECTS = ("new_person", "person", "household", "debt", "account", "number")
"""What may be named where a fact is: whom a contact of a scenario's history was about."""


def bundle_schema(kind: Kind, names: Names) -> Schema:
    """Return the schema of documents of *kind* in one bundle, its own names as enums.

    A scenario's states stay open: it names linked ones, as ``verify.zip``.
    """
    schema = schema_for(kind)
    definitions: dict[str, Any] = schema.get("$defs", {})
    for definition, sorts in SORTS.items():
        if definition not in definitions or definition in DECLARES.get(kind, ()):
            continue
        known = sorted({name for sort in sorts for name in names.of(sort)})
        if not known or (definition == "state" and kind is Kind.SCENARIO):
            continue
        if definition == "fact":
            _open(definitions[definition], [*known, *_settings(definitions.get("contact", {}))])
        else:
            definitions[definition] = {**_without(definitions[definition], "pattern"), "enum": known}
    schema["$id"] = str(schema.get("$id", "")).replace("/schemas/1/", "/schemas/1/bundle/")
    return schema


def _settings(definition: dict[str, Any]) -> tuple[str, ...]:
    """Return what a definition itself names, beside facts: a contact's `kind` and `at`."""
    return tuple(sorted(definition.get("properties", {})))


def _open(definition: dict[str, Any], known: list[str]) -> None:
    """Let a definition take *known* names, and what the engine itself supplies."""
    built_in = "|".join(prefix.replace(".", "\\.") for prefix in BUILT_IN)
    definition.pop("pattern", None)
    definition["anyOf"] = [{"enum": [*known, *SUBJECTS]}, {"pattern": f"^({built_in})"}]


def _without(definition: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in definition.items() if key != name}


def every_schema(names: Names | None) -> dict[str, Schema]:
    """Return the schema of each kind by its file name; generic ones without *names*."""
    found = {kind: schema_for(kind) if names is None else bundle_schema(kind, names) for kind in Kind}
    return {f"{kind}.json": schema for kind, schema in found.items()}


def one_schema(names: Names | None) -> Schema:
    """Return one schema for every kind of document, chosen by what ``kind:`` says."""
    parts = every_schema(names)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://callwright.dev/schemas/1/" + ("bundle/" if names else "") + "any.json",
        "title": "A Callwright document",
        "type": "object",
        "required": ["callwright", "kind"],
        "properties": {"kind": {"enum": [kind.value for kind in Kind]}},
        "allOf": [
            {
                "if": {"properties": {"kind": {"const": kind.value}}, "required": ["kind"]},
                "then": {"$ref": f"#/$defs/{kind.value}_document"},
            }
            for kind in Kind
        ],
        "$defs": {f"{kind.value}_document": _nested(parts[f"{kind}.json"], f"{kind.value}_document") for kind in Kind},
    }


def _nested(schema: Schema, name: str) -> Any:
    """Return *schema* fit to stand within another: its own references lead to where it stands."""
    def moved(part: Any) -> Any:
        if isinstance(part, dict):
            return {
                key: f"#/$defs/{name}/$defs/{value.removeprefix('#/$defs/')}"
                if key == "$ref" and isinstance(value, str) and value.startswith("#/$defs/") else moved(value)
                for key, value in part.items() if not (part is schema and key in ("$schema", "$id"))
            }
        return [moved(one) for one in part] if isinstance(part, list) else part

    return moved(schema)
