"""Which encoder is heard with is chosen in one way: for commands, the server and workers alike."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.records.store import open_store
from engine.runtime.prepared import prepare
from server.desk import Desk
from server.settings import Settings
from tests.engine.conftest import new_url, postgres_server
from tests.engine.kept import KEYS
from tests.tools.console import SMALL, run
from tools.bundles import open_bundle

__all__ = ["new_url", "postgres_server"]


def own(tmp_path: Path) -> Path:
    """Return a copy of the small bundle that means other words than any other test's."""
    folder = tmp_path / "bundle"
    shutil.copytree(SMALL, folder)
    file = folder / "flows" / "intents.en-US.yaml"
    text = file.read_text("utf-8")
    changed = text.replace("examples: ['yes'", f"examples: ['words of {tmp_path.name}', 'yes'")
    assert changed != text
    file.write_text(changed)
    return folder


@pytest.mark.parametrize(
    "command", [("understand", "hello"), ("lint",), ("replay",), ("serve", "--port", "0"), ("simulate", "--calls", "1")]
)
def test_an_encoder_that_there_is_not_is_refused(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CALLWRIGHT_ENCODER", "bert")
    monkeypatch.setenv("CALLWRIGHT_DATABASE", f"sqlite:///{tmp_path}/calls.db")
    ran = run(*command, "--bundle", own(tmp_path))
    assert ran.status == 3
    assert "CALLWRIGHT_ENCODER: there is no encoder `bert`: use `use`" in ran.err


def test_commands_hear_with_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = own(tmp_path)
    plain = prepare(open_bundle(folder).bundle).recogniser
    monkeypatch.setenv("CALLWRIGHT_ENCODER", "use")
    assert prepare(open_bundle(folder).bundle).recogniser is not plain
    assert {"CALLWRIGHT_ENCODER=use"} <= set(run("--help").out.split())


def test_the_server_hears_with_it(new_url: Callable[[str], str], tmp_path: Path) -> None:
    opened = open_bundle(own(tmp_path))
    plain = prepare(opened.bundle).recogniser
    store = open_store(new_url("sqlite"), KEYS)
    try:
        desk = Desk(store, Settings(encoder="use"))
        store.bundles.publish(opened.bundle.digest, opened.sources.texts)
        assert desk.make_ready(opened.bundle.digest).reason == ""
        assert prepare(opened.bundle).recogniser is not plain
    finally:
        store.close()
