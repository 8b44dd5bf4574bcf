"""Hostile requests: every one is refused with a problem document, none disturbs the server."""

import json
import re
import socket
import time
from typing import Any

import pytest

from tests.server.running import ANSWERED, FACTS, Running, people

TYPE = "application/problem+json"
GOOD: dict[str, Any] = {
    "parties": {**people(3).to_json(), "debts": ["debt-3"]},
    "facts": FACTS,
    "turn_event": ANSWERED,
}
TURN: dict[str, Any] = {
    "call_id": "0198f1c0-0000-7000-8000-000000000001",
    "expected_turn": 2,
    "turn_event": {"kind": "words", "text": "yes"},
}


def start(**changed: Any) -> bytes:
    """Give the body of a good start, changed."""
    return json.dumps({**GOOD, **changed}).encode()


def turn(**changed: Any) -> bytes:
    """Give the body of a good turn, changed."""
    return json.dumps({**TURN, **changed}).encode()


def event(**changed: Any) -> bytes:
    """Give the body of a turn whose event is changed."""
    return turn(turn_event={**TURN["turn_event"], **changed})


BODIES = {
    "nothing": ("/call/start", b"", 400),
    "no JSON": ("/call/start", b"parties=1", 400),
    "cut off": ("/call/start", start()[:-5], 400),
    "two values": ("/call/start", start() + b"{}", 400),
    "not UTF-8": ("/call/start", b'{"campaign": "\xff"}', 400),
    "UTF-16": ("/call/start", json.dumps(GOOD).encode("utf-16"), 400),
    "a byte order mark": ("/call/start", b"\xef\xbb\xbf" + start(), 400),
    "100,000 brackets": ("/decide", b"[" * 60_000, 400),
    "100,000 braces": ("/decide", b'{"a":' * 12_000, 400),
    "33 levels": ("/decide", b"[" * 33 + b"]" * 33, 400),
    "a number of 5,000 digits": ("/call/turn", turn().replace(b"2,", b"9" * 5000 + b",", 1), 400),
    "a number past 64 bits": ("/call/turn", turn(expected_turn=2**63), 400),
    "a huge exponent": ("/call/turn", turn().replace(b": 2,", b": 1e400,", 1), 400),
    "a long fraction": ("/call/turn", turn().replace(b": 2,", b": 1." + b"0" * 5000 + b",", 1), 400),
    "NaN": ("/call/turn", event().replace(b'"yes"', b'"yes", "played": NaN'), 400),
    "Infinity": ("/call/turn", event().replace(b'"yes"', b'"yes", "played": Infinity'), 400),
    "a name given twice": (
        "/call/turn",
        turn().replace(b'"expected_turn"', b'"expected_turn": 3, "expected_turn"'),
        400,
    ),
    "a name given twice within": ("/call/turn", event().replace(b'"yes"', b'"yes", "text": "no"'), 400),
    "NUL escaped": ("/call/turn", event(text="yes\x00"), 400),
    "NUL raw": ("/call/turn", event().replace(b"yes", b"y\x00s"), 400),
    "half a surrogate pair": ("/call/turn", event().replace(b"yes", b"\\ud800"), 400),
    "half a pair in a name": ("/call/start", start().replace(b'"account.balance"', b'"\\udfff"'), 400),
    "1.9 for a turn": ("/call/turn", turn(expected_turn=1.9), 422),
    "text for a turn": ("/call/turn", turn(expected_turn="2"), 422),
    "true for a turn": ("/call/turn", turn(expected_turn=True), 422),
    "null for a turn": ("/call/turn", turn(expected_turn=None), 422),
    "a negative turn": ("/call/turn", turn(expected_turn=-1), 422),
    "a list for a body": ("/call/start", b"[]", 422),
    "a text for a body": ("/call/start", b'"parties"', 422),
    "an unknown name": ("/call/start", start(admin=True), 422),
    "a number for a text": ("/call/turn", event(text=7), 422),
    "a list for a text": ("/call/turn", event(text=["yes"]), 422),
    "a mapping for a list": ("/call/start", start(zones={"America/Chicago": 1}), 422),
    "text for a list": ("/call/start", start(zones="America/Chicago"), 422),
    "a time without its offset": ("/call/turn", event(time="2026-03-10T14:00:00"), 422),
    "the 30th of February": ("/call/turn", event(time="2026-02-30T14:00:00Z"), 422),
    "a line break after a time": ("/call/turn", event(time="2026-03-10T14:00:00Z\n"), 422),
    "a line break after keys": ("/call/turn", event(kind="dtmf", digits="12\n"), 422),
    "a line break after an id": ("/call/turn", turn(call_id=TURN["call_id"] + "\n"), 422),
    "a line break after a number": (
        "/call/start",
        start(parties={**GOOD["parties"], "number": "+15125550143\n"}),
        422,
    ),
    "a control character": ("/call/start", start(campaign="a\u0007"), 422),
    "an unknown kind": ("/call/turn", event(kind="shouting"), 422),
    "more than all": ("/call/turn", event(played=1.5), 422),
    "yes for true": (
        "/jobs/0198f1c0-0000-7000-8000-000000000001/failure",
        json.dumps({"token": "0" * 32, "reason": "busy", "again": "yes"}).encode(),
        422,
    ),
    "a fact too large": ("/decide", json.dumps({"facts": {"account.balance": 2**60}}).encode(), 422),
    "a fact of facts": ("/decide", json.dumps({"facts": {"account": {"balance": 1}}}).encode(), 422),
    "a path out of the bundle": ("/bundles", json.dumps({"files": {"../../etc/passwd": ""}}).encode(), 422),
    "a body one byte too large": ("/call/start", start().ljust(64 * 1024 + 1), 413),
    "a batch too large": ("/jobs/enqueue", b" " * (1024 * 1024 + 1), 413),
}


