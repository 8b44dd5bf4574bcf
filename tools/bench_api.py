"""What a turn costs over HTTP: ``python -m tools.bench_api``.

Whole calls are conducted against a real server on SQLite, with keys, strict reading, idempotency, ledger, log and
figures, 50 at once; then the same clients post to a bare flask-smorest server that validates a body and commits one
row, served by the same gunicorn with as many processes and threads. CPU time of the servers' processes, read from
the kernel; the ratio of the two is what to look at on a busy machine. Below stands what of a turn's time is the
rules' and the dialogue's, and what is the recording's: the same calls in this process, without a server.
"""

import base64
import http.client
import json
import os
import re
import secrets
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

import click

from engine.calls import Calls, NewCall, Shelf
from engine.records.keys import KeyRing
from engine.records.parties import Parties
from engine.records.store import open_store
from engine.runtime.session import Event
from engine.runtime.step import start, step
from engine.terms import EventKind
from server.values import read_facts
from tools.bundles import open_bundle
from tools.console import bundle_option, echo_json, format_option
from tools.smoke import FACTS, SCENARIOS

WORKERS, THREADS, CALLS = 2, 8, 50
TICK: Final = os.sysconf("SC_CLK_TCK")
PARTIES: Final = {"account": "a", "person": "p", "number": "+15125550143", "debts": ["d"]}


@dataclass(frozen=True, slots=True)
class Measured:
    """What some requests cost.

    Args:
        requests: How many were answered.
        seconds: How long that took.
        cpu: Milliseconds of CPU a request, of the server alone.
        median: Milliseconds until the answer, half of the time.
        slow: Milliseconds until the answer, in one of a hundred.
    """

    requests: int
    seconds: float
    cpu: float
    median: float
    slow: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


class Line:
    """One connection to a server, as lean as it can be, so that the clients take little of the machine."""

    def __init__(self, address: str, key: str = "") -> None:
        host, _, port = address.partition(":")
        self._http = http.client.HTTPConnection(host, int(port), timeout=60)
        self._headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
        self.times: list[float] = []

    def post(self, path: str, body: Mapping[str, Any], *, key: bool = False) -> Any:
        """Post *body* and return the answer; with *key*, under an idempotency key of its own."""
        headers = {**self._headers, **({"Idempotency-Key": secrets.token_hex(8)} if key else {})}
        began = time.perf_counter()
        self._http.request("POST", path, json.dumps(body), headers)
        response = self._http.getresponse()
        data = json.loads(response.read())
        self.times.append(time.perf_counter() - began)
        if response.status >= 400:
            raise click.ClickException(f"{path}: {data}")
        return data


def conduct(line: Line, keyed: bool) -> None:
    """Conduct one whole call that ends in a promise."""
    words, _ = SCENARIOS["happy_path"]
    body = {"parties": PARTIES, "facts": FACTS, "zones": ["America/Chicago"]}
    state = line.post("/call/start", body, key=keyed)["call_state"]
    for text in words:
        if state["ended"]:
            return
        event = {"kind": "words", "text": text}
        turn = {"call_id": state["call_id"], "expected_turn": state["turn"] + 1, "turn_event": event}
        state = line.post("/call/turn", turn, key=keyed)["call_state"]


def post_bare(line: Line) -> None:
    """Post as many bodies as a call has turns, of the size of a turn."""
    for number in range(1, 7):
        event = {"kind": "words", "text": "yes this is Alex"}
        body = {"call_id": "0198f1c0-0000-7000-8000-000000000001", "expected_turn": number, "turn_event": event}
        line.post("/turn", body)


