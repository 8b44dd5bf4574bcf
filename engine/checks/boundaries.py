"""Dials at the edges of what rules forbid: the minute before and the minute after, and one contact fewer.

A scenario in which a rule denies a dial is taken, and what it says moved until the rule no longer denies: the clock
forward, through every instant at which an answer can change, the days on which the clocks change among them; facts
that are compared, to either side of their limits; and each earlier contact, left out. What comes out is a proposal
for people to read: what the rules say there, with the rules that deny.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import pairwise

from engine.bundle import CompiledBundle, Deny, OnlyBetween, Rule
from engine.checks.analysis import space_of
from engine.checks.prove.limits import TooLarge
from engine.checks.prove.slices import conditions_of
from engine.checks.prove.truth import read_by
from engine.expressions.tree import Value
from engine.facts.clock import local
from engine.facts.instants import next_instants
from engine.facts.timezones import load
from engine.rehearsal.replay import dialled
from engine.rehearsal.situation import Situation
from engine.runtime.decision import Decision
from engine.runtime.prepared import prepare
from engine.terms import Ask, FactSource, Outcome, ValueType

AHEAD = timedelta(days=9)
MINUTE = timedelta(minutes=1)
YEAR = 366
TIMES = ("clock.now", "clock.today", "clock.time", "clock.weekday", "clock.is_holiday", "clock.is_state_holiday")
DENYING = ("deny", "only_between")


@dataclass(frozen=True, slots=True)
class Edge:
    """One dial beside a limit.

    Args:
        at: When, by the callee's clock.
        zone: Whose clock that is.
        facts: What is given otherwise than in the scenario.
        decision: What the rules say.
    """

    at: datetime
    zone: tzinfo
    facts: Mapping[str, Value]
    decision: Decision


@dataclass(frozen=True, slots=True)
class Boundary:
    """Where a rule begins or ends to deny.

    Args:
        rule: Which rule.
        what: What was moved, in words.
        edges: The dials, in order.
        without: Which of the scenario's contacts is left out, counted from 0; None where none is.
    """

    rule: str
    what: str
    edges: tuple[Edge, ...]
    without: int | None = None


def boundaries(bundle: CompiledBundle, rule: Rule, given: Situation) -> Iterator[Boundary]:
    """Yield the limits of *rule* around *given*, a situation in which it denies a dial."""
    zones = tuple(dialled(bundle, given, search=False).local_times)
    turns = tuple(_turns(bundle, rule, given, zones))
    if turns:
        yield Boundary(rule.id, "the minute before and the minute after", turns)
    if zones and any(isinstance(effect, OnlyBetween) for effect in rule.effects):
        for day, which in _clock_changes(given.at.year, zones[0]):
            edges = tuple(_day(bundle, rule, given, zones, day))
            if edges:
                yield Boundary(rule.id, f"on the day on which the clocks go {which}", edges)
    for name in _compared(bundle, rule):
        edges = tuple(_either_side(bundle, rule, given, name, zones))
        if edges:
            yield Boundary(rule.id, f"`{name}` on either side of its limit", edges)
    for number in range(len(given.history.contacts)):
        kept = given.history.contacts[:number] + given.history.contacts[number + 1 :]
        fewer = replace(given, history=replace(given.history, contacts=kept))
        if not denies(dialled(bundle, fewer, search=False), rule.id):
            yield Boundary(rule.id, "one contact fewer", (_edge(bundle, fewer, zones),), number)
            return


def denies(decision: Decision, rule: str) -> bool:
    """Return whether *rule* is among those that say no."""
    return any(f.rule == rule and f.enforced and f.effect in DENYING for f in decision.fired)


def _edge(
    bundle: CompiledBundle, given: Situation, zones: tuple[str, ...], facts: Mapping[str, Value] | None = None
) -> Edge:
    shown = _shown(given.at, zones)
    return Edge(shown, load(zones[0]) if zones else shown.tzinfo or UTC, facts or {}, dialled(bundle, given))


def _shown(at: datetime, zones: tuple[str, ...]) -> datetime:
    """Return *at* by the callee's clock, or as it was told where nobody knows that clock."""
    return local(at, zones[0]) if zones else at


def _denied(bundle: CompiledBundle, rule: Rule, given: Situation, at: datetime) -> bool:
    return denies(dialled(bundle, replace(given, at=at), search=False), rule.id)


def _turns(bundle: CompiledBundle, rule: Rule, given: Situation, zones: tuple[str, ...]) -> Iterator[Edge]:
    """Yield the dials around the first instant at which *rule* falls silent, and around the next at which it speaks."""
    was, left = True, 2
    for instant in _instants(bundle, given, zones, given.at, given.at + AHEAD):
        now = _denied(bundle, rule, given, instant)
        if now is not was and left and _denied(bundle, rule, given, instant - MINUTE) is was:
            for at in (instant - MINUTE, instant):
                yield _edge(bundle, replace(given, at=at), zones)
            left -= 1
        was = now
        if not left:
            return


def _instants(
    bundle: CompiledBundle, given: Situation, zones: tuple[str, ...], start: datetime, end: datetime
) -> Iterator[datetime]:
    """Yield the instants at which an answer can change; counters fall at midnights or hours after their contacts."""
    after = [
        contact.at + timedelta(seconds=seconds)
        for contact in given.history.contacts
        for counter in bundle.vocabulary.counters.values()
        for seconds in _windows(bundle, counter.window)
    ]
    own = {value for name, value in given.facts.items() if _type(bundle, name) is ValueType.TIME}
    times = {*prepare(bundle).times_of_day, *(value for value in own if isinstance(value, int))}
    yield from next_instants(start, zones, times, after, end)