@pytest.mark.parametrize(("path", "body", "status"), BODIES.values(), ids=BODIES)
def test_a_hostile_body_is_refused(on_sqlite: Running, path: str, body: bytes, status: int) -> None:
    with on_sqlite.http() as http:
        answer = http.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    assert_problem(answer)


def assert_problem(answer: Any) -> None:
    """Hold an answer to what every problem document must be."""
    document = answer.json()
    assert answer.headers["Content-Type"] == TYPE
    assert document["status"] == answer.status_code
    assert document["type"].startswith("urn:callwright:")
    assert document["instance"] == f"urn:request:{answer.headers['X-Request-Id']}"
    assert "Traceback" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_body_whose_length_is_not_said_is_held_to_the_limit_too(on_sqlite: Running) -> None:
    with on_sqlite.http() as http:
        parts = (b" " * 1024 for _ in range(70))
        answer = http.post("/call/start", content=parts, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert_problem(answer)


def test_a_body_of_just_the_size_is_read(on_sqlite: Running) -> None:
    with on_sqlite.http() as http:
        headers = {"Content-Type": "application/json"}
        assert http.post("/call/start", content=start().ljust(64 * 1024), headers=headers).status_code == 201


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "application/jsonp"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
    ids=lambda given: " ".join(given.values()),
)
def test_what_is_not_said_to_be_json_is_not_read(on_sqlite: Running, headers: dict[str, str]) -> None:
    with on_sqlite.http() as http:
        answer = http.post("/call/start", content=start(), headers=headers)
    assert answer.status_code == 415
    assert_problem(answer)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing/here", 404),
        ("GET", "/call/not-an-id", 404),
        ("GET", "/jobs/0198f1c0-0000-7000-8000-000000000001%0A", 404),
        ("GET", "/decisions/99999999999999999999999999", 404),
        ("GET", "/decisions/0", 404),
        ("GET", "/decisions/999999999", 404),
        ("GET", "/bundles/" + "0" * 64, 404),
        ("GET", "/bundles/" + "0" * 64 + "%0A", 404),
        ("GET", "/attempts/%00", 404),
        ("GET", "/call/start/", 404),
        ("GET", "//jobs", 404),
        ("DELETE", "/jobs", 405),
        ("GET", "/call/start", 405),
        ("TRACE", "/livez", 405),
        ("GET", "/jobs?limit=1&limit=2", 422),
        ("GET", "/jobs?limit=0", 422),
        ("GET", "/jobs?limit=01", 422),
        ("GET", "/jobs?limit=1.0", 422),
        ("GET", "/jobs?limit=5%0A", 422),
        ("GET", "/jobs?before=%00", 400),
        ("GET", "/jobs?before=zzz", 422),
        ("GET", "/jobs?admin=1", 422),
        ("GET", "/jobs?state=sleeping", 422),
        ("GET", "/metrics/summary?since=yesterday", 422),
        ("GET", "/jobs?campaign=" + "a" * 3000, 422),
        ("GET", "/jobs?" + "&".join(f"n{n}=1" for n in range(500)), 422),
        ("GET", "/call/" + "a" * 3000, 404),
        ("GET", "/attempts/" + "a" * 201, 404),
        ("GET", "/attempts/" + "%F0%9F%92%A9" * 201, 404),
        ("GET", "/attempts/..%2f..%2fetc%2fpasswd", 404),
        ("GET", "/docs/..%2f..%2f..%2fetc%2fpasswd", 404),
        ("GET", "/docs/%2e%2e/%2e%2e/etc/passwd", 404),
        ("GET", "/bundles/../../etc/passwd", 404),
        ("GET", "/call/%ff%fe", 404),
        ("GET", "/jobs?state=%ff", 422),
        ("PUT", "/call/start", 405),
        ("PATCH", "/call/turn", 405),
        ("POST", "/livez", 405),
        ("PROPFIND", "/jobs", 405),
    ],
)
def test_a_hostile_address_is_refused(on_sqlite: Running, method: str, path: str, status: int) -> None:
    with on_sqlite.http() as http:
        answer = http.request(method, path)
    assert answer.status_code == status, answer.text
    assert_problem(answer)
    if status == 405:
        assert answer.headers["Allow"]


