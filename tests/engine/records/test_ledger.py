"""The ledger: what is written stays, and whatever is done to it afterwards is found and named."""

import json
from collections.abc import Callable

import pytest
from sqlalchemy import delete, select, update

from engine.records.chain import GENESIS, entry_hash
from engine.records.errors import SealBroken, UnknownEntry
from engine.records.keys import KeyRing, signed_by
from engine.records.ledger import HEAD, NewEntry, signed_statement
from engine.records.store import Store
from engine.records.tables import checkpoints, ledger, ledger_head
from engine.records.verify import verify


def entry(n: int) -> NewEntry:
    return NewEntry("dial", {"n": n, "fact": "Ana"}, outcome="deny", rules=(f"us.rule{n}",), bundle="b1",
                    account_key=f"a{n % 3}", call=f"c{n}", attempt=f"t{n}")  # fmt: skip


def write(store: Store, count: int = 10, together: int = 1) -> None:
    for start in range(0, count, together):
        with store.database.writing() as db:
            store.ledger.append(db, *(entry(n) for n in range(start, min(start + together, count))))


def check(store: Store, *kept):
    return verify(store.database, store.keys, kept)


@pytest.mark.parametrize("together", [1, 3, 10])
def test_what_was_written_is_read_back_and_verifies(store: Store, together: int) -> None:
    write(store, 10, together)
    found = store.ledger.entries()
    assert [one.seq for one in found] == list(range(1, 11))
    assert [one.body for one in found] == [{"n": n, "fact": "Ana"} for n in range(10)]
    assert (found[4].kind, found[4].outcome, found[4].rules, found[4].bundle) == ("dial", "deny", ("us.rule4",), "b1")
    verdict = check(store)
    assert verdict.sound
    assert verdict.entries == 10


def test_an_empty_ledger_is_sound(store: Store) -> None:
    assert check(store).sound
    assert store.ledger.checkpoint() is None


def test_entries_of_a_call_an_attempt_or_an_account(store: Store) -> None:
    write(store)
    assert [one.seq for one in store.ledger.entries(call="c4")] == [5]
    assert [one.seq for one in store.ledger.entries(attempt="t7")] == [8]
    assert [one.seq for one in store.ledger.entries(account_key="a0")] == [1, 4, 7, 10]
    assert [one.seq for one in store.ledger.entries(after=8)] == [9, 10]


def test_an_unknown_entry_is_named(store: Store) -> None:
    with pytest.raises(UnknownEntry, match="99"):
        store.ledger.entry(99)


def test_what_is_rolled_back_leaves_no_gap(store: Store) -> None:
    write(store, 3)
    with store.database.writing() as db:
        store.ledger.append(db, entry(99))
        db.rollback()
    write(store, 3)
    assert check(store).entries == 6
    assert check(store).sound


COLUMNS = [*HEAD, "at", "body", "hash"]


@pytest.mark.parametrize("seq", [1, 5, 10])
@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_column_is_found_at_its_entry(store: Store, column: str, seq: int) -> None:
    write(store)
    with store.database.writing() as db:
        old = db.execute(select(ledger.c[column]).where(ledger.c.seq == seq)).scalar_one()
        new = (
            old + 1
            if isinstance(old, int)
            else old[:-1] + bytes((old[-1] ^ 1,))
            if isinstance(old, bytes)
            else old + "x"
        )
        db.execute(update(ledger).where(ledger.c.seq == seq).values({column: new}))
    verdict = check(store)
    assert verdict.problems[0].seq == seq
    assert verdict.problems[0].kind == "changed"
    assert str(seq) in verdict.problems[0].message


