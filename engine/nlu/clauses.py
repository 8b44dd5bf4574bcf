"""Where one statement ends and the next begins, and what colours each.

Without punctuation, as recognisers write, a clause begins at a conjunction
(``but``) or at a subject with its verb (``i can``, ``this is``).
"""

from dataclasses import dataclass

from engine.nlu.language import Language
from engine.nlu.words import Words


@dataclass(frozen=True, slots=True)
class Clause:
    """The words [first, last) and whether a question mark closes them."""

    first: int
    last: int
    asked: bool = False

    def text(self, words: Words) -> str:
        """Return its part of the line."""
        return " ".join(words.texts[self.first : self.last])


def clauses(words: Words, language: Language) -> tuple[Clause, ...]:
    """Return the clauses of *words*, in order, covering all of them."""
    texts = words.texts
    begins = [0]
    for i in range(1, len(texts)):
        opened = i in words.breaks or texts[i] in language.clause_openers
        if opened or _subject(texts, i, begins[-1], language) or _inversion(texts, i, language):
            begins.append(i)
    begins = [b for n, b in enumerate(begins) if n == 0 or b > begins[n - 1]]
    ends = [*begins[1:], len(texts)]
    return tuple(
        Clause(b, e, any(a in words.asked for a in range(b, e))) for b, e in zip(begins, ends, strict=True) if e > b
    )


def _subject(texts: tuple[str, ...], i: int, begun: int, language: Language) -> bool:
    if texts[i] not in language.subjects or i + 1 >= len(texts) or texts[i + 1] not in language.auxiliaries:
        return False
    if texts[i - 1] in language.complementisers or texts[i - 1] in language.clause_openers:
        return False
    return i - begun >= 1


def _inversion(texts: tuple[str, ...], i: int, language: Language) -> bool:
    """Whether a question begins here: ``are you``, ``who is``."""
    if i + 1 >= len(texts) or texts[i - 1] in language.complementisers:
        return False
    return (texts[i] in language.inverts and texts[i + 1] in language.pronouns) or (
        texts[i] in language.asks and texts[i + 1] in language.inverts
    )
