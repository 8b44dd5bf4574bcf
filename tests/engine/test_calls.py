"""The shell around a turn: any process, any turn, once; and nothing kept that must not be."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import PurePosixPath

import pytest
from sqlalchemy import select

from engine.bundle import CompiledBundle
from engine.calls import HIDDEN, Calls, NewCall, Shelf
from engine.records.errors import TurnTaken, UnknownBundle, UnknownCall
from engine.records.parties import Parties
from engine.records.store import Store, open_store
from engine.records.tables import calls as calls_table
from engine.records.verify import verify
from engine.runtime.session import Event, Turn
from engine.runtime.step import CallEnded, UnknownFlow
from engine.source.read import read_folder, read_texts
from engine.terms import EventKind, Scope
from tests.engine.kept import KEYS

PARTIES = Parties("account-1", "person-1", "5125550001", ("debt-1",))
FACTS = {
    "party.first_name": "Alex",
    "party.zip": "78701",
    "party.dob": 724764,
    "account.balance": 24000,
    "account.places": frozenset({"US"}),
}


@pytest.fixture
def calls(store: Store, small: CompiledBundle, root) -> Calls:
    shelf = Shelf(store)
    shelf.put(small, read_folder(root / "tests" / "data" / "small"))
    return Calls(store, shelf)


def begin(calls: Calls) -> str:
    return calls.begin(NewCall(PARTIES, FACTS, zones=("America/Chicago",))).call_id


def hear(calls: Calls, call: str, *intents: str, turn: int | None = None, text: str = "", **slots: object) -> Turn:
    """Let something be heard: an event by its name, words, or intents."""
    held = calls.store.calls.held(call).session
    at = held.started + timedelta(seconds=10 * held.turn)
    kind = EventKind.WORDS if text else EventKind.INTENTS
    if len(intents) == 1 and intents[0] in tuple(EventKind):
        kind, intents = EventKind(intents[0]), ()
    given = {name.replace("__", "."): value for name, value in slots.items()}
    event = Event(kind, at, text=text, intents=intents, slots=given)  # type: ignore[arg-type]
    return calls.turn(call, held.turn + 1 if turn is None else turn, event)


def verified(calls: Calls) -> str:
    call = begin(calls)
    hear(calls, call, "answered")
    hear(calls, call, "identity_confirmed")
    hear(calls, call, "give_identifier", heard__zip="78701")
    hear(calls, call, "give_identifier", heard__dob=724764)
    return call


def promised(calls: Calls) -> tuple[str, Turn]:
    call = verified(calls)
    due = calls.now().toordinal() + 5
    hear(calls, call, "promise", promise__amount=12000, promise__date=due)
    return call, hear(calls, call, "affirm")


def test_a_call_is_conducted_turn_by_turn_to_its_end(calls: Calls) -> None:
    call, last = promised(calls)
    assert last.session.disposition == "promise_to_pay"
    row, turns = calls.store.calls.show(call)
    assert (row.disposition, row.right_party, row.turn) == ("promise_to_pay", True, 6)
    assert row.ended is not None
    assert [turn.turn for turn in turns] == [1, 2, 3, 4, 5, 6]
    assert turns[0].prompts == ("identify", "greeting")
    assert turns[4].intents == (("promise", 1.0, True),)
    assert turns[5].actions == ("record_promise",)
    [(_, amount, due)] = calls.store.calls.promises(call=call)
    assert (amount, due) == (12000, calls.now().toordinal() + 5)


def test_any_process_can_take_any_turn(calls: Calls) -> None:
    call = begin(calls)
    others = [Calls(calls.store, Shelf(calls.store)) for _ in range(3)]
    hear(others[0], call, "answered")
    hear(others[1], call, "identity_confirmed")
    turn = hear(others[2], call, "give_identifier", heard__zip="78701")
    assert turn.session.turn == 3
    assert turn.session.state == "verify.dob"


def took(calls: Calls, call: str, turn: int, *intents: str) -> Turn:
    """Take a turn without looking first, as a process does that took the one before; of no intents, silence."""
    kind = EventKind.INTENTS if intents else EventKind.SILENCE
    return calls.turn(call, turn, Event(kind, calls.now(), intents=intents))


@pytest.fixture
def elsewhere(calls: Calls) -> Iterator[Calls]:
    """Give another process at the same store."""
    store = open_store(calls.store.database.url.render_as_string(hide_password=False), KEYS)
    yield Calls(store, Shelf(store))
    store.close()


def test_two_processes_take_turns_as_they_come(calls: Calls, elsewhere: Calls) -> None:
    call = begin(calls)
    hear(calls, call, "answered")
    took(calls, call, 2)
    took(elsewhere, call, 3, "identity_confirmed")
    with pytest.raises(TurnTaken, match="is at turn 3"):
        took(calls, call, 3)
    assert took(calls, call, 4, "stop_calling").session.ended
    with pytest.raises(CallEnded):
        took(elsewhere, call, 4, "stop_calling")
    assert [turn.turn for turn in calls.store.calls.show(call)[1]] == [1, 2, 3, 4]


def test_a_turn_that_was_undone_is_not_gone_on_from(calls: Calls, elsewhere: Calls) -> None:
    call, other = begin(calls), begin(calls)
    for one in (call, other):
        hear(calls, one, "answered")
        took(calls, one, 2)
    with pytest.raises(ArithmeticError):
        _undone(calls, call)
    took(elsewhere, call, 3)
    took(elsewhere, other, 3)
    turn, expected = took(calls, call, 4, "identity_confirmed"), took(elsewhere, other, 4, "identity_confirmed")
    assert turn.states == expected.states
    assert turn.session.facts == expected.session.facts
    assert [one.prompt for one in turn.utterances] == [one.prompt for one in expected.utterances]


def _undone(calls: Calls, call: str) -> None:
    with calls.store.database.gathering():
        assert took(calls, call, 3, "identity_confirmed").session.state != "greeting"
        raise ArithmeticError


def test_a_turn_is_taken_once(calls: Calls) -> None:
    call = begin(calls)
    hear(calls, call, "answered")
    with pytest.raises(TurnTaken, match="turn 1"):
        hear(calls, call, "identity_confirmed", turn=1)
    with pytest.raises(TurnTaken):
        hear(calls, call, "identity_confirmed", turn=3)
    assert calls.store.calls.held(call).session.turn == 1


def test_of_many_who_take_one_turn_one_has_it(calls: Calls, run_together: Callable[..., None]) -> None:
    call = begin(calls)
    taken: list[int] = []

    def work() -> None:
        for _ in range(3):
            try:
                taken.append(hear(calls, call, "answered" if not taken else "repeat").session.turn)
            except TurnTaken:
                continue
            except CallEnded:
                return

    run_together(6, work)
    _, turns = calls.store.calls.show(call)
    assert sorted(taken) == [turn.turn for turn in turns] == list(range(1, len(turns) + 1))


def test_a_call_that_is_over_takes_no_turn(calls: Calls) -> None:
    call, _ = promised(calls)
    with pytest.raises(CallEnded):
        hear(calls, call, "repeat")


def test_an_unknown_call_flow_or_bundle_is_named(calls: Calls, store: Store) -> None:
    with pytest.raises(UnknownCall, match="nothing"):
        calls.turn("nothing", 1, Event(EventKind.ANSWERED, calls.now()))
    with pytest.raises(UnknownFlow, match="none"):
        calls.begin(NewCall(PARTIES, FACTS, flow="none"))
    with pytest.raises(UnknownBundle):
        calls.shelf.get("none")


def test_a_call_in_flight_survives_an_edit_of_its_bundle(calls: Calls, root) -> None:
    call = begin(calls)
    first = hear(calls, call, "answered")
    texts = dict(read_folder(root / "tests" / "data" / "small").texts)
    path = PurePosixPath("flows/call/prompts.en-US.yaml")
    texts[path] = texts[path].replace("What is your ZIP code?", "Your ZIP code, please?")
    new = calls.shelf.publish(read_texts(texts))
    assert new.digest != first.session.bundle
    fresh = Calls(calls.store, Shelf(calls.store))
    assert hear(fresh, call, "identity_confirmed").text == "What is your ZIP code?"
    other = begin(fresh)
    hear(fresh, other, "answered")
    assert hear(fresh, other, "identity_confirmed").text == "Your ZIP code, please?"


def test_a_new_call_needs_a_published_bundle(store: Store) -> None:
    with pytest.raises(UnknownBundle):
        begin(Calls(store, Shelf(store)))


def test_every_decision_of_a_turn_is_in_the_ledger(calls: Calls) -> None:
    call = begin(calls)
    turn = hear(calls, call, "answered")
    entries = calls.store.ledger.entries(call=call)
    assert [entry.kind for entry in entries] == [decision.ask.value for decision in turn.decisions]
    assert [entry.outcome for entry in entries] == [decision.outcome.value for decision in turn.decisions]
    assert {entry.bundle for entry in entries} == {turn.session.bundle}
    assert verify(calls.store.database, calls.store.keys).sound


def test_stop_suppresses_at_once_and_tells_the_host(calls: Calls) -> None:
    call = begin(calls)
    hear(calls, call, "answered")
    hear(calls, call, text="please stop calling me")
    with calls.store.database.reading() as db:
        standing = calls.store.suppressions.standing(db, PARTIES.hashed(calls.store.keys))
    assert standing == (("phone", "stop_calling"),)
    [row] = calls.store.suppressions.list()
    assert (row.scope, row.subject, row.rule, row.call) == (Scope.PHONE, "person-1", "us.stop", call)
    kinds = [message.kind for message in calls.store.outbox.take()]
    assert kinds == ["call.ended"]


def test_a_conversation_and_a_voicemail_are_counted(calls: Calls) -> None:
    promised(calls)
    other = begin(calls)
    hear(calls, other, "voicemail")
    with calls.store.database.reading() as db:
        history = calls.store.contacts.history_in(db, PARTIES.hashed(calls.store.keys))
    assert {contact.kind for contact in history.contacts} == {"conversation", "voicemail"}
    assert {contact.person for contact in history.contacts} == {"person-1"}


def test_no_word_and_no_identifier_is_kept_of_a_call(calls: Calls) -> None:
    call = begin(calls)
    hear(calls, call, "answered")
    hear(calls, call, text="yes this is she")
    hear(calls, call, text="my zip is 78701")
    hear(calls, call, "give_identifier", heard__dob=724764)
    hear(calls, call, "refuse")
    session = calls.store.calls.held(call).session
    assert session.ended
    assert not {name for name in session.facts if name.startswith(("heard.", "party.zip", "party.dob"))}
    bodies = json.dumps([entry.body for entry in calls.store.ledger.entries(call=call)])
    assert "78701" not in bodies
    assert "724764" not in bodies
    assert HIDDEN in bodies
    kept = json.dumps([str(turn) for turn in calls.store.calls.show(call)[1]])
    assert "this is she" not in kept
    assert "zip is" not in kept


def test_the_session_is_sealed(calls: Calls) -> None:
    call = verified(calls)
    with calls.store.database.reading() as db:
        row = db.execute(select(calls_table).where(calls_table.c.id == call)).one()
    assert b"Alex" not in row.session
    assert b"78701" not in row.session
    assert calls.store.calls.held(call).session.facts["party.first_name"] == "Alex"


def test_a_turn_that_cannot_be_recorded_leaves_nothing(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    call = begin(calls)
    hear(calls, call, "answered")
    before = len(calls.store.ledger.entries())

    def fail(*_: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(calls.store.ledger, "append", fail)
    with pytest.raises(RuntimeError):
        hear(calls, call, text="please stop calling me")
    monkeypatch.undo()
    assert calls.store.calls.held(call).session.turn == 1
    assert calls.store.suppressions.list() == ()
    assert len(calls.store.ledger.entries()) == before
