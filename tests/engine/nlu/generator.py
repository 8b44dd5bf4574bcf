"""Utterances made by rule: traps that must confirm and promise nothing, and what must still be heard.

Sentences are built from parts, those of ``said.*.txt`` from templates, and then
spoilt as speech recognisers spoil them: apostrophes and accents dropped,
homophones, words said twice, fillers. The same utterances come out every time.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

from engine.nlu.evaluate import Labelled

DATA = Path(__file__).resolve().parents[2] / "data" / "nlu"

NAME = "Alex"
LOCALE = "en-US"
SPANISH = "es-US"
IDENTITY = frozenset({"identity_confirmed"})
PROMISE = frozenset({"promise"})

BEFORE = ("", "no ", "uh ", "sorry ", "yeah no ", "hello ", "yes hi ", "look ")
NOT_ME = (
    "this isn't {n}",
    "this is not {n}",
    "I'm not {n}",
    "I am not {n}",
    "it's not {n}",
    "this ain't {n}",
    "that's not me",
    "you're not speaking to {n}",
    "you are not talking to {n}",
    "my name isn't {n}",
    "I'm definitely not {n}",
    "I never said I was {n}",
    "I didn't say this is {n}",
    "{n} isn't here",
    "there's no {n} here",
    "this was never {n}",
    "nobody named {n} lives here",
    "I don't know any {n}",
    "{n} doesn't live here",
    "this isn't {n}'s number",
)
AFTER = ("", " sorry", " you have the wrong number", " who is this", " okay", " and I'm sure")
RELATIONS = (
    "wife",
    "husband",
    "mother",
    "brother",
    "roommate",
    "daughter",
    "boss",
    "secretary",
    "neighbor",
    "cousin",
    "mom",
    "son",
)
SOMEBODY_ELSE = (
    "this is {p} {r}",
    "yes this is {p} {r} speaking",
    "I'm {p} {r}",
    "speaking, I'm {p} {r}",
    "you're talking to {p} {r}",
    "yes hi I am {p} {r}",
    "it's {p} {r}",
)
DOUBTS = (
    "maybe this is {n}",
    "this might be {n}",
    "I could be {n}",
    "if I were {n} I'd tell you",
    "pretend I'm {n}",
    "he said this is {n}",
    "you said this is {n}",
    "are you asking if this is {n}",
    "is this about {n}",
    "who told you I'm {n}",
    "sure I'm {n} and you're Santa Claus",
    "yeah right this is {n}",
    "yes this is {n} just kidding",
    "this is {n}'s phone",
    "you've reached {n}'s voicemail",
    "I'm calling for {n}",
    "hold on let me get {n}",
    "{n} passed away",
    "yes but {n} is not here",
    "I know {n} but he moved",
    "do I sound like {n}",
    "I used to be {n}'s neighbor",
    "this is Bob",
    "yes this is Maria",
    "I'm Jennifer",
    "who is speaking",
    "she is speaking with someone else",
    "stop speaking so fast",
)
AMOUNTS = (
    "fifty dollars",
    "two hundred",
    "$75",
    "a hundred bucks",
    "one twenty five",
    "half",
    "the whole thing",
    "300 dollars",
)
DAYS = (
    "on Friday",
    "tomorrow",
    "next Monday",
    "on the fifteenth",
    "by the end of the month",
    "in two weeks",
    "on December first",
)
NO_PROMISE = (
    "I can't pay {a} {d}",
    "I won't pay {a} {d}",
    "I'm not going to pay {a} {d}",
    "I will never pay {a} {d}",
    "I couldn't pay {a} {d}",
    "maybe I can pay {a} {d}",
    "I might pay {a} {d}",
    "I think I can pay {a} {d}",
    "I guess I could pay {a} {d}",
    "I'll try to pay {a} {d}",
    "hopefully I can pay {a} {d}",
    "if I get the job I can pay {a} {d}",
    "I'd pay {a} {d} if I could",
    "my husband will pay {a} {d}",
    "he said he'd pay {a} {d}",
    "you said I could pay {a} {d}",
    "can I pay {a} {d}?",
    "I never said I'd pay {a} {d}",
    "don't put me down for {a} {d}",
    "I already paid {a} last month",
    "I can pay {a} a month",
    "sure I'll pay {a} {d} when pigs fly",
    "yeah right I'll pay {a} {d}",
    "I'll pay {a} {d} when hell freezes over",
    "I can pay {a} {d} no wait I can't",
    "I'll pay {a} {d} just kidding",
    "I was going to pay {a} {d} but I can't",
    "I'll pay {a} when you prove I owe it",
    "there's no way I can pay {a} {d}",
    "I doubt I can pay {a} {d}",
    "I'm not saying I'll pay {a} {d}",
    "I can't pay {a} {d} okay",
    "unless I get fired I'll pay {a} {d}",
    "I don't know if I can pay {a} {d}",
    "I'll pay my rent {d}",
    "why would I pay {a} {d}",
)
CONFIRMS = (
    "this is {n}",
    "yes this is {n}",
    "yeah this is {n} speaking",
    "speaking",
    "yes speaking",
    "this is she",
    "this is he",
    "I'm {n}",
    "yes I'm {n}",
    "yep that's me",
    "it's me",
    "yes it's {n}",
    "{n} speaking",
    "you're speaking with {n}",
    "hi this is {n}",
    "yes I am",
    "my name is {n}",
    "yes ma'am this is {n}",
    "this is him",
    "yeah it's {n} here",
)
PROMISES = (
    "I can pay {a} {d}",
    "I'll pay {a} {d}",
    "I will pay you {a} {d}",
    "yes I can pay {a} {d}",
    "I'm going to pay {a} {d}",
    "I can do {a} {d}",
    "I'll send {a} {d}",
    "put me down for {a} {d}",
    "I could pay {a} {d}",
    "okay I'll do {a} {d}",
    "we can pay {a} {d}",
    "I promise I'll pay {a} {d}",
    "I can't pay today but I can pay {a} {d}",
    "sure I can send {a} {d}",
)
PROTECTED = {
    "stop_calling": (
        "stop calling me",
        "don't call me again",
        "take my number off your list",
        "leave me alone",
        "quit calling this number",
        "no more calls",
    ),
    "attorney": (
        "I have a lawyer",
        "talk to my attorney",
        "my lawyer is handling this",
        "I'm represented by an attorney",
    ),
    "bankruptcy": ("I filed for bankruptcy", "I'm in chapter seven", "this was discharged in my bankruptcy"),
    "dispute": (
        "I don't owe this",
        "that's not my debt",
        "I dispute that",
        "the amount is wrong",
        "I never had that account",
    ),
    "deceased": ("he passed away", "she died last month", "he's deceased", "my husband died in March"),
    "identity_theft": ("someone stole my identity", "that's fraud", "somebody opened that account in my name"),
    "hardship": ("I lost my job", "I can't afford it", "I don't have any money", "I got laid off", "I'm on disability"),
    "already_paid": ("I already paid that", "it's been paid", "I sent a check last week", "I paid it off in June"),
    "human": (
        "let me talk to a person",
        "I want to speak to a human",
        "get me a supervisor",
        "transfer me to a representative",
    ),
    "robot_question": ("are you a robot", "am I talking to a real person", "is this a recording"),
    "wrong_party": ("you have the wrong number", "there's nobody here by that name", "you've got the wrong person"),
    "third_party": ("this is his wife", "he's not home right now", "can I take a message for him", "she's at work"),
    "not_at_work": ("I'm at work", "don't call me at work", "this is my work number", "I can't take calls at my job"),
    "inconvenient_time": (
        "I'm driving",
        "this is a bad time",
        "I can't talk right now",
        "I'm in a meeting",
        "not a good time",
    ),
    "validation_request": (
        "send me proof",
        "I want that in writing",
        "prove I owe it",
        "send me documentation of the debt",
    ),
    "recording_objection": ("I don't want to be recorded", "stop recording me", "don't record this call"),
    "military": ("I'm on active duty", "I'm deployed", "I'm in the army"),
    "crisis": ("I'm going to kill myself", "I don't want to live anymore", "I feel suicidal"),
    "language_spanish": ("Spanish please", "I don't speak English", "do you have someone who speaks Spanish"),
}
BESIDE = {
    i: p
    for i, p in PROTECTED.items()
    if i not in ("wrong_party", "third_party", "deceased", "crisis", "language_spanish")
}
LEADS = ("", "look ", "um ", "okay listen ", "I told you ", "sir ", "hey ")
TRAILS = ("", " okay", " please", " thank you", " alright", " you hear me")

Spoil = Callable[[str], str]
HOMOPHONES = {
    "not": "knot",
    "right now": "write now",
    "you're": "your",
    "I'm": "Im",
    "here": "hear",
    "by the": "buy the",
    "too": "to",
}


SPANISH_HOMOPHONES = {
    "hay": "ay",
    "voy a": "voy ha",
    "hola": "ola",
    "llamen": "yamen",
    "llame": "yame",
    "llamar": "yamar",
    "llamadas": "yamadas",
    "quién": "kien",
    "hace": "ase",
    "hable": "able",
    "vez": "ves",
}
BEGINNINGS = {
    LOCALE: ("", "uh ", "well ", "hey ", "um hi ", "look ", "listen ", "oh ", "so ", "um "),
    SPANISH: ("", "eh ", "mire ", "oiga ", "bueno ", "este ", "pues ", "ay señorita ", "a ver ", "oiga señor "),
}
ENDINGS = {
    LOCALE: ("", " please", " thanks", " sir", " alright", " ma'am", " you know"),
    SPANISH: ("", " por favor", " gracias", " señor", " señorita", " oiga"),
}
MAY_FOLLOW = {
    "identity_confirmed": ("who_is_this", "what_is_this_about", "hold_on", "repeat"),
    "who_is_this": ("what_is_this_about",),
    "hold_on": ("repeat",),
    "promise": ("goodbye",),
    "refuse": ("goodbye", "abuse"),
    "callback": ("goodbye",),
    "abuse": ("stop_calling", "human"),
    "repeat": ("who_is_this",),
    "pay_now": ("hold_on",),
}
EACH = 60  # run-on utterances of a pair
_CHOICE = re.compile(r"\(([^)]*)\)")


def bare(text: str) -> str:
    """Return *text* without apostrophes, in small letters."""
    return text.replace("'", "").lower()


def twice(text: str) -> str:
    """Return *text* with its second word, or its only one, said twice; figures are not."""
    words = text.split()
    at = 1 if len(words) > 1 and words[1].isalpha() else 0
    return " ".join([*words[: at + 1], *words[at:]])


def filled(text: str) -> str:
    """Return *text* with fillers between its words."""
    words = text.split()
    return " ".join([words[0], "uh", *words[1:2], *(["um"] if len(words) > 2 else []), *words[2:]])


def misheard(text: str) -> str:
    """Return *text* with words that sound alike exchanged."""
    return _exchanged(text, HOMOPHONES)


def unaccented(text: str) -> str:
    """Return *text* without accents, in small letters."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))


