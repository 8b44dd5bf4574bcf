"""Who would notice: ``callwright mutate``.

Exit status: 0 every edit was noticed or is listed as equivalent, 1 some were not, 2 wrong usage, 3 the bundle or a
scenario could not be read, or edits were left untried.
"""

import json
import multiprocessing
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import TextIO

import click

from engine.bundle import CompiledBundle
from engine.checks.run import PROVING, run
from engine.rehearsal.equivalents import FILE, Equivalent, read_equivalents, unused
from engine.rehearsal.mutants import Mutant, mutants
from engine.rehearsal.mutate import Linter, Stories, Trial, attempt, keys
from engine.source.documents import Sources
from engine.source.finding import Finding
from engine.source.render import to_json
from tools.bundles import Opened, cache, open_bundle
from tools.console import FAILED, UNREADABLE, CouldNotRead, bundle_option, count, echo_json, format_option, show
from tools.kept import engine
from tools.rehearse import find_scenarios, played

SLOW = ("pattern-catches-others", "understanding-below-floor")
"""Checks that look at intents alone, of which no edit is made."""


@dataclass(frozen=True, slots=True)
class _Work:
    """What the processes share: the edits, the scenarios and lint."""

    mutants: tuple[Mutant, ...]
    stories: Stories
    lint: Linter


_work: list[_Work] = []
_DEAF = (signal.SIGINT, signal.SIG_IGN)
"""What the processes do about Ctrl-C: it is the first one's to answer."""


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@bundle_option
@format_option
@click.option("--only", multiple=True, metavar="TEXT", help="Try only edits in whose name TEXT occurs; repeatable.")
@click.option("--budget", type=click.IntRange(1), metavar="SECONDS", help="Stop after so long. Default: go to the end.")
@click.option("--journal", type=click.Path(path_type=Path), help="Keep what was tried in this file, and go on from it.")
@click.option("--jobs", type=click.IntRange(1, 64), default=2, help="Processes to use. Default: 2.")
@click.option("--prove", is_flag=True, help="Let lint prove the rules too, of what nothing else noticed. Slow.")
@click.option("--list", "listing", is_flag=True, help="Print the edits, and try none.")
def mutate(
    paths: tuple[Path, ...],
    folder: Path | None,
    style: str,
    only: tuple[str, ...],
    budget: int | None,
    journal: Path | None,
    jobs: int,
    prove: bool,
    listing: bool,
) -> None:
    """Try small dangerous edits, and report those that neither lint nor a scenario notices.

    Each edit takes away or weakens one thing: a rule, a condition, an exemption, an item of a list, a limit, a target.
    The scenarios under PATHS are then replayed, those that touch the place first, until one fails; by default they
    are the scenarios and drills of the bundle. An edit that nothing notices wants a scenario. If it changes nothing
    that matters, list it in `equivalent_mutants.yaml`, beside `flows`, with the name printed here:

    \b
      equivalent:
        - edit: condition-deleted us.time/rules/us.time.window/when
          reason: One sentence that says why nobody need notice it.

    Exit status: 0 every edit was noticed or is listed, 1 some were not, 2 wrong usage, 3 something could not be read
    or was left untried.
    """
    opened = open_bundle(folder, scenarios=False)
    every = tuple(mutants(opened.sources.documents))
    chosen = tuple(m for m in every if not only or any(text in m.name for text in only))
    if only and not chosen:
        raise click.UsageError("no edit has a name like that: `--list` prints the names")
    if listing:
        _list(chosen, style)
        return
    listed = _equivalents(opened.folder)
    stories, digests = _stories(opened, paths)
    work = _Work(chosen, stories, partial(_lint, usual=_found(opened.sources, opened.bundle, prove=prove), prove=prove))
    with _Journal(journal, opened.bundle.digest, digests, prove=prove) as kept:
        trials = list(_tried(work, kept, jobs, monotonic() + budget if budget else None))
    _report(chosen, trials, listed, {m.name for m in every}, style)


