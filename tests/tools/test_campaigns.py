"""Rehearsals from the command line: the smoke test of a worker."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.tools.console import SMALL, run, small


def test_every_job_of_the_smoke_test_ends_as_it_must() -> None:
    ran = small("smoke", "worker", "--flow", "call", "--format", "json")
    assert ran.status == 0, ran.all
    told = json.loads(ran.out)
    assert told["good"]
    dialled = {case["case"]: case["dials"] for case in told["cases"] if case["may_be_dialled"]}
    assert set(dialled.values()) == {1}
    assert {case["dials"] for case in told["cases"] if not case["may_be_dialled"]} == {0}
    assert {"may be called", "is suppressed", "has flag dnc", "was called seven times"} <= {
        case["case"] for case in told["cases"]
    }


@pytest.fixture
def lax(tmp_path: Path) -> Path:
    """Give a bundle whose rule lets a person be called eight times a week."""
    shutil.copytree(SMALL, tmp_path / "lax")
    rules = tmp_path / "lax" / "policies" / "us" / "calls.yaml"
    text = rules.read_text()
    for old, new in (("is: 7,", "is: 8,"), ("calls_in_window, 3,", "calls_in_window, 8,")):
        assert old in text
        text = text.replace(old, new)
    rules.write_text(text)
    return tmp_path / "lax"


def test_a_job_that_does_not_end_as_it_must_fails_the_smoke_test(lax: Path) -> None:
    ran = run("smoke", "worker", "--flow", "call", "--bundle", lax)
    assert ran.status == 1
    assert "BAD   was called seven times: succeeded, dialled 1 time, must be queued, not dialled" in ran.out
    assert ran.out.count("good ") == 6
    assert "7 jobs, 1 not as it must be" in ran.out


def test_a_rehearsal_is_told_in_words_and_says_what_it_leaves_out() -> None:
    ran = small("simulate", "--calls", "12", "--seed", "3", "--flow", "call")
    assert "Rehearsed 12 jobs with made-up people" in ran.out
    assert re.search(r"^right party per contact: .*%  \(\d+ of \d+ calls in which a person spoke ", ran.out, re.M)
    assert "Not simulated: payments." in ran.out
    assert not re.search(r"^(kept|partial|broken)", ran.out, re.M)


def test_a_rehearsal_as_data_leaves_out_the_same() -> None:
    told = json.loads(small("simulate", "--calls", "12", "--seed", "3", "--flow", "call", "--format", "json").out)
    assert told["not_simulated"] == ["kept", "partial", "broken", "kept_cents"]
    assert not set(told["not_simulated"]) & set(told["measures"])
    assert "promised_cents" in told["measures"]


@pytest.mark.parametrize("command", [("smoke", "worker"), ("simulate", "--calls", "1")])
def test_a_flow_that_the_bundle_does_not_have_is_told(command: tuple[str, ...]) -> None:
    ran = small(*command, "--flow", "nothing")
    assert ran.status == 3
    assert "no call flow `nothing`; it has call" in ran.all


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--api", "http://127.0.0.1:9"), "a server needs --key"),
        (("--api", "127.0.0.1:9", "--key", "a.b"), "`127.0.0.1:9` is not the address of a server"),
        (("--api", "ftp://server", "--key", "a.b"), "write it as http://127.0.0.1:8080"),
    ],
)
def test_a_worker_for_a_server_is_told_what_it_lacks(
    monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], said: str
) -> None:
    monkeypatch.delenv("CALLWRIGHT_API_KEY", raising=False)
    ran = small("worker", "--worker-id", "w", *options)
    assert ran.status == 2
    assert said in ran.all
