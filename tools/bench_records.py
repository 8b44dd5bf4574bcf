"""What keeping costs: ``python -m tools.bench_records``.

The queue beside pgqueuer (https://pypi.org/project/pgqueuer) on one PostgreSQL in one run: CPU time of this
process and of the server's, for each job; the ledger's writing and verifying; and whether listing and leasing stay
flat while the table grows. The lower the better.
"""

import asyncio
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

import click

from engine.records.job import Lease, NewJob, Retry
from engine.records.keys import KeyRing
from engine.records.ledger import NewEntry
from engine.records.parties import Parties
from engine.records.store import Store, open_store
from engine.records.verify import verify
from engine.terms import JobState
from tools.chaos import postgres

KEYS = KeyRing({"bench": bytes(32)})
FACTS = {f"fact.{n}": f"value {n}" for n in range(20)}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one thing costs: microseconds of CPU here and in the database, and how long it takes."""

    name: str
    here: float
    database: float
    passed: float

    @property
    def cpu(self) -> float:
        """CPU in all."""
        return self.here + self.database

    def __str__(self) -> str:
        return (
            f"{self.name:<44} {self.cpu:8.0f} µs CPU ({self.here:.0f} here, {self.database:.0f} in the database)"
            f"  {self.passed:8.0f} µs passed"
        )


def cost(name: str, times: int, work: Callable[[], object], served: bool) -> Cost:
    """Run *work*, which does something *times* times, and return what each cost."""
    database, here, began = _backends() if served else 0.0, time.process_time(), time.perf_counter()
    work()
    spent, passed = time.process_time() - here, time.perf_counter() - began
    served_for = _backends() - database if served else 0.0
    return Cost(name, spent / times * 1e6, served_for / times * 1e6, passed / times * 1e6)


def _backends() -> float:
    """Return the CPU seconds that PostgreSQL's processes on this machine have spent; none may end meanwhile."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:
            continue
        if text[text.index("(") + 1 : text.rindex(")")] == "postgres":
            parts = text[text.rindex(")") + 2 :].split()[11:15]  # its own and its ended children's
            ticks += sum(map(int, parts))
    return ticks / os.sysconf("SC_CLK_TCK")


def jobs_of(count: int, start: int = 0) -> Iterator[list[NewJob]]:
    """Yield jobs of as many accounts, 500 at a time."""
    for first in range(start, start + count, 500):
        yield [
            NewJob(Parties(f"a{n}", f"p{n}", f"617{n:07d}", (f"d{n}",)), FACTS, retry=Retry(3))
            for n in range(first, min(first + 500, start + count))
        ]


def fill(store: Store, count: int, start: int = 0) -> None:
    """Enqueue *count* jobs."""
    for part in jobs_of(count, start):
        store.jobs.enqueue(*part)


def ours(store: Store, count: int, batch: int) -> tuple[Cost, Cost]:
    """Return what leasing a job and what completing it costs; what lies between, the gate and the call, is left out."""
    leased: list[tuple[Lease, ...]] = []

    def lease() -> None:
        for _ in range(0, count, batch):
            leased.append(store.jobs.lease("bench", most=batch, length=timedelta(hours=1)))

    def complete() -> None:
        for group in leased:
            if batch == 1:
                store.jobs.success(group[0])
            else:
                store.jobs.successes(group)

    leasing = cost(f"ours: lease, {batch} at a time", count, lease, True)
    with store.database.writing() as db:
        for group in leased:
            for one in group:
                store.jobs.running_in(db, one)
    completing = cost(f"ours: success, {batch} at a time", count, complete, True)
    assert store.jobs.counts()[JobState.RUNNING] == 0
    return leasing, completing


