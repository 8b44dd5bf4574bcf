"""Statements in the driver's own words.

What SQLAlchemy does around a statement costs several times what SQLite takes to run it. The few statements
that every request runs are therefore compiled once, and given to the driver as they are.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.dialects import sqlite

from engine.records.database import Database, Transaction, away
from engine.records.errors import StoreAway
from engine.records.plain import check_text


class Driven:
    """One statement for one database.

    Args:
        database: The database.
        statement: The statement; of an insertion, every column is given a value.
    """

    def __init__(self, database: Database, statement: Executable) -> None:
        self._database = database
        self._driver: Any = database.engine.dialect.loaded_dbapi
        dialect = database.engine.dialect if database.is_postgres else sqlite.dialect(paramstyle="named")
        compiled = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
        self._sql = str(compiled)
        self._constants = {name: value for name, value in compiled.params.items() if value is not None}
        self._tells_time = bool(database.shift().keys() & compiled.params.keys())

    def run(self, db: Transaction, *rows: Mapping[str, Any]) -> Any:
        """Run the statement with each of *rows* in the caller's transaction, and return the driver's cursor.

        Raises:
            BadText: A text among the values cannot be kept.
            StoreAway: The database cannot be reached, or has no space.
        """
        driven = db.connection.driver_connection
        try:
            return self._execute(driven, rows)
        except (self._driver.OperationalError, self._driver.InterfaceError) as error:
            if self._lost(driven):
                db.invalidate()
            raise StoreAway(str(error)) from error

    def look(self, values: Mapping[str, Any]) -> Any:
        """Run the statement, which only reads, by itself, and return its first row, or None.

        Raises:
            StoreAway: The database cannot be reached.
        """
        with away():
            borrowed = self._database.engine.raw_connection()
        try:
            return self._execute(borrowed.driver_connection, (values,)).fetchone()
        except (self._driver.OperationalError, self._driver.InterfaceError) as error:
            if self._lost(borrowed.driver_connection):
                borrowed.invalidate()
            raise StoreAway(str(error)) from error
        finally:
            borrowed.close()

    def _execute(self, driven: Any, rows: tuple[Mapping[str, Any], ...]) -> Any:
        more = {**self._constants, **self._database.shift()} if self._tells_time else self._constants
        given = [{**more, **row} for row in rows] if more else rows
        for row in given:
            for value in row.values():
                if isinstance(value, str):
                    check_text(value)
        cursor = driven.cursor()
        if len(given) == 1:
            cursor.execute(self._sql, given[0])
        else:
            cursor.executemany(self._sql, given)
        return cursor

    def _lost(self, driven: Any) -> bool:
        """Return whether the connection is gone; every other one, which went with it, is then let go."""
        lost = bool(getattr(driven, "closed", False))
        if lost:
            self._database.engine.dispose()
        return lost
