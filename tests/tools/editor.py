"""An editor, as far as a language server can tell: messages in and out of a child process."""

import json
import subprocess
import sys
import time
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any


class Editor:
    """One session with ``callwright lsp``, or with the server that *command* starts. Close it."""

    def __init__(self, folder: Path, command: list[str] | None = None) -> None:
        self.folder = folder
        self._process = subprocess.Popen(
            command or [sys.executable, "-m", "tools.main", "lsp", "--bundle", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(__file__).resolve().parents[2],
        )
        self._heard: Queue[dict[str, Any]] = Queue()
        self._kept: list[dict[str, Any]] = []
        self._number = 0
        Thread(target=self._listen, daemon=True).start()
        self.ask("initialize", processId=None, rootUri=None, capabilities={})
        self.tell("initialized")

    def _listen(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while line := stream.readline():
            length = 0
            while line.strip():
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
                line = stream.readline()
            self._heard.put(json.loads(stream.read(length)))

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        stream = self._process.stdin
        assert stream is not None
        stream.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        stream.flush()

    def tell(self, method: str, **params: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def ask(self, method: str, **params: Any) -> Any:
        """Send a request; return its result."""
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        while True:
            message = self._heard.get(timeout=60)
            if message.get("id") == self._number and "method" not in message:
                assert "error" not in message, message
                return message["result"]
            self._kept.append(message)

    def uri(self, path: str) -> str:
        """Return the address of a file of the bundle."""
        return (self.folder / path).as_uri()

    def open(self, path: str, text: str) -> list[dict[str, Any]]:
        """Open a file; return the first findings on it."""
        item = {"uri": self.uri(path), "languageId": "yaml", "version": 1, "text": text}
        self.tell("textDocument/didOpen", textDocument=item)
        return self.findings(path)

    def change(self, path: str, text: str, version: int) -> tuple[list[dict[str, Any]], float]:
        """Change a whole file; return the next findings on it, and the seconds they took."""
        self._drop(path)
        begun = time.perf_counter()
        self.tell(
            "textDocument/didChange", textDocument={"uri": self.uri(path), "version": version},
            contentChanges=[{"text": text}],
        )  # fmt: skip
        return self.findings(path), time.perf_counter() - begun

    def findings(self, path: str, timeout: float = 60) -> list[dict[str, Any]]:
        """Return the next findings on one file."""
        for message in self._kept:
            if self._about(message, path):
                self._kept.remove(message)
                return list(message["params"]["diagnostics"])
        end = time.monotonic() + timeout
        while True:
            message = self._heard.get(timeout=max(0.01, end - time.monotonic()))
            if self._about(message, path):
                return list(message["params"]["diagnostics"])
            self._kept.append(message)

    def _about(self, message: dict[str, Any], path: str) -> bool:
        return (
            message.get("method") == "textDocument/publishDiagnostics"
            and message["params"]["uri"] == self.uri(path)
        )  # fmt: skip

    def _drop(self, path: str) -> None:
        """Forget findings on one file that came unasked."""
        try:
            while True:
                self._kept.append(self._heard.get_nowait())
        except Empty:
            self._kept = [message for message in self._kept if not self._about(message, path)]

    def close(self) -> None:
        """End the session."""
        self.ask("shutdown")
        self.tell("exit")
        self._process.wait(timeout=20)