def pgqueuer(url: str, count: int, batch: int) -> tuple[Cost, Cost]:
    """Return what enqueuing and completing costs pgqueuer, over asyncpg."""
    import asyncpg
    from pgqueuer.db import AsyncpgDriver
    from pgqueuer.queries import EntrypointExecutionParameter, Queries

    payload = json.dumps(FACTS).encode()

    async def prepare() -> None:
        connection = await asyncpg.connect(url)
        queries = Queries(AsyncpgDriver(connection))
        if not await queries.schema_is_installed():
            await queries.install()
        await connection.close()

    async def enqueue() -> None:
        connection = await asyncpg.connect(url)
        queries = Queries(AsyncpgDriver(connection))
        for _ in range(0, count, 500):
            await queries.enqueue(["call"] * 500, [payload] * 500, [0] * 500)
        await connection.close()

    async def complete() -> None:
        connection = await asyncpg.connect(url)
        queries, done, me = Queries(AsyncpgDriver(connection)), 0, uuid4()
        points = {"call": EntrypointExecutionParameter(0)}
        while done < count:
            found = await queries.dequeue(batch, points, me, None, timedelta(seconds=30))
            await queries.log_jobs([(job, "successful", None) for job in found])
            done += len(found)
        await connection.close()

    asyncio.run(prepare())
    put = cost(f"pgqueuer: enqueue, {500} at a time", count, lambda: asyncio.run(enqueue()), True)
    return put, cost(f"pgqueuer: lease and complete, {batch} at a time", count, lambda: asyncio.run(complete()), True)


def ledger(store: Store, count: int) -> tuple[Cost, Cost]:
    """Return what writing and verifying an entry costs."""
    body = {"request": {"facts": FACTS}, "decision": {"fired": [], "facts": FACTS}}
    entry = NewEntry("dial", body, outcome="deny", rules=("us.seven",), bundle="b" * 64, account_key="a" * 32)

    def write() -> None:
        for _ in range(0, count, 1000):
            with store.database.writing() as db:
                store.ledger.append(db, *[entry] * 1000)

    def check() -> None:
        assert verify(store.database, store.keys).sound

    written = cost(f"ledger: write, {count} entries", count, write, False)
    return written, cost(f"ledger: verify, {count} entries", count, check, False)


def flat(store: Store, sizes: tuple[int, ...]) -> Iterator[Cost]:
    """Yield what a lease and a page of the list cost while the table grows."""
    filled = 0
    for size in sizes:
        fill(store, size - filled, filled)
        filled = size
        first = store.jobs.list(limit=50)[-1].id
        yield cost(f"lease among {size} jobs", 50, partial(_leases, store), False)
        yield cost(f"two pages of {size} jobs", 50, partial(_pages, store, first), False)


def _leases(store: Store) -> None:
    for _ in range(50):
        store.jobs.lease("bench")


def _pages(store: Store, first: str) -> None:
    for _ in range(50):
        store.jobs.list()
        store.jobs.list(state=JobState.QUEUED, before=first)


@contextmanager
def sqlite() -> Iterator[Store]:
    """Give an empty store in a temporary directory."""
    with tempfile.TemporaryDirectory() as place:
        store = open_store(f"sqlite:///{place}/store.db", KEYS)
        try:
            yield store
        finally:
            store.close()


@click.command()
@click.option("--jobs", default=3000, show_default=True)
@click.option("--entries", default=1_000_000, show_default=True)
@click.option("--largest", default=1_000_000, show_default=True, help="Jobs in the table at the end.")
def bench_records(jobs: int, entries: int, largest: int) -> None:
    """Time the queue beside pgqueuer, the ledger, and the growing table."""
    with postgres() as url:
        store = open_store(url, KEYS)
        for batch in (1, 10):
            theirs = pgqueuer(url, jobs, batch)
            put = cost("ours: enqueue, 500 at a time", jobs, partial(fill, store, jobs), True)
            mine = ours(store, jobs, batch)
            click.echo("\n".join(str(one) for one in (*theirs, put, *mine)))
            click.echo(f"  {sum(one.cpu for one in mine) / theirs[1].cpu:.2f} times pgqueuer's CPU")
        store.close()
    with sqlite() as store:
        for one in ledger(store, entries):
            click.echo(str(one))
    with sqlite() as store:
        sizes = tuple(size for size in (1000, 10_000, 100_000, 1_000_000) if size <= largest)
        for one in flat(store, sizes):
            click.echo(str(one))


if __name__ == "__main__":
    bench_records()
