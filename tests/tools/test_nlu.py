"""``callwright nlu``: measured against a labelled set, a floor and a baseline."""

import json
import shutil
from pathlib import Path

from engine.nlu.reading import Reading, Understanding
from tests.tools.console import SMALL, TOLD, run, small
from tools.measures import Judged, calibration_error, confusions, falls, recall, scores, summary

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


def test_report_over_the_scenarios(tmp_path: Path) -> None:

    shutil.copytree(SMALL, tmp_path, dirs_exist_ok=True)
    (tmp_path / "scenarios").mkdir()
    story = (TOLD / "promise.yaml").read_text("utf-8").split("call:\n")[0]
    story += "call:\n  - callee: please stop calling me\nexpect: {ends: stop_requested}\n"
    (tmp_path / "scenarios" / "stop.yaml").write_text(story)
    data = json.loads(run("nlu", "report", "--format", "json", "--bundle", tmp_path).out)
    assert data["utterances"] == {"total": 1}
    assert data["endings"] == {"stop_requested": 1}
    assert data["actions_by_intent"] == {"stop_calling: (says only)": 1}
    text = run("nlu", "report", "--bundle", tmp_path)
    assert text.status == 0
    assert "please stop" not in text.out
