"""One database, SQLite or PostgreSQL: its transactions, its clock and its locks.

SQLite begins every writing transaction with ``BEGIN IMMEDIATE``, so that two
never write at once and a read inside one is never stale; the driver's own
default loses updates silently.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from threading import RLock, local
from typing import Any, TypeAlias

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    bindparam,
    create_engine,
    event,
    literal_column,
    select,
    text,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from engine.records.errors import NoStore, Raced, StoreAway
from engine.records.plain import check_text, moment, span

#: A transaction under way, for those who compose several steps into one.
Transaction: TypeAlias = Connection

_SQLITE_NOW = "CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000"
_POSTGRES_NOW = "CAST(extract(epoch FROM statement_timestamp()) * 1000000 AS BIGINT)"

_ALONE = {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None}
_RACED = ("23505", "40P01", "40001")  # unique violation, deadlock, serialisation failure


class Database:
    """A database by its URL.

    Args:
        url: ``sqlite:///path`` or ``postgresql://…``.
        ahead: What is added to the database's clock; for tests and simulations.
        patience: How long a writer waits for another, in seconds.
        durable: Whether what was committed outlives a failure of the machine's power. Only a store
            that is thrown away afterwards can do without.

    Raises:
        NoStore: *url* is neither.
    """

    def __init__(
        self, url: str, *, ahead: timedelta = timedelta(0), patience: float = 30.0, durable: bool = True
    ) -> None:
        parsed = _parsed(url)
        if parsed.get_backend_name() in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.url = parsed
        self.is_postgres = parsed.get_backend_name() == "postgresql"
        self.engine = _postgres(parsed, durable) if self.is_postgres else _sqlite(parsed, patience, durable)
        event.listen(self.engine, "before_cursor_execute", _refuse_bad_text)
        self._single = _postgres(parsed, durable, **_ALONE) if self.is_postgres else self.engine
        if self.is_postgres:
            event.listen(self._single, "connect", _plan_once)
        self._local = local()
        self._patience = patience
        self._writer = None if self.is_postgres else RLock()
        self.ahead = ahead
        now = _POSTGRES_NOW if self.is_postgres else _SQLITE_NOW
        #: The database's time in microseconds, as a part of a statement.
        self.clock: ColumnElement[int] = literal_column(now, BigInteger) + bindparam(
            "ahead", type_=BigInteger, callable_=self._ahead
        )
        #: The same in SQL; whoever uses it gives `ahead`, see :meth:`shift`.
        self.clock_sql = f"({now} + :ahead)"
        self._now = select(self.clock)

    def _ahead(self) -> int:
        return span(self.ahead)

    def shift(self) -> dict[str, int]:
        """Return the parameter of `clock_sql`."""
        return {"ahead": span(self.ahead)}

    def now(self, db: Transaction) -> datetime:
        """Return the database's time."""
        return moment(db.execute(self._now).scalar_one())

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Open a transaction that may write; it is committed unless the body raises.

        Raises:
            StoreAway: The database cannot be reached, or others kept it locked for too long.
        """
        joined = self._joined()
        with away():
            if joined is None:
                with self._alone_here(), self.engine.begin() as db:
                    yield db
            elif joined.in_transaction():
                with joined.begin_nested():
                    yield joined
            else:
                self._local.held.enter_context(self._alone_here())
                with _undone(joined):
                    joined.begin()
                    yield joined

    @contextmanager
    def _alone_here(self) -> Iterator[None]:
        """Keep out the other writers of this process, where there is one at a time anyway.

        SQLite lets writers wait by looking again and again; whoever waits here costs nothing, and is next sooner.

        Raises:
            StoreAway: They took too long.
        """
        if self._writer is None:
            yield
            return
        if not self._writer.acquire(timeout=self._patience):
            raise StoreAway("others kept the store locked for too long")
        try:
            yield
        finally:
            self._writer.release()

    @contextmanager
    def gathering(self) -> Iterator[Transaction]:
        """Make whatever this thread writes in the body one transaction, which begins with the first write.

        What is read before that is read as it stands then, and keeps no writer waiting. What is done inside and
        fails is undone by itself; when the body raises, all of it is undone.

        Raises:
            StoreAway: The database cannot be reached, or others kept it locked for too long.
        """
        joined = self._joined()
        if joined is not None:
            with self.writing() as db:
                yield db
            return
        with away(), ExitStack() as held, self.engine.connect() as db:
            self._local.joined, self._local.held = db, held
            try:
                yield db
                db.commit()
            finally:
                self._local.joined = None

    @contextmanager
    def together(self) -> Iterator[Transaction]:
        """Open a transaction that everything this thread does with the store takes part in, until it ends.

        What is done inside and fails is undone by itself; when the body raises, all of it is undone.

        Raises:
            StoreAway: The database cannot be reached, or others kept it locked for too long.
        """
        with self.gathering(), self.writing() as db:
            yield db

    def _joined(self) -> Transaction | None:
        return getattr(self._local, "joined", None)

    def alone(self, statement: "Alone", values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Run one writing statement that is a transaction by itself, and return its rows.

        PostgreSQL is spared the two messages that would open and close one, and is spoken to in its driver's own
        words, which saves more than half of what such a statement costs here. In a transaction that this thread has
        under way, the statement becomes a part of it.

        Raises:
            StoreAway: The database cannot be reached, or others kept it locked for too long.
            Raced: Another transaction got in the way; the statement did nothing and may be run again.
        """
        values = {**values, "ahead": span(self.ahead)}
        if self.is_postgres and self._joined() is None:
            return self._straight(statement, values)
        try:
            with self.writing() as db:
                return db.execute(statement.text, values).all()
        except (OperationalError, IntegrityError) as error:
            if getattr(error.orig, "sqlstate", None) in _RACED:
                raise Raced(str(error.orig)) from error
            raise

    def _straight(self, statement: "Alone", values: dict[str, Any]) -> Sequence[Sequence[Any]]:
        driver = self._single.dialect.loaded_dbapi
        for value in values.values():
            if isinstance(value, str):
                check_text(value)
        with away():
            connection = self._single.raw_connection()
        driven: Any = connection.driver_connection
        try:
            found: Sequence[Sequence[Any]] = driven.cursor(binary=True).execute(statement.plain, values).fetchall()
        except driver.Error as error:
            if getattr(error, "sqlstate", None) in _RACED:
                raise Raced(str(error)) from error
            if not isinstance(error, driver.OperationalError | driver.InterfaceError):
                raise
            if driven.closed:
                self._single.dispose()
            raise StoreAway(str(error)) from error
        finally:
            connection.close()
        return found

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Open a transaction that only reads: one consistent view, and no writer waits for it.

        Raises:
            StoreAway: The database cannot be reached.
        """
        joined = self._joined()
        if joined is not None and joined.in_transaction():
            yield joined
            return
        with away(), self.engine.connect().execution_options(reading=True) as db:
            yield db

    def hold(self, db: Transaction, subjects: Iterable[str]) -> None:
        """Make every other transaction that holds one of *subjects* (look-up hashes) wait until this one ends.

        A dial and a suppression of the same person thus happen one after the
        other. SQLite's single writer holds everything already.
        """
        if self.is_postgres:
            numbers = sorted({int(subject[:15], 16) for subject in subjects})
            db.execute(_HOLD, {"numbers": numbers})

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        self._single.dispose()


@contextmanager
def away() -> Iterator[None]:
    """Say of a database that cannot be worked with that it is away.

    Raises:
        StoreAway: It is.
    """
    try:
        yield
    except PoolTimeout as error:
        raise StoreAway("every connection to the database is in use") from error
    except (OperationalError, InterfaceError) as error:
        raise StoreAway(str(error.orig)) from error
    except sqlite3.OperationalError as error:
        raise StoreAway(str(error)) from error


@contextmanager
def _undone(db: Transaction) -> Iterator[None]:
    try:
        yield
    except BaseException:
        db.rollback()
        raise


class Alone:
    """A statement that is a transaction by itself, with parameters written ``:name``; it returns rows."""

    def __init__(self, sql: str) -> None:
        self.text = text(sql)
        #: The same in the words of PostgreSQL's driver.
        self.plain = _PARAMETER.sub(r"%(\1)s", sql.replace("%", "%%"))


_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)\b")
_HOLD = text("SELECT count(pg_advisory_xact_lock(n)) FROM unnest(CAST(:numbers AS BIGINT[])) AS n")


def _parsed(url: str) -> URL:
    """Return *url* taken apart; what it holds besides its kind is not repeated, for it may be a password."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise NoStore("the store's address is none: write sqlite:///PATH or postgresql://…") from error
    if parsed.get_backend_name() not in ("sqlite", "postgresql", "postgres"):
        raise NoStore(f"no store can be at a `{parsed.drivername}` address: write sqlite:///PATH or postgresql://…")
    return parsed


