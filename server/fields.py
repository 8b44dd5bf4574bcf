"""Fields that take a value as it is or not at all: nothing is turned from one type into another.

What a field refuses stands in its documentation, as far as JSON Schema can say it.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from marshmallow import ValidationError, fields, validate

PLAIN = r"[^\u0000-\u001f\u007f]"
REF_LENGTH = 200
_DAYS = (
    r"(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8])"
)
_DATE = rf"20(?:[0-9][0-9]-(?:{_DAYS})|(?:[02468][048]|[13579][26])-02-29)"
MOMENT = (
    rf"{_DATE}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{{1,6}})?(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])"
)


MOST_FACTS, MOST_FILES, LONGEST_FILE = 300, 1000, 1_048_576
_PART: Mapping[str, Any] = {"type": "number", "minimum": 0, "maximum": 1}
_YES: Mapping[str, Any] = {"type": "boolean"}
_MOMENT: Mapping[str, Any] = {"type": "string", "pattern": f"^{MOMENT}$"}
_FACTS: Mapping[str, Any] = {
    "type": "object",
    "maxProperties": MOST_FACTS,
    "propertyNames": {"pattern": r"^[A-Za-z][A-Za-z0-9_.\-]{0,99}$"},
    "additionalProperties": {
        "anyOf": [
            {"type": "boolean"},
            {"type": "integer", "minimum": -(2**53) + 1, "maximum": 2**53 - 1},
            {"type": "string", "maxLength": 1000, "pattern": f"^{PLAIN}*$"},
            {
                "type": "array",
                "maxItems": 100,
                "items": {"type": "string", "maxLength": 100, "pattern": f"^{PLAIN}*$"},
            },
        ]
    },
}
_FILE = r"(?:flows|policies|scenarios)(?:/[A-Za-z0-9_\-][A-Za-z0-9_.\-]{0,99}){1,5}\.ya?ml"
_FILES: Mapping[str, Any] = {
    "type": "object",
    "minProperties": 1,
    "maxProperties": MOST_FILES,
    "propertyNames": {"pattern": f"^{_FILE}$"},
    "additionalProperties": {"type": "string", "maxLength": LONGEST_FILE, "pattern": r"^[^\u0000]*$"},
}


class Documented(fields.Field[Any]):
    """A field that says in ``document`` what JSON Schema cannot be told by its validators."""

    document: Mapping[str, Any] = MappingProxyType({})


class Text(Documented):
    """A text of plain characters.

    Args:
        least: The least number of characters.
        most: The greatest.
        pattern: What the whole text must match, written so that JavaScript and Python agree.
        lines: Whether line breaks and tabs are plain here.
    """

    def __init__(
        self, *, least: int = 0, most: int = REF_LENGTH, pattern: str = "", lines: bool = False, **given: Any
    ) -> None:
        super().__init__(**given)
        characters = r"[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]" if lines else PLAIN
        whole = pattern or f"{characters}*"
        self._least, self._most, self.whole = least, most, re.compile(rf"(?:{whole})\Z")
        self._named = bool(pattern)
        self.document = {"type": "string", "minLength": least, "maxLength": most, "pattern": f"^(?:{whole})$"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("this is a text")
        if not self._least <= len(value) <= self._most:
            raise ValidationError(f"this is {self._least} to {self._most} characters long")
        if not self.whole.match(value):
            raise ValidationError(
                "this is not written as the document says" if self._named else "this holds a control character"
            )
        return value


def ref(**given: Any) -> Text:
    """Return a field for the host's own reference of something."""
    return Text(least=1, **given)


def name(most: int = 64, **given: Any) -> Text:
    """Return a field for a name of the language, as ``collections`` or ``promise_to_pay``."""
    return Text(least=1, most=most, pattern=r"[A-Za-z][A-Za-z0-9_.\-]*", **given)


class Whole(Documented):
    """A whole number from *least* to *most*. 1.0 is one, as JSON Schema has it; "1" and true are none."""

    def __init__(self, least: int, most: int, **given: Any) -> None:
        super().__init__(**given)
        self._least, self._most = least, most
        self.document = {"type": "integer", "minimum": least, "maximum": most}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError("this is a whole number")
        if not self._least <= value <= self._most:
            raise ValidationError(f"this is from {self._least} to {self._most}")
        return value


