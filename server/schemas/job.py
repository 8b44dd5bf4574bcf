"""Jobs and attempts: enqueue, lease, dial, report."""

from datetime import timedelta
from typing import Any

from marshmallow import fields

from engine.outbound.line import Result
from engine.records.job import FLAGS, NewJob, Retry
from engine.terms import JobState
from server.fields import Facts, Moment, Text, Whole, Yes, many, one_of, ref
from server.schemas.common import (
    PARTIES_EXAMPLE,
    DialSchema,
    PageSchema,
    PartiesSchema,
    Shape,
    campaign,
    cursor,
    described,
    ident,
    listed,
    locale,
    parties,
    words,
    zones,
)

STATES = tuple(state.value for state in JobState)
REASON = "Why, in a few plain words without anything personal."


class RetrySchema(Shape):
    """How often a job is tried, and how long it waits in between: evenly from 0 to base * 2^(n-1), at most cap."""

    tries = Whole(1, 100, load_default=3)
    base = Whole(0, 86_400, load_default=60, metadata=described("Seconds."))
    cap = Whole(0, 604_800, load_default=3600, metadata=described("Seconds."))


class DebtSchema(Shape):
    """What differs for one debt."""

    debt = ref(required=True, metadata=described("The debt's reference, one of the parties' debts."))
    facts = Facts(required=True)


class NewJobSchema(Shape):
    """A person to be called."""

    parties = parties(required=True)
    facts = Facts(load_default=dict, metadata=described("What the host knows, by the names of the vocabulary."))
    debts = many(
        fields.Nested(DebtSchema()), 20, load_default=list, metadata=described("For each debt, what differs.")
    )
    campaign = campaign(load_default="")
    flow = Text(most=64, pattern=r"[A-Za-z0-9_.\-]*", load_default="", metadata=described("The call flow."))
    locale = locale()
    zones = zones()
    due = Moment(load_default=None, metadata=described("Not to be called before; now by default."))
    priority = Whole(0, 9, load_default=5, metadata=described("9 is first."))
    retry = fields.Nested(RetrySchema(), load_default=lambda: {"tries": 3, "base": 60, "cap": 3600})
    idempotency_key = Text(
        most=200, load_default="", metadata=described("The same key with the same job gives the first job again.")
    )
    flags = many(
        one_of(*sorted(FLAGS)), 3, load_default=list, metadata=described("While one stands, the job is not leased.")
    )


class EnqueueSchema(Shape):
    """Jobs to be taken in: all of them, or none."""

    jobs = many(fields.Nested(NewJobSchema()), 500, least=1, required=True)


class EnqueuedSchema(Shape):
    """What became of one of them."""

    job_id = ident("The job.", required=True)
    created = fields.Boolean(required=True, metadata=described("False: its key was used before for the same job."))
    state = one_of(*STATES, required=True)


class EnqueuedListSchema(Shape):
    """One answer for each job, in order."""

    jobs = fields.List(fields.Nested(EnqueuedSchema()), required=True)


class JobSchema(Shape):
    """A job, without anything personal."""

    job_id = ident("The job.", required=True, attribute="id")
    campaign = words("The campaign.")
    state = one_of(*STATES, required=True)
    reason = words("Why it is in this state.")
    flags = listed("Flags that hold it back.")
    priority = fields.Integer(required=True)
    ready = Moment(required=True, metadata=described("When it may be leased, or when its lease ends."))
    created = Moment(required=True)
    updated = Moment(required=True)
    tries = fields.Integer(required=True)
    most_tries = fields.Integer(required=True)
    worker = words("Who leased it last.")


class JobPageSchema(Shape):
    """Some jobs, newest first."""

    jobs = fields.List(fields.Nested(JobSchema()), required=True)
    next = cursor()


class JobFilterSchema(PageSchema):
    """Which jobs."""

    state = one_of(*STATES, load_default=None)
    campaign = campaign(load_default="")


class LeaseSchema(Shape):
    """A worker that asks for work."""

    worker = Text(least=1, most=100, required=True, metadata=described("The worker's own name."))
    most = Whole(1, 100, load_default=1, metadata=described("How many jobs, at most."))
    seconds = Whole(1, 600, load_default=30, metadata=described("How long the lease holds without a heartbeat."))
    campaign = campaign(load_default="")


class LeasedSchema(Shape):
    """A right to one try of a job. The token comes back with every later word about it."""

    job_id = ident("The job.", required=True)
    token = words("The lease's token.")
    tries = fields.Integer(required=True, metadata=described("Which try it is."))
    until = Moment(required=True)
    campaign = words("The campaign.")
    parties = fields.Nested(PartiesSchema(), required=True)


class LeasedListSchema(Shape):
    """What was leased; nothing when nothing is due."""

    leases = fields.List(fields.Nested(LeasedSchema()), required=True)


def token() -> Text:
    """Return a field for a lease's token."""
    return Text(
        least=32, most=32, pattern=r"[0-9a-f]{32}", required=True, metadata=described("The token that the lease gave.")
    )


class TokenSchema(Shape):
    """A word about a leased job."""

    token = token()


class HeartbeatSchema(TokenSchema):
    """The worker lives."""

    seconds = Whole(1, 600, load_default=30, metadata=described("How long the lease holds from now."))


