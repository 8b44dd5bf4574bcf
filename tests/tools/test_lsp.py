"""``callwright lsp``: a scripted session with a real server."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.console import SMALL
from tests.tools.editor import Editor

FLOW = "flows/call/flow.yaml"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("edited") / "small"
    shutil.copytree(SMALL, place)
    return place


@pytest.fixture(scope="module")
def editor(folder: Path) -> Iterator[Editor]:
    session = Editor(folder)
    yield session
    session.close()


def text_of(folder: Path) -> str:
    return (folder / FLOW).read_text("utf-8")


def at(text: str, found: str, into: int = 1) -> dict[str, int]:
    """Return the place of *found* in *text*, some letters into it."""
    before = text[: text.index(found) + into]
    return {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}


def test_a_whole_file_has_no_findings_and_a_misspelt_state_has_one(editor: Editor, folder: Path) -> None:
    text = text_of(folder)
    assert [d for d in editor.open(FLOW, text) if d["severity"] == 1] == []
    broken = text.replace("go: read_back", "go: read_bak")
    found, _ = editor.change(FLOW, broken, 2)
    errors = [d for d in found if d["severity"] == 1]
    assert [(d["code"], d["source"]) for d in errors] == [("unknown-state", "callwright")]
    assert "did you mean `read_back`?" in errors[0]["message"]
    start = at(broken, "read_bak", 0)
    assert errors[0]["range"] == {"start": start, "end": {**start, "character": start["character"] + 8}}


def test_a_safe_mend_is_offered_and_is_right(editor: Editor, folder: Path) -> None:
    text = text_of(folder)
    broken = text.replace("go: read_back", "go: read_bak")
    editor.change(FLOW, broken, 3)
    place = at(broken, "read_bak")
    actions = editor.ask(
        "textDocument/codeAction", textDocument={"uri": editor.uri(FLOW)}, range={"start": place, "end": place},
        context={"diagnostics": []},
    )  # fmt: skip
    edit = actions[0]["edit"]["changes"][editor.uri(FLOW)][0]
    lines = broken.split("\n")
    line, start, end = (
        edit["range"]["start"]["line"],
        edit["range"]["start"]["character"],
        edit["range"]["end"]["character"],
    )
    lines[line] = lines[line][:start] + edit["newText"] + lines[line][end:]
    assert "\n".join(lines) == text


@pytest.mark.parametrize(
    ("line", "wanted", "not_wanted"),
    [
        ("      refuse: {go: ", "read_back", "refused"),
        ("      refuse: {say: goodbye, end: ", "promise_to_pay", "read_back"),
        ("      refuse: {say: ", "goodbye", "refused"),
        ("      ", "affirm", "read_back"),
    ],
    ids=["states", "dispositions", "prompts", "intents"],
)
def test_what_fits_is_offered(editor: Editor, folder: Path, line: str, wanted: str, not_wanted: str) -> None:
    text = text_of(folder).replace("      refuse: {say: goodbye, end: refused}", line)
    editor.change(FLOW, text, 4)
    offered = editor.ask(
        "textDocument/completion", textDocument={"uri": editor.uri(FLOW)},
        position={"line": text.split("\n").index(line), "character": len(line)},
    )  # fmt: skip
    names = {item["label"] for item in offered}
    assert wanted in names
    assert not_wanted not in names


def test_a_name_tells_what_it_is_and_where_it_is_declared(editor: Editor, folder: Path) -> None:
    text = text_of(folder)
    editor.change(FLOW, text, 5)
    place = {"textDocument": {"uri": editor.uri(FLOW)}, "position": at(text, "say: balance_and_ask", 8)}
    told = editor.ask("textDocument/hover", **place)["contents"]["value"]
    assert "Our records show" in told
    where = editor.ask("textDocument/definition", **place)
    assert where[0]["uri"] == editor.uri("flows/call/prompts.en-US.yaml")


def test_a_rule_tells_its_source(editor: Editor, folder: Path) -> None:
    path = "policies/us/calls.yaml"
    text = (folder / path).read_text("utf-8")
    editor.open(path, text)
    told = editor.ask(
        "textDocument/hover", textDocument={"uri": editor.uri(path)}, position=at(text, "us.mini_miranda")
    )
    assert "12 CFR 1006.18(e)" in told["contents"]["value"]


def test_every_change_in_a_long_file_is_answered(editor: Editor, folder: Path) -> None:
    states = "".join(
        f"  s{n}:\n    say: greeting\n    hears:\n      affirm: {{go: s{n + 1}}}\n      deny: {{go: greeting}}\n"
        for n in range(95)
    )
    long = text_of(folder) + states + "  s95:\n    say: greeting\n    hears: {affirm: {go: s0}}\n"
    assert len(long.splitlines()) >= 500
    editor.change(FLOW, long, 10)
    editor.change(FLOW, long, 11)
    for n in range(20):
        found, _ = editor.change(FLOW, long.replace("go: s50}", f"go: s5{n % 10}}}"), 20 + n)
        assert [d for d in found if d["code"] == "unknown-state"] == []
    found, _ = editor.change(FLOW, long.replace("go: s50}", "go: s500}"), 50)
    assert [d["message"] for d in found if d["code"] == "unknown-state"]
