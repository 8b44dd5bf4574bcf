"""``callwright nlu``: measured against a labelled set, a floor and a baseline."""

import json
import re
import shutil
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from engine.calls import Calls, NewCall, Shelf
from engine.nlu.reading import Reading, Understanding
from engine.records.store import open_store
from engine.runtime.session import Event
from engine.source.read import read_folder
from engine.terms import EventKind
from tests.engine.conftest import new_url, postgres_server
from tests.engine.kept import KEYS, parties
from tests.tools.console import SMALL, TOLD, run, small
from tools.measures import Judged, calibration_error, confusions, falls, recall, scores, summary

__all__ = ["new_url", "postgres_server"]

GOOD = [
    {"text": "stop calling me", "intents": ["stop_calling"]},
    {"text": "you have the wrong number", "intents": ["wrong_party"]},
    {"text": "the sky is blue", "intents": []},
]


def dataset(tmp_path: Path, rows: list[dict[str, object]]) -> Path:
    """Return a file of *rows*."""
    file = tmp_path / "set.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def judged(wanted: set[str], *readings: tuple[str, float]) -> Judged:
    """Return an utterance whose *readings* at or over 0.5 are accepted."""
    return Judged("x:1", "x", frozenset(wanted), Understanding(tuple(Reading(i, s, s >= 0.5) for i, s in readings)))


def test_measures() -> None:
    found = [
        judged({"a"}, ("a", 0.9)),
        judged({"a"}, ("b", 0.8)),
        judged({"b"}, ("b", 0.4)),
        judged(set(), ("a", 0.6)),
    ]
    assert [(s.intent, s.wanted, s.accepted, s.both) for s in scores(found)] == [("a", 2, 2, 1), ("b", 1, 1, 0)]
    assert recall(found, ["a"]) == 0.5
    assert recall(found, ["c"]) is None
    assert confusions(found) == (("", "a", 1), ("a", "b", 1), ("b", "", 1))
    assert calibration_error(found) == (0.1 + 0.8 + 0.6 + 0.6) / 4
    assert calibration_error([]) is None
    before = summary([judged({"a"}, ("a", 0.9))], ["a"])
    assert falls(summary(found, ["a"]), before, ["a"]) == ("all", "a")
    assert falls(before, before, ["a"]) == ()


def test_a_labelled_set(tmp_path: Path) -> None:
    ran = small("nlu", "test", dataset(tmp_path, GOOD), "--floor", "1", "--format", "json")
    data = json.loads(ran.out)
    assert ran.status == 0
    assert data["protected_recall"] == 1
    assert data["utterances"] == 3


def test_a_label_that_is_no_intent_is_said(tmp_path: Path) -> None:
    ran = small("nlu", "test", dataset(tmp_path, [*GOOD, {"text": "stop calling", "intents": ["stop_caling"]}]))
    assert "there is no intent `stop_caling`: what is labelled so counts as not understood" in ran.err


def test_under_the_floor_and_under_the_baseline(tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    baseline.write_text(small("nlu", "test", dataset(tmp_path, GOOD), "--format", "json").out)
    worse = dataset(tmp_path, [*GOOD, {"text": "the sky is green", "intents": ["stop_calling"]}])
    floored = small("nlu", "test", worse, "--floor", "0.9")
    assert floored.status == 1
    assert "missed stop_calling: the sky is green" in floored.out
    fallen = small("nlu", "test", worse, "--baseline", baseline)
    assert fallen.status == 1
    assert "the recall fell: all, stop_calling" in fallen.out


def test_what_cannot_be_measured(tmp_path: Path) -> None:
    assert small("nlu", "test", dataset(tmp_path, [])).status == 3
    unlabelled = small("nlu", "test", dataset(tmp_path, [{"text": "hello"}]))
    assert unlabelled.status == 3
    assert "it is not said what ought to be accepted" in unlabelled.err
    assert small("nlu", "test", dataset(tmp_path, GOOD), "--baseline", tmp_path).status == 3


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, new_url: Callable[[str], str]) -> Iterator[tuple[str, Calls]]:
    """Give the URL of an empty store, and what conducts calls in it."""
    url = new_url(request.param)
    store = open_store(url, KEYS, durable=False)
    calls = Calls(store, Shelf(store))
    calls.shelf.publish(read_folder(Path(SMALL)))
    yield url, calls
    store.close()


