"""Jobs and dials over HTTP: the gate for workers that place calls themselves, and dry runs."""

from collections.abc import Mapping
from typing import Any

from engine.bundle import CompiledBundle
from engine.calls import identifying
from engine.expressions.tree import Value
from engine.facts.history import Contact, History
from engine.outbound.line import Dialing, Order, Result, Speech
from engine.records.database import Transaction
from engine.records.job import Lease, NewJob
from engine.records.parties import Parties
from engine.runtime.dial import DialRequest, decide
from engine.runtime.session import Event
from engine.runtime.step import HUNG_UP
from engine.terms import EventKind, JobState
from server.desk import Desk
from server.schemas.job import new_job
from server.talk import dialled
from server.values import check_zones, read_facts


class Handed:
    """A line that leaves the dialling to the caller: it is told once, and the caller places the call."""

    def place(self, order: Order) -> Dialing:
        """Hand *order* on."""
        return Elsewhere(order)


class Elsewhere:
    """A call that is conducted elsewhere."""

    def __init__(self, order: Order) -> None:
        self.order = order

    def wait(self) -> tuple[Result, Event | None]:
        """Return that somebody else knows."""
        return Result.NO_ANSWER, None

    def say(self, speech: Speech) -> Event:
        """Return that nobody listens here."""
        return Event(EventKind.HUNG_UP, self.order.at)

    def hang_up(self) -> None:
        """Do nothing: the caller hangs up."""


def jobs_of(desk: Desk, given: Mapping[str, Any]) -> tuple[NewJob, ...]:
    """Return the jobs that a request describes, their facts read as the bundle in force declares them."""
    bundle = desk.bundle()
    return tuple(_job(bundle, one) for one in given["jobs"])


def _job(bundle: CompiledBundle, given: dict[str, Any]) -> NewJob:
    check_zones(given["zones"])
    debts = {one["debt"]: read_facts(bundle, one["facts"]) for one in given["debts"]}
    return new_job(given, read_facts(bundle, given["facts"]), debts)


def start(desk: Desk, job: str, token: str) -> dict[str, Any]:
    """Ask the gate about a leased job; where it allows the call, count it, begin it and hand it to the caller."""
    lease = desk.store.jobs.held(job, token)
    ruling = desk.gate.ask(lease)
    placed = desk.gate.place(lease, ruling, Handed()) if ruling.allowed else None
    bundle = desk.shelf.get(ruling.bundle)
    return {
        "job_id": job,
        "dial": placed is not None,
        "state": JobState.RUNNING if placed is not None else desk.store.jobs.show(job)[0].state,
        "attempt_id": ruling.attempt,
        "decision_id": ruling.entry,
        "number": lease.brief.parties.number if placed is not None else None,
        "call_id": placed[0].call_id if placed is not None else None,
        "decision": dialled(bundle, ruling.decision),
    }


def succeed(desk: Desk, job: str, given: Mapping[str, Any]) -> None:
    """Accept that the call of a job was conducted to its end."""
    lease = desk.store.jobs.held(job, given["token"])
    with desk.store.database.together() as db:
        _ended(desk, db, lease, Result(given["result"]))
        desk.store.jobs.success_in(db, lease, given["reason"])


def fail(desk: Desk, job: str, given: Mapping[str, Any]) -> None:
    """Accept that a try of a job failed."""
    lease = desk.store.jobs.held(job, given["token"])
    with desk.store.database.together() as db:
        if given["result"] is not None:
            _ended(desk, db, lease, Result(given["result"]))
        desk.store.jobs.failure_in(db, lease, given["reason"], again=given["again"])


def _ended(desk: Desk, db: Transaction, lease: Lease, result: Result) -> None:
    """Note what came of the attempt that was made under *lease*, and close a call that nobody answered."""
    store = desk.store
    attempt = next((one for one in store.attempts.list(job=lease.job, limit=1) if one.state == "placed"), None)
    if attempt is None:
        return
    session = store.calls.held(attempt.call).session
    disposition = (session.disposition or HUNG_UP) if result.speaks else result.value
    store.attempts.ended_in(db, attempt.id, result.value, disposition)
    store.contacts.learn_in(db, attempt.id, {"number.connected": result.connected})
    if not session.ended:
        store.calls.close_in(db, session, disposition, store.database.now(db))


def dry_run(desk: Desk, given: Mapping[str, Any]) -> dict[str, Any]:
    """Decide whether a call might be placed, without writing anything down."""
    bundle = desk.bundle()
    check_zones(given["zones"])
    history = tuple(_contact(bundle, one) for one in given["history"])
    facts = read_facts(bundle, given["facts"])
    request = DialRequest(
        at=given["at"] or desk.now(),
        facts=facts,
        debts=tuple(read_facts(bundle, debt) for debt in given["debts"]),
        zones=tuple(given["zones"]) or None,
        history=History(history),
        suppressions=tuple((one["scope"], one["reason"]) for one in given["suppressions"]),
    )
    if given["parties"] is not None:
        request = _on_file(desk, bundle, given["parties"], request)
    return dialled(bundle, decide(bundle, request))


def _on_file(desk: Desk, bundle: CompiledBundle, parties: Parties, request: DialRequest) -> DialRequest:
    store = desk.store
    keys = parties.hashed(store.keys)
    with store.database.reading() as db:
        known = store.known.facts_in(db, keys)
        kept = store.contacts.history_in(db, keys)
        standing = store.suppressions.standing(db, keys)
    facts: dict[str, Value] = {**request.facts, **known, **identifying(bundle, parties)}
    history = History((*request.history.contacts, *kept.contacts))
    return DialRequest(
        request.at, facts, request.debts, request.zones, history, (*request.suppressions, *standing)
    )


def _contact(bundle: CompiledBundle, one: Mapping[str, Any]) -> Contact:
    facts = read_facts(bundle, one["facts"])
    ids = {name: one[name] for name in ("person", "household", "debt", "account", "number")}
    return Contact(one["kind"], one["at"], facts, **ids)

