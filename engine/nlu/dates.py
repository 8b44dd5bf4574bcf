"""Days the callee names, relative to the local day of the call.

Only with an anchor (``the fifteenth``, ``friday``, ``in two weeks``): the month
``may`` and the moment ``a second`` name no day. A phrase that leaves two days
open yields both; a range yields its ends. A promise is never about the past,
so unless the words are in the past tense the next such day is meant.
"""

from collections.abc import Iterator, Mapping
from datetime import date

from engine.nlu.dates_english import ENGLISH_DAYS
from engine.nlu.dates_spanish import SPANISH_DAYS
from engine.nlu.day_meanings import Days, Grammar, Phrase
from engine.nlu.entity import Entity
from engine.nlu.figures import Figures
from engine.nlu.language import Numerals

GRAMMARS: Mapping[str, Grammar] = {"en": ENGLISH_DAYS, "es": SPANISH_DAYS}


def days(figures: Figures, numerals: Numerals, today: date, code: str) -> Iterator[Entity]:
    """Yield each day named, the leftmost longest readings first come."""
    grammar = GRAMMARS[code]
    line = figures.line
    possible = grammar.sieve.possible(line)
    past = bool(possible and grammar.past.search(line))
    taken: list[tuple[int, int]] = []
    found: list[tuple[int, int, Days]] = []
    for number in possible:
        pattern, meaning = grammar.rules[number]
        for match in pattern.finditer(line):
            if any(s < match.end() and match.start() < e for s, e in taken):
                continue
            value = meaning(Phrase(match, today, past, numerals))
            if value is None:
                continue
            begins, moved = grammar.shift(line, match)
            taken.append((begins, match.end()))
            if value and moved is not None:
                found.append((begins, match.end(), tuple(day + moved for day in value)))
    for start, end, value in sorted(found):
        first, last = figures.words(start, end)
        yield Entity("date", tuple(d.toordinal() for d in value), first, last, f"`{line[start:end].strip()}`")
