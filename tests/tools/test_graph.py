"""``callwright graph``: what is written, and the exit status."""

import subprocess
from pathlib import Path

import pytest

from tests.engine.runtime.calls import texts
from tests.tools.console import TOLD, run, small


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the small bundle with its told scenarios."""
    for path, text in texts().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "promise.yaml").write_text((TOLD / "promise.yaml").read_text("utf-8"), "utf-8")
    return tmp_path


def test_the_outline_is_what_is_printed() -> None:
    ran = small("graph")
    assert ran.status == 0
    assert "A small call (call 1.0.0)" in ran.out
    assert "ask_payment [guaranteed: party verified;" in ran.out


def test_the_file_name_says_the_format(tmp_path: Path) -> None:
    starts = {
        "flow.svg": b"<svg",
        "flow.png": b"\x89PNG",
        "flow.dot": b"digraph",
        "flow.mmd": b"flowchart",
        "flow.html": b"<!doctype",
    }
    for name, start in starts.items():
        assert small("graph", "call", "-o", tmp_path / name).status == 0
        assert (tmp_path / name).read_bytes().startswith(start)


def test_everything_can_be_laid_over(copy: Path) -> None:
    def git(*words: str) -> None:
        subprocess.run(
            ["git", "-C", str(copy), "-c", "user.name=a", "-c", "user.email=a@b", *words],
            check=True,
            capture_output=True,
        )

    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "one")
    flow = copy / "flows" / "call" / "flow.yaml"
    flow.write_text(
        flow.read_text("utf-8").replace("refuse: {say: goodbye, end: refused}", "refuse: {go: read_back}"), "utf-8"
    )
    ran = run(
        "graph", "--bundle", copy, "--format", "html", "--coverage", "--play", "--diff", "HEAD", "--as-of", "2026-03-01"
    )
    assert ran.status == 0
    for part in (
        '"coverage":{"calls":',
        '"marks":{"arrows":[',
        '"states":{"ask_payment":"changed"}',
        '"play":{"opening":0',
    ):
        assert part in ran.out


def test_what_is_not_there_is_named() -> None:
    ran = small("graph", "calls")
    assert ran.status == 2
    assert "there is no call flow `calls`; there is `call`" in ran.err
    ran = small("graph", "--format", "html", "--call", "nobody")
    assert ran.status == 2
    assert "there is no scenario `nobody`; recorded calls need --store" in ran.err
    ran = small("graph", "--format", "html", "--diff", "no-such-thing")
    assert ran.status == 3
    assert "`no-such-thing` is no folder and no git revision" in ran.err
    assert small("graph", "--as-of", "soon").status == 2


def test_a_picture_that_cannot_be_drawn_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.views.drawing.PROGRAM", "no-such-program")
    ran = small("graph", "--format", "svg")
    assert ran.status == 3
    assert "picture not drawn: install `callwright[graph]`" in ran.err
