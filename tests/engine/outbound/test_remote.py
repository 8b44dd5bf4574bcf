"""A worker that works for a server: the same ends as at the store, and nothing is dialled twice."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from engine.bundle import CompiledBundle
from engine.outbound.client import ApiClient, ApiProblem
from engine.outbound.conduct import POINTS, Done
from engine.outbound.line import NotPlaced, Order, Result
from engine.outbound.personas import PERSONAS, SimulatedLine
from engine.outbound.remote import Refused, RemoteConductor
from engine.outbound.worker import Orders, Worker
from engine.records.errors import LeaseLost, StoreAway
from engine.records.job import Retry
from engine.records.suppressions import NewSuppression
from engine.records.verify import verify
from engine.terms import JobState, Scope
from server.app import create_app
from server.desk import Desk
from tests.engine.outbound.campaign import Campaign, who
from tests.engine.outbound.test_worker import ENDS
from tests.server.running import ROOT, SMALL, Running, people
from tests.server.test_jobs import job as job_json
from tests.server.test_jobs import zone_by_day
from tools.chaos import apart


@pytest.fixture
def client(campaign: Campaign) -> Iterator[ApiClient]:
    """Give a client of a server of the campaign's store, in this process."""
    app = create_app(Desk(campaign.store))
    key = campaign.store.api_keys.create("worker", ("jobs:work", "calls:write"))
    with ApiClient("http://server", key, transport=httpx.WSGITransport(app=app)) as made:
        yield made


@pytest.fixture
def remote(campaign: Campaign, client: ApiClient) -> RemoteConductor:
    """Give what conducts jobs over the server."""
    return RemoteConductor(client, campaign.line, campaign.bundle)


def work(remote: RemoteConductor, **orders: object) -> tuple[Counter[str], list[str]]:
    said: list[str] = []
    return Worker(remote, Orders("w1", once=True, **orders), said.append).run(), said  # type: ignore[arg-type]


@pytest.mark.parametrize("persona", ENDS)
def test_each_callee_ends_as_at_the_store(campaign: Campaign, remote: RemoteConductor, persona: str) -> None:
    job = campaign.job(1, persona, retry=Retry(3, 1e6, 1e6))
    [lease] = remote.lease("w1")
    done = remote.conduct(lease)
    assert (done.state, done.disposition) == ENDS[persona]
    assert campaign.state(job) == done.state
    [attempt] = campaign.store.attempts.list(job=job)
    assert (attempt.state, attempt.disposition) == ("ended", done.disposition)
    assert attempt.result == PERSONAS[persona][1].value
    assert (attempt.answered is not None) == Result(attempt.result).speaks
    assert campaign.store.calls.show(attempt.call)[0].disposition == done.disposition
    assert [order.attempt for order in campaign.line.placed] == [attempt.id]
    assert verify(campaign.store.database, campaign.store.keys).sound


def test_a_denied_job_is_said_with_its_rules_and_not_dialled(campaign: Campaign, remote: RemoteConductor) -> None:
    campaign.called(1, 7)
    job = campaign.job()
    done, said = work(remote)
    assert done == {"queued": 1}
    assert said == [f"job {job}: not dialled, now queued: us.seven"]
    assert campaign.line.placed == []


def test_a_lease_that_was_lost_is_refused_and_said(campaign: Campaign, remote: RemoteConductor) -> None:
    campaign.job()
    [lease] = remote.lease("w1")
    campaign.store.suppress(NewSuppression(Scope.PERSON, who().person, "stop_calling"))
    with pytest.raises(LeaseLost, match="lease"):
        remote.conduct(lease)
    assert campaign.line.placed == []


def test_an_end_that_comes_too_late_is_not_accepted(campaign: Campaign, client: ApiClient) -> None:
    job = campaign.job()

    def probe(point: str) -> None:
        if point == "before_success":
            campaign.pass_time(minutes=10)
            campaign.store.jobs.lease("w2")

    done, said = work(RemoteConductor(client, campaign.line, campaign.bundle, probe))
    assert done == {"lease_lost": 1}
    assert "lease" in said[0]
    assert campaign.state(job) == JobState.REVIEW


