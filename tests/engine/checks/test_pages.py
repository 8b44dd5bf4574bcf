"""Every manual page is true: what it flags is flagged there, and what it offers instead is not."""

import pytest
from checks.bundles import checked, with_example

from engine.checks.catalogue import CHECKS, Check
from engine.source.finding import Level

BANNED = ("node", "edge", "null", "schema", "oneof", "regex", "traceback", "dict", "boolean", "parse", "token")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_what_is_flagged_is_flagged_at_its_line(check: Check) -> None:
    texts, marked = with_example(check.page.flagged)
    report = checked(texts)
    compile_errors = [f for f in report.findings if f.level is Level.ERROR and f.rule not in {c.name for c in CHECKS}]
    assert compile_errors == []
    found = {(f.span.path, f.span.line, f.rule) for f in report.findings if f.rule == check.name}
    assert found == marked
    assert marked


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_what_is_offered_instead_is_not_flagged(check: Check) -> None:
    texts, marked = with_example(check.page.instead)
    report = checked(texts)
    assert not marked
    assert [f for f in report.findings if f.rule == check.name] == []
    assert [f for f in report.findings if f.level is Level.ERROR and f.rule not in {c.name for c in CHECKS}] == []


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_findings_are_in_words_that_anyone_reads(check: Check) -> None:
    texts, _ = with_example(check.page.flagged)
    for finding in checked(texts).findings:
        words = f"{finding.message} {finding.help}"
        assert finding.message[:1] == finding.message[:1].lower() or finding.message.startswith("COULD NOT CHECK")
        assert not finding.message.endswith(".")
        assert not [word for word in BANNED if f" {word} " in f" {words.lower()} "]


def test_names_and_codes_are_unique() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    assert len({check.code for check in CHECKS}) == len(CHECKS)
