"""Waiting for a file of a bundle to change."""

import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

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


def wait_for_change(folder: Path, seen: Mapping[str, tuple[int, int]]) -> None:
    """Return once the stamps of *folder* are others than *seen*."""
    while stamps(folder) == seen:
        time.sleep(PAUSE)


def _files(folder: Path) -> Iterator[str]:
    yield from (os.path.join(folder, name) for name in BESIDE)
    for name in FOLDERS:
        for place, folders, files in os.walk(folder / name):
            yield from (os.path.join(place, file) for file in (*folders, *files))
