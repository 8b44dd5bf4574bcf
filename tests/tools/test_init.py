"""``callwright init``: a bundle that is ready at once, and a newcomer's first mistakes, each with its mend."""

from pathlib import Path

import pytest

from tests.tools.console import run
from tools.console import FAILED, UNREADABLE

MISTAKES = {
    "unknown state": (
        "flows/reminder/flow.yaml",
        "affirm: {go: check}",
        "affirm: {go: chek}",
        ["unknown-state", "there is no state `chek`", "did you mean `check`?"],
    ),
    "missing silence": (
        "flows/reminder/flow.yaml",
        "silence: {times: 2, say: are_you_there, then: {end: no_response}}\n",
        "",
        ["no-silence-handling", "add `silence: {times: 2, say: are_you_there, then: {end: no_response}}` to the flow"],
    ),
    "unquoted braces": (
        "flows/reminder/prompts.en-US.yaml",
        "greeting: Hello, is this {{ party.first_name }}?",
        "greeting: {{ party.first_name }}?",
        ["help", "quotes"],
    ),
    "a prompt that talks of debt": (
        "flows/reminder/prompts.en-US.yaml",
        "greeting: Hello, is this {{ party.first_name }}?",
        "greeting: Hello, this is about a debt that you owe.",
        ["speaks-of-debt-undeclared", "discloses"],
    ),
    "a rule without a source": (
        "policies/us/calls.yaml",
        "    suppress: {scope: phone, reason: stop_calling}\n    source: 12 CFR 1006.14(h)(1)\n",
        "    suppress: {scope: phone, reason: stop_calling}\n",
        ["missing-setting", "`source`", "help"],
    ),
}


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a fresh start, the current directory being in it."""
    assert run("init", tmp_path / "demo").status == 0
    monkeypatch.chdir(tmp_path / "demo")
    return tmp_path / "demo"


def test_a_fresh_start_is_clean_and_holds(demo: Path) -> None:
    linted = run("lint")
    assert linted.status == 0, linted.all
    assert "error" not in linted.out
    replayed = run("replay", "scenarios")
    assert replayed.status == 0
    assert "3 of 3 scenarios passed" in replayed.out


def test_every_file_teaches(demo: Path) -> None:
    written = [p.read_text("utf-8") for p in demo.rglob("*.yaml")]
    assert len(written) == 9
    assert sum("#" in text for text in written) >= 8


def test_nothing_is_written_over(demo: Path) -> None:
    (demo / "flows" / "reminder" / "flow.yaml").write_text("mine")
    ran = run("init", demo)
    assert ran.status == 2
    assert "is there already: name another folder" in ran.err
    assert (demo / "flows" / "reminder" / "flow.yaml").read_text() == "mine"


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_newcomers_mistake_gets_a_finding_that_says_the_mend(demo: Path, mistake: str) -> None:
    path, old, new, told = MISTAKES[mistake]
    text = (demo / path).read_text("utf-8")
    assert old in text
    (demo / path).write_text(text.replace(old, new), "utf-8")
    ran = run("lint")
    assert ran.status in (FAILED, UNREADABLE)
    for words in told:
        assert words in ran.out, ran.out
    assert path in ran.out


def test_the_start_is_laid_out_already(demo: Path) -> None:
    ran = run("format", "--check")
    assert ran.status == 0, ran.out