def conduct(calls: Calls, *words: str) -> None:
    """Conduct a call in which *words* are said."""
    facts = {"party.first_name": "Alex", "party.zip": "78701", "account.balance": 480_00}
    call = calls.begin(NewCall(parties(), facts, zones=("America/Chicago",))).call_id
    heard = [Event(EventKind.ANSWERED, calls.now()), *(Event(EventKind.WORDS, calls.now(), text=w) for w in words)]
    for turn, event in enumerate(heard, 1):
        calls.turn(call, turn, event)


def test_report_over_stored_calls(kept: tuple[str, Calls], monkeypatch: pytest.MonkeyPatch) -> None:
    url, calls = kept
    monkeypatch.setenv("CALLWRIGHT_KEY", f"test:{b64encode(bytes(range(32))).decode()}")
    nothing = run("nlu", "report", "--database", url)
    assert (nothing.status, nothing.out.splitlines()[-1]) == (0, "nothing was heard yet")
    conduct(calls, "colourless green ideas", "please stop calling me")
    conduct(calls, "please stop calling me")
    data = json.loads(run("nlu", "report", "--database", url, "--format", "json").out)
    assert (data["source"], data["turns"], data["not_understood"]) == ("stored calls", 3, 1)
    assert sum(data["histogram"]) == 3
    assert data["histogram"][9] == 2
    assert data["outcomes"] == {"stop_requested": 2}
    stop = next(one for one in data["intents"] if one["intent"] == "stop_calling")
    assert (stop["heard"], stop["accepted"], stop["low_rate"]) == (2, 2, 0)
    assert sum(stop["actions"].values()) >= 2
    assert sum(one["low"] for one in data["intents"]) == 1
    monkeypatch.setenv("CALLWRIGHT_DATABASE", url)
    text = run("nlu", "report", "--top", "1")
    assert text.status == 0
    assert "3 turns with words in 2 calls (stored calls)" in text.out
    assert "not understood, so asked again: 1 (33%)" in text.out
    assert re.search(r"^  stop_calling +2 +2 +0 +0%$", text.out, re.MULTILINE)
    assert re.search(r"^  stop requested +2$", text.out, re.MULTILINE)
    assert "please stop" not in text.out
    later = (calls.now() + timedelta(days=1)).isoformat()
    assert json.loads(run("nlu", "report", "--since", later, "--format", "json").out)["turns"] == 0


def test_a_report_that_cannot_be_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CALLWRIGHT_KEY", raising=False)
    keyless = run("nlu", "report", "--database", f"sqlite:///{tmp_path}/calls.db")
    assert keyless.status == 3
    assert "CALLWRIGHT_KEY" in keyless.err
    monkeypatch.delenv("CALLWRIGHT_DATABASE", raising=False)
    since = run("nlu", "report", "--since", "2026-03-10T14:00:00-05:00")
    assert since.status == 2
    assert "name their --database" in since.err


def test_report_over_the_scenarios(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CALLWRIGHT_DATABASE", raising=False)
    shutil.copytree(SMALL, tmp_path, dirs_exist_ok=True)
    (tmp_path / "scenarios").mkdir()
    story = (TOLD / "promise.yaml").read_text("utf-8").split("call:\n")[0]
    story += "call:\n  - callee: please stop calling me\nexpect: {ends: stop_requested}\n"
    (tmp_path / "scenarios" / "stop.yaml").write_text(story)
    data = json.loads(run("nlu", "report", "--format", "json", "--bundle", tmp_path).out)
    assert (data["source"], data["turns"]) == ("replayed scenarios", 1)
    assert data["outcomes"] == {"stop_requested": 1}
    assert data["intents"][0]["actions"] == {"says_only": 1}
    text = run("nlu", "report", "--bundle", tmp_path)
    assert text.status == 0
    assert "please stop" not in text.out
