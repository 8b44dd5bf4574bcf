"""``callwright lint``: findings at their lines, and the exit status."""

import json
import shutil
from pathlib import Path

import pytest

from tests.tools.console import SMALL, TOLD, run, small


def broken(tmp_path: Path, file: str, old: str, new: str) -> Path:
    """Return a copy of the small bundle in which *old* is *new* in one file."""
    shutil.copytree(SMALL, tmp_path / "bundle")
    path = tmp_path / "bundle" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new))
    return tmp_path / "bundle"


def test_a_sound_bundle(tmp_path: Path) -> None:
    assert run("init", tmp_path / "new").status == 0
    ran = run("lint", tmp_path / "new")
    assert ran.status == 0
    assert ran.out.endswith("READY: 0 to mend, 0 warnings, 0 notes, 0 waived\n")


def test_a_promise_that_only_the_gate_holds_back() -> None:
    ran = small("lint", "--format", "json")
    assert ran.status == 1
    broken = [proof for proof in json.loads(ran.out)["proofs"] if proof["outcome"] == "broken"]
    assert [proof["rule"] for proof in broken] == ["pay.explicit_yes"]
    assert broken[0]["call"]


def test_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    bundle = broken(tmp_path, "flows/call/flow.yaml", "go: read_back}", "go: read_bac}")
    ran = run("lint", bundle)
    assert ran.status == 1
    assert "there is no state `read_bac`" in ran.out
    assert "did you mean `read_back`?" in ran.out
    assert "flows/call/flow.yaml:3" in ran.out


def test_a_scenario_is_checked_too(tmp_path: Path) -> None:
    shutil.copytree(SMALL, tmp_path, dirs_exist_ok=True)
    shutil.copytree(TOLD, tmp_path / "scenarios")
    story = tmp_path / "scenarios" / "promise.yaml"
    story.write_text(story.read_text("utf-8").replace("ends: promise_to_pay", "ends: promised"))
    ran = run("lint", tmp_path, "--format", "json")
    assert ran.status == 1
    told = [f for f in json.loads(ran.out)["findings"] if f["path"].startswith("scenarios/")]
    assert [(f["path"], f["message"]) for f in told] == [
        ("scenarios/promise.yaml", "there is no disposition `promised`")
    ]


def test_no_bundle(tmp_path: Path) -> None:
    ran = run("lint", tmp_path)
    assert ran.status == 3
    assert "holds no folder `flows`" in ran.err
    assert run("lint", tmp_path / "none").status == 3
    assert run("lint", SMALL, "--bundle", SMALL).status == 2


@pytest.mark.parametrize(
    "left_out", [("--only", "dead-state"), ("--skip", "unknown-state"), ("--only", "rule-can-be-broken")]
)
def test_leaving_out_what_keeps_the_bundle_from_being_read_leaves_it_unchecked(
    tmp_path: Path, left_out: tuple[str, str]
) -> None:
    bundle = broken(tmp_path, "flows/call/flow.yaml", "go: read_back}", "go: read_bac}")
    ran = run("lint", bundle, *left_out)
    assert ran.status == 3
    assert "COULD NOT CHECK" in ran.out
    assert "1 error that was left out keeps the rest from being checked" in ran.err


@pytest.mark.parametrize(("only", "mends"), [("dead-state", False), ("unknown-state", True)])
def test_fix_mends_what_is_reported_alone(tmp_path: Path, only: str, mends: bool) -> None:
    bundle = broken(tmp_path, "flows/call/flow.yaml", "go: read_back}", "go: read_bac}")
    run("lint", bundle, "--fix", "--only", only)
    assert ("read_bac}" not in (bundle / "flows/call/flow.yaml").read_text("utf-8")) is mends
