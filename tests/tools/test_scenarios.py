"""``callwright scenarios generate``: proposals cover what is missing, go as they say, and count once adopted."""

import json
import shutil
from pathlib import Path

import pytest

from engine.rehearsal.generate import MARK
from tests.tools.console import SMALL, TOLD, run


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Return a bundle whose scenarios leave much uncovered."""
    shutil.copytree(SMALL, tmp_path / "b")
    shutil.copytree(TOLD, tmp_path / "b" / "scenarios")
    return tmp_path / "b"


def proposals(bundle: Path) -> list[Path]:
    return sorted((bundle / "scenarios" / "proposed").glob("*.yaml"))


def propose(bundle: Path, *arguments: str) -> int:
    out = bundle / "scenarios" / "proposed"
    return run("scenarios", "generate", *arguments, "--out", out, "--bundle", bundle, "--at", "2026-03-10").status


def adopt(bundle: Path) -> None:
    for file in proposals(bundle):
        file.write_text(file.read_text().replace(f"{MARK}\n", ""))


def test_proposed_calls_cover_every_step(bundle: Path) -> None:
    assert "steps 6 of 24" in run("replay", "--coverage", "--bundle", bundle).out
    assert propose(bundle) == 0
    assert 1 < len(proposals(bundle)) <= 17, "few calls are easier to read than one for each step"
    before = run("replay", "--coverage", "--bundle", bundle)
    assert before.status == 0, "each goes as it says"
    assert "steps 6 of 24" in before.out, "what nobody adopted does not count"
    adopt(bundle)
    assert "steps 24 of 24 (100 %)" in run("replay", "--coverage", "--bundle", bundle).out
    assert run("scenarios", "generate", "--bundle", bundle).status == 0


def test_a_proposal_is_a_scenario_to_read(bundle: Path) -> None:
    propose(bundle)
    text = next(file.read_text() for file in proposals(bundle) if "covers call/read_back/deny/1" in file.read_text())
    assert text.startswith(f"{MARK}\n# covers ")
    assert "  - event: identity_confirmed\n    says: [ask_zip]\n" in text
    assert "expect:\n" in text
    assert "  never_disclosed: [" in text


def test_calls_are_proposed_for_rules_and_what_no_call_reaches_is_named(bundle: Path) -> None:
    assert propose(bundle, "--cover", "rules") == 1
    adopt(bundle)
    out = run("replay", "--coverage", "--bundle", bundle)
    assert out.status == 0
    assert "rules fired: us.stop\n" not in out.out
    ran = run("scenarios", "generate", "--cover", "rules", "--bundle", bundle)
    assert ran.status == 1
    assert "no proposal covers us.dnc" in ran.err


def test_a_day_that_is_none_is_wrong_usage(bundle: Path) -> None:
    assert run("scenarios", "generate", "--at", "soon", "--bundle", bundle).status == 2


def test_dials_are_proposed_at_the_limits_of_rules_and_go_as_they_say(bundle: Path) -> None:
    propose(bundle, "--cover", "boundaries")
    texts = {file.stem: file.read_text() for file in proposals(bundle)}
    assert all(text.startswith(f"{MARK}\n") for text in texts.values())
    hours = texts["boundary_us_window_1"]
    assert "T20:59:00" in hours
    assert "T21:00:00" in hours
    assert "denied_by: [us.window]" in hours
    assert any("clocks go forward" in text for text in texts.values())
    told = run("replay", bundle / "scenarios" / "proposed", "--bundle", bundle)
    assert told.status == 0, told.out
    assert f"{len(texts)} of {len(texts)} scenarios passed" in told.out


def test_a_limit_that_no_scenario_comes_near_is_named(bundle: Path) -> None:
    shutil.rmtree(bundle / "scenarios")
    ran = run("scenarios", "generate", "--cover", "boundaries", "--bundle", bundle)
    assert ran.status == 1
    assert "no scenario shows a dial that us.window denies" in ran.err


def test_a_proposal_that_was_adopted_is_not_written_over_and_keeps_its_name(bundle: Path) -> None:
    propose(bundle)
    first, second, *rest = proposals(bundle)
    adopted = first.read_text().replace(f"{MARK}\n", "# read by Ann\n")
    first.rename(bundle / "scenarios" / "mine.yaml").write_text(adopted)
    renamed = second.read_text().replace(f"{MARK}\n", "").replace("id: proposed_", "id: mine_")
    second.write_text(renamed)
    stale = {file.name for file in rest}
    propose(bundle)
    assert (bundle / "scenarios" / "mine.yaml").read_text() == adopted
    assert second.read_text() == renamed
    assert not first.exists()
    assert {file.name for file in proposals(bundle)} == {second.name, *stale}, "the rest is proposed again"
    again = run("lint", bundle, "--only", "duplicate-document", "--format", "json")
    assert json.loads(again.out)["findings"] == []
    adopt(bundle)
    assert "steps 24 of 24 (100 %)" in run("replay", "--coverage", "--bundle", bundle).out


def test_what_cannot_be_read_covers_nobody_knows_what(bundle: Path) -> None:
    (bundle / "scenarios" / "broken.yaml").write_text("id: 'never closed")
    ran = run("scenarios", "generate", "--bundle", bundle)
    assert ran.status == 3
    assert "broken.yaml" in ran.err
    assert ran.out == ""


def test_a_scenario_that_fails_covers_nothing_and_is_told(bundle: Path) -> None:
    story = bundle / "scenarios" / "promise.yaml"
    story.write_text(story.read_text().replace("ends: promise_to_pay", "ends: refused"))
    assert "1 scenario failed" in run("scenarios", "generate", "--bundle", bundle).err


def test_a_place_that_is_no_folder_is_told(bundle: Path) -> None:
    ran = run("scenarios", "generate", "--bundle", bundle, "--out", bundle / "scenarios" / "promise.yaml")
    assert ran.status == 3
    assert "cannot be written to" in ran.err


ASKED = """      who_is_this:
        - {when: number.connected is unknown, say: goodbye, end: refused}
        - {when: number.connected, say: identify, again: 4}
        - {when: heard.refuse, say: goodbye, end: refused}
        - {say: identify, again: 2}
        - {say: goodbye, end: refused}
      dtmf: {say: goodbye, end: refused}
"""


def test_calls_are_proposed_with_two_things_said_at_once_again_and_again_keys_and_other_facts(bundle: Path) -> None:
    flow = bundle / "flows" / "call" / "flow.yaml"
    text = flow.read_text("utf-8")
    asked = "      who_is_this: {say: identify, again: 2}\n"
    assert asked in text
    flow.write_text(text.replace(asked, ASKED), "utf-8")
    assert propose(bundle) == 0
    said = "\n".join(file.read_text() for file in proposals(bundle))
    assert "  - event: [who_is_this, refuse]\n" in said
    assert "  - event: dtmf\n    digits: '" in said
    assert "  number.connected: true\n" in said
    before = run("replay", "--coverage", "--bundle", bundle)
    assert before.status == 0, "each goes as it says"
    adopt(bundle)
    assert "(100 %)" in next(
        line for line in run("replay", "--coverage", "--bundle", bundle).out.splitlines() if line.startswith("  steps ")
    )