@pytest.mark.parametrize("bit", range(0, 8))
def test_any_flipped_bit_of_a_body_is_found(store: Store, bit: int) -> None:
    write(store)
    with store.database.writing() as db:
        body = bytearray(db.execute(select(ledger.c.body).where(ledger.c.seq == 6)).scalar_one())
        body[len(body) // 2] ^= 1 << bit
        db.execute(update(ledger).where(ledger.c.seq == 6).values(body=bytes(body)))
    assert check(store).problems[0].seq == 6
    with pytest.raises(SealBroken):
        store.ledger.entry(6)


@pytest.mark.parametrize("seq", [1, 2, 9])
def test_a_removed_entry_is_found(store: Store, seq: int) -> None:
    write(store)
    with store.database.writing() as db:
        db.execute(delete(ledger).where(ledger.c.seq == seq))
    [problem] = check(store).problems
    assert (problem.seq, problem.kind) == (seq, "missing")


def test_a_removed_entry_with_the_rest_moved_up_is_found(store: Store) -> None:
    write(store)
    with store.database.writing() as db:
        db.execute(delete(ledger).where(ledger.c.seq == 4))
        for seq in range(5, 11):
            db.execute(update(ledger).where(ledger.c.seq == seq).values(seq=seq - 1))
    assert check(store).problems[0].seq == 4


def test_an_inserted_entry_is_found(store: Store) -> None:
    write(store)
    with store.database.writing() as db:
        for seq in range(10, 4, -1):
            db.execute(update(ledger).where(ledger.c.seq == seq).values(seq=seq + 1))
        row = db.execute(select(ledger).where(ledger.c.seq == 4)).one()._asdict()
        db.execute(ledger.insert(), {**row, "seq": 5})
    assert check(store).problems[0].seq == 5


def test_two_entries_that_changed_places_are_found(store: Store) -> None:
    write(store)
    with store.database.writing() as db:
        for old, new in ((3, 99), (4, 3), (99, 4)):
            db.execute(update(ledger).where(ledger.c.seq == old).values(seq=new))
    assert [problem.seq for problem in check(store).problems][:2] == [3, 4]


@pytest.mark.parametrize("left", [0, 1, 9])
def test_a_cut_tail_is_found(store: Store, left: int) -> None:
    write(store)
    with store.database.writing() as db:
        db.execute(delete(ledger).where(ledger.c.seq > left))
    problem = check(store).problems[0]
    assert (problem.seq, problem.kind) == (left + 1, "cut_off")


def rewrite(store: Store, seq: int, **values: object) -> None:
    """Change an entry and compute every later hash anew, as somebody with the database and this program would."""
    with store.database.writing() as db:
        db.execute(update(ledger).where(ledger.c.seq == seq).values(**values))
        previous = GENESIS
        for row in db.execute(select(ledger).order_by(ledger.c.seq)).all():
            previous = entry_hash(previous, row.seq, row.at, [getattr(row, name) for name in HEAD], row.body)
            db.execute(update(ledger).where(ledger.c.seq == row.seq).values(hash=previous))


def test_a_ledger_written_anew_is_found_by_its_head(store: Store) -> None:
    write(store)
    rewrite(store, 4, outcome="allow")
    assert not check(store).sound
    with store.database.writing() as db:
        last = db.execute(select(ledger.c.hash).where(ledger.c.seq == 10)).scalar_one()
        db.execute(update(ledger_head).values(hash=last))
    assert [problem.kind for problem in check(store).problems] == ["head"]


def test_a_ledger_written_anew_is_found_by_a_checkpoint(store: Store) -> None:
    write(store, 5)
    point = store.ledger.checkpoint()
    assert point is not None
    write(store, 5)
    rewrite(store, 4, outcome="allow")
    assert (5, "changed") in [(problem.seq, problem.kind) for problem in check(store).problems]


def test_an_older_copy_of_the_database_is_found_by_a_checkpoint_kept_elsewhere(store: Store) -> None:
    write(store, 5)
    with store.database.reading() as db:
        old = db.execute(select(ledger_head)).one()._asdict()
    write(store, 5)
    kept = store.ledger.checkpoint()
    with store.database.writing() as db:
        db.execute(delete(ledger).where(ledger.c.seq > 5))
        db.execute(delete(checkpoints))
        db.execute(update(ledger_head).values(old))
    assert check(store).sound
    [problem] = check(store, kept).problems
    assert (problem.seq, problem.kind) == (6, "cut_off")


def test_a_forged_checkpoint_is_found(store: Store) -> None:
    write(store)
    store.ledger.checkpoint()
    with store.database.writing() as db:
        db.execute(update(checkpoints).values(public=KeyRing({"x": bytes(32)}).public))
    assert check(store).problems[0].kind == "checkpoint"


def test_a_checkpoint_is_checked_by_anyone_with_the_public_key(store: Store) -> None:
    write(store)
    point = store.ledger.checkpoint()
    assert point is not None
    assert signed_by(store.keys.public, point.signature, signed_statement(point))
    assert not signed_by(store.keys.public, point.signature, signed_statement(point) + b"0")
    assert point.hash == store.ledger.entry(10).hash


def test_checkpoints_are_made_along_the_way(store: Store) -> None:
    write(store, 2500, 500)
    assert [point.seq for point in store.ledger.checkpoints()] == [1000, 2000]


def test_destroying_a_key_hides_the_body_and_keeps_the_chain(store: Store) -> None:
    write(store)
    with store.database.writing() as db:
        db.execute(update(ledger).where(ledger.c.seq == 5).values(key=None))
    assert store.ledger.entry(5).body is None
    assert store.ledger.entry(5).rules == ("us.rule4",)
    assert check(store).sound


def test_bodies_do_not_open_in_each_others_place(store: Store) -> None:
    write(store)
    with store.database.writing() as db:
        row = db.execute(select(ledger).where(ledger.c.seq == 2)).one()
        db.execute(update(ledger).where(ledger.c.seq == 3).values(body=row.body, key=row.key))
    with pytest.raises(SealBroken):
        store.ledger.entry(3)


def test_an_export_verifies_by_itself_and_gives_nothing_away(store: Store) -> None:
    write(store)
    store.ledger.checkpoint()
    lines = [json.loads(json.dumps(line)) for line in store.ledger.export()]
    assert "Ana" not in json.dumps(lines)
    assert [line["entry"] for line in lines if "entry" in line] == list(range(1, 11))
    assert lines[-1]["checkpoint"] == 10
    assert lines[-1]["hash"] == lines[-2]["hash"]


def test_a_head_that_could_be_cut_elsewhere_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="line break"), store.database.writing() as db:
        store.ledger.append(db, NewEntry("dial", {}, outcome="a\nb"))


def test_many_writers_make_one_chain(store: Store, run_together: Callable[..., None]) -> None:
    def work() -> None:
        for n in range(20):
            with store.database.writing() as db:
                store.ledger.append(db, entry(n))

    run_together(8, work)
    verdict = check(store)
    assert verdict.sound
    assert verdict.entries == 160
