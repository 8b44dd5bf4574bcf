"""Leases and ends stay by the indexes, however the table looked when PostgreSQL planned them once."""

import re
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from engine.records.database import Alone
from engine.records.leasing import postgres_lease, sqlite_lease, success, successes
from engine.records.store import Store, open_store
from tests.engine.kept import KEYS, job

PARAMETER = r"%\((\w+)\)s"


@pytest.fixture
def postgres(new_url: Callable[[str], str]) -> Iterator[Store]:
    """Give a PostgreSQL of its own: SQLite plans each statement as it finds the table."""
    store = open_store(new_url("postgresql"), KEYS)
    yield store
    store.close()


def plan(store: Store, statement: Alone) -> str:
    """Return the plan that is kept for *statement*, whatever its parameters."""
    names: list[str] = []

    def numbered(found: re.Match[str]) -> str:
        if found[1] not in names:
            names.append(found[1])
        return f"${names.index(found[1]) + 1}"

    generic = f"EXPLAIN (GENERIC_PLAN) {re.sub(PARAMETER, numbered, statement.plain)}"
    connection = store.database._single.raw_connection()
    try:
        return "\n".join(line for (line,) in connection.driver_connection.execute(generic))
    finally:
        connection.close()


@pytest.mark.parametrize("live", [0, 200], ids=["nothing is leased", "many are on the line"])
@pytest.mark.parametrize("analysed", [False, True], ids=["not analysed", "analysed"])
def test_statements_go_by_the_indexes(postgres: Store, live: int, analysed: bool) -> None:
    postgres.jobs.enqueue(*(job(n) for n in range(400)))
    if live:
        leased = postgres.jobs.lease("w", most=live)
        for one in leased[: live // 2]:
            postgres.jobs.start(one)
    with postgres.database.writing() as db:
        db.exec_driver_sql("ANALYZE jobs" if analysed else "DELETE FROM pg_statistic WHERE starelid = 'jobs'::regclass")
    clock = postgres.database.clock_sql
    for campaign in (False, True):
        found = plan(postgres, postgres_lease(clock, campaign))
        assert ("jobs_next_of_campaign" if campaign else "jobs_next on") in found
        assert "hashed" not in found, "every lease would walk over all live leases"
        assert "Seq Scan" not in found
        assert "Bitmap" not in found
    for statement in (success(clock), successes(clock, True)):
        found = plan(postgres, statement)
        assert re.search(r"Index Cond: .*\bid = ", found), "every end would walk over all calls on the line"
        assert "Seq Scan" not in found


def test_sqlite_walks_over_no_other_campaign(new_url: Callable[[str], str]) -> None:
    store = open_store(new_url("sqlite"), KEYS)
    try:
        with store.database.reading() as db:
            for campaign, index in (
                (True, "jobs_next_of_campaign (campaign=? AND flags=? AND priority=? AND ready<?)"),
                (False, "jobs_next (priority=? AND ready<?)"),
            ):
                statement = text(f"EXPLAIN QUERY PLAN {sqlite_lease(store.database.clock_sql, campaign).text}")
                values = {
                    name: 1 for name in ("token", "worker", "length", "longest", "ahead", "campaign", "unflagged")
                }
                given = {
                    name: value for name, value in values.items() if campaign or name not in ("campaign", "unflagged")
                }
                assert index in str(db.execute(statement, given).all())
    finally:
        store.close()
