"""Findings that are known: a file that holds them, so that only new ones are reported."""

from dataclasses import replace
from pathlib import Path

import click

from engine.checks.catalogue import waivable
from engine.checks.fingerprints import Baseline, baseline_of, new_ones, read_baseline, without, write_baseline
from engine.checks.run import Report
from engine.source.finding import Finding
from tools.console import CouldNotRead
from tools.wanted import Wanted


def since(report: Report, waived: tuple[Finding, ...], file: Path, wanted: Wanted) -> tuple[Report, int]:
    """Return *report* without what the baseline *file* holds, and how much that is.

    What the file holds and is no longer found is said, and taken out where that is wanted; only what was looked for
    can be missed, and only in a bundle that could be checked whole.

    Raises:
        CouldNotRead: The file is no baseline, or cannot be read or written.
    """
    held = _read(file)
    findings, _ = new_ones(report.findings, held, waivable)
    if report.whole and not report.unsure:
        gone = new_ones((*report.findings, *waived), held, waivable)[1]
        _tell({mark: n for mark, n in gone.items() if wanted.looks_for(held[mark].rule)}, held, file, wanted.prune)
    return replace(report, findings=findings), len(report.findings) - len(findings)


def write_found(file: Path, found: tuple[Finding, ...], report: Report) -> None:
    """Write a baseline of what is *found* to *file*.

    Raises:
        CouldNotRead: It cannot be written, or the bundle could not be checked whole.
    """
    if not report.whole:
        raise CouldNotRead(f"`{file}` is not written: the bundle could not be checked whole")
    _write(file, baseline_of(found, waivable))


def _tell(gone: dict[str, int], held: Baseline, file: Path, prune: bool) -> None:
    if not gone:
        return
    said = f"{len(gone)} of the entries of `{file}` are no longer found"
    if prune:
        _write(file, without(held, gone))
        click.echo(f"{said}: taken out", err=True)
    else:
        click.echo(f"{said}: take them out with --prune", err=True)


def _read(file: Path) -> Baseline:
    try:
        return read_baseline(file.read_bytes().decode("utf-8", "replace"))
    except OSError as error:
        raise CouldNotRead(f"`{file}` cannot be read: {(error.strerror or str(error)).lower()}") from error
    except ValueError as error:
        raise CouldNotRead(f"`{file}`: {error}") from error


def _write(file: Path, baseline: Baseline) -> None:
    try:
        file.write_text(write_baseline(baseline), "utf-8")
    except OSError as error:
        raise CouldNotRead(f"`{file}` cannot be written: {(error.strerror or str(error)).lower()}") from error
