"""Conduct jobs of a server: lease, start, heartbeat and report over its API, dial and talk here.

The server decides: it asks the gate, counts the call, takes every turn and writes everything down. Here is only the
line. What the server does not hear of it makes nothing of: a call whose worker falls silent comes to ``review``.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from engine.bundle import CompiledBundle
from engine.expressions.tree import Value
from engine.expressions.values import format_value, to_json
from engine.outbound.client import ApiAway, ApiClient, ApiProblem, Leased, Ruled
from engine.outbound.conduct import BEAT, Done, Probe, nothing
from engine.outbound.gate import CALL
from engine.outbound.line import Dialing, Line, NotPlaced, Order, Result, Speech
from engine.records.errors import LeaseLost, RecordsError, StoreAway
from engine.runtime.session import Event
from engine.terms import EventKind, JobState, ValueType

_WRITTEN = (ValueType.DATE, ValueType.TIME, ValueType.DATETIME)
#: So many seconds afterwards, what the gate said is no longer dialled by: it may not be true any more.
LATE = 2.0
TOO_LATE = "the gate's answer came too late to be dialled by"
_LOST = frozenset({"lease-lost", "unknown-job"})


class Refused(RecordsError):
    """The server refused to go on with a job."""


class RemoteConductor:
    """Leases jobs of a server and conducts them, one after the other.

    Args:
        client: The server.
        line: What places the calls.
        bundle: Declares the types of what is heard beside words.
        probe: Told when a job comes to a named point; see `conduct.POINTS`.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        client: ApiClient,
        line: Line,
        bundle: CompiledBundle,
        probe: Probe = nothing,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._line = line
        self._types = {name: fact.type for name, fact in bundle.vocabulary.facts.items()}
        self._probe = probe
        self._clock = clock

    def lease(self, worker: str, campaign: str = "") -> tuple[Leased, ...]:
        """Lease the most urgent due job, or none when nothing is due.

        Raises:
            StoreAway: The server cannot be reached, or cannot work now.
            ApiProblem: It refuses this worker: its key is none, or may not work.
        """
        try:
            return self._client.lease(worker, campaign=campaign)
        except ApiAway as away:
            raise StoreAway(str(away)) from away
        except ApiProblem as problem:
            if problem.status >= 500:
                raise StoreAway(str(problem)) from problem
            raise

    def conduct(self, lease: Leased) -> Done:
        """Take a leased job as far as it goes.

        A call that is then not dialled, by the line or because the server's answer came too late, stays counted: the
        server allowed it and cannot know better.

        Raises:
            LeaseLost: The lease ran out, or the job was canceled.
            StoreAway: The server went away; a job that may have been dialled will come to ``review``.
            Refused: The server refused something else.
        """
        with _about(lease.job):
            self._probe("after_lease")
            asked = self._clock()
            ruled = self._client.start(lease.job, lease.token)
            if not ruled.dial:
                return Done(lease.job, JobState(ruled.state), ruled.denied_by)
            if self._too_late(lease, ruled, asked):
                return Done(lease.job, JobState(self._client.failure(lease.job, lease.token, TOO_LATE)))
            self._probe("after_gate")
            try:
                dialing = self._line.place(Order(ruled.attempt, ruled.call, ruled.number, ruled.at))
            except NotPlaced as refused:
                state = self._client.failure(lease.job, lease.token, f"the line did not dial: {refused}")
                return Done(lease.job, JobState(state))
            self._probe("after_dial")
            try:
                result, disposition, again = self._talk(lease, ruled, dialing)
            finally:
                dialing.hang_up()
            self._probe("before_success")
            state = self._report(lease, result, disposition, again)
            return Done(lease.job, JobState(state), (), result, disposition, ruled.call)

    def _too_late(self, lease: Leased, ruled: Ruled, asked: float) -> bool:
        """Return whether the gate decided too long ago, by the server's clock, when its answer let us wait."""
        if self._clock() - asked <= LATE:
            return False
        asked = self._clock()
        now = self._client.heartbeat(lease.job, lease.token, seconds=CALL // timedelta(seconds=1)) - CALL
        return (now - ruled.at).total_seconds() + self._clock() - asked > LATE

    def _talk(self, lease: Leased, ruled: Ruled, dialing: Dialing) -> tuple[Result, str, bool]:
        result, event = dialing.wait()
        if event is None or not result.speaks:
            return result, result.value, result is not Result.NOT_IN_SERVICE
        beaten, turn = event.at, 0
        while True:
            said = self._client.turn(ruled.call, turn + 1, self._told(event))
            self._probe("in_turn")
            turn = said.turn
            speech = Speech(said.text, said.flow, said.state, said.ended)
            event = dialing.say(speech)
            if said.ended:
                return result, said.disposition, said.retry
            beaten = self._beat(lease, beaten, event)

    def _beat(self, lease: Leased, beaten: datetime, event: Event) -> datetime:
        if event.at - beaten < BEAT or event.kind is EventKind.HUNG_UP:
            return beaten
        self._client.heartbeat(lease.job, lease.token, seconds=CALL // timedelta(seconds=1))
        return event.at

    def _report(self, lease: Leased, result: Result, disposition: str, again: bool) -> str:
        if again or not result.speaks:
            return self._client.failure(lease.job, lease.token, disposition, again=again, result=result.value)
        return self._client.success(lease.job, lease.token, reason=disposition, result=result.value)

    def _told(self, event: Event) -> Mapping[str, Any]:
        """Return an event as the API takes it."""
        return {
            "kind": event.kind.value,
            "time": event.at.isoformat(),
            "text": event.text,
            "intents": list(event.intents),
            "slots": {name: self._written(name, value) for name, value in event.slots.items()},
            "digits": event.digits,
            "played": event.played,
        }

    def _written(self, name: str, value: Value) -> Any:
        kind = self._types.get(name)
        return format_value(value, kind) if kind in _WRITTEN else to_json(value)


@contextmanager
def _about(job: str) -> Iterator[None]:
    """Say what the server answers about *job* as the store would."""
    try:
        yield
    except ApiAway as away:
        raise StoreAway(f"{away}; job {job} is left to run out") from away
    except ApiProblem as problem:
        if problem.name in _LOST:
            raise LeaseLost(problem.detail) from problem
        raise Refused(str(problem)) from problem
