"""Nothing personal is found where it is kept: a search of raw bytes, which knows nothing of how it is sealed."""

import base64
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TextIO

import httpx
import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.engine import make_url

from engine.bundle import CompiledBundle
from engine.calls import Calls, NewCall, Shelf
from engine.outbound.client import ApiClient, ApiProblem
from engine.outbound.explain import find
from engine.records.contacts import NewContact
from engine.records.job import NewJob
from engine.records.store import Store, open_store
from engine.records.suppressions import NewSuppression
from engine.runtime.session import Event
from engine.source.documents import Sources
from engine.terms import EventKind, Scope
from server import logs
from server.app import create_app
from server.auth import SCOPES
from server.desk import Desk
from tests.engine.kept import KEYS
from tests.engine.outbound.campaign import WHOLE, Campaign
from tests.engine.outbound.canaries import CARD, PHONE, SSN, files, lines, patterns, person, search, spoken

CALLS = 1000 if WHOLE else 24


def keep(store: Store, n: int) -> None:
    """Enqueue, meet, learn of and suppress a canary."""
    parties, facts = person(n)
    store.jobs.enqueue(NewJob(parties, facts, {parties.debts[0]: {"account.balance": 12345}}, flow="call"))  # type: ignore[arg-type]
    store.contacts.add(NewContact("text", parties, facts={"number.connected": True}))
    store.known.learn(Scope.PERSON, parties.person, {"consent.direct": True}, "letter")
    store.suppress(
        NewSuppression(Scope.NUMBER, parties.number, "dnc"), NewSuppression(Scope.DEBT, parties.debts[0], "x")
    )


def talk(calls: Calls, n: int) -> str:
    """Conduct a call with a canary, who tells everything; return its id."""
    parties, facts = person(n)
    session = calls.begin(NewCall(parties, facts, flow="call", zones=("America/Chicago",)))  # type: ignore[arg-type]
    event = Event(EventKind.ANSWERED, session.started)
    for words in lines(n):
        turn = calls.turn(session.call_id, session.turn + 1, event)
        session = turn.session
        if session.ended:
            return session.call_id
        event = Event(EventKind.WORDS, event.at + timedelta(seconds=5), text=words)
    calls.turn(session.call_id, session.turn + 1, event)
    return session.call_id


def talk_over_http(client: ApiClient, n: int) -> None:
    """Have a canary kept and called over the API, and ask for what it must not have."""
    parties, facts = person(n)
    given = {**facts, "account.places": ["US"], "party.dob": "1985-05-03"}
    client.enqueue({"parties": {**parties.to_json(), "debts": list(parties.debts)}, "facts": given, "flow": "call"})
    said = client.begin(parties, given, flow="call", zones=("America/Chicago",))
    for words in lines(n):
        if said.ended:
            break
        said = client.turn(said.call, said.turn + 1, {"kind": "words", "text": words})
    for path, body in (
        (f"/call/{parties.account}", None),
        ("/call/start", {"parties": {"account": parties.account, "number": 7}, "facts": {lines(n)[1]: lines(n)[2]}}),
        ("/suppressions", {"scope": "person", "subject": parties.person, "reason": lines(n)[4]}),
    ):
        with pytest.raises(ApiProblem):
            client.get(path) if body is None else client.post(path, body)
    client.suppress("account", parties.account, "legal_hold")


def raw(store: Store) -> Iterator[tuple[str, bytes]]:
    """Give every byte that is kept: the files of SQLite, or the whole data directory of PostgreSQL with its log."""
    if not store.database.is_postgres:
        file = Path(str(make_url(store.database.url).database))
        yield from files(file.parent, f"{file.name}*")
        return
    with store.database.reading() as db:
        folder = Path(db.execute(text("SHOW data_directory")).scalar_one())
        database = db.execute(text("SELECT oid FROM pg_database WHERE datname = current_database()")).scalar_one()
    with store.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("CHECKPOINT"))
    yield from files(folder / "base" / str(database))
    yield from files(folder / "pg_wal")
    yield from files(folder, "log*")


@pytest.fixture
def own(new_url: Callable[[str], str], request: pytest.FixtureRequest) -> Iterator[Store]:
    """Give a store of its own, to whose files no other test wrote."""
    store = open_store(new_url(request.param), KEYS)
    yield store
    store.close()


