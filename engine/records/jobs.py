"""Jobs in one table. Every method is one transaction, on SQLite and PostgreSQL alike.

What is promised: at most one live lease a job and an account, at least one execution, at most
one accepted end. Every word about a leased job must bring the lease's token before the lease runs out by the
database's clock; a worker that comes too late is told so (`LeaseLost`).
"""

import json
import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import CursorResult, Row, and_, bindparam, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from engine.records.database import Database, Transaction
from engine.records.errors import KeyReused, LeaseLost, Raced, Suppressed, UnknownJob, WrongState
from engine.records.job import FLAGS, Brief, Enqueued, JobRow, Lease, NewJob, Retry
from engine.records.keys import KeyRing
from engine.records.leasing import LOST, SPENT, postgres_lease, sqlite_lease, sqlite_sweep, success, successes
from engine.records.outbox import Outbox
from engine.records.parties import PartyKeys
from engine.records.plain import canonical, micros, moment, new_id, span
from engine.records.states import LIVE, STOPPABLE
from engine.records.suppressions import Suppressions
from engine.records.tables import job_subjects, jobs
from engine.terms import JobState, Scope

LEASE = timedelta(seconds=30)
#: No call lasts longer than this, however alive its worker.
LONGEST = timedelta(hours=2)


class Jobs:
    """The queue of one database."""

    def __init__(self, database: Database, keys: KeyRing, suppressions: Suppressions, outbox: Outbox) -> None:
        self._database = database
        self._keys = keys
        self._suppressions = suppressions
        self._outbox = outbox
        clock = database.clock
        fence = and_(
            jobs.c.id == bindparam("b_job"),
            jobs.c.token == bindparam("b_token"),
            text("jobs.state IN ('leased', 'running')"),
            jobs.c.ready > clock,
        )
        self._fence = fence
        self._flags = select(jobs.c.flags).where(fence)
        self._held = select(jobs).where(fence).with_for_update()
        to_running = {"state": JobState.RUNNING.value, "updated": clock}
        self._running = update(jobs).where(fence, text("jobs.state = 'leased'")).values(to_running)
        self._succeeded = success(database.clock_sql)
        self._succeeded_together = successes(database.clock_sql, database.is_postgres)
        self._postgres_leases = {filtered: postgres_lease(database.clock_sql, filtered) for filtered in (False, True)}
        self._sqlite_leases = {filtered: sqlite_lease(database.clock_sql, filtered) for filtered in (False, True)}
        self._sqlite_sweep = sqlite_sweep(database.clock_sql)

    # ------------------------------------------------------------- producers

    def enqueue(self, *wanted: NewJob) -> tuple[Enqueued, ...]:
        """Take in jobs, all or none, and return one answer each, in order.

        A job against which a suppression stands is kept as ``canceled``, so that its producer learns why.

        Raises:
            KeyReused: An idempotency key was used before with another content.
        """
        with self._database.writing() as db:
            now = micros(self._database.now(db))
            answers: list[Enqueued] = []
            known = self._known(db, [job.idempotency for job in wanted if job.idempotency])
            rows: list[dict[str, Any]] = []
            subjects: list[dict[str, str]] = []
            made = [self._row(job, now) for job in wanted]
            standing = self._suppressions.standing_each(db, [keys for _, keys in made])
            for job, (row, keys), against in zip(wanted, made, standing, strict=True):
                before = known.get(job.idempotency) if job.idempotency else None
                if before is not None:
                    if before[1] != row["fingerprint"]:
                        raise KeyReused(f"idempotency key `{job.idempotency}` was used before for another job")
                    answers.append(Enqueued(before[0], False, JobState(before[2])))
                    continue
                reasons = _reasons(against)
                if reasons:
                    row |= {"state": JobState.CANCELED, "reason": f"suppressed: {', '.join(reasons)}"}
                rows.append(row)
                subjects.extend({"job": row["id"], "subject_key": key} for key in dict.fromkeys(keys.all))
                answers.append(Enqueued(row["id"], True, JobState(row["state"])))
                if job.idempotency:
                    known[job.idempotency] = (row["id"], row["fingerprint"], row["state"])
            if rows:
                try:
                    db.execute(_INSERT, rows)
                except IntegrityError as error:
                    raise KeyReused("an idempotency key was used by another request at the same time") from error
                self._concern(db, subjects)
        return tuple(answers)

    def _concern(self, db: Transaction, subjects: Sequence[dict[str, str]]) -> None:
        """Keep whom jobs concern; PostgreSQL takes all of it in one statement."""
        if self._database.is_postgres:
            together = {name: [row[name] for row in subjects] for name in ("job", "subject_key")}
            db.execute(_INSERT_SUBJECTS_TOGETHER, together)
        else:
            db.execute(_INSERT_SUBJECTS, subjects)

    def _known(self, db: Transaction, keys: Sequence[str]) -> dict[str, tuple[str, str, str]]:
        if not keys:
            return {}
        if self._database.is_postgres:
            self._database.hold(db, [self._keys.blind("idempotency", key) for key in keys])
        found: dict[str, tuple[str, str, str]] = {}
        for start in range(0, len(keys), 500):
            part = select(jobs.c.idempotency, jobs.c.id, jobs.c.fingerprint, jobs.c.state)
            for row in db.execute(part.where(jobs.c.idempotency.in_(keys[start : start + 500]))):
                found[row.idempotency] = (row.id, row.fingerprint, row.state)
        return found

    def _row(self, job: NewJob, now: int) -> tuple[dict[str, Any], PartyKeys]:
        keys = job.parties.hashed(self._keys)
        ident, payload = new_id(), canonical(job.payload())
        due = micros(job.due) if job.due else now
        stamp = [job.campaign, job.priority, micros(job.due) if job.due else None, job.retry.tries]
        row = {
            "id": ident,
            "idempotency": job.idempotency or None,
            "fingerprint": self._keys.blind("job", canonical(stamp) + payload),
            "campaign": job.campaign,
            "priority": job.priority,
            "state": JobState.QUEUED.value,
            "reason": "",
            "flags": ",".join(sorted(job.flags)),
            "ready": due,
            "created": now,
            "updated": now,
            "tries": 0,
            "most_tries": job.retry.tries,
            "retry_base": job.retry.base,
            "retry_cap": job.retry.cap,
            "worker": "",
            "account_key": keys.account,
            "person_key": keys.person,
            "number_key": keys.number,
            "payload": self._keys.seal("jobs", "payload", ident, payload.encode()),
        }
        return row, keys

    # --------------------------------------------------------------- workers

    def lease(self, worker: str, *, most: int = 1, length: timedelta = LEASE, campaign: str = "") -> tuple[Lease, ...]:
        """Give *worker* up to *most* due jobs, most urgent first, no two of one account; () when none is due."""
        token = secrets.token_hex(16)
        values: dict[str, Any] = {
            "worker": worker,
            "token": token,
            "length": span(length),
            "longest": span(LONGEST),
        }
        if campaign:
            values |= {"campaign": campaign, "unflagged": ""}
        for _ in range(100):
            rows = self._take(values, most)
            leased = []
            for ident, tries, most_tries, ready, name, payload in rows:
                lease = self._lease(ident, token, worker, tries, ready, name, payload)
                if tries <= most_tries:
                    leased.append(lease)
                else:
                    self._bury_spent(lease, most_tries)
            if leased or not rows:
                return tuple(leased)
        return ()

    def _bury_spent(self, lease: Lease, tries: int) -> None:
        with suppress(LeaseLost), self._database.writing() as db:
            self.bury_in(db, lease, SPENT, tries)

    def bury_in(self, db: Transaction, lease: Lease, reason: str, tries: int) -> None:
        """Make a leased job a dead letter after so many tries, and have the host told of it."""
        values = {"state": JobState.DEAD_LETTER, "token": None, "reason": reason, "tries": tries}
        self._end(db, lease, LIVE, values)
        told = {"campaign": lease.campaign, "tries": tries, "reason": reason}
        self._outbox.add_in(db, "job.dead_letter", lease.job, told)

    def _take(self, values: dict[str, Any], most: int) -> Sequence[Sequence[Any]]:
        if self._database.is_postgres:
            statement = self._postgres_leases["campaign" in values]
            while True:
                with suppress(Raced):
                    return self._database.alone(statement, {**values, "most": most, "lost": LOST})
        lease, shift = self._sqlite_leases["campaign" in values], self._database.shift()
        rows: list[Sequence[Any]] = []
        with self._database.writing() as db:
            db.execute(self._sqlite_sweep, {"lost": LOST, **shift})
            while len(rows) < most and (row := db.execute(lease, {**values, **shift}).one_or_none()):
                rows.append(row)
        return rows

    def _lease(
        self, ident: str, token: str, worker: str, tries: int, ready: int, campaign: str, payload: bytes
    ) -> Lease:
        def unseal() -> tuple[Brief, PartyKeys]:
            brief = Brief.from_payload(json.loads(self._keys.open("jobs", "payload", ident, payload)))
            return brief, brief.parties.hashed(self._keys)

        return Lease(ident, token, worker, tries, moment(ready), campaign, unseal)

    def held(self, job: str, token: str) -> Lease:
        """Return the lease that *token* stands for, for a worker that speaks to us from afar.

        Raises:
            UnknownJob: There is no such job.
            LeaseLost: The token is not that of a live lease on it.
        """
        live = and_(jobs.c.token == token, jobs.c.state.in_(LIVE), jobs.c.ready > self._database.clock)
        with self._database.reading() as db:
            row = db.execute(select(jobs, live.label("live")).where(jobs.c.id == job)).one_or_none()
        if row is None:
            raise UnknownJob(f"there is no job {job}")
        if not row.live:
            raise LeaseLost(f"this token holds no lease on job {job}: it ran out or the job was canceled")
        return self._lease(job, token, row.worker, row.tries, row.ready, row.campaign, row.payload)

    def heartbeat(self, lease: Lease, *, length: timedelta = LEASE) -> datetime:
        """Say that the worker lives; return when the lease now runs out.

        Raises:
            LeaseLost: See the class.
        """
        with self._database.writing() as db:
            return self.heartbeat_in(db, lease, length=length)

    def heartbeat_in(self, db: Transaction, lease: Lease, *, length: timedelta) -> datetime:
        """Prolong a lease in the caller's transaction; return when it now runs out."""
        least = func.least if self._database.is_postgres else func.min
        ready = least(self._database.clock + span(length), jobs.c.deadline)
        prolonged = update(jobs).where(self._fence).values(ready=ready).returning(jobs.c.ready)
        until = db.execute(prolonged, _words(lease)).scalar_one_or_none()
        if until is None:
            raise _lost(lease)
        return moment(until)

    def start(self, lease: Lease) -> None:
        """Say that the call is about to be placed: from here on the job is never dialled by another.

        Raises:
            LeaseLost: See the class.
            Suppressed: A suppression or flag stands; the job is canceled.
        """
        with self._database.writing() as db:
            self._database.hold(db, lease.keys.all)
            stopped = _reasons(self.against(db, lease))
            if stopped:
                self.stop_in(db, lease, f"suppressed: {', '.join(stopped)}")
            else:
                self.running_in(db, lease)
        if stopped:
            raise Suppressed(lease.job, stopped)

    def running_in(self, db: Transaction, lease: Lease) -> None:
        """Make the job ``running`` in a transaction that holds its parties and found nothing against it.

        Raises:
            LeaseLost: See the class.
        """
        if _count(db.execute(self._running, _words(lease))) != 1:
            raise _lost(lease)

    def against(self, db: Transaction, lease: Lease) -> tuple[tuple[str, str], ...]:
        """Return the suppressions and flags that now stand against a job, as (scope, reason).

        Raises:
            LeaseLost: See the class.
        """
        flags = db.execute(self._flags, _words(lease)).scalar_one_or_none()
        if flags is None:
            raise _lost(lease)
        flagged = ((Scope.ACCOUNT.value, flag) for flag in filter(None, flags.split(",")))
        return (*self._suppressions.standing(db, lease.keys), *flagged)

    def success(self, lease: Lease, reason: str = "") -> None:
        """Accept the end of the job.

        Raises:
            LeaseLost: See the class; of all who say so, one is heard.
        """
        if not self._database.alone(self._succeeded, _ending(lease.token, job=lease.job, reason=reason)):
            raise _lost(lease)

    def successes(self, leases: Sequence[Lease]) -> frozenset[str]:
        """Accept the end of several jobs that were leased at once; return the ids of those that were accepted."""
        accepted: set[str] = set()
        for token, group in groupby(leases, key=lambda lease: lease.token):
            jobs = [lease.job for lease in group]
            given = jobs if self._database.is_postgres else json.dumps(jobs)
            rows = self._database.alone(self._succeeded_together, _ending(token, jobs=given))
            accepted.update(row[0] for row in rows)
        return frozenset(accepted)

    def success_in(self, db: Transaction, lease: Lease, reason: str = "") -> None:
        """Accept the end of the job, in the caller's transaction."""
        values = _ending(lease.token, job=lease.job, reason=reason, **self._database.shift())
        if db.execute(self._succeeded.text, values).first() is None:
            raise _lost(lease)

    def failure(self, lease: Lease, reason: str, *, again: bool = True) -> JobState:
        """Accept that a try failed; return what became of the job.

        Args:
            lease: The try.
            reason: Why, in a few plain words without anything personal.
            again: Whether another try makes sense.

        Raises:
            LeaseLost: See the class.
        """
        with self._database.writing() as db:
            return self.failure_in(db, lease, reason, again=again)

    def failure_in(self, db: Transaction, lease: Lease, reason: str, *, again: bool = True) -> JobState:
        """Accept that a try failed, in the caller's transaction."""
        row = db.execute(self._held, _words(lease)).one_or_none()
        if row is None:
            raise _lost(lease)
        if again and row.tries >= row.most_tries:
            self.bury_in(db, lease, reason, row.tries)
            return JobState.DEAD_LETTER
        values: dict[str, Any] = {"state": JobState.FAILED, "reason": reason, "token": None}
        if again:
            wait = Retry(row.most_tries, row.retry_base, row.retry_cap).wait(row.tries)
            values |= {"state": JobState.WAITING_RETRY, "ready": self._database.clock + span(wait)}
        self._end(db, lease, LIVE, values)
        return JobState(values["state"])

    def give_back(self, lease: Lease) -> None:
        """Return a job that was not started, for another worker; the try does not count.

        Raises:
            LeaseLost: See the class.
        """
        values = {"state": JobState.QUEUED, "token": None, "ready": self._database.clock, "tries": jobs.c.tries - 1}
        with self._database.writing() as db:
            self._end(db, lease, (JobState.LEASED,), values)

    def postpone_in(self, db: Transaction, lease: Lease, until: datetime, reason: str) -> None:
        """Put a job that was not dialled back until a rule allows it; the try does not count."""
        values = {"state": JobState.QUEUED, "token": None, "ready": micros(until), "tries": jobs.c.tries - 1}
        self._end(db, lease, LIVE, {**values, "reason": reason})

    def next_ready(self) -> datetime | None:
        """Return when the next job can be leased, in the past if one is due now, or None when none waits."""
        waits = select(func.min(jobs.c.ready)).where(jobs.c.state.in_(STOPPABLE), jobs.c.flags == "")
        with self._database.reading() as db:
            found = db.execute(waits).scalar_one()
        return None if found is None else moment(found)

    def stop_in(self, db: Transaction, lease: Lease, reason: str) -> None:
        """Cancel a job under its own lease, in the caller's transaction."""
        self._end(db, lease, LIVE, {"state": JobState.CANCELED, "token": None, "reason": reason})

    def _end(self, db: Transaction, lease: Lease, states: Iterable[JobState], values: dict[str, Any]) -> None:
        statement = update(jobs).where(self._fence, jobs.c.state.in_(tuple(states)))
        if _count(db.execute(statement.values(updated=self._database.clock, **values), _words(lease))) != 1:
            raise _lost(lease)

    # ---------------------------------------------------------------- people

    def cancel(self, job: str, reason: str = "canceled by a person") -> None:
        """Cancel a job that is not on the line.

        Raises:
            UnknownJob: There is none.
            WrongState: It is on the line or over.
        """
        self._move(job, (*STOPPABLE, JobState.DEAD_LETTER, JobState.REVIEW), JobState.CANCELED, reason)

    def redrive(self, job: str) -> None:
        """Send a dead letter round again, with all its tries.

        Raises:
            UnknownJob: There is none.
            WrongState: It is no dead letter.
        """
        values = {"tries": 0, "ready": self._database.clock}
        self._move(job, (JobState.DEAD_LETTER,), JobState.QUEUED, "sent round again", values)

    def settle(self, job: str, state: JobState, reason: str) -> None:
        """Say what a person found out about a job in ``review``.

        Args:
            job: Its id.
            state: ``succeeded``, ``failed``, ``canceled``, or ``queued`` if it was never dialled: it keeps that try.
            reason: What was found out.

        Raises:
            UnknownJob: There is none.
            WrongState: It is not in review, or *state* is none of these.
        """
        if state not in (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELED, JobState.QUEUED):
            raise WrongState(f"a job in review cannot become `{state}`")
        values: dict[str, Any] = {"ready": self._database.clock}
        if state is JobState.QUEUED:
            values["tries"] = jobs.c.tries - 1
        self._move(job, (JobState.REVIEW,), state, reason, values)

    def flag(self, job: str, flag: str, *, on: bool = True) -> None:
        """Put a flag on a job, or take it off. While one stands the job is neither leased nor dialled.

        Raises:
            UnknownJob: There is none.
            ValueError: It is no flag.
        """
        if flag not in FLAGS:
            raise ValueError(f"`{flag}` is not a flag; flags are {', '.join(sorted(FLAGS))}")
        with self._database.writing() as db:
            row = db.execute(select(jobs.c.flags, *_KEYS).where(jobs.c.id == job)).one_or_none()
            if row is None:
                raise UnknownJob(f"there is no job {job}")
            self._database.hold(db, (row.account_key, row.person_key, row.number_key))
            held = db.execute(select(jobs.c.flags).where(jobs.c.id == job).with_for_update()).scalar_one()
            flags = set(filter(None, held.split(","))) - {flag} | ({flag} if on else set())
            db.execute(update(jobs).where(jobs.c.id == job).values(flags=",".join(sorted(flags))))

    def _move(
        self, job: str, states: Iterable[JobState], target: JobState, reason: str, values: dict[str, Any] | None = None
    ) -> None:
        moved = update(jobs).where(jobs.c.id == job, jobs.c.state.in_(tuple(states)))
        moved = moved.values(state=target, reason=reason, token=None, updated=self._database.clock, **(values or {}))
        with self._database.writing() as db:
            if _count(db.execute(moved)) == 1:
                return
            state = db.execute(select(jobs.c.state).where(jobs.c.id == job)).scalar_one_or_none()
        if state is None:
            raise UnknownJob(f"there is no job {job}")
        raise WrongState(f"job {job} is `{state}` and cannot become `{target}`")

    def cancel_for_in(self, db: Transaction, subject_key: str, reason: str) -> int:
        """Cancel every job of a subject that has not been dialled in its present try; return how many.

        The caller's transaction holds the subject.
        """
        concerned = jobs.c.id.in_(select(job_subjects.c.job).where(job_subjects.c.subject_key == subject_key))
        canceled = update(jobs).where(concerned, jobs.c.state.in_(STOPPABLE))
        values = {"state": JobState.CANCELED, "token": None, "reason": f"suppressed: {reason}"}
        return _count(db.execute(canceled.values(updated=self._database.clock, **values)))

    # --------------------------------------------------------------- readers

    def show(self, job: str) -> tuple[JobRow, Brief | None]:
        """Return a job and, unless retention removed it, what it is about.

        Raises:
            UnknownJob: There is none.
        """
        with self._database.reading() as db:
            row = db.execute(select(jobs).where(jobs.c.id == job)).one_or_none()
        if row is None:
            raise UnknownJob(f"there is no job {job}")
        if row.payload is None:
            return _listed(row), None
        return _listed(row), Brief.from_payload(json.loads(self._keys.open("jobs", "payload", job, row.payload)))

    def list(
        self, *, state: JobState | None = None, campaign: str = "", before: str = "", limit: int = 50
    ) -> tuple[JobRow, ...]:
        """Return jobs, newest first; *before* is the id of the last one of the page before."""
        wanted = select(*_LISTED).order_by(jobs.c.id.desc()).limit(limit)
        if state is not None:
            wanted = wanted.where(jobs.c.state == state)
        if campaign:
            wanted = wanted.where(jobs.c.campaign == campaign)
            if state is None:
                return self._merged(wanted, before, limit)
        if before:
            wanted = wanted.where(jobs.c.id < before)
        with self._database.reading() as db:
            return tuple(_listed(row) for row in db.execute(wanted))

    def _merged(self, wanted: Any, before: str, limit: int) -> tuple[JobRow, ...]:
        found: list[JobRow] = []
        with self._database.reading() as db:
            for state in JobState:
                part = wanted.where(jobs.c.state == state)
                part = part.where(jobs.c.id < before) if before else part
                found.extend(_listed(row) for row in db.execute(part))
        return tuple(sorted(found, key=lambda row: row.id, reverse=True)[:limit])

    def counts(self, campaign: str = "") -> dict[JobState, int]:
        """Return how many jobs are in each state."""
        counted = select(jobs.c.state, func.count()).group_by(jobs.c.state)
        if campaign:
            counted = counted.where(jobs.c.campaign == campaign)
        with self._database.reading() as db:
            found = {JobState(state): number for state, number in db.execute(counted)}
        return {state: found.get(state, 0) for state in JobState}


