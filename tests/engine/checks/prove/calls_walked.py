"""Calls conducted by the engine itself, the nearest first, until nothing new comes of any event or enough was seen.

What is found is what really happens. That nothing is found says little of long calls and much of short ones.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import TypeAlias

from checks.prove.bundles_made import HOST, PROTECTED, WORDS_HEARD, Made

from engine.bundle import CompiledBundle
from engine.checks.prove.confirm import deaf
from engine.checks.prove.slices import conditions_of, steps_of
from engine.checks.prove.truth import read_by
from engine.expressions.tree import Value
from engine.runtime.session import CallSession, Event, Turn
from engine.runtime.step import start, step
from engine.terms import Ask, EventKind

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
OTHERS = (EventKind.SILENCE, EventKind.NEW_PERSON, EventKind.VOICEMAIL)
Seen: TypeAlias = Callable[[tuple[Event, ...], CallSession, Turn], object]
"""Told of a turn: the events up to it, the session before it, and what it led to."""


@dataclass(slots=True)
class Walked:
    """What calls came to.

    Args:
        held_back: The rules that held something back first, each with the events of a call that comes to it.
        states: The states in which a call was.
        turns: How many turns were conducted.
        whole: Whether nothing new was left to look at.
    """

    held_back: dict[str, tuple[Event, ...]] = field(default_factory=dict)
    states: set[str] = field(default_factory=set)
    turns: int = 0
    whole: bool = True


class Callee:
    """Whatever a callee may do: each word alone, or with one that rules or steps ask about, and all that may be told.

    How much was heard of what the agent said varies only where that is asked about.
    """

    def __init__(self, bundle: CompiledBundle, made: Made) -> None:
        self._flow = bundle.flows["call"]
        conditions = [c for rules in bundle.rules.values() for rule in rules for c in conditions_of(rule)]
        conditions += [step.when for step in steps_of(self._flow)]
        read = {name for condition in conditions for name in read_by(condition)}
        self._told = [name for name in WORDS_HEARD if f"heard.{name}" in read]
        self._cuts_in = any(name.startswith(("said.", "asked.")) for name in read)
        self._slots: tuple[Mapping[str, Value], ...] = ({}, *made.slots)

    def events(self, session: CallSession, at: datetime) -> Iterator[Event]:
        """Yield what may happen next in *session*."""
        hears = self._flow.states[session.state or self._flow.start].hears
        names = [name for name in WORDS_HEARD if name in hears or name in self._told or name in PROTECTED]
        pairs = [pair for pair in combinations(names, 2) if not set(pair).isdisjoint(self._told)]
        for played in self._played(session):
            for kind in (EventKind.ANSWERED, *OTHERS) if session.turn == 0 else OTHERS:
                yield Event(kind, at, played=played)
            for intents in ((), *((name,) for name in names), *pairs):
                for slots in self._slots if len(intents) == 1 else self._slots[:1]:
                    yield Event(EventKind.INTENTS, at, intents=intents, slots=slots, played=played)

    def _played(self, session: CallSession) -> Iterator[float | None]:
        yield None
        total = sum(length for _, length, _ in session.pending)
        done = 0
        for _, length, _ in session.pending if self._cuts_in else ():
            yield done / total
            done += length


def walked(bundle: CompiledBundle, made: Made, most: int, wanted: frozenset[str], seen: Seen | None = None) -> Walked:
    """Conduct calls of the flow ``call`` from every beginning of *made*.

    Args:
        bundle: The bundle.
        made: What the host and a callee may say.
        most: How many turns to conduct from each beginning.
        wanted: Rules; where all were seen to hold something back, enough was looked at. None: all is looked at.
        seen: Told of every turn; calls in which it returns something else are told apart.
    """
    silent, found, callee = deaf(bundle), Walked(), Callee(bundle, made)
    for host in made.hosts:
        for hours in made.hours:
            for zoned in made.zoned:
                at = NOON + timedelta(hours=hours)
                facts = {name: value for name, value in {**HOST, **host}.items() if value is not None}
                zones = ("America/New_York",) if zoned else ()
                first = start(silent, "c", "call", bundle.locales[0], at, facts, zones)
                _from(silent, callee, first, found, most, wanted, seen)
                if wanted and wanted <= found.held_back.keys():
                    return found
    return found


def _from(
    bundle: CompiledBundle,
    callee: Callee,
    first: CallSession,
    found: Walked,
    most: int,
    wanted: frozenset[str],
    seen: Seen | None,
) -> None:
    waiting: deque[tuple[CallSession, tuple[Event, ...]]] = deque([(first, ())])
    marks: set[object] = set()
    turns = 0
    while waiting:
        session, before = waiting.popleft()
        for event in callee.events(session, first.started + timedelta(seconds=20) * session.turn):
            if turns >= most:
                found.whole = False
                return
            turns += 1
            found.turns += 1
            turn = step(bundle, session, event)
            way = (*before, event)
            more = None if seen is None else seen(way, session, turn)
            for rule in held_back_first(turn):
                found.held_back.setdefault(rule, way)
            if wanted and wanted <= found.held_back.keys():
                return
            after = turn.session
            mark = _mark(after), more
            if not after.ended and mark not in marks:
                marks.add(mark)
                found.states.add(after.state)
                waiting.append((after, way))


def held_back_first(turn: Turn) -> frozenset[str]:
    """Return the rules that forbid the first thing in *turn* that is forbidden; what comes after is not gone into."""
    if turn.prevented:
        for decision in turn.decisions:
            denying = frozenset(decision.denying) & frozenset(turn.prevented)
            if decision.ask is Ask.BEFORE_SPEAKING and denying:
                return denying
    return frozenset()


def _mark(session: CallSession) -> object:
    return (
        session.state,
        session.locale,
        tuple(sorted((name, str(value)) for name, value in session.facts.items())),
        tuple(prompt for prompt, _, _ in session.pending),
        frozenset(session.said),
        tuple(sorted(session.counts.items())),
        session.suppressed,
    )
