"""Conducted calls summed up, day by day: how many, with the right person, with a promise, and how soon."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean, median_low

from sqlalchemy import Select, select

from engine.records.database import Database, Transaction
from engine.records.plain import micros, moment
from engine.records.tables import calls, promises


@dataclass(frozen=True, slots=True)
class Day:
    """One day in UTC, by when its calls began."""

    day: str
    calls: int
    right_party: int
    promises: int


@dataclass(frozen=True, slots=True)
class Trend:
    """Calls of a time.

    Args:
        calls: Calls that began in it.
        ended: Those of them that are over.
        right_party: Those in which the person we hoped to reach was spoken with.
        promised: Those with a promise to pay.
        median_seconds: From the answer to the promise; None without promises.
        mean_seconds: The same on the average.
        dispositions: Calls by how they ended.
        daily: Day by day, the oldest first; days without calls are left out.
    """

    calls: int
    ended: int
    right_party: int
    promised: int
    median_seconds: int | None
    mean_seconds: float | None
    dispositions: Mapping[str, int]
    daily: tuple[Day, ...]


@dataclass(frozen=True, slots=True)
class Which:
    """Which calls.

    Args:
        since: Those that began then or later.
        until: Those that began before.
        campaign: Of one campaign, or '' for all.
        flow: Of one call flow, or '' for all.
        bundle: Under one bundle, by its digest, or '' for all.
    """

    since: datetime | None = None
    until: datetime | None = None
    campaign: str = ""
    flow: str = ""
    bundle: str = ""


def trend(database: Database, which: Which) -> Trend:
    """Return the calls that *which* names, summed up."""
    with database.reading() as db:
        rows = db.execute(_calls(which)).all()
        seconds = _seconds(db, which)
    days: dict[str, list[int]] = {}
    for row in rows:
        day = days.setdefault(moment(row.started).date().isoformat(), [0, 0, 0])
        day[0] += 1
        day[1] += row.right_party
        day[2] += row.id in seconds
    ends = Counter(row.disposition for row in rows if row.disposition)
    spent = list(seconds.values())
    return Trend(
        calls=len(rows),
        ended=ends.total(),
        right_party=sum(row.right_party for row in rows),
        promised=len(seconds),
        median_seconds=median_low(spent) if spent else None,
        mean_seconds=fmean(spent) if spent else None,
        dispositions=dict(ends.most_common()),
        daily=tuple(Day(day, *counted) for day, counted in sorted(days.items())),
    )


def _seconds(db: Transaction, which: Which) -> dict[str, int]:
    """Return the seconds to the first promise, by call."""
    chosen = _calls(which).with_only_columns(calls.c.id).subquery()
    wanted = select(promises.c.call, promises.c.seconds).join(chosen, chosen.c.id == promises.c.call)
    found: dict[str, int] = {}
    for row in db.execute(wanted.order_by(promises.c.made)):
        found.setdefault(row.call, row.seconds)
    return found


def _calls(which: Which) -> Select[tuple[str, int, str, bool]]:
    wanted = select(calls.c.id, calls.c.started, calls.c.disposition, calls.c.right_party)
    if which.since is not None:
        wanted = wanted.where(calls.c.started >= micros(which.since))
    if which.until is not None:
        wanted = wanted.where(calls.c.started < micros(which.until))
    wants = ((calls.c.campaign, which.campaign), (calls.c.flow, which.flow), (calls.c.bundle, which.bundle))
    for column, value in wants:
        if value:
            wanted = wanted.where(column == value)
    return wanted
