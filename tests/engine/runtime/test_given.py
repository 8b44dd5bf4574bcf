"""What hosts and channels give: checked, or refused in plain words; never half believed."""

import gc
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from weakref import ref

import pytest

from engine.facts.timezones import UnknownZone
from engine.runtime import network
from engine.runtime.codec import session_from_json, to_json
from engine.runtime.dial import DialRequest, decide
from engine.runtime.network import Network
from engine.runtime.prepared import prepare
from engine.runtime.session import CallSession, Event, Turn
from engine.runtime.step import start, step
from engine.terms import Ask, EventKind, Outcome
from tests.engine.runtime.calls import AT, DOB, FACTS, begin, edited, hear, prompts, small, verified

RULES = "policies/us/calls.yaml"
CHICAGO = ("America/Chicago",)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("party.first_name", 7, "`party.first_name`: `7` is not a text"),
        ("party.first_name", "x" * 20_000, "longer than 10,000"),
        ("party.first_name", "a\x00b", "cannot be stored"),
        ("party.first_name", "a\ud800b", "cannot be stored"),
        ("account.balance", "lots", "not an amount of money"),
        ("account.balance", True, "not an amount of money"),
        ("account.balance", 10**40, "too large"),
        ("account.places", "US", "a set is a list"),
        ("consent.direct", 1, "not true or false"),
        ("party.dob", 99_999_999, "too large"),
    ],
)
def test_a_fact_of_another_type_begins_no_call(name: str, value: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        begin(**{name.replace(".", "__"): value})


@pytest.mark.parametrize(
    ("slot", "value"),
    [("heard.zip", 5), ("heard.zip", ["78701"]), ("promise.amount", 10.5), ("promise.date", 99_999_999)],
)
def test_a_slot_of_another_type_is_refused(slot: str, value: object) -> None:
    turn = verified()
    with pytest.raises(ValueError, match=f"`{slot}`: "):
        hear(turn, "promise", slots={slot: value})


def test_a_zone_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UnknownZone):
        start(small(), "c", "call", "en-US", AT, FACTS, ("Mars/Olympus",))
    with pytest.raises(UnknownZone):
        decide(small(), DialRequest(AT, FACTS, zones=("Mars/Olympus",)))


@pytest.mark.parametrize(
    "at",
    [
        datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-5))),
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5))),
        datetime(9999, 12, 31, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
    ],
)
def test_an_instant_at_the_edge_of_time_is_refused(at: datetime) -> None:
    with pytest.raises(ValueError, match="not between the years"):
        start(small(), "c", "call", "en-US", at, FACTS, CHICAGO)
    with pytest.raises(ValueError, match="not between the years"):
        step(small(), begin().session, Event(EventKind.SILENCE, at))
    with pytest.raises(ValueError, match="not between the years"):
        decide(small(), DialRequest(at, FACTS, zones=CHICAGO))


def test_the_last_instant_has_a_decision() -> None:
    late = decide(small(), DialRequest(datetime(9998, 12, 31, 10, tzinfo=UTC), FACTS, zones=CHICAGO))
    assert late.denying == ("us.window",)
    assert late.next_allowed is None


def test_a_suppression_given_as_a_fact_denies_by_itself() -> None:
    told = decide(small(), DialRequest(AT, {**FACTS, "suppressed.stop_calling": True}, zones=CHICAGO))
    assert (told.outcome, told.denying) == (Outcome.DENY, ("suppressed.stop_calling",))
    assert told.must_change == ("suppressed.stop_calling",)
    twice = DialRequest(
        AT, {**FACTS, "suppressed.stop_calling": True}, zones=CHICAGO, suppressions=(("phone", "stop_calling"),)
    )
    assert decide(small(), twice).denying == ("suppressed.stop_calling",)


def test_a_place_that_nobody_declared_makes_the_places_unknown() -> None:
    asked = DialRequest(AT, {**FACTS, "account.places": frozenset({"US", "Atlantis"})}, zones=CHICAGO)
    busy = decide(edited(RULES, "    when: calls_in_window >= max_calls\n", ""), asked)
    (seven,) = (f for f in busy.fired if f.rule == "us.seven")
    assert seven.unknown == ("account.places",)


def test_another_person_told_among_intents_is_another_person() -> None:
    turn = hear(verified(), "new_person", "promise", slots={"promise.amount": 5000})
    assert "party.verified" not in turn.session.facts
    assert turn.session.said == ()
    assert turn.steps == ("call/anytime/new_person/1",)


