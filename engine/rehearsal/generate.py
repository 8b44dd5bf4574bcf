"""Scenarios from the model: calls that take the steps, or fire the rules, that no scenario does.

Found by going through the engine, the ways nearest to what is missing first,
giving intents and events directly. They are proposals: marked so, and not counted
until someone adopts them by deleting the mark.
"""

import heapq
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engine.bundle import CompiledBundle, Fact, Flow, Go, State
from engine.expressions.evaluate import value_of
from engine.expressions.tree import ALWAYS, All, Compare, Condition, Expression, Ref, Value
from engine.expressions.values import format_value
from engine.rehearsal.coverage import comparisons, steps_of
from engine.rehearsal.nearby import MOST_TIMES, event_of, other_facts, said_again
from engine.runtime.frame import frame_at
from engine.runtime.prepared import prepare
from engine.runtime.session import CallSession, Event, Turn
from engine.runtime.step import start, step
from engine.terms import Ask, EventKind, FactSource, ValueType

MARK = "# proposed: adopt by deleting this line"
EVENTS = (EventKind.SILENCE, EventKind.VOICEMAIL, EventKind.NEW_PERSON, EventKind.CALL_SCREENER, EventKind.HUNG_UP)
MOST_TURNS = 12_000
SHORTER = 8
"""By how much a search is shorter once a fact is told otherwise."""
FAR = 1_000


@dataclass(frozen=True, slots=True)
class Proposal:
    """A call that covers something new: the events, the turns they led to, and what is new."""

    flow: str
    covers: tuple[str, ...]
    facts: Mapping[str, Value]
    at: datetime
    happened: tuple[tuple[Event, Turn], ...]


@dataclass(frozen=True, slots=True)
class _Way:
    session: CallSession
    happened: tuple[tuple[Event, Turn], ...]
    covers: frozenset[str]


def generate(
    bundle: CompiledBundle,
    cover: str,
    covered: frozenset[str],
    facts: Mapping[str, Value],
    at: datetime,
    most: int = MOST_TURNS,
) -> tuple[Proposal, ...]:
    """Return few calls that cover what is not in *covered*, those that cover most first.

    Args:
        bundle: The bundle.
        cover: ``steps`` or ``rules``.
        covered: Ids of steps or rules that scenarios cover already.
        facts: What the host supplies in the calls.
        at: When they begin.
        most: How many turns to look at in each flow.
    """
    silent = replace(bundle, intents={}, digest=f"{bundle.digest} given intents")
    found: list[Proposal] = []
    done = set(covered)
    for name in sorted(bundle.flows):
        flow = bundle.flows[name]
        rests = _rests(bundle, flow, cover)
        search = _Search(silent, bundle, flow, at, cover)
        for given, turns in _given(bundle, facts, rests, done, most):
            left = frozenset(set(rests) - done)
            if not left:
                break
            for way in _fewest(list(_new(search.ways(given, left, turns), set(left))), done):
                new = sorted(way.covers - done)
                done |= set(new)
                found.append(Proposal(name, tuple(new), given, at, way.happened))
    return tuple(found)


def _rests(bundle: CompiledBundle, flow: Flow, cover: str) -> dict[str, Condition]:
    """Return what can be covered in *flow*, and the condition that each rests on."""
    if cover == "steps":
        return {name: one.when for name, one in steps_of(flow).items()}
    rules = [rule for rules in bundle.rules.values() for rule in rules]
    return {rule.id: All((rule.when, rule.unless or ALWAYS)) for rule in rules}


