"""The gate before the dial.

One transaction gathers the facts, asks every rule about every debt, writes the decision into the ledger
and counts the call, while it holds the account, the person, the number and the
debts: of two workers that reach for the seventh call of the week one gets it. A second transaction,
which holds the same, looks for suppressions once more, gathers the facts and asks the rules again if a second has gone
by, and tells the line to dial, so that neither a suppression that was committed before nor the end of the hours can be
overtaken.
"""

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta

from engine.bundle import CompiledBundle
from engine.calls import Calls, NewCall, decision_json, identifying
from engine.expressions.tree import Value
from engine.outbound.dialling import request_json
from engine.outbound.fit import misfits
from engine.outbound.line import Dialing, Line, NotPlaced, Order
from engine.records.contacts import NewContact
from engine.records.database import Transaction
from engine.records.errors import LeaseLost
from engine.records.job import Lease
from engine.records.ledger import NewEntry
from engine.runtime.decision import Decision
from engine.runtime.dial import DialRequest, decide
from engine.runtime.session import CallSession
from engine.terms import Ask, FactSource, Outcome

FAULT = "the rules could not be asked"
#: How long a worker on the line may be silent before its call is taken for lost.
CALL = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the gate said to one try."""

    attempt: str
    entry: int
    decision: Decision
    bundle: str
    request: DialRequest = field(repr=False)

    @property
    def allowed(self) -> bool:
        """Whether the call may be placed."""
        return self.decision.outcome is Outcome.ALLOW


class Gate:
    """The gate of one store."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._store = calls.store

    def ask(self, lease: Lease) -> Ruling:
        """Decide about a leased job, write the decision down and act on it.

        Allowed: the call is counted and the job is ``running``. Denied: the job waits until a rule
        allows it, or is canceled if waiting does not help. A job that does not fit the bundle is a dead letter.

        Raises:
            LeaseLost: The lease ran out or the job was canceled meanwhile.
            UnknownBundle: None was published yet.
        """
        bundle = self._calls.shelf.current()
        with self._store.database.writing() as db:
            self._store.database.hold(db, lease.keys.all)
            request = self._gather(db, bundle, lease)
            unfit = misfits(bundle, lease.brief, request)
            if unfit:
                return self._set_aside(db, bundle, lease, request, unfit)
            decision = decide(bundle, request, search=False)
            if decision.outcome is Outcome.ALLOW:
                return self._allow(db, bundle, lease, request, decision)
        decision = decide(bundle, request)
        with self._store.database.writing() as db:
            self._store.database.hold(db, lease.keys.all)
            return self._deny(db, bundle, lease, request, decision)

    def _gather(self, db: Transaction, bundle: CompiledBundle, lease: Lease, attempt: str = "") -> DialRequest:
        """Return what is known now; the call that *attempt* has already been counted as is left out."""
        store, brief = self._store, lease.brief
        now = store.database.now(db)
        shared = {**brief.facts, **store.known.facts_in(db, lease.keys), **identifying(bundle, brief.parties)}
        return DialRequest(
            at=now,
            facts=shared,
            debts=tuple({**brief.debts[debt], **_debt(bundle, debt)} for debt in brief.parties.debts),
            zones=brief.zones or None,
            history=store.contacts.history_in(db, lease.keys, without=attempt),
            suppressions=store.jobs.against(db, lease),
        )

    def _allow(
        self, db: Transaction, bundle: CompiledBundle, lease: Lease, request: DialRequest, decision: Decision
    ) -> Ruling:
        store = self._store
        store.jobs.running_in(db, lease)
        attempt = store.attempts.add_in(db, lease, "allowed", ())
        store.contacts.add_in(db, NewContact("call", lease.brief.parties, request.at, _of_number(request), attempt))
        return self._written(db, bundle, lease, request, decision, attempt)

    def _deny(
        self, db: Transaction, bundle: CompiledBundle, lease: Lease, request: DialRequest, decision: Decision
    ) -> Ruling:
        jobs, denying = self._store.jobs, tuple(sorted(decision.denying))
        attempt = self._store.attempts.add_in(db, lease, "denied", denying)
        reason = f"{decision.outcome}: {', '.join(denying) or FAULT}"
        if decision.next_allowed is not None:
            jobs.postpone_in(db, lease, decision.next_allowed, reason)
        elif decision.faults:
            jobs.failure_in(db, lease, FAULT)
        else:
            jobs.stop_in(db, lease, reason)
        return self._written(db, bundle, lease, request, decision, attempt)

    def _set_aside(
        self, db: Transaction, bundle: CompiledBundle, lease: Lease, request: DialRequest, unfit: tuple[str, ...]
    ) -> Ruling:
        """Make a job of which no call can be made a dead letter: a person may mend what is wrong and send it again."""
        store = self._store
        attempt = store.attempts.add_in(db, lease, "denied", ())
        store.jobs.bury_in(db, lease, f"it cannot be carried out: {'; '.join(unfit)}", lease.tries)
        entry = NewEntry(
            "unfit",
            {"job": lease.job, "try": lease.tries, "worker": lease.worker, "why": list(unfit)},
            outcome=Outcome.DENY.value,
            bundle=bundle.digest,
            account_key=lease.keys.account,
            attempt=attempt,
        )
        [seq] = store.ledger.append(db, entry)
        store.attempts.entered_in(db, attempt, seq)
        decision = Decision(Ask.BEFORE_DIALING, "", request.at, Outcome.DENY, faults=unfit)
        return Ruling(attempt, seq, decision, bundle.digest, request)

    def _written(
        self,
        db: Transaction,
        bundle: CompiledBundle,
        lease: Lease,
        request: DialRequest,
        decision: Decision,
        attempt: str,
    ) -> Ruling:
        body = {
            "request": request_json(request),
            "decision": decision_json(decision, frozenset()),
            "job": lease.job,
            "try": lease.tries,
            "worker": lease.worker,
            "documents": [[one.id, one.version, one.digest] for one in bundle.documents],
        }
        entry = NewEntry(
            "dial",
            body,
            outcome=decision.outcome.value,
            rules=tuple(sorted(decision.denying)),
            bundle=bundle.digest,
            account_key=lease.keys.account,
            attempt=attempt,
        )
        [seq] = self._store.ledger.append(db, entry)
        self._store.attempts.entered_in(db, attempt, seq)
        return Ruling(attempt, seq, decision, bundle.digest, request)

    def place(self, lease: Lease, ruling: Ruling, line: Line) -> tuple[CallSession, Dialing] | None:
        """Tell the line to dial, unless something came between; then nothing is dialled and None is returned.

        After a suppression the job is canceled; when only the time has gone on, it waits to be asked about again.

        Raises:
            LeaseLost: The lease ran out, or this call was placed before; nothing is dialled.
            NotPlaced: The line did not dial; the call is no longer counted and the job waits for another try.
            StoreAway: The database went away; what was dialled is hung up, and the job will come to ``review``.
        """
        with ExitStack() as dialled:
            placed = self._place(lease, ruling, line, dialled)
            dialled.pop_all()
        return placed

    def _place(
        self, lease: Lease, ruling: Ruling, line: Line, dialled: ExitStack
    ) -> tuple[CallSession, Dialing] | None:
        """Do so; *dialled* knows how to hang up until it is kept that the line was told to dial."""
        store = self._store
        try:
            with store.database.writing() as db:
                store.database.hold(db, lease.keys.all)
                against = store.jobs.against(db, lease)
                if against:
                    self._stop(db, lease, ruling, tuple(sorted({f"suppressed.{reason}" for _, reason in against})))
                    return None
                late = self._too_late(db, lease, ruling)
                if late:
                    self._put_back(db, lease, ruling, late)
                    return None
                session, dialing = self._dial(db, lease, ruling, line)
                dialled.callback(dialing.hang_up)
                return session, dialing
        except NotPlaced as refused:
            with store.database.writing() as db:
                store.database.hold(db, lease.keys.all)
                store.attempts.stopped_in(db, ruling.attempt, "not placed")
                store.contacts.undo_in(db, ruling.attempt)
                store.jobs.failure_in(db, lease, f"the line did not dial: {refused}")
            raise

    def _dial(self, db: Transaction, lease: Lease, ruling: Ruling, line: Line) -> tuple[CallSession, Dialing]:
        store, brief = self._store, lease.brief
        facts = {**brief.facts, **(brief.debts[brief.parties.debts[0]] if brief.parties.debts else {})}
        new = NewCall(
            brief.parties, facts, brief.flow, brief.locale, brief.zones, lease.campaign, lease.job, ruling.attempt
        )
        session = self._calls.begin_in(db, self._calls.shelf.get(ruling.bundle), new)
        store.jobs.heartbeat_in(db, lease, length=CALL)
        if not store.attempts.placed_in(db, ruling.attempt, session.call_id):
            raise LeaseLost(f"attempt {ruling.attempt} of job {lease.job} was placed before")
        order = Order(ruling.attempt, session.call_id, brief.parties.number, session.started)
        return session, line.place(order)

    def _too_late(self, db: Transaction, lease: Lease, ruling: Ruling) -> tuple[str, ...]:
        """Return the rules that would deny the call by now. Rules know time to the second."""
        now = self._store.database.now(db)
        if now.replace(microsecond=0) == ruling.request.at.replace(microsecond=0):
            return ()
        bundle = self._calls.shelf.get(ruling.bundle)
        again = decide(bundle, self._gather(db, bundle, lease, ruling.attempt), search=False)
        return () if again.outcome is Outcome.ALLOW else again.denying or (FAULT,)

    def _stop(self, db: Transaction, lease: Lease, ruling: Ruling, rules: tuple[str, ...]) -> None:
        """Cancel a job that was allowed and must not be dialled any more."""
        self._store.jobs.stop_in(db, lease, f"suppressed: {', '.join(rule.partition('.')[2] for rule in rules)}")
        self._undo(db, lease, ruling, rules)

    def _put_back(self, db: Transaction, lease: Lease, ruling: Ruling, rules: tuple[str, ...]) -> None:
        """Put back a job that was allowed and came too late to the line."""
        now = self._store.database.now(db)
        self._store.jobs.postpone_in(db, lease, now, f"not dialled in time: {', '.join(rules)}")
        self._undo(db, lease, ruling, rules)

    def _undo(self, db: Transaction, lease: Lease, ruling: Ruling, rules: tuple[str, ...]) -> None:
        """Count the call no more, and write down why."""
        store = self._store
        store.attempts.stopped_in(db, ruling.attempt, ", ".join(rules))
        store.contacts.undo_in(db, ruling.attempt)
        entry = NewEntry(
            "stopped",
            {"job": lease.job, "rules": list(rules), "after": ruling.entry},
            outcome=Outcome.DENY.value,
            rules=rules,
            bundle=ruling.bundle,
            account_key=lease.keys.account,
            attempt=ruling.attempt,
        )
        store.ledger.append(db, entry)


def _debt(bundle: CompiledBundle, debt: str) -> dict[str, Value]:
    return {
        fact.name: debt
        for fact in bundle.vocabulary.facts.values()
        if fact.identifies == "debt" and fact.origin in (FactSource.HOST, FactSource.LEDGER)
    }


def _of_number(request: DialRequest) -> dict[str, Value]:
    """Return what is known of the number, which counters may ask of a contact."""
    return {name: value for name, value in request.facts.items() if name.startswith("number.")}
