"""A dial's question, as it was put, in JSON: so that any entry of the ledger can be decided again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.expressions.tree import Value
from engine.facts.history import Contact, History, Ids
from engine.runtime.codec import to_json, value_from_json
from engine.runtime.dial import DialRequest


def request_json(request: DialRequest) -> dict[str, Any]:
    """Return a request as JSON data."""
    data = to_json(request)
    assert isinstance(data, dict)
    return data


def request_from_json(data: Mapping[str, Any]) -> DialRequest:
    """Return the request that :func:`request_json` wrote.

    Raises:
        KeyError: A part is missing.
        ValueError: A part is not what it should be.
    """
    zones = data["zones"]
    return DialRequest(
        at=datetime.fromisoformat(data["at"]),
        facts=_facts(data["facts"]),
        debts=tuple(_facts(debt) for debt in data["debts"]),
        zones=None if zones is None else tuple(zones),
        history=History(tuple(_contact(one) for one in data["history"]["contacts"])),
        suppressions=tuple((scope, reason) for scope, reason in data["suppressions"]),
    )


def _facts(data: Mapping[str, Any]) -> dict[str, Value]:
    return {name: value_from_json(value) for name, value in data.items()}


def _contact(data: Mapping[str, Any]) -> Contact:
    return Contact(
        data["kind"],
        datetime.fromisoformat(data["at"]),
        _facts(data["facts"]),
        person=_ids(data["person"]),
        household=_ids(data["household"]),
        debt=_ids(data["debt"]),
        account=_ids(data["account"]),
        number=_ids(data["number"]),
    )


def _ids(data: str | list[str]) -> Ids:
    return data if isinstance(data, str) else tuple(data)
