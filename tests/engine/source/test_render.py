"""A finding is shown with its line, its place marked under it, and the mend."""

import json
from pathlib import PurePosixPath

from engine.source.finding import Edit, Finding, Level, Note
from engine.source.render import render, to_json
from engine.source.span import NOWHERE, Span

PATH = PurePosixPath("flows/verify/flow.yaml")
TEXTS = {PATH: "states:\n  verify:\n  disclosure:\n\tx\u202ey: " + "long " * 80 + "\n"}


def test_a_finding_is_shown_whole() -> None:
    finding = Finding(
        Span(PATH, 3, 3, 10),
        "unreachable-state",
        "no transition leads to `disclosure`",
        help="point a transition at `disclosure`, or delete it",
        why="12 CFR 1006.18(e)",
        how=("agent: Hello.", "callee: Yes."),
        notes=(Note(Span(PATH, 2, 3, 6), "the state before it"),),
        also=("balance",),
    )
    assert render(finding, TEXTS) == (
        "error[unreachable-state]: no transition leads to `disclosure`\n"
        " --> flows/verify/flow.yaml:3:3\n"
        "3 |   disclosure:\n"
        "  |   ^^^^^^^^^^\n"
        "  = the state before it:\n"
        " --> flows/verify/flow.yaml:2:3\n"
        "2 |   verify:\n"
        "  |   ^^^^^^\n"
        "  = help: point a transition at `disclosure`, or delete it\n"
        "  = why: 12 CFR 1006.18(e)\n"
        "  = how it happens:\n"
        "      agent: Hello.\n"
        "      callee: Yes.\n"
        "  = also: balance"
    )


def test_a_line_is_shown_without_what_cannot_be_seen_and_cut_to_its_place() -> None:
    shown = render(Finding(Span(PATH, 4, 300, 4), "x", "y", level=Level.NOTE), TEXTS).split("\n")
    assert shown[0] == "note[x]: y"
    assert len(shown[2]) <= 144
    marked = [a for a, b in zip(shown[2], shown[3], strict=False) if b == "^"]
    assert "".join(marked) == TEXTS[PATH].split("\n")[3][299:303]
    assert "\u202e" not in render(Finding(Span(PATH, 4, 3), "x", "y"), TEXTS)


def test_a_place_without_text_is_named_all_the_same() -> None:
    assert render(Finding(NOWHERE, "x", "y"), {}) == "error[x]: y\n --> <built in>:1:1"


def test_data_says_all_that_is_known() -> None:
    finding = Finding(Span(PATH, 3, 3, 10), "x", "y", edits=(Edit(Span(PATH, 3, 3, 10), "z"),), where="verify/states")
    data = to_json(finding)
    assert json.loads(json.dumps(data)) == {
        "rule": "x",
        "level": "error",
        "message": "y",
        "path": "flows/verify/flow.yaml",
        "line": 3,
        "column": 3,
        "width": 10,
        "edits": [{"text": "z", "path": "flows/verify/flow.yaml", "line": 3, "column": 3, "width": 10}],
        "where": "verify/states",
    }