def _sqlite(url: Any, patience: float, durable: bool) -> Engine:
    given = {"timeout": patience, "isolation_level": None}
    engine = create_engine(url, connect_args=given, pool_size=16, pool_use_lifo=True)

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA busy_timeout = {int(patience * 1000)}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'OFF'}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")

    @event.listens_for(engine, "begin")
    def begin(db: Transaction) -> None:
        driven: Any = db.connection.driver_connection
        driven.execute("BEGIN" if db.get_execution_options().get("reading") else "BEGIN IMMEDIATE")

    return engine


def _postgres(url: Any, durable: bool, **given: Any) -> Engine:
    options = {} if durable else {"options": "-c synchronous_commit=off"}
    return create_engine(url, pool_size=16, connect_args=options, **given)


def _plan_once(connection: Any, _: object) -> None:
    """Let a prepared statement be planned once, and by the indexes.

    Planning a lease anew costs twice what running it does; and a plan made while a table was small, or not yet
    analysed, would read all of it when it has grown.
    """
    settings = ("enable_seqscan = off", "enable_bitmapscan = off", "enable_sort = off")
    connection.execute("; ".join(f"SET {one}" for one in ("plan_cache_mode = force_generic_plan", *settings)))


def _refuse_bad_text(_db: Any, _cursor: Any, _statement: str, parameters: Any, _context: Any, many: bool) -> None:
    for row in parameters if many else (parameters,):
        for value in row.values() if isinstance(row, dict) else row:
            if isinstance(value, str):
                check_text(value)
