"""Waiting for a file of a bundle to change, until interrupted."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

FOLDERS = ("flows", "policies", "scenarios")
BESIDE = ("waivers.yaml",)
PAUSE = 0.2
"""Seconds between two looks."""


def stamps(folder: Path) -> Mapping[str, tuple[int, int]]:
    """Return when each file that a report reads was last changed, and how large it is."""
    found: dict[str, tuple[int, int]] = {}
    for file in _files(folder):
        try:
            status = os.stat(file)
        except OSError:
            continue  # what cannot be looked at is told when it is read
        found[file] = (status.st_mtime_ns, status.st_size)
    return found


def wait_for_change(folder: Path, seen: Mapping[str, tuple[int, int]], interrupted: Callable[[], bool]) -> None:
    """Return once the stamps of *folder* are others than *seen*, or somebody has interrupted."""
    while not interrupted() and stamps(folder) == seen:
        time.sleep(PAUSE)


@contextmanager
def interruptions() -> Iterator[Callable[[], bool]]:
    """Give what tells whether somebody has interrupted, also where the exception is lost, as in a finaliser."""
    told: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        told.append(number)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: bool(told)
    finally:
        signal.signal(signal.SIGINT, before)


def _files(folder: Path) -> Iterator[str]:
    yield from (os.path.join(folder, name) for name in BESIDE)
    for name in FOLDERS:
        for place, folders, files in os.walk(folder / name):
            yield from (os.path.join(place, file) for file in (*folders, *files))
