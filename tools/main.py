"""``callwright``: every command, each loaded only when it is called."""

import errno
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from typing import Any

import click

COMMANDS: dict[str, tuple[str, str]] = {
    "attempts": ("tools.records_commands", "Look at attempts to call."),
    "chat": ("tools.chat", "Talk to a flow at the terminal."),
    "decide": ("tools.decide", "Decide whether one call may be placed now, and say why."),
    "diff": ("tools.diff", "Say what differs between two versions, by meaning."),
    "explain": ("tools.explain", "Print the manual page of a rule."),
    "graph": ("tools.graph", "Draw a call flow, as a page, a picture or in words."),
    "jobs": ("tools.records_commands", "Put jobs into the queue, look at them, and settle them."),
    "keys": ("tools.keys", "Make, list and revoke keys of the REST API."),
    "ledger": ("tools.records_commands", "Verify the ledger, explain a decision, export it."),
    "lint": ("tools.lint", "Report what is wrong with a bundle."),
    "metrics": ("tools.records_commands", "Show what calling came to."),
    "mutate": ("tools.mutate", "Try small dangerous edits: who would notice?"),
    "nlu": ("tools.nlu", "Measure how well words are understood."),
    "rules": ("tools.rules", "List the rules that lint knows."),
    "register": ("tools.register", "Write which rule keeps which regulation, and what shows it."),
    "replay": ("tools.replay", "Replay scenarios, and hold the engine to what they expect."),
    "retention": ("tools.records_commands", "Keep records as long as the law wants, and no longer."),
    "scenarios": ("tools.scenarios", "Measure what scenarios exercise, and propose more."),
    "serve": ("tools.serve", "Serve the REST API."),
    "simulate": ("tools.campaigns", "Rehearse a campaign against simulated callees."),
    "smoke": ("tools.smoke", "Try a whole call or job from end to end."),
    "suppress": ("tools.records_commands", "Record, list and lift suppressions."),
    "schema": ("tools.schema", "Write JSON Schemas for editors."),
    "format": ("tools.format", "Lay YAML out the one way, and change nothing that it says."),
    "init": ("tools.init", "Make a small bundle to start from."),
    "lsp": ("tools.lsp", "Help an editor while YAML is typed."),
    "understand": ("tools.understand", "Show what words are taken to mean, and why."),
    "worker": ("tools.campaigns", "Carry out jobs from the queue."),
}
"""Each command's module, which holds a click command of the same name, and its line in the list."""


EXTRAS = {"serve": "server", "keys": "server", "smoke": "server"}
"""The extra that brings what a command needs beside the core, where it is not `records`."""


class NotInstalled(click.ClickException):
    """A command needs a library that only an extra brings: exit status 3."""

    exit_code = 3

    def __init__(self, command: str, library: str) -> None:
        extra = EXTRAS.get(command, "records")
        super().__init__(f"`{command}` needs {library}, which is not installed: pip install 'callwright[{extra}]'")


class NotWritten(click.ClickException):
    """What a command prints cannot be written: exit status 3."""

    exit_code = 3

    def __init__(self, error: OSError) -> None:
        super().__init__(f"the output cannot be written: {(error.strerror or str(error)).lower()}")


class Commands(click.Group):
    """A group that imports a command's module only when that command runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands' names by the alphabet."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, or None where there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, _ = COMMANDS[cmd_name]
        try:
            command = getattr(import_module(module), cmd_name)
        except ModuleNotFoundError as missing:
            raise NotInstalled(cmd_name, missing.name or "") from missing
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Where what it prints cannot be written, nobody knows how it went: exit status 3."""
        try:
            return super().invoke(ctx)
        except OSError as error:
            if error.filename is not None:
                raise
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - what is left is flushed at the end
            if error.errno == errno.EPIPE:
                raise SystemExit(3) from error
            raise NotWritten(error) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without loading any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in sorted(COMMANDS)])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="callwright", prog_name="callwright")
def main() -> None:
    """Run, test and question compliant outbound calls that are written in YAML.

    Commands work on the bundle in the current directory (it holds `flows` and `policies`), on the one
    that --bundle names, or else on the one that comes with the program.

    In the environment: CALLWRIGHT_DATABASE names the store and CALLWRIGHT_KEY holds its key, CALLWRIGHT_CACHE names the
    folder that keeps what understands words, and CALLWRIGHT_ENCODER=use lets commands, server and workers alike hear
    with a sentence encoder besides (extra `nlu`); the rules above it stay the same.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def run(arguments: Sequence[str]) -> int:
    """Run one command with *arguments*, and return its exit status."""
    try:
        main.main(args=list(arguments), prog_name="callwright")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0


if __name__ == "__main__":
    main()
