"""A found call, made concrete and taken through the engine itself.

A search works on regions; a reader wants dollars and dates, and wants to know
that it would really happen. So values are chosen that lie in the regions along
the way, and the call is replayed with :func:`engine.runtime.step.step`. Only what
the engine itself stops is called broken.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, product
from zoneinfo import ZoneInfo

from engine.bundle import CompiledBundle, Fact
from engine.checks.prove.model import UNCLEAR, Model, Move, Situation
from engine.checks.prove.regions import Cluster, Mobility
from engine.checks.prove.search import Found
from engine.checks.prove.telling import Teller
from engine.expressions.tree import Value
from engine.runtime.session import CallSession, Event, Turn
from engine.runtime.step import start, step
from engine.terms import EVENTS, EventKind, FactSource, ValueType

ZONE, TODAY = "America/New_York", "clock.today"
MOST_CHOICES = 4_000
MOST_BEGINNINGS = 3
"""Most choices of what the host supplies that a found call is gone with."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of a concrete call, what the model expects of it, and what it led to."""

    event: Event
    turn: Turn
    before: CallSession


@dataclass(frozen=True, slots=True)
class Call:
    """A concrete call: what the host supplied, when it begins and in which zones, and every event with its turn.

    It is not whole where it did not come to what it was to come to.
    """

    facts: Mapping[str, Value]
    at: datetime
    zones: tuple[str, ...]
    happenings: tuple[Happening, ...]
    whole: bool = True


