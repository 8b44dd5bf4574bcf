"""Who is let in: every operation of the document, so that a new one cannot be forgotten."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from server.auth import SCOPES
from tests.server.running import Running

#: What anybody may ask.
OPEN = {("get", "/livez"), ("get", "/readyz")}
GIVEN = {
    "call_id": "0198f1c0-0000-7000-8000-000000000001",
    "job_id": "0198f1c0-0000-7000-8000-000000000001",
    "account_ref": "account-1",
    "decision_id": "1",
    "digest": "0" * 64,
}


def operations(server: Running) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield every operation of the served document: method, path with something in it, what is said of it."""
    document = httpx.get(f"{server.base_url}/openapi.json").json()
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in ("get", "post", "put", "patch", "delete"):
                yield method, re.sub(r"{(\w+)}", lambda found: GIVEN[found[1]], path), operation


def asked(server: Running, method: str, path: str, authorization: str | None) -> httpx.Response:
    """Send a request with *authorization* for its key."""
    headers = {} if authorization is None else {"Authorization": authorization}
    body: dict[str, Any] = {"json": {}} if method == "post" else {}
    return httpx.request(method, server.base_url + path, headers=headers, **body)


@pytest.fixture(scope="module")
def keys(on_sqlite: Running) -> dict[str, str | None]:
    """Give what a request may bring in place of a key."""
    whole = on_sqlite.key()
    revoked = on_sqlite.key()
    on_sqlite.store.api_keys.revoke(revoked.partition(".")[0])
    return {
        "nothing": None,
        "an empty key": "Bearer",
        "no key": "Bearer nothing",
        "another's secret": f"Bearer {whole.partition('.')[0]}.{on_sqlite.key().partition('.')[2]}",
        "half a secret": f"Bearer {whole[:-5]}",
        "a key and more": f"Bearer {whole}x",
        "another scheme": f"Basic {whole}",
        "an expired key": f"Bearer {on_sqlite.key(lasts=timedelta(seconds=-1))}",
        "a revoked key": f"Bearer {revoked}",
    }


def test_every_operation_is_refused_without_a_valid_key(on_sqlite: Running, keys: dict[str, str | None]) -> None:
    walked = set()
    for method, path, operation in operations(on_sqlite):
        walked.add(operation["operationId"])
        for what, authorization in keys.items():
            answer = asked(on_sqlite, method, path, authorization)
            if (method, path) in OPEN:
                assert answer.status_code == 200
                assert operation["security"] == []
                continue
            assert answer.status_code == 401, f"{method} {path} with {what}"
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert answer.json()["type"] == "urn:callwright:no-valid-key"
            assert operation["security"] == [{"key": []}]
    assert len(walked) >= 25


def test_every_operation_is_refused_to_a_key_of_every_other_scope(on_sqlite: Running) -> None:
    for method, path, operation in operations(on_sqlite):
        if (method, path) in OPEN:
            continue
        scope = operation["x-scope"]
        others = on_sqlite.key(*(one for one in SCOPES if one != scope))
        answer = asked(on_sqlite, method, path, f"Bearer {others}")
        assert answer.status_code == 403, f"{method} {path}"
        assert answer.json()["type"] == "urn:callwright:scope-missing"
        own = asked(on_sqlite, method, path, f"Bearer {on_sqlite.key(scope)}")
        assert own.status_code not in (401, 403), f"{method} {path}"


def test_a_key_is_useless_as_soon_as_it_is_revoked(on_sqlite: Running) -> None:
    key = on_sqlite.key()
    with on_sqlite.http(key) as http:
        assert http.get("/jobs").status_code == 200
        on_sqlite.store.api_keys.revoke(key.partition(".")[0])
        assert http.get("/jobs").status_code == 401


def test_nothing_of_a_key_but_its_name_is_kept(on_sqlite: Running) -> None:
    key = on_sqlite.key()
    with on_sqlite.store.database.reading() as db:
        rows = db.exec_driver_sql("SELECT * FROM api_keys").all()
    assert key.partition(".")[2] not in repr(rows)


def test_who_comes_too_often_is_told_when_to_come_again(new_server: Any) -> None:
    """Whichever of the processes answers, they count together."""
    running = new_server().start("--workers", "3", "--rate", "5")
    key = f"Bearer {running.key()}"
    began = time.monotonic()
    answers = [asked(running, "get", "/jobs", key) for _ in range(30)]
    back = 5 * (time.monotonic() - began)
    taken = [one for one in answers if one.status_code == 200]
    refused = [one for one in answers if one.status_code == 429]
    assert 10 <= len(taken) <= min(29, 11 + back)
    assert all(int(one.headers["Retry-After"]) >= 1 for one in refused)
    assert refused[0].json()["type"] == "urn:callwright:too-many-requests"
    assert asked(running, "get", "/jobs", f"Bearer {running.key()}").status_code == 200


def test_who_tries_many_keys_must_wait(new_server: Any) -> None:
    running = new_server().start("--workers", "3", "--strangers", "3")
    answers = [asked(running, "get", "/jobs", f"Bearer {n:08x}.guess") for n in range(20)]
    assert {one.status_code for one in answers} == {401, 429}
    waiting = [one for one in answers if one.status_code == 429]
    assert all(int(one.headers["Retry-After"]) >= 1 for one in waiting)


def test_web_pages_are_not_let_in_unless_they_are_named(new_server: Any, on_sqlite: Running) -> None:
    page = {"Origin": "https://console.example"}
    with on_sqlite.http() as http:
        assert "Access-Control-Allow-Origin" not in http.get("/jobs", headers=page).headers
    running = new_server().start("--workers", "1", "--cors-origin", "https://console.example")
    with running.http() as http:
        assert http.get("/jobs", headers=page).headers["Access-Control-Allow-Origin"] == "https://console.example"
        other = http.get("/jobs", headers={"Origin": "https://console.example.evil"})
        assert "Access-Control-Allow-Origin" not in other.headers
        assert http.options("/jobs", headers=page).status_code == 200
