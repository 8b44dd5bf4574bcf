"""What makes a finding the same one in the next version: its rule and place in the model, never a line number."""

import json
from collections.abc import Callable, Iterable
from hashlib import sha256

from engine.source.finding import Finding


def fingerprint(finding: Finding) -> str:
    """Return what identifies *finding* however the file is laid out."""
    place = finding.where or f"{finding.span.path}: {finding.message}"
    return sha256(f"{finding.rule}\n{place}".encode()).hexdigest()[:32]


def write_baseline(findings: Iterable[Finding], waivable: Callable[[str], bool]) -> str:
    """Return a baseline that holds *findings*, but for those whose rules cannot be waived."""
    held = {fingerprint(f): f"{f.rule} {f.where or f.span.path}" for f in findings if waivable(f.rule)}
    return json.dumps({"format_version": "1.0", "findings": held}, sort_keys=True, indent=2, ensure_ascii=False) + "\n"


def read_baseline(text: str) -> frozenset[str]:
    """Return the fingerprints a baseline holds.

    Raises:
        ValueError: *text* is no baseline.
    """
    try:
        held = json.loads(text)
    except json.JSONDecodeError:
        held = None
    if not isinstance(held, dict) or not isinstance(held.get("findings"), dict):
        raise ValueError("this file is no baseline: write one with `--write-baseline`")
    return frozenset(map(str, held["findings"]))


def without(text: str, gone: frozenset[str]) -> str:
    """Return the baseline *text* without the fingerprints *gone*."""
    held = {mark: what for mark, what in json.loads(text)["findings"].items() if mark not in gone}
    return json.dumps({"format_version": "1.0", "findings": held}, sort_keys=True, indent=2, ensure_ascii=False) + "\n"


def new_ones(
    findings: Iterable[Finding], baseline: frozenset[str], waivable: Callable[[str], bool]
) -> tuple[tuple[Finding, ...], frozenset[str]]:
    """Return the findings that the baseline does not hold, and what it holds that is no longer found."""
    held = tuple(findings)
    marks = {fingerprint(f) for f in held}
    return tuple(f for f in held if fingerprint(f) not in baseline or not waivable(f.rule)), baseline - marks