def _given(
    bundle: CompiledBundle, facts: Mapping[str, Value], rests: Mapping[str, Condition], done: set[str], most: int
) -> Iterator[tuple[Mapping[str, Value], int]]:
    """Yield what the host may supply, and how many turns to look at: as it is, then with one fact told otherwise."""
    yield facts, most
    dials = {rule.id for rule in bundle.rules[Ask.BEFORE_DIALING]}
    left = (condition for name, condition in rests.items() if name not in done and name not in dials)
    yield from ((other, most // SHORTER) for other in other_facts(bundle, facts, left))


def _fewest(ways: list[_Way], done: set[str]) -> Iterator[_Way]:
    """Yield those of *ways* that cover what is not *done*, which covers most first."""
    while ways:
        best = max(ways, key=lambda way: (len(way.covers - done), -len(way.happened)))
        if not best.covers - done:
            return
        ways.remove(best)
        yield best


def _new(ways: Iterator[_Way], wanted: set[str]) -> Iterator[_Way]:
    """Yield the ways whose last turn covers something that no way before it did."""
    left = set(wanted)
    for way in ways:
        if way.covers & left:
            left -= way.covers
            yield replace(way, covers=way.covers & wanted)
        if not left:
            return


def _covers(turn: Turn, cover: str) -> frozenset[str]:
    return frozenset(turn.steps) if cover == "steps" else frozenset(f.rule for d in turn.decisions for f in d.fired)


@dataclass(frozen=True, slots=True)
class _Search:
    """A search for calls of one flow. ``silent`` is the bundle without what understands words."""

    silent: CompiledBundle
    bundle: CompiledBundle
    flow: Flow
    at: datetime
    cover: str

    def ways(self, facts: Mapping[str, Value], wanted: frozenset[str], most: int) -> Iterator[_Way]:
        """Yield calls in which the host supplies *facts*, those nearest to what is wanted first."""
        reached: dict[str, _Way] = {}
        left = set(wanted)
        for way in self._around(facts, wanted, most):
            left -= way.covers
            if not way.session.ended:
                reached.setdefault(way.session.state, way)
            yield way
        if self.cover == "steps":
            intents = frozenset(spec.id for specs in self.bundle.intents.values() for spec in specs)
            for way in reached.values():
                keys = [value for value in facts.values() if isinstance(value, str) and value.isdecimal()]
                for heard in said_again(self.flow, way.session, frozenset(left), intents, dict.fromkeys((*keys, "0"))):
                    yield from self._again(way, heard)

    def _around(self, facts: Mapping[str, Value], wanted: frozenset[str], most: int) -> Iterator[_Way]:
        """Yield calls, looking at *most* turns; two that stand at the same place alike are one."""
        session = start(self.silent, "proposal", self.flow.id, self.silent.locales[0], self.at, facts)
        answers = Answers(self.bundle, session, self.at)
        left = set(wanted)
        far = distances(self.flow, left) if self.cover == "steps" else {}
        seen: set[object] = set()
        visits: dict[str, int] = {}
        queue = [(0, 0, 0, 0, _Way(session, (), frozenset()))]
        looked = 0
        while queue and looked < most:
            way = heapq.heappop(queue)[-1]
            for event in answers.events(self.flow, way.session, self.at):
                looked += 1
                after = self._after(way, event)
                yield after
                if self.cover == "steps" and after.covers & left:
                    left -= after.covers
                    far = distances(self.flow, left)
                    queue = [(far.get(w.session.state, FAR), n, depth, turn, w) for _, n, depth, turn, w in queue]
                    heapq.heapify(queue)
                mark, state = _mark(after.session), after.session.state
                if not after.session.ended and mark not in seen:
                    seen.add(mark)
                    visits[state] = visits.get(state, 0) + 1
                    place = (far.get(state, FAR), visits[state], len(after.happened), looked)
                    heapq.heappush(queue, (*place, after))

    def _again(self, way: _Way, heard: tuple[str, ...]) -> Iterator[_Way]:
        """Yield *way* with the same heard once more, and once more, for as long as it stays where it is."""
        state = way.session.state
        for _ in range(MOST_TIMES):
            if way.session.ended or way.session.state != state:
                return
            way = self._after(way, event_of(heard, way.session, self.at))
            yield way

    def _after(self, way: _Way, event: Event) -> _Way:
        turn = step(self.silent, way.session, event)
        return _Way(turn.session, (*way.happened, (event, turn)), way.covers | _covers(turn, self.cover))


def _mark(session: CallSession) -> object:
    facts = tuple(sorted((name, str(value)) for name, value in session.facts.items()))
    return session.state, facts, session.asked, tuple(sorted(session.counts.items()))


def distances(flow: Flow, wanted: Collection[str]) -> dict[str, int]:
    """Return how many steps each state is away from one whose steps are wanted."""
    back: dict[str, set[str]] = {}
    for state in flow.states.values():
        for one in steps_of(replace(flow, states={state.name: state})).values():
            if isinstance(one.target, Go):
                back.setdefault(one.target.state, set()).add(state.name)
    near = {s.name for s in flow.states.values() if set(wanted) & set(steps_of(replace(flow, states={s.name: s})))}
    found, distance = dict.fromkeys(near, 0), 0
    while near:
        distance += 1
        near = {before for name in near for before in back.get(name, ())} - set(found)
        found |= dict.fromkeys(near, distance)
    return found


_MARKED = re.compile(r"\]\(([\w.]+)\)")


class Answers:
    """What a callee may do in a state: every intent, without slots and with values that make a difference.

    ``values`` holds these values, by slot.
    """

    def __init__(self, bundle: CompiledBundle, session: CallSession, at: datetime) -> None:
        prepared = prepare(bundle)
        frame = frame_at(prepared, session.facts, at, session.zones[0] if session.zones else None)
        self.values = {
            fact.name: usually_said(fact, frame.get("clock.today"))
            for fact in bundle.vocabulary.facts.values()
            if fact.origin is FactSource.HEARD
        }
        for atom in _atoms(bundle):
            if isinstance(atom, Compare):
                for one, other in ((atom.left, atom.right), (atom.right, atom.left)):
                    self._learn(one, other, frame)
        self._marked = {
            spec.id: frozenset(slot for example in spec.examples for slot in _MARKED.findall(example))
            for spec in next(iter(bundle.intents.values()), ())
        }

    def _learn(self, one: Expression, other: Expression, frame: Mapping[str, Value]) -> None:
        if isinstance(one, Ref) and one.name in self.values:
            value = value_of(other, frame)
            near = [value]
            if isinstance(value, int) and not isinstance(value, bool) and one.type in _STEPS:
                near += [value - _STEPS[one.type], value + _STEPS[one.type]]
            held = self.values[one.name]
            self.values[one.name] = (*(v for v in near if v is not None and v not in held), *held)

    def events(self, flow: Flow, session: CallSession, at: datetime) -> Iterator[Event]:
        """Yield what may happen next."""
        when = at + timedelta(seconds=10 * session.turn)
        if session.turn == 0:
            yield Event(EventKind.ANSWERED, when)
            return
        state = flow.states[session.state]
        names = {str(kind) for kind in EventKind}
        for trigger in state.hears:
            if trigger not in names:
                yield Event(EventKind.INTENTS, when, intents=(trigger,))
                for slots in self.slots(state, trigger):
                    yield Event(EventKind.INTENTS, when, intents=(trigger,), slots=slots)
        yield Event(EventKind.INTENTS, when)
        for kind in EVENTS:
            yield Event(kind, when)

    def slots(self, state: State, trigger: str) -> Iterator[dict[str, Value]]:
        """Yield values for the slots that *state* asks for or that *trigger* brings: all together, then each alone."""
        slots = sorted(s for s in state.asks | self._marked.get(trigger, frozenset()) if s in self.values)
        for number in range(max((len(self.values[slot]) for slot in slots), default=0)):
            yield {slot: self.values[slot][min(number, len(self.values[slot]) - 1)] for slot in slots}
        if len(slots) > 1:
            usual = {slot: self.values[slot][0] for slot in slots}
            yield from ({slot: value} for slot, value in usual.items())
            yield from ({**usual, slot: value} for slot in slots for value in self.values[slot][1:])


_STEPS: Mapping[ValueType, int] = {ValueType.MONEY: 100, ValueType.DATE: 1, ValueType.INT: 1, ValueType.TIME: 1_800}


def usually_said(fact: Fact, today: Value) -> tuple[Value, ...]:
    """Return what can be said for *fact* on the day *today* where nothing is compared with it."""
    if fact.values:
        return fact.values
    soon = today + 3 if isinstance(today, int) else 739_700
    said: Mapping[ValueType, Value] = {
        ValueType.MONEY: 5_000,
        ValueType.DATE: soon,
        ValueType.TIME: 50_400,
        ValueType.INT: 1,
        ValueType.BOOL: True,
    }
    return (said.get(fact.type, "00000"),)


def _atoms(bundle: CompiledBundle) -> Iterator[Condition]:
    for rule in (*bundle.rules[Ask.ON_HEARING], *bundle.rules[Ask.BEFORE_SPEAKING]):
        yield from comparisons(rule.when)
        if rule.unless is not None:
            yield from comparisons(rule.unless)
    for flow in bundle.flows.values():
        for one in steps_of(flow).values():
            yield from comparisons(one.when)


def write(bundle: CompiledBundle, proposal: Proposal, number: int) -> str:
    """Return *proposal* as a scenario to read: what is said, and what is then expected."""
    known = bundle.vocabulary.facts
    lines = [
        MARK,
        *(f"# covers {name}" for name in proposal.covers),
        "callwright: 1",
        "kind: scenario",
        f"id: proposed_{proposal.flow}_{number}",
        "version: 1.0.0",
        f"title: {_title(proposal)}",
        f"flow: {proposal.flow}",
        f"locale: {bundle.locales[0]}",
        f"at: {proposal.at.isoformat()}",
        "given:",
    ]
    lines += [
        f"  {name}: {_yaml(value, known[name])}" for name, value in sorted(proposal.facts.items()) if name in known
    ]
    lines.append("call:")
    for event, turn in proposal.happened:
        name = str(event.kind) if event.kind is not EventKind.INTENTS else ", ".join(event.intents)
        name = f"[{name}]" if len(event.intents) > 1 else name
        lines.append(f"  - event: {name}" if name else "  - callee: Hm.")
        if event.slots:
            lines.append("    slots:")
            lines += [f"      {slot}: {_yaml(value, known[slot])}" for slot, value in sorted(event.slots.items())]
        if event.digits:
            lines.append(f"    digits: '{event.digits}'")
        if turn.utterances:
            lines.append(f"    says: [{', '.join(u.prompt for u in turn.utterances)}]")
    lines.append("expect:")
    lines += _expected(bundle, proposal)
    return "\n".join(lines) + "\n"


def _expected(bundle: CompiledBundle, proposal: Proposal) -> Iterator[str]:
    session = proposal.happened[-1][1].session
    if session.ended:
        yield f"  ends: {session.disposition}"
    never = sorted(set(bundle.vocabulary.classes) - set(session.disclosed))
    for key, classes in (("disclosed", session.disclosed), ("never_disclosed", never)):
        if classes:
            yield f"  {key}: [{', '.join(classes)}]"
    prevented = sorted({rule for _, turn in proposal.happened for rule in turn.prevented})
    if prevented or not (session.disclosed or never):
        yield f"  prevented: [{', '.join(prevented)}]"


def _title(proposal: Proposal) -> str:
    more = len(proposal.covers) - 1
    return f"Covers {proposal.covers[0]}" + (f" and {more} more" if more else "")


def _yaml(value: Value, fact: Fact) -> str:
    if isinstance(value, frozenset):
        return f"[{', '.join(sorted(value))}]"
    shown = format_value(value, fact.type)
    if fact.type in (ValueType.MONEY,):
        shown = shown.replace("$", "").replace(",", "")
    if fact.type in (ValueType.TEXT, ValueType.TIME):
        return "'" + shown.replace("'", "''") + "'"
    return shown
