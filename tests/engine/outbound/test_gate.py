"""The gate: nobody is called who may not be called, whatever happens at the same time."""

import random
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from engine.outbound.conduct import Conductor
from engine.outbound.explain import explain, find, redecide, redecide_all
from engine.outbound.line import NotPlaced, Order
from engine.outbound.personas import Callee
from engine.outbound.worker import Orders, Worker
from engine.records.contacts import NewContact
from engine.records.errors import LeaseLost, StoreAway, UnknownEntry
from engine.records.suppressions import NewSuppression
from engine.records.verify import verify
from engine.terms import JobState, Outcome, Scope
from tests.engine.outbound.campaign import WHOLE, Campaign, who


def sound(campaign: Campaign) -> bool:
    return verify(campaign.store.database, campaign.store.keys).sound


def test_an_allowed_call_is_counted_and_written_down_before_it_is_placed(campaign: Campaign) -> None:
    job = campaign.job()
    lease, ruling = campaign.ask()
    assert ruling.allowed
    assert campaign.line.placed == []
    assert campaign.state(job) == JobState.RUNNING
    assert campaign.counted() == 1
    attempt = campaign.store.attempts.show(ruling.attempt)
    assert (attempt.state, attempt.entry, attempt.job, attempt.number) == ("allowed", ruling.entry, job, 1)
    entry = campaign.store.ledger.entry(ruling.entry)
    assert (entry.kind, entry.outcome, entry.bundle, entry.attempt) == ("dial", "allow", ruling.bundle, ruling.attempt)
    assert entry.body is not None
    assert entry.body["decision"]["local_times"]["America/Chicago"].startswith("2026-03-10T14:00")
    placed = campaign.gate.place(lease, ruling, campaign.line)
    assert placed is not None
    assert [order.number for order in campaign.line.placed] == ["+15125550001"]
    assert sound(campaign)


def test_outside_the_hours_a_job_waits_until_the_first_minute_it_may_be_called(campaign: Campaign) -> None:
    campaign.set_clock("2026-03-10T21:30:00-05:00")
    job = campaign.job()
    _, ruling = campaign.ask()
    assert ruling.decision.denying == ("us.window",)
    row = campaign.store.jobs.show(job)[0]
    assert (row.state, row.ready) == (JobState.QUEUED, datetime(2026, 3, 11, 13, 0, tzinfo=UTC))
    assert "us.window" in row.reason
    assert campaign.store.jobs.lease("w1") == ()
    campaign.set_clock("2026-03-11T08:00:01-05:00")
    again, allowed = campaign.ask()
    assert allowed.allowed
    assert again.tries == 1
    assert campaign.counted() == 1


def test_a_denial_is_written_down_with_every_reason(campaign: Campaign) -> None:
    campaign.set_clock("2026-03-10T21:30:00-05:00")
    campaign.called(1, 7)
    campaign.job()
    _, ruling = campaign.ask()
    entry = campaign.store.ledger.entry(ruling.entry)
    assert entry.rules == ("us.seven", "us.window")
    attempt = campaign.store.attempts.show(ruling.attempt)
    assert (attempt.state, attempt.rules) == ("denied", ("us.seven", "us.window"))
    assert entry.body is not None
    assert {one["rule"] for one in entry.body["decision"]["fired"]} >= {"us.seven", "us.window"}
    assert all("policies/us/calls.yaml:" in one["span"] for one in entry.body["decision"]["fired"])
    assert campaign.counted() == 7


def test_what_waiting_does_not_mend_is_canceled(campaign: Campaign) -> None:
    job = campaign.job(facts={"account.places": frozenset({"NY", "US"})})
    with campaign.store.database.writing() as db:
        campaign.store.suppressions.add_in(db, NewSuppression(Scope.ACCOUNT, "account-1", "dnc"))
    _, ruling = campaign.ask()
    assert ruling.decision.outcome is Outcome.DENY
    assert campaign.state(job) == JobState.CANCELED


def test_the_seventh_call_is_placed_and_the_eighth_waits(campaign: Campaign) -> None:
    campaign.called(1, 6)
    campaign.job()
    campaign.job()
    assert campaign.conduct().state is JobState.SUCCEEDED
    _, ruling = campaign.ask()
    assert ruling.decision.denying == ("us.seven",)
    assert ruling.decision.next_allowed is not None
    assert len(campaign.line.placed) == 1


def test_calls_about_other_people_do_not_count(campaign: Campaign) -> None:
    campaign.called(2, 7)
    campaign.job(1)
    assert campaign.ask()[1].allowed


