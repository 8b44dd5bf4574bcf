"""Which slot each entity fills."""

import re
from collections.abc import Mapping

from engine.nlu.context import Context
from engine.nlu.entities import IDENTIFIERS
from engine.nlu.entity import Entity
from engine.nlu.reading import Listening, SlotValue

_DENIES = frozenset({"not", "never"})
_ASKED_ONLY = IDENTIFIERS | {"text"}
_LEAST = 500  # cents: a smaller bare number is no amount
_NAMED = tuple(
    (re.compile(rf"\b(?:{words})\b"), frozenset(kinds.split()))
    for words, kinds in (
        ("zip|postal|codigo postal", "zip"),
        ("social|ssn|last 4|last four|ultimos cuatro|ultimos 4", "ssn4"),
        ("birthday|birth|birthdate|born|dob|nacimiento|cumpleanos|naci", "dob"),
        ("street|avenue|house|address|apartment|calle|avenida|casa|direccion|domicilio", "digits address"),
    )
)  # what each identifier is called: the others are not meant then
_FIGURES = frozenset({"zip", "ssn4", "digits", "dob", "address", "phone"})
PAST_TOO = frozenset({"already_paid", "deceased", "dispute"})  # with these, a day may lie behind


def fill(
    found: tuple[Entity, ...],
    ctx: Context,
    listening: Listening,
    slots: Mapping[str, str],
    accepted: frozenset[str],
    labelled: Mapping[str, frozenset[str]],
) -> tuple[SlotValue, ...]:
    """Return the slots that *found* fills: those asked for, else those that the accepted intents' examples mark.

    A kind that several of them read is given to each that was asked for. Words that leave a value open give all its
    readings; days behind us are left out.
    """
    found = _meant(found, ctx)
    filled: list[SlotValue] = []
    marked = frozenset(s for intent in accepted for s in labelled.get(intent, ()))
    for kind in sorted({e.kind for e in found}):
        asked = sorted(s for s in listening.asks if slots.get(s) == kind)
        wanted = asked or sorted(s for s in marked if slots.get(s) == kind)
        if not wanted or (kind in _ASKED_ONLY and not asked):
            continue
        here = [e for e in found if e.kind == kind]
        if kind == "money":
            here = [e for e in here if e.sure or any(isinstance(v, int) and v >= _LEAST for v in e.values)]
        if kind == "date" and not accepted & PAST_TOO:
            here = [e for e in here if any(isinstance(v, int) and v >= listening.at.toordinal() for v in e.values)]
        here = _affirmed(ctx, here)
        if here:
            values = tuple(dict.fromkeys(v for e in here for v in e.values))
            start, end = ctx.words.words[here[0].first].start, ctx.words.words[here[-1].last - 1].end
            filled += [SlotValue(slot, values, start, end, "; ".join(e.why for e in here)) for slot in wanted]
    return tuple(filled)


def _meant(found: tuple[Entity, ...], ctx: Context) -> tuple[Entity, ...]:
    """Leave out figures that are not what the words call them, or that belong to a day of birth with its month."""
    named = frozenset(kind for words, kinds in _NAMED for kind in kinds if words.search(ctx.words.line))
    births = [e for e in found if e.kind == "dob" and e.sure]
    return tuple(
        e
        for e in found
        if e.kind not in _FIGURES
        or (
            (not named or e.kind in named)
            and (e.kind == "dob" or not any(b.first < e.last and e.first < b.last for b in births))
        )
    )


def _affirmed(ctx: Context, here: list[Entity]) -> list[Entity]:
    """Leave out what is denied right before it, and what stands in a denied clause, where something else does not."""
    texts = ctx.words.texts
    here = [e for e in here if not e.first or texts[e.first - 1] not in _DENIES]
    kept = [e for e in here if not ctx.within(ctx.negations, ctx.part(e.first))]
    return kept or here
