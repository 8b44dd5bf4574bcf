"""Calls that break rules, looked for in the engine itself.

Where a search knows what may break a rule, and no values can be chosen that make its call come true, calls are
conducted one turn at a time, those nearest to the place first. What is found is a call that happens; that nothing is
found proves nothing.
"""

import heapq
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from engine.bundle import CompiledBundle, Flow, Go
from engine.checks.prove.confirm import ZONE, Call, Happening, deaf, sample_facts
from engine.checks.prove.leads import Given, Hint, Stopped, Wanted
from engine.expressions.tree import Value
from engine.rehearsal.generate import FAR, Answers, usually_said
from engine.runtime.session import CallSession, Event, Turn
from engine.runtime.step import planned, start, step
from engine.terms import EVENTS, EventKind

MOST_TURNS = 6_000
"""Most turns conducted on one stage."""
PAUSE = timedelta(seconds=10)
"""How long after another an event comes."""
_Way: TypeAlias = tuple[CallSession, tuple[Event, ...]]


@dataclass(frozen=True, slots=True)
class Stage:
    """Where calls are conducted: the flow, what the host supplies, when they begin, and in which zones."""

    silent: CompiledBundle
    flow: Flow
    facts: Mapping[str, Value]
    at: datetime
    zones: tuple[str, ...] = (ZONE,)

    def begin(self, at: datetime) -> CallSession:
        """Return a call before its first turn."""
        return start(self.silent, "proof", self.flow.id, self.silent.locales[0], at, self.facts, self.zones)

    def conducted(self, events: Sequence[Event], stopped: Stopped) -> Call | None:
        """Return the call of *events* if its last turn is *stopped*."""
        session = self.begin(events[0].at)
        happenings: list[Happening] = []
        for event in events:
            if session.ended:
                return None
            turn = step(self.silent, session, event)
            happenings.append(Happening(event, turn, session))
            session = turn.session
        call = Call(self.facts, events[0].at, self.zones, tuple(happenings))
        return call if stopped(happenings[-1].turn) else None

    def usually(self, slot: str) -> Value:
        """Return what is usually told for *slot*."""
        today = self.at.astimezone(ZoneInfo(ZONE)).date().toordinal()
        return usually_said(self.silent.vocabulary.facts[slot], today)[0]


def stage_for(bundle: CompiledBundle, flow: Flow, as_of: date, facts: Mapping[str, Value] | None = None) -> Stage:
    """Return where calls of *flow* are conducted in the afternoon of *as_of*, with *facts* beside what is usual."""
    at = datetime.combine(as_of, time(15), ZoneInfo(ZONE)).astimezone(UTC)
    return Stage(deaf(bundle), flow, sample_facts(bundle) | dict(facts or {}), at)


def walk(stage: Stage, wanted: Mapping[str, Wanted], most: int = MOST_TURNS) -> dict[str, Call]:
    """Return those calls of *wanted* that are found, by name: no event of one, nor part of an event, can be left out.

    Args:
        stage: Where they are conducted.
        wanted: What is looked for, by name.
        most: How many turns to conduct.
    """
    return _Walk(stage, wanted).run(most)


