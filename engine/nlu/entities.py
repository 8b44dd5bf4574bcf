"""All entities of an utterance, by kind."""

from collections.abc import Mapping
from datetime import datetime

from engine.expressions.tree import Value
from engine.nlu.birthdays import birthdays
from engine.nlu.dates import days
from engine.nlu.digits import strings
from engine.nlu.entity import Entity
from engine.nlu.figures import figures
from engine.nlu.language import Language
from engine.nlu.money import amounts
from engine.nlu.words import Words

KINDS = ("money", "date", "dob", "zip", "ssn4", "digits", "phone", "time", "address", "text")


def entities(words: Words, language: Language, at: datetime, facts: Mapping[str, Value]) -> tuple[Entity, ...]:
    """Return every entity the words allow; which of them count is for the recogniser to say."""
    read = figures(words, language.numerals)
    balance = facts.get("account.balance")
    owed = balance if isinstance(balance, int) and not isinstance(balance, bool) else None
    today = at.date()
    born = tuple(birthdays(read, language.numerals, today))
    dates = tuple(days(read, language.numerals, today, language.code))
    numbers = tuple(strings(read)) if read.any else ()
    covered = [(d.first, d.last) for d in (*dates, *born)]
    money = tuple(
        m for m in amounts(read, owed) if m.sure or not any(f < m.last and m.first < last for f, last in covered)
    )
    return (*money, *dates, *born, *numbers)
