"""Sealed fields: bound to their place, opened by their key alone, found by a keyed hash."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.records.errors import NoKey, SealBroken
from engine.records.keys import VARIABLE, KeyRing
from engine.records.parties import Parties, PartyKeys, plain_number, subject_key
from engine.terms import Scope

OLD, NEW = b"o" * 32, b"n" * 32
RING = KeyRing({"old": OLD})


@given(st.binary(max_size=200))
def test_what_was_sealed_opens_in_its_place(plain: bytes) -> None:
    sealed = RING.seal("calls", "session", "1", plain)
    assert RING.open("calls", "session", "1", sealed) == plain
    assert len(plain) < 4 or plain not in sealed


@pytest.mark.parametrize("place", [("jobs", "session", "1"), ("calls", "payload", "1"), ("calls", "session", "2")])
def test_moved_elsewhere_it_does_not_open(place: tuple[str, str, str]) -> None:
    sealed = RING.seal("calls", "session", "1", b"Ana")
    with pytest.raises(SealBroken):
        RING.open(*place, sealed)


def test_any_changed_byte_is_refused() -> None:
    sealed = RING.seal("t", "c", "1", b"Ana")
    for n in range(len(sealed)):
        changed = bytearray(sealed)
        changed[n] ^= 1
        with pytest.raises(SealBroken):
            RING.open("t", "c", "1", bytes(changed))
    for n in range(len(sealed)):
        with pytest.raises(SealBroken):
            RING.open("t", "c", "1", sealed[:n])


def test_a_new_key_in_front_still_opens_the_old_and_finds_the_same() -> None:
    rotated = KeyRing({"new": NEW, "old": OLD})
    assert rotated.open("t", "c", "1", RING.seal("t", "c", "1", b"Ana")) == b"Ana"
    assert rotated.blind("person", "p") == RING.blind("person", "p")
    assert rotated.public == RING.public
    with pytest.raises(SealBroken, match="new"):
        RING.open("t", "c", "1", rotated.seal("t", "c", "1", b"Ana"))


def test_equal_values_are_sealed_differently() -> None:
    assert RING.seal("t", "c", "1", b"Ana") != RING.seal("t", "c", "1", b"Ana")


def test_hashes_differ_by_scope_value_and_key() -> None:
    hashes = {RING.blind("a", "x"), RING.blind("b", "x"), RING.blind("a", "y"), KeyRing({"k": NEW}).blind("a", "x")}
    assert len(hashes) == 4


@pytest.mark.parametrize("text", ["", " , ", "k1:short", "k1:" + base64.b64encode(b"x" * 31).decode(), "k1:%%%"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(NoKey):
        KeyRing.read(text)


def test_the_environment_holds_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(NoKey, match=VARIABLE):
        KeyRing.from_environment()
    monkeypatch.setenv(VARIABLE, base64.b64encode(OLD).decode())
    assert KeyRing.from_environment().public == RING.public


@pytest.mark.parametrize(
    "written", ["+16175550100", "6175550100", "(617) 555-0100", "+1 617-555-0100", " +1.617.555.0100 "]
)
def test_a_number_is_one_number_however_it_is_written(written: str) -> None:
    assert plain_number(written) == "+16175550100"


def test_each_scope_finds_what_it_covers() -> None:
    parties = Parties("a", "p", "6175550100", ("d1", "d2"))
    keys = parties.hashed(RING)
    for scope, subjects in {
        Scope.ACCOUNT: ["a"], Scope.PERSON: ["p"], Scope.PHONE: ["p"], Scope.NUMBER: ["617-555-0100"],
        Scope.DEBT: ["d1", "d2"],
    }.items():  # fmt: skip
        assert keys.of(scope) == tuple(subject_key(RING, scope, subject) for subject in subjects)
    assert isinstance(keys, PartyKeys)
    assert len(set(keys.all)) == 5
