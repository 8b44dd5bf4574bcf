"""The client of the REST API: one effect however often a request has to be sent, and problems by their names."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from engine.outbound import client as module
from engine.outbound.client import ApiAway, ApiClient, ApiProblem

ANSWER = {
    "call_id": "c1",
    "text": "Hello.",
    "utterances": [{"prompt": "greeting"}],
    "actions": [{"name": "note"}],
    "call_state": {"turn": 2, "flow": "call", "state": "greeting", "disposition": None, "retry": False},
}


class Server:
    """A server that answers as it is told to."""

    def __init__(self, *answers: int | Exception) -> None:
        self.answers = list(answers)
        self.got: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.got.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if answer >= 400:
            document = {"type": "urn:callwright:stale-turn", "detail": "the call is at turn 4", "turn": 4}
            return httpx.Response(answer, json=document)
        return httpx.Response(answer, json=ANSWER)

    @property
    def keys(self) -> list[str]:
        """Return the idempotency keys that came."""
        return [request.headers["Idempotency-Key"] for request in self.got]


@pytest.fixture
def talk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., tuple[ApiClient, Server]]]:
    """Give a maker of a client and the server it talks to; it does not wait between tries."""
    monkeypatch.setattr(module, "WAITS", (0.0, 0.0, 0.0))
    made: list[ApiClient] = []

    def make(*answers: Any) -> tuple[ApiClient, Server]:
        server = Server(*answers)
        made.append(ApiClient("http://server", "key.secret", transport=httpx.MockTransport(server)))
        return made[-1], server

    yield make
    for client in made:
        client.close()


def test_an_answer_becomes_plain_data(talk: Callable[..., tuple[ApiClient, Server]]) -> None:
    client, server = talk(200)
    said = client.turn("c1", 2, {"kind": "silence"})
    assert (said.call, said.turn, said.text) == ("c1", 2, "Hello.")
    assert (said.prompts, said.actions) == (("greeting",), ("note",))
    assert not said.ended
    [request] = server.got
    assert request.headers["Authorization"] == "Bearer key.secret"
    assert json.loads(request.content)["expected_turn"] == 2


@pytest.mark.parametrize("lost", [httpx.ReadTimeout("late"), httpx.ConnectError("gone"), 429, 502, 503, 504])
def test_a_request_whose_answer_was_lost_is_sent_again_under_its_key(
    talk: Callable[..., tuple[ApiClient, Server]], lost: int | Exception
) -> None:
    client, server = talk(lost, lost, 200)
    assert client.turn("c1", 2, {"kind": "silence"}).turn == 2
    assert len(server.keys) == 3
    assert len(set(server.keys)) == 1


def test_two_requests_have_two_keys(talk: Callable[..., tuple[ApiClient, Server]]) -> None:
    client, server = talk(200, 200)
    client.turn("c1", 2, {"kind": "silence"})
    client.turn("c1", 2, {"kind": "silence"})
    assert len(set(server.keys)) == 2


def test_a_server_that_stays_away_is_said_to_be_away(talk: Callable[..., tuple[ApiClient, Server]]) -> None:
    client, server = talk(*[httpx.ConnectError("gone")] * 4)
    with pytest.raises(ApiAway, match="cannot be reached"):
        client.turn("c1", 2, {"kind": "silence"})
    assert len(server.got) == 4
    client, _ = talk(503, 503, 503, 503)
    with pytest.raises(ApiAway, match="stale-turn"):
        client.get("/jobs")


def test_a_refusal_is_told_by_its_name_and_not_sent_again(talk: Callable[..., tuple[ApiClient, Server]]) -> None:
    client, server = talk(409)
    with pytest.raises(ApiProblem, match="stale-turn") as refused:
        client.turn("c1", 2, {"kind": "silence"})
    assert (refused.value.status, refused.value.document["turn"]) == (409, 4)
    assert len(server.got) == 1


def test_what_answers_in_something_else_than_json_is_away(talk: Callable[..., tuple[ApiClient, Server]]) -> None:
    client = ApiClient(
        "http://server", "key", transport=httpx.MockTransport(lambda _: httpx.Response(200, text="<html>"))
    )
    with client, pytest.raises(ApiAway, match="JSON"):
        client.get("/jobs")


def test_neither_key_nor_token_nor_words_stand_in_what_is_shown(talk: Callable[..., tuple[ApiClient, Server]]) -> None:
    client, _ = talk(200)
    shown = repr(client.turn("c1", 2, {"kind": "silence"})) + repr(client)
    assert "Hello" not in shown
    assert "secret" not in shown
