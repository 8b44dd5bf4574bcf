"""Serving, keys and the smoke test from the command line."""

import base64
import json
from pathlib import Path

import pytest

from tests.tools.console import Ran, run, small

KEY = "k1:" + base64.b64encode(bytes(range(32))).decode()


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give an empty store, and the key it needs."""
    monkeypatch.setenv("CALLWRIGHT_KEY", KEY)
    monkeypatch.delenv("CALLWRIGHT_DATABASE", raising=False)
    return f"sqlite:///{tmp_path}/store.db"


def listed(url: str) -> list[dict[str, object]]:
    """Return the keys of a store."""
    found = json.loads(run("keys", "list", "--database", url, "--format", "json").out)
    assert isinstance(found, list)
    return found


def test_a_key_is_made_listed_and_revoked(url: str) -> None:
    made = run("keys", "create", "dialler", "--scope", "calls:write", "--scope", "calls:read", "--database", url)
    assert made.status == 0
    prefix, _, secret = made.out.strip().partition(".")
    assert len(secret) >= 40
    text = run("keys", "list", "--database", url).out
    assert prefix in text
    assert secret not in text
    [one] = listed(url)
    assert (one["key"], one["name"], one["revoked"]) == (prefix, "dialler", None)
    assert one["scopes"] == ["calls:read", "calls:write"]
    assert run("keys", "revoke", prefix, "--database", url).status == 0
    assert listed(url)[0]["revoked"]
    assert run("keys", "revoke", prefix, "--database", url).status == 1


def test_a_key_for_everything_has_every_scope(url: str) -> None:
    run("keys", "create", "all", "--scope", "all", "--database", url)
    [one] = listed(url)
    assert isinstance(one["scopes"], list)
    assert len(one["scopes"]) >= 15


def test_a_scope_that_is_none_is_wrong_usage(url: str) -> None:
    assert run("keys", "create", "x", "--scope", "everything", "--database", url).status == 2
    assert run("keys", "create", "x", "--database", url).status == 2


@pytest.mark.parametrize("command", [("keys", "list"), ("serve",)])
def test_without_the_key_of_the_store_nothing_is_opened(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CALLWRIGHT_KEY", raising=False)
    ran = run(*command, "--database", f"sqlite:///{tmp_path}/store.db")
    assert ran.status == 3
    assert "CALLWRIGHT_KEY" in ran.err
    assert "Traceback" not in ran.all


def test_a_bundle_that_does_not_compile_is_not_served(url: str, tmp_path: Path) -> None:
    flow = tmp_path / "broken" / "flows" / "call.yaml"
    flow.parent.mkdir(parents=True)
    flow.write_text("callwright: 1\nkind: flow\nid: call\nversion: 1.0.0\ntitle: Broken\n")
    ran = run("serve", "--database", url, "--bundle", tmp_path / "broken")
    assert ran.status == 3
    assert "`states` is missing" in ran.err


@pytest.mark.parametrize("webhook", ["http://example.com/hook", "ftp://example.com", "nonsense"])
def test_a_webhook_in_the_clear_is_wrong_usage(url: str, webhook: str) -> None:
    ran = small("serve", "--database", url, "--webhook", webhook)
    assert ran.status == 2
    assert "https" in ran.err


def test_a_webhook_without_a_secret_is_wrong_usage(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CALLWRIGHT_WEBHOOK_SECRET", raising=False)
    ran = small("serve", "--database", url, "--webhook", "https://example.com/hook")
    assert ran.status == 2
    assert "CALLWRIGHT_WEBHOOK_SECRET" in ran.err


def smoke(scenario: str) -> Ran:
    """Conduct one call in this process."""
    return run("smoke", "api", "--scenario", scenario)


@pytest.mark.parametrize(
    ("scenario", "end"), [("happy_path", "promise_to_pay"), ("dispute", "dispute"), ("wrong_party", "wrong_party")]
)
def test_whole_calls_end_as_they_must(scenario: str, end: str) -> None:
    ran = smoke(scenario)
    assert ran.status == 0, ran.all
    assert f"ended as {end}" in ran.out


def test_over_http_the_smoke_test_needs_a_key_and_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CALLWRIGHT_API_KEY", raising=False)
    assert run("smoke", "api", "--mode", "http").status == 2
    ran = run("smoke", "api", "--mode", "http", "--base-url", "http://127.0.0.1:9", "--key", "none")
    assert ran.status == 3
    assert "cannot be reached" in ran.err


def test_a_call_that_ends_otherwise_fails_the_smoke_test() -> None:
    ran = small("smoke", "api", "--scenario", "happy_path")
    assert ran.status == 1
    assert "Traceback" not in ran.all
