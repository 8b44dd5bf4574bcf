"""``callwright chat``: a call held through a pipe."""

from pathlib import Path

from tests.tools.console import TOLD, small

CHAT = ("chat", "--flow", "call", "--given", TOLD / "promise.yaml", "--at", "2026-02-10T14:00:00-05:00")


def test_a_call_through_a_pipe() -> None:
    ran = small(*CHAT, stdin="/silence\nplease stop calling me\nnever read\n")
    assert ran.status == 0
    assert "Agent   Hello, may I speak with Alex?" in ran.out
    assert "Agent   Are you there?" in ran.out
    assert "suppressed: stop_calling for the phone, by us.stop" in ran.out
    assert "ended: stop_requested" in ran.out
    assert "never read" not in ran.out


def test_reasons_on_request() -> None:
    plain, reasoned = small(*CHAT, stdin="/silence\n"), small(*CHAT, "--why", stdin="/silence\n")
    assert "before_speaking greeting: allow" not in plain.out
    assert "before_speaking greeting: allow" in reasoned.out
    switched = small(*CHAT, stdin="/why\n/silence\n")
    assert "Reasons are shown." in switched.out
    assert "before_speaking are_you_there: allow" in switched.out


def test_events_and_what_is_not_understood() -> None:
    ran = small(*CHAT, stdin="/dance\n/dtmf\n/heard x\n/intent identity_confirmed\n/heard 0.5 who is this\n/hung_up\n")
    assert ran.status == 0
    assert "`/dance` is not understood" in ran.out
    assert "`/dtmf` is not understood" in ran.out
    assert "Write how much was heard, from 0 to 1" in ran.out
    assert "state: verify.zip" in ran.out
    assert "ended: hung_up" in ran.out


def test_any_bytes_can_be_typed() -> None:
    ran = small(*CHAT, stdin=b"\xff\xfe\x00 \xc3\x28 \xe2\x80\xae\n" + b"a" * 20_000 + b"\n/quit\n")
    assert ran.status == 0
    assert "Agent   Hello" in ran.out


def test_an_empty_pipe_ends_the_talk() -> None:
    assert small(*CHAT, stdin="").status == 0


def test_the_flow_and_the_facts_must_exist(tmp_path: Path) -> None:
    ran = small("chat", "--flow", "calls")
    assert ran.status == 2
    assert "there is no flow `calls`; there is call" in ran.err
    facts = tmp_path / "facts.yaml"
    facts.write_text("given: {party.first: Alex}\n")
    ran = small("chat", "--given", facts)
    assert ran.status == 3
    assert "there is no fact `party.first`" in ran.err
