"""Nothing personal is found where it is kept: a search of raw bytes, which knows nothing of how it is sealed."""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url

from engine.calls import NewCall
from engine.outbound.explain import find
from engine.records.contacts import NewContact
from engine.records.job import NewJob
from engine.records.parties import Parties
from engine.records.store import Store
from engine.records.suppressions import NewSuppression
from engine.records.tables import metadata
from engine.runtime.session import Event
from engine.terms import EventKind, Scope
from tests.engine.outbound.campaign import FACTS, Campaign

CALLS = 12
SSN, CARD = "078-05-{:04d}", "4929 1234 5678 {:04d}"


def people(n: int) -> tuple[Parties, dict[str, object], list[str]]:
    """Give a person whose every identifier is unlike anything else, and all of them."""
    parties = Parties(f"ACCTcanary{n:04d}", f"PERScanary{n:04d}", f"512555{n:04d}", (f"DEBTcanary{n:04d}",))
    zip_code = f"9{n:04d}"
    facts = {
        **FACTS,
        "party.first_name": f"NAMEcanary{n:04d}",
        "party.zip": zip_code,
        "account.places": frozenset({"US"}),
    }
    told = [SSN.format(n), CARD.format(n), f"WORDcanary{n:04d}"]
    return (
        parties,
        facts,
        [parties.account, parties.person, f"512555{n:04d}", parties.debts[0], facts["party.first_name"], *told],
    )  # type: ignore[list-item]


def conduct(campaign: Campaign, n: int) -> list[str]:
    """Enqueue, suppress and call a canary, who tells everything."""
    parties, facts, canaries = people(n)
    store = campaign.store
    store.jobs.enqueue(NewJob(parties, facts, {parties.debts[0]: {"account.balance": 12345}}, flow="call"))  # type: ignore[arg-type]
    store.contacts.add(NewContact("text", parties, facts={"number.connected": True}))
    store.known.learn(Scope.PERSON, parties.person, {"consent.direct": True}, "letter")
    session = campaign.calls.begin(NewCall(parties, facts, flow="call", zones=("America/Chicago",)))  # type: ignore[arg-type]
    said = [
        "yes this is she",
        f"my zip is {facts['party.zip']}",
        f"my social is {SSN.format(n)}",
        f"card {CARD.format(n)}",
    ]
    said += [f"WORDcanary{n:04d} and stop calling me"]
    event = Event(EventKind.ANSWERED, session.started)
    for words in said:
        turn = campaign.calls.turn(session.call_id, session.turn + 1, event)
        session = turn.session
        if session.ended:
            break
        event = Event(EventKind.WORDS, event.at + timedelta(seconds=5), text=words)
    if not session.ended:
        campaign.calls.turn(session.call_id, session.turn + 1, event)
    store.suppress(
        NewSuppression(Scope.NUMBER, parties.number, "dnc"), NewSuppression(Scope.DEBT, parties.debts[0], "x")
    )
    return canaries


def forms(canary: str) -> set[bytes]:
    """Give the bytes in which a text may lie about."""
    texts = {canary, canary.lower(), canary.upper(), canary.replace("-", "").replace(" ", "")}
    found = {one.encode() for one in texts} | {one.encode("utf-16-le") for one in texts}
    found |= {one.encode().hex().encode() for one in texts}
    return found | {base64.b64encode(one.encode())[:12] for one in texts if len(one) >= 9}


def raw(store: Store) -> Iterator[tuple[str, bytes]]:
    """Give every byte that is kept: the files of SQLite, or each table of PostgreSQL as it copies it out."""
    if not store.database.is_postgres:
        file = Path(str(make_url(store.database.url).database))
        yield from ((path.name, path.read_bytes()) for path in file.parent.glob(f"{file.name}*"))
        return
    with store.database.reading() as db:
        for table in metadata.tables:
            rows = db.execute(text(f"SELECT t::text FROM {table} AS t")).scalars()
            data = "\n".join(rows).encode()
            yield table, data
            yield f"{table}, decoded", b"".join(bytes.fromhex(part) for part in _hex(data.decode()))


def _hex(data: str) -> Iterator[str]:
    for part in data.split("\\x")[1:]:
        digits = part[: next((n for n, c in enumerate(part) if c not in "0123456789abcdef"), len(part))]
        yield digits[: len(digits) // 2 * 2]


def test_no_canary_is_found_anywhere(campaign: Campaign) -> None:
    canaries = [canary for n in range(CALLS) for canary in conduct(campaign, n)]
    exported = json.dumps(list(campaign.store.ledger.export())).encode()
    searched = 0
    for place, data in [*raw(campaign.store), ("export", exported)]:
        searched += len(data)
        found = {canary for canary in canaries for form in forms(canary) if form in data}
        assert not found, f"{place} holds {sorted(found)[:3]}"
    assert searched > 50_000


def test_the_search_would_find_one(campaign: Campaign) -> None:
    campaign.store.jobs.enqueue(NewJob(people(1)[0], campaign="NAMEcanary0001"))
    places = {place for place, data in raw(campaign.store) if any(form in data for form in forms("NAMEcanary0001"))}
    assert places


def test_what_was_told_is_in_no_explanation(campaign: Campaign) -> None:
    canaries = conduct(campaign, 7)
    call = campaign.store.calls.list()[0].id
    bodies = json.dumps([entry.body for entry in find(campaign.store.ledger, call)])
    assert not [canary for canary in canaries[-3:] if canary in bodies]
    assert people(7)[1]["party.zip"] not in bodies
