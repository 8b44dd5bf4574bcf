"""What keeping costs is timed on the very work it names."""

import os
import time

import pytest

from engine.records.store import Store
from engine.terms import JobState
from tests.engine.conftest import new_url, opened, postgres_server, store, url
from tests.tools.console import ROOT
from tools.bench_records import cost, fill, flat, ledger, ours, server_of, whole
from tools.bundles import open_bundle

__all__ = ["new_url", "opened", "postgres_server", "store", "url"]


def busy(seconds: float) -> None:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def test_what_is_spent_here_and_in_another_process_is_told_apart() -> None:
    found = cost("busy", 10, lambda: busy(0.1))
    assert found.here == pytest.approx(10_000, rel=0.5)
    assert found.database == 0

    def child() -> None:
        pid = os.fork()
        if pid == 0:
            busy(0.3)
            os._exit(0)
        os.waitpid(pid, 0)

    found = cost("busy", 1, child, os.getpid())
    assert found.database > 200_000
    assert found.here < 200_000


def test_the_server_is_that_of_the_store(store: Store) -> None:
    assert bool(server_of(store)) is store.database.is_postgres
    if store.database.is_postgres:
        assert cost("count", 1, lambda: fill(store, 500), server_of(store)).database > 0


@pytest.mark.parametrize("batch", [1, 10])
def test_every_job_is_leased_and_completed(store: Store, batch: int) -> None:
    fill(store, 500)
    ours(store, 500, batch)
    assert store.jobs.counts()[JobState.SUCCEEDED] == 500


def test_a_table_grows_and_is_leased_from_and_listed(store: Store) -> None:
    lines = [one.name for one in flat(store, [500, 1000])]
    assert len(lines) == 4
    counts = store.jobs.counts()
    assert sum(counts.values()) == 1000
    assert counts[JobState.LEASED] == 800


def test_a_ledger_is_written_and_verified(store: Store) -> None:
    ledger(store, 2000)
    assert store.ledger.last() == 2000


def test_a_whole_job_goes_through_the_gate_to_its_end(store: Store) -> None:
    whole(store, open_bundle(ROOT), 20)
    counts = store.jobs.counts()
    assert counts[JobState.QUEUED] + counts[JobState.DEAD_LETTER] + counts[JobState.CANCELED] == 20
    assert store.ledger.last() >= 20
