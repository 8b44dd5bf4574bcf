"""Bundles over HTTP: checked, kept, brought into force; calls under way are not disturbed."""

from collections.abc import Callable

import pytest

from engine.outbound.client import ApiClient, ApiProblem
from tests.server.running import ANSWERED, AT, FACTS, SMALL, Running, people


def files(old: str = "", new: str = "") -> dict[str, str]:
    """Give the small bundle's files, *old* replaced by *new*."""
    texts = {path.relative_to(SMALL).as_posix(): path.read_text("utf-8") for path in SMALL.rglob("*.yaml")}
    assert not old or any(old in text for text in texts.values())
    return {path: text.replace(old, new) if old else text for path, text in texts.items()}


@pytest.fixture
def client(new_server: Callable[..., Running]) -> ApiClient:
    """Give a client of a server whose bundles a test may change."""
    return new_server().start("--workers", "2").client()


def test_a_bundle_comes_into_force_for_new_calls_only(client: ApiClient) -> None:
    before = client.begin(people(1), FACTS, event=ANSWERED)
    old = before.whole["call_state"]["bundle"]
    checked = client.submit(files("an automated assistant", "a talking machine"))
    assert checked["stored"]
    assert not [one for one in checked["findings"] if one["level"] == "error"]
    assert client.begin(people(2), FACTS, event=ANSWERED).whole["call_state"]["bundle"] == old
    shown = client.activate(checked["digest"])
    assert shown["in_force"]
    assert [flow["id"] for flow in shown["flows"]] == ["call"]
    after = client.begin(people(3), FACTS, event=ANSWERED)
    assert after.whole["call_state"]["bundle"] == checked["digest"] != old
    assert "a talking machine" in after.text
    assert client.turn(before.call, 2, {"kind": "silence", "time": AT}).whole["call_state"]["bundle"] == old
    listed = client.get("/bundles")["bundles"]
    assert {one["digest"]: one["in_force"] for one in listed} == {old: False, checked["digest"]: True}


def test_a_broken_bundle_is_told_what_is_wrong_and_where(client: ApiClient) -> None:
    checked = client.submit(files("go: ", "go: nowhere_"))
    assert checked["digest"] is None
    assert not checked["stored"]
    finding = checked["findings"][0]
    assert finding["path"] == "flows/call/flow.yaml"
    assert finding["line"] > 1
    assert "nowhere_" in finding["message"]
    assert len(client.get("/bundles")["bundles"]) == 1


def test_a_bundle_with_errors_in_its_scenarios_is_kept_but_not_activated(client: ApiClient) -> None:
    scenario = (
        "callwright: 1\nkind: scenario\nid: odd\nversion: 1.0.0\ntitle: Odd\nflow: nowhere\n"
        "at: 2026-03-10T14:00:00-05:00\ncall:\n  - callee: hello\nexpect:\n  ends: hung_up\n"
    )
    checked = client.submit({**files(), "scenarios/odd.yaml": scenario, "flows/call/notes.yaml": files()["flows/call/flow.yaml"]})
    assert checked["findings"]
    with pytest.raises(ApiProblem) as refused:
        client.activate(checked["digest"] or "0" * 64)
    assert refused.value.name in ("bundle-has-findings", "unknown-bundle")


def test_an_unknown_bundle_is_not_activated(client: ApiClient) -> None:
    with pytest.raises(ApiProblem, match="unknown-bundle") as refused:
        client.activate("0" * 64)
    assert refused.value.status == 404


def test_the_same_bundle_submitted_twice_is_kept_once(client: ApiClient) -> None:
    first, second = client.submit(files()), client.submit(files())
    assert first["digest"] == second["digest"]
    assert len(client.get("/bundles")["bundles"]) == 1
