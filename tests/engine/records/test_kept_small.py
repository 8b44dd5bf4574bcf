"""The small stores: known facts, contacts, bundles, API keys, idempotency and the outbox."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import PurePosixPath

import pytest

from engine.records.contacts import NewContact
from engine.records.doors import Answer
from engine.records.errors import AnsweredBefore, KeyReused, UnknownAttempt, UnknownBundle
from engine.records.store import Store
from engine.terms import Scope
from tests.engine.kept import job, parties


def age(store: Store, **length: float) -> None:
    store.database.ahead += timedelta(**length)


# -------------------------------------------------------------------- known


def known(store: Store, n: int = 1) -> dict[str, object]:
    with store.database.reading() as db:
        return dict(store.known.facts_in(db, parties(n).hashed(store.keys)))


def test_what_is_known_of_any_of_the_parties_is_found(store: Store) -> None:
    store.known.learn(Scope.NUMBER, "617-555-0001", {"consent.number": "express"}, "letter")
    store.known.learn(
        Scope.PERSON, "person-1", {"stated.days_off": frozenset({"sunday"}), "consent.given_at": 5}, "call"
    )
    store.known.learn(Scope.DEBT, "debt-2", {"x": True}, "call")
    assert known(store) == {
        "consent.number": "express",
        "stated.days_off": frozenset({"sunday"}),
        "consent.given_at": 5,
    }
    assert known(store, 2) == {"x": True}


def test_the_newest_stands(store: Store) -> None:
    store.known.learn(Scope.PERSON, "person-1", {"a": 1}, "call")
    store.known.learn(Scope.PERSON, "person-1", {"a": 2}, "call")
    assert known(store) == {"a": 2}
    age(store, seconds=5)
    store.known.learn(Scope.ACCOUNT, "account-1", {"a": 3}, "call")
    assert known(store) == {"a": 3}
    store.known.learn(Scope.ACCOUNT, "account-1", {"a": None}, "call")
    assert known(store) == {"a": 2}


# ----------------------------------------------------------------- contacts


def history(store: Store, n: int = 1):
    with store.database.reading() as db:
        return store.contacts.history_in(db, parties(n).hashed(store.keys))


def test_contacts_come_back_with_whom_they_were(store: Store) -> None:
    store.contacts.add(NewContact("text", parties(1), facts={"number.kind": "mobile"}))
    [contact] = history(store).contacts
    assert (contact.kind, contact.person, contact.account, contact.debt) == (
        "text", "person-1", "account-1", ("debt-1",)
    )  # fmt: skip
    assert contact.number == "+16175550001"
    assert contact.facts == {"number.kind": "mobile"}
    assert history(store, 2).contacts == ()


def test_contacts_are_read_however_old_while_they_are_kept(store: Store) -> None:
    """A counter may have no window, and a rule one of years."""
    store.contacts.add(NewContact("call", parties(1)))
    age(store, days=1000)
    assert len(history(store).contacts) == 1
    age(store, days=1000)
    store.retention.run("contacts")
    assert history(store).contacts == ()


def test_what_became_known_of_an_attempt_is_added(store: Store) -> None:
    store.contacts.add(NewContact("call", parties(1), attempt="a1"), NewContact("call", parties(1), attempt="a2"))
    with store.database.writing() as db:
        store.contacts.learn_in(db, "a1", {"number.connected": False})
    facts = [contact.facts for contact in history(store).contacts]
    assert sorted(map(len, facts)) == [0, 1]


# ------------------------------------------------------------------ bundles


def test_the_newest_bundle_is_current_and_old_ones_stay(store: Store) -> None:
    with pytest.raises(UnknownBundle):
        store.bundles.current()
    for digest in ("one", "two"):
        store.bundles.publish(digest, {PurePosixPath("a/b.yaml"): f"text of {digest}"})
        age(store, seconds=1)
    assert store.bundles.current() == "two"
    assert store.bundles.texts("one") == {PurePosixPath("a/b.yaml"): "text of one"}
    store.bundles.publish("one", {})
    assert store.bundles.current() == "one"
    assert store.bundles.texts("one") == {PurePosixPath("a/b.yaml"): "text of one"}


def test_a_bundle_can_be_kept_without_being_used(store: Store) -> None:
    store.bundles.publish("one", {})
    store.bundles.publish("two", {}, activate=False)
    assert store.bundles.current() == "one"


def test_a_kept_bundle_can_be_brought_into_force(store: Store) -> None:
    for digest in ("one", "two", "three"):
        store.bundles.publish(digest, {}, activate=digest == "one")
    assert [(kept.digest, kept.in_force) for kept in store.bundles.list() if kept.in_force] == [("one", True)]
    store.bundles.activate("three")
    store.bundles.activate("two")
    assert store.bundles.current() == "two"
    assert {kept.digest: kept.activated is not None for kept in store.bundles.list()} == dict.fromkeys(
        ("one", "two", "three"), True
    )
    with pytest.raises(UnknownBundle):
        store.bundles.activate("none")


def test_many_publish_one_bundle_at_once(store: Store, run_together: Callable[..., None]) -> None:
    run_together(6, lambda: store.bundles.publish("one", {PurePosixPath("a"): "x"}))
    assert store.bundles.current() == "one"


# ----------------------------------------------------------------- API keys


def test_a_key_is_known_by_its_secret_alone(store: Store) -> None:
    key = store.api_keys.create("the dialler", {"jobs:lease"})
    found = store.api_keys.check(key)
    assert found is not None
    assert (found.name, found.scopes) == ("the dialler", frozenset({"jobs:lease"}))
    prefix, _, secret = key.partition(".")
    for wrong in (
        key + "x",
        prefix,
        f"{prefix}.",
        f".{secret}",
        secret,
        "",
        "é.x",
        f"{prefix}.{secret[:-1]}",
        "\x00.a",
    ):
        assert store.api_keys.check(wrong) is None


def test_a_key_ends_by_itself_or_when_it_is_revoked(store: Store) -> None:
    short, long = store.api_keys.create("a", (), lasts=timedelta(hours=1)), store.api_keys.create("b", ())
    age(store, hours=2)
    assert store.api_keys.check(short) is None
    assert store.api_keys.check(long) is not None
    assert store.api_keys.revoke(long.partition(".")[0])
    assert not store.api_keys.revoke(long.partition(".")[0])
    assert store.api_keys.check(long) is None
    assert {key.name for key in store.api_keys.list()} == {"a", "b"}


# -------------------------------------------------------------- idempotency


def keep(store: Store, key: str, content: str, text: str) -> None:
    with store.database.writing() as db:
        store.idempotency.keep_in(db, "me", key, content, Answer(201, text))


def test_an_answer_is_given_again_to_who_asked_the_same(store: Store) -> None:
    assert store.idempotency.answer("me", "k", "body") is None
    keep(store, "k", "body", '{"a":"é"}')
    assert store.idempotency.answer("me", "k", "body") == Answer(201, '{"a":"é"}')
    with pytest.raises(KeyReused):
        store.idempotency.answer("me", "k", "another")
    assert store.idempotency.answer("you", "k", "another") is None


def test_an_answer_is_kept_for_a_day_and_its_key_is_free_then(store: Store) -> None:
    keep(store, "k", "body", "1")
    with pytest.raises(AnsweredBefore):
        keep(store, "k", "body", "2")
    age(store, hours=25)
    assert store.idempotency.answer("me", "k", "another") is None
    keep(store, "k", "another", "3")
    assert store.idempotency.answer("me", "k", "another") == Answer(201, "3")


def test_of_many_who_answer_at_once_one_is_kept_and_what_the_others_did_is_undone(
    store: Store, run_together: Callable[..., None]
) -> None:
    kept: list[int] = []
    numbers = count(1)

    def work() -> None:
        number = next(numbers)
        try:
            with store.database.gathering() as db:
                store.jobs.enqueue(job(number))
                store.idempotency.keep_in(db, "me", "k", "body", Answer(201, str(number)))
        except AnsweredBefore:
            return
        kept.append(number)

    run_together(8, work)
    assert len(kept) == 1
    assert store.idempotency.answer("me", "k", "body") == Answer(201, str(kept[0]))
    assert sum(store.jobs.counts().values()) == 1


# ------------------------------------------------------------------- outbox


def put(store: Store, count: int = 1) -> list[str]:
    with store.database.writing() as db:
        return [store.outbox.add_in(db, "call.ended", f"c{n}", {"n": n}) for n in range(count)]


def test_a_message_comes_until_it_is_delivered(store: Store) -> None:
    [ident] = put(store)
    [first] = store.outbox.take()
    assert (first.id, first.kind, first.subject, first.tries, first.payload) == (ident, "call.ended", "c0", 1, {"n": 0})
    assert store.outbox.take() == ()
    age(store, minutes=2)
    assert [message.tries for message in store.outbox.take()] == [2]
    store.outbox.delivered(ident)
    age(store, minutes=2)
    assert store.outbox.take() == ()


def test_a_message_put_off_or_given_up_does_not_come(store: Store) -> None:
    off, up = put(store, 2)
    store.outbox.take()
    store.outbox.put_off(off, timedelta(hours=1))
    store.outbox.give_up(up)
    age(store, minutes=30)
    assert store.outbox.take() == ()
    age(store, minutes=31)
    assert [message.id for message in store.outbox.take()] == [off]


def test_no_message_is_taken_by_two(store: Store, run_together: Callable[..., None]) -> None:
    put(store, 40)
    taken: list[str] = []

    def work() -> None:
        while messages := store.outbox.take(most=3):
            taken.extend(message.id for message in messages)

    run_together(4, work)
    assert len(taken) == len(set(taken)) == 40


def test_an_unknown_attempt_is_named(store: Store) -> None:
    with pytest.raises(UnknownAttempt, match="nothing"):
        store.attempts.show("nothing")
