"""Jobs: what is promised to producers, workers and people, on both stores."""

import random
import threading
from contextlib import suppress
from datetime import timedelta

import pytest

from engine.records.errors import KeyReused, LeaseLost, StoreAway, Suppressed, UnknownJob, WrongState
from engine.records.job import FLAGS, Lease, NewJob, Retry
from engine.records.jobs import LEASE, LONGEST
from engine.records.states import MOVES
from engine.records.store import Store
from engine.records.suppressions import NewSuppression
from engine.terms import JobState, Scope
from tests.engine.kept import job, parties


def pass_time(store: Store, **length: float) -> None:
    store.database.ahead += timedelta(**length)


def state(store: Store, ident: str) -> JobState:
    return store.jobs.show(ident)[0].state


def enqueue(store: Store, *jobs: NewJob) -> list[str]:
    return [answer.job for answer in store.jobs.enqueue(*jobs)]


def lease(store: Store, worker: str = "w1", **given: object):
    return store.jobs.lease(worker, **given)[0]  # type: ignore[arg-type]


# ------------------------------------------------------------------ enqueue


def test_a_job_comes_back_as_it_went_in(store: Store) -> None:
    facts = {"party.first_name": "Ana", "account.balance": 24000, "account.places": frozenset({"NY", "US"}), "x": True}
    debts = {"debt-1": {"debt.kind": "medical"}}
    zones = ("America/New_York",)
    wanted = job(1, facts=facts, debts=debts, campaign="spring", flow="collections", locale="en-US", zones=zones)
    [ident] = enqueue(store, wanted)
    row, brief = store.jobs.show(ident)
    assert (row.state, row.campaign, row.priority, row.tries) == (JobState.QUEUED, "spring", 5, 0)
    assert brief is not None
    assert brief.parties == parties(1)
    assert brief.facts == facts
    assert brief.debts == debts
    assert (brief.flow, brief.locale, brief.zones) == ("collections", "en-US", zones)


def test_the_same_key_and_content_give_the_first_job(store: Store) -> None:
    [first] = store.jobs.enqueue(job(1, idempotency="k"))
    [second] = store.jobs.enqueue(job(1, idempotency="k"))
    assert first.created
    assert not second.created
    assert second.job == first.job
    assert store.jobs.counts()[JobState.QUEUED] == 1


def test_the_same_key_twice_in_one_request_makes_one_job(store: Store) -> None:
    answers = store.jobs.enqueue(job(1, idempotency="k"), job(1, idempotency="k"))
    assert [answer.created for answer in answers] == [True, False]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(job(2, idempotency="k"), id="another person"),
        pytest.param(job(1, idempotency="k", priority=9), id="another priority"),
        pytest.param(job(1, idempotency="k", campaign="other"), id="another campaign"),
        pytest.param(job(1, idempotency="k", facts={"a": 1}), id="another fact"),
        pytest.param(job(1, idempotency="k", retry=Retry(9)), id="more tries"),
    ],
)
def test_the_same_key_with_another_content_is_refused_and_nothing_is_taken_in(store: Store, other: NewJob) -> None:
    store.jobs.enqueue(job(1, idempotency="k"))
    with pytest.raises(KeyReused):
        store.jobs.enqueue(job(3), other)
    assert store.jobs.counts()[JobState.QUEUED] == 1


def test_two_producers_with_one_key_at_once_make_one_job(store: Store) -> None:
    answers = []
    start = threading.Barrier(8)

    def produce() -> None:
        start.wait()
        answers.extend(store.jobs.enqueue(job(1, idempotency="k")))

    threads = [threading.Thread(target=produce) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert sum(answer.created for answer in answers) == 1
    assert len({answer.job for answer in answers}) == 1


def test_a_job_for_somebody_suppressed_is_canceled_on_arrival(store: Store) -> None:
    store.suppress(NewSuppression(Scope.PERSON, "person-1", "attorney"))
    [answer] = store.jobs.enqueue(job(1))
    assert answer.state is JobState.CANCELED
    assert store.jobs.show(answer.job)[0].reason == "suppressed: attorney"


@pytest.mark.parametrize("given", [{"priority": 10}, {"priority": -1}, {"flags": frozenset({"nonsense"})}])
def test_what_is_no_priority_or_flag_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="is not"):
        job(1, **given)


