"""What we came to know of a person, number, debt or account by ourselves: consents, wishes, answers of registers.

These are the facts that a vocabulary declares ``from: ledger``. The newest stands.
"""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select

from engine.expressions.tree import Value
from engine.records.database import Database, Transaction
from engine.records.driven import Driven
from engine.records.keys import KeyRing
from engine.records.parties import PartyKeys, subject_key
from engine.records.plain import canonical, micros
from engine.records.tables import known
from engine.runtime.codec import value_from_json
from engine.terms import Scope


class Known:
    """Facts that the records supply."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database = database
        self._keys = keys
        self._about: dict[int, Driven] = {}

    def learn(
        self, scope: Scope, subject: str, facts: Mapping[str, Value], origin: str, *, at: datetime | None = None
    ) -> None:
        """Write down facts about the host's reference *subject*; an unknown value (None) is forgotten.

        Args:
            scope: What the facts are about.
            subject: The host's reference.
            facts: Canonical values by flat name, as ``consent.given_at``.
            origin: Where they come from: ``call``, ``letter``, ``register`` …
            at: Since when; None is now.
        """
        with self._database.writing() as db:
            key = subject_key(self._keys, scope, subject)
            self._database.hold(db, (key,))
            self.learn_in(db, scope, key, facts, origin, at=at)

    def learn_in(
        self,
        db: Transaction,
        scope: Scope,
        key: str,
        facts: Mapping[str, Value],
        origin: str,
        *,
        at: datetime | None = None,
    ) -> None:
        """Do so in a transaction that holds the subject's look-up hash *key*."""
        since = micros(at or self._database.now(db))
        for fact, value in facts.items():
            same = (known.c.scope == scope, known.c.subject_key == key, known.c.fact == fact)
            db.execute(delete(known).where(*same))
            if value is None:
                continue
            sealed = self._keys.seal("known", fact, f"{scope}|{key}", canonical(value).encode())
            row = {"scope": scope.value, "subject_key": key, "fact": fact, "at": since, "origin": origin}
            db.execute(insert(known), {**row, "value": sealed})

    def facts_in(self, db: Transaction, keys: PartyKeys) -> dict[str, Value]:
        """Return what is known of these parties; of two values for one fact the newest."""
        subjects = {f"b_{number}": key for number, key in enumerate(keys.all)}
        facts: dict[str, Value] = {}
        for scope, subject, fact, value in self._asked_about(len(subjects)).run(db, subjects).fetchall():
            if subject in keys.of(Scope(scope)):
                sealed = self._keys.open("known", fact, f"{scope}|{subject}", value)
                facts[fact] = value_from_json(json.loads(sealed))
        return facts

    def _asked_about(self, subjects: int) -> Driven:
        """Return the statement for so many subjects."""
        if subjects not in self._about:
            c = known.c
            of_these = c.subject_key.in_([bindparam(f"b_{number}") for number in range(subjects)])
            found = select(c.scope, c.subject_key, c.fact, c.value).where(of_these).order_by(c.at, c.scope)
            self._about[subjects] = Driven(self._database, found)
        return self._about[subjects]