def test_a_long_call_keeps_its_lease(campaign: Campaign, client: ApiClient) -> None:
    """Each turn takes two minutes, by the call's clock and by the store's."""
    job = campaign.job(1, "silent", retry=Retry(3, 1e6, 1e6))
    slow: list[timedelta] = []

    def probe(point: str) -> None:
        if point == "in_turn":
            campaign.pass_time(minutes=2)

    class Slow(SimulatedLine):
        def place(self, order: Order):
            callee = super().place(order)
            say = callee.say

            def wait_and_say(speech):
                callee.elapsed += timedelta(minutes=2)
                slow.append(callee.elapsed)
                return say(speech)

            callee.say = wait_and_say  # type: ignore[method-assign]
            return callee

    line = Slow(lambda: campaign.bundle, 1, {}, campaign.fixed)
    done, _ = work(RemoteConductor(client, line, campaign.bundle, probe))
    assert len(slow) >= 3
    assert slow[-1] > timedelta(minutes=6)
    assert done == {"waiting_retry": 1}
    assert campaign.state(job) == JobState.WAITING_RETRY


@pytest.mark.parametrize(
    ("waited", "since", "dials"),
    [
        pytest.param(1.9, 1.9, 1, id="at once"),
        pytest.param(5.0, 0.0, 1, id="the server took its time before it asked the rules"),
        pytest.param(5.0, 5.0, 0, id="its answer was long on its way"),
    ],
)
def test_what_the_gate_said_is_dialled_by_at_once_or_not_at_all(
    campaign: Campaign, client: ApiClient, waited: float, since: float, dials: int
) -> None:
    job = campaign.job(retry=Retry(3, 1e6, 1e6))
    asked = 0

    def clock() -> float:
        nonlocal asked
        asked += 1
        if asked == 2:
            campaign.pass_time(seconds=since)
        return 100.0 if asked == 1 else 100.0 + waited

    conductor = RemoteConductor(client, campaign.line, campaign.bundle, clock=clock)
    [lease] = conductor.lease("w1")
    done = conductor.conduct(lease)
    assert len(campaign.line.placed) == dials
    assert done.state is (JobState.SUCCEEDED if dials else JobState.WAITING_RETRY)
    assert ("too late" in campaign.store.jobs.show(job)[0].reason) is not bool(dials)


def test_a_line_that_does_not_dial_leaves_the_call_counted_and_the_job_waiting(
    campaign: Campaign, client: ApiClient
) -> None:
    class Dead:
        def place(self, order: Order):
            raise NotPlaced("no trunk")

    job = campaign.job()
    assert work(RemoteConductor(client, Dead(), campaign.bundle), most=1)[0] == {"waiting_retry": 1}  # type: ignore[arg-type]
    assert campaign.counted() == 1
    assert "no trunk" in campaign.store.jobs.show(job)[0].reason


def test_a_job_the_server_cannot_go_on_with_does_not_stop_the_worker(campaign: Campaign, client: ApiClient) -> None:
    first, second = campaign.job(1, priority=9), campaign.job(2)

    def probe(point: str) -> None:
        if point == "after_dial" and len(campaign.line.placed) == 1:
            session = campaign.store.calls.held(campaign.line.placed[0].call).session
            with campaign.store.database.writing() as db:
                campaign.store.calls.close_in(db, session, "hung_up", campaign.now())

    done, said = work(RemoteConductor(client, campaign.line, campaign.bundle, probe))
    assert done == {"not_carried_out": 1, "succeeded": 1}
    assert said[0].startswith(f"job {first} cannot be carried out: call-ended")
    assert campaign.state(second) == JobState.SUCCEEDED


def test_what_the_server_refuses_within_a_job_is_about_that_job(campaign: Campaign, client: ApiClient) -> None:
    remote = RemoteConductor(client, campaign.line, campaign.bundle)
    campaign.job()
    [lease] = remote.lease("w1")
    client._http.headers["Authorization"] = "Bearer none"
    with pytest.raises(Refused, match="no-valid-key"):
        remote.conduct(lease)


def test_a_key_that_may_not_work_ends_the_worker(campaign: Campaign, remote: RemoteConductor) -> None:
    remote._client._http.headers["Authorization"] = "Bearer none"
    with pytest.raises(ApiProblem, match="no-valid-key"):
        work(remote)


def test_a_server_that_fails_is_away(campaign: Campaign) -> None:
    answers = iter([500, 429, 429, 429, 429, 200])

    def answer(_: httpx.Request) -> httpx.Response:
        status = next(answers)
        document = {"type": "urn:callwright:internal", "detail": "it went wrong"}
        return httpx.Response(status, json={"leases": []} if status == 200 else document)

    with ApiClient("http://server", "k.s", transport=httpx.MockTransport(answer)) as client:
        remote = RemoteConductor(client, campaign.line, campaign.bundle)
        for _ in range(2):
            with pytest.raises(StoreAway, match="it went wrong"):
                remote.lease("w1")
        assert remote.lease("w1") == ()


