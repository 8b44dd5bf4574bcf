"""What one run of ``callwright lint`` is to report."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one run of the command is to report.

    Args:
        folder: The bundle's.
        as_of: The day as of which the law is read.
        only: The rules to report; all when empty.
        skip: The rules to leave out.
        baseline: A file of findings that are known.
        write_baseline: The file to write what is found to.
        prune: Whether what is no longer found is taken out of that file.
        base: The git revision whose waivers hold, where it is named.
    """

    folder: Path
    as_of: date
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    baseline: Path | None = None
    write_baseline: Path | None = None
    prune: bool = False
    base: str | None = None

    def looks_for(self, rule: str) -> bool:
        """Return whether findings of *rule* are reported at all."""
        return (not self.only or rule in self.only) and rule not in self.skip
