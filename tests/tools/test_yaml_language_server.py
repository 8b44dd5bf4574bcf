"""The standard YAML plug-in of editors, with a bundle's own schema: findings and completion from the real server."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.console import SMALL, small
from tests.tools.editor import Editor

VERSION = "1.25.0"
KEPT = Path.home() / ".cache" / "callwright-tests" / f"yaml-language-server-{VERSION}"
FLOW = "flows/call/flow.yaml"
SETTINGS = {"yaml": {"validate": True, "completion": True, "schemaStore": {"enable": False}}}


def server() -> list[str]:
    """Return the command of the server, installed now if need be.

    Raises:
        RuntimeError: It cannot be installed; the text says what to do.
    """
    if shutil.which("npm") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-y", "-qq", "npm"], capture_output=True, check=False)
    program = KEPT / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
    if not program.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        wanted = f"yaml-language-server@{VERSION}"
        if shutil.which("npm") is None:
            raise RuntimeError("no npm: install Node.js, which brings it")
        done = subprocess.run(
            ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(KEPT), wanted],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"`npm install {wanted}` failed: {done.stderr.strip()[-300:]}")
    return ["node", str(program), "--stdio"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("plugin") / "small"
    shutil.copytree(SMALL, place)
    assert small("schema", "-o", place / "schemas").status == 0
    return place


@pytest.fixture(scope="module")
def editor(folder: Path) -> Iterator[Editor]:
    session = Editor(folder, server())
    session.tell("workspace/didChangeConfiguration", settings=SETTINGS)
    yield session
    session.close()


def text_of(folder: Path) -> str:
    return "# yaml-language-server: $schema=../../schemas/flow.json\n" + (folder / FLOW).read_text("utf-8")


def test_a_right_flow_has_no_findings_and_a_misspelt_state_has_one(editor: Editor, folder: Path) -> None:
    text = text_of(folder)
    assert editor.open(FLOW, text) == []
    found, _ = editor.change(FLOW, text.replace("go: read_back", "go: read_bak"), 2)
    assert len(found) == 1
    assert '"read_back"' in found[0]["message"]


def test_the_bundles_own_states_are_offered(editor: Editor, folder: Path) -> None:
    line = "      refuse: {go: }"
    text = text_of(folder).replace("      refuse: {say: goodbye, end: refused}", line)
    editor.change(FLOW, text, 3)
    place = {"line": text.split("\n").index(line), "character": len(line) - 1}
    offered = editor.ask("textDocument/completion", textDocument={"uri": editor.uri(FLOW)}, position=place)
    items = offered["items"] if isinstance(offered, dict) else offered
    assert {"ask_payment", "greeting", "read_back"} <= {item["label"] for item in items}
