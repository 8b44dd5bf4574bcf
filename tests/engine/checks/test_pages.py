"""Every manual page is true: what it flags is flagged there, and what it offers instead is not."""

import ast
import re
from pathlib import Path

import pytest
from checks.bundles import checked, with_example

from engine.checks.catalogue import CHECKS, Check
from engine.checks.earlier import EARLIER
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
    codes = [check.code for check in CHECKS] + [earlier.code for earlier in EARLIER.values()]
    names = [check.name for check in CHECKS] + list(EARLIER)
    assert len(set(codes)) == len(codes)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("rule", EARLIER)
def test_the_page_of_an_earlier_rule_says_what_and_how_to_mend(rule: str) -> None:
    page = EARLIER[rule].page
    assert page.endswith(".")
    assert len(re.findall(r"[.:] [A-Z`]", page)) >= 1
    assert not [word for word in BANNED if f" {word} " in f" {page.lower()} "]


def test_every_rule_that_is_named_where_findings_are_made_has_a_page() -> None:
    root = Path(__file__).parents[3]
    known = {check.name for check in CHECKS} | set(EARLIER) | {"failed-expectation", "unused-equivalent"}
    made = set()
    for folder in ("engine/source", "engine/compiler", "engine/expressions", "engine/rehearsal", "engine/checks"):
        for file in (root / folder).rglob("*.py"):
            for call in (node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)):
                name = getattr(call.func, "attr", getattr(call.func, "id", ""))
                if name in ("Finding", "error", "warn", "add") and len(call.args) > 2:
                    made |= {
                        a.value for a in call.args[1:2] if isinstance(a, ast.Constant) and isinstance(a.value, str)
                    }
                if name in ("unknown", "known") and len(call.args) > 1 and isinstance(call.args[1], ast.Constant):
                    made.add("unknown-" + str(call.args[1].value).replace(" ", "-"))
    assert len(made) > 70
    assert made - known == {""}  # a finding of a check, named by the registry
