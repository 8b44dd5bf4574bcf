"""Where a value was written.

Lines and columns count from 1, as editors do; PyYAML counts from 0 and is
corrected once, in :mod:`engine.source.syntax`.
"""

from pathlib import PurePosixPath
from typing import NamedTuple


class Span(NamedTuple):
    """A run of characters on one line of one source file."""

    path: PurePosixPath
    line: int
    column: int
    width: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


NOWHERE = Span(PurePosixPath("<built in>"), 1, 1)
