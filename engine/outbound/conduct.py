"""Conduct one leased job: gate, dial, talk, report."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from engine.calls import Calls
from engine.outbound.gate import CALL, Gate, Ruling
from engine.outbound.line import Dialing, Line, NotPlaced, Result, Speech
from engine.records.errors import StoreAway
from engine.records.job import Lease
from engine.runtime.session import CallSession, Event, Turn
from engine.terms import EventKind, JobState

Kept = TypeVar("Kept")
#: Told when a call comes to a named point; see `POINTS`.
Probe = Callable[[str], None]
#: The points at which a worker may be lost, in order.
POINTS = ("after_lease", "after_gate", "after_dial", "in_turn", "before_success")
#: How long a call goes on while the store is away, in seconds, and how long it waits before it tries again.
AWAY, WAIT = 3.0, 0.2
#: How long a worker on the line is silent at most, in the time of the call.
BEAT = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one try of a job; ``denied_by`` are the rules or faults for which it was not dialled."""

    job: str
    state: JobState
    denied_by: tuple[str, ...] = ()
    result: Result | None = None
    disposition: str = ""
    call: str = ""


def nothing(_: str) -> None:
    """Do nothing at a named point."""


class Conductor:
    """Leases jobs of a store and conducts them, one after the other."""

    def __init__(self, calls: Calls, line: Line, probe: Probe = nothing) -> None:
        self._calls = calls
        self._store = calls.store
        self._gate = Gate(calls)
        self._line = line
        self._probe = probe

    def lease(self, worker: str, campaign: str = "") -> tuple[Lease, ...]:
        """Lease the most urgent due job, or none when nothing is due."""
        return self._store.jobs.lease(worker, campaign=campaign)

    def conduct(self, lease: Lease) -> Done:
        """Take a leased job as far as it goes.

        Raises:
            LeaseLost: The job was canceled or given to another before anything was dialled, or the
                end of the call came too late to be accepted.
            StoreAway: The database went away, and on the line not only for a moment; a job that may have been dialled
                will come to ``review``.
        """
        self._probe("after_lease")
        ruling = self._gate.ask(lease)
        if not ruling.allowed:
            why = ruling.decision.denying or ruling.decision.faults
            return Done(lease.job, self._store.jobs.show(lease.job)[0].state, why)
        self._probe("after_gate")
        try:
            placed = self._gate.place(lease, ruling, self._line)
        except NotPlaced:
            return Done(lease.job, self._store.jobs.show(lease.job)[0].state)
        if placed is None:
            return Done(lease.job, self._store.jobs.show(lease.job)[0].state)
        self._probe("after_dial")
        session, dialing = placed
        try:
            result, disposition = self._talk(lease, session, dialing)
        finally:
            dialing.hang_up()
        self._probe("before_success")
        state = _patiently(lambda: self._finish(lease, ruling, session, result, disposition))
        return Done(lease.job, state, (), result, disposition, session.call_id)

    def _talk(self, lease: Lease, session: CallSession, dialing: Dialing) -> tuple[Result, str]:
        result, event = dialing.wait()
        if event is None or not result.speaks:
            return result, result.value
        beaten = event.at
        while True:
            turn = self._turn(session, event)
            self._probe("in_turn")
            session = turn.session
            if session.ended:
                dialing.say(Speech.of(turn))
                return result, session.disposition
            event = dialing.say(Speech.of(turn))
            beaten = self._beat(lease, beaten, event)

    def _turn(self, session: CallSession, event: Event) -> Turn:
        return _patiently(lambda: self._calls.turn(session.call_id, session.turn + 1, event))

    def _beat(self, lease: Lease, beaten: datetime, event: Event) -> datetime:
        if event.at - beaten < BEAT or event.kind is EventKind.HUNG_UP:
            return beaten
        _patiently(lambda: self._store.jobs.heartbeat(lease, length=CALL))
        return event.at

    def _finish(self, lease: Lease, ruling: Ruling, session: CallSession, result: Result, disposition: str) -> JobState:
        store = self._store
        kinds = self._calls.shelf.get(session.bundle).vocabulary.dispositions
        again = not result.speaks or (disposition in kinds and kinds[disposition].retry)
        with store.database.writing() as db:
            store.attempts.ended_in(db, ruling.attempt, result.value, disposition)
            store.contacts.learn_in(db, ruling.attempt, {"number.connected": result.connected})
            if not result.speaks:
                store.calls.close_in(db, session, disposition, store.database.now(db))
            if again:
                return store.jobs.failure_in(db, lease, disposition, again=result is not Result.NOT_IN_SERVICE)
            store.jobs.success_in(db, lease, disposition)
            return JobState.SUCCEEDED


def _patiently(work: Callable[[], Kept]) -> Kept:
    """Do *work*, again and again while the store is away for a moment: what was heard is not to be lost.

    Raises:
        StoreAway: It is away for longer.
    """
    began = time.monotonic()
    while True:
        try:
            return work()
        except StoreAway:
            if time.monotonic() - began > AWAY:
                raise
            time.sleep(WAIT)
