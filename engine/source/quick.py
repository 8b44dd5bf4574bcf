"""Whether plain data surely fits a schema, fast.

``jsonschema`` is the judge of what does not fit, and says why. Most documents fit, and to see that takes it ten times
as long as this: what is not surely right here is asked of it.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Fits: TypeAlias = Callable[[Any], bool]

_SILENT = frozenset(
    {"$schema", "$id", "$defs", "$comment", "title", "description", "default", "examples", "deprecated"}
)


def _whole(value: Any) -> bool:
    return isinstance(value, float) and value.is_integer()


_TYPES: Mapping[str, Fits] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: (isinstance(value, int) and not isinstance(value, bool)) or _whole(value),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}


class Quick:
    """A schema made ready.

    Args:
        schema: JSON Schema 2020-12, whole in itself.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._definitions: Mapping[str, Any] = schema.get("$defs", {})
        self._ready: dict[str, Fits] = {}
        self._fits = self._made(schema)

    def fits(self, value: Any) -> bool:
        """Return True only where *value* fits; where that is not sure, False."""
        try:
            return self._fits(value)
        except _Unsure:
            return False

    def _made(self, schema: Any) -> Fits:
        if isinstance(schema, bool):
            return lambda _: schema
        tests = []
        for keyword, given in schema.items():
            if keyword in _SILENT or keyword.startswith("x-"):
                continue
            if keyword in ("then", "else") and "if" in schema:
                continue
            if keyword not in _MAKERS:
                return _unsure
            tests.append(_MAKERS[keyword](self, given, schema))
        if len(tests) == 1:
            only: Fits = tests[0]
            return only
        return lambda value: all([test(value) for test in tests])

    def _ref(self, given: str, _: Any) -> Fits:
        name = given.removeprefix("#/$defs/")
        if name == given or name not in self._definitions:
            return _unsure

        def fits(value: Any) -> bool:
            ready = self._ready.get(name)
            if ready is None:
                ready = self._ready[name] = self._made(self._definitions[name])
            return ready(value)

        return fits

    def _type(self, given: Any, _: Any) -> Fits:
        return _TYPES.get(given, _unsure) if isinstance(given, str) else _unsure

    def _const(self, given: Any, _: Any) -> Fits:
        return self._enum([given], _)

    def _enum(self, given: list[Any], _: Any) -> Fits:
        if not all(isinstance(one, str | bool | int) for one in given):
            return _unsure
        held = {(type(one), one) for one in given}

        def fits(value: Any) -> bool:
            if isinstance(value, float):
                raise _Unsure
            return isinstance(value, str | bool | int) and (type(value), value) in held

        return fits

    def _pattern(self, given: str, _: Any) -> Fits:
        search = re.compile(given).search
        return lambda value: not isinstance(value, str) or search(value) is not None

    def _length(self, given: int, schema: Mapping[str, Any]) -> Fits:
        return lambda value: not isinstance(value, str) or len(value) >= given

    def _items(self, given: Any, _: Any) -> Fits:
        each = self._made(given)
        return lambda value: not isinstance(value, list) or all([each(item) for item in value])

    def _min_items(self, given: int, _: Any) -> Fits:
        return lambda value: not isinstance(value, list) or len(value) >= given

    def _max_items(self, given: int, _: Any) -> Fits:
        return lambda value: not isinstance(value, list) or len(value) <= given

    def _unique(self, given: bool, _: Any) -> Fits:
        def fits(value: Any) -> bool:
            if not given or not isinstance(value, list):
                return True
            if not all(isinstance(item, str) for item in value):
                raise _Unsure
            return len(set(value)) == len(value)

        return fits

    def _required(self, given: list[str], _: Any) -> Fits:
        return lambda value: not isinstance(value, dict) or all([name in value for name in given])

    def _dependent(self, given: Mapping[str, list[str]], _: Any) -> Fits:
        return lambda value: (
            not isinstance(value, dict)
            or all([other in value for name, others in given.items() if name in value for other in others])
        )

    def _properties(self, given: Mapping[str, Any], _: Any) -> Fits:
        parts = {name: self._made(part) for name, part in given.items()}
        return lambda value: (
            not isinstance(value, dict) or all([parts[name](held) for name, held in value.items() if name in parts])
        )

    def _others(self, given: Any, schema: Mapping[str, Any]) -> Fits:
        own, each = frozenset(schema.get("properties", {})), self._made(given)
        return lambda value: (
            not isinstance(value, dict) or all([each(held) for name, held in value.items() if name not in own])
        )

    def _names(self, given: Any, _: Any) -> Fits:
        each = self._made(given)
        return lambda value: not isinstance(value, dict) or all([each(name) for name in value])

    def _min_properties(self, given: int, _: Any) -> Fits:
        return lambda value: not isinstance(value, dict) or len(value) >= given

    def _max_properties(self, given: int, _: Any) -> Fits:
        return lambda value: not isinstance(value, dict) or len(value) <= given

    def _minimum(self, given: float, _: Any) -> Fits:
        return lambda value: not _TYPES["number"](value) or value >= given

    def _maximum(self, given: float, _: Any) -> Fits:
        return lambda value: not _TYPES["number"](value) or value <= given

    def _all(self, given: list[Any], _: Any) -> Fits:
        parts = [self._made(part) for part in given]
        return lambda value: all([part(value) for part in parts])

    def _any(self, given: list[Any], _: Any) -> Fits:
        parts = [self._made(part) for part in given]
        return lambda value: any([part(value) for part in parts])

    def _one(self, given: list[Any], _: Any) -> Fits:
        parts = [self._made(part) for part in given]
        return lambda value: sum([part(value) for part in parts]) == 1

    def _not(self, given: Any, _: Any) -> Fits:
        part = self._made(given)
        return lambda value: not part(value)

    def _if(self, given: Any, schema: Mapping[str, Any]) -> Fits:
        asked, yes, no = (self._made(part) for part in (given, schema.get("then", True), schema.get("else", True)))
        return lambda value: yes(value) if asked(value) else no(value)


class _Unsure(Exception):
    """Raised by what is not decided here; nothing then surely fits."""


def _unsure(_: Any) -> bool:
    raise _Unsure


_MAKERS: Mapping[str, Callable[[Quick, Any, Mapping[str, Any]], Fits]] = {
    "$ref": Quick._ref,
    "type": Quick._type,
    "const": Quick._const,
    "enum": Quick._enum,
    "pattern": Quick._pattern,
    "minLength": Quick._length,
    "items": Quick._items,
    "minItems": Quick._min_items,
    "maxItems": Quick._max_items,
    "uniqueItems": Quick._unique,
    "required": Quick._required,
    "dependentRequired": Quick._dependent,
    "properties": Quick._properties,
    "additionalProperties": Quick._others,
    "propertyNames": Quick._names,
    "minProperties": Quick._min_properties,
    "maxProperties": Quick._max_properties,
    "minimum": Quick._minimum,
    "maximum": Quick._maximum,
    "allOf": Quick._all,
    "anyOf": Quick._any,
    "oneOf": Quick._one,
    "not": Quick._not,
    "if": Quick._if,
}
