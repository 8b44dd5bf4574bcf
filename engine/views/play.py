"""A call to walk by clicking: everything that can be said from each situation, worked out beforehand by the engine.

Situations that the rules and the flow cannot tell apart are one. The nearest are
worked out first, by what a state itself hears before silence and interrupts; beyond
a limit a walk is told that it goes no further here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush

from engine.bundle import CompiledBundle, State
from engine.expressions.parse import names_read
from engine.expressions.tree import All, AnyOf, Compare, Condition, Not, Ref, Value
from engine.expressions.values import format_value
from engine.runtime.frame import frame_at
from engine.runtime.prepared import prepare
from engine.runtime.session import CallSession, Event, Turn
from engine.runtime.step import start, step
from engine.terms import EVENTS, Ask, EventKind, FactSource, ValueType
from engine.views.overlays import Passage, passage

MOST = 240
"""As many situations as are worked out, unless told otherwise."""

NOT_OWN = 4
"""How many moves further away a situation is taken to be that comes of silence, an interrupt or asking again."""

_MARK = re.compile(r"\[([^\]]*)\]\(([^)]*)\)")


@dataclass(frozen=True, slots=True)
class Choice:
    """Something the callee can do: what it is, an example of its words, what comes of it, and the situation after it.

    ``next`` is None where the call has ended, and -1 beyond what was worked out.
    """

    heard: str
    example: str
    passage: Passage
    next: int | None
    ended: str = ""
    own: bool = True


@dataclass(frozen=True, slots=True)
class Play:
    """Situations by number, the first being 0, each with what can be done in it."""

    opening: Passage
    situations: tuple[tuple[str, tuple[Choice, ...]], ...]  # state, choices


def play(
    bundle: CompiledBundle, flow: str, locale: str, at: datetime, facts: Mapping[str, Value],
    zones: tuple[str, ...] | None = None, most: int = MOST,
) -> Play:
    """Return the calls of *flow* that can be walked, at *at* and with the host's *facts*."""
    return Player(bundle, flow, locale, at, facts, zones).play(most)


