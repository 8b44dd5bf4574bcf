"""Amounts of money: ``two fifty``, ``fifty bucks``, ``half now``, ``the whole thing``."""

import re
from collections.abc import Iterator

from engine.nlu.entity import Entity
from engine.nlu.figures import Figures, Piece

_DOLLARS = frozenset({"dollar", "dollars", "buck", "bucks", "dolares", "dolar", "pesos", "peso"})
_CENTS = frozenset({"cent", "cents", "centavos", "centavo"})
_NOT_MONEY = frozenset(
    "day days week weeks month months year years hour hours minute minutes second seconds kid kids time times people "
    "percent % am pm o'clock a.m p.m digits jobs children months' years' days' weeks' calls payments more dia "
    "dias semana semanas mes meses "
    "hora horas minuto minutos hijos veces anos ano am pm de street avenue road drive lane".split()
)
_PART = re.compile(
    r"\b(?P<half>half (?:of )?1000|medio millar)\b"
    r"|\b(?P<fraction>half|a third|one 3th|a 3th|a quarter|one quarter|1 quarter|three quarters|3 quarters|"
    r"la mitad|mitad)\b(?! (?:an? |past|hour|day|of the time|brother|sister|time))"
    r"|\b(?P<all>the whole (?:thing|amount|balance|bill|lot)|all of it|(?:the |in |my )?full (?:amount|balance|"
    r"thing|payment)|in full|"
    r"the (?:total|entire) ?(?:amount|balance|thing|bill)?|pay everything|the balance|everything (?:i owe|"
    r"that i owe)|pay it all|pay (?:it|this|that) (?:all )?off|"
    r"todo|la cantidad completa|el total|el saldo completo|completo)\b"
)
_BELOW = (["under"], ["below"], ["minus"], ["less", "than"], ["menos", "de"])  # an amount that is not meant
_AMOUNT = re.compile(r"\$[\d,]+(?:\.\d+)?|\d+\.\d\d")
_SHARES = {
    "half": (1, 2), "a third": (1, 3), "one 3th": (1, 3), "a 3th": (1, 3), "a quarter": (1, 4), "one quarter": (1, 4),
    "1 quarter": (1, 4), "three quarters": (3, 4), "3 quarters": (3, 4), "la mitad": (1, 2), "mitad": (1, 2),
}  # fmt: skip
_LARGEST = 100_000_00


def amounts(figures: Figures, balance: int | None) -> Iterator[Entity]:
    """Yield each amount, in cents.

    Args:
        figures: The utterance.
        balance: What is owed, in cents, for ``half`` and ``the whole thing``; None if it is not known.
    """
    taken: set[int] = set()
    for match in _PART.finditer(figures.line):
        first, last = figures.words(match.start(), match.end())
        cents: int | None = None
        if match["half"]:
            cents = 500_00
        elif balance is not None:
            share, whole = _SHARES[match["fraction"]] if match["fraction"] else (1, 1)
            cents = balance * share // whole
        taken |= set(range(figures.index(match.start()), figures.index(match.end() - 1) + 1))
        if cents is not None:
            yield Entity("money", (cents,), first, last, f"`{match.group()}`")
    pieces = figures.pieces
    i = 0
    while i < len(pieces):
        if i in taken or not _numeric(pieces[i]):
            i += 1
            continue
        j = i
        while j < len(pieces) and _numeric(pieces[j]) and j not in taken and not pieces[j].ordinal:
            j += 1
        j = max(j, i + 1)
        last = pieces[j - 1].last
        for entity in _run(pieces, i, j):
            last = max(last, entity.last)
            yield entity
        while i < len(pieces) and pieces[i].first < last:
            i += 1


def _numeric(piece: Piece) -> bool:
    if piece.value is not None and not piece.ordinal:
        return True
    return not piece.text.isalpha() and _AMOUNT.fullmatch(piece.text) is not None


