"""Running commands as a user does, in this process."""

from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from tools.main import main

ROOT = Path(__file__).resolve().parents[2]
SMALL = str(ROOT / "tests" / "data" / "small")
TOLD = ROOT / "tests" / "engine" / "rehearsal" / "told"


@dataclass(frozen=True)
class Ran:
    """How a command went."""

    status: int
    out: str
    err: str

    @property
    def all(self) -> str:
        """Return everything printed."""
        return self.out + self.err


def run(*arguments: str | Path, stdin: str | bytes = "") -> Ran:
    """Run ``callwright`` with *arguments*; an exception that would be a traceback is raised here."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin, prog_name="callwright")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ran(result.exit_code, result.stdout, result.stderr)


def small(*arguments: str | Path, stdin: str | bytes = "") -> Ran:
    """Run ``callwright`` on the small bundle."""
    return run(*arguments, "--bundle", SMALL, stdin=stdin)