class Player:
    """Walks one flow of one version with one callee."""

    def __init__(
        self, bundle: CompiledBundle, flow: str, locale: str, at: datetime, facts: Mapping[str, Value],
        zones: tuple[str, ...] | None,
    ) -> None:
        self.bundle = bundle
        self.flow = bundle.flows[flow]
        self.at = at
        self.first = start(bundle, "play", flow, locale, at, facts, zones)
        self.examples = {s.id: s.examples for s in bundle.intents.get(locale, ())}
        zone = self.first.zones[0] if self.first.zones else None
        self.frame = frame_at(prepare(bundle), self.first.facts, at, zone)
        self.read = _prompts_read(bundle, flow)
        self.values = self._values()

    def play(self, most: int) -> Play:
        """Return the situations nearest to the beginning, at most so many."""
        opening = step(self.bundle, self.first, Event(EventKind.ANSWERED, self.at))
        numbers = {self.key(opening.session): 0}
        waiting: list[tuple[int, int, CallSession]] = [(0, 0, opening.session)]
        found: dict[int, tuple[str, list[tuple[str, str, Turn, bool]]]] = {}
        queued = 0
        while waiting and len(found) < most:
            cost, _, session = heappop(waiting)
            number = numbers.setdefault(self.key(session), len(numbers))
            if number in found:
                continue
            taken = [(h, e, step(self.bundle, session, event), own) for h, e, event, own in self.events(session)]
            found[number] = (session.state, taken)
            for _, _, turn, own in taken:
                if not turn.session.ended and self.key(turn.session) not in numbers:
                    queued += 1
                    moved = turn.session.state != session.state
                    heappush(waiting, (cost + (1 if own and moved else NOT_OWN), queued, turn.session))
        return Play(
            passage("(answered)", opening),
            tuple((s, tuple(self._choice(*one, numbers) for one in taken)) for s, taken in found.values()),
        )

    def _choice(self, heard: str, example: str, turn: Turn, own: bool, numbers: Mapping[object, int]) -> Choice:
        went = passage(example or f"({heard.replace('_', ' ')})", turn)
        if turn.session.ended:
            return Choice(heard, example, went, None, turn.session.disposition, own)
        return Choice(heard, example, went, numbers.get(self.key(turn.session), -1), "", own)

    def key(self, session: CallSession) -> object:
        """Return what tells *session* from others as far as rules and flow can."""
        return (
            session.state, session.locale, tuple(sorted((k, str(v)) for k, v in session.facts.items())),
            tuple(sorted(self.read & {*session.said, *(p for p, _, _ in session.pending)})),
            tuple(sorted(self.read & {p for p, _, _ in session.pending})),
            tuple(sorted(session.counts.items())), session.suppressed,
        )

    def events(self, session: CallSession) -> Iterator[tuple[str, str, Event, bool]]:
        """Yield what can happen next: what it is, example words, the event, and whether the state itself hears it."""
        state = self.flow.states[session.state]
        at = session.started + timedelta(seconds=10 * session.turn)
        for trigger in sorted(state.hears, key=lambda t: (t not in state.own, t in EVENTS)):
            own = trigger in state.own
            if trigger in EVENTS:
                yield trigger, "", Event(EventKind(trigger), at), own
                continue
            for example, slots in self._ways(trigger, state):
                yield trigger, example, Event(EventKind.INTENTS, at, intents=(trigger,), slots=slots), own
        if EventKind.SILENCE.value not in state.hears:
            yield "silence", "", Event(EventKind.SILENCE, at), False
        yield "unclear", "", Event(EventKind.INTENTS, at), False

    def _ways(self, intent: str, state: State) -> Iterator[tuple[str, dict[str, Value]]]:
        """Yield the intent alone, then with the slots its examples or the state ask for: right, and wrong."""
        examples = self.examples.get(intent, ())
        marked = {slot for example in examples for _, slot in _MARK.findall(example)}
        wanted = [name for name in sorted(marked) if name in self.values and (not state.asks or name in state.asks)]
        plain = next((e for e in examples if "](" not in e), "")
        if wanted:
            right = {name: self.values[name][0] for name in wanted}
            yield self._told(right), right
            wrong = {name: self.values[name][1] for name in wanted if len(self.values[name]) > 1}
            if wrong:
                yield self._told({**right, **wrong}, "wrong: "), {**right, **wrong}
        if plain or not wanted:
            yield plain, {}

    def _told(self, slots: Mapping[str, Value], mark: str = "") -> str:
        facts = self.bundle.vocabulary.facts
        hidden = [n for n in slots if not facts[n].spoken]
        open_ = [n for n in slots if n not in hidden]
        named = [f"{n.rpartition('.')[2]} {format_value(slots[n], facts[n].type)}" for n in open_]
        named += [f"the {'wrong' if mark else 'right'} {n.rpartition('.')[2]}" for n in hidden]
        return f"{mark if not hidden else ''}{', '.join(named)}"

    def _values(self) -> dict[str, tuple[Value, ...]]:
        """Return for each slot a value that conditions ask for and, where it must equal a fact, one that is not it."""
        compared = [c for rule in self.bundle.rules[Ask.ON_HEARING] for c in _compares(rule.when)]
        for state in self.flow.states.values():
            for steps in (*state.hears.values(), state.then):
                compared += [c for s in steps for c in _compares(s.when)]
        found: dict[str, tuple[Value, ...]] = {}
        for fact in self.bundle.vocabulary.facts.values():
            if fact.origin is not FactSource.HEARD:
                continue
            asked = [v for c in compared for v in self._against(fact.name, c)]
            exact = [v for op, v in asked if op == "=="]
            bound = [v for op, v in asked if op in ("<=", ">=")]
            value = (exact or bound or [_usual(fact.type, self.frame)])[0]
            found[fact.name] = (value, _other(value)) if exact else (value,)
        return found

    def _against(self, name: str, comparison: Compare) -> Iterator[tuple[str, Value]]:
        for one, other in ((comparison.left, comparison.right), (comparison.right, comparison.left)):
            if isinstance(one, Ref) and one.name == name and isinstance(other, Ref):
                value = self.frame.get(other.name)
                if value is not None:
                    yield comparison.op, value


def _compares(condition: Condition) -> Iterator[Compare]:
    if isinstance(condition, Compare):
        yield condition
    elif isinstance(condition, All | AnyOf):
        for part in condition.parts:
            yield from _compares(part)
    elif isinstance(condition, Not):
        yield from _compares(condition.part)


def _prompts_read(bundle: CompiledBundle, flow: str) -> frozenset[str]:
    """Return the prompts whose having been said or asked any rule or step reads, or a rule puts in."""
    names: set[str] = set()
    for rules in bundle.rules.values():
        for rule in rules:
            names |= {*names_read(rule.when), *(names_read(rule.unless) if rule.unless else ())}
    for state in bundle.flows[flow].states.values():
        for steps in (*state.hears.values(), state.then):
            for taken in steps:
                names |= set(names_read(taken.when))
    return frozenset(n.partition(".")[2] for n in names if n.startswith(("said.", "asked.")))


def _usual(kind: ValueType, frame: Mapping[str, Value]) -> Value:
    today = frame.get("clock.today")
    values: dict[ValueType, Value] = {
        ValueType.MONEY: 5_000, ValueType.DATE: today + 3 if isinstance(today, int) else 739_700,
        ValueType.TIME: 36_000, ValueType.INT: 1, ValueType.BOOL: True, ValueType.DATETIME: 1_800_000_000,
        ValueType.DURATION: 86_400, ValueType.SET: frozenset(),
    }
    return values.get(kind, "something")


def _other(value: Value) -> Value:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return f"{value}x" if isinstance(value, str) else value
