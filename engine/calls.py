"""The shell around :func:`engine.runtime.step.step`: load the session, step, record, return.

Any process can take any turn of any call. The bundle a call began with is pinned by its
digest. A turn is stepped outside the transaction, which is pure work, and recorded only if the
call still stands where it was loaded: of two processes that take one turn, one is told `TurnTaken`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from typing import Any

from engine.bundle import CompiledBundle
from engine.compiler import compile_bundle
from engine.expressions.tree import Value
from engine.records.calls import Held
from engine.records.contacts import NewContact
from engine.records.database import Transaction
from engine.records.errors import TurnTaken, UnknownBundle
from engine.records.ledger import NewEntry
from engine.records.parties import Parties
from engine.records.plain import new_id
from engine.records.store import Store
from engine.records.suppressions import NewSuppression
from engine.runtime.codec import to_json
from engine.runtime.decision import Decision
from engine.runtime.prepared import prepare
from engine.runtime.session import CallSession, Event, Turn
from engine.runtime.step import start, step
from engine.source.documents import Sources
from engine.source.read import read_texts
from engine.terms import EventKind, FactSource, Scope

VERIFIED = "party.verified"
#: What is written in place of an identifier.
HIDDEN = "(not kept)"
#: What the records learn of a person from an action: its arguments by the facts they give.
LEARNED = {"prefer_time": {"stated.not_before": "not_before", "stated.not_after": "not_after"}}
#: The kind of contact that a call became, besides a call, by how it ended.
LEFT_AS = {"voicemail_left": "voicemail"}


class Shelf:
    """Compiled bundles by digest, each compiled once a process.

    Args:
        store: Where bundles are kept.
        ready: What is done with each before it is first used.
    """

    def __init__(self, store: Store, ready: Callable[[CompiledBundle], object] = prepare) -> None:
        self._store = store
        self._ready = ready
        self._made: dict[str, CompiledBundle] = {}
        self._lock = Lock()

    def publish(self, sources: Sources) -> CompiledBundle:
        """Compile a bundle, keep it and let new calls run under it.

        Raises:
            BundleError: It does not compile.
        """
        return self.put(compile_bundle(sources).need(), sources)

    def put(self, bundle: CompiledBundle, sources: Sources) -> CompiledBundle:
        """Keep a bundle that was compiled from *sources* and let new calls run under it."""
        self._ready(bundle)
        self._store.bundles.publish(bundle.digest, sources.texts)
        self._made[bundle.digest] = bundle
        return bundle

    def current(self) -> CompiledBundle:
        """Return the bundle that new calls run under.

        Raises:
            UnknownBundle: None was published yet.
        """
        return self.get(self._store.bundles.current())

    def get(self, digest: str) -> CompiledBundle:
        """Return the bundle with this digest.

        Raises:
            UnknownBundle: There is none, or its kept texts no longer give this digest.
        """
        found = self._made.get(digest)
        if found is not None:
            return found
        with self._lock:
            if digest not in self._made:
                bundle = compile_bundle(read_texts(self._store.bundles.texts(digest))).need()
                if bundle.digest != digest:
                    raise UnknownBundle(f"the kept texts of bundle {digest} now give {bundle.digest}")
                self._ready(bundle)
                self._made[digest] = bundle
        return self._made[digest]


@dataclass(frozen=True, slots=True)
class NewCall:
    """A call that is about to be answered.

    ``flow`` and ``locale`` may be left empty when the bundle has one of each. ``facts`` are canonical values.
    """

    parties: Parties
    facts: Mapping[str, Value] = field(default_factory=dict, repr=False)
    flow: str = ""
    locale: str = ""
    zones: tuple[str, ...] = ()
    campaign: str = ""
    job: str = ""
    attempt: str = ""


class Calls:
    """Calls in one store."""

    def __init__(self, store: Store, shelf: Shelf) -> None:
        self.store = store
        self.shelf = shelf

    def now(self) -> datetime:
        """Return the store's time, for events that carry none."""
        with self.store.database.reading() as db:
            return self.store.database.now(db)

    def answered(self, bundle: CompiledBundle, new: NewCall, at: datetime, event: Event | None = None) -> Turn:
        """Begin a call and take its first turn, both or neither.

        Args:
            bundle: What it runs under.
            new: The call.
            at: When it began.
            event: What happened first; None is that it was answered.

        Raises:
            UnknownFlow: The bundle has no such flow, or cannot speak the locale.
        """
        with self.store.database.reading() as db:
            session = self._new(db, bundle, new, at)
        first = event or Event(EventKind.ANSWERED, at)
        turn = step(bundle, session, first)
        with self.store.database.writing() as db:
            self._record(db, bundle, self._open(db, session, new), first, turn)
        return turn

    def begin(self, new: NewCall) -> CallSession:
        """Begin a call under the current bundle.

        Raises:
            UnknownBundle: None was published yet.
            UnknownFlow: The bundle has no such flow, or cannot speak the locale.
        """
        bundle = self.shelf.current()
        with self.store.database.writing() as db:
            return self.begin_in(db, bundle, new)

    def begin_in(self, db: Transaction, bundle: CompiledBundle, new: NewCall) -> CallSession:
        """Begin a call in the caller's transaction."""
        session = self._new(db, bundle, new, self.store.database.now(db))
        self._open(db, session, new)
        return session

    def _new(self, db: Transaction, bundle: CompiledBundle, new: NewCall, at: datetime) -> CallSession:
        flow = new.flow or (next(iter(bundle.flows)) if len(bundle.flows) == 1 else "")
        locale = new.locale or (bundle.locales[0] if bundle.locales else "")
        known = self.store.known.facts_in(db, new.parties.hashed(self.store.keys))
        facts = {**identifying(bundle, new.parties), **known, **new.facts}
        return start(bundle, new_id(), flow, locale, at, facts, new.zones or None)

    def _open(self, db: Transaction, session: CallSession, new: NewCall) -> Held:
        marks = {"campaign": new.campaign, "job": new.job, "attempt": new.attempt}
        return self.store.calls.open_in(db, session, new.parties, **marks)

    def turn(self, call: str, expected: int, event: Event) -> Turn:
        """Take one turn of a call and record all of it in one transaction.

        Args:
            call: The call's id.
            expected: The number of the turn to be taken, the first being 1.
            event: What happened, with its time.

        Raises:
            UnknownCall: There is no such call.
            TurnTaken: That turn was taken already, or is not the next.
            CallEnded: The call is over.
        """
        try:
            return self._take(self.store.calls.after(call, expected - 1), expected, event)
        except TurnTaken:  # where that was remembered, the store may know better
            return self._take(self.store.calls.held(call), expected, event)

    def _take(self, held: Held, expected: int, event: Event) -> Turn:
        session = held.session
        if not session.ended and session.turn + 1 != expected:
            raise TurnTaken(f"call {session.call_id} is at turn {session.turn}, so turn {expected} is not the next")
        bundle = self.shelf.get(session.bundle)
        turn = step(bundle, session, event)
        with self.store.database.writing() as db:
            self._record(db, bundle, held, event, turn)
        return turn

    def _record(self, db: Transaction, bundle: CompiledBundle, held: Held, event: Event, turn: Turn) -> None:
        store, session = self.store, turn.session
        keys = held.keys
        right = session.facts.get(VERIFIED) is True
        if session.ended:
            right = right or bundle.vocabulary.dispositions[session.disposition].right_party
        kept = without_identifiers(bundle, session) if session.ended else session
        store.calls.record_in(db, held, event, turn, kept, right_party=right)
        if held.attempt and not held.session.turn:
            store.attempts.answered_in(db, held.attempt)
        for action in turn.actions:
            amount, due = action.arguments.get("amount"), action.arguments.get("date")
            if action.name == "record_promise" and isinstance(amount, int) and isinstance(due, int):
                store.calls.promised_in(db, session, keys.account, event.at, amount, due)
            learned = {fact: action.arguments.get(name) for fact, name in LEARNED.get(action.name, {}).items()}
            told = {fact: value for fact, value in learned.items() if value is not None}
            if told:
                store.known.learn_in(db, Scope.PERSON, keys.person, told, "call", at=event.at)
        if turn.actions:
            store.outbox.add_in(db, "call.actions", session.call_id, {"actions": to_json(turn.actions)})
        if session.ended:
            store.outbox.add_in(db, "call.ended", session.call_id, {"disposition": session.disposition})
            for kind in _became(session, right):
                store.contacts.add_in(db, NewContact(kind, held.parties, event.at, attempt=held.attempt))
        if turn.suppressions:
            store.database.hold(db, keys.all)
            store.suppress_in(db, *_suppressions(turn, held.parties, event.at))
        secret = prepare(bundle).secret
        decided = (_entry(one, session, keys.account, held.attempt, secret) for one in turn.decisions)
        store.ledger.append(db, *decided)


