"""The host is told: signed, at least once, and of nothing twice that it has taken."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from engine.records.store import Store, open_store
from server.webhooks import WAITS, BadWebhook, Webhooks, check_address
from tests.engine.kept import KEYS
from tests.server.running import ANSWERED, AT, FACTS, Running, people

SECRET, OLD = "whsec_" + "QUJD" * 8, "whsec_" + "REVG" * 8
URL = "http://127.0.0.1:9/hook"


class Host:
    """A host that answers as it is told to."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.got: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.got.append(request)
        status = self.statuses.pop(0) if self.statuses else 204
        if status == 0:
            raise httpx.ConnectError("nobody there")
        return httpx.Response(status)


@pytest.fixture
def store(new_url: Callable[[str], str]) -> Iterator[Store]:
    """Give an empty store."""
    opened = open_store(new_url("sqlite"), KEYS)
    yield opened
    opened.close()


def hooks(store: Store, host: Host) -> Webhooks:
    """Give what delivers to *host*."""
    client = httpx.Client(transport=httpx.MockTransport(host))
    return Webhooks(store.outbox, URL, (SECRET, OLD), client)


def add(store: Store) -> str:
    """Write a message; return its id."""
    with store.database.writing() as db:
        return store.outbox.add_in(db, "call.ended", "call-1", {"disposition": "refused"})


@pytest.mark.parametrize("secret", [SECRET, OLD])
def test_a_message_is_signed_with_every_secret(store: Store, secret: str) -> None:
    ident, host = add(store), Host()
    assert hooks(store, host).deliver() == 1
    [request] = host.got
    assert request.headers["webhook-id"] == ident
    data = Webhook(secret).verify(request.content, dict(request.headers))
    assert data == {"type": "call.ended", "subject": "call-1", "data": {"disposition": "refused"}}
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(request.content + b" ", dict(request.headers))


def test_what_was_taken_is_not_told_again(store: Store) -> None:
    add(store)
    host = Host(200)
    hooks(store, host).deliver()
    store.database.ahead = timedelta(days=9)
    assert hooks(store, host).deliver() == 0
    assert len(host.got) == 1


@pytest.mark.parametrize("status", [500, 404, 302, 0])
def test_what_was_not_taken_comes_again_under_the_same_id(store: Store, status: int) -> None:
    ident, host = add(store), Host(status)
    delivery = hooks(store, host)
    assert delivery.deliver() == 1
    assert delivery.deliver() == 0
    store.database.ahead = timedelta(seconds=WAITS[0] * 1.3)
    assert delivery.deliver() == 1
    assert [one.headers["webhook-id"] for one in host.got] == [ident, ident]


def test_a_host_that_wants_no_more_is_told_no_more(store: Store) -> None:
    add(store)
    host = Host(410)
    hooks(store, host).deliver()
    store.database.ahead = timedelta(days=30)
    assert hooks(store, host).deliver() == 0


def test_a_message_is_given_up_after_days(store: Store) -> None:
    add(store)
    host = Host(*[503] * 50)
    delivery = hooks(store, host)
    for _ in range(20):
        delivery.deliver()
        store.database.ahead += timedelta(days=2)
    assert len(host.got) == len(WAITS) + 1


@pytest.mark.parametrize(
    "url", ["http://example.com/hook", "ftp://example.com", "https://", "example.com", "https://me:secret@example.com"]
)
def test_messages_go_nowhere_in_the_clear(url: str) -> None:
    with pytest.raises(BadWebhook):
        check_address(url)


def test_a_message_is_never_sent_unsigned(store: Store) -> None:
    with pytest.raises(BadWebhook, match="signed"):
        Webhooks(store.outbox, URL, ())


class _Receiver(BaseHTTPRequestHandler):
    got: list[tuple[dict[str, str], bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.got.append((dict(self.headers), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Write nothing."""


def test_a_server_tells_of_the_end_of_a_call(new_server: Callable[..., Running]) -> None:
    got: list[tuple[dict[str, str], bytes]] = []
    came = threading.Event()

    class Receiver(_Receiver):
        def do_POST(self) -> None:
            super().do_POST()
            came.set()

    Receiver.got = got
    host = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=host.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{host.server_port}/hook"
        running = new_server().start("--workers", "2", "--webhook", url, CALLWRIGHT_WEBHOOK_SECRET=SECRET)
        with running.client() as client:
            said = client.begin(people(), FACTS, event=ANSWERED)
            said = client.turn(said.call, 2, {"kind": "hung_up", "time": AT})
        assert came.wait(20)
    finally:
        host.shutdown()
        host.server_close()
    headers, body = got[0]
    assert Webhook(SECRET).verify(body, headers)["subject"] == said.call
    ended = [json.loads(body) for _, body in got if json.loads(body)["type"] == "call.ended"]
    assert [one["data"]["disposition"] for one in ended] == [said.disposition]
