"""What keeping costs: ``python -m tools.bench_records``.

The queue beside pgqueuer (https://pypi.org/project/pgqueuer) on one PostgreSQL in one run: CPU time of this
process and of the server's, for each job, the cheapest of some rounds taken in turns; a whole job, with its gate and
its ledger; whether listing and leasing stay flat while the table grows; and the ledger's writing and verifying. The
lower the better.
"""

import asyncio
import gc
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

import click

from engine.calls import Calls, Shelf
from engine.outbound.conduct import Conductor, nothing
from engine.outbound.people import people
from engine.outbound.personas import SimulatedLine
from engine.outbound.simulate import BEGINS, set_clock
from engine.outbound.worker import Orders, Worker
from engine.records.job import Lease, NewJob, Retry
from engine.records.keys import KeyRing
from engine.records.ledger import NewEntry
from engine.records.parties import Parties
from engine.records.store import Store, open_store
from engine.records.verify import verify
from engine.runtime.prepared import prepare
from engine.terms import JobState, Scope
from tools.bundles import Opened, open_bundle
from tools.chaos import postgres
from tools.console import bundle_option

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


def cost(name: str, times: int, work: Callable[[], object], server: int = 0) -> Cost:
    """Run *work*, which does something *times* times, and return what each cost here and in the process *server*.

    What was left over before is cleared away first, so that nobody pays for another's.
    """
    gc.collect()
    database, here, began = _spent(server), time.process_time(), time.perf_counter()
    work()
    spent, passed = time.process_time() - here, time.perf_counter() - began
    return Cost(name, spent / times * 1e6, (_spent(server) - database) / times * 1e6, passed / times * 1e6)


def server_of(store: Store) -> int:
    """Return the id of the PostgreSQL process from which those that work for *store* are forked; 0 for SQLite."""
    if not store.database.is_postgres:
        return 0
    with store.database.reading() as db:
        backend: int = db.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    return _stat(backend)[1]


def _spent(server: int) -> float:
    """Return the CPU seconds that a process, its children and those of them that ended have spent; 0 is none."""
    if not server:
        return 0.0
    while True:
        before, now = _family(server), _family(server, after=0.05)
        if before.keys() == now.keys():  # none ended meanwhile, whose time would be counted nowhere or twice
            return sum(now.values()) / os.sysconf("SC_CLK_TCK")


def _family(server: int, after: float = 0.0) -> dict[int, int]:
    """Return the ticks of a process and its children by their ids, *after* so many seconds."""
    time.sleep(after)
    among = [_stat(int(folder.name)) for folder in Path("/proc").glob("[0-9]*")]
    return {pid: sum(ticks) for pid, parent, *ticks in among if server in (pid, parent)}


def _stat(pid: int) -> tuple[int, ...]:
    """Return a process's id and its parent's, and the ticks spent: itself and for ended children; zeros when gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return (pid, 0, 0, 0, 0, 0)
    parts = text[text.rindex(")") + 2 :].split()
    return (pid, int(parts[1]), *map(int, parts[11:15]))


def least(rounds: Sequence[Cost]) -> Cost:
    """Return the cheapest of several rounds of the same: what the others cost more was others' work on this machine."""
    return min(rounds, key=lambda one: one.cpu)


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
    server = server_of(store)
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

    leasing = cost(f"ours: lease, {batch} at a time", count, lease, server)
    with store.database.writing() as db:
        for group in leased:
            for one in group:
                store.jobs.running_in(db, one)
    completing = cost(f"ours: success, {batch} at a time", count, complete, server)
    assert store.jobs.counts()[JobState.RUNNING] == 0
    return leasing, completing


def pgqueuer(url: str, server: int, count: int, batch: int) -> tuple[Cost, Cost]:
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
    put = cost("pgqueuer: enqueue, 500 at a time", count, lambda: asyncio.run(enqueue()), server)
    name = f"pgqueuer: lease and complete, {batch} at a time"
    return put, cost(name, count, lambda: asyncio.run(complete()), server)


def beside(store: Store, url: str, jobs: int, batch: int, rounds: int) -> Iterator[str]:
    """Yield both queues' costs, taken in turns on one server, and how they compare."""
    server, theirs, mine = server_of(store), [], []
    for _ in range(rounds):
        theirs.append(pgqueuer(url, server, jobs, batch))
        put = cost("ours: enqueue, 500 at a time", jobs, partial(fill, store, jobs), server)
        mine.append((put, *ours(store, jobs, batch)))
    best = [least(same) for same in (*zip(*theirs, strict=True), *zip(*mine, strict=True))]
    yield from map(str, best)
    _, whole, _, leasing, completing = best
    yield f"  lease and success: {(leasing.cpu + completing.cpu) / whole.cpu:.2f} times pgqueuer's CPU"


