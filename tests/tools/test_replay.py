"""``callwright replay``: what is printed, and the exit status."""

import json
import os
import shutil
from pathlib import Path

from tests.tools.console import SMALL, TOLD, run, small

FAILING = (TOLD / "promise.yaml").read_text("utf-8").replace("ends: promise_to_pay", "ends: refused")


def test_true_stories_pass() -> None:
    ran = small("replay", TOLD)
    assert ran.status == 0
    assert "2 of 2 scenarios passed" in ran.out
    assert "Agent   Hello, may I speak with Alex?" in ran.out


def test_a_failed_expectation_is_shown_at_its_line(tmp_path: Path) -> None:
    file = tmp_path / "failing.yaml"
    file.write_text(FAILING)
    ran = small("replay", file)
    line = next(n for n, text in enumerate(FAILING.splitlines(), 1) if "ends: refused" in text)
    assert ran.status == 1
    assert f" --> {file}:{line}:9" in ran.out
    assert "expected the call to end with `refused`, but it ended with `promise_to_pay`" in ran.out
    assert "0 of 1 scenario passed, 1 failed" in ran.out


def test_quiet_shows_only_what_fails(tmp_path: Path) -> None:
    file = tmp_path / "failing.yaml"
    file.write_text(FAILING)
    ran = small("replay", TOLD, file, "--quiet")
    assert ran.out.count("Agent   Hello") == 1
    assert "2 of 3 scenarios passed, 1 failed" in ran.out


def test_json_holds_turns_dials_and_the_verdict() -> None:
    ran = small("replay", TOLD, "--format", "json")
    data = json.loads(ran.out)
    assert ran.status == 0
    dials, promise = data["replays"]
    assert [d["outcome"] for d in dials["dials"]] == ["allow", "deny"]
    assert promise["passed"] is True
    assert promise["turns"][0]["turn"]["utterances"][0]["inserted_by"] == "us.identify"
    assert promise["turns"][-1]["turn"]["session"]["disposition"] == "promise_to_pay"
    assert data["findings"] == []


def test_verbose_shows_the_decisions() -> None:
    ran = small("replay", TOLD / "promise.yaml", "-v")
    assert "before_speaking balance_and_ask: allow" in ran.out


def test_a_scenario_that_cannot_be_read_is_status_3(tmp_path: Path) -> None:
    good, bad = tmp_path / "a.yaml", tmp_path / "b.yaml"
    good.write_text((TOLD / "promise.yaml").read_text("utf-8"))
    bad.write_text(FAILING.replace("says: ask_zip", "says: ask_zipp"))
    ran = small("replay", tmp_path)
    assert ran.status == 3
    assert "there is no prompt `ask_zipp`" in ran.err
    assert "did you mean `ask_zip`?" in ran.err
    assert "1 of 1 scenario passed, 1 file could not be read" in ran.out


def test_a_path_is_also_looked_for_in_the_bundle(tmp_path: Path) -> None:
    shutil.copytree(SMALL, tmp_path, dirs_exist_ok=True)
    shutil.copytree(TOLD, tmp_path / "scenarios")
    ran = run("replay", "scenarios/promise.yaml", "--bundle", tmp_path)
    assert ran.status == 0
    assert "1 of 1 scenario passed" in ran.out
    assert "2 of 2 scenarios passed" in run("replay", "--bundle", tmp_path).out


def test_nothing_to_replay_is_status_3(tmp_path: Path) -> None:
    assert small("replay", tmp_path / "none.yaml").status == 3
    ran = small("replay", tmp_path)
    assert ran.status == 3
    assert "no scenario was found" in ran.out


def test_every_file_of_a_folder_is_read_or_told(tmp_path: Path) -> None:
    good = (TOLD / "promise.yaml").read_text("utf-8")
    told = tmp_path / "told"
    (told / "deeper").mkdir(parents=True)
    for number, name in enumerate(("a.yaml", "b.YML", "deeper/c.yaml", ".hidden.yaml")):
        (told / name).write_text(good.replace("id: promise", f"id: promise_{number}"), "utf-8")
    ran = small("replay", told)
    assert ran.status == 0
    assert "3 of 3 scenarios passed" in ran.out
    (told / "dead.yaml").symlink_to("nowhere")
    (told / "loop").symlink_to(".")
    os.mkfifo(told / "pipe.yaml")
    (told / "folder.yaml").mkdir()
    ran = small("replay", told)
    assert ran.status == 3
    assert "3 of 3 scenarios passed, 3 files could not be read" in ran.out
    assert all(f" --> {told / name}:1:1" in ran.err for name in ("dead.yaml", "pipe.yaml", "folder.yaml"))


def test_one_scenario_named_twice_is_one(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    again = tmp_path / "here" / ".." / "promise.yaml"
    (tmp_path / "promise.yaml").write_text((TOLD / "promise.yaml").read_text("utf-8"), "utf-8")
    assert "1 of 1 scenario passed" in small("replay", tmp_path, again, "-q").out
