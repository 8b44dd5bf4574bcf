"""Two versions compared by meaning: every edit classed right, every weakening shown on both versions."""

import time
from datetime import date

import pytest

from engine.views.diff import compare
from engine.views.diff.calls import Given
from engine.views.diff.change import Change, Difference, Direction, Level
from tests.engine.runtime.calls import AT, FACTS, small, texts
from tests.engine.views.edits import NOT_WEAKER, WEAKER, edited_texts, made

AS_OF = date(2026, 3, 10)
GIVEN = Given(AT, FACTS, ("America/Chicago",))


def difference(path: str, old: str, new: str) -> Difference:
    files = edited_texts(path, old, new)
    return compare(small(), made(files), AS_OF, texts=(texts(), files), given=GIVEN)


def weaker(found: Difference) -> list[Change]:
    return [c for c in found.changes if c.direction in (Direction.WEAKER, Direction.BOTH)]


@pytest.mark.parametrize("name", WEAKER)
def test_a_weakening_is_found_with_a_witness_that_both_versions_confirm(name: str) -> None:
    found = difference(*WEAKER[name])
    assert found.unsafe
    shown = [c for c in weaker(found) if c.witness is not None]
    assert shown, [(c.subject, c.what, c.direction) for c in found.changes]
    for change in shown:
        assert change.level is Level.SAFETY
        assert change.witness is not None
        assert change.witness.confirmed
        assert change.witness.before != change.witness.after
        assert change.witness.told


@pytest.mark.parametrize("name", NOT_WEAKER)
def test_what_does_not_weaken_is_not_called_weaker(name: str) -> None:
    path, old, new, level = NOT_WEAKER[name]
    found = difference(path, old, new)
    assert weaker(found) == []
    if level is None:
        assert found.same
        assert found.layout == (path,)
    else:
        assert found.changes[0].level is level, [(c.level, c.subject, c.what) for c in found.changes]


def test_forty_edits_are_made() -> None:
    assert len(WEAKER) >= 20
    assert len(NOT_WEAKER) >= 20


def test_the_same_bundle_differs_in_nothing() -> None:
    assert compare(small(), small(), AS_OF).same


def test_all_edits_are_compared_quickly() -> None:
    begun = time.perf_counter()
    difference(*WEAKER["more calls are allowed"])
    assert time.perf_counter() - begun < 5
