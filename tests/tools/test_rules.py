"""The catalogue lists every rule, its page is found by name and by code, and what was left out says why."""

import json

import pytest
from click.testing import CliRunner

from engine.checks.catalogue import CHECKS
from engine.checks.dropped import DROPPED
from engine.checks.earlier import EARLIER
from tools.explain import explain
from tools.rules import rules

PAGES = [(check.name, check.code) for check in CHECKS] + [(name, held.code) for name, held in EARLIER.items()]


def test_every_rule_is_listed_once_and_what_is_left_out_says_why() -> None:
    listed = json.loads(CliRunner().invoke(rules, ["--format", "json"]).output)
    assert sorted((row["name"], row["code"]) for row in listed["rules"]) == sorted(PAGES)
    assert {row["name"]: row["because"] for row in listed["left_out"]} == DROPPED
    text = CliRunner().invoke(rules).output
    assert all(name in text for name in (*dict(PAGES), *DROPPED))


@pytest.mark.parametrize(("name", "code"), PAGES)
def test_a_page_is_found_by_name_and_by_code(name: str, code: str) -> None:
    by_name, by_code = (CliRunner().invoke(explain, [word]) for word in (name, code))
    assert by_name.exit_code == 0
    assert by_name.output.startswith(f"{name} ({code}, ")
    assert by_name.output == by_code.output
    assert len(by_name.output.split("Flagged::")[0].split()) <= 250


def test_what_is_left_out_is_explained_and_what_is_unknown_is_offered_a_name() -> None:
    assert "RE2" in CliRunner().invoke(explain, ["slow-pattern"]).output
    wrong = CliRunner().invoke(explain, ["wrong-typ"])
    assert wrong.exit_code == 2
    assert "did you mean `wrong-type`?" in wrong.output
