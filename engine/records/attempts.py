"""Attempts: what the gate said to each try of a job, and what came of it.

``denied``: the gate said no. ``allowed``: it said yes and the call is counted, but not placed.
``placed``: the line was told to dial. ``stopped``: a suppression came between the two; nothing was dialled.
``ended``: it is over and its result is known.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, insert, select, update

from engine.records.database import Database, Transaction
from engine.records.errors import UnknownAttempt
from engine.records.job import Lease
from engine.records.plain import canonical, moment, new_id
from engine.records.tables import attempts


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """An attempt as kept: nothing personal."""

    id: str
    job: str
    number: int
    worker: str
    campaign: str
    state: str
    rules: tuple[str, ...]
    entry: int | None
    decided: datetime
    placed: datetime | None
    answered: datetime | None
    ended: datetime | None
    result: str
    call: str
    disposition: str


class Attempts:
    """The attempts of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_in(self, db: Transaction, lease: Lease, state: str, rules: tuple[str, ...]) -> str:
        """Write down what the gate said to a leased job; return the attempt's id.

        One lease makes one attempt: a second one is refused by the table itself.
        """
        ident = new_id()
        row = {
            "id": ident,
            "job": lease.job,
            "lease": sha256(lease.token.encode()).hexdigest()[:32],
            "number": lease.tries,
            "worker": lease.worker,
            "campaign": lease.campaign,
            "account_key": lease.keys.account,
            "person_key": lease.keys.person,
            "number_key": lease.keys.number,
            "state": state,
            "rules": canonical(list(rules)),
        }
        db.execute(insert(attempts).values(decided=self._database.clock, **row))
        return ident

    def entered_in(self, db: Transaction, attempt: str, entry: int) -> None:
        """Note the ledger entry of an attempt."""
        db.execute(update(attempts).where(attempts.c.id == attempt).values(entry=entry))

    def placed_in(self, db: Transaction, attempt: str, call: str) -> bool:
        """Note that the line is told to dial; return False if that was noted before: then it must not be told again."""
        once = update(attempts).where(attempts.c.id == attempt, attempts.c.state == "allowed")
        return db.execute(once.values(state="placed", call=call, placed=self._database.clock)).rowcount == 1

    def stopped_in(self, db: Transaction, attempt: str, reason: str) -> None:
        """Note that nothing was dialled after all."""
        stopped = update(attempts).where(attempts.c.id == attempt)
        db.execute(stopped.values(state="stopped", result=reason, ended=self._database.clock))

    def answered_in(self, db: Transaction, attempt: str) -> None:
        """Note that somebody or something answered."""
        db.execute(update(attempts).where(attempts.c.id == attempt).values(answered=self._database.clock))

    def ended_in(self, db: Transaction, attempt: str, result: str, disposition: str) -> None:
        """Note what came of it."""
        ended = update(attempts).where(attempts.c.id == attempt)
        db.execute(ended.values(state="ended", result=result, disposition=disposition, ended=self._database.clock))

    def show(self, attempt: str) -> AttemptRow:
        """Return an attempt.

        Raises:
            UnknownAttempt: There is none.
        """
        with self._database.reading() as db:
            row = db.execute(select(attempts).where(attempts.c.id == attempt)).one_or_none()
        if row is None:
            raise UnknownAttempt(f"there is no attempt {attempt}")
        return _attempt(row)

    def list(
        self,
        *,
        job: str = "",
        state: str = "",
        campaign: str = "",
        account_key: str = "",
        before: str = "",
        limit: int = 50,
    ) -> tuple[AttemptRow, ...]:
        """Return attempts, newest first, of one job, state, campaign or account (its look-up hash) when given.

        *before* is the id of the last one of the page before.
        """
        c = attempts.c
        wanted = select(attempts).order_by(c.id.desc()).limit(limit)
        given = ((c.job, job), (c.state, state), (c.campaign, campaign), (c.account_key, account_key))
        wanted = wanted.where(*(column == value for column, value in given if value))
        if before:
            wanted = wanted.where(c.id < before)
        with self._database.reading() as db:
            return tuple(_attempt(row) for row in db.execute(wanted))


def _attempt(row: Row[Any]) -> AttemptRow:
    return AttemptRow(
        row.id, row.job, row.number, row.worker, row.campaign, row.state, tuple(json.loads(row.rules)), row.entry,
        moment(row.decided), _moment(row.placed), _moment(row.answered), _moment(row.ended),
        row.result, row.call, row.disposition,
    )  # fmt: skip


def _moment(stored: int | None) -> datetime | None:
    return None if stored is None else moment(stored)
