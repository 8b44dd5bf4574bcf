"""The measures a supervisor asks for, each with its numerator and denominator.

They are read from what was kept, so that every server and every report gives the same. Sources disagree
about most of them; the definitions here are the ones we publish.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median_low
from typing import Any

from sqlalchemy import Row, select

from engine.records.database import Database
from engine.records.plain import micros
from engine.records.tables import attempts, calls, promises, suppressions, turns

#: A promise is kept when at least this part of it cleared, by its day and three business days more.
TOLERANCE = 0.99
#: After its due day a promise is given so many calendar days: three business days and a weekend.
GRACE_DAYS = 5
#: Rights by the intent that claims each, and the end that tells of it.
RIGHTS = {
    "opt_out": ("stop_calling", "stop_requested"),
    "dispute": ("dispute", "dispute"),
    "wrong_number": ("wrong_party", "wrong_party"),
    "attorney": ("attorney", "attorney"),
    "bankruptcy": ("bankruptcy", "bankruptcy"),
}
_BEFORE_VERIFIED = frozenset({"debt", "payment", "collecting"})


@dataclass(frozen=True, slots=True)
class Rate:
    """A part of a whole; ``value`` is None when there is no whole."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """Return the rate, 0 to 1, or above 1 for averages."""
        return None if self.whole == 0 else self.part / self.whole


@dataclass(frozen=True, slots=True)
class Measures:
    """What happened in a time, by the definitions in the fields' names.

    Args:
        attempts: Calls that were signalled to the network, busy and dead numbers included.
        connect: Answered by a person, a screener or a machine / attempts.
        screened: Answered by a call screener / attempts.
        contact: Calls in which a person spoke / attempts.
        right_party_per_attempt: Calls with the person verified / attempts.
        right_party_per_contact: The same / contacts.
        promise: Calls with a promise / right-party calls.
        kept: Promises of which at least 99 % cleared in time / promises that are due.
        partial: Promises of which a part cleared / promises due.
        broken: Promises of which nothing cleared / promises due.
        promised_cents: What was promised.
        kept_cents: What cleared in time.
        seconds_to_promise: Median seconds from the answer to the promise.
        handling_seconds: Median and 95th percentile of an answered call's length, from its beginning to its end.
        attempts_per_account: Attempts / accounts.
        attempts_per_right_party: Attempts / right-party calls.
        abandoned: People who answered and were not spoken to / people who answered.
        rights: Calls in which a right was claimed, however they ended, by kind / contacts; publish per 1,000.
        near_misses: Denials before the dial, by rule.
        held_back: Turns in which a rule held back what was planned, by rule.
        early_disclosures: Calls in which something of the debt was said and the person was not verified; must be 0.
        suppression_seconds: The longest time from a request to stop until it stood.
        dispositions: Calls by how they ended.
    """

    attempts: int
    connect: Rate
    screened: Rate
    contact: Rate
    right_party_per_attempt: Rate
    right_party_per_contact: Rate
    promise: Rate
    kept: Rate
    partial: Rate
    broken: Rate
    promised_cents: int
    kept_cents: int
    seconds_to_promise: int | None
    handling_seconds: tuple[int, int] | None
    attempts_per_account: Rate
    attempts_per_right_party: Rate
    abandoned: Rate
    rights: Mapping[str, Rate]
    near_misses: Mapping[str, int]
    held_back: Mapping[str, int]
    early_disclosures: int
    suppression_seconds: float | None
    dispositions: Mapping[str, int] = field(default_factory=dict)


def measure(
    database: Database, *, since: datetime | None = None, until: datetime | None = None, campaign: str = ""
) -> Measures:
    """Return the measures of what happened from *since* up to *until*, of one campaign when it is named."""
    start = 0 if since is None else micros(since)
    with database.reading() as db:
        end = micros(database.now(db)) + 1 if until is None else micros(until)
        tried = db.execute(_within(select(attempts), attempts.c.decided, start, end, attempts.c.campaign, campaign))
        tries = tried.all()
        called = db.execute(_within(select(calls), calls.c.started, start, end, calls.c.campaign, campaign)).all()
        ids = {row.id for row in called}
        spoken = [
            row for row in db.execute(_within(select(turns), turns.c.at, start, end, None, "")) if row.call in ids
        ]
        made = db.execute(_within(select(promises), promises.c.made, start, end, None, "")).all()
        stopped = db.execute(
            _within(select(suppressions), suppressions.c.since, start, end, None, "").where(suppressions.c.call != "")
        ).all()
        today = database.now(db).toordinal()
    return _measures(tries, called, spoken, [row for row in made if row.call in ids], stopped, today)


def _within(wanted: Any, at: Any, start: int, end: int, column: Any, campaign: str) -> Any:
    wanted = wanted.where(at >= start, at < end)
    return wanted.where(column == campaign) if campaign else wanted


def _measures(
    tries: Iterable[Row[Any]],
    called: Iterable[Row[Any]],
    spoken: Iterable[Row[Any]],
    made: Iterable[Row[Any]],
    stopped: Iterable[Row[Any]],
    today: int,
) -> Measures:
    tries, called, spoken, made = list(tries), list(called), list(spoken), list(made)
    placed = [row for row in tries if row.placed is not None]
    answered = [row for row in placed if row.result in ("answered", "voicemail", "call_screener")]
    people = {row.call for row in placed if row.result == "answered"}
    heard = {row.call for row in spoken if row.event in ("words", "intents", "dtmf")}
    contacts = people & heard
    contacted = len(contacts)
    silent = people - {row.call for row in spoken if json.loads(row.prompts)}
    right = [row for row in called if row.right_party]
    due = [row for row in made if row.due + GRACE_DAYS < today]
    kept = [row for row in due if row.cleared >= row.amount * TOLERANCE]
    partial = [row for row in due if 0 < row.cleared < row.amount * TOLERANCE]
    talked = {row.call for row in answered}
    lengths = sorted((row.ended - row.started) // 1_000_000 for row in called if row.ended and row.id in talked)
    ends = Counter(row.disposition for row in called if row.disposition)
    early = [row for row in called if not row.right_party and _BEFORE_VERIFIED & set(json.loads(row.disclosed))]
    denied = Counter(rule for row in tries if row.state == "denied" for rule in json.loads(row.rules))
    held = Counter(rule for row in spoken for rule in json.loads(row.prevented))
    latencies = [max(0, row.since - row.heard) / 1e6 for row in stopped if row.heard is not None]
    return Measures(
        attempts=len(placed),
        connect=Rate(len(answered), len(placed)),
        screened=Rate(sum(row.result == "call_screener" for row in placed), len(placed)),
        contact=Rate(contacted, len(placed)),
        right_party_per_attempt=Rate(len(right), len(placed)),
        right_party_per_contact=Rate(len(right), contacted),
        promise=Rate(len({row.call for row in made}), len(right)),
        kept=Rate(len(kept), len(due)),
        partial=Rate(len(partial), len(due)),
        broken=Rate(len(due) - len(kept) - len(partial), len(due)),
        promised_cents=sum(row.amount for row in made),
        kept_cents=sum(row.cleared for row in made),
        seconds_to_promise=median_low([row.seconds for row in made]) if made else None,
        handling_seconds=(median_low(lengths), lengths[int(len(lengths) * 0.95)]) if lengths else None,
        attempts_per_account=Rate(len(placed), len({row.account_key for row in placed})),
        attempts_per_right_party=Rate(len(placed), len(right)),
        abandoned=Rate(len(silent), len(people)),
        rights={
            name: Rate(len(contacts & _claimed(called, spoken, *marks)), contacted) for name, marks in RIGHTS.items()
        },
        near_misses=dict(denied.most_common()),
        held_back=dict(held.most_common()),
        early_disclosures=len(early),
        suppression_seconds=max(latencies, default=None),
        dispositions=dict(ends.most_common()),
    )


def _claimed(called: Iterable[Row[Any]], spoken: Iterable[Row[Any]], intent: str, end: str) -> set[str]:
    """Return the calls in which a right was claimed: *intent* was understood in a turn, or *end* tells of it."""
    heard = {row.call for row in spoken if any(name == intent and yes for name, _, yes in json.loads(row.intents))}
    return heard | {row.id for row in called if row.disposition == end}
