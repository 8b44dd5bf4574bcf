"""Digits said one by one or in pairs: ZIP codes, the last four, telephone numbers."""

import re
from collections.abc import Iterator

from engine.nlu.entity import Entity
from engine.nlu.figures import Figures

SHORTEST_CARD = 13
"""As few figures as a card number has."""


def strings(figures: Figures) -> Iterator[Entity]:
    """Yield each run of figures as ``digits``, and by its length as ``zip``, ``ssn4`` or ``phone``."""
    for run, first, last in _runs(figures):
        span = first, last
        if len(run) >= 3:
            yield Entity("digits", (run,), *span, "digits", False)
        if len(run) == 5:
            yield Entity("zip", (run,), *span, "five digits", False)
        elif len(run) == 4:
            yield Entity("ssn4", (run,), *span, "four digits", False)
        elif len(run) == 9:
            yield Entity("zip", (run[:5],), *span, "ZIP+4", False)
            yield Entity("ssn4", (run[5:],), *span, "last four of nine", False)
        if (len(run) == 10 and run[0] not in "01") or (len(run) == 11 and run[0] == "1"):
            yield Entity("phone", (run[-10:],), *span, "ten digits", False)


def reads_card(figures: Figures) -> bool:
    """Return whether as many figures are read in a row as only a card or an account has."""
    return any(len(run) >= SHORTEST_CARD for run, _, _ in _runs(figures))


def _runs(figures: Figures) -> Iterator[tuple[str, int, int]]:
    """Yield each run of figures, and the words it stands in."""
    pieces = figures.pieces
    i = 0
    while i < len(pieces):
        run = ""
        j = i
        while j < len(pieces) and not pieces[j].ordinal and (part := _figures(pieces[j].text)) is not None:
            run += part
            j += 1
        if j > i:
            yield run, pieces[i].first, pieces[j - 1].last
        i = max(j, i + 1)


def _figures(text: str) -> str | None:
    if text.isdecimal() and text.isascii():
        return text
    if re.fullmatch(r"\d+(?:-\d+)+|\d{3}\.\d{3}\.\d{4}", text):
        return re.sub(r"\D", "", text)
    return None
