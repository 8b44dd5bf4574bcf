"""Documents laid out: the same digest, the same comments, and nothing more to do the second time."""

from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.source.canonical import canonical
from engine.source.read import read_folder
from engine.source.syntax import parse
from engine.views.layout import WIDTH, lay_out
from tests.engine.runtime.calls import SMALL, texts

ROOT = Path(__file__).resolve().parents[3]
NAME = PurePosixPath("flows/x.yaml")


def comments(text: str) -> list[str]:
    return sorted(line.strip() for line in text.split("\n") if line.strip().startswith("#"))


def says(text: str) -> str:
    parsed = parse(text, NAME)
    assert parsed.findings == ()
    return canonical(parsed.root)


@pytest.mark.parametrize("path", sorted(map(str, texts())))
def test_the_small_bundle_says_the_same_after(path: str) -> None:
    text = texts()[PurePosixPath(path)]
    laid = lay_out(text, NAME)
    assert says(laid) == says(text)
    assert lay_out(laid, NAME) == laid


def test_the_shipped_bundle_says_the_same_after() -> None:
    found = read_folder(ROOT).texts
    assert len(found) > 20
    for path, text in list(found.items())[:80]:
        laid = lay_out(text, path)
        assert says(laid) == says(text), path
        assert comments(laid) == comments(text), path
        assert lay_out(laid, path) == laid, path


def test_a_document_opens_in_one_order_and_keeps_its_comments() -> None:
    text = """\
# about this file
title: x
# the kind
kind: flow
callwright: 1
states:
    a:
        say: b
        # why
        hears: {c: {go: d}}
"""
    assert lay_out(text, NAME) == """\
# about this file
callwright: 1
# the kind
kind: flow
title: x
states:
  a:
    say: b
    # why
    hears: {c: {go: d}}
"""


def test_a_long_sentence_stands_under_a_fold() -> None:
    words = " ".join(["word"] * 40)
    laid = lay_out(f"prompts:\n  a: {words}\n", NAME)
    assert laid.startswith("prompts:\n  a: >-\n    word word")
    assert max(map(len, laid.split("\n"))) <= WIDTH
    assert says(laid) == says(f"prompts:\n  a: {words}\n")


def test_a_long_list_stands_an_item_a_line() -> None:
    items = ", ".join(f"condition_{n} == {n}" for n in range(8))
    laid = lay_out(f"rules:\n  a:\n    when: [{items}]\n", NAME)
    assert "    when:\n      - condition_0 == 0\n      - condition_1 == 1\n" in laid


def test_what_cannot_be_read_is_left_alone() -> None:
    broken = "a: [1\nb:\t2\n"
    assert lay_out(broken, NAME) == broken


KEYS = st.sampled_from(["a", "b", "kind", "title", "callwright", "longer_name"])
LEAVES = st.sampled_from(["x", "'it''s'", '"q\\u00e9"', "no", "21:00", "a b c", "[p, q]", "{r: s}", "''"])


@st.composite
def documents(draw: st.DrawFn, depth: int = 0) -> str:
    step = draw(st.sampled_from([2, 3, 4]))
    lines: list[str] = []
    for key in draw(st.lists(KEYS, min_size=1, max_size=4, unique=True)):
        if draw(st.booleans()) and draw(st.booleans()):
            lines.append(f"# note on {key}")
        if depth < 2 and draw(st.booleans()):
            inner = draw(documents(depth=depth + 1))
            lines += [f"{key}:", *(" " * step + line for line in inner.split("\n"))]
        elif draw(st.booleans()):
            lines += [f"{key}:", *(f"{' ' * step}- {leaf}" for leaf in draw(st.lists(LEAVES, min_size=1, max_size=3)))]
        else:
            lines.append(f"{key}: {draw(LEAVES)}{draw(st.sampled_from(['', '   ']))}")
    return "\n".join(lines)


@settings(max_examples=150, deadline=None)
@given(documents())
def test_any_document_says_the_same_and_settles_at_once(text: str) -> None:
    laid = lay_out(text + "\n", NAME)
    assert says(laid) == says(text + "\n")
    assert comments(laid) == comments(text)
    assert lay_out(laid, NAME) == laid


def test_the_bundle_keeps_its_digest(tmp_path: Path) -> None:
    from engine.compiler import compile_bundle
    from engine.source.read import read_texts

    before = compile_bundle(read_folder(SMALL)).need().digest
    after = compile_bundle(read_texts({p: lay_out(t, p) for p, t in texts().items()})).need().digest
    assert after == before
