"""The data that comes with the engine; ``data/README.md`` says where each table is from."""

import json
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

TABLES = ("area_code_zones.json", "further_zones.json", "places.json")
"""Every packaged table."""


@cache
def table(name: str) -> Mapping[str, Any]:
    """Return the packaged table *name*, not to be changed."""
    rows: Mapping[str, Any] = json.loads(_bytes(name))
    return rows


@cache
def digest() -> str:
    """Return the SHA-256 of all packaged tables, for decision records."""
    return sha256(b"\0".join(_bytes(name) for name in TABLES)).hexdigest()


def _bytes(name: str) -> bytes:
    return files("engine.facts.data").joinpath(name).read_bytes()