def _run(pieces: tuple[Piece, ...], i: int, j: int) -> Iterator[Entity]:
    after = pieces[j].text if j < len(pieces) else ""
    values = [p.value for p in pieces[i:j]]
    written = re.fullmatch(r"(\$?)([\d,]+)(?:\.(\d{1,2}))?", pieces[i].text)
    if written and (written[1] or written[3]) and j - i == 1:
        cents = int(written[2].replace(",", "")) * 100 + int((written[3] or "0").ljust(2, "0"))
        last = pieces[j].last if after in _DOLLARS else pieces[i].last
        if written[1] and after in ("k", "thousand", "grand"):
            cents *= 1000
        if cents:
            sure = bool(written[1]) or after in _DOLLARS
            yield Entity("money", (cents,), pieces[i].first, last, "written amount", sure)
        return
    if None in values:
        return
    numbers = [v for v in values if v is not None]
    if after in _CENTS and len(numbers) == 1:
        if not 0 < numbers[0] < 100:
            return
        yield Entity("money", (numbers[0],), pieces[i].first, pieces[j].last, "cents")
        return
    readings = _readings(pieces[i:j])
    if not readings:
        return
    sure = after in _DOLLARS
    last = pieces[j - 1].last
    if sure:
        last = pieces[j].last
        extra = _cents_after(pieces, j + 1)
        if extra is not None:
            readings = tuple(r + extra[0] for r in readings)
            last = extra[1]
    elif after in _NOT_MONEY:
        return
    before = [p.text for p in pieces[max(0, i - 2) : i]]
    if before[-1:] in _BELOW or before in _BELOW:
        return
    if before == ["a", "buck"] and len(numbers) == 1 and 10 <= numbers[0] <= 99:
        readings = (100 + numbers[0], 100_00 + numbers[0] * 100)  # in dollars or in hundreds
    yield Entity("money", readings, pieces[i].first, last, "amount" if sure else "bare number", sure)


def _cents_after(pieces: tuple[Piece, ...], at: int) -> tuple[int, int] | None:
    """Return the cents that follow ``dollars``: ``and twenty cents``, ``fifty``."""
    if at < len(pieces) and pieces[at].text in ("and", "con", "y"):
        at += 1
    if at >= len(pieces):
        return None
    value = pieces[at].value
    if value is None or not 0 < value < 100 or pieces[at].ordinal:
        return None
    named = at + 1 < len(pieces) and pieces[at + 1].text in _CENTS
    if named:
        return value, pieces[at + 1].last
    return None


def _readings(run: tuple[Piece, ...]) -> tuple[int, ...]:
    """Return what a run of numbers may mean, in cents, the likeliest first."""
    numbers = [p.value for p in run if p.value is not None]
    if len(numbers) == 1:
        cents = numbers[0] * 100
        return (cents,) if 0 < cents <= _LARGEST else ()
    if len(numbers) == 2:
        a, b = numbers
        if 1 <= a <= 9 and 10 <= b <= 99:
            return (a * 100_00 + b * 100,)
        if 10 <= a <= 99 and 10 <= b <= 99:
            if a < 20:
                return (a * 100_00 + b * 100, a * 100 + b)
            if a % 5 == b % 5 == 0 and 0 < abs(a - b) <= 10:  # one or the other, or dollars and cents
                return (a * 100 + b, a * 100, b * 100)
            return (a * 100 + b,)
        if a >= 100 and 10 <= b <= 99:
            return (a * 100 + b,)
    if len(numbers) == 3 and numbers[1] == 0 and 1 <= numbers[0] <= 9 and 1 <= numbers[2] <= 9:
        return (numbers[0] * 100_00 + numbers[2] * 100,)
    if len(numbers) == 3 and 1 <= numbers[0] <= 9 and 10 <= numbers[1] <= 99 and 10 <= numbers[2] <= 99:
        return (numbers[0] * 100_00 + numbers[1] * 100 + numbers[2],)
    return ()
