"""JSON lines: utterances, one a line, with what is said of them."""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

from engine.rehearsal.reading import read_instant
from tools.console import CouldNotRead

MOST_CHARACTERS = 100_000
"""As long as one line may be."""


@dataclass(frozen=True, slots=True)
class Record:
    """One utterance.

    ``intents`` are those that ought to be accepted, or None where it is not said;
    ``facts`` are what is known of the callee, as written.
    """

    where: str
    text: str
    locale: str = ""
    state: str = ""
    at: datetime | None = None
    intents: tuple[str, ...] | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unread:
    """A line that is no record, and why."""

    message: str


class Twice(ValueError):
    """A name is written twice in one object of a line."""


def read_records(file: Path) -> Iterator[Record]:
    """Yield each record of *file* (`-` is standard input); blank lines are passed over.

    Raises:
        CouldNotRead: It cannot be opened, or a line is not what it should be; the message says which.
    """
    for line in read_lines(file):
        if isinstance(line, Unread):
            raise CouldNotRead(line.message)
        yield line


def read_lines(file: Path) -> Iterator[Record | Unread]:
    """Yield what each line of *file* (`-` is standard input) is; blank lines are passed over.

    Raises:
        CouldNotRead: It cannot be opened.
    """
    name = "standard input" if str(file) == "-" else str(file)
    try:
        stream = sys.stdin.buffer if str(file) == "-" else file.open("rb")
        with stream:
            for number, data in enumerate(_whole_lines(stream), 1):
                if data.strip():
                    yield _read(data, f"{name}:{number}")
    except OSError as error:
        raise CouldNotRead(f"`{name}` cannot be opened: {(error.strerror or str(error)).lower()}") from error


def _whole_lines(stream: BinaryIO) -> Iterator[bytes]:
    """Yield each line, the first characters of one that is too long."""
    inside = False
    while part := stream.readline(MOST_CHARACTERS):
        if not inside:
            yield part
        inside = not part.endswith(b"\n")


def _read(data: bytes, where: str) -> Record | Unread:
    try:
        return _record(_text(data), where)
    except ValueError as wrong:
        return Unread(f"{where}: {wrong}")


def _text(data: bytes) -> str:
    if len(data) >= MOST_CHARACTERS and not data.endswith(b"\n"):
        raise ValueError(f"this line is too long: at most {MOST_CHARACTERS:,} characters")
    try:
        return data.decode("utf-8").strip()
    except UnicodeDecodeError as wrong:
        raise ValueError("this line is not UTF-8") from wrong


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Twice(f'"{twice}" is written twice in this line')
    return found


def _record(line: str, where: str) -> Record:
    """Return the record that *line* writes.

    Raises:
        ValueError: It writes none; the message says why.
    """
    try:
        data = json.loads(line, parse_float=Decimal, object_pairs_hook=_once)
    except Twice:
        raise
    except (ValueError, RecursionError) as wrong:
        raise ValueError('this line is not JSON: write {"text": "…"}') from wrong
    if not isinstance(data, Mapping) or not isinstance(data.get("text"), str):
        raise ValueError('this line has no "text": write {"text": "…"}')
    intents = data.get("intents")
    if intents is not None and not (isinstance(intents, list) and all(isinstance(name, str) for name in intents)):
        raise ValueError('"intents" is a list of names: write "intents": ["stop_calling"]')
    facts = data.get("facts")
    if facts is not None and not isinstance(facts, Mapping):
        raise ValueError('"facts" are given by name: write "facts": {"party.first_name": "Alex"}')
    return Record(
        where,
        data["text"],
        locale=_word(data, "locale"),
        state=_word(data, "state"),
        at=_moment(_word(data, "at")),
        intents=None if intents is None else tuple(intents),
        facts=facts or {},
    )


def _word(data: Mapping[str, object], key: str) -> str:
    value = data.get(key)
    if value is not None and not isinstance(value, str):
        raise ValueError(f'"{key}" is a text')
    return value or ""


def _moment(value: str) -> datetime | None:
    if not value:
        return None
    at, wrong = read_instant(value)
    if at is None:
        raise ValueError(f'"at" {wrong}: write it as 2026-03-10T14:00:00-05:00')
    return at
