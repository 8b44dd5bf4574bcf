"""A call that breaks a rule, looked for in the engine itself.

Where the search knows what may break a rule, and no values can be chosen that make its call come true, calls are
conducted one turn at a time, those nearest to the place first. What is found is a call that happens; that nothing is
found proves nothing.
"""

import heapq
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
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
    facts = sample_facts(bundle)
    first = start(silent, "proof", flow.id, silent.locales[0], at, facts, (ZONE,))
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
                return _shortened(silent, flow, facts, at, way, stopped)
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


def _shortened(
    silent: CompiledBundle,
    flow: Flow,
    facts: Mapping[str, Value],
    at: datetime,
    events: tuple[Event, ...],
    stopped: Stopped,
) -> Call:
    """Return the call of *events*, without those that it comes to the same without."""
    call = _conducted(silent, flow, facts, at, events, stopped)
    assert call is not None
    place = len(events) - 2
    while place >= 0:
        fewer = events[:place] + events[place + 1 :]
        shorter = _conducted(silent, flow, facts, at, fewer, stopped)
        if shorter is not None:
            call, events = shorter, fewer
        place -= 1
    return call


def _conducted(
    silent: CompiledBundle,
    flow: Flow,
    facts: Mapping[str, Value],
    at: datetime,
    events: tuple[Event, ...],
    stopped: Stopped,
) -> Call | None:
    session = start(silent, "proof", flow.id, silent.locales[0], at, facts, (ZONE,))
    happenings: list[Happening] = []
    for number, event in enumerate(events):
        if session.ended:
            return None
        timed = replace(event, at=at + timedelta(seconds=10 * number))
        turn = step(silent, session, timed)
        happenings.append(Happening(timed, turn, session))
        session = turn.session
    return Call(facts, at, tuple(happenings)) if stopped(happenings[-1].turn) else None
