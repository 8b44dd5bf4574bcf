"""Bundles over HTTP: checked, kept, brought into force; calls under way are not disturbed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.outbound.client import ApiClient, ApiProblem
from tests.engine.checks.bundles import BASE
from tests.server.running import ANSWERED, AT, Running, people


def files(old: str = "", new: str = "", *, folder: Path = BASE) -> dict[str, str]:
    """Give a bundle's files, *old* replaced by *new*."""
    texts = {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*.yaml")}
    assert not old or any(old in text for text in texts.values())
    return {path: text.replace(old, new) if old else text for path, text in texts.items()}


KNOWN = {"party.first_name": "Alex", "party.zip": "78701", "account.balance": 24000, "account.places": ["TX"]}


@pytest.fixture(scope="module")
def running(new_url: Callable[[str], str]) -> Iterator[Running]:
    """Give a server whose bundles tests may change."""
    started = Running(new_url("sqlite")).start("--workers", "2", bundle=BASE)
    yield started
    started.close()


@pytest.fixture
def client(running: Running) -> Iterator[ApiClient]:
    """Give a client of it."""
    with running.client() as made:
        yield made


def test_a_bundle_comes_into_force_for_new_calls_only(client: ApiClient) -> None:
    before = client.begin(people(1), KNOWN, event=ANSWERED)
    old = before.whole["call_state"]["bundle"]
    checked = client.submit(files("may I speak with", "is this"))
    assert checked["stored"]
    assert not [one for one in checked["findings"] if one["level"] == "error"]
    assert [one["verdict"] for one in checked["proofs"]] == ["proved"]
    assert client.begin(people(2), KNOWN, event=ANSWERED).whole["call_state"]["bundle"] == old
    shown = client.activate(checked["digest"])
    assert shown["in_force"]
    assert [flow["id"] for flow in shown["flows"]] == ["call"]
    assert "greeting" in shown["flows"][0]["states"]
    after = client.begin(people(3), KNOWN, event=ANSWERED)
    assert after.whole["call_state"]["bundle"] == checked["digest"] != old
    assert "is this Alex" in after.text
    assert client.turn(before.call, 2, {"kind": "silence", "time": AT}).whole["call_state"]["bundle"] == old
    listed = {one["digest"]: one["in_force"] for one in client.get("/bundles")["bundles"]}
    assert (listed[old], listed[checked["digest"]]) == (False, True)
    assert client.get(f"/bundles/{checked['digest']}")["findings"] == checked["findings"]


def test_a_broken_bundle_is_told_what_is_wrong_and_where(client: ApiClient) -> None:
    checked = client.submit(files("go: balance", "go: nowhere"))
    assert checked["digest"] is None
    assert not checked["stored"]
    [finding] = [one for one in checked["findings"] if "nowhere" in one["message"]]
    assert finding["path"] == "flows/call/flow.yaml"
    assert finding["line"] > 1


def test_a_bundle_whose_rule_a_call_can_break_does_not_come_into_force(client: ApiClient) -> None:
    checked = client.submit(files("{when: party.verified, go: balance}", "{when: party.zip is known, go: balance}"))
    assert checked["stored"]
    [proof] = [one for one in checked["proofs"] if one["verdict"] == "broken"]
    assert any("balance" in line for line in proof["call"])
    with pytest.raises(ApiProblem, match="bundle-has-findings") as refused:
        client.activate(checked["digest"])
    assert refused.value.status == 409
    assert proof["rule"] in refused.value.detail
    assert refused.value.document["findings"]
    assert not client.get(f"/bundles/{checked['digest']}")["in_force"]


def test_an_unknown_bundle_is_not_activated(client: ApiClient) -> None:
    with pytest.raises(ApiProblem, match="unknown-bundle") as refused:
        client.activate("0" * 64)
    assert refused.value.status == 404


def test_the_same_bundle_submitted_twice_is_kept_once(client: ApiClient) -> None:
    first, second = client.submit(files()), client.submit(files())
    assert first["digest"] == second["digest"]
    kept = [one["digest"] for one in client.get("/bundles")["bundles"]]
    assert kept.count(first["digest"]) == 1