def misheard_spanish(text: str) -> str:
    """Return *text* with letters that sound alike in Spanish exchanged."""
    return _exchanged(text, SPANISH_HOMOPHONES)


def _exchanged(text: str, homophones: dict[str, str]) -> str:
    for said, heard in homophones.items():
        text = re.sub(rf"\b{said}\b", heard, text)
    return text


def filled_spanish(text: str) -> str:
    """Return *text* with fillers between its words."""
    words = text.split()
    later = ["este"] if len(words) > 2 and words[2] != "es" else []
    return " ".join([words[0], "eh", *words[1:2], *later, *words[2:]])


SPOILS: dict[str, tuple[Spoil, ...]] = {
    LOCALE: (str, bare, twice, filled, misheard),
    SPANISH: (str, unaccented, twice, filled_spanish, misheard_spanish),
}


def utterances() -> Iterator[Labelled]:
    """Yield every utterance once, traps first."""
    seen: set[tuple[str, str, frozenset[str]]] = set()
    for case in (*_traps(), *_meant(), *_said(LOCALE), *_said(SPANISH)):
        key = (case.locale, case.text, case.means)
        if key not in seen:
            seen.add(key)
            yield case


def phrases(locale: str) -> Iterator[tuple[str, str]]:
    """Yield (intent, phrase) of a locale's templates; ``not promise`` heads what must not be taken for a promise."""
    intent = ""
    for line in (DATA / f"said.{locale.partition('-')[0]}.txt").read_text("utf-8").splitlines():
        if line.startswith("!"):
            intent = line[1:]
        elif line and not line.startswith("#"):
            for phrase in _expanded(line):
                yield intent, phrase


