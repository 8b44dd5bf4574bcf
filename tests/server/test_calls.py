"""Calls over HTTP: turns in order, once each, however many talk at once and whatever dies."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from engine.outbound.client import ApiAway, ApiClient, ApiProblem, Said
from server.schemas.call import SPOKEN
from tests.server.running import ANSWERED, AT, FACTS, Running, people

#: What can be heard any number of times where the callee was asked to pay, without the call ending.
AGAIN = "promise"
SILENCE = {"kind": "silence", "time": AT}


def hear(*intents: str, **slots: Any) -> dict[str, Any]:
    """Give an event in which intents are heard."""
    given = {name.replace("__", "."): value for name, value in slots.items()}
    return {"kind": "intents", "intents": list(intents), "slots": given, "time": AT}


def asked_to_pay(client: ApiClient, number: int) -> Said:
    """Conduct a call to its fourth turn, which asks for a payment."""
    said = client.begin(people(number), FACTS, zones=("America/Chicago",), event=ANSWERED)
    client.turn(said.call, 2, hear("identity_confirmed"))
    client.turn(said.call, 3, hear("give_identifier", heard__zip="78701"))
    return client.turn(said.call, 4, hear("give_identifier", heard__dob="1985-05-03"))


def test_a_call_goes_from_its_start_to_its_end(server: Running) -> None:
    with server.client() as client:
        said = client.begin(people(), FACTS, zones=("America/Chicago",), campaign="tests", event=ANSWERED)
        assert said.turn == 1
        assert "Alex" in said.text
        assert said.whole["call_state"]["bundle"]
        said = client.turn(said.call, 2, hear("identity_confirmed"))
        said = client.turn(said.call, 3, hear("give_identifier", heard__zip="78701"))
        said = client.turn(said.call, 4, hear("give_identifier", heard__dob="1985-05-03"))
        assert "debt" in said.whole["call_state"]["disclosed"]
        said = client.turn(said.call, 5, {"kind": "hung_up", "time": AT})
        assert said.ended
        whole = client.call(said.call)
        assert whole["outcome"] == said.disposition
        assert [one["turn"] for one in whole["turns"]] == [1, 2, 3, 4, 5]
        assert whole["campaign"] == "tests"
        with pytest.raises(ApiProblem, match="call-ended"):
            client.turn(said.call, 6, SILENCE)


def test_every_answer_of_a_call_is_in_the_documented_shape(on_sqlite: Running) -> None:
    with on_sqlite.client() as client:
        said = client.begin(people(3), FACTS, zones=("America/Chicago",), event=ANSWERED)
        answers = [said.whole]
        for event in (
            {"kind": "words", "text": "yes this is Alex", "time": AT},
            hear("identity_confirmed"),
            hear("give_identifier", heard__zip="78701"),
            hear("give_identifier", heard__dob="1985-05-03"),
            hear("promise", promise__amount=12000, promise__date="2026-03-12"),
            hear("affirm"),
        ):
            said = client.turn(said.call, said.turn + 1, event)
            answers.append(said.whole)
    assert said.ended
    assert any(one["actions"] for one in answers)
    assert any(one["understanding"] for one in answers)
    assert any(decision["fired"] for one in answers for decision in one["decisions"])
    assert [SPOKEN.validate(one) for one in answers] == [{}] * len(answers)


def test_what_was_told_at_the_start_cannot_be_changed_by_a_turn(server: Running) -> None:
    with server.client() as client:
        said = client.begin(people(), FACTS, zones=("America/Chicago",), event=ANSWERED)
        for name, value in (("party.dob", "1999-09-09"), ("party.verified", True), ("account.balance", 1)):
            event = {"kind": "intents", "intents": ["affirm"], "slots": {name: value}, "time": AT}
            with pytest.raises(ApiProblem, match="not-of-bundle"):
                client.turn(said.call, 2, event)
        with pytest.raises(ApiProblem, match="not-valid"):
            client.post(
                "/call/turn",
                {"call_id": said.call, "expected_turn": 2, "turn_event": SILENCE, "bundle": "0" * 64},
            )
        assert client.call(said.call)["turn"] == 1


def test_a_stale_turn_is_told_which_turn_the_call_is_at(server: Running) -> None:
    with server.client() as client:
        said = client.begin(people(), FACTS, event=ANSWERED)
        client.turn(said.call, 2, SILENCE)
        with pytest.raises(ApiProblem, match="stale-turn") as refused:
            client.turn(said.call, 2, SILENCE)
        assert refused.value.status == 409
        assert refused.value.document["turn"] == 2


def test_an_answer_that_was_lost_is_given_again_byte_for_byte(server: Running) -> None:
    body = {"parties": {**people(7).to_json(), "debts": ["debt-7"]}, "facts": FACTS, "turn_event": ANSWERED}
    headers = {"Idempotency-Key": "start-of-7"}
    with server.http(server.key()) as http:
        first = http.post("/call/start", json=body, headers=headers)
        again = http.post("/call/start", json=body, headers=headers)
        assert (first.status_code, again.status_code) == (201, 201)
        assert again.content == first.content
        assert "Idempotency-Replayed" not in first.headers
        assert again.headers["Idempotency-Replayed"] == "true"
        other = http.post("/call/start", json={**body, "campaign": "other"}, headers=headers)
        assert other.status_code == 422
        assert other.json()["type"] == "urn:callwright:key-reused"
    with server.http(server.key()) as stranger:
        assert stranger.post("/call/start", json=body, headers=headers).json()["call_id"] != first.json()["call_id"]


def test_a_turn_sent_by_many_at_once_is_taken_once_and_answered_alike(server: Running) -> None:
    key = server.key()
    with server.client(key) as client:
        said = client.begin(people(8), FACTS, event=ANSWERED)
        body = {"call_id": said.call, "expected_turn": 2, "turn_event": SILENCE}

        def send(_: int) -> bytes:
            with server.http(key) as http:
                answer = http.post("/call/turn", json=body, headers={"Idempotency-Key": "one-turn"})
            assert answer.status_code == 200
            return answer.content

        with ThreadPoolExecutor(8) as pool:
            assert len(set(pool.map(send, range(8)))) == 1
        assert client.call(said.call)["turn"] == 2


def test_what_makes_something_makes_it_once_however_many_send_it_at_once(server: Running) -> None:
    key = server.key()
    parties = {**people(21).to_json(), "debts": ["debt-21"]}
    asked: dict[str, dict[str, Any]] = {
        "/call/start": {"parties": parties, "facts": FACTS, "turn_event": ANSWERED, "campaign": "at-once"},
        "/jobs/enqueue": {"jobs": [{"parties": parties, "campaign": "at-once"}]},
        "/jobs/lease": {"worker": "w", "campaign": "at-once"},
        "/suppressions": {"scope": "account", "subject": "account-21-once", "reason": "dnc"},
    }
    for path, body in asked.items():
        status, _ = at_once(server, key, path, body, "once" + path.replace("/", "."))
        assert status in (200, 201)
    with server.store.database.reading() as db:
        made = [
            db.exec_driver_sql(f"SELECT count(*) FROM {table} WHERE campaign = 'at-once'").scalar_one()
            for table in ("calls", "jobs")
        ]
    assert made == [1, 1]
    with server.client(key) as client:
        assert [one["tries"] for one in client.get("/jobs?campaign=at-once")["jobs"]] == [1]


def at_once(server: Running, key: str, path: str, body: dict[str, Any], once: str) -> tuple[int, bytes]:
    """Send the same request eight times at once, and return the one answer."""

    def send(_: int) -> tuple[int, bytes]:
        with server.http(key) as http:
            answer = http.post(path, json=body, headers={"Idempotency-Key": once})
        return answer.status_code, answer.content

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(send, range(8)))
    assert len(answers) == 1, path
    return answers.pop()


def test_a_worker_that_asks_twice_at_once_is_given_the_job_that_waits(server: Running) -> None:
    """The second must wait for the first: it would find the job taken, and its `no job` would stand for both."""
    key = server.key()
    for n in range(20):
        campaign = f"twice-{n}"
        with server.client(key) as client:
            parties = {**people(100 + n).to_json(), "debts": [f"debt-{campaign}"]}
            client.enqueue({"parties": parties, "campaign": campaign})
        _, answer = at_once(server, key, "/jobs/lease", {"worker": "w", "campaign": campaign}, f"lease-{n}")
        assert len(json.loads(answer)["leases"]) == 1


def test_a_refused_request_leaves_its_key_free(server: Running) -> None:
    with server.client() as client:
        said = client.begin(people(9), FACTS, event=ANSWERED)
        with pytest.raises(ApiProblem, match="stale-turn"):
            client.turn(said.call, 5, SILENCE, key="free-again")
        assert client.turn(said.call, 2, SILENCE, key="free-again").turn == 2


def test_sixteen_clients_on_one_call_lose_no_turn(server: Running) -> None:
    """Each asks where the call stands and takes the next turn; every turn is taken once, none is left out."""
    key = server.key()
    with server.client(key) as client:
        call = asked_to_pay(client, 16).call
    taken: list[int] = []
    refused: list[str] = []
    lock = threading.Lock()

    def hammer(_: int) -> None:
        with server.client(key) as client:
            turn = 4
            for _ in range(30):
                try:
                    said = client.turn(call, turn + 1, hear(AGAIN))
                except ApiProblem as problem:
                    if problem.name != "stale-turn":
                        refused.append(problem.name)
                        raise
                    turn = problem.document["turn"]
                    continue
                turn = said.turn
                with lock:
                    taken.append(turn)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(hammer, range(16)))
    with server.client(key) as client:
        kept = [one["turn"] for one in client.call(call)["turns"]]
    assert refused == []
    assert len(taken) >= 30
    assert sorted(taken) == list(range(5, len(taken) + 5))
    assert kept == [1, 2, 3, 4, *sorted(taken)]


def test_sixty_four_calls_at_once_each_keep_every_turn(server: Running) -> None:
    key = server.key()

    def talk(number: int) -> int:
        with server.client(key) as client:
            said = asked_to_pay(client, number)
            for _ in range(4):
                said = client.turn(said.call, said.turn + 1, hear(AGAIN))
            whole = client.call(said.call)
        assert [one["turn"] for one in whole["turns"]] == list(range(1, said.turn + 1))
        return said.turn

    with ThreadPoolExecutor(64) as pool:
        turns = list(pool.map(talk, range(100, 164)))
    assert len(turns) == 64
    assert set(turns) == {8}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_server_killed_amid_500_turns_loses_none_it_acknowledged_and_repeats_none(
    kind: str, new_server: Callable[..., Running]
) -> None:
    """Whoever got no answer sends the same request to the next server, and goes on as if nothing had happened."""
    running = new_server(kind).start()
    key = running.key()
    acknowledged: dict[str, int] = {}
    lock = threading.Lock()
    with running.client(key) as client:
        calls = [asked_to_pay(client, n).call for n in range(20)]

    def talk(call: str) -> None:
        with running.http(key) as http:
            for turn in range(5, 30):
                try:
                    answer = _keyed(http, call, turn)
                except httpx.HTTPError:
                    return
                if answer.status_code != 200:
                    return
                with lock:
                    acknowledged[call] = turn

    threads = [threading.Thread(target=talk, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    until = threading.Event()
    while sum(acknowledged.values()) < 4 * len(calls) + 150 and any(thread.is_alive() for thread in threads):
        until.wait(0.01)
    running.kill()
    for thread in threads:
        thread.join()
    assert 100 <= sum(last - 4 for last in acknowledged.values()) < 500
    running.start()
    with running.client(key) as client:
        for call in calls:
            turns = [one["turn"] for one in client.call(call)["turns"]]
            last = acknowledged.get(call, 4)
            assert turns == list(range(1, len(turns) + 1))
            assert len(turns) - last in (0, 1)
            with running.http(key) as http:
                again = _keyed(http, call, last + 1)
                assert again.json()["call_state"]["turn"] == last + 1
                assert _keyed(http, call, last + 1).content == again.content
            assert len(client.call(call)["turns"]) == last + 1


def test_a_client_that_reaches_nobody_says_so(on_sqlite: Running) -> None:
    from engine.outbound import client as module
    from engine.outbound.client import ApiClient

    assert len(module.WAITS) == 3
    with ApiClient("http://127.0.0.1:9", "key") as client, pytest.raises(ApiAway, match="cannot be reached"):
        client.get("/livez")


def _keyed(http: httpx.Client, call: str, turn: int) -> httpx.Response:
    body = {"call_id": call, "expected_turn": turn, "turn_event": hear(AGAIN)}
    return http.post("/call/turn", json=body, headers={"Idempotency-Key": f"{call}.{turn}"})
