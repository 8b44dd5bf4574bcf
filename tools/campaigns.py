"""Place calls, and rehearse it: ``callwright worker``, ``callwright simulate``.

Exit status: 0 done, 1 a rehearsal broke a rule, 2 wrong usage, 3 the store or the bundle cannot be used.
"""

import signal
import sys
import tempfile
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from os import urandom
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from engine.bundle import CompiledBundle
from engine.calls import Calls, Shelf
from engine.outbound.client import ApiClient, ApiProblem
from engine.outbound.conduct import Conductor
from engine.outbound.line import Line
from engine.outbound.personas import SimulatedLine
from engine.outbound.remote import RemoteConductor
from engine.outbound.simulate import NOT_SIMULATED
from engine.outbound.simulate import simulate as rehearse
from engine.outbound.terminal import TerminalLine
from engine.outbound.worker import Orders, Worker
from engine.records.errors import UnknownBundle
from engine.records.keys import KeyRing
from engine.records.store import open_store
from tools.bundles import Opened, make_ready, open_bundle
from tools.campaign_summary import summary_lines
from tools.console import FAILED, CouldNotRead, bundle_option, echo_json, format_option
from tools.records_commands import plain
from tools.stores import database_option, opened


@click.command()
@click.option("--worker-id", "name", required=True, metavar="W", help="The name under which it leases jobs.")
@click.option("--once", is_flag=True, help="Stop when nothing is due.")
@click.option("--poll-seconds", type=click.FloatRange(0.01, 3600), default=1.0, show_default=True)
@click.option("--max-jobs", "most", type=click.IntRange(1), help="Stop after so many jobs.")
@click.option("--campaign", default="", metavar="NAME", help="Work for one campaign only.")
@click.option("--api", default="", metavar="URL", help="Work for the server there, and open no store.")
@click.option("--key", envvar="CALLWRIGHT_API_KEY", default="", help="Its API key. Default: CALLWRIGHT_API_KEY.")
@click.option("--line", "kind", type=click.Choice(["simulated", "terminal"]), default="simulated", show_default=True)
@click.option("--seed", default=1, show_default=True, help="Of the simulated callees.")
@bundle_option
@database_option
def worker(
    name: str, once: bool, poll_seconds: float, most: int | None, campaign: str, api: str, key: str, kind: str,
    seed: int, folder: Path | None, url: str,
) -> None:  # fmt: skip
    """Lease jobs, ask the gate, place calls, conduct them and report, until told to stop.

    On SIGTERM or control-C it finishes the job it has and leases no more. While the store or the server is away it
    waits and says so. New calls run under the bundle that was published last; when none was, under the one of
    --bundle, which is then published. With --api the server does all of this but the dialling and talking; --bundle
    should then be the one it serves.

    Exit status: 0 stopped or done, 2 wrong usage, 3 the store, the server or the bundle cannot be used.
    """
    if api and not key:
        raise click.UsageError("a server needs --key, or CALLWRIGHT_API_KEY set")
    if api and not (urlsplit(api).hostname and urlsplit(api).scheme in ("http", "https")):
        raise click.UsageError(f"`{api}` is not the address of a server: write it as http://127.0.0.1:8080")
    with _queue(api, key, url, folder, kind, seed) as queue:
        done = _work(Worker(queue, Orders(name, once, poll_seconds, most, campaign), click.echo))
    told = ", ".join(f"{number} {state}" for state, number in done.items())
    click.echo(f"worker {name}: {told or 'nothing to do'}")


@contextmanager
def _queue(
    api: str, key: str, url: str, folder: Path | None, kind: str, seed: int
) -> Iterator[Conductor | RemoteConductor]:
    """Give what a worker works for: the jobs of a server, or of a store."""
    if api:
        bundle = open_bundle(folder).bundle
        try:
            with ApiClient(api, key) as client:
                yield RemoteConductor(client, _line(kind, seed, bundle), bundle)
        except ApiProblem as problem:
            raise CouldNotRead(f"{api} does not let this worker work: {problem}") from problem
        return
    with opened(url) as store:
        shelf = Shelf(store, make_ready)
        bundle = _current(shelf, folder)
        yield Conductor(Calls(store, shelf), _line(kind, seed, bundle))


def _work(worker: Worker[Any]) -> Counter[str]:
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: worker.stop())
    return worker.run()


def _current(shelf: Shelf, folder: Path | None) -> CompiledBundle:
    try:
        return shelf.current()
    except UnknownBundle:
        opened_bundle = open_bundle(folder)
        return shelf.put(opened_bundle.bundle, opened_bundle.sources)


def _line(kind: str, seed: int, bundle: CompiledBundle) -> Line:
    if kind == "terminal":
        return TerminalLine(lambda text: str(click.prompt(text, default="", show_default=False)), click.echo)
    return SimulatedLine(lambda: bundle, seed)


@contextmanager
def rehearsal_store(bundle: Opened) -> Iterator[Calls]:
    """Give calls in an empty store of its own, with *bundle* published; it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="callwright-") as place:
        keys = KeyRing.read(f"once:{b64encode(urandom(32)).decode()}")
        store = open_store(f"sqlite:///{place}/rehearsal.db", keys, durable=False)
        try:
            shelf = Shelf(store)
            shelf.put(bundle.bundle, bundle.sources)
            yield Calls(store, shelf)
        finally:
            store.close()


@click.command()
@click.option("--calls", "number", type=click.IntRange(1), default=200, show_default=True, help="How many jobs.")
@click.option("--seed", default=1, show_default=True)
@click.option("--flow", default="", metavar="ID", help="The call flow. Default: the only one, or `collections`.")
@bundle_option
@format_option
def simulate(number: int, seed: int, flow: str, folder: Path | None, style: str) -> None:
    """Rehearse a campaign: made-up people, simulated callees, and the real gate, calls and ledger.

    Thirty days pass in minutes, in a store of its own. Afterwards an audit that shares nothing with the gate looks
    for calls out of hours, over a cap, too soon or after a suppression, and for debts told to somebody not verified.
    """
    bundle = open_bundle(folder)
    chosen = chosen_flow(bundle.bundle, flow)
    with (
        rehearsal_store(bundle) as calls,
        click.progressbar(length=number, label="calling", file=sys.stderr, hidden=style == "json") as bar,
    ):
        summary = rehearse(calls, number, seed, flow=chosen, told=lambda done, _: bar.update(done - bar.pos))
    if style == "json":
        told = plain(summary)
        told["measures"] = {name: value for name, value in told["measures"].items() if name not in NOT_SIMULATED}
        echo_json({**told, "not_simulated": NOT_SIMULATED})
    else:
        click.echo("\n".join(summary_lines(summary, bundle.bundle)))
    if summary.breaches:
        raise SystemExit(FAILED)


def chosen_flow(bundle: CompiledBundle, named: str) -> str:
    """Return the call flow that was *named*, or the one that need not be named.

    Raises:
        CouldNotRead: The bundle has no such flow, or has several.
    """
    flows = ", ".join(sorted(bundle.flows))
    if named and named not in bundle.flows:
        raise CouldNotRead(f"the bundle has no call flow `{named}`; it has {flows}")
    if named or len(bundle.flows) == 1:
        return named or next(iter(bundle.flows))
    if "collections" in bundle.flows:
        return "collections"
    raise CouldNotRead(f"name the call flow with --flow: {flows}")


COMMANDS = (worker, simulate)