# -------------------------------------------------------------------- lease


def test_nothing_due_gives_nothing(store: Store) -> None:
    assert store.jobs.lease("w1") == ()


def test_a_lease_carries_the_job_and_counts_the_try(store: Store) -> None:
    [ident] = enqueue(store, job(1, facts={"a": 1}))
    leased = lease(store)
    assert leased.job == ident
    assert leased.tries == 1
    assert leased.brief.facts == {"a": 1}
    assert leased.keys == parties(1).hashed(store.keys)
    assert len(leased.token) == 32
    assert state(store, ident) is JobState.LEASED
    assert store.jobs.lease("w2") == ()


def test_the_most_urgent_goes_first_then_the_longest_due(store: Store) -> None:
    low, late, soon, high = enqueue(store, job(1, priority=1), job(2), job(3), job(4, priority=9))
    assert [lease(store).job for _ in range(4)] == [high, late, soon, low]


def test_a_job_is_not_leased_before_it_is_due(store: Store) -> None:
    with store.database.reading() as db:
        due = store.database.now(db) + timedelta(hours=1)
    [ident] = enqueue(store, job(1, due=due))
    assert store.jobs.lease("w1") == ()
    pass_time(store, hours=1, seconds=1)
    assert lease(store).job == ident


def test_urgent_jobs_of_tomorrow_do_not_hold_up_todays(store: Store) -> None:
    with store.database.reading() as db:
        due = store.database.now(db) + timedelta(days=1)
    *_, today = enqueue(store, *(job(n, due=due, priority=9) for n in range(2, 20)), job(1, priority=0))
    assert lease(store).job == today


def test_several_are_leased_at_once_no_two_of_one_account(store: Store) -> None:
    enqueue(store, job(1, account=7), job(2, account=7), job(3), job(4))
    leased = store.jobs.lease("w1", most=10)
    assert sorted(one.brief.parties.account for one in leased) == ["account-3", "account-4", "account-7"]


def test_an_account_has_one_live_lease(store: Store) -> None:
    first, second = enqueue(store, job(1, account=7), job(2, account=7))
    leased = lease(store)
    assert leased.job == first
    assert store.jobs.lease("w2") == ()
    store.jobs.start(leased)
    assert store.jobs.lease("w2") == ()
    store.jobs.success(leased)
    assert lease(store).job == second


def test_a_campaign_can_be_leased_by_itself(store: Store) -> None:
    enqueue(store, job(1, campaign="a"))
    [b] = enqueue(store, job(2, campaign="b"))
    assert lease(store, campaign="b").job == b
    assert store.jobs.lease("w1", campaign="b") == ()


@pytest.mark.parametrize("flag", sorted(FLAGS))
def test_a_flagged_job_is_not_leased_until_the_flag_is_taken_off(store: Store, flag: str) -> None:
    [ident] = enqueue(store, job(1, flags=frozenset({flag})))
    assert store.jobs.lease("w1") == ()
    store.jobs.flag(ident, flag, on=False)
    assert lease(store).job == ident


def test_a_lost_lease_comes_back_when_it_runs_out(store: Store) -> None:
    [ident] = enqueue(store, job(1))
    first = lease(store)
    pass_time(store, seconds=LEASE.total_seconds() - 1)
    assert store.jobs.lease("w2") == ()
    pass_time(store, seconds=1.1)
    second = lease(store, "w2")
    assert (second.job, second.tries) == (ident, 2)
    assert second.token != first.token


def test_a_job_that_kills_its_workers_becomes_a_dead_letter(store: Store) -> None:
    [ident] = enqueue(store, job(1, retry=Retry(2)))
    for _ in range(2):
        lease(store)
        pass_time(store, minutes=1)
    assert store.jobs.lease("w1") == ()
    assert state(store, ident) is JobState.DEAD_LETTER


