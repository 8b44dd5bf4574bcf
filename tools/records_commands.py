"""Jobs, attempts, the ledger and suppressions: what a supervisor and an auditor ask for.

Exit status of each: 0 done, 1 something is wrong with what was looked at, 2 the command was called wrongly,
3 the store cannot be used or has no such thing.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

import click

from engine.bundle import CompiledBundle
from engine.calls import Shelf
from engine.outbound.explain import explain as explained
from engine.outbound.explain import find, redecide_all
from engine.records.errors import RecordsError, UnknownBundle
from engine.records.job import FLAGS, NewJob
from engine.records.ledger import Checkpoint
from engine.records.metrics import Rate, measure
from engine.records.retention import DEFAULTS
from engine.records.states import MEANING
from engine.records.store import Store
from engine.records.suppressions import NewSuppression
from engine.records.verify import verify as verified
from engine.terms import JobState, Scope
from tools.bundles import open_bundle
from tools.campaign_summary import measure_lines
from tools.console import FAILED, CouldNotRead, bundle_option, count, echo_json, format_option, moment
from tools.job_lines import read_job
from tools.stores import database_option, opened

_PAGE = click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
_BEFORE = click.option("--before", metavar="ID", default="", help="Go on after the last one of a page.")


@contextmanager
def _store(url: str) -> Iterator[Store]:
    """Open the store; what it does not have or refuses ends the command with exit status 3."""
    with opened(url) as store:
        try:
            yield store
        except RecordsError as error:
            raise CouldNotRead(str(error)) from error


def plain(thing: object) -> Any:
    """Return *thing* as JSON data: records by their fields, times in ISO form, bytes in hex."""
    if isinstance(thing, Rate):
        return {"part": thing.part, "whole": thing.whole, "value": thing.value}
    if isinstance(thing, Enum):
        return thing.value
    if isinstance(thing, datetime):
        return thing.isoformat()
    if isinstance(thing, bytes):
        return thing.hex()
    if isinstance(thing, Mapping):
        return {str(key): plain(value) for key, value in thing.items()}
    if isinstance(thing, tuple | list):
        return [plain(item) for item in thing]
    if isinstance(thing, frozenset | set):
        return sorted(plain(item) for item in thing)
    if hasattr(thing, "__dataclass_fields__"):
        return {field.name: plain(getattr(thing, field.name)) for field in fields(thing)}  # type: ignore[arg-type]
    return thing


def _listed(rows: Sequence[Any], style: str, line: Callable[[Any], str], thing: str) -> None:
    if style == "json":
        echo_json(plain(rows))
        return
    for row in rows:
        click.echo(line(row))
    click.echo(count(len(rows), thing), err=True)


# ------------------------------------------------------------------------ jobs


@click.group()
def jobs() -> None:
    """Take in, list, show, cancel and send round again the calls that are to be placed."""


@jobs.command()
@click.argument("file", type=click.File("r", encoding="utf-8", errors="surrogateescape"))
@bundle_option
@database_option
@format_option
def enqueue(file: Any, folder: Path | None, url: str, style: str) -> None:
    """Take in the jobs in FILE (`-` is standard input), one JSON object a line.

    Each names `account`, `person`, `number` and `debts` (a list, or each debt with its facts), and as wanted
    `household`, `facts` (written as in a scenario), `campaign`, `flow`, `locale`, `zones`, `due`, `priority` (0 to 9),
    `tries`, `wait` and `longest_wait` (seconds), `key` and `flags`. The same `key` with the same content gives the
    first job again.
    """
    lines = [(number, line) for number, line in enumerate(file, 1) if line.strip()]
    with _store(url) as store:
        bundle = _bundle(store, folder)
        wanted = [_job(number, line, bundle) for number, line in lines]
        parts = (wanted[start : start + 500] for start in range(0, len(wanted), 500))
        answers = [answer for part in parts for answer in store.jobs.enqueue(*part)]
    _listed(answers, style, lambda one: f"{one.job}  {one.state}{'' if one.created else '  (was there before)'}", "job")


def _bundle(store: Store, folder: Path | None) -> CompiledBundle:
    """Return the bundle in whose words facts are written: that of --bundle, or the one published last."""
    if folder is None:
        try:
            return Shelf(store).current()
        except UnknownBundle:
            return open_bundle(None).bundle
    return open_bundle(folder).bundle


def _job(number: int, line: str, bundle: CompiledBundle) -> NewJob:
    try:
        return read_job(line, bundle)
    except ValueError as error:
        raise CouldNotRead(f"line {number}: {error}") from error


@jobs.command("list")
@click.option("--state", type=click.Choice([state.value for state in JobState]))
@click.option("--campaign", default="", metavar="NAME")
@_BEFORE
@_PAGE
@database_option
@format_option
def list_jobs(state: str | None, campaign: str, before: str, limit: int, url: str, style: str) -> None:
    """List jobs, newest first."""
    with _store(url) as store:
        rows = store.jobs.list(state=JobState(state) if state else None, campaign=campaign, before=before, limit=limit)
    _listed(rows, style, lambda row: f"{row.id}  {row.state:<13}  {row.tries}/{row.most_tries}  {row.reason}", "job")


@jobs.command("show")
@click.argument("job")
@database_option
@format_option
def show_job(job: str, url: str, style: str) -> None:
    """Show a job, what its state means, and its attempts."""
    with _store(url) as store:
        row, _ = store.jobs.show(job)
        tried = store.attempts.list(job=job)
    if style == "json":
        echo_json({"job": plain(row), "attempts": plain(tried)})
        return
    click.echo(f"job {row.id}: {row.state}, {MEANING[row.state]}")
    for name, value in (("reason", row.reason), ("flags", ", ".join(row.flags)), ("campaign", row.campaign)):
        if value:
            click.echo(f"{name}: {value}")
    click.echo(f"tries: {row.tries} of {row.most_tries}; next from {row.ready.isoformat()}")
    for one in tried:
        click.echo(_attempt(one))


@jobs.command()
@click.argument("job")
@click.option("--reason", default="canceled by a person", show_default=True)
@database_option
def cancel(job: str, reason: str, url: str) -> None:
    """Cancel a job that is not on the line."""
    with _store(url) as store:
        store.jobs.cancel(job, reason)
    click.echo(f"job {job} is canceled")


@jobs.command()
@click.argument("job")
@database_option
def redrive(job: str, url: str) -> None:
    """Send a dead letter round again, with all its tries."""
    with _store(url) as store:
        store.jobs.redrive(job)
    click.echo(f"job {job} is queued again")


@jobs.command()
@click.argument("job")
@click.argument("state", type=click.Choice(["succeeded", "failed", "canceled", "queued"]))
@click.option("--reason", required=True, help="What was found out.")
@database_option
def settle(job: str, state: str, reason: str, url: str) -> None:
    """Say what became of a job in review: its worker was lost while it may have been on the line."""
    with _store(url) as store:
        store.jobs.settle(job, JobState(state), reason)
    click.echo(f"job {job} is {state}")


@jobs.command()
@click.argument("job")
@click.argument("flag", type=click.Choice(sorted(FLAGS)))
@click.option("--off", is_flag=True, help="Take it off.")
@database_option
def flag(job: str, flag: str, off: bool, url: str) -> None:
    """Put a flag on a job: while it stands, the job is neither leased nor dialled."""
    with _store(url) as store:
        store.jobs.flag(job, flag, on=not off)
    click.echo(f"job {job}: {flag} is {'off' if off else 'on'}")


# -------------------------------------------------------------------- attempts


@click.group()
def attempts() -> None:
    """List and show what the gate said to each try of a job, and what came of it."""


def _attempt(row: Any) -> str:
    why = ", ".join(row.rules) or row.result
    return f"{row.id}  {row.state:<8}  {row.decided.isoformat(timespec='seconds')}  {why}  {row.disposition}".rstrip()


@attempts.command("list")
@click.option("--job", default="", metavar="ID")
@click.option("--state", type=click.Choice(["denied", "allowed", "placed", "stopped", "ended"]), default=None)
@click.option("--campaign", default="", metavar="NAME")
@_BEFORE
@_PAGE
@database_option
@format_option
def list_attempts(job: str, state: str | None, campaign: str, before: str, limit: int, url: str, style: str) -> None:
    """List attempts, newest first."""
    with _store(url) as store:
        rows = store.attempts.list(job=job, state=state or "", campaign=campaign, before=before, limit=limit)
    _listed(rows, style, _attempt, "attempt")


@attempts.command("show")
@click.argument("attempt")
@database_option
@format_option
def show_attempt(attempt: str, url: str, style: str) -> None:
    """Show an attempt, with what the ledger says about it."""
    with _store(url) as store:
        row = store.attempts.show(attempt)
        entries = store.ledger.entries(attempt=attempt)
    if style == "json":
        echo_json({"attempt": plain(row), "entries": plain(entries)})
        return
    click.echo(_attempt(row))
    for entry in entries:
        click.echo("\n".join(explained(entry)))


# ---------------------------------------------------------------------- ledger


@click.group()
def ledger() -> None:
    """Verify, explain and export the ledger of every decision."""


@ledger.command()
@click.option(
    "--against", type=click.Path(path_type=Path, exists=True), help="An export made earlier: its checkpoints must hold."
)
@click.option("--redecide", is_flag=True, help="Also decide every dial again, under its own bundle.")
@database_option
@format_option
def verify(against: Path | None, redecide: bool, url: str, style: str) -> None:
    """Look whether any entry was changed, removed, put in, moved or cut off."""
    with _store(url) as store:
        verdict = verified(store.database, store.keys, _kept(against) if against else ())
        again = list(redecide_all(store.ledger, Shelf(store))) if redecide and verdict.sound else []
        store.ledger.checkpoint()
    differing = [one.seq for one in again if not one.same]
    if style == "json":
        echo_json({"verdict": plain(verdict), "decided_again": len(again), "differing": differing})
    else:
        click.echo(f"{verdict.entries} entries, {verdict.checkpoints} checkpoints, head {verdict.head.hex()[:16]}")
        for problem in verdict.problems:
            click.echo(f"entry {problem.seq}: {problem.message}")
        if redecide and verdict.sound:
            click.echo(f"{count(len(again), 'dial')} decided again, {len(differing)} otherwise")
        click.echo("the ledger is sound" if verdict.sound and not differing else "the ledger is not sound")
    if not verdict.sound or differing:
        raise SystemExit(FAILED)


def _kept(file: Path) -> list[Checkpoint]:
    """Return the checkpoints in an export.

    Raises:
        CouldNotRead: It is no export.
    """
    try:
        lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        return [
            Checkpoint(
                data["checkpoint"],
                bytes.fromhex(data["hash"]),
                datetime.fromisoformat(data["at"]),
                bytes.fromhex(data["public"]),
                bytes.fromhex(data["signature"]),
            )
            for data in lines
            if "checkpoint" in data
        ]
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise CouldNotRead(f"{file} is no export of a ledger: write one with `callwright ledger export`") from error


@ledger.command()
@click.argument("wanted", metavar="ID")
@database_option
@format_option
def explain(wanted: str, url: str, style: str) -> None:
    """Say why, why not and what would change it: ID is an entry, an attempt or a call."""
    with _store(url) as store:
        entries = find(store.ledger, wanted)
    if style == "json":
        echo_json(plain(entries))
        return
    click.echo("\n\n".join("\n".join(explained(entry)) for entry in entries))


@ledger.command()
@click.argument("file", type=click.File("w", encoding="utf-8", lazy=False))
@database_option
def export(file: Any, url: str) -> None:
    """Write every entry and a signed checkpoint to FILE, one JSON object a line, still sealed."""
    with _store(url) as store:
        store.ledger.checkpoint()
        try:
            for line in store.ledger.export():
                file.write(json.dumps(line, sort_keys=True) + "\n")
            file.flush()
        except OSError as error:
            raise CouldNotRead(f"{file.name} cannot be written: {error.strerror}") from error


# ---------------------------------------------------- suppressions and retention


@click.group()
def suppress() -> None:
    """Keep people from being called, and list who may not be."""


@suppress.command()
@click.argument("scope", type=click.Choice([scope.value for scope in Scope]))
@click.argument("subject")
@click.argument("reason")
@click.option("--until", metavar="TIME", callback=moment, help="When it ends by itself. Default: never.")
@database_option
def add(scope: str, subject: str, reason: str, until: datetime | None, url: str) -> None:
    """Suppress calls to SUBJECT (a number, person, debt or account) for REASON, and cancel its jobs."""
    with _store(url) as store:
        [ident] = store.suppress(NewSuppression(Scope(scope), subject, reason, until=until))
    click.echo(ident)


@suppress.command("list")
@click.option("--reason", default="", metavar="NAME")
@_BEFORE
@_PAGE
@database_option
@format_option
def list_suppressions(reason: str, before: str, limit: int, url: str, style: str) -> None:
    """List suppressions, newest first."""
    with _store(url) as store:
        rows = store.suppressions.list(reason=reason, before=before, limit=limit)
    _listed(rows, style, _suppression, "suppression")


def _suppression(row: Any) -> str:
    end = f"lifted {row.lifted:%Y-%m-%d}" if row.lifted else f"until {row.until:%Y-%m-%d}" if row.until else "stands"
    return f"{row.id}  {row.scope:<8}  {row.subject}  {row.reason}  since {row.since:%Y-%m-%d}, {end}"


@suppress.command()
@click.argument("suppression")
@click.option("--reason", required=True, help="Why it ends.")
@database_option
def lift(suppression: str, reason: str, url: str) -> None:
    """End a suppression."""
    with _store(url) as store:
        stood = store.lift(suppression, reason)
    if not stood:
        click.echo(f"no suppression {suppression} stands", err=True)
        raise SystemExit(FAILED)


@click.group()
def retention() -> None:
    """Remove what is older than its class allows. A legal hold wins."""


@retention.command("run")
@click.option("--class", "classes", multiple=True, type=click.Choice(sorted(DEFAULTS)), help="Default: all.")
@database_option
@format_option
def run_retention(classes: tuple[str, ...], url: str, style: str) -> None:
    """Remove what is old; of the ledger only the keys, so that it still verifies."""
    with _store(url) as store:
        removed = store.retention.run(*classes)
    if style == "json":
        echo_json(plain(removed))
        return
    for one in removed:
        click.echo(f"{one.name:<12} {one.days:>5} days  {one.removed} removed")


@retention.command("set")
@click.argument("name", type=click.Choice(sorted(DEFAULTS)))
@click.argument("days", type=click.IntRange(0))
@database_option
def set_retention(name: str, days: int, url: str) -> None:
    """Keep a class for so many days from now on; contacts, which rules count, for 400 at least."""
    with _store(url) as store:
        try:
            store.retention.set_days(name, days)
        except ValueError as wrong:
            raise click.UsageError(str(wrong)) from wrong


# --------------------------------------------------------------------- metrics


@click.command()
@click.option("--since", metavar="TIME", callback=moment)
@click.option("--until", metavar="TIME", callback=moment)
@click.option("--campaign", default="", metavar="NAME")
@database_option
@format_option
def metrics(since: datetime | None, until: datetime | None, campaign: str, url: str, style: str) -> None:
    """Show what calling came to: each rate with its numerator and denominator."""
    with _store(url) as store:
        found = measure(store.database, since=since, until=until, campaign=campaign)
    if style == "json":
        echo_json(plain(found))
    else:
        click.echo("\n".join(measure_lines(found)))


COMMANDS = (jobs, attempts, ledger, suppress, retention, metrics)
