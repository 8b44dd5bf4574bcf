"""The serving processes: gunicorn with threads, stopped gracefully.

On SIGTERM ``/readyz`` says no first, so that a balancer sends nobody new; then no connection is taken any
more, and what is under way is finished.
"""

import gc
import mmap
import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

from flask import Flask, json
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker
from prometheus_client.multiprocess import mark_process_dead

from engine.records.store import open_store
from server.app import create_app
from server.desk import Desk
from server.errors import TYPE
from server.limits import Limits
from server.logs import fault, set_up, told
from server.settings import Settings
from server.webhooks import Webhooks


@dataclass(frozen=True, slots=True)
class Serving:
    """How to serve.

    Args:
        database: URL of the store.
        host: Address to listen at.
        port: Port to listen at; 0 takes a free one, which the log names.
        workers: Processes.
        threads: Requests a process works on at once.
        drain: Seconds for which a server that is being stopped still takes requests while it says it is not ready.
        grace: Seconds for which requests under way may go on after that.
        webhook: Where the host is told of ends of calls and dead letters, or ''.
        secrets: What the webhook's messages are signed with, the newest first.
        settings: What the server allows.
    """

    database: str
    host: str = "127.0.0.1"
    port: int = 8080
    workers: int = 2
    threads: int = 8
    drain: float = 2.0
    grace: float = 30.0
    webhook: str = ""
    secrets: tuple[str, ...] = ()
    settings: Settings = field(default_factory=Settings)


class Server(BaseApplication):
    """The gunicorn application."""

    def __init__(self, serving: Serving) -> None:
        self.serving = serving
        self.drained = mmap.mmap(-1, 1)  # shared with every process forked later, as the limits are
        self.limits = Limits.of(serving.settings)
        self._stop = Event()
        self._desk: Desk | None = None
        super().__init__()

    def load_config(self) -> None:
        """Tell gunicorn how to serve."""
        given = self.serving
        chosen: dict[str, Any] = {
            "bind": f"{given.host}:{given.port}",
            "workers": given.workers,
            "threads": given.threads,
            "worker_class": ProblemWorker,
            "logger_class": PlainLogger,
            "graceful_timeout": max(1, round(given.grace)),
            "timeout": 60,
            "keepalive": 15,
            "limit_request_line": 4096,
            "limit_request_fields": 50,
            "limit_request_field_size": 8190,
            "control_socket_disable": True,
            "worker_exit": lambda _arbiter, _worker: self.close(),
            "child_exit": _left,
            "worker_tmp_dir": "/dev/shm" if os.path.isdir("/dev/shm") else None,
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Open the store in this process, and return its application."""
        given = self.serving
        store = open_store(given.database)
        desk = Desk(store, given.settings, lambda: self.drained[0] == 1, self.limits, _settle)
        self._desk = desk
        desk.ready()
        if given.webhook:
            hooks = Webhooks(desk.store.outbox, given.webhook, given.secrets)
            self._aside(lambda: hooks.run(self._stop))
        return create_app(desk)

    def _aside(self, work: Callable[[], None]) -> None:
        Thread(target=work, daemon=True).start()

    def close(self) -> None:
        """Stop what runs aside, and close the store of this process."""
        self._stop.set()
        if self._desk is not None:
            self._desk.close()

    def run(self) -> None:
        """Serve until told to stop."""
        set_up()
        gc.freeze()  # what is here so far stays: nobody need look through it, least of all when the process ends
        GracefulArbiter(self).run()


class GracefulArbiter(Arbiter):
    """Says that it is not ready before it stops."""

    def handle_term(self) -> None:
        """Stop after a while in which every process says it is being stopped."""
        server = self.app
        told("draining")
        server.drained[0] = 1
        time.sleep(server.serving.drain)
        super().handle_term()


class ProblemWorker(ThreadWorker):
    """Answers what is not even HTTP with a problem document too."""

    def _cap_keepalive(self, deadline: float) -> None:
        """Keep no connection open on which nothing is asked longer than the drain has already lasted."""
        super()._cap_keepalive(deadline - self.app.serving.drain)

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Answer a request that could not be read."""
        status, name = _REFUSED.get(type(exc).__name__, (400, "bad-request"))
        document = {
            "type": f"urn:callwright:{name}",
            "title": name.replace("-", " "),
            "status": status,
            "detail": "the request cannot be read",
            "instance": "urn:request:",
        }
        body = json.dumps(document).encode()
        headers = ("Connection: close", f"Content-Type: {TYPE}", f"Content-Length: {len(body)}")
        head = "\r\n".join((f"HTTP/1.1 {status} {name}", *headers, "", ""))
        told("unreadable", problem=name, status=status, error=type(exc).__name__)
        try:
            client.sendall(head.encode("ascii") + body)
        except OSError as error:
            fault(error)


_REFUSED = {
    "LimitRequestLine": (414, "address-too-long"),
    "LimitRequestHeaders": (431, "headers-too-large"),
    "ExpectationFailed": (417, "expectation-failed"),
    "UnsupportedTransferCoding": (501, "transfer-coding-unknown"),
}


class PlainLogger(Logger):
    """Gunicorn's own lines, as ours are, without what a caller sent."""

    def info(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Write that something happened to a process."""
        told("server", reason=msg % args if args else msg)

    def debug(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Write nothing."""

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Write a warning without its particulars."""
        told("server warning", reason=msg.partition(" from ip=")[0])

    def error(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Write an error without its particulars."""
        told("server error", reason=msg)

    def critical(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Write an error without its particulars."""
        told("server error", reason=msg)

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Write an error without its particulars."""
        told("server error", reason=msg)


def _settle() -> None:
    """Spare the collector of garbage the bundle, which stays: it looks only at what was made since, and not so often.

    It would else go through the whole bundle again and again, for a tenth of what a turn costs.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def _left(_arbiter: Any, worker: Any) -> None:
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