def measure(address: str, key: str, process: int, work: Callable[[Line], None], rounds: int) -> Measured:
    """Let 50 clients do *work* over and over, and read what it cost the server."""
    lines = [Line(address, key) for _ in range(CALLS)]
    for line in lines[:8]:
        work(line)
        line.times.clear()
    before, began = _cpu(process), time.perf_counter()
    threads = [threading.Thread(target=_over_and_over, args=(work, line, rounds)) for line in lines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds, spent = time.perf_counter() - began, _cpu(process) - before
    times = sorted(taken * 1000 for line in lines for taken in line.times)
    slow = times[int(len(times) * 0.99)]
    return Measured(len(times), seconds, spent / len(times) * 1000, statistics.median(times), slow)


def inside(folder: Path | None, place: Path, rounds: int) -> tuple[float, float]:
    """Return the CPU milliseconds of a turn that is only stepped, and of one that is stepped and recorded."""
    opened = open_bundle(folder)
    store = open_store(f"sqlite:///{place}/inside.db", KeyRing({"k1": secrets.token_bytes(32)}))
    shelf = Shelf(store)
    bundle = shelf.put(opened.bundle, opened.sources)
    facts, parties = read_facts(bundle, FACTS), Parties("a", "p", "+15125550143", ("d",))
    calls, at, words = Calls(store, shelf), datetime.now(UTC), SCENARIOS["happy_path"][0]
    flow = next(iter(bundle.flows))
    new = NewCall(parties, facts, flow, zones=("America/Chicago",))

    def recorded() -> int:
        taken = calls.answered(bundle, new, at)
        for text in words:
            if not taken.session.ended:
                taken = calls.turn(taken.session.call_id, taken.session.turn + 1, Event(EventKind.WORDS, at, text))
        return taken.session.turn

    def stepped() -> int:
        begun = start(bundle, "bench", flow, bundle.locales[0], at, facts, new.zones)
        taken = step(bundle, begun, Event(EventKind.ANSWERED, at))
        for text in words:
            if not taken.session.ended:
                taken = step(bundle, taken.session, Event(EventKind.WORDS, at, text))
        return taken.session.turn

    recorded()
    figures = _each(stepped, rounds), _each(recorded, rounds)
    store.close()
    return figures


def _each(work: Callable[[], int], rounds: int) -> float:
    began = time.process_time()
    turns = sum(work() for _ in range(rounds))
    return (time.process_time() - began) / turns * 1000


def _over_and_over(work: Callable[[Line], None], line: Line, rounds: int) -> None:
    for _ in range(rounds):
        work(line)


def _read_all(stream: IO[str]) -> None:
    for _ in stream:
        pass


def _cpu(process: int) -> float:
    """Return the CPU seconds that a server's processes have spent."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    fields = [Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split() for one in (str(process), *children)]
    return sum(int(one[11]) + int(one[12]) for one in fields) / TICK


@contextmanager
def served(command: list[str], environment: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """Run a server; give its address and its process."""
    running = subprocess.Popen(
        command, env={**os.environ, **environment}, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    assert running.stderr is not None
    try:
        address = ""
        for line in running.stderr:
            found = re.search(r"Listening at: http://([0-9.:]+)", line)
            if found:
                address = found[1]
                break
        threading.Thread(target=_read_all, args=(running.stderr,), daemon=True).start()
        _wait(address)
        yield address, running.pid
    finally:
        running.terminate()
        running.wait(60)


def _wait(address: str) -> None:
    host, _, port = address.partition(":")
    for _ in range(1200):
        line = http.client.HTTPConnection(host, int(port), timeout=5)
        try:
            line.request("GET", "/readyz")
            if line.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            line.close()
        time.sleep(0.1)
    raise click.ClickException("the server did not become ready")


def bare_command(folder: Path) -> list[str]:
    """Return the command that serves the bare server."""
    database = str(folder / "bare.db")
    with sqlite3.connect(database) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE turns (id INTEGER PRIMARY KEY, call TEXT, turn INTEGER, text TEXT)")
    application = f"server.bare:bare({database!r})"
    served_by = ["-m", "gunicorn", "-k", "gthread", "--workers", str(WORKERS), "--threads", str(THREADS)]
    return [sys.executable, *served_by, "--bind", "127.0.0.1:0", "--no-control-socket", application]


@click.command()
@click.option("--rounds", type=click.IntRange(1), default=5, help="Calls that each of 50 clients conducts. Default: 5.")
@bundle_option
@format_option
def main(rounds: int, folder: Path | None, style: str) -> None:
    """Time turns over HTTP, beside a bare server."""
    key = secrets.token_bytes(32)
    with tempfile.TemporaryDirectory(prefix="callwright-bench-") as place:
        url = f"sqlite:///{place}/store.db"
        store = open_store(url, KeyRing({"k1": key}))
        made = store.api_keys.create("bench", ["calls:write"])
        store.close()
        environment = {"CALLWRIGHT_KEY": "k1:" + base64.b64encode(key).decode(), "CALLWRIGHT_DATABASE": url}
        command = [sys.executable, "-m", "tools.main", "serve", "--port", "0", "--workers", str(WORKERS)]
        command += ["--threads", str(THREADS), "--rate", "1000000", "--drain", "0"]
        command += ["--bundle", str(folder)] if folder else []
        with served(command, environment) as (address, process):
            plain = measure(address, made, process, lambda line: conduct(line, False), rounds)
            keyed = measure(address, made, process, lambda line: conduct(line, True), rounds)
        with served(bare_command(Path(place)), {}) as (address, process):
            beside = measure(address, "", process, post_bare, rounds)
        stepped, recorded = inside(folder, Path(place), rounds * 10)
    rows = {"turn": plain, "turn, idempotency key": keyed, "bare POST, one row": beside}
    if style == "json":
        figures = {name: {**_row(one), "ratio": one.cpu / beside.cpu} for name, one in rows.items()}
        echo_json({**figures, "inside": {"step_ms": stepped, "step_and_record_ms": recorded}})
        return
    click.echo(f"{'over HTTP, 50 at once':<24}{'a second':>9}{'CPU ms':>8}{'ratio':>7}{'p50 ms':>8}{'p99 ms':>8}")
    for name, one in rows.items():
        ratio = one.cpu / beside.cpu
        click.echo(f"{name:<24}{one.rate:>9.0f}{one.cpu:>8.2f}{ratio:>7.2f}{one.median:>8.1f}{one.slow:>8.1f}")
    click.echo(f"without a server, CPU ms: step {stepped:.2f}, record {recorded - stepped:.2f}")


def _row(one: Measured) -> dict[str, float]:
    return {"a_second": one.rate, "cpu_ms": one.cpu, "p50_ms": one.median, "p99_ms": one.slow}


if __name__ == "__main__":
    main()
