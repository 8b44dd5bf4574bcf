"""Formats, waivers, baselines, fixes and exit statuses."""
# ruff: noqa: E501

import json
import xml.etree.ElementTree as ElementTree
from datetime import date
from pathlib import Path, PurePosixPath

import pytest
from checks.bundles import base, checked
from click.testing import CliRunner

from engine.checks.fingerprints import new_ones, read_baseline, write_baseline
from engine.checks.fixes import apply, safe_edits
from engine.checks.formats import FORMATS, Judged
from engine.checks.waivers import read_waivers, waive
from tools.lint import lint, waivable

FLOW = PurePosixPath("flows/call/flow.yaml")
TODAY = date(2026, 3, 10)


def broken_texts() -> dict[PurePosixPath, str]:
    texts = base()
    texts[FLOW] = texts[FLOW].replace("affirm: {go: zip}", "affirm: {go: balance}")
    return texts


def judged() -> Judged:
    texts = broken_texts()
    return Judged(checked(texts), (), texts, "d", len(texts))


def written(folder: Path, texts: dict[PurePosixPath, str]) -> Path:
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize("style", sorted(FORMATS))
def test_the_same_input_gives_the_same_bytes(style: str) -> None:
    assert FORMATS[style](judged()) == FORMATS[style](judged())


def test_json_holds_findings_and_proofs() -> None:
    data = json.loads(FORMATS["json"](judged()))
    proof = next(p for p in data["proofs"] if p["rule"] == "before_debt")
    assert proof["outcome"] == "broken"
    assert proof["call"][-1]["who"] == "rule"
    assert any(f["rule"] == "rule-can-be-broken" for f in data["findings"])


def test_sarif_carries_the_call_as_a_code_flow() -> None:
    run = json.loads(FORMATS["sarif"](judged()))["runs"][0]
    result = next(r for r in run["results"] if r["ruleId"] == "rule-can-be-broken")
    assert result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "rule-can-be-broken"
    assert result["partialFingerprints"]["callwright/v1"]


def test_junit_is_xml_with_a_failure_for_each_error() -> None:
    suite = ElementTree.fromstring(FORMATS["junit"](judged()))
    assert int(suite.attrib["failures"]) == len(suite.findall(".//failure")) > 0


def test_a_waiver_needs_another_approver_a_reason_and_an_end() -> None:
    good = "waivers:\n  - {rule: fact-unused, where: facts/pay.amount, reason: soon, author: a, approved_by: b, expires: 2026-06-01}\n"
    path = PurePosixPath("waivers.yaml")
    held, wrong = read_waivers(good, path, TODAY)
    assert (len(held), wrong) == (1, ())
    left, waived = waive(checked(base()).findings, held, waivable)
    assert [w.finding.rule for w in waived] == ["fact-unused"]
    assert not [f for f in left if f.rule == "fact-unused"]
    for old, new, rule in (
        ("approved_by: b", "approved_by: a", "self-approved-waiver"),
        ("2026-06-01", "2026-01-01", "waiver-expired-or-malformed"),
        ("2026-06-01", "2027-06-01", "waiver-expired-or-malformed"),
        ("2026-06-01", "2026-13-45", "waiver-expired-or-malformed"),
        ("reason: soon, ", "", "waiver-without-reason-or-approver"),
    ):
        held, wrong = read_waivers(good.replace(old, new), path, TODAY)
        assert (held, [f.rule for f in wrong]) == ((), [rule])


def test_a_rule_that_cannot_be_waived_stands_and_an_unused_waiver_is_told() -> None:
    findings = checked(broken_texts()).findings
    where = next(f.where for f in findings if f.rule == "rule-can-be-broken")
    text = f"waivers:\n  - {{rule: rule-can-be-broken, where: '{where}', reason: r, author: a, approved_by: b, expires: 2026-06-01}}\n"
    text += "  - {rule: dead-state, where: nowhere, reason: r, author: a, approved_by: b, expires: 2026-06-01}\n"
    held, _ = read_waivers(text, PurePosixPath("waivers.yaml"), TODAY)
    left, waived = waive(findings, held, waivable)
    assert not waived
    assert {"rule-can-be-broken", "unused-waiver"} <= {f.rule for f in left}


def test_a_baseline_keeps_what_can_be_waived_and_survives_moved_lines() -> None:
    texts = base()
    baseline = read_baseline(write_baseline(checked(texts).findings, waivable))
    texts[PurePosixPath("policies/vocabulary.yaml")] = "# moved\n" + texts[PurePosixPath("policies/vocabulary.yaml")]
    new, gone = new_ones(checked(texts).findings, baseline, waivable)
    assert (new, gone) == ((), frozenset())
    assert [f.rule for f in new_ones(checked(broken_texts()).findings, baseline, waivable)[0]]


def test_a_safe_fix_changes_the_misspelt_name_alone() -> None:
    texts = base()
    wrong = {**texts, FLOW: texts[FLOW].replace("go: balance", "go: balence")}
    edits = [e for f in checked(wrong).findings for e in safe_edits(f, wrong)]
    assert apply(wrong[FLOW], edits) == texts[FLOW]


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        ("greeting:\n    say", "greeting:\n    say", 0),
        ("affirm: {go: zip}", "affirm: {go: balance}", 1),
        ("title: The call", 'title: "The call', 3),
    ],
)
def test_exit_status(tmp_path: Path, old: str, new: str, status: int) -> None:
    texts = base()
    texts[FLOW] = texts[FLOW].replace(old, new, 1)
    folder = written(tmp_path, texts)
    result = CliRunner().invoke(lint, [str(folder), "--as-of", "2026-03-10"])
    assert result.exit_code == status, result.output
    assert CliRunner().invoke(lint, [str(folder), "--only", "no-such-rule"]).exit_code == 2


def test_fix_mends_the_file(tmp_path: Path) -> None:
    texts = base()
    folder = written(tmp_path, {**texts, FLOW: texts[FLOW].replace("go: balance", "go: balence")})
    assert CliRunner().invoke(lint, [str(folder), "--fix", "--as-of", "2026-03-10"]).exit_code == 0
    assert (folder / FLOW).read_text("utf-8") == texts[FLOW]
