"""Suppressions: who may not be called, in which scope, and why.

They add up; one that stands denies by itself. One is never deleted: it is lifted, or its time ends.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, insert, or_, select, update

from engine.records.database import Database, Transaction
from engine.records.keys import KeyRing
from engine.records.parties import PartyKeys, subject_key
from engine.records.plain import micros, moment, new_id
from engine.records.tables import suppressions
from engine.terms import Scope

#: Subjects asked about in one statement.
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class NewSuppression:
    """No further calls in a scope.

    Args:
        scope: What it covers.
        subject: The host's reference: the number, the person, the debt or the account.
        reason: A name, as ``stop_calling``.
        rule: The rule that asked for it, or ''.
        call: The call in which it was asked for, or ''.
        heard: When it was asked for; None is now.
        until: When it ends by itself; None is never.
    """

    scope: Scope
    subject: str
    reason: str
    rule: str = ""
    call: str = ""
    heard: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A suppression as kept."""

    id: str
    scope: Scope
    subject: str | None
    reason: str
    since: datetime
    until: datetime | None
    lifted: datetime | None
    rule: str
    call: str


class Suppressions:
    """The suppressions of one database."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database = database
        self._keys = keys
        c = suppressions.c
        self._standing_now = select(c.scope, c.reason, c.subject_key).where(
            c.subject_key.in_(bindparam("b_keys", expanding=True)),
            c.lifted.is_(None),
            or_(c.until.is_(None), c.until > database.clock),
        )

    def key(self, wanted: NewSuppression) -> str:
        """Return the look-up hash of what is suppressed."""
        return subject_key(self._keys, wanted.scope, wanted.subject)

    def add_in(self, db: Transaction, wanted: NewSuppression) -> tuple[str, bool]:
        """Write a suppression in a transaction that holds its subject; return its id and whether it is new."""
        key = self.key(wanted)
        c = suppressions.c
        same = and_(c.subject_key == key, c.scope == wanted.scope, c.reason == wanted.reason, c.lifted.is_(None))
        now = micros(self._database.now(db))
        until = micros(wanted.until) if wanted.until else None
        found = db.execute(select(c.id, c.until).where(same)).one_or_none()
        if found is not None:
            if found.until is not None and (until is None or until > found.until):
                db.execute(update(suppressions).where(c.id == found.id).values(until=until))
            return found.id, False
        ident = new_id()
        row = {
            "id": ident,
            "scope": wanted.scope.value,
            "subject_key": key,
            "reason": wanted.reason,
            "since": now,
            "until": until,
            "rule": wanted.rule,
            "call": wanted.call,
            "heard": micros(wanted.heard) if wanted.heard else now,
            "subject": self._keys.seal("suppressions", "subject", ident, wanted.subject.encode()),
        }
        db.execute(insert(suppressions), row)
        return ident, True

    def standing(self, db: Transaction, keys: PartyKeys) -> tuple[tuple[str, str], ...]:
        """Return what now stands against a call to these parties, as (scope, reason)."""
        return self.standing_each(db, [keys])[0]

    def standing_each(self, db: Transaction, many: Sequence[PartyKeys]) -> list[tuple[tuple[str, str], ...]]:
        """Return what now stands against each of several calls, as (scope, reason)."""
        subjects = list(dict.fromkeys(key for keys in many for key in keys.all))
        found: dict[str, list[tuple[str, str]]] = {}
        for start in range(0, len(subjects), _AT_ONCE):
            for row in db.execute(self._standing_now, {"b_keys": subjects[start : start + _AT_ONCE]}):
                found.setdefault(row.subject_key, []).append((row.scope, row.reason))
        return [tuple(sorted(_covering(keys, found))) for keys in many]

    def lift_in(self, db: Transaction, suppression: str) -> bool:
        """End a suppression; return whether it stood."""
        c = suppressions.c
        ended = update(suppressions).where(c.id == suppression, c.lifted.is_(None)).values(lifted=self._database.clock)
        return db.execute(ended).rowcount == 1

    def list(self, *, reason: str = "", before: str = "", limit: int = 50) -> tuple[Standing, ...]:
        """Return suppressions, newest first; *before* is the id of the last one of the page before."""
        wanted = select(suppressions).order_by(suppressions.c.id.desc()).limit(limit)
        if reason:
            wanted = wanted.where(suppressions.c.reason == reason)
        if before:
            wanted = wanted.where(suppressions.c.id < before)
        with self._database.reading() as db:
            return tuple(self._standing(row) for row in db.execute(wanted))

    def _standing(self, row: Row[Any]) -> Standing:
        subject = None
        if row.subject is not None:
            subject = self._keys.open("suppressions", "subject", row.id, row.subject).decode()
        return Standing(
            row.id, Scope(row.scope), subject, row.reason, moment(row.since), _moment(row.until), _moment(row.lifted),
            row.rule, row.call,
        )  # fmt: skip


def _covering(keys: PartyKeys, found: Mapping[str, Iterable[tuple[str, str]]]) -> set[tuple[str, str]]:
    """Return the scopes and reasons in *found*, by subject, that cover the parties with these *keys*."""
    return {(scope, reason) for key in keys.all for scope, reason in found.get(key, ()) if key in keys.of(Scope(scope))}


def _moment(stored: int | None) -> datetime | None:
    return None if stored is None else moment(stored)