def _became(session: CallSession, right_party: bool) -> tuple[str, ...]:
    left = LEFT_AS.get(session.disposition)
    return (*(("conversation",) if right_party else ()), *((left,) if left else ()))


def _suppressions(turn: Turn, parties: Parties, at: datetime) -> list[NewSuppression]:
    call = turn.session.call_id
    return [
        NewSuppression(Scope(one.scope), subject, one.reason, rule=one.rule, call=call, heard=at)
        for one in turn.suppressions
        for subject in parties.of(Scope(one.scope))
    ]


def _entry(decision: Decision, session: CallSession, account: str, attempt: str, secret: frozenset[str]) -> NewEntry:
    return NewEntry(
        decision.ask.value,
        {"turn": session.turn, "state": session.state, "decision": decision_json(decision, secret)},
        outcome=decision.outcome.value,
        rules=tuple(sorted(decision.denying)),
        bundle=session.bundle,
        account_key=account,
        call=session.call_id,
        attempt=attempt,
    )


def decision_json(decision: Decision, secret: frozenset[str]) -> dict[str, Any]:
    """Return a decision as JSON data, the values of the facts in *secret* left out."""
    data: Any = to_json(decision)
    for read in (data["facts"], *(one["read"] for one in data["fired"])):
        read.update({name: HIDDEN for name in secret.intersection(read) if read[name] is not None})
    assert isinstance(data, dict)
    return data


def without_identifiers(bundle: CompiledBundle, session: CallSession) -> CallSession:
    """Return a session that is over without the identifiers it heard and those it compared them with."""
    secret = prepare(bundle).secret
    return replace(session, facts={name: value for name, value in session.facts.items() if name not in secret})


def identifying(bundle: CompiledBundle, parties: Parties) -> dict[str, Value]:
    """Return the facts that say whom a call is about, by the names the vocabulary gives them; the debt is left out."""
    held = {
        "person": parties.person,
        "household": parties.household,
        "account": parties.account,
        "number": parties.number,
    }
    return {
        fact.name: held[fact.identifies]
        for fact in bundle.vocabulary.facts.values()
        if held.get(fact.identifies) and fact.origin in (FactSource.HOST, FactSource.LEDGER)
    }
