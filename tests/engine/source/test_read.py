"""A folder becomes documents; what keeps a file from being one is a finding."""

import os
from pathlib import Path, PurePosixPath

import pytest

from engine.source.documents import Sources
from engine.source.read import read_folder, read_texts
from engine.source.strays import strays
from engine.terms import Kind

FLOW = "callwright: 1\nkind: flow\nid: {id}\nversion: 1.0.0\ntitle: t\nstart: a\nstates: {{a: {{then: {{end: x}}}}}}\n"
POLICY = "callwright: 1\nkind: policy\nid: p\nversion: 1.0.0\ntitle: t\nplace: US\n"
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


def test_lines_that_end_as_files_of_old_are_one_fault(tmp_path: Path) -> None:
    write(tmp_path, "flows/a.yaml", FLOW.format(id="a").replace("\n", "\r") + "\u200b")
    assert told(read_folder(tmp_path)) == ["flows/a.yaml hidden-characters"] * 2


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


def test_what_is_not_what_its_name_says_is_told(tmp_path: Path) -> None:
    write(tmp_path, "flows/a/flow.yaml", FLOW.format(id="a"))
    write(tmp_path, "flows/b.yaml/flow.yaml", FLOW.format(id="b"))
    (tmp_path / "flows/shared").symlink_to("nowhere")
    (tmp_path / "flows/NOTES.md").symlink_to("nowhere")
    write(tmp_path, "policies", "words")
    (tmp_path / "scenarios").symlink_to("nowhere")
    assert told(read_folder(tmp_path)) == [
        "flows/b.yaml unreadable-file",
        "flows/shared unreadable-file",
        "policies unreadable-file",
        "scenarios unreadable-file",
    ]


def test_a_whole_folder_is_not_linked_in_either(tmp_path: Path) -> None:
    root = tmp_path / "bundle"
    write(root, ".data/a.yaml", FLOW.format(id="a"))
    write(tmp_path, "outside/s.yaml", SCENARIO)
    (root / "flows").symlink_to(".data")
    (root / "scenarios").symlink_to(tmp_path / "outside")
    (root / "policies").symlink_to("policies")
    sources = read_folder(root)
    assert told(sources) == ["policies unreadable-file", "scenarios unreadable-file"]
    assert [d.id for d in sources.documents] == ["a"]


@pytest.mark.parametrize(
    ("name", "text", "stray"),
    [
        pytest.param("polices/us/hours.yaml", POLICY, True, id="a folder's name misspelt"),
        pytest.param("Policies/hours.yaml", POLICY, True, id="a folder's name in capitals"),
        pytest.param("policy/hours.yaml", POLICY, True, id="a folder's name in the singular"),
        pytest.param("rules/us/hours.yml", POLICY, True, id="a folder of another name"),
        pytest.param("hours.yaml", POLICY, True, id="beside the folders"),
        pytest.param("scenario/s.yaml", SCENARIO, True, id="scenarios in a folder whose name is misspelt"),
        pytest.param("stories/s.yaml", SCENARIO, False, id="scenarios may lie elsewhere and be named"),
        pytest.param("s.yaml", SCENARIO, False, id="a scenario beside the folders"),
        pytest.param("case.yaml", "at: 2026-03-10T14:00:00Z\n", False, id="another file"),
        pytest.param("docs/plan.yaml", "kind: policy\n", False, id="another tool's file"),
        pytest.param(".drafts/hours.yaml", POLICY, False, id="a hidden folder"),
        pytest.param("tools/new/policy.yaml", POLICY, False, id="what a program brings"),
        pytest.param("other/policies/hours.yaml", POLICY, False, id="a bundle in the bundle"),
        pytest.param("policies/us/hours.json", '{"callwright": 1, "kind": "policy"}', True, id="another suffix"),
        pytest.param("policies/us/hours", POLICY, True, id="no suffix"),
        pytest.param("policies/us/hours.txt", POLICY, True, id="a text"),
        pytest.param("policies/us/hours.yaml.bak", POLICY, False, id="what an editor keeps"),
        pytest.param("policies/us/hours.yaml~", POLICY, False, id="what another editor keeps"),
        pytest.param("policies/README.md", "Begin with\n\ncallwright: 1\n", False, id="words about documents"),
    ],
)
def test_a_document_that_is_not_read_is_told(tmp_path: Path, name: str, text: str, stray: bool) -> None:
    write(tmp_path, "flows/a.yaml", FLOW.format(id="a"))
    write(tmp_path, "other/flows/b.yaml", FLOW.format(id="b"))
    write(tmp_path, "tools/new.py", "pass\n")
    write(tmp_path, name, text)
    found = strays(tmp_path)
    assert [f.rule for f in found] == (["wrong-folder"] if stray else [])
    assert all(name.startswith(str(f.span.path)) for f in found)


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
