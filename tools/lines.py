"""JSON lines: utterances, one a line, with what is said of them."""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from engine.rehearsal.reading import read_instant
from tools.console import CouldNotRead

MOST_CHARACTERS = 100_000
"""As long as one line may be."""


@dataclass(frozen=True, slots=True)
class Record:
    """One utterance. ``intents`` are those that ought to be accepted, or None where it is not said."""

    where: str
    text: str
    locale: str = ""
    state: str = ""
    at: datetime | None = None
    intents: tuple[str, ...] | None = None


def read_records(file: Path) -> Iterator[Record]:
    """Yield each record of *file* (`-` is standard input); blank lines are passed over.

    Raises:
        CouldNotRead: It cannot be opened, or a line is not what it should be; the message says which.
    """
    name = "standard input" if str(file) == "-" else str(file)
    try:
        stream = sys.stdin.buffer if str(file) == "-" else file.open("rb")
        with stream:
            for number, data in enumerate(iter(lambda: stream.readline(MOST_CHARACTERS), b""), 1):
                line = data.decode("utf-8", "replace").strip()
                if line:
                    yield _record(line, f"{name}:{number}")
    except OSError as error:
        raise CouldNotRead(f"`{name}` cannot be opened: {(error.strerror or str(error)).lower()}") from error


def _record(line: str, where: str) -> Record:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as wrong:
        raise CouldNotRead(f'{where}: this line is not JSON: write {{"text": "…"}}') from wrong
    if not isinstance(data, Mapping) or not isinstance(data.get("text"), str):
        raise CouldNotRead(f'{where}: this line has no "text": write {{"text": "…"}}')
    intents = data.get("intents")
    if intents is not None and not (isinstance(intents, list) and all(isinstance(name, str) for name in intents)):
        raise CouldNotRead(f'{where}: "intents" is a list of names: write "intents": ["stop_calling"]')
    return Record(
        where,
        data["text"],
        locale=_word(data, "locale", where),
        state=_word(data, "state", where),
        at=_moment(_word(data, "at", where), where),
        intents=None if intents is None else tuple(intents),
    )


def _word(data: Mapping[str, object], key: str, where: str) -> str:
    value = data.get(key)
    if value is not None and not isinstance(value, str):
        raise CouldNotRead(f'{where}: "{key}" is a text')
    return value or ""


def _moment(value: str, where: str) -> datetime | None:
    if not value:
        return None
    at, wrong = read_instant(value)
    if at is None:
        raise CouldNotRead(f'{where}: "at" {wrong}: write it as 2026-03-10T14:00:00-05:00')
    return at
