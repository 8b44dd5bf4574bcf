"""Counters of two versions: which contacts one counts and the other does not."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from engine.bundle import CompiledBundle, Counter
from engine.checks.prove.truth import read_by
from engine.expressions.parse import names_read
from engine.expressions.tree import Value
from engine.expressions.values import format_value
from engine.facts.counters import count_at, counted
from engine.facts.history import Contact, History, Subject
from engine.terms import ValueType
from engine.views.diff.change import Change, Level, Witness, direction_of
from engine.views.diff.plain import keys, plain
from engine.views.diff.points import points

_ZONE = "America/Chicago"
_DAY = timedelta(days=1)
_SAME, _OTHER = "the same", "another"


def counter_changes(old: CompiledBundle, new: CompiledBundle, as_of: date) -> Iterator[Change]:
    """Yield a change for each counter that counts otherwise, with a contact on which the two differ."""
    at = datetime(as_of.year, as_of.month, as_of.day, 18, tzinfo=UTC)
    for name, was, now in keys(old.vocabulary.counters, new.vocabulary.counters):
        windows = [_window(bundle, counter, as_of) for bundle, counter in ((old, was), (new, now))]
        if plain(was, "about") == plain(now, "about") and windows[0] == windows[1]:
            continue
        less, more = _differing(was, now, windows, at)
        safety = bool(less or more) and _guards(old, new, name)
        held = now or was
        what = "new counter" if was is None else "counter taken away" if now is None else _what(was, now, windows)
        yield Change(
            Level.SAFETY if safety else Level.MEANING, "counter", name, what,
            direction_of(less is not None, more is not None), counsel=True, witness=less, gained=more, span=held.span,
        )


def _guards(old: CompiledBundle, new: CompiledBundle, name: str) -> bool:
    return any(
        name in (*names_read(rule.when), *(names_read(rule.unless) if rule.unless else ()))
        for bundle in (old, new) for rules in bundle.rules.values() for rule in rules if rule.status.enforced
    )


def _window(bundle: CompiledBundle, counter: Counter | None, day: date) -> int | None:
    if counter is None or not isinstance(counter.window, str):
        return counter.window if counter is not None and isinstance(counter.window, int) else None
    value = bundle.parameters[counter.window].on(day)
    return value if isinstance(value, int) else None


def _differing(
    was: Counter | None, now: Counter | None, windows: list[int | None], at: datetime
) -> tuple[Witness | None, Witness | None]:
    """Return a contact that is counted no longer, and one that is counted now and was not."""
    less: Witness | None = None
    more: Witness | None = None
    for contact, subject, told in _contacts([c for c in (was, now) if c], windows, at):
        before, after = _count(was, windows[0], contact, subject, at), _count(now, windows[1], contact, subject, at)
        if before == after:
            continue
        witness = Witness("count", told, f"counts {before}", f"counts {after}")
        if before > after:
            less = less or witness
        else:
            more = more or witness
    return less, more


def _count(counter: Counter | None, window: int | None, contact: Contact, subject: Subject, at: datetime) -> int:
    if counter is None or (window is None and not counter.since):
        return 0
    facts: dict[str, Value] = {counter.since: 0} if counter.since else {}
    return count_at(counted(counter, History((contact,)), subject), counter, at, _ZONE, window, facts) or 0


def _contacts(
    counters: list[Counter], windows: list[int | None], at: datetime
) -> Iterator[tuple[Contact, Subject, tuple[str, ...]]]:
    """Yield contacts at, just within and just outside each window, of every kind, with every fact that matters."""
    kinds = sorted({kind for counter in counters for kind in counter.counts})
    lengths = [timedelta(seconds=w) for w in windows if w]
    least = timedelta(hours=1)
    near = {max(least, length + by) for length in lengths for by in (-_DAY, timedelta(0), _DAY)}
    ages = sorted(near | {least})
    conditions = [counter.where for counter in counters]
    values = points(conditions, ())
    types = {name: ref.type for condition in conditions for name, ref in read_by(condition).items()}
    every: list[dict[str, Value]] = [{}]
    for name, choices in values.items():
        every = [{**facts, name: choice} for facts in every for choice in choices][:64]
    per = sorted({key for counter in counters for key in counter.per})
    subject = Subject(**dict.fromkeys(per, _SAME))
    for kind in kinds:
        for age in ages:
            for facts in every:
                for other in ("", *per):
                    ids: dict[str, Any] = {key: _OTHER if key == other else _SAME for key in per}
                    contact = Contact(kind, at - age, facts, **ids)
                    yield contact, subject, tuple(_told(kind, age, facts, types, other))


def _told(
    kind: str, age: timedelta, facts: dict[str, Value], types: dict[str, ValueType], other: str
) -> Iterator[str]:
    ago = f"{age.days} days" if age.days else "an hour"
    yield f"one {kind} {ago} ago" + (f", about another {other}" if other else "")
    for name, value in facts.items():
        yield f"{name}: {format_value(value, types[name])}"


def _what(was: Counter, now: Counter, windows: list[int | None]) -> str:
    found: list[str] = []
    if was.counts != now.counts:
        found.append(f"counts {', '.join(now.counts)}, and not {', '.join(was.counts)}")
    if plain(was.where) != plain(now.where):
        found.append("which contacts count changed")
    if was.per != now.per:
        found.append(f"counts for each {' and '.join(now.per)}, and not for each {' and '.join(was.per)}")
    if windows[0] != windows[1]:
        shown = [format_value(w, ValueType.DURATION) for w in windows]
        found.append(f"counts over {shown[1]}, and not over {shown[0]}")
    if was.since != now.since:
        found.append(f"counts since {now.since or 'ever'}, and not since {was.since or 'ever'}")
    return ", ".join(found) or "counts in another window"
