"""How long what is kept is kept, by class. A legal hold, as a suppression or as a flag on a job, wins over every class.

Of the ledger only the keys are destroyed: who was decided about can then not be read any more, that and how
it was decided can, and the chain still verifies.

Source: 12 CFR 1006.100(a): records of compliance for three years after the last collection activity on the debt.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import CursorResult, Select, delete, insert, or_, select, union, update

from engine.records.database import Database, Transaction
from engine.records.plain import span
from engine.records.states import LIVE, STOPPABLE
from engine.records.tables import (
    attempts,
    calls,
    contacts,
    idempotency,
    job_subjects,
    jobs,
    ledger,
    outbox,
    promises,
    retention_classes,
    suppressions,
    turns,
)
from engine.terms import JobState

#: The classes and their days, where the owner of the records said nothing else.
DEFAULTS: Mapping[str, int] = {
    "sessions": 90,  # what a call needs to go on
    "payloads": 1186,  # what a job is about: three years and a quarter
    "contacts": 1186,
    "attempts": 1186,
    "turns": 1186,
    "promises": 1186,
    "ledger": 2555,  # the keys of entries: seven years
    "outbox": 30,
    "idempotency": 1,
}
#: Contacts are kept at least so long, for rules count them; the longest window in use is a year.
COUNTED = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Removed:
    """What one class lost."""

    name: str
    days: int
    removed: int


class Retention:
    """Retention in one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def classes(self) -> dict[str, int]:
        """Return the days of each class."""
        with self._database.reading() as db:
            own = {row.name: row.days for row in db.execute(select(retention_classes))}
        return {**DEFAULTS, **own}

    def set_days(self, name: str, days: int) -> None:
        """Keep a class for so many days.

        Raises:
            ValueError: There is no such class, *days* is negative, or rules count what would be removed.
        """
        if name not in DEFAULTS or days < 0:
            raise ValueError(f"`{name}` kept {days} days: classes are {', '.join(DEFAULTS)}, and days are not negative")
        if name == "contacts" and days < COUNTED.days:
            raise ValueError(
                f"`contacts` kept {days} days: rules count calls over up to {COUNTED.days} days, and one that is "
                "forgotten before would let another be placed"
            )
        with self._database.writing() as db:
            db.execute(delete(retention_classes).where(retention_classes.c.name == name))
            db.execute(insert(retention_classes).values(name=name, days=days))

    def run(self, *only: str) -> tuple[Removed, ...]:
        """Remove what is older than its class allows; return how much of each.

        Raises:
            ValueError: There is no such class.
        """
        classes = self.classes()
        unknown = [name for name in only if name not in classes]
        if unknown:
            raise ValueError(f"`{unknown[0]}` is no class: classes are {', '.join(classes)}")
        return tuple(
            Removed(name, days, self._remove(name, days)) for name, days in classes.items() if not only or name in only
        )

    def _remove(self, name: str, days: int) -> int:
        before = self._database.clock - span(timedelta(days=days))
        with self._database.writing() as db:
            return _REMOVERS[name](db, before)


def _held() -> Any:
    """The account hashes under a legal hold: of a job, or of the account itself or its person, number or debt."""
    s = suppressions.c
    subjects: Select[Any] = select(s.subject_key).where(s.reason == "legal_hold", s.lifted.is_(None))
    parts = [subjects]
    for table in (calls, attempts, contacts):
        c = table.c
        whose = or_(c.account_key.in_(subjects), c.person_key.in_(subjects), c.number_key.in_(subjects))
        parts.append(select(c.account_key).where(whose))
    of_jobs = select(job_subjects.c.job).where(job_subjects.c.subject_key.in_(subjects))
    parts.append(select(jobs.c.account_key).where(or_(jobs.c.id.in_(of_jobs), jobs.c.flags.contains("legal_hold"))))
    return union(*parts).scalar_subquery()


def _count(result: CursorResult[Any]) -> int:
    return result.rowcount


def _sessions(db: Transaction, before: Any) -> int:
    old = (calls.c.started < before, calls.c.session.is_not(None), calls.c.account_key.not_in(_held()))
    return _count(db.execute(update(calls).where(*old).values(session=None, parties=None)))


def _payloads(db: Transaction, before: Any) -> int:
    open_states = (*STOPPABLE, *LIVE, JobState.DEAD_LETTER, JobState.REVIEW)
    over = (jobs.c.state.not_in(open_states), jobs.c.updated < before, jobs.c.payload.is_not(None))
    return _count(db.execute(update(jobs).where(*over, jobs.c.account_key.not_in(_held())).values(payload=None)))


def _contacts(db: Transaction, before: Any) -> int:
    return _count(db.execute(delete(contacts).where(contacts.c.at < before, contacts.c.account_key.not_in(_held()))))


def _attempts(db: Transaction, before: Any) -> int:
    old = (attempts.c.decided < before, attempts.c.account_key.not_in(_held()))
    return _count(db.execute(delete(attempts).where(*old)))


def _turns(db: Transaction, before: Any) -> int:
    kept = select(calls.c.id).where(calls.c.account_key.in_(_held()))
    return _count(db.execute(delete(turns).where(turns.c.at < before, turns.c.call.not_in(kept))))


def _promises(db: Transaction, before: Any) -> int:
    return _count(db.execute(delete(promises).where(promises.c.made < before, promises.c.account_key.not_in(_held()))))


def _ledger(db: Transaction, before: Any) -> int:
    old = (ledger.c.at < before, ledger.c.key.is_not(None), ledger.c.account_key.not_in(_held()))
    return _count(db.execute(update(ledger).where(*old).values(key=None)))


def _outbox(db: Transaction, before: Any) -> int:
    return _count(db.execute(delete(outbox).where(outbox.c.created < before)))


def _idempotency(db: Transaction, before: Any) -> int:
    return _count(db.execute(delete(idempotency).where(idempotency.c.expires < before)))


_REMOVERS = {
    "sessions": _sessions,
    "payloads": _payloads,
    "contacts": _contacts,
    "attempts": _attempts,
    "turns": _turns,
    "promises": _promises,
    "ledger": _ledger,
    "outbox": _outbox,
    "idempotency": _idempotency,
}
