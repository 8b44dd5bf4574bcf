"""Dials beside the limits of rules: where a rule turns, to the minute, the day, the contact and the cent."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath

import pytest
from checks.bundles import base

from engine.bundle import CompiledBundle
from engine.checks.boundaries import Boundary, boundaries, denies, limited
from engine.checks.boundary_text import write
from engine.compiler import compile_bundle
from engine.facts.history import Contact, History
from engine.rehearsal.situation import Situation
from engine.source.read import read_document, read_texts

RULES = """parameters:
  opens: {type: time, values: [{from: 2021-11-30, is: '08:00', source: x}]}
  closes: {type: time, values: [{from: 2021-11-30, is: '21:00', source: x}]}
  most: {type: int, values: [{from: 2021-11-30, is: 7, source: x}]}
  days: {type: duration, values: [{from: 2021-11-30, is: 7 days, source: x}]}
rules:
  hours: {ask: before_dialing, only_between: [opens, closes], source: x, severity: house}
  seven: {ask: before_dialing, when: calls >= most, deny: Enough., source: x, severity: house}
  large: {ask: before_dialing, when: account.balance > 500, deny: Too much., source: x, severity: house}
  notice: {ask: before_dialing, when: clock.today <= notice.ends_on, deny: Wait., source: x, severity: house}
  rest: {ask: before_dialing, when: clock.today < notice.sent_on + days, deny: Wait., source: x, severity: house}
  here: {ask: before_dialing, when: clock.zone is unknown, deny: Where., source: x, severity: house}
  plain: {ask: before_dialing, when: party.calm, deny: Never., source: x, severity: house}
