"""A change cannot waive its own findings: the waivers of the version it sets out from hold."""

import subprocess
from pathlib import Path

import pytest
from checks.bundles import base
from click.testing import CliRunner, Result

from tools.lint import lint

WAIVER = """waivers:
  - rule: {rule}
    where: facts/pay.amount
    reason: {reason}
    author: a.writer
    approved_by: m.chen
    expires: 2026-06-01
"""


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=A Writer", "-c", "user.email=a@example.invalid", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True)


def commit(folder: Path, message: str) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Return a bundle one folder down in a repository whose main branch holds no waiver."""
    folder = tmp_path / "calls"
    for path, text in base().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    git(tmp_path, "init", "-q", "-b", "main")
    commit(tmp_path, "a bundle")
    return folder


def waive(folder: Path, rule: str = "fact-unused", reason: str = "soon") -> None:
    (folder / "waivers.yaml").write_text(WAIVER.format(rule=rule, reason=reason), "utf-8")


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(lint, [str(folder), "--as-of", "2026-03-10", "--fail-on", "warning", *words])


def test_a_new_waiver_holds_only_once_it_is_merged(bundle: Path) -> None:
    assert run(bundle).exit_code == 1
    git(bundle, "checkout", "-q", "-b", "change")
    waive(bundle)
    written = run(bundle)
    commit(bundle, "waive it")
    for result in (written, run(bundle)):
        assert result.exit_code == 1
        assert "warning[fact-unused]" in result.output
        assert "note[waiver-not-in-base]" in result.output
    git(bundle, "checkout", "-q", "main")
    git(bundle, "merge", "-q", "change")
    result = run(bundle)
    assert result.exit_code == 0, result.output
    assert "waived until 2026-06-01: fact-unused" in result.output


def test_a_changed_waiver_is_a_new_one_and_one_taken_back_no_longer_holds(bundle: Path) -> None:
    waive(bundle)
    commit(bundle, "waive it")
    git(bundle, "checkout", "-q", "-b", "change")
    assert run(bundle).exit_code == 0
    waive(bundle, reason="later")
    assert "note[waiver-not-in-base]" in run(bundle).output
    assert run(bundle).exit_code == 1
    (bundle / "waivers.yaml").unlink()
    assert run(bundle).exit_code == 1


def test_the_version_can_be_named(bundle: Path) -> None:
    git(bundle, "tag", "v1")
    waive(bundle)
    commit(bundle, "waive it")
    assert run(bundle).exit_code == 0
    assert run(bundle, "--base", "v1").exit_code == 1
    assert run(bundle, "--base", "HEAD").exit_code == 0
    wrong = run(bundle, "--base", "no-such-thing")
    assert wrong.exit_code == 3
    assert "`no-such-thing` is no git revision" in wrong.output


def test_without_a_repository_that_is_said(tmp_path: Path) -> None:
    for path, text in base().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    assert "no earlier version" not in run(tmp_path).output
    waive(tmp_path)
    result = run(tmp_path)
    assert result.exit_code == 0
    assert f"no earlier version of `{tmp_path}` is known" in result.output


def test_what_cannot_be_waived_stands_in_every_version(bundle: Path) -> None:
    flow = bundle / "flows/call/flow.yaml"
    flow.write_text(flow.read_text("utf-8").replace("affirm: {go: zip}", "affirm: {go: balance}"), "utf-8")
    waive(bundle, rule="rule-can-be-broken")
    text = (
        (bundle / "waivers.yaml").read_text("utf-8").replace("facts/pay.amount", "call/call/greeting/affirm/1/balance")
    )
    (bundle / "waivers.yaml").write_text(text, "utf-8")
    commit(bundle, "a broken rule, waived")
    result = run(bundle)
    assert result.exit_code == 1
    assert "this rule cannot be waived" in result.output


def test_a_waiver_of_a_rule_that_is_not_looked_for_is_not_called_unused(bundle: Path) -> None:
    waive(bundle)
    commit(bundle, "waive it")
    assert "unused-waiver" not in run(bundle, "--only", "dead-state").output
    waive(bundle, rule="SLT203")
    assert "unused-waiver" not in run(bundle, "--base", "HEAD").output


def test_a_revision_that_does_not_exist_is_told_without_waivers_too(bundle: Path) -> None:
    wrong = run(bundle, "--base", "no-such-thing")
    assert wrong.exit_code == 3
    assert "`no-such-thing` is no git revision" in wrong.output


def _without_author(folder: Path, approved_by: str) -> None:
    waive(folder)
    file = folder / "waivers.yaml"
    text = file.read_text("utf-8").replace("    author: a.writer\n", "").replace("m.chen", approved_by)
    file.write_text(text, "utf-8")


def test_who_wrote_the_text_need_not_be_said_where_git_knows_it(bundle: Path) -> None:
    _without_author(bundle, "m.chen")
    commit(bundle, "waive it")
    assert run(bundle).exit_code == 0


@pytest.mark.parametrize("approver", ["A Writer", "a writer", "a@example.invalid", "a"])
def test_who_wrote_the_text_cannot_approve_whatever_the_waiver_says(bundle: Path, approver: str) -> None:
    waive(bundle)
    file = bundle / "waivers.yaml"
    file.write_text(file.read_text("utf-8").replace("m.chen", approver).replace("a.writer", "b.writer"), "utf-8")
    commit(bundle, "waive it")
    result = run(bundle)
    assert result.exit_code == 1
    assert "error[self-approved-waiver]" in result.output
    assert "warning[fact-unused]" in result.output


def test_who_writes_the_text_now_cannot_approve_it_either(bundle: Path) -> None:
    _without_author(bundle, "Now Writing")
    commit(bundle, "waive it")
    git(bundle, "config", "user.name", "Now Writing")
    words = bundle / "policies/vocabulary.yaml"
    words.write_text(words.read_text("utf-8").replace("  pay.amount: {", "  pay.amount:  {"), "utf-8")
    assert "error[self-approved-waiver]" in run(bundle).output


def test_a_waiver_of_what_nobody_is_known_to_have_written_does_not_hold(tmp_path: Path) -> None:
    for path, text in base().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    _without_author(tmp_path, "m.chen")
    result = run(tmp_path)
    assert result.exit_code == 1
    assert "this waiver has no `author`" in result.output
    assert "warning[fact-unused]" in result.output
