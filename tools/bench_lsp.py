"""How long an editor waits: ``python -m tools.bench_lsp``.

A language server of its own process is given a flow of more than 500 lines and one change after another, as an
editor does; each is timed from the change to the findings about it. The limit is 50 milliseconds for 95 of 100.
"""

import asyncio
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import click
from lsprotocol import types
from pygls.lsp.client import LanguageClient

from tools.console import echo_json, format_option

LIMIT = 50.0
FLOW = "flows/collections/flow.yaml"
TICK = os.sysconf("SC_CLK_TCK")


async def measure(folder: Path, changes: int) -> tuple[list[float], float]:
    """Return the milliseconds until the findings of each change, and the server's milliseconds of CPU a change."""
    client, told = LanguageClient("bench", "1"), asyncio.Event()
    address = (folder / FLOW).as_uri()

    def found(_client: LanguageClient, given: types.PublishDiagnosticsParams) -> None:
        if given.uri == address:
            told.set()

    client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(found)
    await client.start_io(sys.executable, "-m", "tools.main", "lsp", "--bundle", str(folder))
    await client.initialize_async(types.InitializeParams(capabilities=types.ClientCapabilities()))
    client.initialized(types.InitializedParams())
    text = (folder / FLOW).read_text("utf-8")
    text += "".join(f"# line {n} of a long file\n" for n in range(max(0, 500 - text.count("\n"))))
    item = types.TextDocumentItem(address, "yaml", 1, text)
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    await told.wait()
    server = client._server
    assert server is not None
    took: list[float] = []
    begun = _cpu(server.pid)
    for version in range(2, changes + 2):
        await asyncio.sleep(0.05)
        told.clear()
        changed = types.TextDocumentContentChangeWholeDocument(text.replace("times: 2", f"times: {version % 5 + 1}", 1))
        which = types.VersionedTextDocumentIdentifier(version, address)
        start = time.perf_counter()
        client.text_document_did_change(types.DidChangeTextDocumentParams(which, [changed]))
        await told.wait()
        took.append((time.perf_counter() - start) * 1000)
    used = (_cpu(server.pid) - begun) / changes
    await client.shutdown_async(None)
    client.exit(None)
    await client.stop()  # type: ignore[no-untyped-call]
    return took, used


def _cpu(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK * 1000


@click.command()
@click.option("--changes", default=60, show_default=True, help="How many changes are timed.")
@format_option
def main(changes: int, style: str) -> None:
    """Time a language server on a long file, change by change."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(__file__).resolve().parents[1]
        for name in ("flows", "policies"):
            shutil.copytree(root / name, Path(scratch) / name)
        took, used = asyncio.run(measure(Path(scratch), changes))
    took.sort()
    median, slow = took[len(took) // 2], took[int(len(took) * 0.95)]
    if style == "json":
        echo_json({"changes": changes, "p50_ms": median, "p95_ms": slow, "cpu_ms": used, "ratio": slow / LIMIT})
        return
    click.echo(
        f"language server, {changes} changes of a 500-line flow: p50 {median:.0f} ms, p95 {slow:.0f} ms, "
        f"{used:.0f} ms of CPU each; p95 is {slow / LIMIT:.2f} of the limit of {LIMIT:.0f} ms"
    )


if __name__ == "__main__":
    main()
