"""The worker: every job ends as it must, and whatever is lost is for a person to look at."""

from collections import Counter
from collections.abc import Callable

import pytest

from engine.outbound.conduct import POINTS, Conductor
from engine.outbound.line import Order, Result
from engine.outbound.personas import PERSONAS, Callee
from engine.outbound.worker import Orders, Worker
from engine.records.errors import StoreAway
from engine.records.job import Retry
from engine.records.verify import verify
from engine.terms import JobState
from tests.engine.outbound.campaign import Campaign, who


def work(campaign: Campaign, **orders: object) -> tuple[Counter[str], list[str]]:
    said: list[str] = []
    conductor = Conductor(campaign.calls, campaign.line)
    worker = Worker(conductor, Orders("w1", once=True, **orders), said.append)  # type: ignore[arg-type]
    return worker.run(), said


ENDS = {
    "promises": (JobState.SUCCEEDED, "promise_to_pay"),
    "refuses": (JobState.SUCCEEDED, "refused"),
    "says_stop": (JobState.SUCCEEDED, "stop_requested"),
    "wrong_number": (JobState.SUCCEEDED, "wrong_party"),
    "voicemail": (JobState.SUCCEEDED, "voicemail_left"),
    "silent": (JobState.WAITING_RETRY, "no_response"),
    "mumbles": (JobState.WAITING_RETRY, "no_response"),
    "busy": (JobState.WAITING_RETRY, "busy"),
    "no_answer": (JobState.WAITING_RETRY, "no_answer"),
    "not_in_service": (JobState.FAILED, "not_in_service"),
}


@pytest.mark.parametrize("persona", ENDS)
def test_each_callee_ends_as_they_must(campaign: Campaign, persona: str) -> None:
    job = campaign.job(1, persona, retry=Retry(3, 1e6, 1e6))
    done = campaign.conduct()
    assert (done.state, done.disposition) == ENDS[persona]
    assert campaign.state(job) == done.state
    [attempt] = campaign.store.attempts.list(job=job)
    assert (attempt.state, attempt.disposition) == ("ended", done.disposition)
    assert attempt.result == PERSONAS[persona][1].value
    assert attempt.placed is not None
    assert (attempt.answered is not None) == Result(attempt.result).speaks
    assert campaign.store.calls.show(attempt.call)[0].disposition == done.disposition
    assert verify(campaign.store.database, campaign.store.keys).sound


def test_somebody_verified_is_never_told_of_the_debt_before(campaign: Campaign) -> None:
    for n, persona in enumerate(PERSONAS):
        campaign.job(n, persona)
    work(campaign, most=len(PERSONAS))
    for call in campaign.store.calls.list(limit=100):
        _, turns = campaign.store.calls.show(call.id)
        if "balance_and_ask" in {prompt for turn in turns for prompt in turn.prompts}:
            assert call.right_party


def test_a_worker_works_until_nothing_is_due_and_says_what_it_did(campaign: Campaign) -> None:
    for n in range(5):
        campaign.job(n)
    done, said = work(campaign)
    assert done == {"succeeded": 5}
    assert len(said) == 5
    assert all("promise_to_pay" in line for line in said)
    assert not any(who(n).number in line for line in said for n in range(5))


def test_a_worker_stops_after_so_many(campaign: Campaign) -> None:
    for n in range(5):
        campaign.job(n)
    assert work(campaign, most=2)[0].total() == 2
    assert campaign.store.jobs.counts()[JobState.QUEUED] == 3


def test_a_denied_job_is_said_with_its_rules(campaign: Campaign) -> None:
    campaign.called(1, 7)
    campaign.job()
    _, said = work(campaign)
    assert "us.seven" in said[0]
    assert campaign.line.placed == []


def test_a_stop_in_one_call_cancels_the_persons_other_jobs(campaign: Campaign) -> None:
    first = campaign.job(1, "says_stop")
    others = [campaign.job(1, "says_stop") for _ in range(3)]
    work(campaign)
    assert campaign.state(first) == JobState.SUCCEEDED
    assert {campaign.state(other) for other in others} == {JobState.CANCELED}
    assert len(campaign.line.placed) == 1


def test_retries_are_used_up_and_then_it_is_a_dead_letter(campaign: Campaign) -> None:
    job = campaign.job(1, "no_answer", retry=Retry(3, 0.0, 0.0))
    done, _ = work(campaign)
    assert done == {"waiting_retry": 2, "dead_letter": 1}
    assert campaign.state(job) == JobState.DEAD_LETTER
    assert len(campaign.store.attempts.list(job=job)) == 3
    [told] = [one for one in campaign.store.outbox.take() if one.kind == "job.dead_letter"]
    assert (told.subject, told.payload) == (job, {"campaign": "", "tries": 3, "reason": "no_answer"})


def test_attempts_are_listed_by_account(campaign: Campaign) -> None:
    first, second = campaign.job(1), campaign.job(2)
    work(campaign)
    for n, job in ((1, first), (2, second)):
        rows = campaign.store.attempts.list(account_key=who(n).hashed(campaign.store.keys).account)
        assert [row.job for row in rows] == [job]
    assert campaign.store.attempts.list(account_key="0" * 32) == ()


class Lost(BaseException):
    """The worker is gone, as if killed."""