# --------------------------------------------------------------- real processes


@pytest.fixture
def served(new_url: Callable[[str], str]) -> Iterator[Running]:
    """Give a server process that a test may kill and start again."""
    running = Running(new_url("sqlite")).start()
    yield running
    running.close()


class WorkerProcess:
    """A process of ``callwright worker --api``."""

    def __init__(self, server: Running, *options: str) -> None:
        command = [sys.executable, "-m", "tools.main", "worker", "--worker-id", "far", "--api", server.base_url]
        command += ["--bundle", str(SMALL), "--poll-seconds", "0.05", *options]
        environment = {
            **os.environ,
            "CALLWRIGHT_API_KEY": server.key("jobs:work", "calls:write"),
            "PYTHONUNBUFFERED": "1",
        }
        environment.pop("CALLWRIGHT_KEY", None)
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)

    def wait_for(self, pattern: str, seconds: float = 60) -> None:
        """Return when a line was printed that *pattern* finds."""
        until = time.monotonic() + seconds
        while not any(re.search(pattern, line) for line in self.lines):
            assert time.monotonic() < until, f"no line like {pattern}: {self.lines}"
            time.sleep(0.02)

    def end(self, sign: int) -> int:
        """Send a signal and return how the process ended."""
        self.process.send_signal(sign)
        status = self.process.wait(60)
        self._reader.join(10)
        return status


def enqueue(server: Running, numbers: range) -> list[str]:
    with server.client() as client:
        return list(client.enqueue(*(job_json(n, "far", zone_by_day()) for n in numbers)))


def states(server: Running, jobs: list[str]) -> Counter[JobState]:
    return Counter(server.store.jobs.show(one)[0].state for one in jobs)


def test_while_the_server_is_away_a_worker_waits_says_so_and_goes_on(served: Running) -> None:
    first = enqueue(served, range(1, 4))
    worker = WorkerProcess(served)
    try:
        worker.wait_for(first[-1])
        served.kill()
        worker.wait_for(r"cannot work now \(http://127.0.0.1:\d+ cannot be reached: ConnectError.*trying again in")
        served.start("--port", str(httpx.URL(served.base_url).port), bundle=None)
        second = enqueue(served, range(4, 7))
        worker.wait_for(second[-1])
        assert worker.end(signal.SIGTERM) == 0
    finally:
        worker.process.kill()
    assert worker.lines[-1].startswith("worker far: ")
    assert not any("Traceback" in line for line in worker.lines)
    assert not {JobState.QUEUED, JobState.LEASED, JobState.RUNNING} & states(served, first + second).keys()
    attempts = served.store.attempts.list()
    assert len({one.call for one in attempts}) == len(attempts) == 6


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_at_any_point_never_makes_a_second_dial(
    served: Running, small: CompiledBundle, tmp_path: Path, point: str
) -> None:
    [job] = enqueue(served, range(1, 2))
    dials = tmp_path / "dials"

    class Logged(SimulatedLine):
        def place(self, order: Order):
            with dials.open("a") as log:
                log.write(f"{order.attempt}\n")
            return super().place(order)

    def die(reached: str) -> None:
        if reached == point:
            os.kill(os.getpid(), signal.SIGKILL)

    def carry_out() -> Done:
        with served.client() as client:
            line = Logged(lambda: small, 1, {}, {people(1).number: "refuses"})
            remote = RemoteConductor(client, line, small, die, clock=lambda: 0.0)
            return remote.conduct(remote.lease("w1")[0])

    _, result = apart(carry_out)
    assert result() is None
    dialled = dials.read_text().split() if dials.exists() else []
    assert len(dialled) == (0 if point in ("after_lease", "after_gate") else 1)
    served.store.database.ahead = timedelta(minutes=6)
    again = served.store.jobs.lease("w2")
    if point == "after_lease":
        assert [one.job for one in again] == [job]
    else:
        assert again == ()
        assert states(served, [job]) == {JobState.REVIEW: 1}
    assert [one.id for one in served.store.attempts.list()][: len(dialled)] == dialled


def test_a_worker_without_a_key_or_with_a_wrong_one_says_so(served: Running) -> None:
    worker = WorkerProcess(served, "--key", "none.none")
    assert worker.process.wait(60) == 3
    worker._reader.join(10)
    assert "does not let this worker work: no-valid-key (401)" in "".join(worker.lines)
