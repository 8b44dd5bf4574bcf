"""``make bench`` prints figures beside those of the bare libraries, on the same work."""

import json
import shutil
from pathlib import Path

from click.testing import CliRunner

from engine.bundle import CompiledBundle
from engine.rehearsal.scenario import read_scenario
from tests.tools.console import ROOT, SMALL
from tools.bench import bare_moves, bare_rules, bench, recorded
from tools.bundles import read_scenarios


def test_the_bare_libraries_are_given_the_same_work(shipped: CompiledBundle) -> None:
    sources = read_scenarios([Path("scenarios/promises/on_february_20.yaml")], ROOT)
    story, _ = read_scenario(sources.documents[0], shipped)
    assert story is not None
    work = recorded(shipped, [story])
    assert len(work) == len(story.lines) + 1
    assert all(one.asked for one in work), "every turn asks the rules something"
    assert work[-1].moves
    assert len(bare_rules(work)) == len(bare_moves(shipped, work)) == len(work)
    for turn in (*bare_rules(work), *bare_moves(shipped, work)):
        turn()


def test_figures_and_ratios() -> None:
    ran = CliRunner().invoke(bench, ["--rounds", "1", "--sessions", "500", "--format", "json", "--bundle", str(ROOT)])
    assert ran.exit_code == 0, ran.output
    data = json.loads(ran.stdout)
    figures = {one["name"]: one for one in data["milliseconds"]}
    assert set(figures) == {"step, from words", "step, from intents", "bare durable_rules", "bare transitions"}
    assert figures["step, from intents"]["median"] < 1.0
    assert figures["step, from words"]["median"] < 2.0
    assert data["ratios"]["median"] > 1
    assert data["turns"] > 100
    assert data["memory"]["at_the_end_mb"] - data["memory"]["after_a_tenth_mb"] < 10


def test_the_figures_in_words() -> None:
    ran = CliRunner().invoke(bench, ["--rounds", "1", "--sessions", "50", "--bundle", str(ROOT)])
    assert ran.exit_code == 0, ran.output
    for part in (
        "step, from words",
        "bare durable_rules",
        "times what durable_rules takes alone",
        "50 sessions in one",
    ):
        assert part in ran.stdout


def test_without_a_call_there_is_nothing_to_time(tmp_path: Path) -> None:
    shutil.copytree(SMALL, tmp_path, dirs_exist_ok=True)
    ran = CliRunner().invoke(bench, ["--bundle", str(tmp_path)])
    assert ran.exit_code == 3
