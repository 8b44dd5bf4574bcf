"""``callwright format``: what is written, and the exit status."""

import shutil
from pathlib import Path

import pytest

from engine.compiler import compile_bundle
from engine.source.read import read_folder
from tests.tools.console import SMALL, run


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(SMALL, tmp_path / "small")
    return tmp_path / "small"


def test_files_are_laid_out_once_and_say_the_same(copy: Path) -> None:
    before = compile_bundle(read_folder(copy)).need().digest
    assert run("format", "--check", "--bundle", copy).status == 1
    assert run("format", "--bundle", copy).status == 0
    again = run("format", "--check", "--bundle", copy)
    assert again.status == 0
    assert "0 files would change" in again.out
    assert compile_bundle(read_folder(copy)).need().digest == before


def test_a_difference_is_shown_and_nothing_written(copy: Path) -> None:
    flow = copy / "flows" / "call" / "flow.yaml"
    before = flow.read_text("utf-8")
    flow.write_text(before.replace("    say: greeting\n", "    say: greeting   \n"), "utf-8")
    ran = run("format", "--diff", flow)
    assert ran.status == 0
    assert "-    say: greeting   " in ran.out
    assert "say: greeting   " in flow.read_text("utf-8")


def test_a_file_that_cannot_be_read_is_left_alone(copy: Path) -> None:
    flow = copy / "flows" / "call" / "flow.yaml"
    flow.write_text("a: [1\n", "utf-8")
    ran = run("format", flow)
    assert ran.status == 3
    assert flow.read_text("utf-8") == "a: [1\n"
    assert "error[" in ran.err
