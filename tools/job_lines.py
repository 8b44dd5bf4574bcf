"""Jobs as lines of JSON: read strictly, so that what is not a job is told before anybody is called by it."""

import json
import math
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from engine.bundle import CompiledBundle
from engine.expressions.tree import Value
from engine.facts.timezones import names as zone_names
from engine.records.job import NewJob, Retry
from engine.records.parties import Parties, plain_number
from engine.records.plain import check_text
from engine.rehearsal.reading import Findings, facts, read_instant
from engine.source.suggest import suggest
from engine.source.tree import Map, Node, Seq, Text

#: The longest reference, name or key.
LONGEST = 200
_NUMBER = re.compile(r"[0-9 ()./+\-]*")
_DIALLED = re.compile(r"\+[1-9][0-9]{7,14}")
_PARTS = (
    "account", "person", "number", "debts", "household", "facts", "campaign", "flow", "locale", "zones", "due",
    "priority", "tries", "wait", "longest_wait", "key", "flags",
)  # fmt: skip


class _Written(str):
    """A number, as it was written."""

    __slots__ = ()


def read_job(line: str, bundle: CompiledBundle) -> NewJob:
    """Return the job that a line of JSON describes, its facts written as *bundle* declares them.

    What is null is as if it were left out.

    Raises:
        ValueError: It describes none; the message says why, and the mend.
    """
    data = _object(line)
    unknown = sorted(set(data) - set(_PARTS))
    if unknown:
        near = suggest(unknown[0], _PARTS)
        mend = f"; did you mean `{near}`?" if near else ""
        raise ValueError(f"`{unknown[0]}` is no part of a job{mend}")
    for part in ("account", "person", "number"):
        if part not in data:
            raise ValueError(f"a job names its `{part}`")
    debts = _debts(data)
    return NewJob(
        Parties(
            _text(data, "account", least=1),
            _text(data, "person", least=1),
            _number(data),
            tuple(debts),
            _text(data, "household"),
        ),
        _facts(data.get("facts", {}), "facts", bundle),
        {debt: _facts(told, f"debts, `{debt}`", bundle) for debt, told in debts.items()},
        campaign=_text(data, "campaign"),
        flow=_known(data, "flow", bundle.flows),
        locale=_known(data, "locale", bundle.locales),
        zones=tuple(_zone(one) for one in _list(data, "zones")),
        due=_due(data),
        priority=_whole(data, "priority", 5),
        retry=Retry(_whole(data, "tries", 3), _seconds(data, "wait", 60), _seconds(data, "longest_wait", 3600)),
        idempotency=_text(data, "key"),
        flags=frozenset(_list(data, "flags")),
    )


def _object(line: str) -> dict[str, Any]:
    try:
        data = json.loads(
            line, parse_float=_Written, parse_int=_Written, parse_constant=_Written, object_pairs_hook=_once
        )
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON: {error.msg} at character {error.pos + 1}") from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(data, dict):
        raise ValueError('a job is an object: {"account": …, "person": …, "number": …}')
    return data


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"`{name}` stands twice")
        found[check_text(name)] = check_text(value) if isinstance(value, str) else value
    return {name: value for name, value in found.items() if value is not None}


def _is_text(value: object) -> bool:
    return isinstance(value, str) and not isinstance(value, _Written)


def _text(data: Mapping[str, Any], part: str, least: int = 0) -> str:
    value = data.get(part, "")
    if not _is_text(value):
        raise ValueError(f'`{part}` is a text: write it in quotes, as "{part}-1"')
    if not least <= len(value) <= LONGEST or value != value.strip() or not (value.isprintable()):
        raise ValueError(f"`{part}` has {least} to {LONGEST} characters, without line breaks and spaces at its ends")
    return str(value)


def _number(data: Mapping[str, Any]) -> str:
    value = data["number"]
    if not isinstance(value, str) or not _NUMBER.fullmatch(value) or not _DIALLED.fullmatch(plain_number(value)):
        raise ValueError("`number` is a telephone number: ten digits, or + and the country, as +15125550100")
    return str(value)


def _list(data: Mapping[str, Any], part: str) -> list[str]:
    value = data.get(part, [])
    if not isinstance(value, list) or not all(map(_is_text, value)):
        raise ValueError(f'`{part}` is a list of texts: write it as ["…", "…"]')
    return value


def _debts(data: Mapping[str, Any]) -> dict[str, Any]:
    value = data.get("debts", {})
    named = value if isinstance(value, dict) else {debt: {} for debt in _list(data, "debts")}
    for debt in named:
        _text({"debt": debt}, "debt", least=1)
    return named


def _known(data: Mapping[str, Any], part: str, known: Iterable[str]) -> str:
    value, names = _text(data, part), sorted(known)
    if value and value not in names:
        raise ValueError(f"the bundle has no {part} `{value}`; it has {', '.join(names)}")
    return value


def _zone(zone: str) -> str:
    if zone not in zone_names():
        raise ValueError(f"there is no time zone `{zone}`: write it as America/Chicago")
    return zone


def _due(data: Mapping[str, Any]) -> datetime | None:
    if "due" not in data:
        return None
    at, wrong = read_instant(str(data["due"]))
    if at is None:
        raise ValueError(f"`due` {wrong}: write it as 2026-03-10T14:00:00-05:00")
    return at


def _whole(data: Mapping[str, Any], part: str, default: int) -> int:
    value = data.get(part, _Written(default))
    if not isinstance(value, _Written) or not re.fullmatch("-?[0-9]{1,9}", value):
        raise ValueError(f"`{part}` is a whole number, as {default}")
    return int(value)


def _seconds(data: Mapping[str, Any], part: str, default: int) -> float:
    value = data.get(part, _Written(default))
    if not isinstance(value, _Written) or not math.isfinite(float(value)):
        raise ValueError(f"`{part}` is a number of seconds, as {default}")
    return float(value)


def _facts(data: object, where: str, bundle: CompiledBundle) -> dict[str, Value]:
    if not isinstance(data, dict):
        raise ValueError(f'`{where}` is an object of facts: {{"party.zip": "78701", …}}')
    found = Findings()
    read = facts(Map((Text(name), _node(name, value)) for name, value in data.items()), bundle.vocabulary, found)
    problems = found.all()
    if problems:
        raise ValueError("; ".join(problem.message for problem in problems))
    return dict(read)


def _node(name: str, value: object) -> Node:
    """Return *value* as an author would have written it."""
    if isinstance(value, list):
        return Seq(_node(name, item) for item in value)
    if value is None or isinstance(value, dict):
        raise ValueError(f"`{name}` has no value that a fact can have; leave it out where it is not known")
    return Text(str(value).lower() if isinstance(value, bool) else str(value))
