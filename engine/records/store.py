"""The store: everything that is kept, in one database."""

from datetime import timedelta

from sqlalchemy.exc import DatabaseError

from engine.records.attempts import Attempts
from engine.records.bundles import Bundles
from engine.records.calls import CallRecords
from engine.records.contacts import Contacts
from engine.records.database import Database, Transaction
from engine.records.doors import ApiKeys, Idempotency
from engine.records.errors import NoStore
from engine.records.jobs import Jobs
from engine.records.keys import KeyRing
from engine.records.known import Known
from engine.records.ledger import Ledger, NewEntry
from engine.records.migrate import migrate
from engine.records.outbox import Outbox
from engine.records.retention import Retention
from engine.records.suppressions import NewSuppression, Suppressions


class Store:
    """One database and the key ring of its sealed fields. The owner closes it."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self.database = database
        self.keys = keys
        self.ledger = Ledger(database, keys)
        self.suppressions = Suppressions(database, keys)
        self.outbox = Outbox(database, keys)
        self.jobs = Jobs(database, keys, self.suppressions, self.outbox)
        self.attempts = Attempts(database)
        self.contacts = Contacts(database, keys)
        self.known = Known(database, keys)
        self.bundles = Bundles(database)
        self.calls = CallRecords(database, keys)
        self.api_keys = ApiKeys(database)
        self.idempotency = Idempotency(database, keys)
        self.retention = Retention(database)

    def suppress(self, *wanted: NewSuppression) -> tuple[str, ...]:
        """Suppress, cancel every job concerned that is not on the line, and write it down, all at once.

        When this returns no call that was not placed before will be placed.
        """
        with self.database.writing() as db:
            self.database.hold(db, [self.suppressions.key(one) for one in wanted])
            return self.suppress_in(db, *wanted)

    def suppress_in(self, db: Transaction, *wanted: NewSuppression) -> tuple[str, ...]:
        """Do so in the caller's transaction, which holds every subject; the ledger is written last."""
        entries, idents = [], []
        for one in wanted:
            ident, new = self.suppressions.add_in(db, one)
            idents.append(ident)
            if not new:
                continue
            key = self.suppressions.key(one)
            canceled = 0 if one.until else self.jobs.cancel_for_in(db, key, one.reason)
            body = {"suppression": ident, "scope": one.scope, "subject_key": key, "canceled_jobs": canceled}
            rules = (one.rule,) if one.rule else ()
            entries.append(NewEntry("suppression", body, outcome=one.reason, rules=rules, call=one.call))
        self.ledger.append(db, *entries)
        return tuple(idents)

    def lift(self, suppression: str, reason: str) -> bool:
        """End a suppression and write down why; return whether it stood."""
        with self.database.writing() as db:
            if not self.suppressions.lift_in(db, suppression):
                return False
            self.ledger.append(db, NewEntry("lifted", {"suppression": suppression, "reason": reason}))
        return True

    def close(self) -> None:
        """Close every connection."""
        self.database.close()


def open_store(
    url: str, keys: KeyRing | None = None, *, ahead: timedelta = timedelta(0), durable: bool = True
) -> Store:
    """Open the database at *url*, making or upgrading its tables.

    Args:
        url: ``sqlite:///path`` or ``postgresql://…``.
        keys: The key ring; None reads it from the environment.
        ahead: What is added to the database's clock, for tests and simulations.
        durable: False for a store that is thrown away afterwards, see `Database`.

    Raises:
        NoKey: No key was given and none is in the environment.
        NoStore: *url* is no address of a store, or what is there is no database.
        NotMigrated: The database is of a newer version than this program.
        StoreAway: It cannot be reached.
    """
    ring = keys or KeyRing.from_environment()
    database = Database(url, ahead=ahead, durable=durable)
    try:
        migrate(database)
    except DatabaseError as error:
        raise NoStore(f"what is there is no store: {error.orig}") from error
    return Store(database, ring)
