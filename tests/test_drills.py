"""Drills: the shipped rules, under a flow that does everything wrong.

The shipped flows keep the rules by themselves, so no call through them shows a
rule holding anything back. Here the same policies and prompts meet a careless
flow, and each drill says which rules must hold it back.
"""

from pathlib import Path, PurePosixPath
from shutil import copytree

import pytest

from engine.bundle import CompiledBundle
from engine.rehearsal.replay import replay
from engine.rehearsal.scenario import read_scenario
from engine.rehearsal.transcript import transcript
from engine.source.read import read_document
from engine.source.render import render
from tests.conftest import ROOT, compiled

HERE = ROOT / "tests" / "drills"
DRILLS = sorted(path.name for path in (HERE / "scenarios").glob("*.yaml"))


@pytest.fixture(scope="module")
def careless(tmp_path_factory: pytest.TempPathFactory) -> CompiledBundle:
    """Return the shipped bundle with the careless flow beside its own."""
    folder: Path = tmp_path_factory.mktemp("careless")
    copytree(ROOT / "policies", folder / "policies")
    copytree(ROOT / "flows", folder / "flows")
    copytree(HERE / "flows", folder / "flows", dirs_exist_ok=True)
    return compiled(folder)


@pytest.mark.parametrize("name", DRILLS)
def test_drill(name: str, careless: CompiledBundle) -> None:
    path = PurePosixPath("scenarios") / name
    text = (HERE / path).read_text("utf-8")
    document, found = read_document(text, path)
    scenario, problems = read_scenario(document, careless) if document else (None, ())
    if scenario is None:
        pytest.fail("\n\n".join(render(finding, {path: text}) for finding in [*found, *problems]), pytrace=False)
    played = replay(careless, scenario)
    failures = "\n\n".join(render(finding, {path: text}) for finding in played.failures)
    assert played.passed, f"{failures}\n\n{transcript(played, careless)}"


def test_there_are_drills() -> None:
    assert DRILLS, "no drill was found, so no rule would be seen to hold anything back"
