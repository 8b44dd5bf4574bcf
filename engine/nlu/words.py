"""The callee's words in canonical spelling, each knowing where it was said.

Speech recognisers drop apostrophes, write fillers, repeat words and choose
among homophones. All of that is undone here, once, so that patterns, entity
grammars and the statistical layer read one spelling: lower case, no accents,
contractions written out (``can not``, ``i am``), no fillers, nothing twice.
"""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from engine.nlu.language import Language

LONGEST = 400  # characters of an utterance that are read

_TOKEN = re.compile(
    r"\$ ?\d+(?:,\d{3})*(?:\.\d+)?|\d+(?:[/.:-]\d+)+|\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:st|nd|rd|th|k)\b|\d+"
    r"|[^\W\d_]+(?:'[^\W\d_]+)*|[.,;!?:\"]|%"
)
_STOPS = frozenset(".,;!?:\"")


@dataclass(frozen=True, slots=True)
class Word:
    """A canonical word and the run of characters of the utterance it came from."""

    text: str
    start: int
    end: int
    capital: bool = False  # written with a capital, within a sentence


@dataclass(frozen=True)
class Words:
    """An utterance in canonical spelling.

    Args:
        words: The words, in order.
        breaks: Indices of words before which punctuation stood.
        asked: Indices of words after which a question mark stood.
    """

    words: tuple[Word, ...]
    breaks: frozenset[int] = frozenset()
    asked: frozenset[int] = frozenset()

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Return the words alone."""
        return tuple(w.text for w in self.words)

    @cached_property
    def line(self) -> str:
        """Return the words with single spaces between."""
        return " ".join(self.texts)

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        starts, at = [], 0
        for text in self.texts:
            starts.append(at)
            at += len(text) + 1
        return tuple(starts)

    def index(self, offset: int) -> int:
        """Return the index of the word that holds *offset* of the line."""
        return max(0, bisect_right(self._starts, offset) - 1)

    def offset(self, index: int) -> int:
        """Return where word *index* begins in the line."""
        return self._starts[index] if index < len(self._starts) else len(self.line)


def fold(text: str) -> str:
    """Return *text* in lower case, without accents and with plain quotes."""
    plain = text.replace("\u2019", "'").replace("\u2018", "'").replace("`", "'").replace("\u00b4", "'")
    if plain.isascii():
        return plain.lower()
    decomposed = unicodedata.normalize("NFKD", plain.lower())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def read(text: str, language: Language) -> Words:
    """Return the canonical words of *text*; what lies past 400 characters is not read."""
    folded, origin = _folded(text[:LONGEST])
    words: list[Word] = []
    stops: list[int] = []
    questions: list[int] = []
    fresh = True
    for match in _TOKEN.finditer(folded):
        token = match.group()
        start, end = origin[match.start()], origin[match.end() - 1] + 1
        if token in _STOPS:
            stops.append(start)
            fresh = True
            if token == "?":
                questions.append(start)
            continue
        for part in _expand(token, language):
            words.append(Word(part, start, end, text[start].isupper() and not fresh))
        fresh = False
    kept = _tidy(words, language)
    starts = [w.start for w in kept]
    breaks = frozenset(bisect_right(starts, stop) for stop in stops)
    return Words(kept, breaks, frozenset(bisect_right(starts, asked) - 1 for asked in questions) - {-1})


def canonical(text: str, language: Language) -> str:
    """Return the canonical line of *text*."""
    return read(text, language).line


def _folded(text: str) -> tuple[str, list[int]]:
    if text.isascii():
        return text.lower().replace("`", "'"), list(range(len(text)))
    pieces: list[str] = []
    origin: list[int] = []
    for i, c in enumerate(text):
        piece = fold(c)
        pieces.append(piece)
        origin.extend([i] * len(piece))
    return "".join(pieces), origin


def _expand(token: str, language: Language) -> tuple[str, ...]:
    known = language.contractions.get(token)
    if known is not None:
        return known
    head, mark, tail = token.partition("'")
    if not mark:
        return (token,)
    if tail == "s":
        return (head, "'s")
    return tuple(p for p in token.split("'") if p)


def _tidy(words: list[Word], language: Language) -> tuple[Word, ...]:
    """Return *words* without homophones, fillers, repetitions and what only calls for attention."""
    corrected = _correct(words, language)
    keep: list[int] = []
    texts = [w.text for w in corrected]
    i = 0
    while i < len(texts):
        phrase = next((p for p in language.filler_phrases if tuple(texts[i : i + len(p)]) == p), None)
        if phrase is not None and len(texts) > len(phrase):
            i += len(phrase)
        elif texts[i] in language.fillers:
            i += 1
        else:
            keep.append(i)
            i += 1
    return tuple(corrected[i] for i in _opened(_once(keep, texts, language), texts, language))


def _once(keep: list[int], texts: list[str], language: Language) -> list[int]:
    """Drop a word or a run of up to four words said again at once; numbers may repeat."""
    numerals = language.numerals
    out: list[int] = []
    for index in keep:
        out.append(index)
        for size in (1, 2, 3, 4):
            if len(out) < 2 * size:
                break
            tail = [texts[i] for i in out[-size:]]
            if tail == [texts[i] for i in out[-2 * size : -size]] and not any(
                t in numerals.units or t in numerals.tens or t[0].isdigit() for t in tail
            ):
                del out[-size:]
                break
    return out


def _opened(keep: list[int], texts: list[str], language: Language) -> list[int]:
    """Drop what only calls for attention before the first word (``listen``, ``oiga``)."""
    opening = language.openers.match(" ".join(texts[i] for i in keep))
    return keep[len(opening.group().split()) :] if opening else keep


def _correct(words: list[Word], language: Language) -> list[Word]:
    """Undo the recogniser's homophones, where the words around leave no doubt."""
    line = " ".join(w.text for w in words)
    possible = language.misheard.possible(line)
    for number, (pattern, meant) in enumerate(language.corrections):
        if number not in possible:
            continue
        at = 0
        while (match := pattern.search(line, at)) is not None:
            first = line.count(" ", 0, match.start())
            said = match.group().split()
            new = match.expand(meant).split()
            start, end = words[first].start, words[first + len(said) - 1].end
            if len(new) == len(said):
                fresh = [Word(n, w.start, w.end) for n, w in zip(new, words[first:], strict=False)]
            else:
                fresh = [Word(n, start, end) for n in new]
            words = words[:first] + fresh + words[first + len(said) :]
            line = " ".join(w.text for w in words)
            possible = language.misheard.possible(line)
            at = len(" ".join(w.text for w in words[: first + len(new)]))
    return words
