"""Every slip an author makes is found where it stands, and by one finding."""

import re
from pathlib import Path, PurePosixPath

import pytest
import yaml

from engine.source.read import read_texts
from engine.source.render import render
from engine.source.syntax import parse

BROKEN = sorted((Path(__file__).parent / "broken").glob("*.yaml"))
FORBIDDEN = re.compile(
    r"\b(node|null|schema|regex|dict|boolean|parse|token|traceback|exception|string|integer|object|array|scalar|oneOf)\b"
)


def expected(text: str) -> tuple[list[str], str]:
    """Return the findings a file's first line speaks of, and its folder."""
    match = re.match(r"# expect: (.*) in (\w+)\n", text)
    assert match, "the first line says what is expected"
    return match[1].split("; "), match[2]


@pytest.mark.parametrize("file", BROKEN, ids=lambda file: file.stem)
def test_each_slip_is_found_at_its_place(file: Path) -> None:
    text = file.read_bytes().decode("utf-8")
    findings, folder = expected(text)
    path = PurePosixPath(folder, file.name)
    sources = read_texts({path: text})
    assert [f"{f.rule}@{f.span.line}:{f.span.column}" for f in sources.findings] == findings
    assert sources.documents == ()
    for finding in sources.findings:
        assert finding.help
        assert not finding.message.endswith(".")
        assert not FORBIDDEN.search(f"{finding.message} {finding.help}")
        assert render(finding, sources.texts).startswith(f"error[{finding.rule}]: {finding.message}\n --> {path}:")


@pytest.mark.parametrize("file", BROKEN, ids=lambda file: file.stem)
def test_both_scanners_see_the_same(file: Path) -> None:
    text = file.read_bytes().decode("utf-8")
    path = PurePosixPath("flows/x.yaml")
    with_libyaml, in_python = parse(text, path), parse(text, path, yaml.SafeLoader)
    assert [(f.rule, f.span) for f in with_libyaml.findings] == [(f.rule, f.span) for f in in_python.findings]
    assert with_libyaml.root == in_python.root


def test_there_are_many() -> None:
    assert len(BROKEN) >= 30
