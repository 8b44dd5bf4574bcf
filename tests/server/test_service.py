"""The server about itself: live, ready, measured, documented, stopped, and silent about people."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from engine.records.database import Database
from engine.source.read import read_texts
from tests.browser import browser
from tests.server.running import ANSWERED, AT, FACTS, ROOT, SMALL, Running, people


def test_the_documentation_leads_nowhere_else(on_sqlite: Running) -> None:
    page = httpx.get(f"{on_sqlite.base_url}/docs")
    links = re.findall(r'(?:src|href)="([^"]*)"', page.text)
    assert len(links) >= 4
    assert all(link.startswith("/docs/") for link in links)
    for link in links:
        assert httpx.get(on_sqlite.base_url + link).status_code == 200
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "unsafe-inline' " not in page.headers["Content-Security-Policy"].partition("style-src")[0]
    assert "http" not in httpx.get(f"{on_sqlite.base_url}/docs/start.js").text


@pytest.fixture(scope="module")
def shipped(new_url: Callable[[str], str]) -> Iterator[Running]:
    """Give a server that runs the bundle of this repository."""
    running = Running(new_url("sqlite")).start("--workers", "1", bundle=ROOT)
    yield running
    running.close()


def test_a_place_whose_law_nobody_entered_is_warned_of(shipped: Running) -> None:
    with shipped.http() as http:
        told = {
            place: http.post("/decide", json={"facts": {"account.places": [place]}}).json()["warnings"]
            for place in ("TX", "WY")
        }
    assert any("The law of WY has not been researched" in warning for warning in told["WY"])
    assert not any("not been researched" in warning for warning in told["TX"])


def test_the_document_shows_examples_that_the_server_takes(shipped: Running) -> None:
    running = shipped
    document = httpx.get(f"{running.base_url}/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    shown = {
        (path, method): operation["requestBody"]["content"]["application/json"].get("example")
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if "requestBody" in operation
    }
    assert None not in shown.values()
    for path in ("/call/start", "/jobs/enqueue", "/jobs/lease", "/suppressions"):
        with running.http() as http:
            answer = http.post(path, json=shown[path, "post"])
        assert answer.is_success, answer.text


def test_every_answer_has_an_example_in_its_shape(on_sqlite: Running) -> None:
    document = httpx.get(f"{on_sqlite.base_url}/openapi.json").json()
    checked = 0
    for path, method, operation in _operations(document):
        content = [operation["requestBody"]["content"]] if "requestBody" in operation else []
        for response in operation["responses"].values():
            name = response.get("$ref", "").rpartition("/")[2]
            content.append((document["components"]["responses"][name] if name else response)["content"])
        for shape in (one for by_type in content for one in by_type.values()):
            assert shape.get("example"), f"{method} {path}"
            schema = {**shape["schema"], "components": document["components"]}
            errors = [error.message for error in Draft202012Validator(schema).iter_errors(shape["example"])]
            assert errors == [], f"{method} {path}"
            checked += 1
    assert checked > 200


def test_every_operation_teaches(on_sqlite: Running) -> None:
    document = httpx.get(f"{on_sqlite.base_url}/openapi.json").json()
    for path, method, operation in _operations(document):
        assert operation["summary"].endswith("."), f"{method} {path}"
        assert len(operation["description"].split()) >= 12, f"{method} {path}"
    ids = {operation["operationId"] for _, _, operation in _operations(document)}
    linked = [
        link["operationId"]
        for _, _, operation in _operations(document)
        for response in operation["responses"].values()
        for link in response.get("links", {}).values()
    ]
    assert set(linked) <= ids
    assert {"takeTurn", "showCall", "startJob", "succeedJob", "activateBundle", "explainDecision"} <= set(linked)


def _operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in ("get", "post")
    ]


def test_a_browser_shows_the_documentation_and_asks_nobody_else(on_sqlite: Running) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    with browser() as running:
        page = running.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{on_sqlite.base_url}/docs")
        page.wait_for_selector("#operations-calls-takeTurn")
        page.click("#operations-calls-takeTurn")
        page.wait_for_selector("#operations-calls-takeTurn .response-col_status")
        shown = page.inner_text("#operations-calls-takeTurn")
    assert "expected_turn" in shown
    assert "stale-turn" in shown
    assert asked
    assert [url for url in asked if not url.startswith((on_sqlite.base_url, "data:"))] == []
    assert complaints == []


def test_every_operation_says_what_it_is_for_and_what_can_go_wrong(on_sqlite: Running) -> None:
    document = httpx.get(f"{on_sqlite.base_url}/openapi.json").json()
    ids = []
    for item in document["paths"].values():
        for operation in (one for name, one in item.items() if name in ("get", "post")):
            ids.append(operation["operationId"])
            assert operation["summary"]
            assert {"400", "429", "default"} <= set(operation["responses"])
            if operation["security"]:
                assert {"401", "403"} <= set(operation["responses"])
            if "requestBody" in operation:
                assert {"413", "415", "422"} <= set(operation["responses"])
    assert len(ids) == len(set(ids))


def test_prometheus_gets_figures_of_every_process(on_sqlite: Running) -> None:
    with on_sqlite.http() as http:
        for _ in range(10):
            http.get("/jobs")
        text = http.get("/metrics").text
    counted = re.search(r'callwright_requests_total{operation="GET /jobs",status="200"} ([0-9.]+)', text)
    assert counted is not None
    assert float(counted[1]) >= 10
    assert 'callwright_jobs{state="queued"}' in text
    assert "callwright_ready 1.0" in text


def test_a_bundle_that_does_not_compile_keeps_the_server_from_being_ready(new_server: Callable[..., Running]) -> None:
    running = new_server()
    texts = {path: text for path, text in read_texts(_texts()).texts.items()}
    broken = {path: text.replace("go: ", "go: nowhere_") for path, text in texts.items()}
    running.store.bundles.publish("f" * 64, broken)
    running.start("--workers", "1", bundle=None, ready=False)
    answer = _asked_until(running, lambda one: "does not compile" in one.text)
    assert answer.status_code == 503
    assert "does not compile" in answer.json()["detail"]
    assert answer.json()["findings"]
    assert httpx.get(f"{running.base_url}/livez").status_code == 200
    with running.http() as http:
        refused = http.post("/call/start", json={"parties": {**people().to_json(), "debts": []}, "facts": {}})
    assert refused.status_code == 503
    assert refused.headers["Retry-After"]


def _texts() -> dict[Any, str]:
    return {path.relative_to(SMALL): path.read_text("utf-8") for path in SMALL.rglob("*.yaml")}


def _asked_until(running: Running, done: Callable[[httpx.Response], bool]) -> httpx.Response:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            answer = httpx.get(f"{running.base_url}/readyz")
        except httpx.TransportError:
            time.sleep(0.05)
            continue
        if done(answer):
            return answer
        time.sleep(0.05)
    raise AssertionError("that never came: " + "".join(running.lines)[-1000:])


def test_a_server_told_to_stop_says_so_first_and_finishes_what_is_under_way(
    new_server: Callable[..., Running],
) -> None:
    running = new_server().start("--workers", "2", "--drain", "1.5")
    key = running.key()
    with running.client(key) as client:
        call = client.begin(people(), FACTS, event=ANSWERED).call
        running.process.terminate()
        answer = _asked_until(running, lambda one: one.status_code == 503)
        assert answer.json()["detail"] == "the server is being stopped"
        said = client.turn(call, 2, {"kind": "silence", "time": AT})
        assert said.turn == 2
    assert running.process.wait(15) == 0


def test_requests_under_way_are_answered_when_the_server_stops(new_server: Callable[..., Running]) -> None:
    running = new_server().start("--workers", "1")
    key = running.key()
    lost: list[str] = []
    done: list[int] = []

    def talk(number: int) -> None:
        with running.http(key) as http:
            body = {"parties": {**people(number).to_json(), "debts": []}, "facts": FACTS, "turn_event": ANSWERED}
            while True:
                try:
                    done.append(http.post("/call/start", json=body).status_code)
                except httpx.ConnectError:
                    return
                except httpx.TransportError as error:
                    lost.append(repr(error))
                    return

    threads = [threading.Thread(target=talk, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    assert running.stop() == 0
    for thread in threads:
        thread.join()
    answered = len(done)
    with running.store.database.reading() as db:
        kept = db.exec_driver_sql("SELECT count(*) FROM calls").scalar_one()
    assert set(done) == {201}
    assert kept == answered, lost


def test_a_store_that_went_away_is_told_as_such_and_comes_back(new_server: Callable[..., Running]) -> None:
    """The store drops every connection: what was asked meanwhile may be asked again, and nothing was done by half."""
    running = new_server("postgresql").start("--workers", "1")
    other = Database(running.database)
    key, answers = running.key(), []
    with running.client(key) as client:
        call = client.begin(people(), FACTS, event=ANSWERED).call
    with running.http(key) as http:
        for _ in range(3):
            http.get("/jobs")
            with other.writing() as db:
                db.exec_driver_sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            answers += [http.get("/jobs") for _ in range(4)]
            answers.append(http.get(f"/call/{call}"))
    other.close()
    away = [one for one in answers if one.status_code != 200]
    assert away
    assert {one.status_code for one in away} == {503}
    assert {one.json()["type"] for one in away} == {"urn:callwright:store-away"}
    assert all(one.headers["Retry-After"] for one in away)
    assert answers[-1].json()["turn"] == 1
    assert "pg_" not in "".join(one.text for one in away)
    assert "terminat" not in "".join(one.text for one in away)


CANARIES = ("Zebulonia", "79998", "1931-07-23", "person-canary", "account-canary", "debt-canary", "5550199", "kumquat")


def test_the_log_tells_of_every_request_and_of_no_person(new_server: Callable[..., Running]) -> None:
    running = new_server().start("--workers", "1")
    key = running.key()
    facts = {**FACTS, "party.first_name": "Zebulonia", "party.zip": "79998", "party.dob": "1931-07-23"}
    parties = {"account": "account-canary", "person": "person-canary", "number": "+15125550199"}
    parties["debts"] = ["debt-canary"]
    with running.http(key) as http:
        headers = {"X-Request-Id": "traced-1"}
        started = http.post(
            "/call/start", json={"parties": parties, "facts": facts, "turn_event": ANSWERED}, headers=headers
        )
        call = started.json()["call_id"]
        event = {"kind": "words", "text": "kumquat 79998", "time": AT}
        http.post("/call/turn", json={"call_id": call, "expected_turn": 2, "turn_event": event})
        http.get("/attempts/account-canary")
        http.get("/attempts/account-canary?limit=kumquat")
        http.post("/decide", json={"facts": {"party.zipp": "79998"}})
        http.post("/suppressions", json={"scope": "number", "subject": "+15125550199", "reason": "dnc"})
        http.get("/kumquat")
        http.post("/call/start", content=b'{"parties": kumquat')
        shown = http.get(f"/call/{call}").text
    assert running.stop() == 0
    lines = [json.loads(line) for line in running.lines]
    requests = [line for line in lines if line["event"] == "request"]
    assert len(requests) >= 9
    assert any(line["request_id"] == "traced-1" and line["route"] == "/call/start" for line in requests)
    assert any(line.get("call_id") == call for line in requests)
    text = "".join(running.lines)
    found = [canary for canary in (*CANARIES, key.partition(".")[2]) if canary in text or canary in shown]
    assert found == []


@pytest.mark.parametrize("name", ["party.dob", "party.zip"])
def test_an_error_does_not_repeat_what_it_was_told(on_sqlite: Running, name: str) -> None:
    with on_sqlite.http() as http:
        answer = http.post("/call/start", content=json.dumps({"facts": {name: "kumquat"}}))
    assert "kumquat" not in answer.text


def test_nothing_of_the_server_is_left_when_it_ends(new_server: Callable[..., Running]) -> None:
    running = new_server().start("--workers", "2")
    children = Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children").read_text().split()
    assert len(children) == 2
    assert running.stop() == 0
    assert not any(Path(f"/proc/{child}").exists() for child in children)
