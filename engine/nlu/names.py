"""The name of the person called: only that one confirms who is speaking.

Words that name the party become ``partyname``, the word that stands for it in
examples and patterns. When the call knows no name, any given name counts as
the one that was asked for.
"""

from collections.abc import Mapping
from dataclasses import replace

from engine.expressions.tree import Value
from engine.nlu.context import Compiled
from engine.nlu.given_names import ALSO_WORDS, GIVEN_NAMES
from engine.nlu.last_names import LAST_NAMES
from engine.nlu.words import Word, Words, fold

NAME = "partyname"
_FACTS = ("party.first_name", "party.last_name", "party.full_name", "party.name", "party.middle_name")
_TITLES = frozenset({"mister", "missus", "miss", "ms", "senor", "senora"})


def names(facts: Mapping[str, Value]) -> frozenset[str]:
    """Return the words of the party's names, folded."""
    found = (facts.get(f) for f in _FACTS)
    return frozenset(part for value in found if isinstance(value, str) for part in fold(value).split() if len(part) > 1)


def marked(words: Words, facts: Mapping[str, Value], vocabulary: frozenset[str], cues: Compiled) -> Words:
    """Return *words* with the party's name as ``partyname``."""
    known = names(facts)
    if known:
        words = _possessive(words, known)
        places = {i for i, w in enumerate(words.texts) if w in known}
    else:
        places = _places_of_a_name(words, vocabulary, cues)
    if not places:
        return words
    fresh: list[Word] = []
    index: dict[int, int] = {}
    for i, word in enumerate(words.words):
        index[i] = len(fresh)
        if i in places:
            if fresh and fresh[-1].text == NAME and i - 1 in places:
                fresh[-1] = replace(fresh[-1], end=word.end)
                index[i] -= 1
                continue
            word = Word(NAME, word.start, word.end)
        fresh.append(word)
    return Words(
        tuple(fresh),
        frozenset(index.get(b, len(fresh)) for b in words.breaks),
        frozenset(index.get(a, len(fresh)) for a in words.asked),
    )


def _possessive(words: Words, known: frozenset[str]) -> Words:
    """Return *words* with ``alexs``, as recognisers write ``Alex's``, as two words."""
    if not any(w[-1:] == "s" and w[:-1] in known and w not in known for w in words.texts):
        return words
    fresh: list[Word] = []
    moved: list[int] = []
    for word in words.words:
        moved.append(len(fresh))
        if word.text[-1:] == "s" and word.text[:-1] in known and word.text not in known:
            fresh += [Word(word.text[:-1], word.start, word.end), Word("'s", word.start, word.end)]
        else:
            fresh.append(word)
    moved.append(len(fresh))
    return Words(
        tuple(fresh),
        frozenset(moved[b] for b in words.breaks if b < len(moved)),
        frozenset(moved[a + 1] - 1 for a in words.asked if a + 1 < len(moved)),
    )


def unknown_name(words: Words, at: int, vocabulary: frozenset[str]) -> bool:
    """Whether word *at* can only be a name that is not the party's."""
    texts = words.texts
    if at < len(texts) and texts[at] in _TITLES:
        at += 1
    return at < len(texts) and texts[at] != NAME and _word(texts[at]) and texts[at] not in vocabulary


def _word(text: str) -> bool:
    return text.isalpha() and len(text) > 1


def other_name(
    words: Words, vocabulary: frozenset[str], cues: Compiled, facts: Mapping[str, Value]
) -> str:
    """Return the name by which the speaker calls themselves, where it is not the party's, or ''."""
    texts = words.texts
    surname_known = bool(facts.get("party.last_name"))
    for match in cues.introduces.finditer(words.line):
        at = words.index(match.end() - 1) + 1
        if unknown_name(words, at, vocabulary):
            return texts[at]
        after = texts[at : at + 3]
        if surname_known and after[:1] == (NAME,) and after[1:2] and after[1] in LAST_NAMES and after[2:] != (NAME,):
            return after[1]
    for i in range(len(texts) - 1):
        if texts[i + 1] in ("speaking", "here", "habla") and unknown_name(words, i, vocabulary):
            return texts[i]
    return ""


def _places_of_a_name(words: Words, vocabulary: frozenset[str], cues: Compiled) -> set[int]:
    """Return where a name stands, in a call that knows none: a given name, what follows a title, or a capital."""
    texts = words.texts
    places = {i for i, t in enumerate(texts) if t in GIVEN_NAMES and t not in ALSO_WORDS}
    for match in cues.introduces.finditer(words.line):
        at = words.index(match.end() - 1) + 1
        if at < len(texts) and texts[at] in _TITLES:
            places.add(at)
            at += 1
            if at < len(texts) and texts[at].isalpha():
                places.add(at)
                at += 1
        while at < len(texts) and (
            texts[at] in GIVEN_NAMES | ALSO_WORDS or (words.words[at].capital and unknown_name(words, at, vocabulary))
        ):
            places.add(at)
            at += 1
    for i in range(len(texts) - 1):
        alone = i == 0 or texts[i - 1] in ("is", "yes", "si")
        if alone and texts[i + 1] in ("speaking", "habla") and unknown_name(words, i, vocabulary):
            places.add(i)
    return places
