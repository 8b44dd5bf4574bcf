"""Bundles by digest: a call in flight goes on under the one it began with, whatever is published meanwhile."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from sqlalchemy import func, insert, select, update

from engine.records.database import Database, Transaction
from engine.records.driven import Driven
from engine.records.errors import UnknownBundle
from engine.records.plain import canonical, micros, moment
from engine.records.tables import bundles


@dataclass(frozen=True, slots=True)
class KeptBundle:
    """A bundle as listed: when it was kept, when it was last brought into force, and whether it is."""

    digest: str
    added: datetime
    activated: datetime | None
    in_force: bool


class Bundles:
    """The published bundles of one database, as texts."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._in_force = Driven(database, _CURRENT)

    def publish(self, digest: str, texts: Mapping[PurePosixPath, str], *, activate: bool = True) -> None:
        """Keep a bundle's texts; new calls run under it from now on, unless *activate* is False."""
        with self._database.writing() as db:
            if self._database.is_postgres:
                self._database.hold(db, (_PUBLISHING,))
            if db.execute(select(bundles.c.digest).where(bundles.c.digest == digest)).first() is None:
                kept = canonical({path.as_posix(): text for path, text in texts.items()})
                db.execute(insert(bundles).values(digest=digest, texts=kept, added=self._database.clock))
            if activate:
                self._activate(db, digest)

    def activate(self, digest: str) -> None:
        """Let new calls run under a bundle that is kept.

        Raises:
            UnknownBundle: None has this digest.
        """
        with self._database.writing() as db:
            if self._database.is_postgres:
                self._database.hold(db, (_PUBLISHING,))
            if db.execute(select(bundles.c.digest).where(bundles.c.digest == digest)).first() is None:
                raise UnknownBundle(f"no bundle has the digest {digest}")
            self._activate(db, digest)

    def _activate(self, db: Transaction, digest: str) -> None:
        """Make a bundle the newest: later than any other, even within one tick of the clock."""
        if self._current(db) == digest:
            return
        newest = db.execute(select(func.max(bundles.c.activated))).scalar_one() or 0
        at = max(newest + 1, micros(self._database.now(db)))
        db.execute(update(bundles).where(bundles.c.digest == digest).values(activated=at))

    def list(self) -> tuple[KeptBundle, ...]:
        """Return every kept bundle, the newest first."""
        with self._database.reading() as db:
            current = self._current(db)
            rows = db.execute(select(bundles).order_by(bundles.c.added.desc(), bundles.c.digest)).all()
        return tuple(
            KeptBundle(
                row.digest,
                moment(row.added),
                None if row.activated is None else moment(row.activated),
                row.digest == current,
            )
            for row in rows
        )

    def current(self) -> str:
        """Return the digest that new calls run under.

        Raises:
            UnknownBundle: None was published yet.
        """
        with self._database.reading() as db:
            digest = self._current(db)
        if digest is None:
            raise UnknownBundle("no bundle was published yet")
        return digest

    def _current(self, db: Transaction) -> str | None:
        found = self._in_force.run(db, {}).fetchone()
        return None if found is None else found[0]

    def texts(self, digest: str) -> dict[PurePosixPath, str]:
        """Return the texts of a bundle.

        Raises:
            UnknownBundle: None has this digest.
        """
        with self._database.reading() as db:
            kept = db.execute(select(bundles.c.texts).where(bundles.c.digest == digest)).scalar_one_or_none()
        if kept is None:
            raise UnknownBundle(f"no bundle has the digest {digest}")
        return {PurePosixPath(path): text for path, text in json.loads(kept).items()}


_PUBLISHING = "1" * 15
_CURRENT = (
    select(bundles.c.digest)
    .where(bundles.c.activated.is_not(None))
    .order_by(bundles.c.activated.desc(), bundles.c.digest.desc())
    .limit(1)
)
