"""Workers that are killed lose nothing: a short run of the chaos of `tools.chaos`, on both stores."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.bundle import CompiledBundle
from engine.outbound.conduct import POINTS
from engine.outbound.people import people
from engine.outbound.simulate import BEGINS
from engine.source.documents import Sources
from tools.chaos import Ground, run


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_is_lost_when_workers_are_killed(
    kind: str, new_url: Callable[[str], str], small: CompiledBundle, small_sources: Sources, tmp_path: Path
) -> None:
    crowd = people(20, 1, BEGINS.date())
    ground = Ground(new_url(kind), small, small_sources, "call", tmp_path, crowd)
    killed, wrong = run(ground, jobs=90, kills=2, at_random=4, seed=3)
    assert wrong == []
    assert {point: killed[point] for point in POINTS} == dict.fromkeys(POINTS, 2)
    assert ground.dials.read_text().count("\n") > 20


def test_it_is_said_when_fewer_workers_were_killed_than_was_asked_for(
    new_url: Callable[[str], str], small: CompiledBundle, small_sources: Sources, tmp_path: Path
) -> None:
    ground = Ground(new_url("sqlite"), small, small_sources, "call", tmp_path, people(1, 1, BEGINS.date()))
    killed, wrong = run(ground, jobs=1, kills=3, at_random=2, seed=3)
    assert wrong == [
        *(
            f"only {killed[point]} of 3 workers were killed {point.replace('_', ' ')}: enqueue more --jobs"
            for point in POINTS
            if killed[point] < 3
        ),
        "only 0 of 2 workers were killed at random: enqueue more --jobs",
    ]
    assert len(wrong) > 2
