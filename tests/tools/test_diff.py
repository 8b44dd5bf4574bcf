"""``callwright diff``: versions by folder and git revision, formats, and the exit status."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.tools.console import SMALL, TOLD, run

WIDER = ("is: 7, source", "is: 10, source")


def edit(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the small bundle, with the stories told of it."""
    folder = tmp_path / "copy"
    shutil.copytree(SMALL, folder)
    shutil.copytree(TOLD, folder / "scenarios", dirs_exist_ok=True)
    return folder


def test_a_bundle_is_the_same_as_itself(copy: Path) -> None:
    ran = run("diff", copy, copy, "--exit-code")
    assert ran.status == 0
    assert "no change in meaning" in ran.out
    assert "2 same" in ran.out


def test_layout_alone_is_no_difference(copy: Path) -> None:
    edit(copy, "policies/us/calls.yaml", "rules:\n", "# what holds\nrules:\n")
    ran = run("diff", SMALL, copy, "--exit-code", "--no-scenarios")
    assert ran.status == 0
    assert "LAYOUT   policies/us/calls.yaml" in ran.out


def test_a_weaker_rule_ends_with_four_and_a_witness(copy: Path) -> None:
    edit(copy, "policies/us/calls.yaml", *WIDER)
    ran = run("diff", SMALL, copy, "--exit-code", "--as-of", "2026-03-10")
    assert ran.status == 4
    assert "SAFETY   parameter `us.calls.max_calls` [weaker]" in ran.out
    assert "before: denied by us.seven" in ran.out
    assert "us.calls 1.0.0 -> 1.0.0: must rise to 2.0.0" in ran.out
    assert run("diff", SMALL, copy, "--no-scenarios").status == 0


def test_a_change_of_meaning_ends_with_one_and_the_scenario_that_fails(copy: Path) -> None:
    old = copy.parent / "old"
    shutil.copytree(copy, old)
    edit(copy, "flows/call/flow.yaml", "say: goodbye, end: promise_to_pay", "say: goodbye, end: refused")
    ran = run("diff", old, copy, "--exit-code")
    assert ran.status == 1
    assert "now fails" in ran.out


def test_git_revisions_are_compared_with_what_is_there_now(copy: Path) -> None:
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "one"]):
        subprocess.run(["git", "-C", str(copy), "-c", "user.name=a", "-c", "user.email=a@b", *words], check=True)
    edit(copy, "policies/us/calls.yaml", *WIDER)
    ran = run("diff", "HEAD", "--bundle", copy, "--no-scenarios", "--exit-code")
    assert ran.status == 4
    assert ran.out.startswith("HEAD -> now: 1 safety")


def test_every_format_says_the_same(copy: Path) -> None:
    edit(copy, "policies/us/calls.yaml", *WIDER)
    found = json.loads(run("diff", SMALL, copy, "--format", "json", "--no-scenarios").out)
    assert found["format_version"] == 1
    assert found["changes"][0]["witness"]["facts"]["calls_in_window"] >= 7
    assert found["approval_needed"] is True
    for style in ("markdown", "html"):
        out = run("diff", SMALL, copy, "--format", style, "--no-scenarios").out
        assert "us.calls.max_calls" in out
        assert "denied by us.seven" in out
    assert "http" not in run("diff", SMALL, copy, "--format", "html", "--no-scenarios").out.replace("http-equiv", "")


def test_what_cannot_be_read_is_named(copy: Path) -> None:
    assert run("diff", "no-such-place", "--bundle", copy).status == 3
    edit(copy, "flows/call/flow.yaml", "start: greeting", "start: greting")
    ran = run("diff", SMALL, copy)
    assert ran.status == 3
    assert "unknown-state" in ran.err