class UntilSchema(Shape):
    """When the lease now ends."""

    until = Moment(required=True)


class StartedSchema(Shape):
    """What the gate said. Dial only when ``dial`` is true, once, and then take the call's turns."""

    job_id = ident("The job.", required=True)
    dial = fields.Boolean(required=True, metadata=described("Whether to dial now."))
    state = one_of(*STATES, required=True)
    attempt_id = ident("The attempt.", required=True)
    decision_id = fields.Integer(required=True, metadata=described("The decision in the ledger."))
    number = fields.String(required=True, allow_none=True, metadata=described("The number to dial, or null."))
    call_id = fields.String(required=True, allow_none=True, metadata=described("The call that begins, or null."))
    decision = fields.Nested(DialSchema(), required=True)


class SuccessSchema(TokenSchema):
    """The call was conducted to its end."""

    reason = Text(most=200, load_default="", metadata=described(REASON))
    result = one_of(*(r.value for r in Result), load_default=Result.ANSWERED.value)


class FailureSchema(TokenSchema):
    """The try failed."""

    reason = Text(least=1, most=200, required=True, metadata=described(REASON))
    again = Yes(load_default=True, metadata=described("Whether another try makes sense."))
    result = one_of(
        *(r.value for r in Result),
        load_default=None,
        metadata=described("What came of dialling, where it was dialled."),
    )


class CancelSchema(Shape):
    """Why a job is not to be called."""

    reason = Text(most=200, load_default="canceled by a person", metadata=described(REASON))


class AttemptSchema(Shape):
    """An attempt, without anything personal."""

    attempt_id = ident("The attempt.", required=True, attribute="id")
    job_id = ident("The job.", required=True, attribute="job")
    number = fields.Integer(required=True, metadata=described("Which of the job's tries."))
    worker = words("Who made it.")
    campaign = words("The campaign.")
    state = words("denied, allowed, placed, stopped or ended.")
    rules = listed("The rules that denied it.")
    decision_id = fields.Integer(required=True, allow_none=True, attribute="entry")
    decided = Moment(required=True)
    placed = Moment(required=True, allow_none=True)
    answered = Moment(required=True, allow_none=True)
    ended = Moment(required=True, allow_none=True)
    result = words("What the line said.")
    call_id = fields.String(required=True, attribute="call", metadata=described("The call, or nothing."))
    disposition = words("How the call ended.")


class AttemptPageSchema(Shape):
    """Some attempts, newest first."""

    attempts = fields.List(fields.Nested(AttemptSchema()), required=True)
    next = cursor()


class AttemptFilterSchema(PageSchema):
    """Which attempts."""

    state = one_of("denied", "allowed", "placed", "stopped", "ended", load_default="")
    campaign = campaign(load_default="")


ENQUEUE, ENQUEUED = EnqueueSchema(), EnqueuedListSchema()
JOB, JOBS, JOB_FILTER = JobSchema(), JobPageSchema(), JobFilterSchema()
LEASE, LEASED = LeaseSchema(), LeasedListSchema()
TOKEN, HEARTBEAT, UNTIL, STARTED = TokenSchema(), HeartbeatSchema(), UntilSchema(), StartedSchema()
SUCCESS, FAILURE, CANCEL = SuccessSchema(), FailureSchema(), CancelSchema()
ATTEMPTS, ATTEMPT_FILTER = AttemptPageSchema(), AttemptFilterSchema()
ACCOUNT_PAGE = PageSchema()

ENQUEUE_EXAMPLE: dict[str, Any] = {
    "jobs": [
        {
            "parties": PARTIES_EXAMPLE,
            "facts": {"party.first_name": "Alex", "party.zip": "78701"},
            "campaign": "spring",
            "priority": 5,
            "idempotency_key": "spring-acct-1001",
        }
    ]
}
TOKEN_EXAMPLE: dict[str, Any] = {"token": "3f1c9a52b7d84e06a1c5d9e2f7b3046d"}
HEARTBEAT_EXAMPLE: dict[str, Any] = {**TOKEN_EXAMPLE, "seconds": 30}
SUCCESS_EXAMPLE: dict[str, Any] = {**TOKEN_EXAMPLE, "reason": "promise_to_pay", "result": "answered"}
FAILURE_EXAMPLE: dict[str, Any] = {**TOKEN_EXAMPLE, "reason": "busy", "again": True, "result": "busy"}
CANCEL_EXAMPLE: dict[str, Any] = {"reason": "the account was recalled"}
LEASE_EXAMPLE: dict[str, Any] = {"worker": "dialler-1", "most": 1, "seconds": 30}


def new_job(data: dict[str, Any], facts: Any, debts: Any) -> NewJob:
    """Return the job that a request describes, with its facts as canonical values."""
    retry = data["retry"]
    return NewJob(
        parties=data["parties"],
        facts=facts,
        debts=debts,
        campaign=data["campaign"],
        flow=data["flow"],
        locale=data["locale"],
        zones=tuple(data["zones"]),
        due=data["due"],
        priority=data["priority"],
        retry=Retry(retry["tries"], float(retry["base"]), float(retry["cap"])),
        idempotency=data["idempotency_key"],
        flags=frozenset(data["flags"]),
    )


def seconds(number: int) -> timedelta:
    """Return a length of time."""
    return timedelta(seconds=number)