class _Walk:
    """One walk in the making."""

    def __init__(self, stage: Stage, wanted: Mapping[str, Wanted]) -> None:
        self._stage = stage
        self._open = dict(wanted)
        self._found: dict[str, Call] = {}
        self._first = stage.begin(stage.at)
        self._answers = Answers(stage.silent, self._first, stage.at)
        self._hints: dict[str, dict[Hint, None]] = {}
        self._tellings: dict[Given, None] = {}
        for one in wanted.values():
            for hint in one.hints:
                self._hints.setdefault(hint.state, {})[hint] = None
                if hint.slots:
                    self._tellings[hint.slots] = None
        self._seen: set[object] = set()
        self._visits: dict[object, int] = {}
        self._queue: list[tuple[int, int, int, _Way]] = []
        self._looked = 0
        self._far: dict[str, int] = {}

    def run(self, most: int) -> dict[str, Call]:
        self._aim()
        self._queue = [(0, 0, 0, (self._first, ()))]
        while self._queue and self._open and self._looked < most:
            session, events = heapq.heappop(self._queue)[-1]
            for event in self._events(session, events[-1].at + PAUSE if events else self._stage.at):
                self._looked += 1
                turn = step(self._stage.silent, session, event)
                self._note(turn, (*events, event))
                after = turn.session
                visits = 0 if after.ended else self._wait((after, (*events, event)))
                if visits == 1 or (visits and self._far.get(after.state) == 0):
                    self._try_to_end(after, (*events, event))
        return self._found

    def _try_to_end(self, session: CallSession, events: tuple[Event, ...]) -> None:
        """Look at once at what is suggested as the last turn from where *session* is."""
        at = events[-1].at + PAUSE
        for one in list(self._open.values()):
            for hint in one.lasts:
                if hint.state != session.state:
                    continue
                for event in self._ends_by(hint, at, bool(session.pending), one.days):
                    self._looked += 1
                    self._note(step(self._stage.silent, session, event), (*events, event))

    def _ends_by(self, hint: Hint, at: datetime, cuts_in: bool, days: bool) -> Iterator[Event]:
        if hint.trigger in EVENTS:
            ways = [Event(EventKind(hint.trigger), at)]
        else:
            intents = tuple(one for one in dict.fromkeys((hint.trigger, *hint.beside)) if one)
            ways = [self._said(intents, slots) for slots in ({}, *([dict(hint.slots)] if hint.slots else []))]
        for usual in ways:
            for when in (at, midnight_after(at)) if days else (at,):
                yield replace(usual, at=when)
                if cuts_in and usual.kind is EventKind.INTENTS:
                    yield replace(usual, at=when, played=0.0)

    def _aim(self) -> None:
        """Reckon how far each state is from those in which something open may happen."""
        ends = frozenset[str]().union(*(one.ends for one in self._open.values()))
        self._far = distances(self._stage.flow, ends)

    def _note(self, turn: Turn, events: tuple[Event, ...]) -> None:
        done = [name for name, one in self._open.items() if one.stopped(turn)]
        for name in done:
            self._found[name] = shortened(self._stage, events, self._open.pop(name).stopped)
        if done and self._open:
            self._aim()

    def _wait(self, way: _Way) -> int:
        """Keep *way* to go on from, and return how many came where it stands by now; 0 where one like it did before."""
        session, events = way
        mark = _mark(session)
        if mark in self._seen:
            return 0
        self._seen.add(mark)
        alike = session.state, _told(session)
        visits = self._visits[alike] = self._visits.get(alike, 0) + 1
        far = self._far.get(session.state, FAR)
        heapq.heappush(self._queue, (far + visits, len(events), self._looked, way))
        return visits

    def _events(self, session: CallSession, at: datetime) -> Iterator[Event]:
        """Yield what may happen next.

        Words may also cut in before anything was heard; and where a call that is looked for may end, they may come
        with others, tell a slot beside, or come when midnight has passed.
        """
        flow = self._stage.flow
        state = session.state if session.turn else flow.start
        here = [one for one in self._open.values() if state in one.ends]
        slots = dict.fromkeys(slot for one in here for slot in one.slots)
        hears = flow.states[state].hears
        words = dict.fromkeys(w for one in here for w in one.words if w not in hears and w not in EVENTS)
        together = {slot: self._answers.values[slot][0] for slot in slots}
        days = any(one.days for one in here)
        usually = (*self._hinted(state), *self._answers.events(flow, session, at))
        for usual in (*usually, *(self._said((word,), {}) for word in words)):
            event = replace(usual, at=at)
            ways = [event]
            if event.intents and not event.slots:
                ways += [replace(event, slots={slot: value}) for slot in slots for value in self._answers.values[slot]]
                ways += [replace(event, slots=together)] if len(together) > 1 else []
            if event.kind is EventKind.INTENTS and session.pending:
                ways += [replace(event, played=0.0)]
            yield from ways
            if days:
                yield from (replace(way, at=midnight_after(at)) for way in ways)

    def _hinted(self, name: str) -> Iterator[Event]:
        """Yield what is suggested for the state *name*, and all that is suggested to be told where it is asked for."""
        state = self._stage.flow.states[name]
        if state.asks:
            yield from (self._said((), slots) for slots in self._answers.slots(state, ""))
        for trigger in state.hears:
            if trigger not in EVENTS:
                for told in self._tellings:
                    slots = {slot: value for slot, value in told if slot in state.asks}
                    if slots:
                        yield self._said((trigger,), slots)
        for hint in self._hints.get(name, ()):
            if hint.trigger in EVENTS:
                yield Event(EventKind(hint.trigger), self._stage.at)
            else:
                intents = tuple(one for one in dict.fromkeys((hint.trigger, *hint.beside)) if one)
                if hint.slots:
                    yield self._said(intents, dict(hint.slots))
                if hint.beside:
                    yield self._said(intents, {})
                    yield from (self._said(intents, slots) for slots in self._answers.slots(state, hint.trigger))

    def _said(self, intents: tuple[str, ...], slots: Mapping[str, Value]) -> Event:
        return Event(EventKind.INTENTS, self._stage.at, intents=intents, slots=slots)


