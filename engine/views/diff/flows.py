"""Flows of two versions: what is heard, said and done, and where it leads."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from engine.bundle import Again, CompiledBundle, End, Flow, Go, Reask, Step
from engine.expressions.english import say, words
from engine.expressions.tree import ALWAYS
from engine.views.diff.calls import Apart, Given, apart
from engine.views.diff.change import Change, Direction, Level
from engine.views.diff.plain import keys, plain
from engine.views.model import is_outcome
from engine.views.zones import guarantee_words, guarantees


def flow_changes(old: CompiledBundle, new: CompiledBundle, as_of: date, given: Given | None) -> Iterator[Change]:
    """Yield a change for each handler, state and bound of every flow that is not what it was."""
    protected = frozenset({*old.vocabulary.protected, *new.vocabulary.protected})
    for name, was, now in keys(old.flows, new.flows):
        if was is None or now is None:
            what = "new call flow" if was is None else "call flow taken away"
            yield Change(Level.MEANING, "flow", name, what, span=(now or was).span)
            continue
        if plain(was, "version", "title", "about", "phase") == plain(now, "version", "title", "about", "phase"):
            continue
        calls = apart(old, new, name, given) if given is not None else Apart()
        changes = [*_handlers(was, now, protected, calls), *_states(was, now)]
        if plain(was.start) != plain(now.start):
            what = f"begins in {now.start}, and not in {was.start}"
            changes.append(Change(Level.MEANING, "flow", name, what, span=now.span))
        if plain(was.blocked, "id") != plain(now.blocked, "id"):
            changes.append(Change(
                Level.SAFETY, "flow", f"{name}: blocked", "what happens when a rule forbids a turn changed",
                Direction.BOTH, step_words(was.blocked), step_words(now.blocked), counsel=True, span=now.blocked.span,
            ))
        changes += _zones(old, new, name, as_of, calls)
        safe = not any(change.level is Level.SAFETY for change in changes)
        if safe and calls.gate is not None:
            changes.append(Change(
                Level.SAFETY, "flow", name, "a rule now has to hold back what the flow itself used not to try",
                Direction.WEAKER, witness=calls.gate, counsel=True, span=now.span,
            ))
        yield from changes


def _handlers(was: Flow, now: Flow, protected: frozenset[str], calls: Apart) -> Iterator[Change]:
    changed = [
        (key, before, after)
        for key, before, after in keys(handlers(was), handlers(now))
        if plain(before, "id") != plain(after, "id")
    ]
    shown = calls.any if len(changed) == 1 else None
    for key, before, after in changed:
        _, _, trigger = key.rpartition("/")
        steps = after or before
        right = trigger in protected
        structural = _leads(before) != _leads(after)
        direction = Direction.NONE
        level = Level.SAFETY if right and structural else Level.MEANING
        if level is Level.SAFETY and before is not None:
            direction = Direction.WEAKER if _weaker(before, after) else Direction.BOTH
        elif level is Level.SAFETY:
            direction = Direction.STRONGER
        what = "newly heard" if before is None else "no longer heard" if after is None else "leads elsewhere" \
            if structural else "says or asks something else"
        yield Change(
            level, "flow", key, what, direction, _told(before), _told(after), counsel=level is Level.SAFETY,
            witness=(calls.right or shown) if level is Level.SAFETY else shown, span=steps[0].span,
        )


def _weaker(before: tuple[Step, ...], after: tuple[Step, ...] | None) -> bool:
    """Return whether a right that ended the call, or did something, does so no longer."""
    if after is None:
        return True
    ended = any(isinstance(step.target, End) for step in before)
    ends = all(isinstance(step.target, End) for step in after)
    did = {do.action for step in before for do in step.does}
    does = {do.action for step in after for do in step.does}
    return (ended and not ends) or bool(did - does)


def handlers(flow: Flow) -> Mapping[str, tuple[Step, ...]]:
    """Return every handler of *flow* once, by its semantic path."""
    found: dict[str, tuple[Step, ...]] = {}
    for state in flow.states.values():
        for steps in (*state.hears.values(), state.then):
            if steps:
                found.setdefault(steps[0].id.rpartition("/")[0], steps)
        for reask in (state.silence, state.unclear):
            if reask is not None:
                found.setdefault(reask.then.id, (reask.then,))
    return found


def _states(was: Flow, now: Flow) -> Iterator[Change]:
    for name, before, after in keys(was.states, now.states):
        if is_outcome(name):
            continue
        if before is None or after is None:
            what = "new state" if before is None else "state taken away"
            yield Change(Level.MEANING, "flow", name, what, span=(after or before).span)
            continue
        if before.say != after.say:
            yield Change(Level.MEANING, "flow", name, "says other prompts", before=", ".join(before.say),
                         after=", ".join(after.say), span=after.span)
        if before.asks != after.asks:
            yield Change(Level.MEANING, "flow", name, "expects other answers", before=", ".join(sorted(before.asks)),
                         after=", ".join(sorted(after.asks)), span=after.span)
    yield from _bounds(was, now)


def _bounds(was: Flow, now: Flow) -> Iterator[Change]:
    """Yield each bound on silence and unclear words that changed, once for all states that share it."""
    seen: set[tuple[object, ...]] = set()
    for name, before, after in keys(was.states, now.states):
        for kind in ("silence", "unclear"):
            one: Reask | None = getattr(before, kind, None)
            other: Reask | None = getattr(after, kind, None)
            if one is None or other is None or plain(one, "then") == plain(other, "then"):
                continue
            mark = (kind, plain(one, "then"), plain(other, "then"), other.then.id)
            if mark in seen:
                continue
            seen.add(mark)
            owner = other.then.id.removesuffix(f"/{kind}/then")
            yield Change(
                Level.MEANING, "flow", f"{owner}: {words(kind)}", f"asked {other.times} times, and not {one.times}"
                if one.times != other.times else "asked in another prompt", before=", ".join(one.say),
                after=", ".join(other.say), span=other.span,
            )
        del name


def _zones(old: CompiledBundle, new: CompiledBundle, flow: str, as_of: date, calls: Apart) -> Iterator[Change]:
    """Yield each guarantee that states had and have no longer."""
    after = guarantees(new, flow, as_of)
    for fact, states in guarantees(old, flow, as_of).items():
        lost = sorted(name for name in states - after.get(fact, states) if name in new.flows[flow].states)
        if lost:
            yield Change(
                Level.SAFETY,
                "flow",
                ", ".join(lost),
                f"can now be reached without: {guarantee_words(new, fact)}",
                Direction.WEAKER,
                witness=calls.gate,
                counsel=True,
                span=new.flows[flow].states[lost[0]].span,
            )


def _leads(steps: Iterable[Step] | None) -> tuple[Any, ...]:
    """Return where *steps* lead, under which conditions, and what they do and set."""
    return tuple(
        (plain(step.when), plain(step.target), tuple(do.action for do in step.does), plain(step.sets))
        for step in steps or ()
    )


def step_words(step: Step) -> str:
    """Return one step in words."""
    parts = [] if step.when == ALWAYS else [f"if {say(step.when)}"]
    parts += [f"do {do.action}" for do in step.does]
    parts += [f"say {prompt}" for prompt in step.say]
    match step.target:
        case Go(state):
            parts.append(f"go to {state}")
        case End(disposition):
            parts.append(f"end as {disposition}")
        case Again(times):
            parts.append(f"stay, at most {times} times")
    return ", ".join(parts)


def _told(steps: Iterable[Step] | None) -> str:
    return "; ".join(step_words(step) for step in steps or ())
