"""``callwright lint``: findings at their lines, and the exit status."""

import json
import shutil
from pathlib import Path

from tests.tools.console import SMALL, TOLD, run, small


def broken(tmp_path: Path, file: str, old: str, new: str) -> Path:
    """Return a copy of the small bundle in which *old* is *new* in one file."""
    shutil.copytree(SMALL, tmp_path / "bundle")
    path = tmp_path / "bundle" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new))
    return tmp_path / "bundle"


def test_a_sound_bundle() -> None:
    ran = small("lint")
    assert ran.status == 0
    assert ran.out.endswith("7 documents, 0 errors\n")


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
    assert [(f["path"], f["message"]) for f in json.loads(ran.out)] == [
        ("scenarios/promise.yaml", "there is no disposition `promised`")
    ]


def test_no_bundle(tmp_path: Path) -> None:
    ran = run("lint", tmp_path)
    assert ran.status == 3
    assert "holds no folder `flows`" in ran.err
    assert run("lint", tmp_path / "none").status == 3
    assert run("lint", SMALL, "--bundle", SMALL).status == 2