def midnight_after(at: datetime) -> datetime:
    """Return one minute past the midnight that comes after *at* where the callee is."""
    local = at.astimezone(ZoneInfo(ZONE))
    return datetime.combine(local.date() + timedelta(days=1), time(0, 1), ZoneInfo(ZONE)).astimezone(UTC)


def distances(flow: Flow, ends: Collection[str]) -> dict[str, int]:
    """Return how many steps each state is away from one of *ends*."""
    back: dict[str, set[str]] = {}
    for state in flow.states.values():
        reasks = [reask.then for reask in (state.silence, state.unclear) if reask]
        for one in (*(s for steps in state.hears.values() for s in steps), *state.then, *reasks):
            if isinstance(one.target, Go):
                back.setdefault(one.target.state, set()).add(state.name)
    near = set(ends)
    found, distance = dict.fromkeys(near, 0), 0
    while near:
        distance += 1
        near = {before for name in near for before in back.get(name, ())} - set(found)
        found |= dict.fromkeys(near, distance)
    return found


def _mark(session: CallSession) -> object:
    facts = tuple(sorted((name, str(value)) for name, value in session.facts.items()))
    pending = tuple(prompt for prompt, _, _ in session.pending)
    return session.state, facts, pending, frozenset(session.said), tuple(sorted(session.counts.items()))


def _told(session: CallSession) -> object:
    """Return what is so or not so, which tells apart calls that stand in one state."""
    return tuple(sorted((name, value) for name, value in session.facts.items() if isinstance(value, bool)))


def shortened(stage: Stage, events: tuple[Event, ...], stopped: Stopped) -> Call:
    """Return the call of *events* without what it comes to the same without: events, intents, slots and cutting in."""
    found = stage.conducted(events, stopped)
    assert found is not None
    while found is not None:
        call = found
        ways = (stage.conducted(_timed(stage, fewer), stopped) for fewer in (*_fewer(call), *_plainer(stage, call)))
        found = next((way for way in ways if way is not None), None)
    return call


def plain(silent: CompiledBundle, flow: Flow, call: Call, stopped: Stopped) -> Call:
    """Return *call* going the same way with less heard in it, and with what is usually told where that does as well."""
    stage = Stage(silent, flow, call.facts, call.at, call.zones)
    way = _way(silent, call)
    found: Call | None = call
    while found is not None:
        call = found
        ways = (stage.conducted(events, stopped) for events in _plainer(stage, call))
        found = next((one for one in ways if one is not None and _way(silent, one) == way), None)
    return call


def _way(silent: CompiledBundle, call: Call) -> tuple[tuple[str, ...], ...]:
    """Return the steps that are taken turn by turn, at last those that are meant to be."""
    last = call.happenings[-1]
    return (*(one.turn.steps for one in call.happenings[:-1]), planned(silent, last.before, last.event))


def _fewer(call: Call) -> Iterator[tuple[Event, ...]]:
    """Yield the events of *call* without one of them."""
    events = tuple(happening.event for happening in call.happenings)
    for place in range(len(events) - 2, -1, -1):
        yield (*events[:place], *events[place + 1 :])


def _plainer(stage: Stage, call: Call) -> Iterator[tuple[Event, ...]]:
    """Yield the events of *call* with one thing less heard, or one thing told as it usually is."""
    events = tuple(happening.event for happening in call.happenings)
    for place, event in enumerate(events):
        yield from ((*events[:place], plainer, *events[place + 1 :]) for plainer in _plainer_event(stage, event))


def _plainer_event(stage: Stage, event: Event) -> Iterator[Event]:
    if event.played is not None:
        yield replace(event, played=None)
    if len(event.intents) > 1:
        for name in event.intents:
            yield replace(event, intents=tuple(other for other in event.intents if other != name))
    for slot in event.slots:
        yield replace(event, slots={name: value for name, value in event.slots.items() if name != slot})
    for slot, value in event.slots.items():
        if value != stage.usually(slot):
            yield replace(event, slots={**event.slots, slot: stage.usually(slot)})


def _timed(stage: Stage, events: tuple[Event, ...]) -> tuple[Event, ...]:
    """Return *events* one soon after the other; where midnight passes on the way, the call begins shortly before it."""
    zone = ZoneInfo(ZONE)
    days = [event.at.astimezone(zone).date() for event in events]
    late = next((n for n, day in enumerate(days) if day != days[0]), None)
    begins = stage.at if late is None else midnight_after(events[0].at) - timedelta(minutes=1) - PAUSE * late
    return tuple(replace(event, at=begins + PAUSE * n) for n, event in enumerate(events))
