"""A folder becomes documents; what keeps a file from being one is a finding."""

import os
from pathlib import Path, PurePosixPath

import pytest

from engine.source.documents import Sources
from engine.source.read import read_folder, read_texts
from engine.terms import Kind

FLOW = "callwright: 1\nkind: flow\nid: {id}\nversion: 1.0.0\ntitle: t\nstart: a\nstates: {{a: {{then: {{end: x}}}}}}\n"
SCENARIO = (
    "callwright: 1\nkind: scenario\nid: s\nversion: 1.0.0\ntitle: t\nflow: f\nat: 2026-03-10T14:00:00Z\n"
    "call: [{callee: Hello.}]\nexpect: {ends: x}\n"
)


def write(root: Path, name: str, text: str | bytes) -> None:
    """Write a file below *root*, with its folders."""
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())


def told(sources: Sources) -> list[str]:
    """Return each finding's path and rule."""
    return [f"{f.span.path} {f.rule}" for f in sources.findings]


def test_documents_come_in_order_of_path(tmp_path: Path) -> None:
    write(tmp_path, "flows/b/flow.yml", FLOW.format(id="b"))
    write(tmp_path, "flows/a/flow.YAML", FLOW.format(id="a"))
    write(tmp_path, "flows/README.md", "words")
    write(tmp_path, "flows/.hidden/flow.yaml", "{")
    write(tmp_path, "scenarios/s.yaml", SCENARIO)
    sources = read_folder(tmp_path)
    assert told(sources) == []
    assert [str(d.path) for d in sources.documents] == ["flows/a/flow.YAML", "flows/b/flow.yml", "scenarios/s.yaml"]
    assert [d.id for d in sources.of(Kind.FLOW)] == ["a", "b"]
    assert not read_folder(tmp_path, scenarios=False).of(Kind.SCENARIO)


def test_memory_and_folder_say_the_same(tmp_path: Path) -> None:
    write(tmp_path, "flows/a.yaml", FLOW.format(id="a"))
    write(tmp_path, "flows/b.yaml", "kind: flwo\n")
    from_folder = read_folder(tmp_path)
    assert read_texts(from_folder.texts) == from_folder


def test_two_documents_of_one_kind_have_two_names(tmp_path: Path) -> None:
    sources = read_texts({PurePosixPath(f"flows/{n}.yaml"): FLOW.format(id="same") for n in "ab"})
    assert told(sources) == ["flows/b.yaml duplicate-document"]
    assert str(sources.findings[0].notes[0].span) == "flows/a.yaml:3:5"


def test_an_empty_bundle_is_not_a_good_one(tmp_path: Path) -> None:
    assert told(read_folder(tmp_path)) == [". no-documents"]
    assert read_folder(tmp_path / "nowhere").broken


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    write(tmp_path, "flows/bytes.yaml", b"a: \xff\n")
    write(tmp_path, "flows/large.yaml", b"#" * 1_000_001)
    os.mkfifo(tmp_path / "flows/pipe.yaml")
    (tmp_path / "flows/dangling.yaml").symlink_to("nowhere")
    write(tmp_path, "flows/" + "two\nlines.yaml", "")
    assert told(read_folder(tmp_path)) == [
        "flows unreadable-file",
        "flows/bytes.yaml unreadable-file",
        "flows/dangling.yaml unreadable-file",
        "flows/large.yaml too-deep-or-large",
        "flows/pipe.yaml unreadable-file",
    ]


def test_links_are_followed_within_the_bundle_only(tmp_path: Path) -> None:
    root = tmp_path / "bundle"
    write(root, ".data/flow.yaml", FLOW.format(id="a"))
    write(tmp_path, "outside/flow.yaml", FLOW.format(id="b"))
    (root / "flows").mkdir()
    (root / "flows/flow.yaml").symlink_to("../.data/flow.yaml")
    (root / "flows/loop").symlink_to(".")
    (root / "flows/out").symlink_to(tmp_path / "outside")
    (root / "flows/self.yaml").symlink_to("self.yaml")
    sources = read_folder(root)
    assert told(sources) == ["flows/out unreadable-file", "flows/self.yaml unreadable-file"]
    assert [d.id for d in sources.documents] == ["a"]


@pytest.mark.parametrize(
    ("path", "rules"),
    [
        ("flows/a.yaml", []),
        ("policies/a.yaml", ["wrong-folder"]),
        ("a.yaml", ["wrong-folder"]),
        ("flows", ["wrong-folder"]),
    ],
)
def test_a_kind_has_its_folder(path: str, rules: list[str]) -> None:
    sources = read_texts({PurePosixPath(path): FLOW.format(id="a")})
    assert [f.rule for f in sources.findings] == rules
