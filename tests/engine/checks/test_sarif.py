"""SARIF is what its own schema says it is, whatever was found."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import jsonschema
import pytest
from checks.bundles import AS_OF, base, checked
from checks.seeds import EARLIER_SEEDS, FLOW, Seed

from engine.checks.catalogue import waivable
from engine.checks.fixes import safe_edits
from engine.checks.formats import FORMATS, Judged
from engine.checks.waivers import read_waivers, waive

SCHEMA = json.loads((Path(__file__).parents[2] / "data/sarif/sarif-schema-2.1.0.json").read_text("utf-8"))
VALID = jsonschema.Draft4Validator(SCHEMA)
URI = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%/-]*")


def sarif(texts: dict[PurePosixPath, str], waivers: str = "") -> dict[str, Any]:
    report = checked(texts)
    held, _ = read_waivers(waivers, PurePosixPath("waivers.yaml"), AS_OF) if waivers else ((), ())
    left, waived = waive(report.findings, held, waivable)
    mended = tuple(replace(f, edits=safe_edits(f, texts)) for f in left)
    judged = Judged(replace(report, findings=mended), waived, texts, "d", len(texts))
    log: dict[str, Any] = json.loads(FORMATS["sarif"](judged))
    assert [error.message for error in VALID.iter_errors(log)] == []
    assert all(URI.fullmatch(uri) for uri in uris(log))
    return log


def uris(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "uri":
                yield inner
            yield from uris(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from uris(inner)


def test_a_clean_and_an_empty_report_are_valid() -> None:
    assert sarif(base())["runs"][0]["results"]
    assert sarif(base())["runs"][0]["invocations"] == [{"executionSuccessful": True}]
    unread = {**base(), FLOW: "start: 'never closed"}
    assert sarif(unread)["runs"][0]["invocations"] == [{"executionSuccessful": False}]


@pytest.mark.parametrize("seed", EARLIER_SEEDS, ids=lambda seed: str(seed[0]))
def test_every_kind_of_finding_is_valid(seed: Seed) -> None:
    texts = base()
    for path, old, new in seed[1]:
        texts[path] = texts.get(path, "").replace(old, new, 1) if old else new
    assert seed[0] in {result["ruleId"] for result in sarif(texts)["runs"][0]["results"]}


def test_a_broken_proof_carries_the_call_as_a_code_flow() -> None:
    texts = base()
    texts[FLOW] = texts[FLOW].replace("affirm: {go: zip}", "affirm: {go: balance}")
    results = sarif(texts)["runs"][0]["results"]
    broken = next(r for r in results if r["ruleId"] == "rule-can-be-broken")
    steps = broken["codeFlows"][0]["threadFlows"][0]["locations"]
    assert len(steps) >= 3
    said = [step["location"]["message"]["text"] for step in steps]
    assert any("balance" in text for text in said)
    assert {step["location"]["physicalLocation"]["artifactLocation"]["uri"] for step in steps} >= {str(FLOW)}


def test_each_finding_carries_the_call_that_it_tells() -> None:
    texts = base()
    texts[FLOW] = texts[FLOW].replace("affirm: {go: zip}", "affirm: {go: balance}")
    report = checked(texts)
    (told,) = (proof for proof in report.proofs if proof.call)
    longer = replace(told, rule="another", call=(*told.call, *told.call))
    for proofs in ((*report.proofs, longer), (longer, *report.proofs)):
        judged = Judged(replace(report, proofs=proofs), (), texts)
        results = json.loads(FORMATS["sarif"](judged))["runs"][0]["results"]
        (flows,) = (r["codeFlows"] for r in results if "codeFlows" in r)
        assert len(flows[0]["threadFlows"][0]["locations"]) == len(told.call)


def test_what_is_waived_is_suppressed_with_its_reason() -> None:
    text = """waivers:
  - {rule: fact-unused, where: facts/pay.amount, reason: soon, author: a, approved_by: b, expires: 2026-06-01}
"""
    results = sarif(base(), text)["runs"][0]["results"]
    waived = [r for r in results if "suppressions" in r]
    assert [r["ruleId"] for r in waived] == ["fact-unused"]
    assert waived[0]["suppressions"] == [{"kind": "external", "status": "accepted", "justification": "soon"}]


def test_a_safe_fix_is_offered_and_a_strange_path_is_a_uri() -> None:
    texts = base()
    odd = PurePosixPath("flows/one call, ä/flow 100%.yaml")
    texts[odd] = texts.pop(FLOW).replace("go: balance", "go: balence")
    results = sarif(texts)["runs"][0]["results"]
    fixed = next(r for r in results if "fixes" in r)
    change = fixed["fixes"][0]["artifactChanges"][0]
    assert change["replacements"][0]["insertedContent"] == {"text": "balance"}
    assert change["artifactLocation"]["uri"] == "flows/one%20call,%20%C3%A4/flow%20100%25.yaml"
