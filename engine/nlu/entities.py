"""All entities of an utterance, by kind."""

import re
from collections.abc import Mapping
from datetime import datetime

from engine.expressions.tree import Value
from engine.nlu.birthdays import birthdays
from engine.nlu.dates import days
from engine.nlu.digits import reads_card, strings
from engine.nlu.earliest import earliest
from engine.nlu.entity import Entity
from engine.nlu.figures import figures
from engine.nlu.language import Language
from engine.nlu.money import amounts
from engine.nlu.times import times
from engine.nlu.words import Words

_BIRTH = re.compile(r"\b(?:birthday|birth|born|birthdate|dob|nacimiento|cumpleanos|naci)\b")
_STREET = re.compile(
    r"\b(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty|seventy|"
    r"eighty|ninety)[\w ]{1,40}?"
    r"(?:street|avenue|road|drive|lane|boulevard|court|way|place|circle|terrace|parkway|highway|trail|apartment|unit|st|ave|rd|dr|ln|blvd|ct)\b"
    r"|\b(?:calle|avenida|camino|bulevar) [\w ]{1,30}"
)
_CARD = re.compile(
    r"\b(?:cvv2?|cvc2?|(?:security|verification) code|expiration date|expiry date|codigo de (?:seguridad|verificacion)|"
    r"fecha de (?:vencimiento|expiracion|caducidad))\b"
)
IDENTIFIERS = frozenset({"dob", "zip", "ssn4", "address", "phone", "digits"})


def entities(words: Words, language: Language, at: datetime, facts: Mapping[str, Value]) -> tuple[Entity, ...]:
    """Return every entity the words allow; which of them count is for the recogniser to say.

    Words in which a card is read aloud hold none, so that nothing of them is kept (PCI DSS 3.3.1).
    """
    read = figures(words, language.numerals)
    if _CARD.search(words.line) or (read.any and reads_card(read)):
        return ()
    balance = facts.get("account.balance")
    owed = balance if isinstance(balance, int) and not isinstance(balance, bool) else None
    today = at.date()
    born = tuple(birthdays(read, language.numerals, today))
    dates = tuple(days(read, language.numerals, today, language.code)) if not _BIRTH.search(words.line) else ()
    numbers = tuple(strings(read)) if read.any else ()
    covered = [(d.first, d.last) for d in (*dates, *born)]
    money = tuple(
        m for m in amounts(read, owed) if m.sure or not any(f < m.last and m.first < last for f, last in covered)
    )
    clock = tuple(t for t in times(read) if not any(f < t.last and t.first < last for f, last in covered))
    return (*money, *dates, *born, *numbers, *clock, *earliest(words, clock), *_whole(words))


def _whole(words: Words) -> tuple[Entity, ...]:
    """Return the utterance as ``text``, and as ``address`` from its first number on where a street follows."""
    if not words.words:
        return ()
    said = Entity("text", (words.line,), 0, len(words.words), "the words", False)
    street = _STREET.search(words.line)
    if street is None:
        return (said,)
    first, last = words.index(street.start()), words.index(street.end() - 1) + 1
    return (said, Entity("address", (street.group(),), first, last, "a street", False))
