"""May this call be placed: every reason, in every zone, and when it would be allowed."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.facts.history import Contact, History
from engine.runtime.dial import DialRequest, decide
from engine.terms import Outcome
from tests.engine.runtime.calls import FACTS, edited, small

CHICAGO, NEW_YORK = "America/Chicago", "America/New_York"
TWO_PM = datetime(2026, 3, 10, 19, 0, tzinfo=UTC)


def ask(at=TWO_PM, zones=(CHICAGO,), history=(), suppressions=(), bundle=None, **facts):
    given = {**FACTS, **{k.replace("__", "."): v for k, v in facts.items()}}
    return decide(bundle or small(), DialRequest(at, given, (), zones, History(tuple(history)), tuple(suppressions)))


def calls(*days_ago, connected=True):
    return [Contact("call", TWO_PM - timedelta(days=n, minutes=5), {"number.connected": connected}) for n in days_ago]


def test_a_call_at_two_in_the_afternoon_may_be_placed():
    decision = ask()
    assert decision.outcome is Outcome.ALLOW
    assert decision.local_times == {CHICAGO: "2026-03-10T14:00:00-05:00"}


@pytest.mark.parametrize(
    ("utc", "allowed"),
    [("13:00:00", True), ("12:59:59", False), ("01:59:59", True), ("02:00:00", False)],
    ids=["opens", "a second before", "the last second", "closes"],
)
def test_the_window_is_half_open(utc, allowed):
    at = datetime.fromisoformat(f"2026-03-11T{utc}+00:00")
    assert (ask(at).outcome is Outcome.ALLOW) is allowed


def test_every_plausible_zone_must_allow():
    at = datetime(2026, 3, 10, 12, 30, tzinfo=UTC)
    decision = ask(at, (CHICAGO, NEW_YORK))
    assert decision.denying == ("us.window",)
    assert decision.next_allowed == datetime(2026, 3, 10, 13, 0, tzinfo=UTC)


def test_an_unknown_place_denies_with_the_unknown_fact_named():
    decision = ask(zones=())
    assert decision.denying == ("us.window",)
    assert "clock.time" in decision.fired[0].unknown
    assert decision.next_allowed is None
    assert "clock.time" in decision.must_change


def test_seven_calls_in_seven_days_deny_until_the_first_leaves_the_window():
    decision = ask(history=calls(0, 1, 2, 3, 4, 5, 6))
    assert decision.denying == ("us.seven",)
    assert decision.next_allowed == datetime(2026, 3, 11, 13, 0, tzinfo=UTC)
    assert ask(history=calls(0, 1, 2, 3, 4, 5)).outcome is Outcome.ALLOW


def test_a_busy_signal_is_no_call():
    assert ask(history=[*calls(0, 1, 2, 3, 4, 5), *calls(6, 6, connected=False)]).outcome is Outcome.ALLOW


def test_direct_consent_exempts_only_while_it_is_known():
    assert ask(history=calls(0, 1, 2, 3, 4, 5, 6), consent__direct=True).outcome is Outcome.ALLOW


def test_a_table_row_is_a_rule_of_its_own():
    decision = ask(history=calls(0, 1, 2), account__places=frozenset({"NY"}))
    assert decision.denying == ("place.cap[NY]",)
    assert decision.fired[0].reason == "NY allows 3 in the period."
    assert decision.fired[0].source == "a house table"


def test_all_reasons_are_given():
    decision = ask(
        datetime(2026, 3, 10, 9, 0, tzinfo=UTC), history=calls(0, 1, 2, 3, 4, 5, 6), suppressions=[("person", "dnc")]
    )
    assert decision.denying == ("us.dnc", "us.seven", "us.window")


def test_a_suppression_denies_by_itself():
    decision = ask(suppressions=[("debt", "legal_hold"), ("person", "something_new")])
    assert decision.denying == ("suppressed.legal_hold", "suppressed.something_new")
    assert set(decision.must_change) == {"suppressed.legal_hold", "suppressed.something_new"}


def test_no_places_deny():
    assert "us.window" not in ask().denying
    decision = ask(account__places=frozenset())
    assert "us.dnc" not in decision.denying
    assert decision.outcome is Outcome.ALLOW or "place.cap[NY]" in decision.denying


def test_a_debt_that_may_not_be_called_about_denies_the_whole_call():
    history = History(tuple(Contact("call", c.at, c.facts, debt="d1") for c in calls(0, 1, 2, 3, 4, 5, 6)))
    bundle = edited(
        "policies/vocabulary.yaml",
        "  number.connected:",
        "  account.debt: {type: text, from: host, identifies: debt}\n  number.connected:",
    )
    one, two = {"account.debt": "d1"}, {"account.debt": "d2"}
    assert decide(bundle, DialRequest(TWO_PM, FACTS, (two,), (CHICAGO,), history)).outcome is Outcome.ALLOW
    assert decide(bundle, DialRequest(TWO_PM, FACTS, (two, one), (CHICAGO,), history)).denying == ("us.seven",)


def test_a_rule_that_is_only_proposed_would_deny():
    bundle = edited(
        "policies/us/calls.yaml", "deny: Do not call., source", "deny: Do not call., status: proposed, source"
    )
    decision = ask(suppressions=(), bundle=bundle)
    assert decision.outcome is Outcome.ALLOW
    decision = ask(suppressions=[("person", "dnc")], bundle=bundle)
    assert [(f.rule, f.enforced) for f in decision.fired] == [("us.dnc", False), ("suppressed.dnc", True)]


def test_a_rule_with_a_date_comes_alive_by_itself():
    bundle = edited(
        "policies/us/calls.yaml", "deny: Do not call., source", "deny: Do not call., from: 2026-03-11, source"
    )
    assert "us.dnc" not in ask(suppressions=[("person", "dnc")], bundle=bundle).denying
    assert "us.dnc" in ask(TWO_PM + timedelta(days=1), suppressions=[("person", "dnc")], bundle=bundle).denying


@pytest.mark.parametrize("day", [8, 7], ids=["the night the clocks go forward", "the night before"])
def test_the_next_allowed_time_is_right_when_the_clocks_change(day):
    decision = ask(datetime(2026, 3, day, 9, 0, tzinfo=UTC))
    assert decision.next_allowed == datetime(2026, 3, day, 13 if day == 8 else 14, 0, tzinfo=UTC)


def test_a_naive_time_is_refused():
    with pytest.raises(ValueError, match="offset"):
        ask(TWO_PM.replace(tzinfo=None))
