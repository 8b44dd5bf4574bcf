"""Days, amounts, digits, dates of birth and times are read as they are spoken, and never wrongly."""

import json
from datetime import date

import pytest

from engine.nlu.english import ENGLISH
from engine.nlu.entities import entities
from engine.nlu.language import Language
from engine.nlu.spanish import SPANISH
from engine.nlu.words import read
from tests.engine.nlu.conftest import ALEX, AT, barred


def values(text: str, kind: str, language: Language) -> set[str]:
    found = [v for e in entities(read(text, language), language, AT, ALEX) if e.kind == kind for v in e.values]
    if kind in ("date", "dob"):
        return {date.fromordinal(v).isoformat() for v in found if isinstance(v, int)}
    return {str(v) for v in found}


@pytest.mark.parametrize(
    ("name", "kind", "language", "carrier"),
    [
        pytest.param("days.en.txt", "date", ENGLISH, "yeah i can pay it {} okay", id="days"),
        pytest.param("days.es.txt", "date", SPANISH, "le puedo pagar {} senorita", id="days in Spanish"),
        pytest.param("amounts.en.txt", "money", ENGLISH, "i can pay {} on friday", id="amounts"),
        pytest.param("amounts.es.txt", "money", SPANISH, "puedo pagar {} el viernes", id="amounts in Spanish"),
        pytest.param("digits.en.txt", "digits", ENGLISH, "it is {}", id="digits"),
        pytest.param("birthdays.en.txt", "dob", ENGLISH, "my birthday is {}", id="dates of birth"),
    ],
)
def test_every_phrase_is_read_and_none_wrongly(name: str, kind: str, language: Language, carrier: str) -> None:
    cases = list(barred(name))
    wrong = {
        text: found
        for phrase, wanted in cases
        for text in (phrase, carrier.format(phrase))
        if (found := values(text, kind, language)) != set(wanted)
    }
    assert not wrong, json.dumps({k: sorted(v) for k, v in wrong.items()}, indent=1)


def test_times_hold_the_one_that_is_meant() -> None:
    for phrase, wanted in barred("times.en.txt"):
        found = {str(int(v) // 60) for v in values(f"call me {phrase}", "time", ENGLISH)}
        assert set(wanted) & found, phrase


@pytest.mark.parametrize("phrase", ["my birthday is march third", "i was born on the fifth of may"])
def test_a_birthday_is_no_day_to_come(phrase: str) -> None:
    assert values(phrase, "date", ENGLISH) == set()


@pytest.mark.parametrize(
    ("kind", "text", "wanted"),
    [
        ("zip", "nine oh two one oh", "90210"),
        ("ssn4", "four double two seven", "4227"),
        ("phone", "five five five eight six seven five three oh nine", "5558675309"),
        ("address", "i live at twelve oak street", "twelve oak street"),
    ],
)
def test_identifiers(kind: str, text: str, wanted: str) -> None:
    assert wanted in values(text, kind, ENGLISH)
