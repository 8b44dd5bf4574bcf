"""Formats, waivers, baselines, fixes and exit statuses."""
# ruff: noqa: E501

import errno
import json
import os
import signal
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path, PurePosixPath

import pytest
from checks.bundles import base, checked
from click.testing import CliRunner

from engine.checks.catalogue import waivable
from engine.checks.fingerprints import baseline_of, new_ones, read_baseline, without, write_baseline
from engine.checks.fixes import mended, safe_edits
from engine.checks.formats import FORMATS, Judged
from engine.checks.run import Report
from engine.checks.waivers import read_waivers, waive
from engine.source.finding import Finding
from engine.source.span import Span
from tools.lint import lint
from tools.watch import interruptions, stamps, wait_for_change

FLOW = PurePosixPath("flows/call/flow.yaml")
RULES = PurePosixPath("policies/rules.yaml")
LAW = PurePosixPath("policies/prompts.yaml")
LAWFUL = """callwright: 1
kind: prompts
id: law.en
version: 1.0.0
title: What rules say
locale: en-US
prompts:
  notice: This is a notice.
"""
TODAY = date(2026, 3, 10)
ROOT = Path(__file__).parents[3]


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


@pytest.mark.parametrize("style", ["text", "json", "github", "junit"])
def test_what_is_waived_stays_in_every_report(style: str) -> None:
    text = "waivers:\n  - {rule: fact-unused, where: facts/pay.amount, reason: soon & sure, author: a, approved_by: b, expires: 2026-06-01}\n"
    report = checked(base())
    left, waived = waive(report.findings, read_waivers(text, PurePosixPath("waivers.yaml"), TODAY)[0], waivable)
    said = FORMATS[style](Judged(replace(report, findings=left), waived, base()))
    assert "fact-unused" in said
    assert "2026-06-01" in said
    if style == "junit":
        suite = ElementTree.fromstring(said)
        assert int(suite.attrib["skipped"]) == len(suite.findall(".//skipped")) == 1


def test_junit_tells_that_what_was_left_out_keeps_the_rest_unchecked() -> None:
    suite = ElementTree.fromstring(FORMATS["junit"](Judged(Report((), hidden=2), (), {})))
    assert (suite.attrib["errors"], len(suite.findall(".//error"))) == ("1", 1)


@pytest.mark.parametrize("style", ["text", "junit"])
def test_a_file_that_was_not_read_is_told_whatever_was_looked_for(tmp_path: Path, style: str) -> None:
    folder = written(tmp_path, base())
    (folder / "scenarios").mkdir()
    (folder / "scenarios/tale.yaml").write_bytes(b"\xff\xfe")
    ran = CliRunner().invoke(lint, [str(folder), "--as-of", "2026-03-10", "--only", "dead-state", "--format", style])
    assert ran.exit_code == 3
    assert "1 error that was left out keeps the rest from being checked" in ran.stderr
    if style == "junit":
        assert ElementTree.fromstring(ran.stdout).attrib["errors"] == "1"


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
    baseline = read_baseline(write_baseline(baseline_of(checked(texts).findings, waivable)))
    texts[PurePosixPath("policies/vocabulary.yaml")] = "# moved\n" + texts[PurePosixPath("policies/vocabulary.yaml")]
    new, gone = new_ones(checked(texts).findings, baseline, waivable)
    assert (new, gone) == ((), {})
    assert [f.rule for f in new_ones(checked(broken_texts()).findings, baseline, waivable)[0]]


def test_a_safe_fix_changes_the_misspelt_name_alone() -> None:
    texts = base()
    wrong = {**texts, FLOW: texts[FLOW].replace("go: balance", "go: balence")}
    edits = [e for f in checked(wrong).findings for e in safe_edits(f, wrong)]
    assert mended(wrong[FLOW], FLOW, edits) == texts[FLOW]


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