@dataclass(frozen=True, slots=True)
class _Told:
    """What an event tells: the intents heard, and the regions of the clusters that matter as it is taken in."""

    heard: int
    regions: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Values for a found call.

    Args:
        given: The facts that hold all call long, and the parameters.
        slots: What each event tells.
        days: The day each event comes on, where that matters.
    """

    given: Mapping[str, Value]
    slots: tuple[Mapping[str, Value], ...]
    days: tuple[int | None, ...]


def deaf(bundle: CompiledBundle) -> CompiledBundle:
    """Return *bundle* without what its intents sound like: a found call gives intents, so no recogniser is trained."""
    return replace(bundle, intents={}, digest=f"{bundle.digest} given intents")


def replay(
    bundle: CompiledBundle, model: Model, found: Found, as_of: date, stopped: Callable[[Turn], bool]
) -> Call | None:
    """Return *found* as a concrete call, whole if its last turn satisfies *stopped*, or None where no values fit it."""
    bundle = deaf(bundle)
    told = _all_told(model, found)
    chosen = None if told is None else _choose(model, told)
    if told is None or chosen is None:
        return None
    facts = {n: v for n, v in chosen.given.items() if n in model.slice.facts}
    for _ in range(MOST_BEGINNINGS):
        call = _Replay(bundle, model, found, told, chosen, facts, as_of, stopped).conducted()
        if isinstance(call, Call):
            return call
        facts |= dict(call)
    return None


class _Replay:
    """A found call in the making, for one choice of what the host supplies."""

    def __init__(
        self,
        bundle: CompiledBundle,
        model: Model,
        found: Found,
        told: list[_Told],
        chosen: Chosen,
        facts: Mapping[str, Value],
        as_of: date,
        stopped: Callable[[Turn], bool],
    ) -> None:
        self._bundle, self._model, self._path = bundle, model, found.path
        self._told, self._chosen, self._stopped = told, chosen, stopped
        self._facts = sample_facts(bundle) | dict(facts)
        self._at, self._zones = _moment(bundle, chosen, as_of)
        self._teller = Teller(bundle, model, facts)

    def conducted(self) -> Call | Mapping[str, Value]:
        """Return the call, as far as it comes; or what the host must supply for it."""
        session = start(
            self._bundle, "proof", self._model.flow.id, self._bundle.locales[0], self._at, self._facts, self._zones
        )
        happenings: list[Happening] = []
        began = next((day for day in self._chosen.days if day is not None), 0)
        passed = timedelta()
        for n, (before, move) in enumerate(self._path):
            passed = max(passed, timedelta(days=(self._chosen.days[n] or began) - began))
            events = tuple(_events(self._model, before, move, self._told[n], self._chosen.slots[n], self._at))
            for place, event in enumerate(events):
                if session.ended:
                    return Call(self._facts, self._at, self._zones, tuple(happenings), whole=False)
                when = self._at + passed + timedelta(seconds=10 * len(happenings))
                timed = replace(event, at=when, played=_played(self._model, before, session))
                turn = step(self._bundle, session, timed)
                if place == len(events) - 1:
                    told = self._mended(n, session, timed, turn)
                    if not isinstance(told, Happening):
                        return told
                    timed, turn = told.event, told.turn
                happenings.append(Happening(timed, turn, session))
                session = turn.session
        return Call(self._facts, self._at, self._zones, tuple(happenings), self._stopped(happenings[-1].turn))

    def _mended(self, n: int, session: CallSession, event: Event, turn: Turn) -> Happening | Mapping[str, Value]:
        """Return what happens in turn *n* so that it goes as it was found, or what the host must supply for that."""
        move, last = self._path[n][1], n == len(self._path) - 1
        as_it_is = Happening(event, turn, session)
        wanted = None if last and self._stopped(turn) else self._teller.missing(move, session, event, turn)
        if wanted is None:
            return as_it_is
        for telling in self._teller.tellings(move, wanted, session, event):
            if telling.given:
                return telling.given
            other = step(self._bundle, session, telling.event)
            if self._stopped(other) if last else self._teller.missing(move, session, telling.event, other) is None:
                return Happening(telling.event, other, session)
        return as_it_is


def chosen_for(model: Model, found: Found) -> Chosen | None:
    """Return values that lie in the regions along the way of *found*, or None where none fit."""
    told = _all_told(model, found)
    return None if told is None else _choose(model, told)


def _all_told(model: Model, found: Found) -> list[_Told] | None:
    told = [_told(model, move) for _, move in found.path]
    return None if None in told else [one for one in told if one is not None]


def _told(model: Model, move: Move) -> _Told | None:
    """Return one way the event of *move* can have been, from which the rules derive what it says."""
    hearer = model.hearer
    known, said, asked, certain, free, new_person, guards = move.reading
    later = model.knowledge.regions(move.hearing.known)
    choices = hearer.together.choices(certain, free)
    fitting = [
        (choices.first(chosen), regions)
        for regions in hearer.before(known, new_person)
        for hearing, chosen in hearer.outcomes(regions, said, asked, choices, new_person, guards)
        if hearer.same(hearing, move.hearing)
    ]
    if not fitting:
        return None
    heard, regions = min(fitting, key=lambda found: found[0].bit_count())
    places = {p: later[p] for p in range(len(later)) if guards >> p & 1}
    places |= {p: regions[p] for p in range(len(later)) if hearer.early >> p & 1}
    return _Told(heard, places)


def told_by(model: Model, before: Situation | None, move: Move) -> tuple[str, ...]:
    """Return the intents and events that *move* has been heard with, as far as anything asks about them."""
    told = _told(model, move)
    return () if told is None else _named(model, before, move, told)


def _named(model: Model, before: Situation | None, move: Move, told: _Told) -> tuple[str, ...]:
    """Return what was heard; where the state hears one of them and yet none is followed, a right it does not answer."""
    bits = model.knowledge.heard_bits
    names = tuple(name for name, bit in bits.items() if told.heard & bit)
    hears = (model.flow.states[model.flow.start] if before is None else model.states[before.state]).hears
    if move.trigger != UNCLEAR or not (move.hearing.gone or any(name in hears for name in names)):
        return names
    rights = (name for name in model.protected if name not in hears and name not in bits)
    return (*islice(rights, 1), *names)


def _choose(model: Model, told: list[_Told]) -> Chosen | None:
    """Return the facts that hold all call long, and the slots and the day of each event; None where nothing fits."""
    given: dict[str, Value] = {}
    events: list[dict[str, Value]] = [{} for _ in told]
    for place, cluster in enumerate(model.knowledge.clusters):
        wanted = [(n, one.regions[place]) for n, one in enumerate(told) if place in one.regions]
        found = _fit(cluster, wanted)
        if found is None:
            return None
        given |= found[0]
        for n, values in found[1].items():
            events[n] |= values
    if any(TODAY in values and values[TODAY] is None for values in events):
        given[TODAY] = None
    days = [values.pop(TODAY, None) for values in events]
    return Chosen(given, tuple(events), tuple(day if isinstance(day, int) else None for day in days))


def _fit(
    cluster: Cluster, wanted: list[tuple[int, int]]
) -> tuple[dict[str, Value], dict[int, dict[str, Value]]] | None:
    """Return what lasts in *wanted*, the regions of some events, and what each of these events tells, in order."""
    passing = (Mobility.HEARD, Mobility.FLOW, Mobility.POLICY, Mobility.DAY)
    lasting = [f.name for f in cluster.facts if f.mobility not in passing]
    moving = [f.name for f in cluster.facts if f.name not in lasting]
    told = {f.name for f in cluster.facts if f.mobility in (Mobility.HEARD, Mobility.DAY)}
    for values in islice(_choices(cluster, lasting, wanted), MOST_CHOICES):
        held = dict(zip(lasting, values, strict=True))
        chosen: dict[int, dict[str, Value]] = {}
        today: Value = None
        for n, region in wanted:
            for others in islice(_choices(cluster, moving, [(n, region)]), MOST_CHOICES):
                assignment = held | dict(zip(moving, others, strict=True))
                if cluster.find(assignment) == region and not _earlier(assignment.get(TODAY), today):
                    chosen[n] = {name: value for name, value in assignment.items() if name in told}
                    today = assignment.get(TODAY)
                    break
            else:
                break
        else:
            return held, chosen
    return None


def _earlier(one: Value, other: Value) -> bool:
    return isinstance(one, int) and isinstance(other, int) and one < other


def _choices(cluster: Cluster, names: list[str], wanted: list[tuple[int, int]]) -> Iterator[tuple[Value, ...]]:
    """Yield values for *names*, those of the wanted regions' own witnesses first."""
    for _, region in wanted:
        yield tuple(cluster.witnesses[region][name] for name in names)
    yield from product(*(cluster.points[name] for name in names))


