"""Bring a database to the newest version of its tables."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from engine.records.database import Database
from engine.records.errors import NotMigrated
from engine.records.tables import SCHEMA

_LOCK = 0x43414C4C


def migrate(database: Database) -> None:
    """Make or upgrade the tables; processes that open one database at once do it one after the other.

    Raises:
        NotMigrated: The database is of a newer version than this program.
        StoreAway: It cannot be reached.
    """
    with database.reading() as db:
        if version(db) == SCHEMA:
            return
    with database.writing() as db:
        if database.is_postgres:
            db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        found = version(db)
        if found == SCHEMA:
            return
        if found is not None and found > SCHEMA:
            raise NotMigrated(f"the database is at version {found}, this program knows {SCHEMA}: upgrade the program")
        _upgrade(db)


def version(db: Connection) -> str | None:
    """Return the version of the database's tables, or None when it has none."""
    if not inspect(db).has_table("alembic_version"):
        return None
    found: str | None = db.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _upgrade(db: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = db
    command.upgrade(config, "head")