def told(store: Store) -> list[tuple[str, str, dict]]:
    """Take what the host is to be told."""
    return [(one.kind, one.subject, dict(one.payload)) for one in store.outbox.take()]


def test_the_host_is_told_of_a_job_that_killed_its_workers(store: Store) -> None:
    [ident] = enqueue(store, job(1, retry=Retry(1), campaign="spring"))
    lease(store)
    pass_time(store, minutes=1)
    assert told(store) == []
    assert store.jobs.lease("w1") == ()
    payload = {"campaign": "spring", "tries": 1, "reason": "every try was used up"}
    assert told(store) == [("job.dead_letter", ident, payload)]
    assert store.jobs.show(ident)[0].tries == 1


def test_the_host_is_told_of_a_job_whose_tries_all_failed(store: Store) -> None:
    [ident] = enqueue(store, job(1, retry=Retry(2, 0.0, 0.0)))
    store.jobs.failure(lease(store), "busy")
    assert told(store) == []
    store.jobs.failure(lease(store), "no_answer")
    assert told(store) == [("job.dead_letter", ident, {"campaign": "", "tries": 2, "reason": "no_answer"})]


def test_a_job_that_failed_for_good_is_no_dead_letter_and_the_host_is_told_of_none(store: Store) -> None:
    enqueue(store, job(1, retry=Retry(1)))
    store.jobs.failure(lease(store), "not_in_service", again=False)
    assert told(store) == []


def test_a_dead_letter_and_the_word_of_it_come_together_or_not_at_all(store: Store) -> None:
    [ident] = enqueue(store, job(1, retry=Retry(1)))
    held = lease(store)

    def fail() -> None:
        with store.database.writing() as db:
            assert store.jobs.failure_in(db, held, "busy") is JobState.DEAD_LETTER
            raise RuntimeError("lost")

    with pytest.raises(RuntimeError, match="lost"):
        fail()
    assert told(store) == []
    assert state(store, ident) is JobState.LEASED


