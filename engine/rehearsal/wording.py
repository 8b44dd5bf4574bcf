"""A decision in words: the answer, every reason with its source, and what would change it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from textwrap import wrap
from zoneinfo import ZoneInfo

from engine.bundle import CompiledBundle
from engine.expressions.tree import Value
from engine.expressions.values import format_value
from engine.runtime.decision import Decision, Fired
from engine.terms import Outcome, ValueType

ANSWERS = {
    Outcome.ALLOW: "allowed",
    Outcome.ROUTE_HUMAN: "only a person may place this call",
    Outcome.DENY: "denied",
}

WIDTH = 110
"""Characters in a line."""

_DOES = {"deny": "denied", "only_between": "denied", "route": "person", "warn": "warning"}
"""What a rule does to a dial, in one word."""

_WORDS = {
    "deny": "the call may not be placed",
    "only_between": "it is outside the hours that this rule allows",
    "route": "only a person may place the call",
}
"""What a rule says, where it gives no words of its own."""


def moment(at: datetime, zone: str = "") -> str:
    """Return *at* as a person says it, in *zone* where one is named: ``Tue 10 March 2026, 14:00 America/Chicago``."""
    local = at.astimezone(ZoneInfo(zone)) if zone else at
    seconds = f":{local.second:02}" if local.second else ""
    return f"{local:%a} {local.day} {local:%B %Y}, {local:%H:%M}{seconds} {zone or local.tzname() or ''}".rstrip()


def decision_lines(decision: Decision, bundle: CompiledBundle) -> tuple[str, ...]:
    """Return *decision*, a dial's, line by line."""
    zones = tuple(decision.local_times)
    lines = [f"{ANSWERS[decision.outcome]}: a call on {moments(decision.at, zones)}"]
    for fired in sorted(decision.fired, key=_weight):
        lines += reason_lines(fired, bundle)
    for fault in decision.faults:
        lines.append(f"  denied, since the rules could not be evaluated: {fault}")
    if decision.outcome is not Outcome.ALLOW:
        lines += _later(decision, zones)
    return tuple(lines)


def moments(at: datetime, zones: tuple[str, ...]) -> str:
    """Return *at* in each of *zones*; in UTC where the zone is unknown."""
    if not zones:
        return f"{moment(at.astimezone(UTC))} (the callee's time zone is unknown)"
    return " or ".join(moment(at, zone) for zone in zones)


def reason_lines(fired: Fired, bundle: CompiledBundle) -> Iterator[str]:
    """Yield why *fired* acted: what it does, its words, its source, the facts it read and those it did not know."""
    does = _DOES.get(fired.effect, fired.effect.replace("_", " "))
    does = does if fired.enforced else f"{fired.status}, would be {does}:"
    said = fired.reason if fired.reason != fired.source else _WORDS.get(fired.effect, fired.effect.replace("_", " "))
    yield from _wrapped(f"  {does:<8} {fired.rule}: {said}")
    yield from _wrapped(f"    source: {fired.source} ({fired.severity})")
    if fired.read:
        yield from _wrapped(f"    since:  {values(fired.read, bundle)}")
    if fired.unknown:
        yield from _wrapped(f"    unknown, and so it acts: {', '.join(fired.unknown)}")


def _wrapped(line: str) -> list[str]:
    """Return *line* in lines of at most 110 characters, those after the first set further in."""
    return wrap(line, WIDTH, subsequent_indent=" " * 12, break_long_words=False, break_on_hyphens=False)


def _weight(fired: Fired) -> tuple[int, str]:
    """Return where a reason stands: denials first, then what only a person may do, then the rest."""
    order = ("deny", "only_between", "route", "warn")
    place = order.index(fired.effect) if fired.effect in order else len(order)
    return place + (0 if fired.enforced else len(order)), fired.rule


def values(read: Mapping[str, Value], bundle: CompiledBundle) -> str:
    """Return facts and parameters with their values, as people write them."""
    return ", ".join(f"{name} = {format_value(read[name], type_of(name, bundle, read[name]))}" for name in sorted(read))


def type_of(name: str, bundle: CompiledBundle, value: Value = None) -> ValueType:
    """Return the declared type of a fact or parameter; for any other name, what fits *value*."""
    if name in bundle.vocabulary.facts:
        return bundle.vocabulary.facts[name].type
    if name in bundle.parameters:
        return bundle.parameters[name].type
    return ValueType.TEXT if isinstance(value, str) else ValueType.INT


def _later(decision: Decision, zones: tuple[str, ...]) -> Iterator[str]:
    if decision.next_allowed is not None:
        yield f"  it would be allowed from {moments(decision.next_allowed, zones)}"
    elif decision.must_change:
        yield from _wrapped(f"  waiting does not help; these must change first: {', '.join(decision.must_change)}")
    else:
        yield "  no time within the next 60 days would be allowed"
