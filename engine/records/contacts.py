"""Every contact with somebody, whoever made it and in whatever form: what the counters count."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, or_, select, update

from engine.expressions.tree import Value
from engine.facts.history import Contact, History
from engine.records.database import Database, Transaction
from engine.records.keys import KeyRing
from engine.records.parties import Parties, PartyKeys
from engine.records.plain import canonical, facts_from_json, micros, moment, new_id
from engine.records.tables import contacts


@dataclass(frozen=True, slots=True)
class NewContact:
    """Something that happened between us and somebody.

    Args:
        kind: ``call``, ``conversation``, ``text``, ``email``, ``letter``, ``voicemail``, ``consent`` …
        parties: With whom, and about which debts.
        at: When; None is now.
        facts: What is known of it, as ``number.connected``.
        attempt: The attempt that made it, or ''.
    """

    kind: str
    parties: Parties
    at: datetime | None = None
    facts: Mapping[str, Value] = field(default_factory=dict)
    attempt: str = ""


class Contacts:
    """The contacts of one database."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database = database
        self._keys = keys

    def add(self, *happened: NewContact) -> tuple[str, ...]:
        """Write down what happened outside this program: letters, e-mails, calls by people."""
        with self._database.writing() as db:
            return tuple(self.add_in(db, one) for one in happened)

    def add_in(self, db: Transaction, happened: NewContact) -> str:
        """Write down a contact in the caller's transaction; return its id."""
        ident, keys = new_id(), happened.parties.hashed(self._keys)
        body = canonical({"parties": happened.parties.to_json(), "facts": dict(happened.facts)})
        row = {
            "id": ident,
            "kind": happened.kind,
            "at": micros(happened.at or self._database.now(db)),
            "account_key": keys.account,
            "person_key": keys.person,
            "number_key": keys.number,
            "household_key": keys.household,
            "attempt": happened.attempt,
            "facts": self._keys.seal("contacts", "facts", ident, body.encode()),
        }
        db.execute(insert(contacts), row)
        return ident

    def learn_in(self, db: Transaction, attempt: str, facts: Mapping[str, Value]) -> None:
        """Add what became known of an attempt's contacts, as that the line was busy."""
        found = select(contacts).where(contacts.c.attempt == attempt, contacts.c.facts.is_not(None))
        for row in db.execute(found).all():
            body = self._open(row)
            body["facts"].update(facts)
            sealed = self._keys.seal("contacts", "facts", row.id, canonical(body).encode())
            db.execute(update(contacts).where(contacts.c.id == row.id).values(facts=sealed))

    def undo_in(self, db: Transaction, attempt: str) -> None:
        """Take back the contacts of an attempt that was counted and then surely not placed."""
        db.execute(delete(contacts).where(contacts.c.attempt == attempt))

    def history_in(self, db: Transaction, keys: PartyKeys, *, without: str = "") -> History:
        """Return what happened with any of these parties, as long as it is kept, in the caller's transaction.

        What the attempt *without* made is left out.
        """
        c = contacts.c
        whose = [c.account_key == keys.account, c.person_key == keys.person, c.number_key == keys.number]
        if keys.household:
            whose.append(c.household_key == keys.household)
        found = select(contacts).where(or_(*whose), c.facts.is_not(None))
        if without:
            found = found.where(c.attempt != without)
        return History(tuple(self._contact(row) for row in db.execute(found)))

    def _contact(self, row: Row[Any]) -> Contact:
        body = self._open(row)
        parties = Parties.from_json(body["parties"])
        return Contact(
            row.kind,
            moment(row.at),
            facts_from_json(body["facts"]),
            person=parties.person,
            household=parties.household,
            debt=parties.debts,
            account=parties.account,
            number=parties.number,
        )

    def _open(self, row: Row[Any]) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self._keys.open("contacts", "facts", row.id, row.facts))
        return body
