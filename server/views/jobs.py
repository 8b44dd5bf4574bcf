"""``/jobs``: take jobs in, lease them, ask the gate, report."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from engine.records.job import JobRow
from engine.terms import JobState
from server import examples
from server.api import Blueprint
from server.auth import requires
from server.desk import desk
from server.dialling import fail, jobs_of, start, succeed
from server.marks import linked, named
from server.once import once, prepared
from server.schemas.common import next_of
from server.schemas.job import (
    CANCEL,
    CANCEL_EXAMPLE,
    ENQUEUE,
    ENQUEUE_EXAMPLE,
    ENQUEUED,
    FAILURE,
    FAILURE_EXAMPLE,
    HEARTBEAT,
    HEARTBEAT_EXAMPLE,
    JOB,
    JOB_FILTER,
    JOBS,
    LEASE,
    LEASE_EXAMPLE,
    LEASED,
    STARTED,
    SUCCESS,
    SUCCESS_EXAMPLE,
    TOKEN,
    TOKEN_EXAMPLE,
    UNTIL,
    seconds,
)

jobs = Blueprint("jobs", __name__, url_prefix="/jobs", description="Who is to be called, and by whom.")

_JOB = {"parameters": {"job_id": "$response.body#/jobs/0/job_id"}}
_DECISION = {"operationId": "explainDecision", "parameters": {"decision_id": "$response.body#/decision_id"}}
_LEASED = {
    "parameters": {"job_id": "$response.body#/leases/0/job_id"},
    "requestBody": {"token": "$response.body#/leases/0/token"},
}


def _job(job: str) -> JobRow:
    return desk().store.jobs.show(job)[0]


@jobs.route("/enqueue")
class Enqueue(MethodView):
    """Take in."""

    @requires("jobs:write")
    @linked(201, job={"operationId": "showJob", **_JOB}, cancel={"operationId": "cancelJob", **_JOB})
    @named("enqueueJobs")
    @jobs.arguments(ENQUEUE, example=ENQUEUE_EXAMPLE)
    @jobs.alt_response(409, "CONFLICT")
    @once
    @jobs.response(201, ENQUEUED, example=examples.ENQUEUED)
    def post(self, given: dict[str, Any]) -> dict[str, Any]:
        """Take in up to 500 jobs, all or none.

        A job is whom to call and what is known of them; whether they may be called is asked when it is started, not
        here. One against which a suppression stands is kept as `canceled`. A job with an `idempotency_key` that came
        before is not taken in twice: `created` is false, and its id is the first one's.
        """
        taken = desk().store.jobs.enqueue(*jobs_of(desk(), given))
        return {"jobs": [{"job_id": one.job, "created": one.created, "state": one.state} for one in taken]}


@jobs.route("")
class Jobs(MethodView):
    """List."""

    @requires("jobs:read")
    @named("listJobs")
    @jobs.arguments(JOB_FILTER, location="query")
    @jobs.response(200, JOBS, example=examples.JOBS)
    def get(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """List jobs, newest first.

        Narrow the list by `state` and `campaign`; ask for the page after with `before` set to the answer's `next`.
        """
        state = JobState(wanted["state"]) if wanted["state"] else None
        page = desk().store.jobs.list(
            state=state, campaign=wanted["campaign"], before=wanted["before"], limit=wanted["limit"]
        )
        return {"jobs": page, "next": next_of(page, wanted["limit"])}


@jobs.route("/<uuid:job_id>")
class Job(MethodView):
    """Look."""

    @requires("jobs:read")
    @named("showJob")
    @jobs.alt_response(404, "NOT_FOUND")
    @jobs.response(200, JOB, example=examples.job("queued"))
    def get(self, job_id: UUID) -> JobRow:
        """Look at a job.

        Its state and the reason for it, how often it was tried, and when it may be leased next. Whom it concerns is
        told only to who leases it.
        """
        return _job(str(job_id))


@jobs.route("/lease")
class Lease(MethodView):
    """Lease."""

    @requires("jobs:work")
    @linked(
        200,
        start={"operationId": "startJob", **_LEASED},
        heartbeat={"operationId": "heartbeatJob", **_LEASED},
        success={"operationId": "succeedJob", **_LEASED},
        failure={"operationId": "failJob", **_LEASED},
    )
    @named("leaseJobs")
    @jobs.arguments(LEASE, example=LEASE_EXAMPLE)
    @once
    @jobs.response(200, LEASED, example=examples.LEASED)
    def post(self, given: dict[str, Any]) -> dict[str, Any]:
        """Get a right to the most urgent due jobs, for a while.

        Every later word about a job brings the `token` of its lease. A lease that runs out without a heartbeat is
        given to another worker, and its token is refused from then on. No two workers hold one job, or one account,
        at once. An empty list means that nothing is due.
        """
        leases = desk().store.jobs.lease(
            given["worker"], most=given["most"], length=seconds(given["seconds"]), campaign=given["campaign"]
        )
        return {
            "leases": [
                {
                    "job_id": one.job,
                    "token": one.token,
                    "tries": one.tries,
                    "until": one.until,
                    "campaign": one.campaign,
                    "parties": one.brief.parties,
                }
                for one in leases
            ]
        }


@jobs.route("/<uuid:job_id>/start")
class Start(MethodView):
    """Ask the gate."""

    @requires("jobs:work")
    @linked(200, decision=_DECISION)
    @named("startJob")
    @jobs.arguments(TOKEN, example=TOKEN_EXAMPLE)
    @jobs.alt_response(404, "NOT_FOUND")
    @jobs.alt_response(409, "CONFLICT")
    @prepared
    @once
    @jobs.response(200, STARTED, example=examples.STARTED)
    def post(self, given: dict[str, Any], job_id: UUID) -> dict[str, Any]:
        """Ask the gate whether to dial now.

        When `dial` is true the call is counted and begun: dial `number` once, and take the turns of `call_id`. When
        it is false, `decision` says which rules denied it, from where they come, and when it would be allowed; the
        job is put off until then, or ends, as `state` says. Either way the decision stands in the ledger.
        """
        return start(desk(), str(job_id), given["token"])


@jobs.route("/<uuid:job_id>/heartbeat")
class Heartbeat(MethodView):
    """Live."""

    @requires("jobs:work")
    @named("heartbeatJob")
    @jobs.arguments(HEARTBEAT, example=HEARTBEAT_EXAMPLE)
    @jobs.alt_response(404, "NOT_FOUND")
    @jobs.alt_response(409, "CONFLICT")
    @once
    @jobs.response(200, UNTIL, example=examples.UNTIL)
    def post(self, given: dict[str, Any], job_id: UUID) -> dict[str, Any]:
        """Say that the worker lives.

        The lease then holds for `seconds` from now. One that is lost is answered with a 409 of type `lease-lost`:
        stop, and do not dial.
        """
        lease = desk().store.jobs.held(str(job_id), given["token"])
        return {"until": desk().store.jobs.heartbeat(lease, length=seconds(given["seconds"]))}


@jobs.route("/<uuid:job_id>/success")
class Success(MethodView):
    """Report."""

    @requires("jobs:work")
    @named("succeedJob")
    @jobs.arguments(SUCCESS, example=SUCCESS_EXAMPLE)
    @jobs.alt_response(404, "NOT_FOUND")
    @jobs.alt_response(409, "CONFLICT")
    @once
    @jobs.response(200, JOB, example=examples.job("succeeded", "promise_to_pay", **examples.TRIED))
    def post(self, given: dict[str, Any], job_id: UUID) -> JobRow:
        """Say that the call was conducted to its end.

        The job is `succeeded`. Of all who say so one is heard: whose lease was lost meanwhile gets a 409 of type
        `lease-lost`, and nothing of what it says is kept.
        """
        succeed(desk(), str(job_id), given)
        return _job(str(job_id))


@jobs.route("/<uuid:job_id>/failure")
class Failure(MethodView):
    """Report."""

    @requires("jobs:work")
    @named("failJob")
    @jobs.arguments(FAILURE, example=FAILURE_EXAMPLE)
    @jobs.alt_response(404, "NOT_FOUND")
    @jobs.alt_response(409, "CONFLICT")
    @once
    @jobs.response(200, JOB, example=examples.job("waiting_retry", "busy", **examples.TRIED))
    def post(self, given: dict[str, Any], job_id: UUID) -> JobRow:
        """Say that the try failed.

        The answer tells what became of the job: `waiting_retry` until a later time that grows with each try,
        `dead_letter` after the last try, or `failed` where `again` was false.
        """
        fail(desk(), str(job_id), given)
        return _job(str(job_id))


@jobs.route("/<uuid:job_id>/cancel")
class Cancel(MethodView):
    """Stop."""

    @requires("jobs:write")
    @named("cancelJob")
    @jobs.arguments(CANCEL, example=CANCEL_EXAMPLE)
    @jobs.alt_response(404, "NOT_FOUND")
    @jobs.alt_response(409, "CONFLICT")
    @once
    @jobs.response(200, JOB, example=examples.job("canceled", "the account was recalled"))
    def post(self, given: dict[str, Any], job_id: UUID) -> JobRow:
        """Cancel a job that is not on the line.

        A leased one is canceled too: its worker is told at its next word. One that is on the line is answered with
        a 409 of type `wrong-state`; suppress the person instead, and nothing follows this call.
        """
        desk().store.jobs.cancel(str(job_id), given["reason"])
        return _job(str(job_id))