def _expanded(template: str) -> Iterator[str]:
    fixed = _CHOICE.split(template)
    for chosen in product(*(choice.split("|") for choice in fixed[1::2])):
        words = "".join(part for pair in zip(fixed[::2], (*chosen, ""), strict=True) for part in pair)
        yield " ".join(words.split())


def _said(locale: str) -> Iterator[Labelled]:
    """Yield each phrase alone and among other words, and phrases of two intents run together."""
    every: dict[str, list[str]] = {}
    beginnings, endings = BEGINNINGS[locale], ENDINGS[locale]
    for number, (intent, phrase) in enumerate(phrases(locale)):
        every.setdefault(intent, []).append(phrase)
        among = f"{beginnings[number % len(beginnings)]}{phrase}{endings[number // 3 % len(endings)]}"
        for words in (phrase, among):
            for spoil in SPOILS[locale]:
                yield _labelled(spoil(words), locale, intent)
    for first, others in MAY_FOLLOW.items():
        for second in others:
            for number in range(EACH if second in every else 0):
                one, two = every[first][number * 7 % len(every[first])], every[second][number * 5 % len(every[second])]
                spoil = SPOILS[locale][number % len(SPOILS[locale])]
                yield _labelled(spoil(f"{one} {two}"), locale, first, second)


