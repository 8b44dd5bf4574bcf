"""The store that a command works on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

import click

from engine.nlu.tally import Hearing
from engine.records.errors import NoKey, NoStore, NotMigrated, RecordsError, StoreAway
from engine.records.heard import hearing
from engine.records.store import Store, open_store
from tools.console import CouldNotRead

Command = TypeVar("Command", bound=Callable[..., Any])
DEFAULT = "sqlite:///callwright.db"


def database_option(command: Command) -> Command:
    """Add ``--database``."""
    return click.option(
        "--database",
        "url",
        metavar="URL",
        envvar="CALLWRIGHT_DATABASE",
        default=DEFAULT,
        help="sqlite:///PATH or postgresql://… . Default: CALLWRIGHT_DATABASE, or callwright.db here.",
    )(command)


@contextmanager
def opened(url: str) -> Iterator[Store]:
    """Open a store for a command, and close it afterwards.

    Raises:
        CouldNotRead: There is no key, or the store cannot be reached or is of a newer program.
    """
    try:
        store = open_store(url)
    except (NoKey, NoStore, NotMigrated, StoreAway) as error:
        raise CouldNotRead(str(error)) from error
    try:
        yield store
    finally:
        store.close()


def opened_hearing(url: str, since: datetime | None) -> Hearing:
    """Return how the callees of the calls in a store were understood, from *since* on.

    Raises:
        CouldNotRead: The store cannot be used.
    """
    with opened(url) as store:
        try:
            return hearing(store.database, since=since)
        except RecordsError as error:
            raise CouldNotRead(str(error)) from error
