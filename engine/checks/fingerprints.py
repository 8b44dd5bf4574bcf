"""What makes a finding the same one in the next version: its rule and place in the model, never a line number."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from engine.source.finding import Finding


@dataclass(frozen=True, slots=True)
class Known:
    """A finding that a baseline holds.

    Args:
        what: Its rule and place, for people.
        times: How often it is there.
    """

    what: str
    times: int = 1

    @property
    def rule(self) -> str:
        """Return the name of its rule."""
        return self.what.partition(" ")[0]


Baseline = Mapping[str, Known]
"""What is known, by its fingerprint."""


def fingerprint(finding: Finding) -> str:
    """Return what identifies *finding* however the file is laid out."""
    place = finding.where or f"{finding.span.path}: {finding.message}"
    return sha256(f"{finding.rule}\n{place}".encode()).hexdigest()[:32]


def baseline_of(findings: Iterable[Finding], waivable: Callable[[str], bool]) -> Baseline:
    """Return a baseline that holds *findings*, but for those whose rules cannot be waived."""
    held = [f for f in findings if waivable(f.rule)]
    times = Counter(map(fingerprint, held))
    return {fingerprint(f): Known(f"{f.rule} {f.where or f.span.path}", times[fingerprint(f)]) for f in held}


def write_baseline(baseline: Baseline) -> str:
    """Return *baseline* as the text of a file."""
    data = {
        "format_version": "1.1",
        "findings": {mark: known.what for mark, known in baseline.items()},
        "times": {mark: known.times for mark, known in baseline.items() if known.times > 1},
    }
    return json.dumps(data, sort_keys=True, indent=2, ensure_ascii=False) + "\n"


def read_baseline(text: str) -> Baseline:
    """Return the baseline that *text* is.

    Raises:
        ValueError: It is none.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        data = None
    held = data.get("findings") if isinstance(data, dict) else None
    times = data.get("times", {}) if isinstance(data, dict) else None
    if not (isinstance(held, dict) and isinstance(times, dict) and all(type(n) is int for n in times.values())):
        raise ValueError("this file is no baseline: write one with `--write-baseline`")
    return {mark: Known(str(what), times.get(mark, 1)) for mark, what in held.items()}


def new_ones(
    findings: Iterable[Finding], baseline: Baseline, waivable: Callable[[str], bool]
) -> tuple[tuple[Finding, ...], Mapping[str, int]]:
    """Return the findings that *baseline* does not hold, and how often each that it holds is no longer found.

    Where one is found more often than it is known, all of these are returned: no one can say which is new.
    """
    held = tuple(findings)
    found = Counter(map(fingerprint, held))
    known = {mark for mark, one in baseline.items() if found[mark] <= one.times}
    new = tuple(f for f in held if fingerprint(f) not in known or not waivable(f.rule))
    return new, {mark: one.times - found[mark] for mark, one in baseline.items() if found[mark] < one.times}


def without(baseline: Baseline, gone: Mapping[str, int]) -> Baseline:
    """Return *baseline* without what is *gone*, as often as it is."""
    left = {mark: Known(known.what, known.times - gone.get(mark, 0)) for mark, known in baseline.items()}
    return {mark: known for mark, known in left.items() if known.times > 0}