@pytest.mark.parametrize("kind", [EventKind.NEW_PERSON, EventKind.INTENTS])
def test_what_is_told_in_the_breath_of_a_change_of_person_is_nobodys(kind: EventKind) -> None:
    told = {"heard.zip": "78701", "heard.dob": DOB}
    event = Event(kind, AT, intents=("new_person",) if kind is EventKind.INTENTS else (), slots=told)
    turn = step(small(), hear(begin(), "identity_confirmed").session, event)
    assert "heard.zip" not in turn.session.facts
    turn = hear(hear(turn, "identity_confirmed"), "give_identifier")
    assert "party.verified" not in turn.session.facts
    assert "mini_miranda" not in prompts(turn)


def test_a_suppression_is_live_in_the_turn_that_makes_it() -> None:
    rule = (
        "rules:\n  note.stop: {ask: after_call, when: suppressed.stop_calling, "
        "do: {transfer: {queue: \"'stopped'\"}}, source: house rule, severity: house}\n"
    )
    bundle = edited(RULES, "rules:\n", rule)
    turn = hear(begin(bundle), "stop_calling", bundle=bundle)
    assert turn.session.ended
    assert [(a.name, a.rule) for a in turn.actions] == [("transfer", "note.stop")]
    quiet = hear(begin(bundle), "wrong_party", bundle=bundle)
    assert quiet.session.ended
    assert quiet.actions == ()


def late(bundle_rule: str, zones: tuple[str, ...], at: datetime) -> Turn:
    """Return the first turn of a call at *at*, under the small bundle with a rule more."""
    bundle = edited(RULES, "rules:\n", f"rules:\n  {bundle_rule}\n")
    session = start(bundle, "c", "call", "en-US", at, FACTS, zones)
    return step(bundle, session, Event(EventKind.ANSWERED, at))


def test_where_two_plausible_dates_differ_a_rule_of_either_acts() -> None:
    silence = "x.quiet: {ask: before_speaking, only_say: [], from: 2026-03-11, source: house rule, severity: house}"
    at = datetime(2026, 3, 11, 4, 30, tzinfo=UTC)
    assert prompts(late(silence, CHICAGO, at)) == ["identify", "greeting"]
    assert prompts(late(silence, ("America/New_York",), at)) == []
    assert prompts(late(silence, ("America/Chicago", "America/New_York"), at)) == []
    assert prompts(late(silence, ("America/New_York", "America/Chicago"), at)) == []
    before = at - timedelta(hours=5)
    assert prompts(late(silence, ("America/Chicago", "America/New_York"), before)) == ["identify", "greeting"]


def test_until_is_the_first_day_without_the_rule() -> None:
    silence = "x.quiet: {ask: before_speaking, only_say: [], until: 2026-03-11, source: house rule, severity: house}"
    assert prompts(late(silence, CHICAGO, datetime(2026, 3, 11, 4, 59, tzinfo=UTC))) == []
    assert prompts(late(silence, CHICAGO, datetime(2026, 3, 11, 5, 0, tzinfo=UTC))) == ["identify", "greeting"]


def test_a_fault_is_told_even_when_the_callee_hangs_up(monkeypatch: pytest.MonkeyPatch) -> None:
    session = begin().session
    judge = prepare(small()).judges[Ask.ON_HEARING]
    monkeypatch.setattr(judge, "shadow", lambda facts: (frozenset({"us.stop"}), frozenset()))
    turn = step(small(), session, Event(EventKind.HUNG_UP, AT))
    assert turn.session.disposition == "hung_up"
    assert turn.faults


def test_a_network_nobody_holds_gives_its_memory_back(monkeypatch: pytest.MonkeyPatch) -> None:
    freed: list[object] = []
    delete = network.durable_rules_engine.delete_ruleset
    monkeypatch.setattr(
        network.durable_rules_engine, "delete_ruleset", lambda handle: (freed.append(handle), delete(handle))
    )
    made = Network(small().networks[Ask.BEFORE_DIALING])
    made.decide({})
    watched = ref(made)
    del made
    gc.collect()
    assert watched() is None
    assert len(freed) == 1


@pytest.mark.parametrize("part", sorted(f.name for f in fields(CallSession)))
def test_a_stored_session_that_was_tampered_with_is_refused_or_harmless(part: str) -> None:
    stored = to_json(begin().session)
    assert isinstance(stored, dict)
    for value in (None, 5, -1, True, "x", "\ud800", [], [[1]], {}, {"a": {"b": 1}}):
        try:
            turn = step(small(), session_from_json({**stored, part: value}), Event(EventKind.SILENCE, AT))
        except (KeyError, ValueError):
            continue
        assert not {"debt", "collecting", "payment"} & set(turn.session.disclosed)
