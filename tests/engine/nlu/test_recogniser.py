"""What is accepted, in the state that listens."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bundle import CompiledBundle
from engine.nlu.reading import Listening
from engine.nlu.recogniser import Recogniser, UnknownLocale
from engine.terms import Polarity
from tests.engine.nlu.conftest import AT, barred, listening, under


@pytest.mark.parametrize(
    ("text", "hears", "accepted"),
    [
        ("yes", ("affirm", "deny"), ("affirm",)),
        ("no", ("affirm", "deny"), ("deny",)),
        ("yes", ("identity_confirmed",), ("identity_confirmed",)),
        ("no", ("identity_confirmed",), ("deny",)),
        ("sure", ("identity_confirmed",), ()),
        ("yes?", ("identity_confirmed",), ()),
        ("yes", ("promise", "refuse"), ()),
        ("speaking", ("identity_confirmed",), ("identity_confirmed",)),
        ("this is she", ("identity_confirmed",), ("identity_confirmed",)),
        ("this is Alex", ("identity_confirmed",), ("identity_confirmed",)),
        ("this is Bob", ("identity_confirmed",), ()),
        ("I can pay fifty dollars a month", (), ("payment_plan",)),
        ("I can pay fifty dollars on Friday", ("refuse",), ()),
    ],
)
def test_the_state_decides_what_is_heard(
    recogniser: Recogniser, text: str, hears: tuple[str, ...], accepted: tuple[str, ...]
) -> None:
    assert recogniser.understand(text, "en-US", listening(*hears)).accepted == accepted


def test_protected_intents_are_heard_in_every_state(recogniser: Recogniser) -> None:
    found = recogniser.understand("yes this is Alex but stop calling me", "en-US", listening("promise"))
    assert found.accepted == ("stop_calling",)


def test_everything_said_at_once_is_kept(recogniser: Recogniser) -> None:
    missed = {
        text: sorted(set(wanted) - set(found))
        for text, wanted in barred("several.en.txt")
        if not set(wanted) <= set(found := recogniser.understand(text, "en-US", listening()).accepted)
    }
    assert not missed


@pytest.mark.parametrize(("locale", "code"), [("en-US", "en"), ("es-US", "es")])
def test_what_is_meant_is_heard(recogniser: Recogniser, locale: str, code: str) -> None:
    cases = list(under(f"heard.{code}.txt"))
    missed = [
        (intent, text)
        for intent, text in cases
        if intent not in recogniser.understand(text, locale, listening()).accepted
    ]
    assert len(missed) <= 0.01 * len(cases), missed


@pytest.mark.parametrize(("locale", "code"), [("en-US", "en"), ("es-US", "es")])
def test_no_trap_is_fallen_into(recogniser: Recogniser, locale: str, code: str) -> None:
    fallen = [
        (intent, text)
        for intent, text in under(f"traps.{code}.txt")
        for state in (listening(), listening("identity_confirmed"))
        if intent in recogniser.understand(text, locale, state).accepted
    ]
    assert not [f for f in fallen if f[0] in ("identity_confirmed", "promise", "affirm")]
    assert len(fallen) <= 6, fallen


@pytest.mark.parametrize(("locale", "code"), [("en-US", "en"), ("es-US", "es")])
def test_callees_are_understood(recogniser: Recogniser, locale: str, code: str) -> None:
    state = listening(asks=("heard.dob", "heard.zip", "heard.ssn4"))
    cases = list(under(f"callees.{code}.txt"))
    missed = [
        (intent, text)
        for intent, text in cases
        if not (
            set(found := recogniser.understand(text, locale, state).accepted) >= {intent}
            or (intent == "outside" and not found)
        )
    ]
    assert len(cases) > 380
    assert len(missed) <= 0.03 * len(cases), missed


@pytest.mark.parametrize(
    ("text", "locale", "wished"),
    [
        ("Don't call me at work", "en-US", {"not_at_work"}),
        ("I told you not to call me at my job", "en-US", {"not_at_work"}),
        ("quit calling my work phone", "en-US", {"not_at_work"}),
        ("I told you don't call me at work", "en-US", {"not_at_work"}),
        ("Don't call me before noon", "en-US", {"inconvenient_time"}),
        ("please don't call me on Sundays", "en-US", {"inconvenient_time"}),
        ("I don't want this call recorded", "en-US", {"recording_objection"}),
        ("don't call me at work or at home", "en-US", {"not_at_work", "stop_calling"}),
        ("stop calling me I'm at work", "en-US", {"not_at_work", "stop_calling"}),
        ("don't call me at my job, don't call me at all", "en-US", {"not_at_work", "stop_calling"}),
        ("stop calling and recording me", "en-US", {"recording_objection", "stop_calling"}),
        ("take my number off your list", "en-US", {"stop_calling"}),
        ("No me llame al trabajo", "es-US", {"not_at_work"}),
        ("no me llame antes del mediodía", "es-US", {"inconvenient_time"}),
        ("no me llame al trabajo ni a la casa", "es-US", {"not_at_work", "stop_calling"}),
        ("ya no me llamen", "es-US", {"stop_calling"}),
    ],
)
def test_a_wish_is_taken_as_wide_as_it_was_said(
    recogniser: Recogniser, text: str, locale: str, wished: set[str]
) -> None:
    wishes = {"stop_calling", "not_at_work", "inconvenient_time", "recording_objection"}
    assert wishes & set(recogniser.understand(text, locale, listening()).accepted) == wished


@pytest.mark.parametrize(
    ("text", "locale", "intent"),
    [
        ("you have the wrong amount", "en-US", "wrong_party"),
        ("I'd rather go bankrupt", "en-US", "bankruptcy"),
        ("I don't dispute that I owe it", "en-US", "dispute"),
        ("I thought he was dead", "en-US", "deceased"),
        ("why did you stop calling", "en-US", "stop_calling"),
        ("my wife told you to stop calling but it's okay", "en-US", "stop_calling"),
        ("put me down for a hundred on December first", "en-US", "stop_calling"),
        ("hold on, ill grab her", "en-US", "hardship"),
        ("what if I paid fifty on Friday", "en-US", "promise"),
        ("what if I paid fifty on Friday", "en-US", "already_paid"),
        ("He doesn't live here anymore", "en-US", "robot_question"),
        ("I won't give out my social", "en-US", "give_identifier"),
        ("necesito un abogado", "es-US", "attorney"),
        ("you caught me at a bad moment", "en-US", "identity_confirmed"),
        ("you got me at a bad time", "en-US", "identity_confirmed"),
        ("here's Alex", "en-US", "identity_confirmed"),
        ("can you call me around six", "en-US", "stop_calling"),
        ("it's one one two two three", "en-US", "card_number"),
        ("ya es muy tarde para llamar", "es-US", "stop_calling"),
        ("aquí está él", "es-US", "identity_confirmed"),
        ("yo soy militar", "es-US", "identity_confirmed"),
        ("yo no me llamo así", "es-US", "stop_calling"),
        ("que tenga buen día", "es-US", "inconvenient_time"),
    ],
)
def test_what_is_not_said_is_not_heard(recogniser: Recogniser, text: str, locale: str, intent: str) -> None:
    assert intent not in recogniser.understand(text, locale, listening()).accepted


@pytest.mark.parametrize(
    ("text", "locale", "intent"),
    [
        ("I'd rather talk to my lawyer", "en-US", "attorney"),
        ("I don't dispute that I owe it but the amount is wrong", "en-US", "dispute"),
        ("I told you to stop calling okay", "en-US", "stop_calling"),
        ("you have the wrong guy", "en-US", "wrong_party"),
        ("I'm his lawyer", "en-US", "third_party"),
        ("I'm not paying a cent, goodbye", "en-US", "goodbye"),
        ("tengo un abogado", "es-US", "attorney"),
        ("a sus órdenes soy Alex", "es-US", "identity_confirmed"),
        ("oiga, este, no soy él", "es-US", "wrong_party"),
        ("no se encuentra, quiere dejarle recado", "es-US", "third_party"),
        ("eso no es correcto", "es-US", "deny"),
        ("no sea cabrón", "es-US", "abuse"),
    ],
)
def test_what_is_said_beside_is_still_heard(recogniser: Recogniser, text: str, locale: str, intent: str) -> None:
    assert intent in recogniser.understand(text, locale, listening()).accepted


@pytest.mark.parametrize(
    ("text", "locale", "accepted"),
    [
        ("yes this is Maria", "en-US", ("identity_confirmed",)),
        ("this is ridiculous", "en-US", ()),
        ("I'm not Maria", "en-US", ("wrong_party",)),
        ("puedo pagar cincuenta al mes", "es-US", ("payment_plan",)),
    ],
)
def test_a_call_that_knows_no_name(recogniser: Recogniser, text: str, locale: str, accepted: tuple[str, ...]) -> None:
    assert recogniser.understand(text, locale, listening(known=False)).accepted == accepted


def test_an_identifier_that_was_asked_for_is_one(recogniser: Recogniser) -> None:
    state = listening("give_identifier", "refuse", asks=("heard.zip", "heard.dob"))
    found = recogniser.understand("it's three three one two five", "en-US", state)
    assert found.accepted == ("give_identifier",)
    assert [(s.slot, s.values) for s in found.slots] == [("heard.zip", ("33125",))]


def test_slots_of_a_promise(recogniser: Recogniser) -> None:
    text = "I can't pay two hundred but I can pay fifty on Friday"
    found = recogniser.understand(text, "en-US", listening())
    slots = {s.slot: s for s in found.slots}
    assert slots["promise.amount"].values == (50_00,)
    assert slots["promise.date"].values == (AT.date().toordinal() + 2,)
    assert text[slots["promise.date"].start : slots["promise.date"].end] == "Friday"


def test_words_that_leave_a_day_open_give_every_reading(recogniser: Recogniser) -> None:
    found = recogniser.understand("I can pay fifty Monday or Tuesday", "en-US", listening())
    (day,) = [s for s in found.slots if s.slot == "promise.date"]
    assert len(day.values) == 2


@pytest.mark.parametrize(
    ("text", "polarity"),
    [
        ("yes", Polarity.YES),
        ("not a problem", Polarity.YES),
        ("absolutely not", Polarity.NO),
        ("I didn't say yes", Polarity.NO),
        ("yes but I can't", Polarity.MIXED),
        ("nope, alright", Polarity.NO),
        ("no wait okay yes", Polarity.MIXED),
        ("maybe", Polarity.UNKNOWN),
    ],
)
def test_polarity(recogniser: Recogniser, text: str, polarity: Polarity) -> None:
    assert recogniser.understand(text, "en-US", listening()).polarity is polarity


def test_what_scope_holds_back_is_told(recogniser: Recogniser) -> None:
    found = recogniser.understand("I don't have a lawyer", "en-US", listening("affirm"))
    assert "attorney" not in found.accepted
    (reading,) = [r for r in found.readings if r.intent == "attorney"]
    assert any("held back: denied by `not`" in why for why in reading.why)


def test_every_reading_has_a_share_of_one(recogniser: Recogniser) -> None:
    found = recogniser.understand("what a lovely garden", "en-US", listening())
    assert all(0 <= r.score <= 1 and r.score == round(r.score, 4) for r in found.readings)
    assert len(found.readings) > 30


def test_a_locale_stands_for_its_language(recogniser: Recogniser) -> None:
    assert recogniser.understand("número equivocado", "es-MX", listening()).accepted == ("wrong_party",)
    with pytest.raises(UnknownLocale, match="fr-CA"):
        recogniser.understand("bonjour", "fr-CA", listening())


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=500), locale=st.sampled_from(["en-US", "es-US"]))
def test_any_text_is_understood_somehow(recogniser: Recogniser, text: str, locale: str) -> None:
    found = recogniser.understand(text, locale, Listening(AT))
    assert all(0 <= s.start <= s.end <= len(text) for s in found.slots)


def test_what_lies_past_four_hundred_characters_is_not_read(recogniser: Recogniser) -> None:
    text = "la " * 140 + "stop calling me"
    assert recogniser.understand(text, "en-US", listening()).accepted == ()


def test_a_counter_example_is_not_understood_as_what_it_is_held_against(
    shipped: CompiledBundle, recogniser: Recogniser
) -> None:
    """What a plain yes or no stands for is up to the state, so bare answers are left out."""
    taken = []
    for locale, specs in shipped.intents.items():
        for spec in specs:
            for example in spec.counter_examples:
                words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", example)
                found = recogniser.understand(words, locale, listening())
                if spec.id in found.accepted and found.polarity is Polarity.UNKNOWN:
                    taken.append((locale, spec.id, words))
    assert taken == []


def test_a_longer_sentence_than_a_counter_example_is_heard_as_it_is(recogniser: Recogniser) -> None:
    found = recogniser.understand("stop, wait, let me find my card", "en-US", listening())
    assert "stop_calling" not in found.accepted
    found = recogniser.understand("stop, wait, let me find my card, no, stop calling me", "en-US", listening())
    assert "stop_calling" in found.accepted


ASKED_PROMISE = ("promise.amount", "promise.date")
ASKED_IDENTIFIERS = ("heard.dob", "heard.zip", "heard.ssn4", "heard.house_number")


@pytest.mark.parametrize(
    ("text", "locale", "promised"),
    [
        ("the fifteenth", "en-US", True),
        ("uh i think i said fifty dollars so fifty", "en-US", False),
        ("fifty dollars on friday", "en-US", True),
        ("call me on friday about the two hundred", "en-US", False),
        ("i will get back to you on friday", "en-US", False),
        ("right now is not good", "en-US", False),
        ("i was going to pay on friday but i lost my job", "en-US", False),
        ("hell pay you friday", "en-US", False),
        ("el quince", "es-US", True),
        ("llámeme el viernes por lo de los doscientos", "es-US", False),
    ],
)
def test_an_amount_or_a_day_that_was_asked_for_promises_only_where_nothing_else_is_said(
    recogniser: Recogniser, text: str, locale: str, promised: bool
) -> None:
    found = recogniser.understand(text, locale, listening("promise", "refuse", "deny", asks=ASKED_PROMISE)).accepted
    assert ("promise" in found) is promised, found


@pytest.mark.parametrize(
    ("text", "locale", "slots"),
    [
        ("my zip code is seven eight seven zero one", "en-US", {"heard.zip"}),
        ("my social ends in four four twelve", "en-US", {"heard.ssn4"}),
        ("i was born on march third nineteen eighty five", "en-US", {"heard.dob"}),
        ("march 3 1985", "en-US", {"heard.dob"}),
        ("four four one two", "en-US", {"heard.ssn4", "heard.house_number"}),
        ("not seven eight seven oh one", "en-US", set()),
        ("my zip is 78701 and i was born on march third nineteen eighty five", "en-US", {"heard.zip", "heard.dob"}),
        ("mi código postal es siete ocho siete cero uno", "es-US", {"heard.zip"}),
    ],
)
def test_words_that_name_an_identifier_give_no_other(
    shipped: CompiledBundle, recogniser: Recogniser, text: str, locale: str, slots: set[str]
) -> None:
    found = recogniser.understand(text, locale, listening("give_identifier", asks=ASKED_IDENTIFIERS)).slots
    assert {s.slot for s in found} == slots


@pytest.mark.parametrize(
    ("text", "locale", "days"),
    [
        ("not friday monday", "en-US", (5,)),
        ("not friday", "en-US", ()),
        ("no el viernes sino el lunes", "es-US", (5,)),
        ("not until friday", "en-US", (2,)),
        ("no, friday", "en-US", (2,)),
    ],
)
def test_a_day_that_is_denied_is_no_day(
    recogniser: Recogniser, text: str, locale: str, days: tuple[int, ...]
) -> None:
    found = recogniser.understand(text, locale, listening("promise", asks=("promise.date",))).slots
    assert tuple(v - AT.date().toordinal() for s in found for v in s.values if isinstance(v, int)) == days


@pytest.mark.parametrize(
    ("text", "confirms"),
    [
        ("this is alex johnson", False),
        ("yes this is alex garcia", False),
        ("this is alex morgan", True),
        ("this is alex james morgan", True),
        ("this is alex", True),
        ("its alex dude", True),
    ],
)
def test_another_last_name_confirms_nothing(recogniser: Recogniser, text: str, confirms: bool) -> None:
    facts = {"party.first_name": "Alex", "party.last_name": "Morgan"}
    state = Listening(AT, frozenset({"identity_confirmed"}), frozenset(), facts)
    assert ("identity_confirmed" in recogniser.understand(text, "en-US", state).accepted) is confirms
