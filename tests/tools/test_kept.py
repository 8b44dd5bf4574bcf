"""What lint keeps: the same answer with it and without, and nothing of it where anything differs."""

import json
import os
import shutil
from datetime import date
from pathlib import Path

import pytest

from engine.source.finding import Finding
from engine.terms import Kind
from tests.tools.console import SMALL, run
from tools import look
from tools.kept import Kept

AS_OF = date(2026, 3, 10)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CALLWRIGHT_CACHE", str(tmp_path / "cache"))
    shutil.copytree(SMALL, tmp_path / "bundle")
    return tmp_path / "bundle"


def lint(folder: Path, style: str = "json") -> str:
    return run("lint", folder, "--format", style, "--as-of", AS_OF.isoformat()).out


def entries(folder: Path) -> list[Path]:
    return sorted((folder.parent / "cache" / "checked").iterdir())


@pytest.mark.parametrize("style", ["text", "json", "sarif", "junit", "github"])
def test_the_output_is_the_same_bytes_whether_kept_or_not(folder: Path, style: str) -> None:
    first = lint(folder, style)
    assert lint(folder, style) == first
    shutil.rmtree(folder.parent / "cache")
    assert lint(folder, style) == first


def test_a_report_is_taken_from_what_is_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = lint(folder)
    monkeypatch.setattr(look, "_Look", None)
    assert lint(folder) == first


@pytest.mark.parametrize("harm", [b"", b"x", b"x" * 4000])
def test_a_damaged_entry_is_found_out_anew(folder: Path, harm: bytes) -> None:
    first = lint(folder)
    for file in entries(folder):
        file.write_bytes(harm or file.read_bytes()[:-7])
    assert lint(folder) == first


def test_an_entry_under_another_key_is_not_taken(folder: Path) -> None:
    first = lint(folder)
    files = entries(folder)
    prompts = folder / "flows/call/prompts.en-US.yaml"
    prompts.write_text(prompts.read_text("utf-8").replace("Goodbye", "Good day"), "utf-8")
    second = lint(folder)
    assert second != first
    new = next(file for file in entries(folder) if file not in files)
    shutil.copyfile(files[0], new)
    shutil.copyfile(files[-1], new)
    assert lint(folder) == second


def test_whatever_is_edited_is_looked_at_again(folder: Path) -> None:
    lint(folder)
    flow = folder / "flows/call/flow.yaml"
    flow.write_text(flow.read_text("utf-8").replace("go: read_back}", "go: read_bac}"), "utf-8")
    assert "unknown-state" in lint(folder)


def test_the_day_and_what_is_asked_for_count(folder: Path) -> None:
    everything = json.loads(lint(folder))
    one = json.loads(run("lint", folder, "--format", "json", "--as-of", AS_OF.isoformat(), "--only", "dead-state").out)
    assert everything["proofs"]
    assert not one["proofs"]
    before = set(entries(folder))
    run("lint", folder, "--format", "json", "--as-of", "2026-03-11")
    assert set(entries(folder)) - before


def test_proofs_that_hold_are_kept_for_other_words_and_scenarios(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flow = folder / "flows/call/flow.yaml"
    text = flow.read_text("utf-8")
    assert "affirm: {do: {record_promise" in text
    sound = text.replace("do: {record_promise: {amount: promise.amount, date: promise.date}}, ", "")
    flow.write_text(sound, "utf-8")
    first = json.loads(lint(folder))
    assert {proof["outcome"] for proof in first["proofs"]} == {"proved"}
    prompts = folder / "flows/call/prompts.en-US.yaml"
    prompts.write_text(prompts.read_text("utf-8").replace("Goodbye", "Good day"), "utf-8")
    monkeypatch.setattr(look, "Prover", None)
    assert json.loads(lint(folder))["proofs"] == first["proofs"]


def test_only_findings_and_proofs_are_ever_made_of_what_is_kept(folder: Path) -> None:
    kept = Kept("checked", 10)
    kept.write("a", Path)
    assert kept.read("a") is None
    kept.write("a", AS_OF)
    assert kept.read("a") == AS_OF


class Attribute:
    def __init__(self, of: type, name: str) -> None:
        self._of, self._name = of, name

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return getattr, (self._of, self._name)


def test_members_are_made_of_what_is_kept_as_any_python_keeps_them_but_no_other_attributes(folder: Path) -> None:
    kept = Kept("checked", 10)
    kept.write("a", (Attribute(Kind, "FLOW"), Kind.POLICY))
    assert kept.read("a") == (Kind.FLOW, Kind.POLICY)
    for of, name in ((Finding, "__init__"), (Kind, "mro"), (Kind, "__class__")):
        kept.write("a", Attribute(of, name))
        assert kept.read("a") is None


def test_the_oldest_values_go_first(folder: Path) -> None:
    kept = Kept("checked", 2)
    for number in range(4):
        kept.write(f"{number}", number)
        os.utime(max(entries(folder), key=lambda file: file.stat().st_mtime_ns), ns=(0, number))
    kept.tidy()
    assert [kept.read(f"{number}") for number in range(4)] == [None, None, 2, 3]
