"""One server on each store for all tests that leave it running."""

from collections.abc import Callable, Iterator

import pytest

from tests.engine.conftest import new_url, postgres_server
from tests.server.running import Running

__all__ = ["new_url", "postgres_server"]


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, new_url: Callable[[str], str]) -> Iterator[Running]:
    """Give a running server."""
    running = Running(new_url(request.param)).start()
    yield running
    running.close()


@pytest.fixture(scope="session")
def on_sqlite(new_url: Callable[[str], str]) -> Iterator[Running]:
    """Give a running server on SQLite, where the store makes no difference."""
    running = Running(new_url("sqlite")).start()
    yield running
    running.close()


@pytest.fixture
def new_server(new_url: Callable[[str], str]) -> Iterator[Callable[..., Running]]:
    """Give a maker of servers that a test may stop, kill and start again."""
    made: list[Running] = []

    def make(kind: str = "sqlite") -> Running:
        made.append(Running(new_url(kind)))
        return made[-1]

    yield make
    for running in made:
        running.close()
