"""Real servers to test against: processes of ``callwright serve``, and everything a client of one needs."""

import base64
import os
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from engine.outbound.client import ApiClient
from engine.records.parties import Parties
from engine.records.store import Store, open_store
from server.auth import SCOPES
from tests.engine.kept import KEYS

ROOT = Path(__file__).resolve().parents[2]
SMALL = ROOT / "tests" / "data" / "small"
#: The key ring of the tests, as the environment gives it.
KEY = "test:" + base64.b64encode(bytes(range(32))).decode()
FACTS: dict[str, Any] = {
    "party.first_name": "Alex",
    "party.zip": "78701",
    "party.dob": "1985-05-03",
    "account.balance": 24000,
    "account.places": ["US"],
}
AT = "2026-03-10T19:00:00Z"
ANSWERED = {"kind": "answered", "time": AT}


def people(number: int = 1) -> Parties:
    """Give the parties of the n-th person."""
    return Parties(f"account-{number}", f"person-{number}", f"+1512555{number % 10000:04d}", (f"debt-{number}",))


@dataclass
class Running:
    """A server process."""

    database: str
    store: Store = field(init=False)
    process: subprocess.Popen[str] = field(init=False)
    base_url: str = ""
    lines: list[str] = field(default_factory=list)
    options: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.store = open_store(self.database, KEYS)

    def start(self, *options: str, bundle: Path | None = SMALL, ready: bool = True, **environment: str) -> "Running":
        """Start the process, and wait until it is ready."""
        chosen = ["--workers", "2", "--threads", "8", "--drain", "0"]
        chosen += ["--rate", "1000000", "--strangers", "1000000"]
        chosen += ["--bundle", str(bundle)] if bundle else []
        command = [sys.executable, "-m", "tools.main", "serve", "--port", "0", *chosen, *options]
        environment = {**os.environ, "CALLWRIGHT_KEY": KEY, "CALLWRIGHT_DATABASE": self.database, **environment}
        self.lines = []
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        threading.Thread(target=self._read, daemon=True).start()
        self.base_url = self._listening()
        if ready:
            self.wait_until_ready()
        return self

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line)

    def _listening(self) -> str:
        until = time.monotonic() + 30
        while time.monotonic() < until and self.process.poll() is None:
            found = re.search(r"Listening at: (http://[0-9.:]+)", "".join(self.lines))
            if found:
                return found[1]
            time.sleep(0.02)
        raise AssertionError("the server did not start: " + "".join(self.lines)[-2000:])

    def wait_until_ready(self) -> None:
        """Return when the server says that it is ready."""
        until = time.monotonic() + 120
        while time.monotonic() < until:
            try:
                if httpx.get(f"{self.base_url}/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise AssertionError("the server did not become ready: " + "".join(self.lines)[-2000:])

    def key(self, *scopes: str, lasts: timedelta | None = timedelta(hours=1)) -> str:
        """Make a key; without scopes one that may do everything."""
        return self.store.api_keys.create("test", scopes or SCOPES, lasts=lasts)

    def client(self, key: str = "") -> ApiClient:
        """Give a client of the server."""
        return ApiClient(self.base_url, key or self.key())

    def http(self, key: str = "", **given: Any) -> httpx.Client:
        """Give a bare client of the server."""
        headers = {"Authorization": f"Bearer {key or self.key()}"}
        return httpx.Client(base_url=self.base_url, headers=headers, timeout=30, **given)

    def kill(self) -> None:
        """Kill every process of the server at once."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for one in (self.process.pid, *map(int, children)):
            os.kill(one, signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> int:
        """Stop the server as an operator does, and return its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(20)

    def close(self) -> None:
        """End the server, if it still runs, and close the store."""
        if hasattr(self, "process") and self.process.poll() is None:
            self.kill()
        self.store.close()
