"""A rehearsed campaign keeps every rule, and the audit would say if it did not."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from engine.bundle import CompiledBundle
from engine.calls import Calls, Shelf
from engine.outbound.audit import audit
from engine.outbound.line import Order
from engine.outbound.people import people
from engine.outbound.simulate import BEGINS, simulate
from engine.records.job import NewJob
from engine.records.metrics import Rate, measure
from engine.records.plain import canonical
from engine.records.store import Store
from engine.records.suppressions import NewSuppression
from engine.records.tables import turns
from engine.source.read import read_folder
from engine.terms import Scope
from tests.engine.outbound.campaign import Campaign


def test_a_campaign_under_the_shipped_bundle_ends_with_no_breach_and_no_job_left(
    store: Store, shipped: CompiledBundle, root: Path
) -> None:
    shelf = Shelf(store)
    shelf.put(shipped, read_folder(root))
    seen: list[tuple[int, int]] = []
    calls = Calls(store, shelf)
    summary = simulate(calls, 40, 3, flow="collections", told=lambda done, whole: seen.append((done, whole)))
    assert summary.breaches == ()
    assert sum(summary.jobs.values()) == 40
    assert set(summary.jobs) <= {"succeeded", "failed", "canceled", "dead_letter"}
    assert summary.dialled >= 20
    assert summary.measures.attempts == summary.dialled
    assert summary.measures.early_disclosures == 0
    assert summary.measures.dispositions["promise_to_pay"] >= summary.personas["promises"]
    assert seen[0] == (0, 40)
    assert seen[-1] == (40, 40)


def test_a_bundle_without_a_rule_about_conversations_is_found_out(campaign: Campaign) -> None:
    summary = simulate(campaign.calls, 40, 3, flow="call")
    assert {breach.kind for breach in summary.breaches} == {"too soon"}


def test_the_same_seed_gives_the_same_people() -> None:
    assert people(20, 1, BEGINS.date()) == people(20, 1, BEGINS.date())
    assert people(20, 1, BEGINS.date()) != people(20, 2, BEGINS.date())


def placed(campaign: Campaign, n: int = 1):
    """Place one allowed call to a made-up person, and return who and the order."""
    crowd = people(1, n, campaign.now().date())
    campaign.line.fixed[crowd[0].parties.number] = "no_answer"  # type: ignore[index]
    campaign.set_clock("2026-03-10T14:00:00-05:00")
    campaign.store.jobs.enqueue(NewJob(crowd[0].parties, crowd[0].facts, flow="call"))
    campaign.conduct()
    return crowd, campaign.line.placed[-1]


BREACHES = {
    "dialled twice": lambda order: [order, order],
    "hours": lambda order: [replace(order, at=order.at + timedelta(hours=14))],
}


@pytest.mark.parametrize("kind", ["dialled twice", "hours"])
def test_the_audit_finds_what_is_wrong(campaign: Campaign, kind: str) -> None:
    crowd, order = placed(campaign)
    assert audit(campaign.store, crowd, [order]) == ()
    assert kind in {breach.kind for breach in audit(campaign.store, crowd, BREACHES[kind](order))}


def test_the_audit_finds_too_many_calls(campaign: Campaign) -> None:
    crowd, order = placed(campaign)
    many = [replace(order, at=order.at + timedelta(minutes=n)) for n in range(8)]
    assert "too many calls" in {breach.kind for breach in audit(campaign.store, crowd, many)}
    assert "too many calls" not in {breach.kind for breach in audit(campaign.store, crowd, many[:7])}


@pytest.mark.parametrize("scope", list(Scope))
def test_the_audit_finds_a_call_to_somebody_suppressed(campaign: Campaign, scope: Scope) -> None:
    crowd, order = placed(campaign)
    parties = crowd[0].parties
    campaign.store.suppress(NewSuppression(scope, parties.of(scope)[0], "stop_calling"))
    assert audit(campaign.store, crowd, [order]) == ()
    later = Order(order.attempt, order.call, order.number, order.at + timedelta(hours=1))
    assert {breach.kind for breach in audit(campaign.store, crowd, [later])} == {"suppressed"}


def test_the_audit_finds_a_job_left_over(campaign: Campaign) -> None:
    campaign.job()
    campaign.lease()
    assert {breach.kind for breach in audit(campaign.store, (), [])} == {"left over"}


def test_a_right_counts_however_the_call_ended(campaign: Campaign) -> None:
    campaign.job(1, "promises")
    assert campaign.conduct().disposition == "promise_to_pay"
    campaign.job(2, "says_stop")
    assert campaign.conduct().disposition == "stop_requested"
    database = campaign.store.database
    campaign.pass_time(hours=1)
    assert measure(database).rights["opt_out"] == Rate(1, 2)
    assert measure(database).rights["dispute"] == Rate(0, 2)
    heard = canonical([["dispute", 0.9, True], ["attorney", 0.2, False]])
    with database.writing() as db:
        db.execute(update(turns).where(turns.c.turn == 2).values(intents=heard))
    assert measure(database).rights["dispute"] == Rate(2, 2)
    assert measure(database).rights["attorney"] == Rate(0, 2)