@pytest.mark.parametrize(
    "laid_out",
    [
        pytest.param(lambda text: text, id="as it is"),
        pytest.param(lambda text: text.replace("\n", "\r\n"), id="lines of Windows"),
        pytest.param(lambda text: text.rstrip("\n"), id="no line end at the end"),
        pytest.param(lambda text: "# Käse \U0001f9c0\n" + text.replace(" {go:", "   {   go:"), id="comment and room"),
    ],
)
def test_fix_changes_the_misspelt_name_and_not_a_byte_more(tmp_path: Path, laid_out: Callable[[str], str]) -> None:
    texts = base()
    right, wrong = (laid_out(texts[FLOW].replace("go: balance", name)) for name in ("go: balance", "go: balence"))
    folder = written(tmp_path, texts)
    (folder / FLOW).write_bytes(wrong.encode())
    before = {path: (folder / path).read_bytes() for path in texts if path != FLOW}
    assert CliRunner().invoke(lint, [str(folder), "--fix", "--as-of", "2026-03-10"]).exit_code == 0
    assert (folder / FLOW).read_bytes() == right.encode()
    assert {path: (folder / path).read_bytes() for path in before} == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("affirm: {go: zip}", "affirm: {go: zup}", id="one of two names that are as near"),
        pytest.param("affirm: {go: zip}", "affirm: {go: nowhere}", id="no name is near"),
        pytest.param("affirm: {go: zip}", "affirm: {go: balance}", id="what only a person can mend"),
    ],
)
def test_fix_leaves_alone_what_is_not_sure(tmp_path: Path, old: str, new: str) -> None:
    texts = base()
    texts[FLOW] = texts[FLOW].replace(
        "  balance:\n", "  zap:\n    say: ask_zip\n    hears:\n      deny: {end: done}\n  balance:\n"
    )
    texts[FLOW] = texts[FLOW].replace(old, new)
    folder = written(tmp_path, texts)
    CliRunner().invoke(lint, [str(folder), "--fix", "--as-of", "2026-03-10"])
    assert (folder / FLOW).read_text("utf-8") == texts[FLOW]


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        pytest.param(FLOW, "affirm: {go: zip}", "affirm: {go: zip}\n      afirm: {go: zip}", id="the name is there"),
        pytest.param(FLOW, "affirm: {go: zip}", "afirm: {go: zip}\n      affrm: {go: zip}", id="two become one"),
        pytest.param(RULES, "place: US", "place: USA", id="where a policy holds"),
        pytest.param(PurePosixPath("policies/prompts.yaml"), "This is", "This\u00a0is", id="a space in legal words"),
        pytest.param(PurePosixPath("policies/prompts.yaml"), "This is", "This \u200bis", id="nothing in legal words"),
        pytest.param(PurePosixPath("flows/call/prompts.yaml"), "Thank you", "Thank\u00a0you", id="a space in words"),
        pytest.param(RULES, "place: US", "place: \u202eUS", id="what a policy's reader does not see"),
    ],
)
def test_fix_leaves_alone_what_is_a_persons_to_say(tmp_path: Path, path: PurePosixPath, old: str, new: str) -> None:
    texts = {**base(), LAW: LAWFUL}
    assert old in texts[path]
    texts[path] = texts[path].replace(old, new)
    folder = written(tmp_path, texts)
    ran = CliRunner().invoke(lint, [str(folder), "--fix", "--as-of", "2026-03-10"])
    assert ran.exit_code in (1, 3)
    assert "duplicate-key" not in ran.output
    assert "afirm" in new or (folder / path).read_bytes() == texts[path].encode()


def test_fix_deletes_what_cannot_be_seen_where_nobody_says_it(tmp_path: Path) -> None:
    texts = base()
    folder = written(
        tmp_path, {**texts, FLOW: texts[FLOW].replace("    say: balance", "  \u00a0\u00a0say: balance\u200b")}
    )
    (folder / RULES).write_bytes(b"\xef\xbb\xbf" + texts[RULES].encode())
    assert CliRunner().invoke(lint, [str(folder), "--fix", "--as-of", "2026-03-10"]).exit_code == 0
    assert {path: (folder / path).read_text("utf-8") for path in texts} == texts


