"""Any text at all becomes a tree or findings: never an exception, never a crash."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import PurePosixPath

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.source.finding import Finding
from engine.source.read import read_texts
from engine.source.span import Span
from engine.source.syntax import MAX_BYTES, MAX_DEPTH, Parsed, decode, parse
from engine.source.tree import Map, Node, Seq, Text

PATH = PurePosixPath("flows/x.yaml")
LOADERS = [pytest.param(yaml.CSafeLoader, id="libyaml"), pytest.param(yaml.SafeLoader, id="python")]

MARKS = [
    *"{}[]:,-#&*!|>'\"%@`?\\ \n\t\r",
    "\n  ",
    ": ",
    "- ",
    " #",
    "{{",
    "}}",
    "\n---\n",
    "<<: ",
    "\r\n",
    "\\x",
    "kind: flow\n",
]
YAMLISH = st.lists(st.sampled_from([*MARKS, "a", "b c", "é", "😀", "\u202e", "\ufeff", "\x00", "1"]), max_size=60).map(
    "".join
)


def nodes(node: Node) -> list[Node]:
    """Return *node* and everything below it."""
    found, waiting = [], [node]
    while waiting:
        part = waiting.pop()
        found.append(part)
        if isinstance(part, Map):
            waiting += [*part, *part.values()]
        elif isinstance(part, Seq):
            waiting += part
    return found


@given(st.one_of(YAMLISH, st.text(max_size=80)))
@example("\ud800")
@example("? - a\n")
@example("{a: , b}")
@settings(max_examples=1500, deadline=2000)
def test_any_text_gives_a_tree_or_findings(text: str) -> None:
    parsed = parse(text, PATH)
    assert (parsed.root is None) <= bool(parsed.findings)
    lines = text.split("\n")
    for finding in parsed.findings:
        assert 1 <= finding.span.line <= len(lines)
        assert 1 <= finding.span.column <= len(lines[finding.span.line - 1]) + 1
    read_texts({PATH: text})


@given(YAMLISH)
@settings(max_examples=300, deadline=2000)
def test_any_text_survives_the_scanner_in_python(text: str) -> None:
    parsed = parse(text, PATH, yaml.SafeLoader)
    assert (parsed.root is None) <= bool(parsed.findings)


@given(st.binary(max_size=200))
def test_any_bytes_become_text_or_a_finding(data: bytes) -> None:
    text = decode(data, PATH)
    if isinstance(text, Finding):
        assert text.rule == "unreadable-file"
    else:
        assert text.encode() == data


def test_bytes_that_are_not_utf8_are_found_at_their_place() -> None:
    finding = decode("a: é\nb: ".encode() + b"\xff", PATH)
    assert isinstance(finding, Finding)
    assert (finding.span.line, finding.span.column) == (2, 4)


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * 50_000, id="open brackets"),
        pytest.param("{a: " * 50_000, id="open braces"),
        pytest.param("- " * 50_000, id="dashes"),
        pytest.param("".join(f"{' ' * n}a:\n" for n in range(1_000)), id="indentation"),
        pytest.param("[" * 50_000 + "]" * 50_000, id="closed brackets"),
    ],
)
def test_depth_bombs_are_refused_in_a_small_stack(text: str, loader: object) -> None:
    parsed = in_small_stack(lambda: parse(text, PATH, loader))
    assert parsed.root is None
    assert [f.rule for f in parsed.findings] == ["too-deep-or-large"]


def test_the_deepest_document_is_judged_in_a_small_stack() -> None:
    deep = "any: [" * 17 + "x.y" + "]" * 17
    nested = deep.replace("any: [", "{any: [").replace("]", "]}")
    text = f"callwright: 1\nkind: policy\nid: a\nversion: 1.0.0\ntitle: t\nplace: US\napplies_when: {nested}\n"
    path = PurePosixPath("policies/x.yaml")
    sources = in_small_stack(lambda: read_texts({path: text}))
    assert sources.findings == ()


def in_small_stack(work: Callable[[], object]) -> object:
    """Return what *work* returns, run in a thread whose stack is 128 kB."""
    results: list[object] = []
    old = threading.stack_size(128 * 1024)
    try:
        thread = threading.Thread(target=lambda: results.append(work()))
        thread.start()
    finally:
        threading.stack_size(old)
    thread.join(30)
    assert results, "the work did not end"
    return results[0]


@pytest.mark.parametrize("depth", [MAX_DEPTH, MAX_DEPTH + 1])
def test_depth_has_a_limit(depth: int) -> None:
    parsed = parse("[" * depth + "]" * depth, PATH)
    assert bool(parsed.findings) == (depth > MAX_DEPTH)


def test_size_has_a_limit() -> None:
    assert [f.rule for f in parse("#" * (MAX_BYTES + 1), PATH).findings] == ["too-deep-or-large"]
    assert [f.rule for f in parse("é" * (MAX_BYTES // 2 + 1), PATH).findings] == ["too-deep-or-large"]


def test_the_number_of_values_has_a_limit() -> None:
    assert [f.rule for f in parse("[" + "a," * 200_001 + "]", PATH).findings] == ["too-deep-or-large"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{" + "a b, " * 100_000 + "}", id="names without values"),
        pytest.param('["' + "\\b" * 100_000 + '"]', id="escapes"),
        pytest.param("\u200b" * 300_000, id="hidden characters"),
        pytest.param("a: b\n" * 100_000, id="one name again and again"),
        pytest.param("- a b # c\n" * 90_000, id="cut sentences"),
    ],
)
def test_a_file_full_of_slips_is_read_in_bounded_time(text: str) -> None:
    code = (
        "import sys, time; from pathlib import PurePosixPath; from engine.source.syntax import parse\n"
        "text = sys.stdin.read(); start = time.process_time()\n"
        "found = parse(text, PurePosixPath('x')).findings\n"
        "assert 0 < len(found) <= 220, len(found)\n"
        "assert time.process_time() - start < 5"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=text.encode(), capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


def test_nothing_is_resolved() -> None:
    parsed = parse("no: on\nat: 21:00\nzip: 01234\nnone: ~\nversion: 1.10\n", PATH)
    assert parsed == Parsed(parsed.root, ())
    assert parsed.root == {"no": "on", "at": "21:00", "zip": "01234", "none": "~", "version": "1.10"}


def test_every_key_and_value_knows_its_place() -> None:
    text = "states:\n  é😀: {say: [b, 'c d']}\nlast: >-\n  words\n"
    root = parse(text, PATH).root
    assert isinstance(root, Map)
    places = {str(node): node.span for node in nodes(root) if isinstance(node, Text)}
    assert places == {
        "states": Span(PATH, 1, 1, 6),
        "é😀": Span(PATH, 2, 3, 2),
        "say": Span(PATH, 2, 8, 3),
        "b": Span(PATH, 2, 14, 1),
        "c d": Span(PATH, 2, 17, 5),
        "last": Span(PATH, 3, 1, 4),
        "words": Span(PATH, 3, 7, 2),
    }
    say = root[Text("states")][Text("é😀")][Text("say")]  # type: ignore[index]
    assert say.span == Span(PATH, 2, 13, 10)  # type: ignore[union-attr]


def test_a_repeated_key_keeps_what_was_said_first() -> None:
    assert parse("a: 1\na: 2\n", PATH).root == {"a": "1"}


def test_a_comment_is_no_slip_after_a_word_or_on_a_line_of_its_own() -> None:
    text = (
        "# first\nkind: flow  # what it is\nplace: US # all\nwhere: [a, b]  # both\n"
        "quoted: 'a b' # fine\nlong: >-  # fine\n  a b\n"
    )
    assert parse(text, PATH).findings == ()
