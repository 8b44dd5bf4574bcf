"""What ``jsonschema`` says of a document, turned round into findings.

Its errors speak of branches and keywords. Here a missing setting and an unknown
one are one slip if their names are alike, and of several shapes only the one that
the author's value resembles is spoken of.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from engine.source.finding import Finding
from engine.source.schema import Schema, branch, resolve, setting
from engine.source.span import Span
from engine.source.suggest import did_you_mean, suggest
from engine.source.syntax import shorten
from engine.source.tree import Map, Node, Seq, Text

UNKNOWN, MISSING, WRONG, RANGE = "unknown-setting", "missing-setting", "wrong-kind", "out-of-range"

_KINDS = {
    "object": "settings (`name: value`)",
    "array": "a list",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "`true` or `false`",
    "string": "a text",
}
_PLAIN = ("integer", "number", "boolean")
_NAME = "^[a-z][a-z0-9_]*"
_LETTERS_OF_NAMES = re.compile(r"[a-z][a-z0-9_.]*\Z")


class Reader:
    """Tells the errors of one document; made anew for each."""

    def __init__(self, root: Map, schema: Schema) -> None:
        self._root = root
        self._schema = schema

    def read(self, errors: Iterable[Any]) -> Iterator[Finding]:
        """Yield a finding for each root cause among *errors*."""
        return self._findings([leaf for error in errors for leaf in self._leaves(error)])

    def _leaves(self, error: Any) -> Iterator[Any]:
        """Yield *error*, or those of the one branch that the value resembles."""
        if error.validator != "oneOf" or _choices(error.validator_value):
            yield error
            return
        node = self._node(error.absolute_path)
        chosen = branch({"oneOf": error.validator_value}, node, self._schema)
        for number, choice in enumerate(error.validator_value):
            if branch(choice, node, self._schema) is chosen:
                for part in error.context or ():
                    if part.schema_path[0] == number:
                        yield from self._leaves(part)
                return
        yield error

    def _findings(self, errors: Sequence[Any]) -> Iterator[Finding]:
        missing: dict[tuple[Any, ...], list[str]] = {}
        extra: dict[tuple[Any, ...], Any] = {}
        for error in errors:
            path = tuple(error.absolute_path)
            if error.validator == "required":
                missing.setdefault(path, []).extend(
                    n for n in error.validator_value if n not in error.instance and n not in missing.get(path, ())
                )
            elif error.validator == "additionalProperties":
                extra[path] = error
        choices = {
            tuple(e.absolute_path): e for e in errors if _choices(e.validator_value) and isinstance(e.instance, dict)
        }
        for path, error in extra.items():
            for finding, meant in self._unknown(error):
                if meant and meant in missing.get(path, ()):
                    missing[path].remove(meant)
                elif path in choices and meant in _choices(choices[path].validator_value):
                    del choices[path]
                yield finding
        for path, names in missing.items():
            for name in names:
                yield self._missing(path, name)
        for path, error in choices.items():
            yield self._choice(path, error)
        for error in errors:
            if error.validator not in ("required", "additionalProperties") and not _choices(error.validator_value):
                yield from self._value(error)

    def _unknown(self, error: Any) -> Iterator[tuple[Finding, str | None]]:
        schema = resolve(error.schema, self._schema)
        known = schema.get("properties", {})
        path = tuple(error.absolute_path)
        settings = self._node(path)
        if not isinstance(settings, Map):
            return
        for key in settings:
            if key in known:
                continue
            free = [name for name in known if name not in settings]
            meant = suggest(key, free)
            message = f"`{shorten(key)}` is not a setting here"
            mend = "settings that can stand here: " + _words(sorted(free)) if free else "take it out"
            yield (
                self._finding(key.span, UNKNOWN, message, (*path, key), did_you_mean(key, free) or mend),
                meant,
            )

    def _missing(self, path: tuple[Any, ...], name: str) -> Finding:
        owner = self._key(path)
        message = f"`{name}` is missing in `{shorten(owner)}`" if owner is not None else f"`{name}` is missing"
        schema = self._at(path).get("properties", {}).get(name, {})
        about = schema.get("description") or resolve(schema, self._schema).get("description", "")
        return self._finding(self._place(path), MISSING, message, path, f"add `{name}:`" + _lowered(about))

    def _choice(self, path: tuple[Any, ...], error: Any) -> Finding:
        names = _choices(error.validator_value)
        owner = self._key(path)
        there = [name for name in names if name in error.instance]
        label = f"`{shorten(owner)}`" if owner is not None else "this"
        if there:
            keys = [key for key in self._node(path) if key in there]
            return self._finding(
                keys[-1].span if isinstance(keys[-1], Text) else self._place(path),
                WRONG,
                f"{_words(there, 'and')} cannot stand together",
                path,
                f"keep one of them; {label} has exactly one of {_words(names)}",
            )
        message = f"{label} has none of {_words(names)}" if len(names) < 5 else f"{label} does not say what it does"
        return self._finding(self._place(path), MISSING, message, path, f"add one of {_words(names)}")

    def _value(self, error: Any) -> Iterator[Finding]:
        path = tuple(error.absolute_path)
        node = self._node(path)
        schema = error.schema if isinstance(error.schema, dict) else {}
        rule, message, mend = WRONG, "", ""
        match error.validator:
            case "not":
                key = self._key(path)
                yield self._finding(self._place(path), WRONG, *self._not_here(path, str(key)))
                return
            case "dependentRequired":
                for name, needed in error.validator_value.items():
                    for other in needed:
                        if name in error.instance and other not in error.instance:
                            key_span = self._place((*path, name))
                            yield self._finding(
                                key_span, MISSING, f"`{name}` needs `{other}` beside it", path, f"add `{other}:`"
                            )
                return
            case "pattern" | "type" | "enum" | "const":
                message, mend = self._wrong(error, node, schema)
                rule = "unquoted-colon" if isinstance(node, Map) and schema.get("x-sentence") else WRONG
            case "oneOf":
                parts = [resolve(choice, self._schema) for choice in error.validator_value]
                wanted = " or ".join(part.get("x-what") or _KINDS[part["type"]] for part in parts)
                message = f"{self._label(path)} should be {wanted}, and is {_there(node)}"
                mend = f"write {wanted}"
            case "minLength":
                message, mend = f"{self._label(path)} has nothing after it", _wanted(schema)
            case "minItems" | "minProperties":
                rule, message = RANGE, f"{self._label(path)} needs at least {error.validator_value}"
                mend = "fill it in, or take it out"
            case "maxItems" | "maxProperties":
                rule, message = RANGE, f"{self._label(path)} has room for {error.validator_value} only"
                mend = "take out what is too much"
            case "minimum":
                rule, message = RANGE, f"`{node}` is less than {error.validator_value}"
                mend = f"write {error.validator_value} or more"
            case "maximum":
                rule, message = RANGE, f"`{node}` is more than {error.validator_value}"
                mend = f"write {error.validator_value} or less"
            case "uniqueItems":
                message, mend = f"something stands twice in {self._label(path)}", "keep it once"
            case _:
                message, mend = f"{self._label(path)} is not what can stand here", _wanted(schema)
        in_name = "propertyNames" in error.absolute_schema_path and isinstance(error.instance, str)
        if in_name and isinstance(node, Map):
            key = next((k for k in node if k == error.instance), None)
            if key is not None:
                message, mend = self._wrong(error, key, schema)
                yield self._finding(key.span, rule, message, (*path, key), mend)
                return
        yield self._finding(node.span if node or not path else self._place(path), rule, message, path, mend)

    def _not_here(self, path: tuple[Any, ...], key: str) -> tuple[str, tuple[Any, ...], str]:
        owner = self._node(path[:-1])
        ask = owner.get(Text("ask")) if isinstance(owner, Map) else None
        if ask is None:
            return f"`{key}` does not belong here", path, "take it out"
        return f"`{key}` does not belong in a rule asked `{ask}`", path, "ask it at another time or take it out"

    def _wrong(self, error: Any, node: Node, schema: Schema) -> tuple[str, str]:
        """Return what is wrong with a value and the mend."""
        allowed = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
        wanted = schema.get("x-what") or (_words(allowed) if allowed else "") or _kinds(error)
        if isinstance(node, Text) and not node and node.plain:
            return f"{self._label(tuple(error.absolute_path))} has nothing after it", f"write {wanted}{_like(schema)}"
        if isinstance(node, Map | Seq) or schema.get("type") in ("object", "array"):
            mend = f"write {wanted}{_like(schema)}"
            if schema.get("x-sentence"):
                mend = "a colon followed by a space makes a setting of a sentence: put the sentence in quotes"
            return f"{self._label(tuple(error.absolute_path))} should be {wanted}, and is {_there(node)}", mend
        if not node.plain and schema.get("type") in _PLAIN:
            return f"`{shorten(node)}` in quotes is a text, and not {wanted}", "take the quotes off"
        message = f"`{shorten(node)}` is not {wanted}"
        if len(allowed) > 1:
            message = f"`{shorten(node)}` is none of the words for {self._label(tuple(error.absolute_path))}"
        meant = suggest(node, [str(word) for word in allowed])
        if meant:
            return message, f"did you mean `{meant}`?"
        if schema.get("pattern", "").startswith(_NAME) and not _LETTERS_OF_NAMES.match(node):
            return message, f"write it in small letters from a to z, digits and `_`, a letter first{_like(schema)}"
        return message, f"write {_words(allowed) if allowed else wanted}{_like(schema)}"

    def _at(self, path: Iterable[Any]) -> Schema:
        """Return the schema of the value at *path*."""
        node: Node = self._root
        schema = branch(self._schema, node, self._schema)
        for step in path:
            below = setting(schema, step) if isinstance(node, Map) else schema.get("items", {})
            node = below_of(node, step)
            schema = branch(below, node, self._schema)
        return schema

    def _node(self, path: Iterable[Any]) -> Node:
        node: Node = self._root
        for step in path:
            node = below_of(node, step)
        return node

    def _key(self, path: Sequence[Any]) -> Text | None:
        """Return the last name on the way of *path*."""
        for end in range(len(path), 0, -1):
            if isinstance(path[end - 1], str):
                owner = self._node(path[: end - 1])
                if isinstance(owner, Map):
                    return owner.key(path[end - 1])
        return None

    def _place(self, path: Sequence[Any]) -> Span:
        """Return where what *path* leads to is named: its key, or itself in a list."""
        if not path:
            return next(iter(self._root)).span if self._root else self._root.span
        key = self._key(path)
        return key.span if isinstance(path[-1], str) and key is not None else self._node(path).span

    def _label(self, path: Sequence[Any]) -> str:
        key = self._key(path)
        if key is None:
            return "this"
        return f"`{shorten(key)}`" if isinstance(path[-1], str) else f"an item of `{shorten(key)}`"

    def _finding(self, span: Span, rule: str, message: str, path: Iterable[Any], mend: str) -> Finding:
        return Finding(span, rule, message, help=mend, where="".join(f"/{step}" for step in path))


def below_of(node: Node, step: str | int) -> Node:
    """Return what stands under a name of *node*, or at a number in it."""
    if isinstance(node, Map) and isinstance(step, str):
        return node[Text(step)]
    if isinstance(node, Seq) and isinstance(step, int):
        return node[step]
    raise KeyError(step)


def _choices(value: Any) -> list[str]:
    """Return the names of which one is wanted, where a schema says no more than that."""
    if not isinstance(value, list) or not all(isinstance(part, dict) and part.keys() == {"required"} for part in value):
        return []
    return [part["required"][0] for part in value]


def _kinds(error: Any) -> str:
    value = error.validator_value
    if error.validator != "type":
        return "what can stand here"
    return _KINDS[value] if isinstance(value, str) else _words([_KINDS[v] for v in value])


def _there(node: Node) -> str:
    if isinstance(node, Text):
        return f"the text `{shorten(node)}`"
    return _KINDS["object"] if isinstance(node, Map) else _KINDS["array"]


def _like(schema: Schema) -> str:
    return f", as {schema['x-like']}" if "x-like" in schema else ""


def _wanted(schema: Schema) -> str:
    return f"write {schema['x-what']}{_like(schema)}" if "x-what" in schema else "write a value, or take it out"


def _lowered(about: str) -> str:
    first = about.split(". ")[0].rstrip(".")
    return f": {first[0].lower()}{first[1:]}" if first else ""


def _words(names: Sequence[Any], last: str = "or") -> str:
    ticked = [f"`{name}`" for name in names]
    return ticked[0] if len(ticked) == 1 else ", ".join(ticked[:-1]) + f" {last} {ticked[-1]}"
