"""What the commands share: options, exit statuses, and how trouble is told."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

import click

from engine.rehearsal.reading import read_instant
from engine.source.finding import Finding, Level
from engine.source.render import render

FAILED, USAGE, UNREADABLE = 1, 2, 3
"""Exit statuses beside 0: something did not hold; the command was called wrongly; something could not be read."""

Command = TypeVar("Command", bound=Callable[..., Any])


class CouldNotRead(click.ClickException):
    """Something needed could not be read: exit status 3."""

    exit_code = UNREADABLE


def bundle_option(command: Command) -> Command:
    """Add ``--bundle``."""
    return click.option(
        "--bundle",
        "folder",
        metavar="DIR",
        type=click.Path(path_type=Path),
        help="The bundle to use. Default: the current directory if it holds `flows`, else the one that is shipped.",
    )(command)


def format_option(command: Command) -> Command:
    """Add ``--format text|json``."""
    choice = click.Choice(["text", "json"])
    return click.option("--format", "style", type=choice, default="text", help="How to print. Default: text.")(command)


def moment(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    """Return the date and time that an option writes, with its offset from UTC; anything else is a usage error."""
    if value is None:
        return None
    at, wrong = read_instant(value)
    if at is None:
        raise click.BadParameter(f"`{value}` {wrong}: write it as 2026-03-10T14:00:00-05:00", ctx, param)
    return at


def show(findings: Iterable[Finding], texts: Mapping[PurePosixPath, str], *, err: bool = True) -> None:
    """Print *findings*, each with its line and a caret."""
    for finding in findings:
        click.echo(render(finding, texts), err=err)
        click.echo(err=err)


def errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings that stop the work."""
    return tuple(finding for finding in findings if finding.level is Level.ERROR)


def echo_json(value: object) -> None:
    """Print *value*, which is plain, as JSON that people can read as well."""
    click.echo(json.dumps(value, ensure_ascii=False, sort_keys=True, indent=2))


def count(number: int, thing: str) -> str:
    """Return ``1 finding``, ``2 findings``."""
    return f"{number} {thing}{'' if number == 1 else 's'}"
