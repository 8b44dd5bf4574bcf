"""A call that breaks a rule, looked for in the engine itself.

Where the search knows what may break a rule, and no values can be chosen that make its call come true, calls are
conducted one turn at a time, those nearest to the place first. What is found is a call that happens; that nothing is
found proves nothing.
"""

import heapq
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from engine.bundle import CompiledBundle, Flow
from engine.checks.prove.confirm import ZONE, Call, Happening, deaf, sample_facts
from engine.expressions.tree import Value
from engine.rehearsal.generate import FAR, Answers, distances
from engine.runtime.session import CallSession, Event, Turn
from engine.runtime.step import start, step
from engine.terms import EventKind

MOST_TURNS = 6_000
Stopped: TypeAlias = Callable[[Turn], bool]
_Way: TypeAlias = tuple[CallSession, tuple[Event, ...]]


def walk(
    bundle: CompiledBundle,
    flow: Flow,
    as_of: date,
    steps: Collection[str],
    slots: Collection[str],
    stopped: Stopped,
    most: int = MOST_TURNS,
) -> Call | None:
    """Return a call whose last turn is *stopped*, and no event of which can be left out; None where none is found.

    Args:
        bundle: The bundle.
        flow: The call's flow.
        as_of: The day of the call.
        steps: Ids of steps near which it is looked for.
        slots: What may be said beside anything there.
        stopped: Whether a turn is what is looked for.
        most: How many turns to conduct.
    """
    silent, at = deaf(bundle), datetime(as_of.year, as_of.month, as_of.day, 15, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
    stage = _Stage(silent, flow, sample_facts(bundle), at, stopped)
    first = stage.begin()
    answers, far = Answers(bundle, first, at), distances(flow, steps)
    seen: set[object] = set()
    visits: dict[str, int] = {}
    queue: list[tuple[int, int, int, int, _Way]] = [(0, 0, 0, 0, (first, ()))]
    looked = 0
    while queue and looked < most:
        session, events = heapq.heappop(queue)[-1]
        beside = slots if far.get(session.state) == 0 else ()
        for event in _events(answers, flow, session, at, beside):
            looked += 1
            turn = step(silent, session, event)
            way = (*events, event)
            if stopped(turn):
                return stage.shortened(way)
            after = turn.session
            mark = _mark(after)
            if not after.ended and mark not in seen:
                seen.add(mark)
                visits[after.state] = visits.get(after.state, 0) + 1
                place = far.get(after.state, FAR), visits[after.state], len(way), looked
                heapq.heappush(queue, (*place, (after, way)))
    return None


def _events(
    answers: Answers, flow: Flow, session: CallSession, at: datetime, beside: Collection[str]
) -> Iterator[Event]:
    """Yield what may happen next; words may also cut in before anything was heard, and tell a slot *beside*."""
    for event in answers.events(flow, session, at):
        yield event
        if event.intents and not event.slots:
            for slot in beside:
                yield from (replace(event, slots={slot: value}) for value in answers.values[slot])
        if event.kind is EventKind.INTENTS and session.pending:
            yield replace(event, played=0.0)


def _mark(session: CallSession) -> object:
    facts = tuple(sorted((name, str(value)) for name, value in session.facts.items()))
    pending = tuple(prompt for prompt, _, _ in session.pending)
    return session.state, facts, pending, frozenset(session.said), tuple(sorted(session.counts.items()))


@dataclass(frozen=True, slots=True)
class _Stage:
    """Where calls are conducted: the flow, what the host supplies, when, and what is looked for."""

    silent: CompiledBundle
    flow: Flow
    facts: Mapping[str, Value]
    at: datetime
    stopped: Stopped

    def begin(self) -> CallSession:
        """Return a call before its first turn."""
        return start(self.silent, "proof", self.flow.id, self.silent.locales[0], self.at, self.facts, (ZONE,))

    def shortened(self, events: tuple[Event, ...]) -> Call:
        """Return the call of *events*, without those that it comes to the same without."""
        call = self.conducted(events)
        assert call is not None
        for place in range(len(events) - 2, -1, -1):
            fewer = events[:place] + events[place + 1 :]
            shorter = self.conducted(fewer)
            if shorter is not None:
                call, events = shorter, fewer
        return call

    def conducted(self, events: tuple[Event, ...]) -> Call | None:
        """Return the call of *events* if its last turn is what is looked for."""
        session = self.begin()
        happenings: list[Happening] = []
        for number, event in enumerate(events):
            if session.ended:
                return None
            timed = replace(event, at=self.at + timedelta(seconds=10 * number))
            turn = step(self.silent, session, timed)
            happenings.append(Happening(timed, turn, session))
            session = turn.session
        return Call(self.facts, self.at, tuple(happenings)) if self.stopped(happenings[-1].turn) else None
