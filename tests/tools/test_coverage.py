"""``callwright replay --coverage``: what passing scenarios exercise, drills among them, and each line none does."""

import json
import shutil
from pathlib import Path

import pytest

from engine.rehearsal.generate import MARK
from tests.tools.console import SMALL, TOLD, run

FLOW = """callwright: 1
kind: flow
id: careless
version: 1.0.0
title: A flow that speaks of the debt at once
start: door
blocked: {say: cannot_continue, end: ended_by_rule}
silence: {times: 1, say: are_you_there, then: {end: no_response}}
unclear: {times: 1, say: sorry_again, then: {end: no_response}}
states:
  door:
    say: greeting
    hears:
      identity_confirmed: {say: balance_and_ask, again: 2}
"""
DRILL = """callwright: 1
kind: scenario
id: too_early
version: 1.0.0
title: The debt is not spoken of before verification
flow: careless
at: 2026-02-10T14:00:00-05:00
given: {party.first_name: Alex, account.places: [NY], account.balance: 240.00}
call:
  - event: identity_confirmed
    says: [cannot_continue]
expect:
  prevented: [us.rpv]
"""


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Return a bundle with two scenarios and one drill."""
    shutil.copytree(SMALL, tmp_path / "b")
    shutil.copytree(TOLD, tmp_path / "b" / "scenarios")
    drills = tmp_path / "b" / "tests" / "drills"
    (drills / "flows" / "careless").mkdir(parents=True)
    (drills / "flows" / "careless" / "flow.yaml").write_text(FLOW)
    (drills / "scenarios").mkdir()
    (drills / "scenarios" / "too_early.yaml").write_text(DRILL)
    return tmp_path / "b"


def shares(*arguments: str | Path) -> dict[str, dict[str, object]]:
    data = json.loads(run("replay", *arguments, "--coverage", "--format", "json").out)
    return {share["name"]: share for share in data["coverage"]["shares"]}


def missing(share: dict[str, object]) -> set[str]:
    listed = share["missing"]
    assert isinstance(listed, list)
    return {entry["name"] for entry in listed}


def test_counts_come_first_and_what_is_missing_has_its_line(bundle: Path) -> None:
    ran = run("replay", "--coverage", "--bundle", bundle)
    assert ran.status == 0
    assert "3 of 3 scenarios passed\ncovered by 3 passing scenarios:\n  states 5 of 5 (100 %)\n" in ran.out
    assert "  steps 6 of 24 (25 %)\n" in ran.out
    assert "not covered  flows/call/flow.yaml:11:17  steps: call/anytime/stop_calling/1\n" in ran.out
    assert "Agent   Hello" not in ran.out, "transcripts of what passed hide the figures"


def test_a_condition_counts_true_false_and_unknown(bundle: Path) -> None:
    found = shares("--bundle", bundle)
    true, false, unknown = (found[f"conditions-{name}"] for name in ("true", "false", "unknown"))
    assert "calls in window is at least 3" in missing(true)
    assert "calls in window is at least 3" not in missing(false)
    assert true["total"] == false["total"]
    assert unknown["total"] < true["total"], "what cannot be unknown is not asked for"  # type: ignore[operator]
    assert "`affirm` was heard" not in missing(unknown)


def test_drills_make_rules_fire_that_a_careful_flow_never_trips(bundle: Path) -> None:
    with_drills, without = shares("--bundle", bundle), shares(bundle / "scenarios", "--bundle", bundle)
    assert "us.rpv" in missing(without["rules-fired"])
    assert "us.rpv" not in missing(with_drills["rules-fired"])
    assert with_drills["steps"]["total"] == without["steps"]["total"], "the steps of a drill's own flow do not count"
    assert shares(bundle / "scenarios", bundle / "tests" / "drills", "--bundle", bundle) == with_drills


def test_only_passing_scenarios_count(bundle: Path) -> None:
    file = bundle / "scenarios" / "promise.yaml"
    file.write_text(file.read_text().replace("ends: promise_to_pay", "ends: refused"))
    ran = run("replay", "--coverage", "--bundle", bundle)
    assert ran.status == 1
    assert "covered by 2 passing scenarios" in ran.out
    assert "expected the call to end with `refused`" in ran.out
    assert "call/read_back/affirm/1" in ran.out


def test_a_proposal_counts_only_once_it_is_adopted(bundle: Path) -> None:
    file = bundle / "scenarios" / "promise.yaml"
    adopted = file.read_text()
    file.write_text(f"{MARK}\n{adopted}")
    assert "call/read_back/affirm/1" in missing(shares("--bundle", bundle)["steps"])
    file.write_text(adopted)
    assert "call/read_back/affirm/1" not in missing(shares("--bundle", bundle)["steps"])


def test_less_than_asked_for_is_status_1(bundle: Path) -> None:
    assert run("replay", "--min", "states=100,steps=25", "--bundle", bundle).status == 0
    ran = run("replay", "--min", "steps=26", "--bundle", bundle)
    assert ran.status == 1
    assert "too little is covered: steps 6 of 24 (25 %), and 26 % is asked for" in ran.err
    assert run("replay", "--min", "100", "--bundle", bundle).status == 1


@pytest.mark.parametrize("least", ["steps", "steps=101", "=5", "steps=-1", "stepz=5"])
def test_a_least_share_that_cannot_be_is_wrong_usage(bundle: Path, least: str) -> None:
    assert run("replay", "--min", least, "--bundle", bundle).status == 2


def test_a_percentage_is_never_rounded_up_to_all(bundle: Path) -> None:
    for share in shares("--bundle", bundle).values():
        assert (share["percent"] == 100) == (share["covered"] == share["total"])


def test_a_bundle_among_the_paths_is_told_apart_from_drills(bundle: Path) -> None:
    ran = run("replay", bundle)
    assert ran.status == 3
    assert f"`{bundle}` is a bundle of its own: name it with `--bundle {bundle}`" in ran.err


def test_drills_that_do_not_compile_are_status_3(bundle: Path) -> None:
    flow = bundle / "tests" / "drills" / "flows" / "careless" / "flow.yaml"
    flow.write_text(FLOW.replace("balance_and_ask", "balance_and_axe"))
    ran = run("replay", "--bundle", bundle)
    assert ran.status == 3
    assert "the flows of the drills have 1 error" in ran.err
    assert "balance_and_axe" in ran.err