def _list(chosen: Sequence[Mutant], style: str) -> None:
    if style == "json":
        echo_json({"format_version": 1, "edits": [_described(mutant) for mutant in chosen]})
        return
    for mutant in chosen:
        click.echo(f"{mutant.span}  {mutant.name}\n    {mutant.what}")
    click.echo(count(len(chosen), "edit"))


def _equivalents(folder: Path) -> tuple[Equivalent, ...]:
    file = folder / FILE
    if not file.is_symlink() and not file.exists():
        return ()
    try:
        if not file.is_file():
            raise CouldNotRead(f"`{FILE}` is no file: put one in its place, or delete it")
        text = file.read_text("utf-8")
    except OSError as error:
        raise CouldNotRead(f"`{FILE}` cannot be read: {(error.strerror or str(error)).lower()}") from error
    except UnicodeDecodeError as error:
        raise CouldNotRead(f"`{FILE}` is not UTF-8 text: save it as UTF-8") from error
    listed, wrong = read_equivalents(text)
    if wrong:
        show(wrong, {FILE: text})
        raise CouldNotRead(f"`{FILE}` has {count(len(wrong), 'error')}: mend them first")
    return listed


def _stories(opened: Opened, paths: Sequence[Path]) -> tuple[Stories, Mapping[str, str]]:
    """Return the scenarios, all of which must pass, and a digest of each."""
    company = find_scenarios(paths, opened.folder)
    show(company.findings, company.texts)
    replays = {}
    wrong = len(company.findings)
    for one in played(opened, company):
        if one.replay is None or not one.replay.passed:
            show(one.findings or (one.replay.failures if one.replay else ()), company.texts)
            wrong += 1
        elif not one.proposed:
            replays[one.replay.scenario.path] = one.replay
    if wrong:
        raise CouldNotRead(f"{count(wrong, 'scenario')} cannot be read or fails as things are: mend that first")
    digests = {str(path): sha256(text.encode("utf-8")).hexdigest() for path, text in company.texts.items()}
    return Stories(opened.sources, opened.bundle, company.stages, replays), digests


def _found(sources: Sources, bundle: CompiledBundle, *, prove: bool) -> frozenset[tuple[str, str]]:
    skip = SLOW if prove else (*SLOW, *PROVING)
    return keys(run(sources, bundle, sources.findings, date.today(), skip=skip).findings)


def _lint(sources: Sources, bundle: CompiledBundle, *, usual: frozenset[tuple[str, str]], prove: bool) -> str:
    new = sorted(_found(sources, bundle, prove=False) - usual)
    if not new and prove:
        new = sorted(_found(sources, bundle, prove=True) - usual)
    return new[0][0] if new else ""


# ------------------------------------------------------------------ the trials


class _Journal:
    """What was tried before: good for as long as the engine, the bundle and the scenario that noticed are the same.

    That nobody noticed is good for the same scenarios, and for the same looks of lint.
    """

    def __init__(self, file: Path | None, bundle: str, digests: Mapping[str, str], *, prove: bool) -> None:
        self._file, self._digests = file, digests
        self._bundle = sha256(f"{engine()} {bundle}".encode()).hexdigest()
        self._all = sha256(json.dumps([self._bundle, sorted(digests.items()), prove]).encode()).hexdigest()
        self._out: TextIO | None = None
        self.held: dict[str, Trial] = {}

    def __enter__(self) -> "_Journal":
        if self._file is not None:
            try:
                lines = self._file.read_text("utf-8").splitlines() if self._file.exists() else []
                self._out = self._file.open("a", encoding="utf-8")
            except OSError as error:
                reason = (error.strerror or str(error)).lower()
                raise CouldNotRead(f"`{self._file}` cannot be opened: {reason}") from error
            except UnicodeDecodeError as error:
                raise CouldNotRead(f"`{self._file}` is no journal: it is not UTF-8 text") from error
            for line in lines:
                self._take(line)
        return self

    def __exit__(self, *_: object) -> None:
        if self._out is not None:
            self._out.close()

    def _take(self, line: str) -> None:
        with suppress(ValueError, KeyError, TypeError):  # a line cut short by a stop is tried again
            entry = json.loads(line)
            if entry["good_for"] == self._good_for(Trial(entry["edit"], entry["noticed_by"], entry["by"])):
                self.held[entry["edit"]] = Trial(entry["edit"], entry["noticed_by"], entry["by"])

    def _good_for(self, trial: Trial) -> str:
        if trial.noticed_by == "scenario":
            return f"{self._bundle} {self._digests.get(trial.by, '')}"
        return self._bundle if trial.noticed_by else self._all

    def keep(self, trial: Trial) -> None:
        """Write *trial* down."""
        if self._out is not None:
            entry = {"edit": trial.mutant, "noticed_by": trial.noticed_by, "by": trial.by}
            self._out.write(json.dumps({**entry, "good_for": self._good_for(trial)}) + "\n")
            self._out.flush()


