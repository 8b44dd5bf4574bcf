from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.expressions.bank_days import is_bank_day
from engine.expressions.evaluate import evaluate, undecided_by, value_of
from engine.expressions.generate import Clause, generate
from engine.expressions.parse import names_read
from engine.expressions.tree import ALWAYS, All, AnyOf, Arithmetic, Compare, Constant, Known, Not, Ref, Truth
from engine.expressions.values import INT_LIMIT
from engine.terms import ValueType as T
from tests.engine.expressions import worlds

A, B = Truth(Ref("a", T.BOOL)), Truth(Ref("b", T.BOOL))
LEVEL = {False: 0, None: 1, True: 2}
BACK = {0: False, 1: None, 2: True}


@pytest.mark.parametrize(("a", "b"), list(product((True, False, None), repeat=2)))
def test_kleene_tables(a, b):
    facts = {"a": a, "b": b}
    assert evaluate(All((A, B)), facts) is BACK[min(LEVEL[a], LEVEL[b])]
    assert evaluate(AnyOf((A, B)), facts) is BACK[max(LEVEL[a], LEVEL[b])]
    assert evaluate(Not(A), facts) is BACK[2 - LEVEL[a]]


def test_the_empty_list_holds_and_the_empty_choice_does_not():
    assert evaluate(ALWAYS, {}) is True
    assert evaluate(AnyOf(()), {}) is False


def test_known_is_never_unknown():
    assert evaluate(Known(Ref("a", T.BOOL)), {"a": False}) is True
    assert evaluate(Known(Ref("a", T.BOOL)), {}) is False


@pytest.mark.parametrize(
    ("op", "left", "right", "type", "value"),
    [
        ("+", ("d", T.DATE, 739_000), ("u", T.DURATION, 172_800), T.DATE, 739_002),
        ("+", ("u", T.DURATION, 90_000), ("d", T.DATE, 739_000), T.DATE, 739_001),
        ("-", ("d", T.DATE, 739_000), ("u", T.DURATION, 86_399), T.DATE, 739_000),
        ("-", ("d", T.DATE, 739_002), ("e", T.DATE, 739_000), T.DURATION, 172_800),
        ("-", ("m", T.DATETIME, 100), ("n", T.DATETIME, 40), T.DURATION, 60),
        ("*", ("m", T.MONEY, 250), ("i", T.INT, 3), T.MONEY, 750),
        ("*", ("i", T.INT, INT_LIMIT), ("j", T.INT, 2), T.INT, None),
        ("+", ("d", T.DATE, 3_652_059), ("u", T.DURATION, 86_400), T.DATE, None),
        ("-", ("d", T.DATE, None), ("u", T.DURATION, 86_400), T.DATE, None),
    ],
)
def test_sums_keep_to_the_range_of_their_type(op, left, right, type, value):
    sum = Arithmetic(op, Ref(*left[:2]), Ref(*right[:2]), type)
    facts = {left[0]: left[2], right[0]: right[2]}
    assert value_of(sum, facts) == value
    decide = generate([Clause("a", Compare("==", sum, Constant(value, type)), None, False)])
    assert decide(facts)[0] == (frozenset() if value is None else {"a"})


@pytest.mark.parametrize(
    ("day", "settles"),
    [
        (date(2026, 3, 10), True),
        (date(2026, 3, 14), False),
        (date(2026, 7, 3), True),  # the Fourth is a Saturday: the Reserve Banks do not move it
        (date(2026, 11, 26), False),
        (date(2027, 7, 5), False),  # a Sunday's holiday moves to Monday
        (date.min, True),
        (date.max, True),
    ],
)
def test_bank_days(day, settles):
    assert is_bank_day(day.toordinal()) is settles


def test_only_what_leaves_it_open_is_named():
    either = AnyOf((All((A, B)), Truth(Ref("c", T.BOOL))))
    assert undecided_by(either, {"a": True, "c": False}) == ("b",)
    assert undecided_by(either, {"a": False}) == ("c",)
    assert undecided_by(either, {"c": True}) == ()


@settings(max_examples=150, deadline=None)
@given(worlds.conditions(), worlds.facts())
def test_only_what_is_undecided_names_facts_and_only_its_own(condition, facts):
    named = undecided_by(condition, facts)
    assert not named or evaluate(condition, facts) is None
    assert set(named) <= set(names_read(condition))


def test_nothing_an_author_wrote_becomes_code():
    hostile = "') or __import__('os').system('true') or ('"
    clause = Clause(hostile, Compare("==", Ref(hostile, T.TEXT), Constant(hostile, T.TEXT)), None, False)
    assert generate([clause])({hostile: hostile}) == (frozenset({hostile}), frozenset())
    assert repr(hostile) in generate([clause]).source


def test_equal_parts_are_worked_out_once():
    many = [Clause(str(n), All((A, B)), Not(A), True) for n in range(50)]
    assert generate(many).source.count("get('a')") == 1


@given(st.lists(st.tuples(worlds.conditions(1), st.booleans()), max_size=4), worlds.facts())
@settings(max_examples=100, deadline=None)
def test_the_generated_function_marks_what_is_undecided(parts, facts):
    fired, undecided = generate([Clause(str(n), when, None, may) for n, (when, may) in enumerate(parts)])(facts)
    assert undecided == {str(n) for n, (when, _) in enumerate(parts) if evaluate(when, facts) is None}
    assert {n for n in undecided if n in fired} == {str(n) for n, (_, may) in enumerate(parts) if may} & undecided