class Written(Whole):
    """A whole number in a query, where everything is text: digits and nothing else."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, str) or not re.match(r"(?:0|[1-9][0-9]{0,17})\Z", value):
            raise ValidationError("this is a whole number")
        return super()._deserialize(int(value), attr, data, **kwargs)


class Part(Documented):
    """A number from 0 to 1."""

    document = _PART

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise ValidationError("this is a number from 0 to 1")
        return float(value)


class Yes(Documented):
    """True or false, and no other way of saying so."""

    document = _YES

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("this is true or false")
        return value


class Moment(Documented):
    """An instant with its distance from UTC, in the years 2000 to 2099."""

    document = _MOMENT
    _match = re.compile(rf"{MOMENT}\Z")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str) or not self._match.match(value):
            raise ValidationError("this is a date and time with its offset from UTC, as 2026-03-10T14:00:00-05:00")
        return datetime.fromisoformat(value).astimezone(UTC)

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else written(value)


def written(moment: datetime) -> str:
    """Return an instant as every answer has it: in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


class Facts(Documented):
    """Facts by their flat names: true and false, whole numbers, texts, and lists of texts for sets.

    Money is whole cents, a duration whole seconds; dates, times of day and instants are texts:
    ``1985-05-03``, ``09:00``, ``2026-03-10T14:00:00-05:00``.
    """

    MOST = MOST_FACTS
    document = _FACTS
    _name = re.compile(r"[A-Za-z][A-Za-z0-9_.\-]{0,99}\Z")
    _plain = re.compile(rf"{PLAIN}*\Z")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, dict) or len(value) > self.MOST:
            raise ValidationError(f"these are at most {self.MOST} facts by their names")
        wrong = {name: ["this is no fact's name or value"] for name in value if not self._fits(name, value[name])}
        if wrong:
            raise ValidationError(wrong)
        return {name: _whole(one) for name, one in value.items()}

    def _fits(self, name: str, value: Any) -> bool:
        if not self._name.match(name):
            return False
        if isinstance(value, list):
            return len(value) <= 100 and all(isinstance(v, str) and self._short(v, 100) for v in value)
        if isinstance(value, str):
            return self._short(value, 1000)
        return isinstance(value, int | float) and float(value).is_integer() and abs(value) < 2**53

    def _short(self, text: str, most: int) -> bool:
        return len(text) <= most and self._plain.match(text) is not None


class Files(Documented):
    """The texts of a bundle's files by their paths."""

    MOST, LONGEST = MOST_FILES, LONGEST_FILE
    document = _FILES
    _path = re.compile(rf"{_FILE}\Z")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, str]:
        if not isinstance(value, dict) or not 1 <= len(value) <= self.MOST:
            raise ValidationError(f"these are 1 to {self.MOST} texts by their paths")
        wrong = {
            path: ["this is no file of a bundle, as `flows/collections/flow.yaml`"]
            for path, text in value.items()
            if not self._path.match(path) or not isinstance(text, str) or len(text) > self.LONGEST or "\x00" in text
        }
        if wrong:
            raise ValidationError(wrong)
        return value


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) else value


class Shown(fields.Field[Any]):
    """A value of any kind, given out as it is."""

    def __init__(self, document: Mapping[str, Any], **given: Any) -> None:
        super().__init__(**given)
        self.document = document


def one_of(*values: str, **given: Any) -> fields.String:
    """Return a field for one of a few words."""
    return fields.String(validate=validate.OneOf(values), **given)


def many(inner: fields.Field[Any], most: int, least: int = 0, **given: Any) -> "Many":
    """Return a field for a list."""
    return Many(inner, validate=validate.Length(min=least, max=most), **given)


class Many(fields.List[Any]):
    """A list, and not something else that can be gone through."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            raise ValidationError("this is a list")
        return super()._deserialize(value, attr, data, **kwargs)
