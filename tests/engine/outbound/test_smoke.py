"""The smoke test of a worker, under the shipped bundle; and the line at a terminal."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.bundle import CompiledBundle
from engine.calls import Calls, NewCall, Shelf
from engine.outbound.line import Order, Result, Speech
from engine.outbound.smoke import BLOCKED, smoke
from engine.outbound.terminal import TerminalLine
from engine.records.store import Store
from engine.source.read import read_folder
from engine.terms import EventKind
from tests.engine.outbound.campaign import FACTS, Campaign, who

AT = datetime(2026, 3, 10, 19, 0, tzinfo=UTC)


def test_blocked_and_allowed_jobs_end_as_they_must(store: Store, shipped: CompiledBundle, root: Path) -> None:
    shelf = Shelf(store)
    shelf.put(shipped, read_folder(root))
    found = smoke(Calls(store, shelf), flow="collections")
    assert [case for case in found if not case.good] == []
    assert {case.case for case in found if case.dials == 0} == BLOCKED


@pytest.mark.parametrize(
    ("typed", "result", "kind"),
    [
        ("", Result.ANSWERED, EventKind.ANSWERED),
        ("answered", Result.ANSWERED, EventKind.ANSWERED),
        ("voicemail", Result.VOICEMAIL, EventKind.VOICEMAIL),
        ("call_screener", Result.CALL_SCREENER, EventKind.CALL_SCREENER),
        ("busy", Result.BUSY, None),
        ("anything", Result.ANSWERED, EventKind.ANSWERED),
    ],
)
def test_the_terminal_says_what_dialling_comes_to(typed: str, result: Result, kind: EventKind | None) -> None:
    line = TerminalLine(lambda _: typed, lambda _: None, lambda: AT)
    found, event = line.place(Order("a", "c", "+15125550001", AT)).wait()
    assert found is result
    assert (event.kind if event else None) == kind


def test_a_person_at_the_terminal_is_heard(campaign: Campaign) -> None:
    typed = iter(["answered", "", "please stop calling me"])
    said: list[str] = []
    line = TerminalLine(lambda _: next(typed), said.append, campaign.now)
    session = campaign.calls.begin(NewCall(who(1), FACTS, zones=("America/Chicago",)))
    call = line.place(Order("a", session.call_id, "+15125550001", AT))
    _, event = call.wait()
    kinds = []
    while event is not None and not session.ended:
        turn = campaign.calls.turn(session.call_id, session.turn + 1, event)
        session, event = turn.session, call.say(Speech.of(turn))
        kinds.append(event.kind)
    call.hang_up()
    call.hang_up()
    assert kinds == [EventKind.SILENCE, EventKind.WORDS, EventKind.HUNG_UP]
    assert session.disposition == "stop_requested"
    assert "Hello, may I speak with Alex?" in said[0]
    assert said[-1] == "(the line is closed)"
