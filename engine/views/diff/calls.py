"""The same things said in both versions, until the calls differ: the shortest call that shows a flow's change."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.bundle import CompiledBundle
from engine.expressions.tree import Value
from engine.runtime.session import CallSession, Event, Turn
from engine.runtime.step import start, step
from engine.terms import EventKind
from engine.views.diff.change import Witness
from engine.views.play import Player

MOST = 260
"""As many pairs of situations as are gone through."""


@dataclass(frozen=True, slots=True)
class Given:
    """Who is called, and when: the calls are told of this person."""

    at: datetime
    facts: Mapping[str, Value]
    zones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Apart:
    """The shortest calls found: on which a right is kept less well, on which the rules had to step in, and any."""

    right: Witness | None = None
    gate: Witness | None = None
    any: Witness | None = None


def apart(old: CompiledBundle, new: CompiledBundle, flow: str, given: Given) -> Apart:
    """Return the shortest calls of *flow* that go differently in both versions."""
    locale = next((name for name in old.locales if name in new.locales), "")
    if not locale or flow not in old.flows or flow not in new.flows:
        return Apart()
    return _Lockstep(old, new, flow, locale, given).search()


class _Lockstep:
    """Both versions, event by event."""

    def __init__(self, old: CompiledBundle, new: CompiledBundle, flow: str, locale: str, given: Given) -> None:
        self.old, self.new = old, new
        self.protected = frozenset({*old.vocabulary.protected, *new.vocabulary.protected})
        self.players = tuple(Player(b, flow, locale, given.at, given.facts, given.zones or None) for b in (old, new))
        self.first = tuple(
            start(b, "diff", flow, locale, given.at, given.facts, given.zones or None) for b in (old, new)
        )
        self.at = given.at

    def search(self) -> Apart:
        found: dict[str, Witness] = {}
        answered = Event(EventKind.ANSWERED, self.at)
        turns = step(self.old, self.first[0], answered), step(self.new, self.first[1], answered)
        path: tuple[str, ...] = ("the call is answered",)
        self._note(found, path, "answered", *turns)
        waiting: deque[tuple[CallSession, CallSession, tuple[str, ...]]] = deque()
        waiting.append((turns[0].session, turns[1].session, path))
        seen: set[object] = set()
        looked = 0
        while waiting and looked < MOST and len(found) < 3:
            before, after, path = waiting.popleft()
            if before.ended or after.ended or _apart(before, after):
                continue
            key = tuple(player.key(s) for player, s in zip(self.players, (before, after), strict=True))
            if key in seen:
                continue
            seen.add(key)
            looked += 1
            events = {(h, e): event for player, s in zip(self.players, (before, after), strict=True)
                      for h, e, event, _ in player.events(s)}  # fmt: skip
            for (heard, example), event in events.items():
                line = f"the callee: {heard.replace('_', ' ')}" + (f" (“{example}”)" if example else "")
                one, other = step(self.old, before, event), step(self.new, after, event)
                self._note(found, (*path, line), heard, one, other)
                waiting.append((one.session, other.session, (*path, line)))
        return Apart(found.get("right"), found.get("gate"), found.get("any"))

    def _note(self, found: dict[str, Witness], path: tuple[str, ...], heard: str, one: Turn, other: Turn) -> None:
        if _shown(one) == _shown(other):
            return
        checks: dict[str, Callable[[], bool]] = {
            "any": lambda: True,
            "gate": lambda: bool(set(other.prevented) - set(one.prevented)),
            "right": lambda: heard in self.protected and _kept_less(one, other),
        }
        for name, check in checks.items():
            if name not in found and check():
                found[name] = Witness("call", path, _shown(one), _shown(other))


def _apart(before: CallSession, after: CallSession) -> bool:
    return before.state != after.state and bool(before.state) and bool(after.state)


def _kept_less(one: Turn, other: Turn) -> bool:
    acted, acts = ({a.name for a in turn.actions} for turn in (one, other))
    stopped, stops = ({(s.scope, s.reason) for s in turn.suppressions} for turn in (one, other))
    return (one.session.ended and not other.session.ended) or bool(acted - acts) or bool(stopped - stops)


def _shown(turn: Turn) -> str:
    parts = [f"says {u.prompt}" for u in turn.utterances]
    parts += [f"does {a.name}" for a in turn.actions]
    parts += [f"suppresses the {s.scope} for {s.reason}" for s in turn.suppressions]
    parts += [f"held back by {rule}" for rule in turn.prevented]
    parts.append(f"ends as {turn.session.disposition}" if turn.session.ended else f"is in {turn.session.state}")
    return ", ".join(parts)
