"""The sieve lets nothing through its meshes that a pattern would have found."""

import re
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.nlu.context import Compiled
from engine.nlu.dates import GRAMMARS
from engine.nlu.languages import language_of
from engine.nlu.sieve import Sieve, without_looks
from tests.engine.nlu.conftest import DATA

WORDS = sorted({w for path in DATA.glob("*.txt") for w in re.findall(r"[a-z0-9']+", path.read_text("utf-8").lower())})


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        (r"a(?=b)c", "ac"),
        (r"a(?!b(?:c|d))e", "ae"),
        (r"(?<=on )(?:mon|tue)(?<!x)", "(?:mon|tue)"),
        (r"(?! (?:[)(]|\)))k", "k"),
        (r"[(?=]x\(?=y", r"[(?=]x\(?=y"),
        (r"(?P<day>\d)(?:th)?", r"(?P<day>\d)(?:th)?"),
    ],
)
def test_look_arounds_and_nothing_else_are_left_out(source: str, plain: str) -> None:
    assert without_looks(source) == plain


@cache
def patterns(code: str, kind: str) -> tuple[re.Pattern[str], ...]:
    if kind == "days":
        return tuple(pattern for pattern, _ in GRAMMARS[code].rules)
    if kind == "corrections":
        return tuple(pattern for pattern, _ in language_of(code).corrections)
    cues = Compiled.of(language_of(code).cues)
    return tuple(getattr(cues, name) for name in Compiled.__dataclass_fields__)


@cache
def sieve(code: str, kind: str) -> Sieve:
    return Sieve(patterns(code, kind))


@pytest.mark.parametrize("kind", ["days", "corrections", "cues"])
@pytest.mark.parametrize("code", ["en", "es"])
@given(words=st.lists(st.one_of(st.sampled_from(WORDS), st.from_regex(r"[0-9]{1,4}(th)?", fullmatch=True)), max_size=9))
def test_nothing_that_matches_is_left_out(code: str, kind: str, words: list[str]) -> None:
    line = " ".join(words)
    found = {number for number, pattern in enumerate(patterns(code, kind)) if pattern.search(line)}
    assert found <= set(sieve(code, kind).possible(line))


@pytest.mark.parametrize("kind", ["days", "corrections", "cues"])
@pytest.mark.parametrize("code", ["en", "es"])
def test_no_line_of_the_lists_loses_a_match(code: str, kind: str) -> None:
    lines = [line.lower() for path in sorted(DATA.glob("*.txt")) for line in path.read_text("utf-8").splitlines()[::5]]
    lost = [
        (line, number)
        for line in lines
        for number, pattern in enumerate(patterns(code, kind))
        if number not in sieve(code, kind).possible(line) and pattern.search(line)
    ]
    assert not lost


def test_little_is_tried() -> None:
    assert sieve("en", "days").possible("yes this is alex") == ()


def test_letters_of_other_scripts_leave_every_pattern_to_be_tried() -> None:
    one = Sieve([re.compile(r"\w+ok"), re.compile("no")])
    assert one.possible("\u0434\u0430ok") == (0, 1)
    assert one.possible("daok") == (0,)


def test_a_pattern_that_cannot_be_sifted_is_refused() -> None:
    with pytest.raises(ValueError, match="pattern"):
        Sieve([re.compile(r"(a)\1")])