def _tried(work: _Work, journal: _Journal, jobs: int, ends: float | None) -> Iterator[Trial]:
    """Yield what becomes of each edit, those of the journal first, until the time is up or Ctrl-C is pressed."""
    left = [number for number, mutant in enumerate(work.mutants) if mutant.name not in journal.held]
    yield from (journal.held[mutant.name] for mutant in work.mutants if mutant.name in journal.held)
    _work[:] = [work]
    with (
        multiprocessing.get_context("fork").Pool(jobs, signal.signal, _DEAF, maxtasksperchild=200) as pool,
        click.progressbar(length=len(left), label="trying", file=sys.stderr) as bar,
        suppress(KeyboardInterrupt),
    ):
        for trial in pool.imap_unordered(_attempt, left):
            journal.keep(trial)
            bar.update(1)
            yield trial
            if ends is not None and monotonic() > ends:
                pool.terminate()
                break


def _attempt(number: int) -> Trial:
    (work,) = _work
    return attempt(work.mutants[number], work.stories, work.lint, cache())


# ------------------------------------------------------------------ the report


def _report(
    chosen: Sequence[Mutant],
    trials: Sequence[Trial],
    listed: Sequence[Equivalent],
    names: set[str],
    style: str,
) -> None:
    by_name = {trial.mutant: trial for trial in trials}
    reasons = {one.edit: one.reason for one in listed}
    seen = {name for name, trial in by_name.items() if trial.noticed_by}
    stale = unused(listed, names, seen)
    unseen = [m for m in chosen if m.name in by_name and m.name not in seen]
    left = [m for m in unseen if m.name not in reasons]
    untried = len(chosen) - len(by_name)
    if style == "json":
        _as_json(chosen, by_name, reasons, stale)
    else:
        lint, told = (sum(t.noticed_by == who for t in trials) for who in ("lint", "scenario"))
        click.echo(
            f"{count(len(by_name), 'edit')} tried: {told} noticed by scenarios, {lint} by lint, "
            f"{len(unseen) - len(left)} listed as equivalent, {len(left)} NOT noticed"
            + (f"; {untried} left untried" if untried else "")
        )
        for mutant in left:
            click.echo(f"  {mutant.span}  {mutant.name}\n      {mutant.what}")
        show(stale, {})
    if left:
        raise SystemExit(FAILED)
    if untried:
        raise SystemExit(UNREADABLE)


def _as_json(
    chosen: Sequence[Mutant], by_name: Mapping[str, Trial], reasons: Mapping[str, str], stale: Sequence[Finding]
) -> None:
    entries = []
    for mutant in chosen:
        trial = by_name.get(mutant.name)
        became = "untried" if trial is None else trial.noticed_by or "nobody"
        if trial is not None and not trial.noticed_by and mutant.name in reasons:
            became = "equivalent"
        entries.append(
            {
                **_described(mutant),
                "noticed_by": became,
                "by": trial.by if trial else "",
                "reason": reasons.get(mutant.name, ""),
            }
        )
    echo_json({"format_version": 1, "edits": entries, "findings": [to_json(finding) for finding in stale]})


def _described(mutant: Mutant) -> dict[str, object]:
    return {
        "edit": mutant.name,
        "kind": mutant.kind,
        "what": mutant.what,
        "file": str(mutant.span.path),
        "line": mutant.span.line,
        "column": mutant.span.column,
    }