def test_fix_says_what_it_cannot_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = base()
    folder = written(tmp_path, {**texts, FLOW: texts[FLOW].replace("go: balance", "go: balence")})

    def refused(self: Path, data: bytes) -> int:
        raise PermissionError(errno.EACCES, "Permission denied", str(self))

    monkeypatch.setattr(Path, "write_bytes", refused)
    ran = CliRunner().invoke(lint, [str(folder), "--fix", "--as-of", "2026-03-10"])
    assert ran.exit_code == 3
    assert "`flows/call/flow.yaml` cannot be mended: permission denied" in ran.output


@pytest.mark.parametrize(
    "options",
    [
        ["--only", ""],
        ["--only", "dead-state,"],
        ["--only", "dead-state", "--skip", "FLW102"],
        ["--as-of", "20260310"],
        ["--as-of", "2026-W10-2"],
        ["--as-of", "2026-02-30"],
        ["--as-of", ""],
    ],
)
def test_what_makes_no_sense_is_a_usage_error(tmp_path: Path, options: list[str]) -> None:
    assert CliRunner().invoke(lint, [str(written(tmp_path, base())), *options]).exit_code == 2


def test_rules_are_named_once_and_with_blanks_between(tmp_path: Path) -> None:
    options = ["--only", "dead-state, FLW102", "--only", "dead-state", "--format", "json"]
    ran = CliRunner().invoke(lint, [str(written(tmp_path, base())), *options])
    assert json.loads(ran.output)["only"] == ["dead-state"]


@pytest.mark.parametrize("kind", ["folder", "link", "pipe", "bytes", "quote"])
def test_waivers_that_cannot_be_read_leave_the_bundle_unchecked(tmp_path: Path, kind: str) -> None:
    folder = written(tmp_path, base())
    file = folder / "waivers.yaml"
    make: dict[str, Callable[[], object]] = {
        "folder": file.mkdir,
        "link": lambda: file.symlink_to("nowhere"),
        "pipe": lambda: os.mkfifo(file),
        "bytes": lambda: file.write_bytes("waivers: []".encode("utf-16")),
        "quote": lambda: file.write_text("waivers: ['"),
    }
    make[kind]()
    ran = CliRunner().invoke(lint, [str(folder), "--as-of", "2026-03-10", "--format", "json"])
    assert ran.exit_code == 3
    data = json.loads(ran.stdout)
    assert data["verdict"] == "COULD NOT CHECK"
    assert "waivers.yaml" in {f["path"] for f in data["findings"]}


def test_a_waiver_of_a_rule_that_does_not_exist_is_told(tmp_path: Path) -> None:
    folder = written(tmp_path, base())
    entry = "{rule: fact-unsed, where: facts/pay.amount, reason: soon, author: a, approved_by: b, expires: 2026-06-01}"
    (folder / "waivers.yaml").write_text(f"waivers:\n  - {entry}\n", "utf-8")
    ran = CliRunner().invoke(lint, [str(folder), "--as-of", "2026-03-10"])
    assert ran.exit_code == 1
    assert "did you mean `fact-unused`?" in ran.stdout


def test_a_link_to_itself_is_no_accident(tmp_path: Path) -> None:
    folder = written(tmp_path, base())
    (folder / "flows/self.yaml").symlink_to("self.yaml")
    (folder / "flows/loop").symlink_to(".")
    ran = CliRunner().invoke(lint, [str(folder), "--as-of", "2026-03-10"])
    assert ran.exit_code == 3
    assert "leads nowhere" in ran.stdout


def test_fix_never_touches_a_sentence(tmp_path: Path) -> None:
    texts = base()
    said = PurePosixPath("flows/call/prompts.yaml")
    texts[said] = texts[said].replace("{{ party.first_name }}", "{{ party.first_nam }}")
    folder = written(tmp_path, texts)
    assert CliRunner().invoke(lint, [str(folder), "--fix", "--as-of", "2026-03-10"]).exit_code == 1
    assert (folder / said).read_text("utf-8") == texts[said]