@pytest.mark.parametrize("path", ["/jobs", "/livez", "/openapi.json", "/docs"])
def test_a_head_is_a_get_without_its_body(on_sqlite: Running, path: str) -> None:
    with on_sqlite.http() as http:
        got, head = http.get(path), http.head(path)
    assert head.status_code == got.status_code == 200
    assert head.content == b""
    assert head.headers["Content-Type"] == got.headers["Content-Type"]


@pytest.mark.parametrize("path", ["/call/start", "/jobs", "/livez"])
def test_options_say_what_is_allowed_and_nothing_else(on_sqlite: Running, path: str) -> None:
    with on_sqlite.http() as http:
        answer = http.options(path)
    assert answer.status_code == 200
    assert "OPTIONS" in answer.headers["Allow"]
    assert answer.content == b""


@pytest.mark.parametrize("given", ["<script>alert(1)</script>", "a" * 65, "a b", "a\tSet-Cookie: b=c", "é"])
def test_a_request_id_that_is_none_is_not_repeated(on_sqlite: Running, given: str) -> None:
    with on_sqlite.http() as http:
        answer = http.get("/nothing", headers={b"X-Request-Id": given.encode("latin-1")})
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-Id"])
    assert given not in str(answer.headers) + answer.text
    assert_problem(answer)


def test_a_body_in_parts_is_read_whole(on_sqlite: Running) -> None:
    body = start()
    with on_sqlite.http() as http:
        parts = (body[at : at + 7] for at in range(0, len(body), 7))
        answer = http.post("/call/start", content=parts, headers={"Content-Type": "application/json"})
    assert answer.status_code == 201


@pytest.mark.parametrize("key", ["", "a b", "x" * 101, "é", "a/b"])
def test_an_idempotency_key_that_is_none_is_refused(on_sqlite: Running, key: str) -> None:
    with on_sqlite.http() as http:
        answer = http.post("/call/start", json=GOOD, headers={b"Idempotency-Key": key.encode("latin-1")})
    assert answer.status_code == 400
    assert_problem(answer)


def raw(server: Running, data: bytes, wait: float = 10.0) -> bytes:
    """Send bytes as they are, and return what comes back."""
    host, _, port = server.base_url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=wait) as line:
        line.sendall(data)
        line.shutdown(socket.SHUT_WR)
        found = b""
        while part := line.recv(65536):
            found += part
    return found


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"hello\r\n\r\n", b"400"),
        (b"GET / HTTP/9.9\r\n\r\n", b"400"),
        (b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"414"),
        (b"GET /livez HTTP/1.1\r\nHost: x\r\n" + b"X: " + b"a" * 9000 + b"\r\n\r\n", b"431"),
        (b"GET /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"400"),
        (b"POST /call/start HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", b"400"),
        (b"POST /call/start HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}", b"400"),
        (b"POST /call/start HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", b"400"),
        (b"POST /call/start HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: foo\r\n\r\n", b"501"),
        (b"GET /livez HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(60)) + b"\r\n", b"431"),
        (b"GET /livez HTTP/1.1\r\nHost: x\r\nX Y: 1\r\n\r\n", b"400"),
        (b"GET /livez HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n", b"400"),
        (b"G\x00T / HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
    ],
)
def test_what_is_no_http_is_refused(on_sqlite: Running, data: bytes, status: bytes) -> None:
    answer = raw(on_sqlite, data)
    assert answer.split(b" ")[1] == status
    assert TYPE.encode() in answer


def test_a_body_that_comes_slowly_holds_nobody_up(on_sqlite: Running) -> None:
    host, _, port = on_sqlite.base_url.removeprefix("http://").partition(":")
    lines = [socket.create_connection((host, int(port)), timeout=5) for _ in range(20)]
    try:
        for line in lines:
            line.sendall(b"POST /call/start HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
        began = time.monotonic()
        with on_sqlite.http() as http:
            assert http.get("/livez").status_code == 200
        assert time.monotonic() - began < 20
    finally:
        for line in lines:
            line.close()


def test_every_error_is_quick(on_sqlite: Running) -> None:
    with on_sqlite.http() as http:
        times = []
        for path, body, _ in BODIES.values():
            began = time.perf_counter()
            http.post(path, content=body, headers={"Content-Type": "application/json"})
            times.append(time.perf_counter() - began)
    assert sorted(times)[len(times) // 2] < 0.05