_KEYS = (jobs.c.account_key, jobs.c.person_key, jobs.c.number_key)
_LISTED = [column for column in jobs.c if column.name not in ("payload", "token", "fingerprint")]
_INSERT = insert(jobs)
_INSERT_SUBJECTS = insert(job_subjects)
_INSERT_SUBJECTS_TOGETHER = text(
    "INSERT INTO job_subjects (job, subject_key) "
    "SELECT * FROM unnest(CAST(:job AS text[]), CAST(:subject_key AS text[]))"
)


def _reasons(standing: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(sorted({reason for _, reason in standing}))


def _ending(token: str, **values: Any) -> dict[str, Any]:
    return {"token": token, "running": JobState.RUNNING.value, **values}


def _words(lease: Lease) -> dict[str, str]:
    return {"b_job": lease.job, "b_token": lease.token}


def _count(result: CursorResult[Any]) -> int:
    return result.rowcount


def _lost(lease: Lease) -> LeaseLost:
    return LeaseLost(f"worker {lease.worker} no longer has job {lease.job}: its lease ran out or the job was canceled")


def _listed(row: Row[Any]) -> JobRow:
    return JobRow(
        row.id, row.campaign, JobState(row.state), row.reason, tuple(filter(None, row.flags.split(","))),
        row.priority, moment(row.ready), moment(row.created), moment(row.updated),
        row.tries, row.most_tries, row.worker,
    )  # fmt: skip