@pytest.mark.parametrize(("persona", "counts"), [("busy", False), ("not_in_service", False), ("no_answer", True)])
def test_what_did_not_reach_the_number_does_not_count(campaign: Campaign, persona: str, counts: bool) -> None:
    campaign.called(1, 6)
    campaign.job(1, persona)
    campaign.conduct()
    campaign.job(1)
    decisions = [campaign.ask()[1]]
    assert decisions[0].allowed is not counts


def test_a_cap_of_a_place_is_read_from_its_row(campaign: Campaign) -> None:
    campaign.called(1, 3)
    campaign.job(facts={"account.places": frozenset({"NY", "US"})})
    assert campaign.ask()[1].decision.denying == ("place.cap[NY]",)


def test_where_the_person_is_unknown_nobody_is_called(campaign: Campaign) -> None:
    campaign.job(zones=(), facts={"party.zip": "09012"})
    assert campaign.ask()[1].decision.outcome is Outcome.DENY


def test_what_the_records_know_is_read(campaign: Campaign) -> None:
    campaign.called(1, 7)
    campaign.store.known.learn(Scope.PERSON, "person-1", {"consent.direct": True}, "letter")
    campaign.job()
    assert campaign.ask()[1].allowed


def test_what_the_records_forgot_is_not_read(campaign: Campaign) -> None:
    campaign.called(1, 7)
    campaign.store.known.learn(Scope.PERSON, "person-1", {"consent.direct": True}, "letter")
    campaign.store.known.learn(Scope.PERSON, "person-1", {"consent.direct": None}, "letter")
    campaign.job()
    assert not campaign.ask()[1].allowed


# ----------------------------------------------------------- the edge of the hours

EDGES = [
    # the clocks go forward at two in the morning of March 8, and back on November 1
    ("2026-03-08T07:59:57-05:00", False),
    ("2026-03-08T08:00:00-05:00", True),
    ("2026-03-08T20:59:55-05:00", True),
    ("2026-03-08T21:00:00-05:00", False),
    ("2026-11-01T07:59:57-06:00", False),
    ("2026-11-01T08:00:00-06:00", True),
    ("2026-11-01T20:59:55-06:00", True),
    ("2026-11-01T21:00:00-06:00", False),
]


@pytest.mark.parametrize(("at", "allowed"), EDGES)
def test_the_hours_are_those_where_the_person_is_also_when_clocks_change(
    campaign: Campaign, at: str, allowed: bool
) -> None:
    campaign.set_clock(at)
    campaign.job()
    assert campaign.ask()[1].allowed is allowed


@pytest.mark.parametrize(
    ("evening", "morning"),
    [
        ("2026-03-07T21:30:00-06:00", datetime(2026, 3, 8, 13, 0, tzinfo=UTC)),
        ("2026-10-31T21:30:00-05:00", datetime(2026, 11, 1, 14, 0, tzinfo=UTC)),
    ],
)
def test_a_job_waits_for_eight_in_the_morning_also_when_clocks_change(
    campaign: Campaign, evening: str, morning: datetime
) -> None:
    campaign.set_clock(evening)
    job = campaign.job()
    campaign.ask()
    assert campaign.store.jobs.show(job)[0].ready == morning


def test_a_call_that_was_allowed_in_the_last_second_is_not_dialled_after_it(campaign: Campaign) -> None:
    campaign.set_clock("2026-03-10T20:59:57-05:00")
    job = campaign.job()
    lease, ruling = campaign.ask()
    assert ruling.allowed
    campaign.pass_time(seconds=4)
    assert campaign.gate.place(lease, ruling, campaign.line) is None
    assert campaign.line.placed == []
    assert campaign.counted() == 0
    assert campaign.store.attempts.show(ruling.attempt).state == "stopped"
    row = campaign.store.jobs.show(job)[0]
    assert (row.state, row.tries, row.reason) == (JobState.QUEUED, 0, "not dialled in time: us.window")
    [dial, stopped] = campaign.store.ledger.entries()
    assert (dial.outcome, stopped.kind, stopped.outcome, stopped.rules) == ("allow", "stopped", "deny", ("us.window",))
    _, again = campaign.ask()
    assert again.decision.denying == ("us.window",)
    assert campaign.store.jobs.show(job)[0].ready == datetime(2026, 3, 11, 13, 0, tzinfo=UTC)
    assert sound(campaign)


def test_a_call_that_comes_late_to_the_line_but_in_time_is_dialled(campaign: Campaign) -> None:
    campaign.called(1, 6)
    campaign.job()
    lease, ruling = campaign.ask()
    campaign.pass_time(seconds=20)
    assert campaign.gate.place(lease, ruling, campaign.line) is not None
    assert campaign.counted() == 7


