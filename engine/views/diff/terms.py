"""The vocabulary of two versions: what may be known, said and done, and whose rights come first."""

from collections.abc import Iterator

from engine.bundle import CompiledBundle, Fact
from engine.terms import FactSource
from engine.views.diff.change import Change, Direction, Level, direction_of
from engine.views.diff.plain import keys, plain

_MEANINGS = {"type", "origin", "values", "of_places", "initially", "lasts", "reads", "locates", "identifies"}


def vocabulary_changes(old: CompiledBundle, new: CompiledBundle) -> Iterator[Change]:
    """Yield a change for each word of the vocabulary that means something else, is new, or is gone."""
    was, now = old.vocabulary, new.vocabulary
    if was.protected != now.protected:
        lost = [name for name in was.protected if name not in now.protected]
        what = f"`{'`, `'.join(lost)}` no longer protected" if lost else "the order in which rights go first changed"
        if not lost and set(now.protected) > set(was.protected) and _same_order(was.protected, now.protected):
            more = [name for name in now.protected if name not in was.protected]
            told = f"`{'`, `'.join(more)}` now protected"
            yield Change(Level.SAFETY, "vocabulary", "protected", told, Direction.STRONGER)
        else:
            yield Change(
                Level.SAFETY, "vocabulary", "protected", what, Direction.WEAKER if lost else Direction.BOTH,
                before=", ".join(was.protected), after=", ".join(now.protected), counsel=True,
            )
    for name, one, other in keys(_declared(old), _declared(new)):
        yield from _fact(name, one, other)
    for name, one, other in keys(was.classes, now.classes):
        if plain(one, "about") != plain(other, "about"):
            weaker = one is not None and (other is None or (other.spoken and not one.spoken))
            what = "new class" if one is None else "class taken away" if other is None else (
                "may now be spoken" if other.spoken else "may no longer be spoken"
            )
            direction = Direction.WEAKER if weaker else Direction.STRONGER
            span = (other or one).span
            yield Change(Level.SAFETY, "vocabulary", name, what, direction, counsel=weaker, span=span)
    for kind, before, after in (
        ("place", was.places, now.places), ("action", was.actions, now.actions),
        ("disposition", was.dispositions, now.dispositions),
    ):
        for name, one, other in keys(before, after):
            if plain(one, "about") != plain(other, "about"):
                told = f"the {kind} means something else"
                told = f"new {kind}" if one is None else f"{kind} taken away" if other is None else told
                safety = kind == "place" and one is not None
                yield Change(Level.SAFETY if safety else Level.MEANING, "vocabulary", name, told,
                             Direction.BOTH if safety else Direction.NONE, counsel=safety)


def _declared(bundle: CompiledBundle) -> dict[str, Fact]:
    return {
        name: fact for name, fact in bundle.vocabulary.facts.items()
        if (fact.origin is not FactSource.ENGINE and name not in bundle.vocabulary.counters
        and not name.startswith(("heard.", "said.", "asked.", "suppressed.", "clock."))) or fact.discloses
    }


def _fact(name: str, was: Fact | None, now: Fact | None) -> Iterator[Change]:
    if plain(was, "about") == plain(now, "about"):
        return
    if was is None or now is None:
        what = "new fact" if was is None else "fact taken away"
        held = now or was
        assert held is not None
        yield Change(Level.MEANING, "vocabulary", name, what, span=held.span)
        return
    if was.discloses != now.discloses:
        weaker = (now.spoken and not was.spoken) or bool(was.discloses)
        what = f"gives away {now.discloses or 'nothing'}, and not {was.discloses or 'nothing'}"
        direction = Direction.WEAKER if weaker else Direction.STRONGER
        yield Change(Level.SAFETY, "vocabulary", name, what, direction, counsel=weaker, span=now.span)
    if was.lasts != now.lasts:
        longer = ("turn", "person", "call").index(now.lasts) > ("turn", "person", "call").index(was.lasts)
        safety = was.origin in (FactSource.POLICY, FactSource.HEARD)
        yield Change(
            Level.SAFETY if safety else Level.MEANING, "vocabulary", name,
            f"lasts for the {now.lasts}, and not for the {was.lasts}",
            direction_of(safety and longer, safety and not longer), counsel=safety, span=now.span,
        )
    changed = [part for part in sorted(_MEANINGS - {"lasts"}) if plain(getattr(was, part)) != plain(getattr(now, part))]
    if changed:
        safety = "origin" in changed or "initially" in changed
        yield Change(
            Level.SAFETY if safety else Level.MEANING, "vocabulary", name,
            f"its {', '.join(part.replace('_', ' ') for part in changed)} changed",
            Direction.BOTH if safety else Direction.NONE, counsel=safety, span=now.span,
        )


def _same_order(before: tuple[str, ...], after: tuple[str, ...]) -> bool:
    return tuple(name for name in after if name in before) == before
