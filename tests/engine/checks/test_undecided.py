"""Rules that read many facts are decided; what is too large all the same is said, and never taken to be safe."""

from pathlib import PurePosixPath

import pytest
from checks.bundles import base, checked

from engine.checks.formats import Judged, verdict
from engine.checks.run import Report

RULES, WORDS = PurePosixPath("policies/rules.yaml"), PurePosixPath("policies/vocabulary.yaml")
MANY = [f"fact.f{number:02}" for number in range(40)]
FACTS = "".join(f"  {name}: {{type: int, from: host}}\n" for name in MANY)
ALL = ", ".join(f"{name} > {number}" for number, name in enumerate(MANY))
ODD = "ask: before_dialing, source: x, severity: house}\n"


def looked_at(rule: str, written: str) -> tuple[Report, dict[PurePosixPath, str]]:
    texts = base()
    texts[WORDS] = texts[WORDS].replace("facts:\n", f"facts:\n{FACTS}")
    texts[RULES] = texts[RULES].replace("rules:\n", f"rules:\n{written}")
    return checked(texts, rule), texts


@pytest.mark.parametrize(
    ("rule", "written", "found"),
    [
        ("rule-never-fires", f"  odd: {{when: [{ALL}], deny: 'No.', {ODD}", 0),
        ("rule-never-fires", f"  odd: {{when: [{ALL}, fact.f39 < 3, fact.f39 is known], deny: 'No.', {ODD}", 1),
        ("rule-always-fires", f"  odd: {{when: [{ALL}], deny: 'No.', {ODD}", 0),
        ("rule-always-fires", f"  odd: {{when: [any: [{ALL}]], deny: 'No.', {ODD}", 0),
        ("exemption-swallows-rule", f"  odd: {{when: fact.f00 > 7, unless: [{ALL}], deny: 'No.', {ODD}", 0),
        ("rule-implied", f"  a: {{when: [{ALL}], deny: 'No.', {ODD}  b: {{when: fact.f00 > 50, deny: 'No.', {ODD}", 0),
    ],
)
def test_rules_that_read_many_facts_are_decided(rule: str, written: str, found: int) -> None:
    assert [f.rule for f in looked_at(rule, written)[0].findings] == [rule] * found


def test_what_is_too_large_is_said() -> None:
    report, texts = looked_at("rule-implied", "".join(f"  {n}: {{when: [{ALL}], deny: 'No.', {ODD}" for n in "ab"))
    assert report.findings
    assert all(f.message.startswith("COULD NOT CHECK `rule-implied` of `") for f in report.findings)
    assert {f.rule for f in report.findings} == {"could-not-prove"}
    assert verdict(Judged(report, (), texts)) == "COULD NOT CHECK"
