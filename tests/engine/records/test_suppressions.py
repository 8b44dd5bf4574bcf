"""Suppressions: they add up, they are written down, they are lifted and not deleted."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from engine.records.parties import Parties
from engine.records.store import Store
from engine.records.suppressions import NewSuppression
from engine.records.verify import verify
from engine.terms import Scope
from tests.engine.kept import parties


def standing(store: Store, who: Parties) -> tuple[str, ...]:
    with store.database.reading() as db:
        return tuple(sorted(reason for _, reason in store.suppressions.standing(db, who.hashed(store.keys))))


def test_reasons_add_up(store: Store) -> None:
    store.suppress(
        NewSuppression(Scope.NUMBER, "617-555-0001", "wrong_party"),
        NewSuppression(Scope.PERSON, "person-1", "attorney"),
        NewSuppression(Scope.DEBT, "debt-1", "dispute"),
        NewSuppression(Scope.ACCOUNT, "account-2", "dnc"),
    )
    assert standing(store, parties(1)) == ("attorney", "dispute", "wrong_party")
    assert standing(store, parties(2)) == ("dnc",)
    assert standing(store, parties(3)) == ()


@pytest.mark.parametrize("scope", list(Scope))
def test_a_reference_of_another_kind_is_not_taken_for_this_one(store: Store, scope: Scope) -> None:
    same = Parties("x", "y", "+16175550000", ("z",))
    subject = {"account": "y", "person": "z", "phone": "x", "debt": "x", "number": "+16175550001"}[scope]
    store.suppress(NewSuppression(scope, subject, "dnc"))
    assert standing(store, same) == ()


def test_one_suppression_is_written_once(store: Store) -> None:
    first = store.suppress(NewSuppression(Scope.PERSON, "p", "dnc"))
    assert store.suppress(NewSuppression(Scope.PERSON, "p", "dnc")) == first
    assert len(store.suppressions.list()) == 1
    assert len(store.ledger.entries()) == 1


def test_two_at_once_make_one(store: Store, run_together: Callable[..., None]) -> None:
    run_together(8, lambda: store.suppress(NewSuppression(Scope.PERSON, "p", "dnc")))
    assert len(store.suppressions.list()) == 1


def test_a_lifted_one_stands_no_more_and_is_still_listed(store: Store) -> None:
    [ident] = store.suppress(NewSuppression(Scope.PERSON, "person-1", "dnc"))
    assert store.lift(ident, "the consumer asked for calls again")
    assert not store.lift(ident, "again")
    assert standing(store, parties(1)) == ()
    [row] = store.suppressions.list()
    assert row.lifted is not None
    assert row.subject == "person-1"
    store.suppress(NewSuppression(Scope.PERSON, "person-1", "dnc"))
    assert standing(store, parties(1)) == ("dnc",)


def test_a_temporary_one_ends_by_itself_and_can_be_made_longer(store: Store) -> None:
    with store.database.reading() as db:
        now = store.database.now(db)
    for days in (1, 3, 2):
        store.suppress(NewSuppression(Scope.PERSON, "person-1", "cease_contact", until=now + timedelta(days=days)))
    store.database.ahead = timedelta(days=2, hours=12)
    assert standing(store, parties(1)) == ("cease_contact",)
    store.database.ahead = timedelta(days=3, hours=1)
    assert standing(store, parties(1)) == ()


def test_each_is_in_the_ledger_with_what_it_canceled(store: Store) -> None:
    from kept import job

    store.jobs.enqueue(job(1), job(1), job(2))
    store.suppress(NewSuppression(Scope.PERSON, "person-1", "stop_calling", rule="us.stop", call="c1"))
    [entry] = store.ledger.entries()
    assert (entry.kind, entry.outcome, entry.rules, entry.call) == ("suppression", "stop_calling", ("us.stop",), "c1")
    assert entry.body is not None
    assert entry.body["canceled_jobs"] == 2
    assert "person-1" not in str(entry.body)
    assert verify(store.database, store.keys).sound


def test_lists_are_filtered_and_paged(store: Store) -> None:
    for n in range(7):
        store.suppress(NewSuppression(Scope.PERSON, f"p{n}", ("dnc", "attorney")[n % 2]))
    first = store.suppressions.list(reason="dnc", limit=3)
    second = store.suppressions.list(reason="dnc", limit=3, before=first[-1].id)
    assert [row.subject for row in (*first, *second)] == ["p6", "p4", "p2", "p0"]