@pytest.mark.parametrize("style", sorted(FORMATS))
def test_every_process_prints_the_same_bytes(tmp_path: Path, style: str) -> None:
    folder = written(tmp_path, broken_texts())
    command = [sys.executable, "-m", "tools.main", "lint", str(folder), "--as-of", "2026-03-10", "--format", style]
    env = {**os.environ, "CALLWRIGHT_CACHE": str(tmp_path / "cache"), "PYTHONPATH": str(ROOT)}
    printed = {
        subprocess.run(command, env={**env, "PYTHONHASHSEED": seed}, capture_output=True, cwd=ROOT, check=False).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1
    assert len(printed.pop()) > 100


def test_every_finding_says_what_how_why_and_how_to_mend(tmp_path: Path) -> None:
    text = CliRunner().invoke(lint, [str(written(tmp_path, broken_texts())), "--as-of", "2026-03-10"]).output
    broken = next(part for part in text.split("\n\n") if part.startswith("error[rule-can-be-broken]"))
    for label in (" --> ", "  = help: ", "  = why: ", "  = how it happens:", "  = more: callwright explain"):
        assert label in broken
    found = [part for part in text.split("\n\n") if " --> " in part]
    assert len(found) > 3
    for part in found:
        assert all(label in part for label in ("  = help: ", "  = why: ", "  = more: callwright explain"))


def test_a_finding_says_what_a_waiver_calls_its_place(tmp_path: Path) -> None:
    folder = written(tmp_path, broken_texts())
    parts = CliRunner().invoke(lint, [str(folder), "--as-of", "2026-03-10"]).output.split("\n\n")
    assert any("warning[fact-unused]" in part and "\n  = where: facts/pay.amount\n" in part for part in parts)
    assert not any("[rule-can-be-broken]" in part and "  = where: " in part for part in parts)


@pytest.mark.parametrize(
    ("path", "old", "first", "second"),
    [
        pytest.param(
            PurePosixPath("flows/call/prompts.yaml"), "bye: Thank you, and good bye.",
            "bye: This is your last chance.", "bye: This is your last chance, or we garnish.", id="a threat",
        ),
        pytest.param(
            FLOW, "silence: {times: 2,", "silence: {times: 5,", "silence: {times: 5,", id="silence, then unclear"
        ),
    ],
)  # fmt: skip
def test_what_comes_beside_a_known_finding_is_new(
    tmp_path: Path, path: PurePosixPath, old: str, first: str, second: str
) -> None:
    texts = base()
    assert old in texts[path]
    known = {**texts, path: texts[path].replace(old, first, 1)}
    both = {**texts, path: texts[path].replace(old, second, 1).replace("unclear: {times: 2,", "unclear: {times: 6,", 1)}
    held = baseline_of(checked(known).findings, waivable)
    assert new_ones(checked(known).findings, held, waivable)[0] == ()
    assert len(new_ones(checked(both).findings, held, waivable)[0]) == 1


def test_a_part_is_not_taken_for_the_whole(tmp_path: Path) -> None:
    folder = written(tmp_path, broken_texts())
    options = [str(folder), "--as-of", "2026-03-10"]
    part = CliRunner().invoke(lint, [*options, "--only", "dead-state"])
    assert "only dead-state was looked for" in part.output
    assert "rule-can-be-broken was not looked for" in CliRunner().invoke(lint, [*options, "--skip", "PRV501"]).output
    data = json.loads(CliRunner().invoke(lint, [*options, "--only", "FLW102", "--format", "json"]).output)
    assert (data["only"], data["skip"]) == (["dead-state"], [])
    assert "did you mean `dead-state`?" in CliRunner().invoke(lint, [*options, "--only", "ded-state"]).output


@pytest.mark.parametrize(("text", "said"), [(None, "no such file"), ("xx", "is no baseline"), ("[]", "is no baseline")])
def test_what_is_no_baseline_is_said_plainly(tmp_path: Path, text: str | None, said: str) -> None:
    folder, file = written(tmp_path / "b", base()), tmp_path / "baseline.json"
    if text is not None:
        file.write_text(text, "utf-8")
    ran = CliRunner().invoke(lint, [str(folder), "--as-of", "2026-03-10", "--baseline", str(file)])
    assert ran.exit_code == 3
    assert said in ran.output
    assert "Errno" not in ran.output


def test_a_baseline_is_pruned_of_what_is_mended(tmp_path: Path) -> None:
    folder, baseline = written(tmp_path / "b", base()), tmp_path / "baseline.json"
    options = [str(folder), "--as-of", "2026-03-10", "--fail-on", "note"]
    assert CliRunner().invoke(lint, [*options, "--write-baseline", str(baseline)]).exit_code == 1
    assert CliRunner().invoke(lint, [*options, "--baseline", str(baseline)]).exit_code == 0
    words = folder / "policies/vocabulary.yaml"
    unused = "  pay.amount: {type: money, from: heard, lasts: person}\n"
    words.write_text(words.read_text("utf-8").replace(unused, ""), "utf-8")
    kept = baseline.read_text("utf-8")
    told = CliRunner().invoke(lint, [*options, "--baseline", str(baseline)])
    assert "no longer found: take them out with --prune" in told.output
    assert baseline.read_text("utf-8") == kept
    CliRunner().invoke(lint, [*options, "--baseline", str(baseline), "--prune"])
    assert json.loads(baseline.read_text("utf-8"))["findings"] == {}
    words.write_text(words.read_text("utf-8").replace("  heard.zip:", unused + "  heard.zip:"), "utf-8")
    assert CliRunner().invoke(lint, [*options, "--baseline", str(baseline)]).exit_code == 1
    assert CliRunner().invoke(lint, [*options, "--prune"]).exit_code == 2


def unused(name: str) -> str:
    return f"  {name}: {{type: money, from: heard, lasts: person}}\n"


def test_only_what_was_looked_for_in_a_sound_bundle_is_taken_out_of_a_baseline(tmp_path: Path) -> None:
    folder, baseline = written(tmp_path / "b", base()), tmp_path / "baseline.json"
    options = [str(folder), "--as-of", "2026-03-10", "--baseline", str(baseline), "--prune"]
    CliRunner().invoke(lint, [*options[:3], "--write-baseline", str(baseline)])
    kept = baseline.read_text("utf-8")
    assert "fact-unused" in kept
    part = CliRunner().invoke(lint, [*options, "--only", "dead-state"])
    assert "no longer found" not in part.output
    (folder / FLOW).write_text(base()[FLOW].replace("go: balance", "go: balence"), "utf-8")
    assert CliRunner().invoke(lint, options).exit_code == 1
    (folder / FLOW).write_text("id: 'never closed", "utf-8")
    assert CliRunner().invoke(lint, options).exit_code == 3
    refused = CliRunner().invoke(lint, [*options[:3], "--write-baseline", str(baseline)])
    assert refused.exit_code == 3
    assert "is not written" in refused.output
    assert baseline.read_text("utf-8") == kept


def test_a_baseline_is_written_of_all_that_is_found(tmp_path: Path) -> None:
    folder, baseline = written(tmp_path / "b", base()), tmp_path / "baseline.json"
    options = [str(folder), "--as-of", "2026-03-10", "--write-baseline", str(baseline)]
    CliRunner().invoke(lint, options)
    kept = baseline.read_text("utf-8")
    again = CliRunner().invoke(lint, [*options, "--baseline", str(baseline), "--format", "json"])
    assert baseline.read_text("utf-8") == kept
    assert json.loads(again.stdout)["known"] == 1
    assert (
        "1 finding left out, which the baseline holds"
        in CliRunner().invoke(lint, [*options[:3], "--baseline", str(baseline)]).stdout
    )


def test_what_is_waived_is_not_said_to_be_mended(tmp_path: Path) -> None:
    folder, baseline = written(tmp_path / "b", base()), tmp_path / "baseline.json"
    options = [str(folder), "--as-of", "2026-03-10"]
    CliRunner().invoke(lint, [*options, "--write-baseline", str(baseline)])
    entry = "{rule: fact-unused, where: facts/pay.amount, reason: soon, author: a, approved_by: b, expires: 2026-06-01}"
    (folder / "waivers.yaml").write_text(f"waivers:\n  - {entry}\n", "utf-8")
    ran = CliRunner().invoke(lint, [*options, "--baseline", str(baseline), "--prune"])
    assert "1 waived" in ran.stdout
    assert "no longer found" not in ran.output
    assert len(json.loads(baseline.read_text("utf-8"))["findings"]) == 1


def test_a_finding_that_is_there_once_more_is_new() -> None:
    one = Finding(Span(FLOW, 1, 1), "fact-unused", "unused", where="facts/a")
    other = replace(one, span=Span(FLOW, 7, 1))
    held = read_baseline(write_baseline(baseline_of((one,), waivable)))
    assert new_ones((other,), held, waivable) == ((), {})
    assert new_ones((one, other), held, waivable)[0] == (one, other)
    both = read_baseline(write_baseline(baseline_of((one, other), waivable)))
    new, gone = new_ones((other,), both, waivable)
    assert new == ()
    assert without(both, gone) == held
    assert without(both, new_ones((), both, waivable)[1]) == {}


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"findings": []}',
        '{"findings": {}, "times": []}',
        '{"findings": {}, "times": {"a": "2"}}',
        "[" * 100_000,
        '{"findings": {"a": "b"}, "times": {"a": true}}',
    ],
)
def test_what_is_no_baseline_is_not_taken_for_one(text: str) -> None:
    with pytest.raises(ValueError, match="is no baseline"):
        read_baseline(text)


