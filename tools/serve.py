"""Serve the REST API: ``callwright serve``.

Exit status: 0 it was stopped, 2 the command was called wrongly, 3 the store or
the bundle cannot be used.
"""

import os
import tempfile
from pathlib import Path

import click

from engine.records.errors import UnknownBundle
from tools.bundles import cache, encoder, open_bundle
from tools.console import bundle_option
from tools.stores import database_option, opened


@click.command()
@click.option("--host", default="127.0.0.1", help="Address to listen at. Default: 127.0.0.1.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, help="Port to listen at. Default: 8080.")
@click.option("--workers", type=click.IntRange(1, 64), default=2, help="Processes. Default: 2.")
@click.option("--threads", type=click.IntRange(1, 64), default=8, help="Requests a process works on at once.")
@click.option("--drain", type=click.FloatRange(0, 600), default=2.0, help="Seconds of not being ready before stopping.")
@click.option("--grace", type=click.FloatRange(1, 600), default=30.0, help="Seconds for requests under way.")
@click.option("--rate", type=click.FloatRange(1, 1e6), default=200.0, help="Requests a second one key may make.")
@click.option(
    "--strangers", type=click.FloatRange(1, 1e6), default=20.0, help="Refused requests a second one address may make."
)
@click.option("--cors-origin", "origins", multiple=True, metavar="ORIGIN", help="Web pages that may call; none.")
@click.option("--webhook", default="", metavar="URL", envvar="CALLWRIGHT_WEBHOOK", help="Where to tell what happened.")
@database_option
@bundle_option
def serve(
    host: str, port: int, workers: int, threads: int, drain: float, grace: float, rate: float,
    strangers: float, origins: tuple[str, ...], webhook: str, url: str, folder: Path | None,
) -> None:  # fmt: skip
    """Serve the REST API until told to stop (SIGTERM: first not ready, then what is under way is finished).

    With --bundle, that bundle is published and comes into force. Without, the one in force stays; where none is, the
    bundle here, or else the one that is shipped, is published. CALLWRIGHT_KEY holds the key of the store,
    CALLWRIGHT_WEBHOOK_SECRET what messages are signed with; CALLWRIGHT_ENCODER=use hears with a sentence encoder.

    Exit status: 0 stopped, 2 wrong usage, 3 the store or the bundle cannot be used.
    """
    named = os.environ.get("CALLWRIGHT_ENCODER", "") if encoder() else ""
    _publish(url, folder)
    with tempfile.TemporaryDirectory(prefix="callwright-metrics-") as figures:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = figures
        from server.process import Server, Serving
        from server.settings import Settings
        from server.webhooks import BadWebhook, check_address

        secrets = tuple(filter(None, os.environ.get("CALLWRIGHT_WEBHOOK_SECRET", "").split(",")))
        if webhook:
            try:
                check_address(webhook)
            except BadWebhook as wrong:
                raise click.UsageError(str(wrong)) from wrong
            if not secrets:
                raise click.UsageError("messages are signed: set CALLWRIGHT_WEBHOOK_SECRET")
        allowed = frozenset(origins)
        settings = Settings(
            rate=rate, burst=rate * 2, strangers=strangers, cors_origins=allowed, cache=cache(), encoder=named
        )
        Server(Serving(url, host, port, workers, threads, drain, grace, webhook, secrets, settings)).run()


def _publish(url: str, folder: Path | None) -> None:
    """Put a bundle into force where one was named, or where none is."""
    with opened(url) as store:
        try:
            store.bundles.current()
        except UnknownBundle:
            pass
        else:
            if folder is None:
                return
        ready = open_bundle(folder)
        store.bundles.publish(ready.bundle.digest, ready.sources.texts)