def test_a_spent_job_whose_burial_was_lost_is_buried_by_the_next_worker(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    [ident] = enqueue(store, job(1, retry=Retry(1)))
    lease(store)
    pass_time(store, minutes=1)
    with monkeypatch.context() as patch:
        patch.setattr(store.outbox, "add_in", lambda *_: (_ for _ in ()).throw(StoreAway("gone")))
        with pytest.raises(StoreAway):
            store.jobs.lease("w1")
    assert told(store) == []
    assert store.jobs.lease("w2") == ()
    pass_time(store, minutes=1)
    assert store.jobs.lease("w2") == ()
    assert [kind for kind, _, _ in told(store)] == ["job.dead_letter"]
    assert (state(store, ident), store.jobs.show(ident)[0].tries) == (JobState.DEAD_LETTER, 1)


def test_a_dead_letter_does_not_hold_up_the_next_job(store: Store) -> None:
    enqueue(store, job(1, retry=Retry(1)))
    lease(store)
    pass_time(store, minutes=1)
    [good] = enqueue(store, job(2))
    assert lease(store).job == good


def test_a_call_whose_worker_is_lost_goes_to_review_and_is_not_dialled_again(store: Store) -> None:
    [ident] = enqueue(store, job(1))
    store.jobs.start(lease(store))
    pass_time(store, minutes=1)
    assert store.jobs.lease("w2") == ()
    assert state(store, ident) is JobState.REVIEW
    pass_time(store, days=30)
    assert store.jobs.lease("w2") == ()


def test_the_account_is_free_again_after_a_review(store: Store) -> None:
    enqueue(store, job(1, account=7))
    store.jobs.start(lease(store))
    pass_time(store, minutes=1)
    [other] = enqueue(store, job(2, account=7))
    taken = store.jobs.lease("w2") or store.jobs.lease("w2")
    assert [one.job for one in taken] == [other]


# ------------------------------------------------------------------ fencing


def late(store: Store):
    """Lease a job, let the lease run out, and give it to another worker."""
    enqueue(store, job(1))
    first = lease(store, "zombie")
    pass_time(store, minutes=1)
    return first, lease(store, "w2")


WORDS = {
    "heartbeat": lambda jobs, held: jobs.heartbeat(held),
    "start": lambda jobs, held: jobs.start(held),
    "success": lambda jobs, held: jobs.success(held),
    "failure": lambda jobs, held: jobs.failure(held, "no answer"),
    "give_back": lambda jobs, held: jobs.give_back(held),
}


@pytest.mark.parametrize("word", WORDS)
def test_a_zombie_is_refused_while_another_has_the_job(store: Store, word: str) -> None:
    zombie, held = late(store)
    with pytest.raises(LeaseLost):
        WORDS[word](store.jobs, zombie)
    store.jobs.start(held)
    store.jobs.success(held)


@pytest.mark.parametrize("word", WORDS)
def test_a_zombie_is_refused_while_another_is_on_the_line(store: Store, word: str) -> None:
    zombie, held = late(store)
    store.jobs.start(held)
    with pytest.raises(LeaseLost):
        WORDS[word](store.jobs, zombie)
    store.jobs.success(held)
    assert state(store, held.job) is JobState.SUCCEEDED


@pytest.mark.parametrize("word", WORDS)
def test_a_lease_that_ran_out_is_lost_even_if_nobody_took_it(store: Store, word: str) -> None:
    enqueue(store, job(1))
    held = lease(store)
    pass_time(store, minutes=1)
    with pytest.raises(LeaseLost):
        WORDS[word](store.jobs, held)


@pytest.mark.parametrize("word", WORDS)
def test_after_the_end_nothing_more_is_heard(store: Store, word: str) -> None:
    enqueue(store, job(1))
    held = lease(store)
    store.jobs.start(held)
    store.jobs.success(held)
    with pytest.raises(LeaseLost):
        WORDS[word](store.jobs, held)


def test_a_success_needs_a_start(store: Store) -> None:
    enqueue(store, job(1))
    with pytest.raises(LeaseLost):
        store.jobs.success(lease(store))


def test_jobs_leased_at_once_are_completed_at_once_each_by_its_own_lease(store: Store) -> None:
    enqueue(store, *(job(n) for n in range(6)))
    first = store.jobs.lease("w1", most=3)
    second = store.jobs.lease("w2", most=3)
    for one in (*first, *second):
        store.jobs.start(one)
    store.jobs.success(first[0])
    assert store.jobs.successes((*first, *second)) == {one.job for one in (*first[1:], *second)}
    assert store.jobs.successes(first) == frozenset()


def test_of_many_who_report_success_one_is_heard(store: Store) -> None:
    enqueue(store, job(1))
    held = lease(store)
    store.jobs.start(held)
    heard = []

    def report() -> None:
        try:
            store.jobs.success(held)
        except LeaseLost:
            return
        heard.append(1)

    threads = [threading.Thread(target=report) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == [1]


def test_a_lease_is_known_by_its_token(store: Store) -> None:
    enqueue(store, job(1, facts={"a": 1}))
    leased = lease(store)
    assert store.jobs.held(leased.job, leased.token) == leased
    for wrong in ("", "0" * 32, leased.token.upper()):
        with pytest.raises(LeaseLost):
            store.jobs.held(leased.job, wrong)
    with pytest.raises(UnknownJob):
        store.jobs.held("nothing", leased.token)
    pass_time(store, minutes=1)
    with pytest.raises(LeaseLost):
        store.jobs.held(leased.job, leased.token)


def test_a_heartbeat_prolongs_the_lease(store: Store) -> None:
    enqueue(store, job(1))
    held = lease(store)
    for _ in range(5):
        pass_time(store, seconds=20)
        assert store.jobs.heartbeat(held) > held.until
    store.jobs.start(held)
    store.jobs.success(held)


def test_no_heartbeat_prolongs_a_call_for_ever(store: Store) -> None:
    enqueue(store, job(1))
    quarter = timedelta(minutes=15)
    held = lease(store, length=quarter)
    store.jobs.start(held)
    for _ in range(LONGEST // quarter * 15 // 10 - 1):
        pass_time(store, minutes=10)
        store.jobs.heartbeat(held, length=quarter)
    pass_time(store, minutes=10, seconds=1)
    with pytest.raises(LeaseLost):
        store.jobs.heartbeat(held, length=quarter)


def test_a_job_given_back_has_not_used_a_try(store: Store) -> None:
    [ident] = enqueue(store, job(1))
    store.jobs.give_back(lease(store))
    assert state(store, ident) is JobState.QUEUED
    assert lease(store, "w2").tries == 1


# ------------------------------------------------------------------ failure


def test_a_failed_try_waits_and_comes_again_until_tries_are_used_up(store: Store) -> None:
    [ident] = enqueue(store, job(1, retry=Retry(3, 0.0, 0.0)))
    seen = []
    for _ in range(3):
        held = lease(store)
        store.jobs.start(held)
        seen.append(store.jobs.failure(held, "no answer"))
    assert seen == [JobState.WAITING_RETRY, JobState.WAITING_RETRY, JobState.DEAD_LETTER]
    assert store.jobs.show(ident)[0].reason == "no answer"
    assert store.jobs.lease("w1") == ()


def test_a_failure_for_good_is_final(store: Store) -> None:
    [ident] = enqueue(store, job(1))
    assert store.jobs.failure(lease(store), "not in service", again=False) is JobState.FAILED
    assert state(store, ident) is JobState.FAILED


def test_a_retry_waits_at_least_until_its_time(store: Store) -> None:
    enqueue(store, job(1, retry=Retry(3, 1e6, 1e6)))
    held = lease(store)
    store.jobs.failure(held, "busy")
    row = store.jobs.show(held.job)[0]
    pass_time(store, seconds=(row.ready - row.updated).total_seconds() - 1)
    assert store.jobs.lease("w1") == ()
    pass_time(store, seconds=2)
    assert lease(store).job == held.job


@pytest.mark.parametrize("tried", [1, 2, 5, 50])
def test_the_wait_is_spread_evenly_up_to_the_cap(tried: int) -> None:
    retry = Retry(100, base=10.0, cap=300.0)
    most = min(300.0, 10.0 * 2 ** (tried - 1))
    waits = [retry.wait(tried).total_seconds() for _ in range(2000)]
    assert 0 <= min(waits) < most * 0.05
    assert most * 0.95 < max(waits) <= most
    assert abs(sum(waits) / len(waits) - most / 2) < most * 0.05


# ------------------------------------------------------------------- people


def test_a_waiting_job_can_be_canceled(store: Store) -> None:
    [ident] = enqueue(store, job(1))
    store.jobs.cancel(ident)
    assert state(store, ident) is JobState.CANCELED
    assert store.jobs.lease("w1") == ()


def test_canceling_a_leased_job_stops_its_worker(store: Store) -> None:
    enqueue(store, job(1))
    held = lease(store)
    store.jobs.cancel(held.job)
    with pytest.raises(LeaseLost):
        store.jobs.start(held)


def test_a_call_on_the_line_cannot_be_canceled(store: Store) -> None:
    enqueue(store, job(1))
    held = lease(store)
    store.jobs.start(held)
    with pytest.raises(WrongState, match="running"):
        store.jobs.cancel(held.job)


def test_a_dead_letter_sent_round_again_has_all_its_tries(store: Store) -> None:
    [ident] = enqueue(store, job(1, retry=Retry(1)))
    store.jobs.failure(lease(store), "busy")
    store.jobs.redrive(ident)
    assert lease(store).tries == 1


@pytest.mark.parametrize("verb", ["cancel", "redrive"])
def test_an_unknown_job_is_named(store: Store, verb: str) -> None:
    with pytest.raises(UnknownJob, match="nothing"):
        getattr(store.jobs, verb)("nothing")
    with pytest.raises(UnknownJob):
        store.jobs.show("nothing")


def test_only_a_dead_letter_is_sent_round_again(store: Store) -> None:
    [ident] = enqueue(store, job(1))
    with pytest.raises(WrongState):
        store.jobs.redrive(ident)


@pytest.mark.parametrize("found", [JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELED, JobState.QUEUED])
def test_a_person_settles_a_review(store: Store, found: JobState) -> None:
    [ident] = enqueue(store, job(1, retry=Retry(1)))
    store.jobs.start(lease(store))
    pass_time(store, minutes=1)
    store.jobs.lease("w2")
    store.jobs.settle(ident, found, "the carrier's log was read")
    assert state(store, ident) is found
    assert bool(store.jobs.lease("w2")) is (found is JobState.QUEUED)


def test_a_review_cannot_become_anything_else(store: Store) -> None:
    with pytest.raises(WrongState):
        store.jobs.settle("any", JobState.LEASED, "")


# ------------------------------------------------------- suppression and flags

SCOPES = [
    (Scope.NUMBER, "+16175550001"),
    (Scope.NUMBER, "(617) 555-0001"),
    (Scope.PHONE, "person-1"),
    (Scope.PERSON, "person-1"),
    (Scope.DEBT, "debt-1"),
    (Scope.ACCOUNT, "account-1"),
]


@pytest.mark.parametrize(("scope", "subject"), SCOPES)
def test_a_suppression_cancels_what_it_covers_and_nothing_else(store: Store, scope: Scope, subject: str) -> None:
    leased, other = enqueue(store, job(1), job(2))
    held = lease(store)
    assert held.job == leased
    [queued] = enqueue(store, job(1))
    store.suppress(NewSuppression(scope, subject, "stop_calling"))
    assert [state(store, ident) for ident in (leased, queued, other)] == [
        JobState.CANCELED, JobState.CANCELED, JobState.QUEUED
    ]  # fmt: skip
    with pytest.raises(LeaseLost):
        store.jobs.start(held)


@pytest.mark.parametrize(("scope", "subject"), SCOPES)
def test_a_call_on_the_line_is_not_torn_off(store: Store, scope: Scope, subject: str) -> None:
    enqueue(store, job(1))
    held = lease(store)
    store.jobs.start(held)
    store.suppress(NewSuppression(scope, subject, "stop_calling"))
    store.jobs.success(held)
    assert state(store, held.job) is JobState.SUCCEEDED


@pytest.mark.parametrize("flag", sorted(FLAGS))
def test_a_flag_put_on_a_leased_job_stops_the_start(store: Store, flag: str) -> None:
    enqueue(store, job(1))
    held = lease(store)
    store.jobs.flag(held.job, flag)
    with pytest.raises(Suppressed, match=flag):
        store.jobs.start(held)
    assert state(store, held.job) is JobState.CANCELED


def test_a_temporary_suppression_stops_the_start_and_ends(store: Store) -> None:
    [ident] = enqueue(store, job(1))
    with store.database.reading() as db:
        until = store.database.now(db) + timedelta(days=7)
    store.suppress(NewSuppression(Scope.PERSON, "person-1", "inconvenient_time", until=until))
    assert state(store, ident) is JobState.QUEUED
    held = lease(store)
    with pytest.raises(Suppressed, match="inconvenient_time"):
        store.jobs.start(held)
    pass_time(store, days=7, seconds=1)
    enqueue(store, job(1))
    store.jobs.start(lease(store))


# --------------------------------------------------------------------- list


def test_pages_show_every_job_once_newest_first(store: Store) -> None:
    made = enqueue(store, *(job(n) for n in range(25)))
    seen: list[str] = []
    before = ""
    while page := store.jobs.list(before=before, limit=10):
        seen.extend(row.id for row in page)
        before = page[-1].id
    assert seen == sorted(made, reverse=True)


@pytest.mark.parametrize("campaign", ["", "a"])
@pytest.mark.parametrize("wanted", [None, JobState.QUEUED, JobState.CANCELED])
def test_lists_are_filtered_and_paged(store: Store, campaign: str, wanted: JobState | None) -> None:
    made = enqueue(store, *(job(n, campaign="ab"[n % 2]) for n in range(20)))
    for ident in made[::3]:
        store.jobs.cancel(ident)
    seen: list[str] = []
    before = ""
    while page := store.jobs.list(state=wanted, campaign=campaign, before=before, limit=3):
        seen.extend(row.id for row in page)
        before = page[-1].id
    expected = [
        ident for n, ident in enumerate(made)
        if (not campaign or "ab"[n % 2] == campaign)
        and (wanted is None or (wanted is JobState.CANCELED) == (n % 3 == 0))
    ]  # fmt: skip
    assert seen == sorted(expected, reverse=True)


def test_counts_say_how_many_are_in_each_state(store: Store) -> None:
    made = enqueue(store, *(job(n) for n in range(4)))
    store.jobs.cancel(made[0])
    lease(store)
    counts = store.jobs.counts()
    assert (counts[JobState.QUEUED], counts[JobState.LEASED], counts[JobState.CANCELED]) == (2, 1, 1)
    assert sum(counts.values()) == 4


@pytest.mark.parametrize(
    "given", [(0,), (1001,), (3, -1.0), (3, float("inf")), (3, float("nan")), (3, 1.0, -1.0), (3, 1.0, 1e300)]
)
def test_a_retry_that_makes_no_sense_is_refused(given: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="tried 1 to 1000 times"):
        Retry(*given)  # type: ignore[arg-type]


def test_a_wait_is_never_longer_than_its_cap_however_often_a_job_was_tried() -> None:
    assert all(Retry(1000, 31_536_000.0, 7.0).wait(n) <= timedelta(seconds=7) for n in (1, 2, 60, 999))


# --------------------------------------------------------------- the whole map


def act(store: Store, ident: str, held: list[Lease], chance: random.Random) -> None:
    """Do something to a job that its worker or a person may do, at a random moment."""
    jobs, word = store.jobs, held[-1] if held else None

    def take() -> None:
        held.extend(jobs.lease("w1"))

    def lose() -> None:
        pass_time(store, seconds=40)
        take()

    def postpone(word: Lease) -> None:
        with store.database.writing() as db:
            jobs.postpone_in(db, word, store.database.now(db), "later")

    def stop(word: Lease) -> None:
        with store.database.writing() as db:
            jobs.stop_in(db, word, "stopped")

    def settle() -> None:
        jobs.settle(ident, chance.choice(list(JobState)), "looked")

    people = [lambda: jobs.cancel(ident), lambda: jobs.redrive(ident), settle, settle, settle, settle]
    words = [
        lambda: postpone(word),
        lambda: stop(word),
        lambda: jobs.start(word),
        lambda: jobs.start(word),
        lambda: jobs.success(word),
        lambda: jobs.failure(word, "busy"),
        lambda: jobs.failure(word, "dead", again=False),
        lambda: jobs.give_back(word),
        lambda: jobs.heartbeat(word) and None,
        lose,
        lose,
    ]
    workers = chance.choice([people, words if word else [take], [take], words if word else [take]])
    waits_for_people = state(store, ident) in (JobState.REVIEW, JobState.DEAD_LETTER)
    chance.choice(people if waits_for_people else workers)()


def test_every_way_from_state_to_state_is_on_the_map_and_every_way_on_the_map_is_gone(store: Store) -> None:
    chance, gone = random.Random(8), set()
    for n in range(400):
        [ident] = enqueue(store, job(n, retry=Retry(chance.randint(1, 2), 0.0, 0.0)))
        held: list[Lease] = []
        for _ in range(12):
            before, tokens = state(store, ident), len(held)
            with suppress(LeaseLost, WrongState):
                act(store, ident, held, chance)
            after = state(store, ident)
            if before is not after or (after is JobState.LEASED and len(held) > tokens):
                gone.add((before, after))
        with suppress(WrongState):
            store.jobs.cancel(ident)
        pass_time(store, minutes=1)
        store.jobs.lease("w1")
    on_the_map = {(one, other) for one, others in MOVES.items() for other in others}
    assert gone - on_the_map == set()
    assert on_the_map - gone == set()
