"""Calls and their turns.

A call's session is one sealed field. A turn keeps what was understood, decided and said
by name (intents, rules, prompts), never a word of it and never an identifier.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Boolean, Row, bindparam, insert, or_, select, update

from engine.records.database import Database, Transaction
from engine.records.driven import Driven
from engine.records.errors import TurnTaken, UnknownCall
from engine.records.keys import KeyRing
from engine.records.parties import Parties, PartyKeys
from engine.records.plain import canonical, micros, moment, new_id
from engine.records.recent import Recent
from engine.records.tables import calls, promises, turns
from engine.runtime.codec import session_from_json, to_json
from engine.runtime.session import CallSession, Event, Turn


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call as listed: nothing personal."""

    id: str
    bundle: str
    flow: str
    campaign: str
    job: str
    attempt: str
    started: datetime
    ended: datetime | None
    turn: int
    state: str
    disposition: str
    right_party: bool
    disclosed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TurnRow:
    """A turn as kept."""

    turn: int
    at: datetime
    event: str
    intents: tuple[tuple[str, float, bool], ...]
    states: tuple[str, ...]
    steps: tuple[str, ...]
    rules: tuple[str, ...]
    prevented: tuple[str, ...]
    prompts: tuple[str, ...]
    actions: tuple[str, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """A call between two turns, with whom it concerns. ``sealed`` is the session exactly as the store has it."""

    session: CallSession
    parties: Parties
    keys: PartyKeys
    campaign: str
    job: str
    attempt: str
    sealed: bytes


class CallRecords:
    """The calls of one database."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database = database
        self._keys = keys
        self._recent: Recent[Held] = Recent()
        self._open, self._held = Driven(database, insert(calls)), Driven(database, _HELD)
        self._record, self._turn = Driven(database, _RECORD), Driven(database, insert(turns))

    def open_in(
        self,
        db: Transaction,
        session: CallSession,
        parties: Parties,
        *,
        campaign: str = "",
        job: str = "",
        attempt: str = "",
    ) -> Held:
        """Keep a call that is about to be answered."""
        keys, ident, sealed_session = parties.hashed(self._keys), session.call_id, self._session(session)
        sealed = self._keys.seal("calls", "parties", ident, canonical(parties.to_json()).encode())
        row = {
            "id": ident,
            "bundle": session.bundle,
            "flow": session.flow,
            "campaign": campaign,
            "job": job,
            "attempt": attempt,
            "account_key": keys.account,
            "person_key": keys.person,
            "number_key": keys.number,
            "started": micros(session.started),
            "ended": None,
            "turn": session.turn,
            "state": session.state,
            "disposition": session.disposition,
            "right_party": False,
            "disclosed": canonical(list(session.disclosed)),
            "parties": sealed,
            "session": sealed_session,
        }
        self._open.run(db, row)
        return Held(session, parties, keys, campaign, job, attempt, sealed_session)

    def held(self, call: str) -> Held:
        """Return a call as its last turn left it.

        Raises:
            UnknownCall: There is none, or retention removed what it needs to go on.
        """
        self._recent.drop(call)
        with self._database.reading() as db:
            row = self._held.run(db, {"b_id": call}).fetchone()
        if row is None:
            raise UnknownCall(f"there is no call {call}")
        sealed, sealed_parties, campaign, job, attempt = row
        if sealed is None or sealed_parties is None:
            raise UnknownCall(f"call {call} is no longer kept in full")
        session = session_from_json(json.loads(self._keys.open("calls", "session", call, sealed)))
        parties = Parties.from_json(json.loads(self._keys.open("calls", "parties", call, sealed_parties)))
        return Held(session, parties, parties.hashed(self._keys), campaign, job, attempt, sealed)

    def after(self, call: str, turn: int) -> Held:
        """Return a call of which turn *turn* is taken to be the last one.

        It may come from this process's memory and be no longer so; `record_in` refuses it then.

        Raises:
            UnknownCall: As `held`.
        """
        found = self._recent.get(call)
        return found if found is not None and found.session.turn == turn else self.held(call)

    def record_in(
        self, db: Transaction, before: Held, event: Event, turn: Turn, after: CallSession, *, right_party: bool
    ) -> None:
        """Keep a turn and the session after it.

        Args:
            db: The transaction.
            before: The call the turn was taken from; the store must still have it exactly so.
            event: What happened.
            turn: What it led to.
            after: The session to keep.
            right_party: Whether the person we hoped to reach is known to be on the line.

        Raises:
            TurnTaken: Another process took this turn first.
        """
        ident, sealed = after.call_id, self._session(after)
        values = {
            "b_id": ident,
            "b_before": before.sealed,
            "b_turn": after.turn,
            "b_state": after.state,
            "b_disposition": after.disposition,
            "b_disclosed": canonical(list(after.disclosed)),
            "b_session": sealed,
            "b_ended": micros(event.at) if after.ended else None,
            "b_right": right_party,
        }
        if self._record.run(db, values).rowcount != 1:
            raise TurnTaken(f"turn {after.turn} of call {ident} was taken by another process")
        self._turn.run(db, _turn_row(ident, event, turn))
        if after.ended:
            self._recent.drop(ident)
        else:
            self._recent.put(ident, replace(before, session=after, sealed=sealed))

    def close_in(self, db: Transaction, session: CallSession, disposition: str, at: datetime) -> None:
        """Keep that a call nobody answered is over."""
        after = replace(session, disposition=disposition)
        values = {"disposition": disposition, "ended": micros(at), "session": self._session(after)}
        db.execute(update(calls).where(calls.c.id == session.call_id, calls.c.disposition == "").values(**values))

    def promised_in(
        self, db: Transaction, session: CallSession, account_key: str, at: datetime, amount: int, due: int
    ) -> None:
        """Keep a promise to pay *amount* cents by the day number *due*."""
        seconds = int((at - session.started).total_seconds())
        row = {"call": session.call_id, "account_key": account_key, "made": micros(at), "seconds": seconds}
        db.execute(insert(promises), {"id": new_id(), **row, "amount": amount, "due": due, "cleared": 0})

    def paid(self, promise: str, cleared: int) -> None:
        """Note how many cents cleared in time for a promise."""
        with self._database.writing() as db:
            db.execute(update(promises).where(promises.c.id == promise).values(cleared=cleared))

    def promises(self, *, call: str) -> tuple[tuple[str, int, int], ...]:
        """Return the promises of a call: id, cents, day number due."""
        wanted = select(promises.c.id, promises.c.amount, promises.c.due).where(promises.c.call == call)
        with self._database.reading() as db:
            return tuple((row.id, row.amount, row.due) for row in db.execute(wanted))

    def _session(self, session: CallSession) -> bytes:
        return self._keys.seal("calls", "session", session.call_id, canonical(to_json(session)).encode())

    def show(self, call: str) -> tuple[CallRow, tuple[TurnRow, ...]]:
        """Return a call and its turns.

        Raises:
            UnknownCall: There is none.
        """
        with self._database.reading() as db:
            row = db.execute(select(calls).where(calls.c.id == call)).one_or_none()
            found = db.execute(select(turns).where(turns.c.call == call).order_by(turns.c.turn)).all()
        if row is None:
            raise UnknownCall(f"there is no call {call}")
        return _call(row), tuple(_turn(one) for one in found)

    def list(self, *, disposition: str = "", before: str = "", limit: int = 50) -> tuple[CallRow, ...]:
        """Return calls, newest first; *before* is the id of the last one of the page before."""
        wanted = select(calls).order_by(calls.c.id.desc()).limit(limit)
        if disposition:
            wanted = wanted.where(calls.c.disposition == disposition)
        if before:
            wanted = wanted.where(calls.c.id < before)
        with self._database.reading() as db:
            return tuple(_call(row) for row in db.execute(wanted))


_HELD = select(
    calls.c.session, calls.c.parties, calls.c.campaign, calls.c.job, calls.c.attempt
).where(calls.c.id == bindparam("b_id"))  # fmt: skip
_RECORD = (
    update(calls)
    .where(calls.c.id == bindparam("b_id"), calls.c.session == bindparam("b_before"))
    .values(
        turn=bindparam("b_turn"),
        state=bindparam("b_state"),
        disposition=bindparam("b_disposition"),
        disclosed=bindparam("b_disclosed"),
        session=bindparam("b_session"),
        ended=bindparam("b_ended"),
        right_party=or_(calls.c.right_party, bindparam("b_right", type_=Boolean)),
    )
)


def _turn_row(call: str, event: Event, turn: Turn) -> dict[str, Any]:
    understood = turn.understanding.readings if turn.understanding else ()
    rules = sorted({fired.rule for decision in turn.decisions for fired in decision.fired})
    intents = [_intent(r.intent, r.score, r.accepted) for r in understood]
    intents = intents or [_intent(name, 1.0, True) for name in event.intents]
    return {
        "call": call,
        "turn": turn.session.turn,
        "at": micros(event.at),
        "event": event.kind.value,
        "intents": f"[{','.join(intents)}]",
        "states": _names(turn.states),
        "steps": _names(turn.steps),
        "rules": _names(rules),
        "prevented": _names(turn.prevented),
        "prompts": _names([u.prompt for u in turn.utterances]),
        "actions": _names([action.name for action in turn.actions]),
        "faults": _names(turn.faults),
    }


@lru_cache(maxsize=16384)
def _intent(name: str, score: float, accepted: bool) -> str:
    """Return one intent as it is kept; most score 0 in most turns."""
    return canonical([name, score, accepted])


def _names(names: Sequence[str]) -> str:
    return canonical(list(names)) if names else "[]"


def _call(row: Row[Any]) -> CallRow:
    return CallRow(
        row.id, row.bundle, row.flow, row.campaign, row.job, row.attempt, moment(row.started),
        None if row.ended is None else moment(row.ended), row.turn, row.state, row.disposition, row.right_party,
        tuple(json.loads(row.disclosed)),
    )  # fmt: skip


def _turn(row: Row[Any]) -> TurnRow:
    listed = [tuple(json.loads(getattr(row, name))) for name in _LISTS]
    intents = tuple((name, score, accepted) for name, score, accepted in json.loads(row.intents))
    return TurnRow(row.turn, moment(row.at), row.event, intents, *listed)


_LISTS = ("states", "steps", "rules", "prevented", "prompts", "actions", "faults")
