import operator
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bundle import Atom, Field, NetworkSpec
from engine.expressions.tree import Ref
from engine.runtime import network as network_module
from engine.runtime.fields import LIMIT, encode_text
from engine.runtime.network import EngineFault, Network, check_names, engine_hash
from engine.terms import Ask
from engine.terms import ValueType as T

OPERATORS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
NUMBERS = (-(2**61), -(2**61) + 1, -(2**32), -1, 0, 1, 2**31, 2**32 + 1, 2**53 + 1, 2**61 - 1, 2**61)
WORDS = (
    "",
    "a",
    "A",
    "a b",
    "=a",
    "%",
    "%61",
    '"',
    "\\",
    "\\u0061",
    "\n",
    "\0",
    "\ud800",
    "é",
    "🙂",
    "true",
    "1",
    "x" * 999,
)


def spec(rules: dict[str, tuple[tuple[Atom, ...], ...]], *fields: Field) -> NetworkSpec:
    return NetworkSpec(Ask.BEFORE_DIALING, fields, rules)


def numbers(kind: str = "low") -> tuple[Field, Field]:
    return Field("a", kind, Ref("a", T.INT)), Field("b", kind, Ref("b", T.INT))


def texts() -> tuple[Field, Field]:
    return Field("a", "value", Ref("a", T.TEXT)), Field("b", "value", Ref("b", T.TEXT))


def test_numbers_are_compared_exactly_with_numbers_and_with_fields():
    rules = {op: ((Atom(op, "a", other="b"),),) for op in OPERATORS}
    rules |= {f"{op} {n}": ((Atom(op, "a", n),),) for op in OPERATORS for n in NUMBERS}
    network = Network(spec(rules, *numbers()))
    for a, b in product(NUMBERS, repeat=2):
        expected = {op for op, holds in OPERATORS.items() if holds(a, b)}
        expected |= {f"{op} {n}" for op, holds in OPERATORS.items() for n in NUMBERS if holds(a, n)}
        assert network.decide({"a": a, "b": b}) == expected


def test_texts_are_told_apart_with_texts_and_with_fields():
    rules = {op: ((Atom(op, "a", other="b"),),) for op in ("==", "!=")}
    rules |= {f"{op}{n}": ((Atom(op, "a", word),),) for op in ("==", "!=") for n, word in enumerate(WORDS)}
    network = Network(spec(rules, *texts()))
    for a, b in product(WORDS, repeat=2):
        expected = {"==" if a == b else "!="}
        expected |= {f"{'==' if a == word else '!='}{n}" for n, word in enumerate(WORDS)}
        assert network.decide({"a": a, "b": b}) == expected


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters()), st.text(st.characters()))
def test_texts_reach_the_engine_as_plain_distinct_letters(one, two):
    assert encode_text(one).isascii()
    assert not set(encode_text(one)) & set('"\\\n\0')
    assert (encode_text(one) == encode_text(two)) is (one == two)


def test_the_unknown_lies_outside_every_number():
    low, high = Field("low", "low", Ref("a", T.INT)), Field("high", "high", Ref("a", T.INT))
    rules = {"may": ((Atom("<", "low", -LIMIT + 1),),), "or": ((Atom(">", "high", LIMIT - 1),),)}
    network = Network(spec(rules, low, high))
    assert network.decide({}) == {"may", "or"}
    assert network.decide({"a": None}) == {"may", "or"}
    assert network.decide({"a": 2**61}) == set()


def test_any_conjunct_fires_the_rule_once():
    rules = {"a": ((Atom(">", "a", 1),), (Atom(">", "a", 2),), (Atom(">", "b", 1),)), "always": ((),), "never": ()}
    network = Network(spec(rules, *numbers()))
    assert network.decide({"a": 5, "b": 5}) == {"a", "always"}
    assert network.decide({"a": 0, "b": 0}) == {"always"}


def test_many_fields_and_many_rules_are_split_into_shards():
    fields = tuple(Field(f"n{n}", "low", Ref(f"n{n}", T.INT)) for n in range(450))
    network = Network(spec({f"r{n}": ((Atom("==", f"n{n}", 1),),) for n in range(450)}, *fields))
    assert network.decide({f"n{n}": n % 2 for n in range(450)}) == {f"r{n}" for n in range(450) if n % 2}


def test_a_rule_with_more_fields_than_the_engine_takes_is_refused():
    fields = tuple(Field(f"n{n}", "low", Ref(f"n{n}", T.INT)) for n in range(201))
    with pytest.raises(ValueError, match="more than 200 fields"):
        Network(spec({"r": (tuple(Atom("==", f.name, 1) for f in fields),)}, *fields))


def test_names_the_engine_cannot_tell_apart_are_refused():
    assert engine_hash("a") == 0xE40C292C
    assert engine_hash("costarring") == engine_hash("liquid")
    with pytest.raises(ValueError, match="`liquid` and `costarring`"):
        check_names(("costarring", "liquid"))
    check_names(tuple(f"f{n}" for n in range(20_000)))


def test_a_number_the_engine_cannot_hold_is_refused():
    with pytest.raises(ValueError, match="too large"):
        Network(spec({"r": ((Atom("==", "a", LIMIT + 1),),)}, *numbers()))


def test_an_engine_error_drops_the_handle_and_the_next_is_fresh(monkeypatch):
    network = Network(spec({"r": ((Atom(">", "a", 1),),)}, *numbers()))
    assert network.decide({"a": 2, "b": 0}) == {"r"}

    def broken(handle: object, message: str) -> object:
        raise network_module.durable_rules_engine.error("broken")

    with monkeypatch.context() as patched:
        patched.setattr(network_module.durable_rules_engine, "assert_fact", broken)
        with pytest.raises(EngineFault, match="broken"):
            network.decide({"a": 2, "b": 0})
    assert len(network._idle) == 0
    assert network.decide({"a": 2, "b": 0}) == {"r"}


def test_a_closed_network_gives_no_answer():
    network = Network(spec({"r": ((),)}))
    assert network.decide({}) == {"r"}
    network.close()
    with pytest.raises(EngineFault, match="closed"):
        network.decide({})


@pytest.mark.parametrize("wrong", [1, 0, 1.0, "true", [], frozenset()])
def test_a_value_that_only_equals_one_seen_before_is_still_of_the_wrong_type(wrong):
    network = Network(spec({"r": ((Atom("==", "a", True),),)}, Field("a", "may", Ref("a", T.BOOL))))
    assert network.decide({"a": True}) == {"r"}
    assert network.decide({"a": False}) == set()
    with pytest.raises(EngineFault, match="type"):
        network.decide({"a": wrong})
    assert network.decide({"a": True}) == {"r"}


def test_more_values_than_are_kept_are_all_told_apart():
    network = Network(spec({"r": ((Atom("==", "a", "w300"),),)}, Field("a", "value", Ref("a", T.ENUM))))
    for _ in range(2):
        assert [n for n in range(600) if network.decide({"a": f"w{n}"})] == [300]
