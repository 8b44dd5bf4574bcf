"""Every command and program of the README does what the README shows."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.tools.console import ROOT, run
from tools.main import COMMANDS

README = (ROOT / "README.md").read_text("utf-8")
BLOCK = re.compile(r"(?:<!-- (?P<note>[^>]*) -->\n)?```(?P<kind>\w+)\n(?P<body>.*?)```", re.DOTALL)
NOT_RUN_HERE = ("make demo", "make test", "make bench", ". .venv/bin/activate")


@dataclass(frozen=True)
class Block:
    """A fenced block, and the note before it."""

    note: str
    kind: str
    body: str


BLOCKS = [Block(match["note"] or "", match["kind"], match["body"]) for match in BLOCK.finditer(README)]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder, now the current one, with the files that the README has a reader write."""
    for block in BLOCKS:
        if block.note.startswith("file: "):
            (tmp_path / block.note.removeprefix("file: ")).write_text(block.body)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def commands() -> list[tuple[str, str, int]]:
    """Return each command with what it is shown to print and its exit status."""
    found = []
    for block in (b for b in BLOCKS if b.kind == "console"):
        status = int(block.note.removeprefix("exit: ")) if block.note.startswith("exit: ") else 0
        for part in re.split(r"^\$ ", block.body, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            found.append((command, shown, status))
    return found


@pytest.mark.parametrize(("command", "shown", "status"), [c for c in commands() if c[0].startswith("callwright")])
def test_a_command_prints_what_is_shown(files: Path, command: str, shown: str, status: int) -> None:
    ran = run(*shlex.split(command)[1:])
    assert ran.status == status, ran.all
    printed = ran.out
    for piece in (piece.strip("\n") for piece in re.split(r"^…\n", shown, flags=re.MULTILINE)):
        assert piece in printed, f"the README shows what `{command}` does not print:\n{printed}"
        printed = printed[printed.index(piece) + len(piece) :]


def test_every_other_command_is_a_target_or_known() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for command, _, _ in commands():
        if not command.startswith("callwright"):
            assert command in NOT_RUN_HERE
        if command.startswith("make "):
            assert re.search(rf"^{command.removeprefix('make ')}:", makefile, re.MULTILINE)


def test_the_programs_run(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    programs = [block.body for block in BLOCKS if block.kind == "python"]
    assert programs
    for program in programs:
        exec(compile(program, "README.md", "exec"), {})
    assert "Alex" in capsys.readouterr().out


def test_every_command_and_folder_that_is_named_exists() -> None:
    for name in re.findall(r"`callwright (\w+)", README):
        assert name in COMMANDS
    for folder in re.findall(r"`((?:engine|tools)(?:/\w+)?)`", README):
        assert (ROOT / folder).is_dir()


def test_the_changelog_names_no_command_that_is_not_there() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    named = set(re.findall(r"`callwright (\w+)", changes))
    assert named
    assert named <= set(COMMANDS)


def test_inline_options_exist() -> None:
    helps = "".join(run(name, "--help").out for name in COMMANDS)
    for option in re.findall(r"`(--[\w-]+)", README):
        assert option in helps
