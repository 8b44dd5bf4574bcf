"""Did you mean: near words are found, far ones are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.source.suggest import distance, suggest


@pytest.mark.parametrize(
    ("word", "candidates", "meant"),
    [
        ("sya", ["say", "silence", "go"], "say"),
        ("goodby", ["goodbye", "greeting"], "goodbye"),
        ("Stop-Calling", ["stop_calling", "human"], "stop_calling"),
        ("x", ["y"], None),
        ("do", ["go"], None),
        ("verify", ["greeting", "ask_payment"], None),
        ("cat", ["hat", "bat"], "bat"),
        ("say", ["say"], None),
        ("a" * 61, ["a" * 60], None),
        ("", ["a"], None),
    ],
)
def test_the_nearest_word_is_meant(word: str, candidates: list[str], meant: str | None) -> None:
    assert suggest(word, candidates) == meant
    assert suggest(word, reversed(candidates)) == meant


@pytest.mark.parametrize(
    ("left", "right", "slips"), [("ab", "ba", 1), ("abc", "ca", 3), ("", "abc", 3), ("kitten", "sitting", 3)]
)
def test_slips_are_counted(left: str, right: str, slips: int) -> None:
    assert distance(left, right) == slips


@given(st.text(max_size=8), st.text(max_size=8))
def test_a_distance_is_the_same_both_ways(left: str, right: str) -> None:
    assert distance(left, right) == distance(right, left)
    assert (distance(left, right) == 0) == (left == right)
