"""``callwright mutate``: edits that somebody notices, edits that nobody does, and those listed as equivalent."""

import json
import shutil
from pathlib import Path

import pytest

from tests.tools.console import SMALL, TOLD, run

UNSEEN = "rule-deleted us.calls/rules/us.dnc"
DENIED = """callwright: 1
kind: scenario
id: dnc
version: 1.0.0
title: Who is on our list is not called
at: 2026-02-10T14:00:00-05:00
given: {account.places: [NY]}
zones: [America/New_York]
suppressions: [{scope: phone, reason: dnc}]
dial:
  - at: 2026-02-10T14:00:00-05:00
    denied_by: [us.dnc]
"""


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Return a bundle whose scenarios say nothing of the list of those not to be called."""
    shutil.copytree(SMALL, tmp_path / "b")
    shutil.copytree(TOLD, tmp_path / "b" / "scenarios")
    return tmp_path / "b"


def tried(bundle: Path, *arguments: str | Path) -> dict[str, dict[str, str]]:
    data = json.loads(run("mutate", *arguments, "--format", "json", "--bundle", bundle).out)
    return {entry["edit"]: entry for entry in data["edits"]}


def list_equivalent(bundle: Path, edit: str, reason: str) -> None:
    text = f"equivalent:\n  - edit: {edit}\n    reason: {reason}\n"
    (bundle / "equivalent_mutants.yaml").write_text(text)


def test_a_deleted_rule_that_a_scenario_shows_is_noticed(bundle: Path) -> None:
    found = tried(bundle, "--only", "us.calls/rules/us.mini_miranda")
    entry = found["rule-deleted us.calls/rules/us.mini_miranda"]
    assert entry["noticed_by"] == "scenario"
    assert entry["by"].endswith("promise.yaml")


def test_what_nobody_notices_is_named_with_its_line(bundle: Path) -> None:
    ran = run("mutate", "--only", UNSEEN, "--bundle", bundle)
    assert ran.status == 1
    assert "1 edit tried: 0 noticed by scenarios, 0 by lint, 0 listed as equivalent, 1 NOT noticed" in ran.out
    assert f"policies/us/calls.yaml:26:3  {UNSEEN}\n      there is no rule `us.dnc`" in ran.out


def test_a_scenario_makes_the_difference(bundle: Path) -> None:
    (bundle / "scenarios" / "dnc.yaml").write_text(DENIED)
    ran = run("mutate", "--only", UNSEEN, "--bundle", bundle)
    assert ran.status == 0, ran.out
    assert "1 noticed by scenarios" in ran.out


def test_an_edit_that_does_not_compile_is_noticed_by_lint(bundle: Path) -> None:
    gone = tried(bundle, "--only", "handler-deleted call/unclear")["handler-deleted call/unclear"]
    assert gone["noticed_by"] == "lint"


def test_an_equivalent_edit_is_listed_with_its_reason(bundle: Path) -> None:
    list_equivalent(bundle, UNSEEN, "A live suppression denies by itself, whatever the rules say.")
    ran = run("mutate", "--only", UNSEEN, "--bundle", bundle)
    assert ran.status == 0
    assert "1 listed as equivalent, 0 NOT noticed" in ran.out
    entry = tried(bundle, "--only", UNSEEN)[UNSEEN]
    assert entry["noticed_by"] == "equivalent"
    assert entry["reason"].startswith("A live suppression denies")


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        ("rule-deleted us.calls/rules/us.nothing", "the bundle offers no such edit"),
        ("rule-deleted us.calls/rules/us.mini_miranda", "this edit is noticed, so it is not equivalent"),
    ],
)
def test_an_entry_that_is_of_no_use_is_reported(bundle: Path, edit: str, message: str) -> None:
    list_equivalent(bundle, edit, "It is said to change nothing that matters.")
    ran = run("mutate", "--only", "us.calls/rules/us.mini_miranda", "--bundle", bundle)
    assert message in ran.err
    assert "equivalent_mutants.yaml:2:11" in ran.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- edit: x\n", "this file lists no edits"),
        ("equivalent:\n  - edit: x\n    why: because it is so and so\n", "`why` is not a setting here"),
        ("equivalent:\n  - edit: x\n    reason: dunno\n", "this entry gives no reason"),
        ("equivalent:\n  - reason: It changes nothing at all.\n", "this entry does not say which edit it is about"),
        ("equivalent: [\n", "equivalent_mutants.yaml"),
        ("equivalent:\n" + 2 * "  - edit: x\n    reason: It changes nothing at all.\n", "this edit is listed twice"),
    ],
)
def test_a_list_that_cannot_be_read_is_status_3(bundle: Path, text: str, message: str) -> None:
    (bundle / "equivalent_mutants.yaml").write_text(text)
    ran = run("mutate", "--only", UNSEEN, "--bundle", bundle)
    assert ran.status == 3
    assert message in ran.err


def test_a_scenario_that_fails_as_things_are_notices_nothing(bundle: Path) -> None:
    file = bundle / "scenarios" / "promise.yaml"
    file.write_text(file.read_text().replace("ends: promise_to_pay", "ends: refused"))
    ran = run("mutate", "--only", UNSEEN, "--bundle", bundle)
    assert ran.status == 3
    assert "1 scenario cannot be read or fails as things are" in ran.err


def test_a_journal_is_gone_on_from(bundle: Path) -> None:
    journal = bundle / "journal"
    arguments = ("--only", "rules/us.seven", "--journal", journal)
    first = tried(bundle, *arguments)
    held = journal.read_text().splitlines()
    assert len(held) == len(first) > 3
    assert tried(bundle, *arguments) == first
    assert journal.read_text().splitlines() == held, "nothing is tried twice"
    (bundle / "scenarios" / "dnc.yaml").write_text(DENIED)
    tried(bundle, *arguments)
    again = len(journal.read_text().splitlines()) - len(held)
    unseen = sum(entry["noticed_by"] == "nobody" for entry in first.values())
    assert again == unseen, "a new scenario may notice what nobody did, and nothing else is tried again"


def test_what_nobody_noticed_without_proofs_is_tried_again_with_them(bundle: Path) -> None:
    journal = bundle / "journal"
    unproved = tried(bundle, "--only", UNSEEN, "--journal", journal)
    assert {entry["noticed_by"] for entry in unproved.values()} == {"nobody"}
    held = len(journal.read_text().splitlines())
    tried(bundle, "--only", UNSEEN, "--journal", journal, "--prove")
    assert len(journal.read_text().splitlines()) == 2 * held


def test_a_journal_that_is_none_and_a_list_that_is_no_file_are_told_plainly(bundle: Path) -> None:
    journal = bundle / "journal"
    journal.write_bytes(b"\xff")
    ran = run("mutate", "--only", UNSEEN, "--bundle", bundle, "--journal", journal)
    assert (ran.status, "is not UTF-8 text" in ran.err) == (3, True)
    ran = run("mutate", "--only", UNSEEN, "--bundle", bundle, "--journal", bundle / "none" / "journal")
    assert (ran.status, "cannot be opened: no such file or directory" in ran.err) == (3, True)
    (bundle / "equivalent_mutants.yaml").mkdir()
    ran = run("mutate", "--only", UNSEEN, "--bundle", bundle)
    assert (ran.status, "`equivalent_mutants.yaml` is no file" in ran.err) == (3, True)


def test_a_journal_cut_short_is_gone_on_from(bundle: Path) -> None:
    journal = bundle / "journal"
    arguments = ("--only", "rules/us.seven", "--journal", journal)
    first = tried(bundle, *arguments)
    journal.write_text(journal.read_text()[:-20])
    assert tried(bundle, *arguments) == first


def test_the_list_of_edits_tries_none(bundle: Path) -> None:
    ran = run("mutate", "--list", "--only", "us.seven", "--bundle", bundle)
    assert ran.status == 0
    for name in ("rule-deleted", "condition-deleted", "exemption-deleted", "comparison-moved", "comparison-turned"):
        assert f"{name} us.calls/rules/us.seven" in ran.out
    assert "`calls_in_window >= max_calls` becomes `calls_in_window > max_calls`" in ran.out


def test_wrong_usage(bundle: Path) -> None:
    assert run("mutate", "--only", "no such thing", "--bundle", bundle).status == 2
    assert run("mutate", "--budget", "0", "--bundle", bundle).status == 2
    assert run("mutate", "--bundle", bundle / "none").status == 3
