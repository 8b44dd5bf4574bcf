"""Retention: what is old goes, a legal hold wins, and the ledger's chain holds."""

from datetime import timedelta

import pytest

from engine.records.contacts import NewContact
from engine.records.ledger import NewEntry
from engine.records.retention import DEFAULTS
from engine.records.store import Store
from engine.records.suppressions import NewSuppression
from engine.records.verify import verify
from engine.terms import Scope
from tests.engine.kept import job, parties


def age(store: Store, days: int) -> None:
    store.database.ahead += timedelta(days=days)


def fill(store: Store, n: int = 1) -> str:
    """Keep one finished job, one contact and one entry of a person."""
    [answer] = store.jobs.enqueue(job(n))
    [lease] = store.jobs.lease("w1")
    store.jobs.start(lease)
    store.jobs.success(lease)
    store.contacts.add(NewContact("call", parties(n)))
    key = parties(n).hashed(store.keys).account
    with store.database.writing() as db:
        store.ledger.append(db, NewEntry("dial", {"who": f"person-{n}"}, account_key=key))
    return answer.job


def removed(store: Store, *only: str) -> dict[str, int]:
    return {one.name: one.removed for one in store.retention.run(*only)}


def test_nothing_young_is_removed(store: Store) -> None:
    fill(store)
    assert set(removed(store).values()) == {0}


def test_each_class_goes_when_its_days_are_over(store: Store) -> None:
    ident = fill(store)
    age(store, DEFAULTS["payloads"] + 1)
    assert removed(store)["payloads"] == 1
    assert store.jobs.show(ident)[1] is None
    age(store, DEFAULTS["ledger"])
    gone = removed(store)
    assert gone["ledger"] == 1
    assert store.ledger.entry(1).body is None
    assert verify(store.database, store.keys).sound


def test_contacts_go_and_are_counted_no_more(store: Store) -> None:
    fill(store)
    age(store, DEFAULTS["contacts"] + 1)
    assert removed(store, "contacts") == {"contacts": 1}


@pytest.mark.parametrize(
    ("scope", "subject"),
    [
        (Scope.ACCOUNT, "account-1"),
        (Scope.PERSON, "person-1"),
        (Scope.NUMBER, "617-555-0001"),
        (Scope.DEBT, "debt-1"),
    ],
)
def test_a_legal_hold_wins(store: Store, scope: Scope, subject: str) -> None:
    held, free = fill(store, 1), fill(store, 2)
    [hold] = store.suppress(NewSuppression(scope, subject, "legal_hold"))
    age(store, 5000)
    gone = removed(store, "payloads", "contacts", "ledger")
    assert gone == {"payloads": 1, "contacts": 1, "ledger": 2}
    assert store.jobs.show(held)[1] is not None
    assert store.jobs.show(free)[1] is None
    assert store.ledger.entry(1).body is not None
    store.lift(hold, "the case is closed")
    assert removed(store, "payloads", "contacts") == {"payloads": 1, "contacts": 1}


def test_a_job_flagged_with_a_legal_hold_keeps_all_of_its_account(store: Store) -> None:
    held = fill(store, 1)
    fill(store, 2)
    store.jobs.flag(held, "legal_hold")
    age(store, 5000)
    assert removed(store, "payloads", "contacts", "ledger") == {"payloads": 1, "contacts": 1, "ledger": 1}
    assert store.jobs.show(held)[1] is not None
    store.jobs.flag(held, "legal_hold", on=False)
    assert removed(store, "payloads", "contacts", "ledger") == {"payloads": 1, "contacts": 1, "ledger": 1}


def test_what_the_host_never_took_goes_too(store: Store) -> None:
    with store.database.writing() as db:
        store.outbox.add_in(db, "call.ended", "c1", {"disposition": "refused"})
    age(store, DEFAULTS["outbox"] - 1)
    assert removed(store, "outbox") == {"outbox": 0}
    age(store, 2)
    assert removed(store, "outbox") == {"outbox": 1}


def test_a_job_that_is_not_over_keeps_what_it_is_about(store: Store) -> None:
    [answer] = store.jobs.enqueue(job(1))
    age(store, 5000)
    assert removed(store, "payloads") == {"payloads": 0}
    assert store.jobs.show(answer.job)[1] is not None


def test_a_class_can_be_given_other_days(store: Store) -> None:
    ident = fill(store)
    store.retention.set_days("payloads", 10)
    assert store.retention.classes()["payloads"] == 10
    age(store, 11)
    assert removed(store, "payloads") == {"payloads": 1}
    assert store.jobs.show(ident)[1] is None


def test_what_is_no_class_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="nothing"):
        store.retention.set_days("nothing", 1)
    with pytest.raises(ValueError, match="nothing"):
        store.retention.run("nothing")
    with pytest.raises(ValueError, match="not negative"):
        store.retention.set_days("ledger", -1)


def test_what_rules_count_is_not_forgotten_while_they_count_it(store: Store) -> None:
    """A call of five days ago that is no more would let an eighth be placed."""
    with pytest.raises(ValueError, match="rules count calls over up to 400 days"):
        store.retention.set_days("contacts", 399)
    store.retention.set_days("contacts", 400)
    assert store.retention.classes()["contacts"] == 400
