"""Differences of numbers have the regions that trying all small numbers has."""

import random
from itertools import product

import pytest

from engine.checks.prove import differences
from engine.checks.prove.differences import NotDifferences, Number, assignments
from engine.checks.prove.regions import Cluster, Mobility, Tracked
from engine.checks.prove.truth import FALSE, TRUE, UNKNOWN, truth
from engine.expressions.evaluate import evaluate
from engine.expressions.tree import Arithmetic, Compare, Condition, Constant, Expression, Ref, Value
from engine.expressions.values import DAY, RANGES
from engine.terms import ValueType

INT = ValueType.INT
NAMES = ("a", "b", "c")


def term(chance: random.Random, wait: bool) -> Expression:
    name: Expression = Ref(chance.choice(NAMES), INT)
    if chance.random() < 0.3:
        return Constant(chance.randint(-2, 2), INT)
    if chance.random() < 0.6:
        by: Expression = Ref("wait", INT) if wait and chance.random() < 0.5 else Constant(chance.randint(0, 2), INT)
        return Arithmetic(chance.choice("+-"), name, by, INT)
    return name


def regions(found: list[dict[str, Value]], atoms: list[Condition]) -> set[tuple[object, ...]]:
    return {(*(one[name] is None for name in sorted(one)), *(truth(atom, one) for atom in atoms)) for one in found}


@pytest.mark.parametrize("seed", range(80))
def test_all_regions_are_found_and_no_other(seed: int) -> None:
    chance = random.Random(f"differences {seed}")
    unknown, wait = chance.random() < 0.4, chance.random() < 0.4
    atoms: list[Condition] = [
        Compare(chance.choice(["==", "!=", "<", "<=", ">", ">="]), term(chance, wait), term(chance, wait))
        for _ in range(chance.randint(1, 4))
    ]
    numbers = [Number(name, (), unknown, -6, 6) for name in NAMES]
    numbers += [Number("wait", (0, 2), False, 0, 2)]
    values = [*range(-6, 7), *([None] if unknown else [])]
    tried = [dict(zip((*NAMES, "wait"), some, strict=True)) for some in product(values, values, values, (0, 2))]
    found = list(assignments(tuple(numbers), atoms))
    assert all(one[name] is None or -6 <= one[name] <= 6 for one in found for name in NAMES)
    assert regions(found, atoms) == regions(tried, atoms)


def test_a_sum_of_two_facts_that_may_be_anything_is_left_to_the_solver() -> None:
    both = Arithmetic("+", Ref("a", INT), Ref("b", INT), INT)
    with pytest.raises(NotDifferences):
        list(assignments(tuple(Number(name, (), False, -9, 9) for name in NAMES), [Compare("<=", both, Ref("c", INT))]))


DATE, WAIT = ValueType.DATE, ValueType.DURATION
WAITS = (0, DAY, 30 * DAY, 3 * DAY + DAY // 2)
FIRST, LAST = RANGES[DATE]


def day(chance: random.Random) -> Expression:
    name = Ref(chance.choice(("said", "due")), DATE)
    if chance.random() < 0.3:
        return name
    by: Expression = Ref("wait", WAIT) if chance.random() < 0.5 else Constant(chance.choice(WAITS), WAIT)
    return Arithmetic(chance.choice("+-"), name, by, DATE)


def length(chance: random.Random) -> Expression:
    if chance.random() < 0.5:
        return Arithmetic("-", Ref("said", DATE), Ref("due", DATE), WAIT)
    return Constant(chance.choice(WAITS), WAIT)


def left_to_the_solver(*_: object) -> None:
    raise NotDifferences


@pytest.mark.parametrize("solved", [False, True])
@pytest.mark.parametrize("seed", range(25))
def test_days_and_lengths_of_time_are_reckoned_as_in_a_call(
    seed: int, solved: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(f"days {seed}")
    atoms: list[Condition] = []
    for _ in range(chance.randint(1, 3)):
        term = chance.choice((day, day, length))
        atoms.append(Compare(chance.choice(["==", "!=", "<", "<=", ">", ">="]), term(chance), term(chance)))
    facts = tuple(Tracked(name, DATE, Mobility.HEARD, unknown=False) for name in ("due", "said"))
    wait = Tracked("wait", WAIT, Mobility.FIXED, unknown=False, only=WAITS)
    if solved:
        monkeypatch.setattr(differences, "assignments", left_to_the_solver)
    found = Cluster((*facts, wait), tuple(atoms), ()).witnesses
    answers = {True: TRUE, False: FALSE, None: UNKNOWN}
    for one in found:
        for atom in atoms:
            assert truth(atom, one) == answers[evaluate(atom, one)]
    ways = {tuple(truth(atom, one) for atom in atoms) for one in found}
    near = [FIRST, FIRST + 2, 739_000, 739_001, 739_003, 739_004, 739_030, 739_031, LAST - 2, LAST]
    for said, due, waited in product(near, near, WAITS):
        met = tuple(answers[evaluate(atom, {"said": said, "due": due, "wait": waited})] for atom in atoms)
        assert met in ways, (said, due, waited)


@pytest.mark.parametrize("op", ["==", "!=", "<", "<=", ">", ">="])
def test_a_difference_of_two_facts_is_cut_where_they_differ_by_so_much(op: str) -> None:
    a, b = Ref("a", INT), Ref("b", INT)
    atoms: list[Condition] = [
        Compare(op, Arithmetic("-", a, b, INT), Constant(2, INT)),
        Compare("<=", Constant(1, INT), Arithmetic("-", b, Constant(1, INT), INT)),
        Compare(">", a, Constant(0, INT)),
    ]
    numbers = (Number("a", (), False, -6, 6), Number("b", (), False, -6, 6))
    tried: list[dict[str, Value]] = [{"a": x, "b": y} for x in range(-6, 7) for y in range(-6, 7)]
    assert regions(list(assignments(numbers, atoms)), atoms) == regions(tried, atoms)