def _moment(bundle: CompiledBundle, chosen: Chosen, as_of: date) -> tuple[datetime, tuple[str, ...]]:
    """Return when the call begins, which is not before parameters have the values chosen, and in which zones."""
    dated = (
        one.starts
        for name, value in chosen.given.items()
        if name in bundle.parameters and bundle.parameters[name].on(as_of) != value
        for one in bundle.parameters[name].values
        if one.value == value and one.starts > as_of
    )
    soonest = max(dated, default=as_of).toordinal()
    first = next((day for day in chosen.days if day is not None), soonest)
    now = chosen.given.get("clock.time", 54_000)
    known = now is not None and chosen.given.get(TODAY, first) is not None
    seconds = now if isinstance(now, int) else 54_000
    clock = time(seconds // 3600, seconds // 60 % 60, seconds % 60)
    local = datetime.combine(date.fromordinal(first), clock, ZoneInfo(ZONE))
    return local.astimezone(UTC), (ZONE,) if known else ()


def _events(
    model: Model, before: Situation | None, move: Move, told: _Told, slots: Mapping[str, Value], at: datetime
) -> Iterator[Event]:
    """Yield the events that lead to *move*: bounded answers are used up first."""
    names = [name for name in _named(model, before, move, told) if name not in EVENTS]
    intents = tuple(dict.fromkeys(([move.trigger] if move.trigger not in (*EVENTS, UNCLEAR) else []) + names))
    event = (
        Event(EventKind(move.trigger), at, slots=slots)
        if move.trigger in EVENTS
        else Event(EventKind.INTENTS, at, intents=intents, slots=slots)
    )
    for _ in range(move.plan.cost - 1):
        yield event
    yield event


def _played(model: Model, before: Situation | None, session: CallSession) -> float | None:
    """Return how much of the last utterance was heard, for what the model takes to be said."""
    if before is None or not session.pending:
        return None
    total = sum(length for _, length, _ in session.pending)
    bits = [model.knowledge.prompt_bits.get(prompt, 0) for prompt, _, _ in session.pending]
    said = sum(model.knowledge.prompt_bits.get(prompt, 0) for prompt in session.said)
    for reach in range(len(bits), -1, -1):
        heard = 0
        for bit in bits[:reach]:
            heard |= bit
        if heard & model.knowledge.asked_bits == before.asked and said | heard == before.said:
            return None if reach == len(bits) else sum(length for _, length, _ in session.pending[:reach]) / total
    return None


_SAMPLES: Mapping[ValueType, Value] = {
    ValueType.BOOL: False,
    ValueType.INT: 1,
    ValueType.MONEY: 42_000,
    ValueType.TEXT: "Alex",
    ValueType.SET: frozenset(),
    ValueType.DATE: date(1985, 5, 3).toordinal(),
    ValueType.TIME: 36_000,
    ValueType.DATETIME: 1_700_000_000,
    ValueType.DURATION: 86_400,
}


_TEXTS: Mapping[str, Value] = {
    "last_name": "Morgan",
    "contact_person": "Dana Reyes",
    "agent.name": "Robin",
    "agency.name": "Northline Services",
    "creditor": "Ficus Bank",
    "phone": "5125550142",
    "house_number": "1204",
    "number": "8005550100",
    "zip": "78701",
    "ssn4": "4321",
}
"""What the end of a name says of a text, so that a call reads as one that is made."""


def sample_facts(bundle: CompiledBundle) -> dict[str, Value]:
    """Return a value for each fact the host supplies, so that every prompt can be said."""
    found: dict[str, Value] = {}
    for fact in bundle.vocabulary.facts.values():
        if fact.origin is FactSource.HOST:
            found[fact.name] = _sample(fact, bundle)
    return found


def _sample(fact: Fact, bundle: CompiledBundle) -> Value:
    if fact.initially is not None:
        return fact.initially
    if fact.of_places:
        return frozenset(list(bundle.vocabulary.places)[:1])
    if fact.values and fact.type is not ValueType.SET:
        return fact.values[0]
    if fact.type is ValueType.TEXT:
        return next((text for end, text in _TEXTS.items() if fact.name.endswith(end)), _SAMPLES[ValueType.TEXT])
    return _SAMPLES.get(fact.type)
