"""What both stores promise alike: no lost update, the same refusals, one clock, one version."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, select, text, update

from engine.records import migrate
from engine.records.database import Database
from engine.records.errors import BadText, KeyReused, NotMigrated, StoreAway
from engine.records.job import NewJob
from engine.records.parties import Parties
from engine.records.plain import canonical, micros, moment, new_id
from engine.records.store import Store, open_store
from engine.records.suppressions import NewSuppression
from engine.records.tables import SCHEMA, ledger_head, metadata
from engine.terms import JobState, Scope
from tests.engine.kept import KEYS, job


def test_the_migrations_make_exactly_the_tables(store: Store) -> None:
    with store.database.engine.connect() as db:
        assert compare_metadata(MigrationContext.configure(db), metadata) == []
        assert migrate.version(db) == SCHEMA


def test_the_newest_migration_is_the_one_the_program_knows() -> None:
    config = Config()
    config.set_main_option("script_location", "engine/records/migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == SCHEMA


def test_a_newer_database_is_refused(store: Store) -> None:
    with store.database.writing() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    try:
        with pytest.raises(NotMigrated, match="9999"):
            migrate.migrate(store.database)
    finally:
        with store.database.writing() as db:
            db.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": SCHEMA})


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_many_may_open_a_new_database_at_once(kind: str, new_url: Callable[[str], str]) -> None:
    url = new_url(kind)
    program = (
        "from engine.records.database import Database; from engine.records.migrate import migrate; "
        f"migrate(Database({url!r}))"
    )
    started = [subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE) for _ in range(3)]
    for process in started:
        _, said = process.communicate()
        assert process.returncode == 0, said.decode()


def test_no_update_is_lost(store: Store, run_together: Callable[..., None]) -> None:
    with store.database.writing() as db:
        db.execute(insert(ledger_head), {"id": 1, "seq": 0, "hash": b"", "mac": b""})

    def work() -> None:
        for _ in range(25):
            with store.database.writing() as db:
                seq = db.execute(select(ledger_head.c.seq).with_for_update()).scalar_one()
                db.execute(update(ledger_head).values(seq=seq + 1))

    run_together(8, work)
    with store.database.reading() as db:
        assert db.execute(select(ledger_head.c.seq)).scalar_one() == 200


BAD = ["a\x00b", "\x00", "a\ud800b", "\udfff"]


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize(
    "give",
    [
        pytest.param(lambda bad: job(1, campaign=bad), id="campaign"),
        pytest.param(lambda bad: job(1, idempotency=bad), id="key"),
        pytest.param(lambda bad: job(1, facts={"a": bad}), id="fact"),
        pytest.param(lambda bad: job(1, facts={bad: 1}), id="fact name"),
        pytest.param(lambda bad: job(1, facts={"a": frozenset({bad})}), id="set"),
        pytest.param(lambda bad: NewJob(Parties("a", "p", "1", (bad,))), id="debt"),
    ],
)
def test_text_that_cannot_be_kept_is_refused_alike(store: Store, bad: str, give: Callable[[str], NewJob]) -> None:
    with pytest.raises(ValueError, match=r"NUL|surrogate"):
        store.jobs.enqueue(give(bad))
    assert sum(store.jobs.counts().values()) == 0


@pytest.mark.parametrize("bad", ["a\x00b", "a\ud800b"])
def test_a_worker_whose_name_cannot_be_kept_is_refused_alike(store: Store, bad: str) -> None:
    store.jobs.enqueue(job(1))
    with pytest.raises(ValueError, match=r"NUL|surrogate"):
        store.jobs.lease(bad)
    [lease] = store.jobs.lease("w1")
    store.jobs.start(lease)
    with pytest.raises(ValueError, match=r"NUL|surrogate"):
        store.jobs.success(lease, bad)
    store.jobs.success(lease, "a % and a :colon")
    assert store.jobs.show(lease.job)[0].reason == "a % and a :colon"


def test_a_lease_within_a_transaction_is_undone_with_it(store: Store) -> None:
    store.jobs.enqueue(job(1))

    def lease_and_fail() -> None:
        with store.database.together():
            assert store.jobs.lease("w1")
            raise KeyError("later")

    with pytest.raises(KeyError):
        lease_and_fail()
    assert store.jobs.counts()[JobState.QUEUED] == 1


@pytest.mark.parametrize("good", ["", "é", "漢字 😀", "\\u0000", "\\\\u0000", "a\tb\nc", "\x7f", "￿"])
def test_every_other_text_is_kept(store: Store, good: str) -> None:
    [answer] = store.jobs.enqueue(job(1, facts={"a": good}, campaign=good))
    row, brief = store.jobs.show(answer.job)
    assert row.campaign == good
    assert brief is not None
    assert brief.facts == {"a": good}


@pytest.mark.parametrize("bad", BAD)
def test_canonical_json_refuses_them_too(bad: str) -> None:
    with pytest.raises(BadText):
        canonical({"a": [bad]})


def test_the_clock_is_the_databases_and_can_be_put_ahead(store: Store) -> None:
    with store.database.reading() as db:
        now = store.database.now(db)
        assert abs(now - datetime.now(UTC)) < timedelta(seconds=5)
    store.database.ahead = timedelta(days=3)
    with store.database.reading() as db:
        assert timedelta(days=3) <= store.database.now(db) - now < timedelta(days=3, seconds=5)


def test_the_clock_moves_within_a_transaction(store: Store) -> None:
    with store.database.writing() as db:
        first = store.database.now(db)
        later = first
        for _ in range(100_000):
            later = store.database.now(db)
            if later != first:
                break
        assert later > first


@pytest.mark.parametrize("written", ["2026-03-10T14:00:00.123456+00:00", "1969-12-31T23:59:59.999999+00:00"])
def test_moments_are_exact(written: str) -> None:
    at = datetime.fromisoformat(written)
    assert moment(micros(at)) == at


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        micros(datetime(2026, 1, 1))


def test_identifiers_sort_by_the_time_they_were_made() -> None:
    made = [new_id() for _ in range(2000)]
    assert len(set(made)) == 2000
    assert made[::100] == sorted(made[::100])


@pytest.mark.parametrize(
    "url", ["sqlite:////nowhere/at/all.db", "postgresql://nobody@127.0.0.1:1/none?connect_timeout=1"]
)
def test_a_database_that_is_away_says_so(url: str) -> None:
    with pytest.raises(StoreAway):
        open_store(url, KEYS)


def test_a_writer_that_waits_too_long_says_so(new_url: Callable[[str], str]) -> None:
    url = new_url("sqlite")
    first, second = Database(url), Database(url, patience=0.1)
    with first.writing() as db:
        db.execute(text("CREATE TABLE t (a)"))
        with pytest.raises(StoreAway, match="locked"), second.writing():
            pass
    first.close()
    second.close()


@pytest.mark.parametrize("way", [Database.writing, Database.together])
def test_a_thread_that_waits_too_long_for_another_says_so(
    new_url: Callable[[str], str], way: Callable[[Database], Any]
) -> None:
    database = Database(new_url("sqlite"), patience=0.1)

    def write() -> None:
        with way(database) as db:
            db.execute(text("CREATE TABLE t (a)"))

    with ThreadPoolExecutor(1) as other:
        with database.writing(), pytest.raises(StoreAway, match="locked"):
            other.submit(write).result()
        with pytest.raises(RuntimeError), way(database):
            raise RuntimeError
        other.submit(write).result()
    database.close()


def test_a_full_disk_is_told_undoes_what_did_not_fit_and_is_over_when_there_is_space(
    new_url: Callable[[str], str],
) -> None:
    store = open_store(new_url("sqlite"), KEYS)
    [first] = store.jobs.enqueue(job(1))
    with store.database.reading() as db:
        pages = db.execute(text("PRAGMA page_count")).scalar_one()
        db.execute(text(f"PRAGMA max_page_count = {pages + 20}"))
    large = job(2, facts={"a": "x" * 1_000_000})
    with pytest.raises(StoreAway, match="full"):
        store.jobs.enqueue(large, job(3))
    assert [row.id for row in store.jobs.list()] == [first.job]
    [lease] = store.jobs.lease("w1")
    store.jobs.start(lease)
    store.jobs.success(lease)
    with store.database.reading() as db:
        db.execute(text("PRAGMA max_page_count = 1000000"))
    [kept] = store.jobs.enqueue(large)
    brief = store.jobs.show(kept.job)[1]
    assert brief is not None
    assert brief.facts == large.facts
    store.close()


def test_a_megabyte_is_kept_on_either_store(store: Store) -> None:
    large = job(1, facts={"a": "é" * 1_000_000})
    [kept] = store.jobs.enqueue(large)
    [lease] = store.jobs.lease("w1")
    assert lease.job == kept.job
    assert lease.brief.facts == large.facts


def test_after_the_server_dropped_every_connection_it_says_so_once_and_goes_on(new_url: Callable[[str], str]) -> None:
    url = new_url("postgresql")
    store, other = open_store(url, KEYS), Database(url)
    store.jobs.enqueue(job(1), job(2))
    store.jobs.lease("w1")
    _drop_connections(other)
    with pytest.raises(StoreAway):
        store.jobs.lease("w1")
    with pytest.raises(StoreAway):
        store.jobs.counts()
    assert len(store.jobs.lease("w1")) == 1
    assert sum(store.jobs.counts().values()) == 2
    store.close()
    other.close()


def test_statements_in_the_drivers_words_say_so_once_too_and_go_on(new_url: Callable[[str], str]) -> None:
    url = new_url("postgresql")
    store, other = open_store(url, KEYS), Database(url)
    key = store.api_keys.create("me", ("decide",))
    assert store.api_keys.check(key) is not None
    store.lift("none", "so that there is a connection")
    _drop_connections(other)
    with pytest.raises(StoreAway):
        store.api_keys.check(key)
    assert store.api_keys.check(key) is not None
    with pytest.raises(StoreAway):
        _cut_off(store, other)
    assert store.outbox.take() == ()
    with store.database.writing() as db:
        store.outbox.add_in(db, "kind", "subject", {})
    assert len(store.outbox.take()) == 1
    store.close()
    other.close()


def _cut_off(store: Store, other: Database) -> None:
    with store.database.writing() as db:
        store.outbox.add_in(db, "kind", "subject", {})
        _drop_connections(other)
        store.outbox.add_in(db, "kind", "subject", {})


def _drop_connections(other: Database) -> None:
    with other.writing() as db:
        db.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


def test_readers_do_not_wait_for_a_writer(store: Store) -> None:
    store.jobs.enqueue(job(1))
    with store.database.writing() as db:
        store.suppressions.add_in(db, NewSuppression(Scope.PERSON, "p", "dnc"))
        assert sum(store.jobs.counts().values()) == 1
        assert store.suppressions.list() == ()
    assert len(store.suppressions.list()) == 1


def test_what_is_done_together_is_done_or_undone_together(store: Store) -> None:
    with store.database.together():
        store.jobs.enqueue(job(1))
        store.suppress(NewSuppression(Scope.PERSON, "person-9", "dnc"))
        assert sum(store.jobs.counts().values()) == 1
        with store.database.together():
            assert len(store.jobs.lease("w1")) == 1
    assert len(store.suppressions.list()) == 1
    with pytest.raises(KeyReused):
        _enqueue_together(store, job(2, idempotency="k"), job(3, idempotency="k"))
    assert sum(store.jobs.counts().values()) == 1


def _enqueue_together(store: Store, *jobs: NewJob) -> None:
    with store.database.together():
        for one in jobs:
            store.jobs.enqueue(one)


def test_what_fails_within_is_undone_by_itself(store: Store) -> None:
    with store.database.together():
        store.jobs.enqueue(job(1))
        with pytest.raises(BadText):
            store.jobs.enqueue(job(2), job(3, campaign="\x00"))
    assert sum(store.jobs.counts().values()) == 1


def test_what_is_gathered_holds_nobody_up_before_it_writes(store: Store) -> None:
    other = open_store(store.database.url.render_as_string(hide_password=False), KEYS)
    with store.database.gathering():
        assert store.jobs.counts()[JobState.QUEUED] == 0
        other.jobs.enqueue(job(1))
        assert store.jobs.counts()[JobState.QUEUED] == 1
        store.jobs.enqueue(job(2))
        assert store.jobs.counts()[JobState.QUEUED] == 2
        assert other.jobs.counts()[JobState.QUEUED] == 1
    assert other.jobs.counts()[JobState.QUEUED] == 2
    other.close()


def test_what_is_gathered_is_undone_as_one(store: Store) -> None:
    with pytest.raises(ArithmeticError):
        _gather(store, fails=True)
    assert sum(store.jobs.counts().values()) == 0
    assert store.suppressions.list() == ()
    _gather(store, fails=False)
    assert sum(store.jobs.counts().values()) == 1
    assert len(store.suppressions.list()) == 1


def _gather(store: Store, *, fails: bool) -> None:
    with store.database.gathering():
        with pytest.raises(BadText):
            store.jobs.enqueue(job(1), job(2, campaign="\x00"))
        store.jobs.enqueue(job(3))
        store.suppress(NewSuppression(Scope.PERSON, "person-9", "dnc"))
        if fails:
            raise ArithmeticError


def test_other_threads_take_no_part(store: Store, run_together: Callable[..., None]) -> None:
    with store.database.together():
        store.jobs.enqueue(job(1))
        seen: list[int] = []
        run_together(2, lambda: seen.append(sum(store.jobs.counts().values())))
        assert seen == [0, 0]


@pytest.mark.parametrize(("durable", "level"), [(True, 2), (False, 0)])
def test_a_store_is_durable_unless_it_is_thrown_away(new_url: Callable[[str], str], durable: bool, level: int) -> None:
    lite, server = (
        open_store(new_url("sqlite"), KEYS, durable=durable),
        open_store(new_url("postgresql"), KEYS, durable=durable),
    )
    with lite.database.writing() as db:
        assert db.execute(text("PRAGMA synchronous")).scalar_one() == level
        assert db.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
    with server.database.writing() as db:
        assert db.execute(text("SHOW synchronous_commit")).scalar_one() == ("on" if durable else "off")
    lite.close()
    server.close()


def test_when_every_connection_is_in_use_the_store_is_away(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 26 connections each is lent to somebody; who comes next waits, and is then told."""
    for engine in {store.database.engine, store.database._single}:
        monkeypatch.setattr(engine.pool, "_timeout", 0.05)
    with ExitStack() as lent:
        for engine in {store.database.engine, store.database._single}:
            for _ in range(26):
                lent.callback(engine.raw_connection().close)
        with pytest.raises(StoreAway, match="in use"):
            store.jobs.counts()
        with pytest.raises(StoreAway, match="in use"):
            store.jobs.lease("w1")
        with pytest.raises(StoreAway, match="in use"):
            store.jobs.enqueue(job(1))
    assert store.jobs.lease("w1") == ()
