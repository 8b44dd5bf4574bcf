"""Every scenario of the shipped bundle is a test; a failure shows its file, its line and what went otherwise."""

from pathlib import Path, PurePosixPath

import pytest

from engine.bundle import CompiledBundle
from engine.rehearsal.replay import replay
from engine.rehearsal.scenario import read_scenario
from engine.rehearsal.transcript import transcript
from engine.source.read import read_document
from engine.source.render import render

ROOT = Path(__file__).resolve().parent.parent
STORIES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "scenarios").rglob("*.yaml"))


@pytest.mark.parametrize("path", STORIES)
def test_scenario(path: str, shipped: CompiledBundle) -> None:
    name = PurePosixPath(path)
    text = (ROOT / path).read_text("utf-8")
    document, found = read_document(text, name)
    scenario, problems = read_scenario(document, shipped) if document else (None, ())
    wrong = [*found, *problems]
    if scenario is None:
        pytest.fail("\n\n".join(render(finding, {name: text}) for finding in wrong), pytrace=False)
    played = replay(shipped, scenario)
    if not played.passed:
        failures = "\n\n".join(render(finding, {name: text}) for finding in played.failures)
        pytest.fail(f"{failures}\n\n{transcript(played, shipped)}", pytrace=False)


def test_there_are_scenarios() -> None:
    assert STORIES, "no scenario was found, so nothing would be held to anything"
