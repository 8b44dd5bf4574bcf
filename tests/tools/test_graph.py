"""``callwright graph``: what is written, and the exit status."""

import base64
import subprocess
from pathlib import Path

import pytest

from engine.calls import Calls, NewCall, Shelf
from engine.records.parties import Parties
from engine.runtime.session import Event
from engine.source.read import read_folder
from engine.terms import EventKind
from tests.engine.runtime.calls import FACTS, texts
from tests.tools.console import SMALL, TOLD, run, small
from tools.stores import opened


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
    assert "there is no scenario `nobody`; recorded calls need --database" in ran.err
    ran = small("graph", "--format", "html", "--diff", "no-such-thing")
    assert ran.status == 3
    assert "`no-such-thing` is no folder and no git revision" in ran.err
    assert small("graph", "--as-of", "soon").status == 2


def test_a_picture_that_cannot_be_drawn_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.views.drawing.PROGRAM", "no-such-program")
    ran = small("graph", "--format", "svg")
    assert ran.status == 3
    assert "picture not drawn: install `callwright[graph]`" in ran.err


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the address of a store with two calls in it: one stopped at once, one verified."""
    key = base64.b64encode(bytes(range(32))).decode()
    monkeypatch.setenv("CALLWRIGHT_KEY", f"k1:{key}")
    url = f"sqlite:///{tmp_path / 'calls.db'}"
    with opened(url) as store:
        shelf = Shelf(store)
        shelf.publish(read_folder(Path(SMALL)))
        calls = Calls(store, shelf)
        for number, heard in enumerate((("stop_calling",), ("identity_confirmed", "refuse"))):
            parties = Parties(f"a{number}", f"p{number}", f"+1512555000{number}", ("d1",))
            session = calls.begin(NewCall(parties, FACTS, zones=("America/Chicago",)))
            events = [Event(EventKind.ANSWERED, session.started)]
            events += [Event(EventKind.INTENTS, session.started, intents=(intent,)) for intent in heard]
            for turn, event in enumerate(events, 1):
                calls.turn(session.call_id, turn, event)
    return url


def test_recorded_calls_are_laid_over(database: str) -> None:
    ran = small("graph", "--format", "html", "--traffic", "--database", database)
    assert ran.status == 0, ran.err
    assert '"traffic":{"calls":2,"states":{"greeting":2,"verify.zip":1}' in ran.out
    with opened(database) as store:
        call = store.calls.list()[0].id
    ran = small("graph", "--format", "html", "--call", call, "--database", database)
    assert f'"title":"recorded call {call}"' in ran.out
    assert '"callee":"(identity_confirmed)"' in ran.out
    ran = small("graph", "--format", "html", "--call", "nobody", "--database", database)
    assert ran.status == 3
    assert "neither among the scenarios nor in the store" in ran.err


def test_a_kept_digest_is_a_version(database: str) -> None:
    with opened(database) as store:
        digest = store.bundles.current()
    ran = run("diff", digest, SMALL, "--database", database, "--no-scenarios", "--exit-code")
    assert ran.status == 0, ran.err
    assert "no change in meaning" in ran.out
