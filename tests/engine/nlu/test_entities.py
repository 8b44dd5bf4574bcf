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


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("un cuarto para las cinco", 16 * 60 + 45),
        ("diez para las cinco", 16 * 60 + 50),
        ("a la una", 13 * 60),
        ("a la una y media de la tarde", 13 * 60 + 30),
        ("a las tres y cuarto", 15 * 60 + 15),
        ("un cuarto para la una", 12 * 60 + 45),
    ],
)
def test_times_in_spanish(text: str, minutes: int) -> None:
    assert values(text, "time", SPANISH) == {str(minutes * 60)}


def test_a_bare_hour_and_minutes_are_a_time() -> None:
    assert values("ten thirty", "time", ENGLISH) == {str(37_800)}


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("don't call me before noon", 12),
        ("never call before nine thirty in the morning", 9.5),
        ("nothing before ten please", 10),
        ("you can't call me before eleven", 11),
        ("don't call me until noon", 12),
        ("don't call after five or before nine am", 9),
        ("after six in the evening is better", 18),
        ("nunca me llame antes del mediodía", 12),
        ("no llame hasta las diez de la mañana", 10),
        ("llámeme después de las cinco de la tarde", 17),
        ("don't call me before eight", None),
        ("don't call me after nine pm", None),
        ("call me before noon", None),
        ("I'm busy until noon", None),
        ("no me llame después de las nueve de la noche", None),
    ],
)
def test_only_what_bounds_the_day_from_below_is_an_earliest_time(text: str, hour: float | None) -> None:
    language = SPANISH if " me llame" in text or "llame " in text or "llámeme" in text else ENGLISH
    assert values(text, "earliest", language) == (set() if hour is None else {str(int(hour * 3600))})


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


@pytest.mark.parametrize(
    ("language", "text"),
    [
        pytest.param(ENGLISH, "4111 1111 1111 1111", id="in fours"),
        pytest.param(ENGLISH, "it's 4111111111111111, expires 04/28, code 123", id="with its date and code"),
        pytest.param(ENGLISH, "four one " + "one one " * 7, id="figure by figure"),
        pytest.param(ENGLISH, "i can pay 50 dollars, my cvv is 123", id="a code"),
        pytest.param(SPANISH, "mi tarjeta es 4111 1111 1111 1111", id="in Spanish"),
        pytest.param(SPANISH, "el código de seguridad es 123", id="a code in Spanish"),
    ],
)
def test_of_a_card_that_is_read_aloud_nothing_is_kept(language: Language, text: str) -> None:
    assert entities(read(text, language), language, AT, ALEX) == ()


def test_a_telephone_number_is_no_card() -> None:
    assert values("it is 512 555 0142", "phone", ENGLISH) == {"5125550142"}