def _windows(bundle: CompiledBundle, window: str | int | None) -> tuple[int, ...]:
    held = [d.value for d in bundle.parameters[window].values] if isinstance(window, str) else [window]
    return tuple(value for value in held if isinstance(value, int))


def _clock_changes(year: int, zone: str) -> Iterator[tuple[date, str]]:
    """Yield the days of *year* on which the clocks of *zone* change, and which way."""
    place = load(zone)
    day = datetime(year, 1, 1, 12, tzinfo=UTC)
    before = day.astimezone(place).utcoffset()
    while day.year == year:
        day += timedelta(days=1)
        after = day.astimezone(place).utcoffset()
        if before is not None and after is not None and after != before and day.year == year:
            yield day.date(), "forward" if after > before else "back"
        before = after


def _day(bundle: CompiledBundle, rule: Rule, given: Situation, zones: tuple[str, ...], day: date) -> Iterator[Edge]:
    """Yield the dials of one local day around every instant at which *rule* turns, and around the change itself."""
    start = datetime(day.year, day.month, day.day, tzinfo=load(zones[0]))
    for instant in _instants(bundle, given, zones[:1], start - MINUTE, start + timedelta(days=1)):
        before, after = (local(at, zones[0]) for at in (instant - MINUTE, instant))
        turned = _denied(bundle, rule, given, instant) is not _denied(bundle, rule, given, instant - MINUTE)
        if turned or before.utcoffset() != after.utcoffset():
            for at in (before, after):
                yield _edge(bundle, replace(given, at=at), zones)


def _compared(bundle: CompiledBundle, rule: Rule) -> tuple[str, ...]:
    """Return the facts of the host with an order that *rule* reads."""
    ordered = (ValueType.INT, ValueType.MONEY, ValueType.DATE, ValueType.TIME)
    read = _read(rule)
    facts = bundle.vocabulary.facts
    return tuple(
        sorted(n for n in read if n in facts and facts[n].type in ordered and facts[n].origin is FactSource.HOST)
    )


def _either_side(
    bundle: CompiledBundle, rule: Rule, given: Situation, name: str, zones: tuple[str, ...]
) -> Iterator[Edge]:
    """Yield two dials at one instant, with two values of a fact that lie side by side; *rule* denies one of them."""
    here = _shown(given.at, zones)
    found = {value for value in (*_values(bundle, rule, name, here.date()), given.facts.get(name))}
    values = sorted(value for value in found if isinstance(value, int) and not isinstance(value, bool))

    def denied(value: int) -> bool:
        return denies(dialled(bundle, _with(bundle, given, name, value), search=False), rule.id)

    for before, after in pairwise(values):
        if denied(before) is not denied(after):
            for value in _side_by_side(denied, before, after):
                yield _edge(bundle, _with(bundle, given, name, value), zones, {name: value})
            return


def _side_by_side(denied: Callable[[int], bool], before: int, after: int) -> tuple[int, int]:
    """Return two values next to one another, from *before* to *after*, between which *denied* turns."""
    first = denied(before)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if denied(middle) is first else (before, middle)
    return before, after


def _with(bundle: CompiledBundle, given: Situation, name: str, value: Value) -> Situation:
    return replace(given, facts={**given.facts, name: value})


def _values(bundle: CompiledBundle, rule: Rule, name: str, day: date) -> Iterator[Value]:
    """Yield the values of a fact that differ to *rule*; where it is a date, days around *day* and a year from it."""
    if _type(bundle, name) is ValueType.DATE:
        yield from (day.toordinal() + days for days in (-YEAR, -1, 0, 1, YEAR))
        return
    try:
        held = {facts[name] for facts in space_of(bundle, day, rule).cases() if name in facts}
    except TooLarge:
        return
    for value in held:
        if isinstance(value, int):
            yield from (value - 1, value, value + 1)


def _type(bundle: CompiledBundle, name: str) -> ValueType | None:
    fact = bundle.vocabulary.facts.get(name)
    return fact.type if fact else None


def limited(bundle: CompiledBundle) -> tuple[Rule, ...]:
    """Return the rules that deny a dial and have a limit: of the clock, of a count, or of a fact with an order."""
    counters = bundle.vocabulary.counters
    return tuple(
        rule
        for rule in bundle.rules[Ask.BEFORE_DIALING]
        if rule.status.enforced
        and any(isinstance(effect, Deny | OnlyBetween) for effect in rule.effects)
        and (_compared(bundle, rule) or any(n in counters or n in TIMES for n in _read(rule)))
    )


def _read(rule: Rule) -> frozenset[str]:
    return frozenset(name for condition in conditions_of(rule) for name in read_by(condition))


def expected(edge: Edge) -> Iterator[tuple[str, str]]:
    """Yield what a scenario expects of a dial that went as *edge*: settings and their values, as they are written."""
    decision = edge.decision
    no = sorted(f.rule for f in decision.fired if f.enforced and f.effect in DENYING)
    if decision.outcome is Outcome.ALLOW:
        yield "allowed", "true"
    elif no:
        written = [f"'{name}'" if "[" in name else name for name in no]
        yield "denied_by", f"[{', '.join(written)}]"
    else:
        yield "route_human", "true"
    if no and decision.next_allowed is not None:
        yield "next_allowed", decision.next_allowed.astimezone(edge.zone).isoformat()