def test_watch_checks_again_when_a_file_changes(tmp_path: Path) -> None:
    folder = written(tmp_path, base())
    command = [sys.executable, "-u", "-m", "tools.main", "lint", str(folder), "--as-of", "2026-03-10", "--watch"]
    env = {**os.environ, "CALLWRIGHT_CACHE": str(tmp_path / "cache"), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT
    ) as run:
        assert run.stdout is not None
        try:
            assert any(line.startswith("READY") for line in run.stdout)
            (folder / FLOW).write_text(broken_texts()[FLOW], "utf-8")
            assert any(line.startswith("NOT READY") for line in run.stdout)
            (folder / FLOW).write_text(base()[FLOW], "utf-8")
            assert any(line.startswith("READY") for line in run.stdout)
        finally:
            run.terminate()


def test_watch_goes_on_after_trouble_and_ends_when_interrupted_with_the_last_status(tmp_path: Path) -> None:
    folder, baseline = written(tmp_path / "b", base()), tmp_path / "baseline.json"
    baseline.write_text(write_baseline({}), "utf-8")
    command = [sys.executable, "-u", "-m", "tools.main", "lint", str(folder), "--as-of", "2026-03-10", "--watch"]
    env = {**os.environ, "CALLWRIGHT_CACHE": str(tmp_path / "cache"), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [*command, "--baseline", str(baseline)],
        env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT,
    ) as run:  # fmt: skip
        assert run.stdout is not None
        try:
            assert any(line.startswith("READY") for line in run.stdout)
            kept = baseline.read_text("utf-8")
            baseline.write_text("xx", "utf-8")
            (folder / FLOW).write_text(broken_texts()[FLOW], "utf-8")
            assert any("is no baseline" in line for line in run.stdout)
            baseline.write_text(kept, "utf-8")
            (folder / FLOW).write_text(base()[FLOW], "utf-8")
            assert any(line.startswith("READY") for line in run.stdout)
            run.send_signal(signal.SIGINT)
            assert run.wait(20) in (0, 3), "3 where it is interrupted before the report is out"
        finally:
            run.kill()


def test_watch_ends_though_the_interruption_was_lost(tmp_path: Path) -> None:
    """As it is where it comes while an object is let go of."""
    before = signal.getsignal(signal.SIGINT)
    with interruptions() as interrupted:
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        wait_for_change(tmp_path, stamps(tmp_path), interrupted)
        assert interrupted()
    assert signal.getsignal(signal.SIGINT) is before


def test_what_is_interrupted_is_not_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tools.lint.look", interrupted)
    ran = CliRunner().invoke(lint, [str(written(tmp_path, base()))])
    assert (ran.exit_code, ran.stderr) == (3, "Error: interrupted before everything was checked\n")


def test_fix_mends_the_file(tmp_path: Path) -> None:
    texts = base()
    folder = written(tmp_path, {**texts, FLOW: texts[FLOW].replace("go: balance", "go: balence")})
    assert CliRunner().invoke(lint, [str(folder), "--fix", "--as-of", "2026-03-10"]).exit_code == 0
    assert (folder / FLOW).read_text("utf-8") == texts[FLOW]