"""
FACTS = """  account.balance:"""
MORE = """  person.id: {type: text, identifies: person, from: host}
  party.calm: {type: bool, from: host}
  notice.ends_on: {type: date, from: host}
  notice.sent_on: {type: date, from: host}
  account.balance:"""
COUNTERS = "\ncounters:\n  calls: {counts: [call], per: [person], in: days}\nactions:\n"
CHICAGO = ("America/Chicago",)
EVENING = datetime(2026, 3, 10, 3, 0, tzinfo=UTC)  # 22:00 in Chicago the day before
KNOWN = {
    "account.places": frozenset({"US"}),
    "account.balance": 10_000,
    "notice.ends_on": 1,
    "notice.sent_on": 1,
    "party.calm": False,
    "person.id": "p",
}


@pytest.fixture(scope="module")
def bundle() -> CompiledBundle:
    texts = base()
    rules, words = PurePosixPath("policies/rules.yaml"), PurePosixPath("policies/vocabulary.yaml")
    texts[rules] = texts[rules].replace("rules:\n", RULES)
    texts[words] = texts[words].replace(FACTS, MORE).replace("\nactions:\n", COUNTERS)
    compiled = compile_bundle(read_texts(texts))
    assert compiled.bundle is not None, compiled.findings
    return compiled.bundle


def beside(bundle: CompiledBundle, rule: str, given: Situation) -> dict[str, Boundary]:
    return {b.what: b for b in boundaries(bundle, bundle.rule(rule), given)}


def told(boundary: Boundary) -> list[tuple[str, bool]]:
    return [(edge.at.strftime("%d %H:%M"), denies(edge.decision, boundary.rule)) for edge in boundary.edges]


def test_hours_turn_to_the_minute(bundle: CompiledBundle) -> None:
    found = beside(bundle, "hours", Situation(EVENING, KNOWN, zones=CHICAGO))
    assert told(found["the minute before and the minute after"]) == [
        ("10 07:59", True), ("10 08:00", False), ("10 20:59", False), ("10 21:00", True)
    ]  # fmt: skip


def test_on_the_days_on_which_the_clocks_change_hours_are_those_of_the_new_clock(bundle: CompiledBundle) -> None:
    found = beside(bundle, "hours", Situation(EVENING, KNOWN, zones=CHICAGO))
    forward, back = (found[f"on the day on which the clocks go {way}"] for way in ("forward", "back"))
    assert told(forward) == [
        ("08 01:59", True),
        ("08 03:00", True),
        ("08 07:59", True),
        ("08 08:00", False),
        ("08 20:59", False),
        ("08 21:00", True),
    ]
    assert told(back)[:2] == [("01 01:59", True), ("01 01:00", True)]
    assert [e.at.utcoffset() for e in back.edges[:2]] == [timedelta(hours=-5), timedelta(hours=-6)]


def test_the_seventh_day_ends_at_midnight_and_one_contact_fewer_is_allowed(bundle: CompiledBundle) -> None:
    calls = tuple(Contact("call", EVENING - timedelta(days=n, hours=6), {}) for n in range(7))
    found = beside(bundle, "seven", Situation(EVENING, KNOWN, zones=CHICAGO, history=History(calls)))
    assert told(found["the minute before and the minute after"]) == [("09 23:59", True), ("10 00:00", False)]
    assert told(found["one contact fewer"]) == [("09 22:00", False)]


def test_a_compared_fact_lies_on_either_side_of_its_limit(bundle: CompiledBundle) -> None:
    given = Situation(EVENING, KNOWN, zones=CHICAGO)
    large = beside(bundle, "large", replace(given, facts={**KNOWN, "account.balance": 60_000}))
    values = [e.facts["account.balance"] for e in large["`account.balance` on either side of its limit"].edges]
    assert values == [50_000, 50_001]
    today = datetime(2026, 3, 9).toordinal()
    notice = beside(bundle, "notice", replace(given, facts={**KNOWN, "notice.ends_on": today}))
    values = [e.facts["notice.ends_on"] for e in notice["`notice.ends_on` on either side of its limit"].edges]
    assert values == [today - 1, today]


def test_only_rules_with_a_limit_have_one(bundle: CompiledBundle) -> None:
    assert {rule.id for rule in limited(bundle)} == {"hours", "seven", "large", "notice", "rest"}
    calm = Situation(EVENING, {**KNOWN, "party.calm": True}, zones=CHICAGO)
    assert beside(bundle, "plain", calm) == {}


ONE = "  - {kind: call, at: 2026-03-04T10:00:00-06:00}\n"
TWO = "  - kind: call\n    at: 2026-03-05T10:00:00-06:00\n"
HISTORIES = {
    "one, kept": ((ONE,), None, f"history:\n{ONE}"),
    "one, left out": ((ONE,), 0, ""),
    "one of several lines, left out": ((TWO,), 0, ""),
    "the first left out": ((TWO, ONE), 0, f"history:\n{ONE}"),
    "the last left out": ((ONE, TWO), 1, f"history:\n{ONE}"),
    "all kept": ((ONE, TWO), None, f"history:\n{ONE}{TWO}"),
}


@pytest.mark.parametrize(("contacts", "without", "kept"), HISTORIES.values(), ids=HISTORIES)
def test_contacts_are_written_as_they_are_told_but_for_one(
    bundle: CompiledBundle, contacts: tuple[str, ...], without: int | None, kept: str
) -> None:
    head = "callwright: 1\nkind: scenario\nid: told\nversion: 1.0.0\ntitle: Told\ngiven:\n  party.calm: true\n"
    text = f"{head}history:\n{''.join(contacts)}dial:\n  - at: 2026-03-10T22:00:00-05:00\n    allowed: true\n"
    document, _ = read_document(text, PurePosixPath("scenarios/told.yaml"))
    assert document is not None
    proposal = write(bundle, document, text, {}, Boundary("seven", "what", (), without), "name")
    assert proposal.split("  party.calm: true\n")[1] == f"{kept}dial:\n"


def test_a_day_counted_from_another_lies_on_either_side_of_its_limit(bundle: CompiledBundle) -> None:
    today = datetime(2026, 3, 9).toordinal()
    given = Situation(EVENING, {**KNOWN, "notice.sent_on": today}, zones=CHICAGO)
    sent = beside(bundle, "rest", given)["`notice.sent_on` on either side of its limit"]
    assert [(e.facts["notice.sent_on"], denies(e.decision, "rest")) for e in sent.edges] == [
        (today - 7, False),
        (today - 6, True),
    ]
