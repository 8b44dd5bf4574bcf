"""The fast look at a document's shape says the same as ``jsonschema``, on what fits and on what does not."""

import copy
import random
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from engine.source.quick import Quick
from engine.source.read import read_folder
from engine.source.schema import packaged
from engine.source.shape import typed
from engine.terms import Kind

ROOT = Path(__file__).parents[3]
ODD: tuple[Any, ...] = (
    "",
    "x",
    "no such word",
    0,
    -1,
    7,
    1.0,
    2.5,
    True,
    False,
    [],
    ["a", "a"],
    {},
    {"x": 1},
    [{}],
    [[]],
)


def documents(kind: Kind) -> list[Any]:
    return [typed(d.root, packaged(kind)) for d in read_folder(ROOT).of(kind)][:40]


def places(data: Any) -> list[tuple[Any, Any]]:
    """Return every (holder, key) within *data*."""
    found: list[tuple[Any, Any]] = []
    waiting = [data]
    while waiting:
        one = waiting.pop()
        keys = list(one) if isinstance(one, dict) else range(len(one)) if isinstance(one, list) else ()
        for key in keys:
            found.append((one, key))
            waiting.append(one[key])
    return found


def harmed(data: Any, chance: random.Random) -> Any:
    data = copy.deepcopy(data)
    for _ in range(chance.choice([1, 1, 2])):
        held = places(data)
        holder, key = chance.choice(held)
        other, name = chance.choice(held)
        match chance.randrange(4):
            case 0:
                holder[key] = chance.choice(ODD)
            case 1 if isinstance(holder, dict):
                del holder[key]
            case 2 if isinstance(holder, dict):
                holder[str(name)] = copy.deepcopy(other[name])
            case _:
                holder[key] = copy.deepcopy(other[name])
    return data


@pytest.mark.parametrize("kind", list(Kind))
def test_both_say_the_same_of_what_ships_and_of_what_is_harmed(kind: Kind) -> None:
    quick, judge, chance = Quick(packaged(kind)), Draft202012Validator(packaged(kind)), random.Random(f"harm {kind}")
    shipped = documents(kind)
    assert all(quick.fits(data) for data in shipped)
    unlike = 0
    for _ in range(150):
        data = harmed(min(chance.sample(shipped, min(3, len(shipped))), key=lambda d: len(str(d))), chance)
        fits = judge.is_valid(data)
        unlike += not fits
        assert not quick.fits(data) or fits, data
        assert fits == quick.fits(data) or not _plain(data), data
    assert unlike > 30


def _plain(data: Any) -> bool:
    """Return whether *data* holds nothing that is left to the other: fractions, and more than words in lists."""
    left = (holder[key] for holder, key in places(data) if isinstance(holder, list) or isinstance(holder[key], float))
    return all(isinstance(value, str) for value in left)


@pytest.mark.parametrize(
    "schema", [{"format": "date"}, {"patternProperties": {}}, {"$ref": "other"}, {"type": ["string"]}, {"then": {}}]
)
def test_what_it_does_not_know_surely_fits_nothing(schema: dict[str, Any]) -> None:
    assert not Quick(schema).fits("x")
    assert not Quick({"not": schema}).fits("x")
    assert not Quick({"if": schema, "else": True}).fits("x")
