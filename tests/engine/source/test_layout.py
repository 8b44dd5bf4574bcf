"""Every character of a value that stands literally in the file is found at its place."""

from pathlib import PurePosixPath

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.source.syntax import parse
from engine.source.tree import Map, Text

PATH = PurePosixPath("flows/x.yaml")


def value_of(text: str, loader: object = yaml.CSafeLoader) -> Text:
    """Return the value of the setting ``say``."""
    parsed = parse(text, PATH, loader)
    assert isinstance(parsed.root, Map), parsed.findings
    value = parsed.root[Text("say")]
    assert isinstance(value, Text)
    return value


def found(text: str, value: Text) -> str:
    """Return the characters that stand in the file where *value* says its own stand; a fold reads as it is."""
    lines = text.split("\n")
    shown = []
    for offset, character in enumerate(value):
        span = value.at(offset)
        line = lines[span.line - 1].rstrip("\r")
        there = line[span.column - 1 : span.column]
        shown.append(character if character == "\n" or (character == " " and not there) else there)
    return "".join(shown)


CASES = [
    pytest.param("say: hello there\n", "hello there", id="plain"),
    pytest.param("say: hello\n  there  \n\n  you\nnext: x\n", "hello there\nyou", id="plain over lines"),
    pytest.param("say:\n  hello\n  there # c\n", "hello there", id="plain below"),
    pytest.param("say: 'hello there'\n", "hello there", id="single quotes"),
    pytest.param("say: 'it''s\n   me, isn''t\n\n  it '\n", "it's me, isn't\nit ", id="single quotes over lines"),
    pytest.param('say: "hello there"\n', "hello there", id="double quotes"),
    pytest.param('say: "hello \\\n   the\\\n\n  re  you"\n', "hello the\nre  you", id="double quotes over lines"),
    pytest.param("say: >-\n  hello\n  there\n\n  you\nnext: x\n", "hello there\nyou", id="folded"),
    pytest.param(
        "say: >+\n\n\n   a b\n   c\n     d\n     e\n\n   f\n\n\n",
        "\n\na b c\n  d\n  e\n\nf\n\n\n",
        id="folded, deeper lines",
    ),
    pytest.param("say: >2-\n    a\n  b\n", "  a\nb", id="folded with an indentation"),
    pytest.param(
        "say: |\n  a: {{ b }}\n    c\n\n  d # no comment\n# a comment\nnext: x\n",
        "a: {{ b }}\n  c\n\nd # no comment\n",
        id="literal",
    ),
    pytest.param("say: |-\r\n  one\r\n  two 😀 é\r\nnext: x\r\n", "one\ntwo 😀 é", id="literal with CRLF"),
    pytest.param("say: >-\r\n  one\r\n  two\r\n", "one two", id="folded with CRLF"),
]


@pytest.mark.parametrize(
    "loader", [pytest.param(yaml.CSafeLoader, id="libyaml"), pytest.param(yaml.SafeLoader, id="python")]
)
@pytest.mark.parametrize(("text", "value"), CASES)
def test_each_character_is_found_where_it_stands(text: str, value: str, loader: object) -> None:
    read = value_of(text, loader)
    assert read == value
    literal = [i for i, c in enumerate(value) if c != "'"]
    shown = found(text, read)
    assert [shown[i] for i in literal] == [value[i] for i in literal]


def test_an_escape_is_found_at_its_backslash() -> None:
    value = value_of('say: "a\\x41\\u00e9 \\"b\\U0001F600c"\n')
    assert value == 'aAé "b😀c'
    assert [value.at(i).column for i in range(len(value))] == [7, 8, 12, 18, 19, 21, 22, 32]


def test_a_doubled_quote_is_found_at_its_first() -> None:
    value = value_of("say: 'it''s'\n")
    assert [value.at(i).column for i in range(len(value))] == [7, 8, 9, 11]


WORDS = st.text(alphabet="abcé😀'\"{}.,:", min_size=1, max_size=8)


@given(
    st.lists(st.lists(WORDS, min_size=1, max_size=4), min_size=1, max_size=6),
    st.sampled_from([">", "|", ">-", "|+"]),
    st.data(),
)
@settings(max_examples=300)
def test_block_texts_are_found_whatever_their_lines(
    paragraphs: list[list[str]], style: str, data: st.DataObject
) -> None:
    lines = []
    for words in paragraphs:
        lines.append("  " + " " * data.draw(st.integers(0, 2)) * bool(lines) + " ".join(words))
        lines += [""] * data.draw(st.integers(0, 2))
    text = f"say: {style}\n" + "\n".join(lines) + "\nnext: x\n"
    value = value_of(text)
    assert value == yaml.safe_load(text)["say"]
    assert found(text, value) == value


@given(st.text(alphabet="ab é😀'\"\\{}#:,", max_size=30), st.sampled_from("'\""))
@settings(max_examples=300)
def test_quoted_texts_are_found_whatever_they_hold(content: str, quote: str) -> None:
    written = content.replace("'", "''") if quote == "'" else content.replace("\\", "\\\\").replace('"', '\\"')
    text = f"say: {quote}{written}{quote}\n"
    value = value_of(text)
    assert value == content
    doubled = {"'": "'", '"': '"\\'}[quote]
    shown = found(text, value)
    assert all(shown[i] == c for i, c in enumerate(content) if c not in doubled)