@contextmanager
def logging_to(log: TextIO) -> Iterator[None]:
    """Send the server's lines to *log*, and after that where they went before."""
    before = logs._log
    logs.set_up(log)
    try:
        yield
    finally:
        structlog.reset_defaults()
        logs._log = before


@pytest.mark.parametrize("own", ["sqlite", "postgresql"], indirect=True)
def test_no_canary_is_found_anywhere(
    own: Store, small: CompiledBundle, small_sources: Sources, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, "httpx")  # the caller's own lines hold what the caller asked for
    shelf = Shelf(own)
    shelf.put(small, small_sources)
    calls = Calls(own, shelf)
    ended = []
    with (tmp_path / "log").open("w") as log, logging_to(log):
        app = create_app(Desk(own))
        key = own.api_keys.create("canary", SCOPES)
        with ApiClient("http://server", key, transport=httpx.WSGITransport(app=app)) as client:
            for n in range(CALLS):
                if n % 2:
                    talk_over_http(client, n)
                else:
                    keep(own, n)
                    ended.append(talk(calls, n))
            figures = client._http.get("/metrics").content
    assert (tmp_path / "log").stat().st_size > 1000
    exported = json.dumps(list(own.ledger.export())).encode()
    told = json.dumps([entry.body for call in ended[:50] for entry in find(own.ledger, call)]).encode()
    mine = [("log", (tmp_path / "log").read_bytes()), ("lines", caplog.text.encode()), ("metrics", figures)]
    found, searched = search([*raw(own), ("export", exported), ("explanations", told), *mine])
    assert found == []
    assert searched > 100_000


LEAKS = {
    "ACCTcanary0001": "ACCTcanary",
    "namecanary0001": "NAMEcanary",
    b"PERScanary0001".hex(): "PERScanary",
    base64.b64encode(b"x DEBTcanary0001 y").decode(): "DEBTcanary",
    "078-05-1234": SSN,
    "Four nine two nine one two three": CARD,
    "1 (512) 555-0001": PHONE,
}


@pytest.mark.parametrize("own", ["sqlite", "postgresql"], indirect=True)
def test_the_search_finds_each_that_was_kept_as_it_is(own: Store) -> None:
    for leak in LEAKS:
        own.jobs.enqueue(NewJob(person(1)[0], campaign=leak))
    found, _ = search(raw(own))
    assert {kind for kind in LEAKS.values() if any(f"holds {kind}:" in one for one in found)} == set(LEAKS.values())


@pytest.mark.parametrize(
    ("words", "kind"),
    [(SSN + "1234", SSN), (spoken(SSN), SSN), ("4929 1234 5678 0001", CARD), ("+15125550001", PHONE)],
)
def test_the_search_finds_digits_in_every_manner(words: str, kind: str) -> None:
    for data in (words.encode(), words.encode("utf-16-le"), words.upper().encode()):
        assert f"x holds {kind}" in search([("x", b"-" + data + b"-")])[0][0]


@pytest.mark.parametrize("data", [b"3f078051234a9bc5125550001e", b'"at":"2026-03-10T14:05:10.780547+00:00"'])
def test_digits_within_a_hash_or_a_moment_are_no_find(data: bytes) -> None:
    assert search([("x", data)])[0] == []


@pytest.mark.parametrize("n", range(3))
def test_the_search_knows_every_manner_of_speaking(n: int) -> None:
    found, _ = search([("words", " ".join(lines(n)).encode()), ("wide", " ".join(lines(n)).encode("utf-16-le"))])
    kinds = {name for name in patterns() if any(f"words holds {name}" in one for one in found)}
    assert kinds >= {"LASTcanary", "WORDcanary", SSN, CARD, PHONE}
    assert any("wide holds LASTcanary" in one for one in found)


def test_what_was_told_is_in_no_explanation(campaign: Campaign) -> None:
    ident = talk(campaign.calls, 7)
    bodies = json.dumps([entry.body for entry in find(campaign.store.ledger, ident)])
    assert search([("explanation", bodies.encode())])[0] == []
    assert str(person(7)[1]["party.zip"]) not in bodies
