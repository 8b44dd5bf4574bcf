"""What the host must be told, written in the transaction that caused it and delivered afterwards, at least once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from engine.records.database import Database, Transaction
from engine.records.driven import Driven
from engine.records.keys import KeyRing
from engine.records.plain import canonical, new_id, span
from engine.records.tables import outbox


@dataclass(frozen=True, slots=True)
class Message:
    """Something to deliver; its id stays the same however often it is tried."""

    id: str
    kind: str
    subject: str
    tries: int
    payload: Mapping[str, Any] = field(repr=False)


class Outbox:
    """The messages of one database."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database = database
        self._keys = keys
        names = ("id", "kind", "subject", "payload")
        given = {name: bindparam(f"b_{name}", type_=outbox.c[name].type) for name in names}
        self._add = Driven(database, insert(outbox).values(**given, created=database.clock, ready=database.clock))

    def add_in(self, db: Transaction, kind: str, subject: str, payload: Mapping[str, Any]) -> str:
        """Write a message in the caller's transaction; return its id."""
        ident = new_id()
        sealed = self._keys.seal("outbox", "payload", ident, canonical(payload).encode())
        self._add.run(db, {"b_id": ident, "b_kind": kind, "b_subject": subject, "b_payload": sealed})
        return ident

    def take(self, *, most: int = 10, hold: timedelta = timedelta(seconds=60)) -> tuple[Message, ...]:
        """Take messages to deliver; one that is neither delivered nor put off in the time of *hold* comes again."""
        c = outbox.c
        due = (
            select(outbox)
            .where(c.delivered.is_(None), c.given_up.is_(None), c.ready <= self._database.clock)
            .order_by(c.ready, c.id)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        with self._database.writing() as db:
            rows = db.execute(due).all()
            taken = update(outbox).where(c.id.in_([row.id for row in rows]))
            db.execute(taken.values(ready=self._database.clock + span(hold), tries=c.tries + 1))
        return tuple(
            Message(
                row.id,
                row.kind,
                row.subject,
                row.tries + 1,
                json.loads(self._keys.open("outbox", "payload", row.id, row.payload)),
            )
            for row in rows
        )

    def delivered(self, message: str) -> None:
        """Note that the host has a message."""
        self._set(message, delivered=self._database.clock)

    def put_off(self, message: str, wait: timedelta) -> None:
        """Try a message again after *wait*."""
        self._set(message, ready=self._database.clock + span(wait))

    def give_up(self, message: str) -> None:
        """Try a message no more."""
        self._set(message, given_up=self._database.clock)

    def _set(self, message: str, **values: Any) -> None:
        with self._database.writing() as db:
            db.execute(update(outbox).where(outbox.c.id == message).values(**values))
