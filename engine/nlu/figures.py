"""Spoken numbers as figures: ``two hundred and five`` is 205, ``the twenty first`` is 21st.

The words of an utterance become pieces: a number (with the words it covers),
an ordinal, or a word left as it is. Numbers that do not join stay apart:
``two fifty`` is 2 50, ``nineteen eighty five`` is 19 85, ``double three`` 3 3.
Money, dates, times and digits are read from the pieces.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from engine.nlu.language import Numerals
from engine.nlu.words import Words

_WRITTEN = re.compile(r"\$ ?(?P<money>[\d,]+(?:\.\d+)?)|(?P<day>\d+)(?:st|nd|rd|th)|(?P<kilo>\d+)k|(?P<plain>[\d,]+)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A number or a word.

    Args:
        text: The word, the figures, or figures with ``th`` for an ordinal.
        first: Index of its first word.
        last: Index past its last word.
        value: The number, or None.
        ordinal: Whether it orders (``fifteenth``).
        spoken: Whether it was said in number words of its own.
    """

    text: str
    first: int
    last: int
    value: int | None = None
    ordinal: bool = False
    spoken: bool = False


@dataclass(frozen=True)
class Figures:
    """The pieces of an utterance, and the line they make."""

    pieces: tuple[Piece, ...]

    @cached_property
    def line(self) -> str:
        """Return the pieces with single spaces between."""
        return " ".join(p.text for p in self.pieces)

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        starts, at = [], 0
        for piece in self.pieces:
            starts.append(at)
            at += len(piece.text) + 1
        return tuple(starts)

    def index(self, offset: int) -> int:
        """Return the index of the piece that holds *offset* of the line."""
        return max(0, bisect_right(self._starts, offset) - 1)

    def words(self, start: int, end: int) -> tuple[int, int]:
        """Return the range of words behind the characters [start, end) of the line."""
        return self.pieces[self.index(start)].first, self.pieces[self.index(max(start, end - 1))].last

    @cached_property
    def any(self) -> bool:
        """Whether there is a number at all."""
        return any(p.value is not None or p.text[0].isdigit() for p in self.pieces)


def figures(words: Words, numerals: Numerals) -> Figures:
    """Return *words* with their numbers as figures."""
    texts = words.texts
    pieces: list[Piece] = []
    at = 0
    while at < len(texts):
        made = _ordinal(texts, at, numerals) or _repeated(texts, at, numerals) or _number(texts, at, numerals)
        if not made:
            made = [_written(texts[at], at)]
        pieces.extend(made)
        at = made[-1].last
    return Figures(tuple(pieces))


def _written(text: str, at: int) -> Piece:
    match = None if text.isalpha() else _WRITTEN.fullmatch(text)
    if match is None:
        return Piece(text, at, at + 1)
    if match["day"]:
        return Piece(f"{int(match['day'])}th", at, at + 1, int(match["day"]), True)
    if match["kilo"]:
        return Piece(str(int(match["kilo"]) * 1000), at, at + 1, int(match["kilo"]) * 1000)
    if match["plain"]:
        plain = match["plain"].replace(",", "")
        return Piece(plain, at, at + 1, int(plain) if plain else None)
    return Piece(text.replace(" ", ""), at, at + 1)


def _repeated(texts: tuple[str, ...], at: int, numerals: Numerals) -> list[Piece] | None:
    times = numerals.repeats.get(texts[at])
    if times is None or at + 1 >= len(texts):
        return None
    digit = numerals.units.get(texts[at + 1])
    if digit is None and len(texts[at + 1]) == 1 and texts[at + 1].isdecimal():
        digit = int(texts[at + 1])
    if digit is None or digit > 9:
        return None
    return [Piece(str(digit), at, at + 2, digit, spoken=True)] * times


def _ordinal(texts: tuple[str, ...], at: int, numerals: Numerals) -> list[Piece] | None:
    word = texts[at]
    day = numerals.ordinals.get(word)
    if day is not None:
        return [Piece(f"{day}th", at, at + 1, day, True, True)]
    ten = numerals.tens.get(word)
    if ten is not None and at + 1 < len(texts) and (unit := numerals.ordinals.get(texts[at + 1])) and unit < 10:
        return [Piece(f"{ten + unit}th", at, at + 2, ten + unit, True, True)]
    return None


def _number(texts: tuple[str, ...], at: int, numerals: Numerals) -> list[Piece] | None:
    total = current = 0
    i, used, figure = at, False, False
    if texts[at] in ("a", "an") and at + 1 < len(texts) and texts[at + 1] in numerals.multipliers:
        i, current, used = at + 1, 1, True
    elif texts[at].isdecimal() and len(texts[at]) < 7:
        i, current, used, figure = at + 1, int(texts[at]), True, True
        if i >= len(texts) or texts[i] not in numerals.multipliers:
            return None
    elif texts[at] in ("o", "oh") and not _beside_number(texts, at, numerals):
        return None
    while i < len(texts):
        word = texts[i]
        if (value := numerals.tens.get(word)) is not None:
            if current % 100 or (used and not current and not total):
                break
            if i + 1 < len(texts) and _small(numerals.ordinals.get(texts[i + 1])) and used:
                break
            current += value
            i += 1
            joined = i + 1 < len(texts) and numerals.joiner == "y" == texts[i]
            if joined and _small(numerals.units.get(texts[i + 1])):
                i += 1
            if i < len(texts) and _small(numerals.units.get(texts[i])) and texts[i] not in ("o", "oh"):
                current += numerals.units[texts[i]]
                i += 1
        elif (value := numerals.units.get(word)) is not None:
            if current % 100 or (used and (value == 0 or (not current and not total))):
                break
            digits_follow = i + 1 < len(texts) and texts[i + 1] in numerals.units
            if current and digits_follow and texts[i - 1] in numerals.multipliers:
                break
            current += value
            i += 1
        elif (value := numerals.hundreds.get(word)) is not None:
            if current:
                break
            current += value
            i += 1
        elif (value := numerals.multipliers.get(word)) is not None:
            if value == 100:
                if current >= 100 or (used and not current):
                    break
                current = (current or 1) * 100
            else:
                if total or (used and not current):
                    break
                total, current = (current or 1) * value, 0
            i += 1
        elif (
            word == numerals.joiner == "and"
            and used
            and i + 1 < len(texts)
            and ((current and current % 100 == 0) or (total and not current))
            and (texts[i + 1] in numerals.units or texts[i + 1] in numerals.tens)
        ):
            i += 1
        else:
            break
        used = True
    if not used or i == at:
        return None
    value = total + current
    return [Piece(str(value), at, i, value, spoken=not figure)]


def _small(value: int | None) -> bool:
    return value is not None and 0 < value < 10


def _beside_number(texts: tuple[str, ...], at: int, numerals: Numerals) -> bool:
    beside = [texts[i] for i in (at - 1, at + 1) if 0 <= i < len(texts)]
    return any(
        (t in numerals.units and t not in ("o", "oh")) or t in numerals.tens or t.isdecimal() or t in numerals.repeats
        for t in beside
    )
