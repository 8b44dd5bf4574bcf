"""What intents sound like, as patterns, all looked for at once (RE2, linear time)."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import re2

from engine.nlu.clauses import Clause
from engine.nlu.language import Language
from engine.nlu.words import Words, fold

_DENIAL = re.compile(
    r"\b(?:not|never|no|none|nobody|nothing|without|n't|nunca|nadie|ningun|nada|sin|"
    r"stop|quit|refuse|wrong|incorrect|negative)\b"
)
_MEMORY = 64 << 20  # bytes for the automaton of all patterns


@dataclass(frozen=True, slots=True)
class Hit:
    """A pattern of *intent* in words [first, last); ``number`` counts the intent's patterns from 1, as written."""

    intent: str
    number: int
    first: int
    last: int
    denies: bool = False  # the pattern itself names a denial


class Patterns:
    """The patterns of every intent of one language.

    They are matched against the canonical line and against each clause by itself, so that ``^`` and ``$`` also
    mean the ends of a clause.

    Raises:
        ValueError: A pattern is not in RE2's syntax.
    """

    def __init__(self, patterns: Iterable[tuple[str, str]], language: Language) -> None:
        self._sources = tuple(patterns)
        counted: Counter[str] = Counter()
        self._numbers: list[int] = []
        self._denies = [bool(_DENIAL.search(source)) for _, source in self._sources]
        for intent, _ in self._sources:
            counted[intent] += 1
            self._numbers.append(counted[intent])
        self._compiled = []
        options = re2.Options()
        options.max_mem = _MEMORY
        self._all = re2.Set.SearchSet(options)
        whole = re2.Options()
        whole.never_capture = True  # only where a pattern matches counts; each group costs time
        for intent, source in self._sources:
            spelt = spell(source, language)
            try:
                self._compiled.append(re2.compile(spelt, whole))
            except re2.error as error:
                raise ValueError(f"pattern `{source}` of `{intent}`: {error}") from error
            self._all.Add(spelt)
        self._sentinel = self._all.Add("^")
        self._all.Compile()

    def find(self, words: Words, parts: tuple[Clause, ...]) -> tuple[Hit, ...]:
        """Return every hit, those of the whole line first."""
        line = words.line
        if not line or not self._sources:
            return ()
        hits = dict.fromkeys(self._search(words, line, 0))
        if len(parts) > 1:
            for part in parts:
                hits |= dict.fromkeys(self._search(words, part.text(words), words.offset(part.first)))
        return tuple(hits)

    def _search(self, words: Words, text: str, offset: int) -> Iterable[Hit]:
        for number in self._matching(text):
            intent, written, denies = self._sources[number][0], self._numbers[number], self._denies[number]
            for match in self._compiled[number].finditer(text):
                if match.end() > match.start():
                    first = words.index(offset + match.start())
                    yield Hit(intent, written, first, words.index(offset + match.end() - 1) + 1, denies)

    def _matching(self, text: str) -> list[int]:
        """Return the numbers of the patterns that match.

        A set that runs out of memory finds nothing and does not say so; its sentinel, which always matches, tells.
        """
        found = self._all.Match(text) or ()
        if self._sentinel in found:
            return sorted(n for n in found if n != self._sentinel)
        return [n for n, pattern in enumerate(self._compiled) if pattern.search(text)]


def spell(source: str, language: Language) -> str:
    """Return a pattern with its contractions written out and its accents dropped, as the canonical line has them."""
    folded = "".join(fold(c) if not c.isascii() else c for c in source)
    return re.sub(
        r"(?<!\\)[a-z]+'[a-z]+",
        lambda m: " ".join(language.contractions.get(m.group(), tuple(m.group().split("'")))),
        folded,
    )
