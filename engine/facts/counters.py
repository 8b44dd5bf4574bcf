"""Counting contacts, as the vocabulary's counters say.

What is counted, of whom and over what time is data; here is only how days are
counted. A window of whole days is that many consecutive *local dates*, today
included: a conversation on day D stands in the windows of D to D+6 when the
window is seven days, so the next call may be placed on D+7 (12 CFR
1006.14(b)(2)(i)(A)-(B): the date of the conversation is the first day).
Any other window rolls, and so does one written in hours, as `24 hours`: a
contact leaves it exactly that many seconds later.

Whatever may count counts: a contact whose facts do not tell (comment
14(b)(3)(ii)-1 leaves out busy signals, but they must be known as such), whose
person or debt is unknown, or whose time lies ahead of the clock's.
"""

from bisect import bisect_left
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from engine.bundle import Counter
from engine.expressions.evaluate import evaluate
from engine.expressions.tree import ALWAYS, Value
from engine.facts.clock import aware, local
from engine.facts.history import Contact, History, Ids, Subject
from engine.facts.instants import day_begins
from engine.facts.timezones import names

DAY = 86_400
"""Seconds in a whole day of a window."""

EARLIEST = datetime.min.replace(tzinfo=UTC)
"""Before every contact: where a window without a beginning begins."""

_LONG_AGO = datetime(1900, 1, 1).toordinal()
_TICK = timedelta(microseconds=1)


def count(
    counter: Counter,
    history: History,
    subject: Subject,
    at: datetime,
    zone: str | None,
    window_seconds: int | None,
    facts: Mapping[str, Value],
) -> int | None:
    """Return how many contacts *counter* counts for *subject* at *at*, or None when that is unknown.

    It is unknown when the counter's window is a parameter that has no value today
    (``window_seconds`` is None though the counter names a window) or is not positive, when a
    window of whole days meets no zone, and when the instant that ``since:`` names
    is unknown. Unknown makes a denying rule deny: a window that lapsed never lets calls through.

    Args:
        zone: Whose local dates make whole days.
        window_seconds: The window's length; None for a counter without one, which counts everything.
        facts: The facts now, for ``since:``.
    """
    start = _start(counter, at, zone, window_seconds, facts)
    if start is None:
        return None
    recent = history.contacts[bisect_left(history.contacts, start, key=_time) :]
    return sum(_counts(counter, contact, subject) for contact in recent)


def counted(counter: Counter, history: History, subject: Subject) -> tuple[datetime, ...]:
    """Return the times of the contacts that *counter* counts for *subject*, in order, whatever their time.

    A search over many instants makes this once and then counts with :func:`count_at`.
    """
    return tuple(contact.at for contact in history.contacts if _counts(counter, contact, subject))


def count_at(
    times: tuple[datetime, ...],
    counter: Counter,
    at: datetime,
    zone: str | None,
    window_seconds: int | None,
    facts: Mapping[str, Value],
) -> int | None:
    """Return what :func:`count` does, from the *times* that :func:`counted` gave."""
    start = _start(counter, at, zone, window_seconds, facts)
    return None if start is None else len(times) - bisect_left(times, start)


def change_instants(
    counter: Counter,
    history: History,
    at: datetime,
    zone: str | None,
    window_seconds: int | None,
    until: datetime,
) -> tuple[datetime, ...]:
    """Return the instants after *at*, up to *until*, at which *counter* can fall: when a contact leaves its window.

    For whomever it counts, and whether or not a contact's facts let it count: perhaps
    more instants than needed, never fewer. A counter without a window never falls.
    """
    start = _window_start(counter, at, zone, window_seconds)
    if start is None or start == EARLIEST:
        return ()
    seconds, leaves, end = _seconds(counter, window_seconds) or 0, set[datetime](), aware(until)
    for contact in history.contacts:
        if contact.kind not in counter.counts or contact.at < start:
            continue
        if _in_dates(counter, seconds) and zone is not None:
            leaves.add(day_begins(local(contact.at, zone).toordinal() + seconds // DAY, zone))
        else:
            leaves.add(contact.at + timedelta(seconds=seconds))
    return tuple(sorted(instant for instant in leaves if aware(at) < instant <= end))


def _start(
    counter: Counter, at: datetime, zone: str | None, window_seconds: int | None, facts: Mapping[str, Value]
) -> datetime | None:
    """Return the first instant whose contacts count, or None when it is unknown."""
    start = _window_start(counter, at, zone, window_seconds)
    if start is None or not counter.since:
        return start
    since = facts.get(counter.since)
    if not isinstance(since, int):
        return None
    return max(start, datetime.fromtimestamp(since, UTC) + _TICK)


def _window_start(counter: Counter, at: datetime, zone: str | None, window_seconds: int | None) -> datetime | None:
    now = aware(at)
    if counter.window is None:
        return EARLIEST
    seconds = _seconds(counter, window_seconds)
    if seconds is None or seconds <= 0:
        return None
    if now.toordinal() - seconds // DAY <= _LONG_AGO:
        return EARLIEST
    if not _in_dates(counter, seconds):
        return now - timedelta(seconds=seconds) + _TICK
    if zone is None or zone not in names():
        return None
    return day_begins(local(now, zone).toordinal() - seconds // DAY + 1, zone)


def _in_dates(counter: Counter, seconds: int) -> bool:
    return seconds % DAY == 0 and not counter.rolls


def _seconds(counter: Counter, window_seconds: int | None) -> int | None:
    return counter.window if isinstance(counter.window, int) else window_seconds


def _counts(counter: Counter, contact: Contact, subject: Subject) -> bool:
    return (
        contact.kind in counter.counts
        and all(_same(contact.ids(key), subject.ids(key)) for key in counter.per)
        and (counter.where == ALWAYS or evaluate(counter.where, contact.facts) is not False)
    )


def _same(theirs: Ids, ours: Ids) -> bool:
    """Tell whether two ids may be the same: an unknown one may be any."""
    if not theirs or not ours or theirs == ours:
        return True
    return bool(set(_each(theirs)) & set(_each(ours)))


def _each(ids: Ids) -> tuple[str, ...]:
    return (ids,) if isinstance(ids, str) else ids


def _time(contact: Contact) -> datetime:
    return contact.at