def whole(store: Store, bundle: Opened, count: int) -> Cost:
    """Return what a whole job costs: leased, gathered, decided, written down, dialled (nobody answers) and ended."""
    shelf = Shelf(store)
    shelf.put(bundle.bundle, bundle.sources)
    prepare(bundle.bundle)
    crowd = people(count, 1, BEGINS.date())
    set_clock(store, BEGINS + timedelta(hours=7))
    for one in crowd:
        store.known.learn(Scope.NUMBER, one.parties.number, {**one.known, "consent.number": "express"}, "bench")
    store.jobs.enqueue(*(NewJob(one.parties, one.facts, flow="collections", retry=Retry(1)) for one in crowd))
    line = SimulatedLine(shelf.current, 1, {}, {one.parties.number: "no_answer" for one in crowd})
    work = Worker(Conductor(Calls(store, shelf), line), Orders("bench", once=True), nothing).run
    found = cost("ours: a whole job with gate and ledger", count, work, server_of(store))
    assert len(line.placed) > count * 0.5
    return found


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

    written = cost(f"ledger: write, {count} entries", count, write)
    return written, cost(f"ledger: verify, {count} entries", count, check)


def grow(store: Store, count: int) -> None:
    """Put copies of a job, of as many accounts, until there are *count*; what they are about cannot be unsealed."""
    with store.database.writing() as db:
        there: int = db.exec_driver_sql("SELECT count(*) FROM jobs").scalar_one()
        names = list(db.exec_driver_sql("SELECT * FROM jobs LIMIT 1").keys())
        if store.database.is_postgres:
            numbers, text = f"generate_series({there}, {count - 1}) AS n", "lpad(to_hex(n), 12, '0')"
        else:
            numbers = f"(WITH RECURSIVE c(n) AS (SELECT {there} UNION ALL SELECT n + 1 FROM c WHERE n < {count - 1})"
            numbers, text = f"{numbers} SELECT n FROM c)", "printf('%012x', n)"
        made = {name: name for name in names} | {"id": f"substr(id, 1, 24) || {text}", "account_key": text}
        first = "(SELECT * FROM jobs WHERE state = 'queued' LIMIT 1) AS first"
        wanted = f"INSERT INTO jobs ({', '.join(made)}) SELECT {', '.join(made.values())} FROM {first}, {numbers}"
        db.exec_driver_sql(wanted.replace("%", "%%") if store.database.is_postgres else wanted)
        db.exec_driver_sql("ANALYZE jobs")


def flat(store: Store, sizes: Iterable[int]) -> Iterator[Cost]:
    """Yield what a lease and a page of the list cost while the table grows."""
    server = server_of(store)
    kind = "PostgreSQL" if server else "SQLite"
    fill(store, 1)
    for size in sizes:
        grow(store, size)
        last = store.jobs.list(limit=50)[-1].id
        _leases(store)
        yield cost(f"{kind}: lease one of {size} jobs", 200, partial(_leases, store), server)
        yield cost(f"{kind}: list a page of {size} jobs", 200, partial(_pages, store, last), server)


def _leases(store: Store) -> None:
    for _ in range(200):
        assert store.jobs.lease("bench")


def _pages(store: Store, last: str) -> None:
    for _ in range(100):
        assert len(store.jobs.list()) == 50
        assert len(store.jobs.list(state=JobState.QUEUED, before=last)) == 50


@click.command()
@click.option("--jobs", default=3000, show_default=True)
@click.option("--rounds", default=3, show_default=True, help="How often each queue is timed, in turns.")
@click.option("--large", is_flag=True, help="A million entries and a million jobs, instead of a hundred thousand.")
@bundle_option
def bench_records(jobs: int, rounds: int, large: bool, folder: Path | None) -> None:
    """Time the queue beside pgqueuer, a whole job, the ledger, and the growing table."""
    most = 1_000_000 if large else 100_000
    sizes = [size for size in (1000, 10_000, 100_000, 1_000_000) if size <= most]
    opened = open_bundle(folder)
    with postgres() as url:
        with _opened(url) as store:
            for batch in (1, 10):
                _print(beside(store, url, jobs, batch, rounds))
        with _opened(url) as store:
            _print([whole(store, opened, 300)])
    with postgres() as url, _opened(url) as store:
        _print(flat(store, sizes))
    with tempfile.TemporaryDirectory() as place:
        for name, work in (("jobs", partial(flat, sizes=sizes)), ("ledger", partial(ledger, count=most))):
            with _opened(f"sqlite:///{place}/{name}.db") as store:
                _print(work(store))


@contextmanager
def _opened(url: str) -> Iterator[Store]:
    store = open_store(url, KEYS)
    try:
        yield store
    finally:
        store.close()


def _print(lines: Iterable[object]) -> None:
    for line in lines:
        click.echo(str(line))


if __name__ == "__main__":
    bench_records()
