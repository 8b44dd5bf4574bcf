"""What tests of understanding share: the shipped recogniser, trained once, and the lists in tests/data/nlu."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.bundle import CompiledBundle
from engine.nlu.reading import Listening
from engine.nlu.recogniser import Recogniser

DATA = Path(__file__).resolve().parents[2] / "data" / "nlu"
AT = datetime(2026, 11, 18, 10, tzinfo=UTC)
ALEX = {"party.first_name": "Alex", "account.balance": 480_00}
SLOTS = {
    "promise.amount": "money",
    "promise.date": "date",
    "heard.zip": "zip",
    "heard.dob": "dob",
    "heard.ssn4": "ssn4",
    "heard.house_number": "digits",
}


@pytest.fixture(scope="session")
def recogniser(shipped: CompiledBundle) -> Recogniser:
    """Return a recogniser of the shipped intents."""
    return Recogniser.train(shipped.intents, SLOTS, shipped.vocabulary.protected)


def listening(*hears: str, asks: tuple[str, ...] = (), known: bool = True) -> Listening:
    """Return a state that hears *hears*, everything if none is given, in a call to Alex or to nobody known."""
    return Listening(AT, frozenset(hears), frozenset(asks), ALEX if known else {})


def under(name: str) -> Iterator[tuple[str, str]]:
    """Yield (intent, utterance) of a file whose lines stand under ``!intent``."""
    intent = ""
    for line in (DATA / name).read_text("utf-8").splitlines():
        if line.startswith("!"):
            intent = line[1:]
        elif line and not line.startswith("#"):
            yield intent, line


def barred(name: str) -> Iterator[tuple[str, list[str]]]:
    """Yield (phrase, what stands after the bar) of a file."""
    for line in (DATA / name).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            phrase, _, after = line.partition(" |")
            yield phrase, after.split()