# ------------------------------------------------------ suppressions in between

MOMENTS = ["before the gate", "between gate and dial"]
WAYS = {
    "number": NewSuppression(Scope.NUMBER, "512-555-0001", "wrong_party"),
    "phone": NewSuppression(Scope.PHONE, "person-1", "stop_calling"),
    "person": NewSuppression(Scope.PERSON, "person-1", "deceased"),
    "debt": NewSuppression(Scope.DEBT, "debt-1", "dispute"),
    "account": NewSuppression(Scope.ACCOUNT, "account-1", "legal_hold"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_suppression_between_lease_and_gate_stops_the_call(campaign: Campaign, way: str) -> None:
    job = campaign.job()
    lease = campaign.lease()
    campaign.store.suppress(WAYS[way])
    with pytest.raises(LeaseLost):
        campaign.gate.ask(lease)
    assert campaign.state(job) == JobState.CANCELED
    assert campaign.counted() == 0


@pytest.mark.parametrize("way", WAYS)
def test_a_suppression_between_gate_and_dial_stops_the_call(campaign: Campaign, way: str) -> None:
    job = campaign.job()
    lease, ruling = campaign.ask()
    campaign.store.suppress(WAYS[way])
    assert campaign.gate.place(lease, ruling, campaign.line) is None
    assert campaign.line.placed == []
    assert campaign.state(job) == JobState.CANCELED
    assert campaign.counted() == 0
    assert campaign.store.attempts.show(ruling.attempt).state == "stopped"
    assert [entry.kind for entry in campaign.store.ledger.entries()] == ["dial", "suppression", "stopped"]
    assert sound(campaign)


@pytest.mark.parametrize("flag", ["dnc", "cease_contact", "legal_hold"])
def test_a_flag_between_gate_and_dial_stops_the_call(campaign: Campaign, flag: str) -> None:
    job = campaign.job()
    lease, ruling = campaign.ask()
    campaign.store.jobs.flag(job, flag)
    assert campaign.gate.place(lease, ruling, campaign.line) is None
    assert campaign.line.placed == []


@pytest.mark.parametrize("flag", ["dnc", "cease_contact", "legal_hold"])
def test_a_flag_between_lease_and_gate_denies(campaign: Campaign, flag: str) -> None:
    job = campaign.job()
    lease = campaign.lease()
    campaign.store.jobs.flag(job, flag)
    ruling = campaign.gate.ask(lease)
    assert ruling.decision.outcome is Outcome.DENY
    assert campaign.state(job) == JobState.CANCELED


def no_call(campaign: Campaign, job: str, n: int, way: int) -> None:
    """Have it that nobody calls, in one of six ways."""
    scopes = {
        Scope.PERSON: f"person-{n}", Scope.ACCOUNT: f"account-{n}", Scope.DEBT: f"debt-{n}",
        Scope.NUMBER: who(n).number, Scope.PHONE: f"person-{n}",
    }  # fmt: skip
    if way == len(scopes):
        campaign.store.jobs.flag(job, "dnc")
    else:
        campaign.store.suppress(NewSuppression(list(scopes)[way], list(scopes.values())[way], "stop_calling"))


def test_no_suppression_that_was_committed_is_overtaken_by_a_dial(campaign: Campaign) -> None:
    """Race a suppression against the way from lease to dial, with every offset between the two.

    The line looks, with eyes of its own, whether one stands at the moment in which it is told to dial.
    """
    dialled: set[str] = set()

    class Watched:
        def place(self, order: Order):
            [held] = campaign.store.jobs.list(limit=1)
            assert held.flags == ()
            assert not [one for one in campaign.store.suppressions.list(limit=1) if one.subject in subjects]
            dialled.add(order.number)
            return campaign.line.place(order)

    chance = random.Random(5)
    outcomes: Counter[str] = Counter()
    usual = 0.02
    for n in range(5000 if WHOLE else 40):
        parties = who(n)
        subjects = {parties.account, parties.person, parties.number, *parties.debts}
        job = campaign.job(n)
        began, lease = time.monotonic(), campaign.lease()
        wait, way = chance.uniform(0, usual), chance.randrange(6)

        def stop(job: str = job, n: int = n, way: int = way, wait: float = wait) -> None:
            time.sleep(wait)
            no_call(campaign, job, n, way)

        thread = threading.Thread(target=stop)
        thread.start()
        if n == 2:
            thread.join()
        try:
            ruling = campaign.gate.ask(lease)
            outcomes["denied" if not ruling.allowed else "allowed"] += 1
            if ruling.allowed:
                campaign.gate.place(lease, ruling, Watched())
        except LeaseLost:
            outcomes["canceled before"] += 1
        usual = 0.8 * usual + 0.2 * (time.monotonic() - began)
        thread.join()
        outcomes["dialled" if parties.number in dialled else "not dialled"] += 1
    assert len(dialled) == len(campaign.line.placed) == outcomes["dialled"]
    assert outcomes["dialled"]
    assert outcomes["not dialled"]


def test_a_line_that_does_not_dial_leaves_no_call_counted(campaign: Campaign) -> None:
    class Dead:
        def place(self, order: Order):
            raise NotPlaced("no trunk")

    job = campaign.job()
    lease, ruling = campaign.ask()
    with pytest.raises(NotPlaced):
        campaign.gate.place(lease, ruling, Dead())
    assert campaign.counted() == 0
    assert campaign.state(job) == JobState.WAITING_RETRY
    assert campaign.store.calls.list() == ()
    assert campaign.store.attempts.show(ruling.attempt).state == "stopped"


def test_one_attempt_is_never_dialled_twice(campaign: Campaign) -> None:
    campaign.job()
    lease, ruling = campaign.ask()
    assert campaign.gate.place(lease, ruling, campaign.line) is not None
    with pytest.raises((NotPlaced, LeaseLost)):
        campaign.gate.place(lease, ruling, campaign.line)
    assert len(campaign.line.placed) == 1


def test_a_lease_is_asked_about_once(campaign: Campaign) -> None:
    campaign.job()
    lease, _ = campaign.ask()
    with pytest.raises(LeaseLost):
        campaign.gate.ask(lease)
    assert campaign.counted() == 1


# ---------------------------------------------------------------- many workers


def test_many_workers_place_one_call_for_each_account_that_has_one_left(campaign: Campaign, run_together) -> None:
    workers, accounts, jobs = (16, range(200), 5) if WHOLE else (8, range(20), 5)
    for n in accounts:
        campaign.called(n, 6)
        for _ in range(jobs):
            campaign.job(n, "promises")
    left = threading.Semaphore(0)

    def work() -> None:
        idle = 0
        while idle < 3:
            leased = campaign.store.jobs.lease(threading.current_thread().name)
            idle = 0 if leased else idle + 1
            for lease in leased:
                Conductor(campaign.calls, campaign.line).conduct(lease)
            if not leased:
                time.sleep(0.02)
        left.release()

    run_together(workers, work)
    dialled = Counter(order.number for order in campaign.line.placed)
    assert dialled == {who(n).number: 1 for n in accounts}
    assert campaign.store.jobs.counts()[JobState.QUEUED] == len(accounts) * (jobs - 1)
    assert sound(campaign)


# ------------------------------------------------------------------ the ledger


def test_every_dial_is_decided_again_bit_for_bit(campaign: Campaign) -> None:
    for n in range(6):
        campaign.called(n, n + 2)
        campaign.job(n, ["promises", "busy", "says_stop"][n % 3])
        campaign.job(n)
    for _ in range(12):
        for lease in campaign.store.jobs.lease("w1"):
            campaign.gate.ask(lease)
        campaign.pass_time(hours=3)
    again = list(redecide_all(campaign.store.ledger, campaign.calls.shelf))
    assert len(again) >= 12
    assert [one for one in again if not one.same] == []


def test_a_decision_that_would_now_differ_is_told(campaign: Campaign) -> None:
    campaign.job()
    _, ruling = campaign.ask()
    entry = campaign.store.ledger.entry(ruling.entry)
    assert entry.body is not None
    entry.body["request"]["suppressions"].append(["person", "dnc"])  # type: ignore[index]
    assert not redecide(campaign.calls.shelf, entry).same


def test_an_entry_is_explained_by_its_number_its_attempt_or_its_call(campaign: Campaign) -> None:
    campaign.set_clock("2026-03-10T21:30:00-05:00")
    campaign.job()
    _, ruling = campaign.ask()
    for wanted in (str(ruling.entry), ruling.attempt):
        [entry] = find(campaign.store.ledger, wanted)
        said = "\n".join(explain(entry))
        assert "us.window" in said
        assert "12 CFR 1006.6(b)(1)(i)" in said
        assert "it will be allowed from 2026-03-11 08:00:00-05:00" in said
        assert "local time: 2026-03-10T21:30" in said
    with pytest.raises(UnknownEntry):
        find(campaign.store.ledger, "nothing")


def test_turns_are_explained_by_the_call(campaign: Campaign) -> None:
    campaign.job(1, "says_stop")
    done = campaign.conduct()
    said = [line for entry in find(campaign.store.ledger, done.call) for line in explain(entry)]
    assert any("us.stop" in line for line in said)
    assert not any("78701" in line for line in said)


def test_the_clock_is_the_stores_not_the_workers(campaign: Campaign) -> None:
    campaign.job()
    lease, ruling = campaign.ask()
    entry = campaign.store.ledger.entry(ruling.entry)
    assert abs(entry.at - campaign.now()) < timedelta(seconds=30)
    assert entry.at.year == 2026
    assert entry.at.month == 3
    assert lease.until > campaign.now()


# ------------------------------------------------------------ what goes wrong

MISFITS = {
    "a flow that is no more": ({"flow": "nothing"}, "there is no call flow `nothing`"),
    "a language that nobody speaks": ({"locale": "xx-XX"}, "`xx-XX`"),
    "a place that is none": ({"zones": ("Mars/Base",)}, "`Mars/Base` is not the name of a time zone"),
    "money in words": ({"facts": {"account.balance": "a lot"}}, "fact `account.balance` does not fit"),
    "a number where text belongs": ({"facts": {"party.zip": 78701}}, "fact `party.zip` does not fit"),
    "a day beyond all days": ({"facts": {"party.dob": 10**9}}, "fact `party.dob` does not fit"),
    "a fact of one debt": ({"debts": {"debt-1": {"account.balance": True}}}, "fact `account.balance` does not fit"),
}


@pytest.mark.parametrize("misfit", MISFITS)
def test_a_job_that_does_not_fit_the_bundle_is_set_aside_and_nobody_is_dialled(campaign: Campaign, misfit: str) -> None:
    given, why = MISFITS[misfit]
    job = campaign.job(**given)
    said: list[str] = []
    done = Worker(Conductor(campaign.calls, campaign.line), Orders("w1", once=True), said.append).run()
    assert done == {"dead_letter": 1}
    assert campaign.line.placed == []
    assert campaign.counted() == 0
    row = campaign.store.jobs.show(job)[0]
    assert row.state is JobState.DEAD_LETTER
    assert row.reason.startswith("it cannot be carried out: ")
    assert why in row.reason
    assert why in said[0]
    assert "a lot" not in row.reason
    [attempt] = campaign.store.attempts.list(job=job)
    assert attempt.state == "denied"
    assert attempt.entry is not None
    entry = campaign.store.ledger.entry(attempt.entry)
    assert (entry.kind, entry.outcome) == ("unfit", "deny")
    assert why in "\n".join(explain(entry))
    assert list(redecide_all(campaign.store.ledger, campaign.calls.shelf)) == []
    assert sound(campaign)


def test_a_conversation_between_gate_and_dial_is_heard_of(campaign: Campaign) -> None:
    campaign.called(1, 6)
    job = campaign.job()
    lease, ruling = campaign.ask()
    assert ruling.allowed
    campaign.store.contacts.add(NewContact("call", who(1), campaign.now(), {"number.connected": True}))
    campaign.pass_time(seconds=2)
    assert campaign.gate.place(lease, ruling, campaign.line) is None
    assert campaign.line.placed == []
    assert campaign.store.jobs.show(job)[0].reason == "not dialled in time: us.seven"
    assert campaign.counted() == 7


def test_when_the_store_is_lost_while_dialling_nobody_is_left_on_the_line(campaign: Campaign) -> None:
    job = campaign.job()
    lease, ruling = campaign.ask()
    dialled: list[Callee] = []

    class Lossy:
        def place(self, order: Order) -> Callee:
            dialled.append(campaign.line.place(order))
            event.listen(campaign.store.database.engine, "commit", lost, once=True)
            return dialled[-1]

    def lost(_: object) -> None:
        raise StoreAway("the connection is gone")

    with pytest.raises(StoreAway):
        campaign.gate.place(lease, ruling, Lossy())
    assert [callee.hung for callee in dialled] == [True]
    assert campaign.counted() == 1
    campaign.pass_time(minutes=1)
    assert campaign.store.jobs.lease("w2") == ()
    assert campaign.state(job) == JobState.REVIEW


def test_a_second_order_to_dial_takes_nothing_back_of_the_first(campaign: Campaign) -> None:
    job = campaign.job()
    lease, ruling = campaign.ask()
    assert campaign.gate.place(lease, ruling, campaign.line) is not None
    with pytest.raises(LeaseLost, match="placed before"):
        campaign.gate.place(lease, ruling, campaign.line)
    assert len(campaign.line.placed) == 1
    assert campaign.counted() == 1
    assert campaign.state(job) == JobState.RUNNING
    assert campaign.store.attempts.show(ruling.attempt).state == "placed"
