"""The door: the list of commands is quick, complete and true."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tests.tools.console import ROOT, SMALL, TOLD, run
from tools.main import COMMANDS, main


def test_help_lists_every_command_with_its_own_first_line() -> None:
    text = run("--help").out
    for name, (_, line) in COMMANDS.items():
        command = main.get_command(click.Context(main), name)
        assert command is not None
        assert name in text
        assert line
        assert command.name == name


def test_help_loads_no_engine() -> None:
    code = (
        "import sys; from tools.main import run; run(['--help']);"
        "print([m for m in sys.modules if m.startswith('engine') or m in ('numpy', 'jinja2', 'yaml', 'transitions')])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_help_costs_less_than_150_ms() -> None:
    def once() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "tools.main", "--help"], cwd=ROOT, capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(once() for _ in range(3)) < 0.150


def test_an_unknown_command_is_wrong_usage() -> None:
    ran = run("replya")
    assert ran.status == 2
    assert "replya" in ran.err


def test_every_command_tells_its_exit_statuses_or_its_options() -> None:
    for name in COMMANDS:
        ran = run(name, "--help")
        assert ran.status == 0
        assert "Usage: callwright " + name in ran.out


def test_without_its_extra_a_command_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['sqlalchemy'] = None\n"
        "from tools.main import run\n"
        "print([run(['jobs', '--help']), run(['decide', '--help'])])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[3, 0]"
    assert "`jobs` needs sqlalchemy" in done.stderr
    assert "pip install 'callwright[records]'" in done.stderr


@pytest.mark.parametrize("command", [["rules"], ["replay", "--bundle", SMALL, str(TOLD), "--format", "json"]])
def test_output_that_cannot_be_written_is_no_success_and_no_finding(command: list[str]) -> None:
    line = [sys.executable, "-m", "tools.main", *command]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(line, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (3, "Error: the output cannot be written: no space left on device\n")
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(line, cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (3, "")


def test_output_is_the_same_bytes_wherever_it_is_printed() -> None:
    line = [sys.executable, "-m", "tools.main", "explain", "embargé"]
    printed = {
        subprocess.run(
            line, cwd=ROOT, env={**os.environ, "PYTHONIOENCODING": encoding}, capture_output=True, check=False
        ).stderr
        for encoding in ("utf-8", "latin-1", "ascii")
    }
    assert len(printed) == 1
    assert "embargé" in printed.pop().decode("utf-8")