EXPECTED = {
    "after_lease": (JobState.QUEUED, JobState.LEASED),
    "after_gate": (JobState.REVIEW,),
    "after_dial": (JobState.REVIEW,),
    "in_turn": (JobState.REVIEW,),
    "before_success": (JobState.REVIEW,),
}


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_lost_at_any_point_never_makes_a_second_dial(campaign: Campaign, point: str) -> None:
    job = campaign.job()

    def probe(reached: str) -> None:
        if reached == point:
            raise Lost

    with pytest.raises(Lost):
        campaign.conduct(probe)
    dialled = len(campaign.line.placed)
    campaign.pass_time(minutes=6)
    again = campaign.store.jobs.lease("w2")
    if point == "after_lease":
        assert [lease.job for lease in again] == [job]
    else:
        assert again == ()
        assert campaign.state(job) == JobState.REVIEW
        assert len(campaign.line.placed) == dialled
    assert campaign.counted() == (0 if point == "after_lease" else 1)
    assert verify(campaign.store.database, campaign.store.keys).sound


def test_a_crashed_lease_is_back_within_its_time_and_a_second(campaign: Campaign) -> None:
    campaign.job()
    campaign.lease()
    campaign.pass_time(seconds=31)
    assert len(campaign.store.jobs.lease("w2")) == 1


def test_told_to_stop_it_finishes_its_call_and_leases_no_more(campaign: Campaign) -> None:
    for n in range(3):
        campaign.job(n)
    said: list[str] = []
    holder: list[Worker] = []

    def probe(point: str) -> None:
        if point == "in_turn":
            holder[0].stop()

    conductor = Conductor(campaign.calls, campaign.line, probe)
    holder.append(Worker(conductor, Orders("w1"), said.append))
    assert holder[0].run() == {"succeeded": 1}
    assert campaign.store.jobs.counts()[JobState.QUEUED] == 2


def test_while_the_store_is_away_it_waits_and_says_so(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign.job()
    said: list[str] = []
    failures = iter(range(3))
    real = campaign.store.jobs.lease

    def lease(*args: object, **given: object):
        if next(failures, None) is not None:
            raise StoreAway("connection refused")
        return real(*args, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(campaign.store.jobs, "lease", lease)
    worker = Worker(Conductor(campaign.calls, campaign.line), Orders("w1", once=True), said.append)
    monkeypatch.setattr(worker._stopped, "wait", lambda _: None)
    assert worker.run() == {"succeeded": 1}
    assert sum("cannot work now (connection refused)" in line for line in said) == 3


def test_a_job_whose_lease_ran_out_in_the_call_is_not_reported_twice(campaign: Campaign) -> None:
    job = campaign.job()

    def probe(point: str) -> None:
        if point == "before_success":
            campaign.pass_time(minutes=10)
            campaign.store.jobs.lease("w2")

    said: list[str] = []
    conductor = Conductor(campaign.calls, campaign.line, probe)
    done = Worker(conductor, Orders("w1", once=True), said.append).run()
    assert done == {"lease_lost": 1}
    assert campaign.state(job) == JobState.REVIEW


def test_the_same_seed_meets_the_same_callees(campaign: Campaign) -> None:
    from engine.outbound.line import Order
    from engine.outbound.personas import SimulatedLine

    def met(seed: int) -> list[str]:
        line = SimulatedLine(lambda: campaign.bundle, seed)
        orders = [Order(f"a{n}", f"c{n}", who(n % 20).number, campaign.now()) for n in range(60)]
        return [line.place(order).persona for order in orders]

    assert met(1) == met(1)
    assert met(1) != met(2)
    assert len(set(met(1))) > 8


def failing(real: Callable[..., object], times: int) -> Callable[..., object]:
    """Return *real*, except that the store is away the first few times."""
    failures = iter(range(times))

    def done(*args: object, **given: object) -> object:
        if next(failures, None) is not None:
            raise StoreAway("connection refused")
        return real(*args, **given)

    return done


def test_what_the_callee_said_is_kept_when_the_store_is_away_for_a_moment(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, other = campaign.job(1, "says_stop"), campaign.job(1, "says_stop")
    monkeypatch.setattr(campaign.calls, "turn", failing(campaign.calls.turn, 2))
    monkeypatch.setattr(campaign.store.jobs, "success_in", failing(campaign.store.jobs.success_in, 2))
    assert work(campaign)[0] == {"succeeded": 1}
    assert campaign.state(first) == JobState.SUCCEEDED
    assert campaign.state(other) == JobState.CANCELED
    assert verify(campaign.store.database, campaign.store.keys).sound


def test_a_call_is_ended_when_the_store_stays_away(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    job = campaign.job()
    monkeypatch.setattr(campaign.calls, "turn", failing(campaign.calls.turn, 10**9))
    monkeypatch.setattr("engine.outbound.conduct.AWAY", 0.5)
    placed: list[Callee] = []
    real = campaign.line.place

    def place(order: Order) -> Callee:
        placed.append(real(order))
        return placed[-1]

    monkeypatch.setattr(campaign.line, "place", place)
    with pytest.raises(StoreAway):
        campaign.conduct()
    assert [callee.hung for callee in placed] == [True]
    campaign.pass_time(minutes=6)
    assert campaign.store.jobs.lease("w2") == ()
    assert campaign.state(job) == JobState.REVIEW
