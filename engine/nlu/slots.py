"""Which slot each entity fills."""

from collections.abc import Mapping

from engine.nlu.context import Context
from engine.nlu.entity import Entity
from engine.nlu.reading import Listening, SlotValue

_ASKED_ONLY = frozenset({"dob", "zip", "ssn4", "digits", "phone", "address", "text"})


def fill(
    found: tuple[Entity, ...],
    ctx: Context,
    listening: Listening,
    slots: Mapping[str, str],
    accepted: frozenset[str],
    labelled: Mapping[str, frozenset[str]],
) -> tuple[SlotValue, ...]:
    """Return the slots that *found* fills: those asked for, else those the accepted intents' examples mark."""
    filled: list[SlotValue] = []
    marked = frozenset(s for intent in accepted for s in labelled.get(intent, ()))
    for kind in sorted({e.kind for e in found}):
        here = [e for e in found if e.kind == kind]
        asked = sorted(s for s in listening.asks if slots.get(s) == kind)
        wanted = asked or sorted(s for s in marked if slots.get(s) == kind)
        if not wanted or (kind in _ASKED_ONLY and not asked):
            continue
        if not asked and kind == "money":
            here = [e for e in here if e.sure or _after_payment(ctx, e)]
        here = _affirmed(ctx, here)
        if not here:
            continue
        values = tuple(dict.fromkeys(v for e in here for v in e.values))
        first, last = here[0].first, here[-1].last
        words = ctx.words.words
        for slot in wanted[:1] if len(asked) <= 1 else wanted:
            filled.append(SlotValue(slot, values, words[first].start, words[last - 1].end, "; ".join(e.why for e in here)))
    return tuple(filled)


def _affirmed(ctx: Context, here: list[Entity]) -> list[Entity]:
    """Leave out what stands in a denied clause, where something else does not."""
    kept = [e for e in here if not ctx.within(ctx.negations, ctx.part(e.first))]
    return kept or here


def _after_payment(ctx: Context, entity: Entity) -> bool:
    return True