def _labelled(text: str, locale: str, *intents: str) -> Labelled:
    never = frozenset(i.removeprefix("not ") for i in intents if i.startswith("not "))
    means = frozenset(i for i in intents if not i.startswith("not "))
    return Labelled(text, locale, means, never or (IDENTITY | PROMISE) - means)


def _spoilt(text: str, means: frozenset[str], never: frozenset[str]) -> Iterator[Labelled]:
    for spoil in SPOILS[LOCALE]:
        yield Labelled(spoil(text), LOCALE, means, never)


def _traps() -> Iterator[Labelled]:
    none: frozenset[str] = frozenset()
    for before, words, after in product(BEFORE, NOT_ME, AFTER):
        yield from _spoilt(f"{before}{words.format(n=NAME)}{after}", none, IDENTITY)
    for words, whose, relation in product(SOMEBODY_ELSE, ("his", "her", f"{NAME}'s", "the"), RELATIONS):
        yield from _spoilt(words.format(p=whose, r=relation), none, IDENTITY)
    for before, words in product(("", "um ", "well "), DOUBTS):
        yield from _spoilt(f"{before}{words.format(n=NAME)}", none, IDENTITY)
    for words, amount, day in product(NO_PROMISE, AMOUNTS[:5], DAYS[:4]):
        yield from _spoilt(words.format(a=amount, d=day), none, PROMISE)


def _meant() -> Iterator[Labelled]:
    for words, after in product(CONFIRMS, ("", " who is this", " what do you want")):
        yield from _spoilt(f"{words.format(n=NAME)}{after}", IDENTITY, PROMISE)
    for words, amount, day in product(PROMISES, AMOUNTS, DAYS):
        yield from _spoilt(words.format(a=amount, d=day), PROMISE, IDENTITY)
    for intent, phrases in PROTECTED.items():
        for lead, phrase, trail in product(LEADS, phrases, TRAILS):
            yield from _spoilt(f"{lead}{phrase}{trail}", frozenset({intent}), IDENTITY | PROMISE)
    for intent, phrases in BESIDE.items():
        for words, phrase, joint in product(CONFIRMS[:5], phrases, (" but ", " and ", " ")):
            yield from _spoilt(f"{words.format(n=NAME)}{joint}{phrase}", IDENTITY | {intent}, PROMISE)
