"""Try the product from end to end: ``callwright smoke api``, ``callwright smoke worker``.

Exit status: 0 it went as it must, 1 it did not, 2 the command was called
wrongly, 3 the server, the store or the bundle cannot be used.
"""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import httpx

from engine.outbound.client import ApiAway, ApiClient, ApiProblem, Said
from engine.outbound.smoke import BLOCKED, Smoked
from engine.outbound.smoke import smoke as carry_out
from engine.records.keys import KeyRing
from engine.records.parties import Parties
from engine.records.store import open_store
from tools.bundles import open_bundle
from tools.campaigns import chosen_flow, rehearsal_store
from tools.console import FAILED, CouldNotRead, bundle_option, count, echo_json, format_option

FACTS: dict[str, Any] = {
    "agent.name": "Robin",
    "agency.name": "ABC Services",
    "agency.name_is_neutral": True,
    "agency.contact_person": "Dana Reyes",
    "agency.callback_number": "8005550100",
    "voice.kind": "ai",
    "party.first_name": "Alex",
    "party.last_name": "Rivera",
    "party.zip": "78701",
    "party.dob": "1985-05-03",
    "account.places": ["TX"],
    "account.balance": 24000,
    "account.flags": [],
    "debt.creditor": "First Example Bank",
    "debt.collector": "third_party",
    "debt.time_barred": False,
    "debt.validation_sent": True,
    "debt.validation_ends_on": "2025-01-31",
}
PEOPLE = Parties("smoke-account", "smoke-person", "+15125550143", ("smoke-debt",))

#: What the callee says, and how the call must end.
SCENARIOS: dict[str, tuple[tuple[str, ...], frozenset[str]]] = {
    "happy_path": (
        (
            "yes this is Alex",
            "my zip is 78701",
            "May third nineteen eighty five",
            "I can pay fifty dollars this Friday",
            "yes that's right",
            "no that's all, goodbye",
        ),
        frozenset({"promise_to_pay"}),
    ),
    "dispute": (
        ("yes this is Alex", "my zip is 78701", "May third nineteen eighty five", "I dispute this debt", "goodbye"),
        frozenset({"dispute"}),
    ),
    "wrong_party": (("you have the wrong number", "goodbye"), frozenset({"wrong_party"})),
}


@click.group()
def smoke() -> None:
    """Try a whole call or job from end to end.

    Exit status: 0 as it must be, 1 not, 2 wrong usage, 3 what is tried cannot be used.
    """


@smoke.command()
@click.option("--scenario", type=click.Choice(sorted(SCENARIOS)), default="happy_path", help="Default: happy_path.")
@click.option("--mode", type=click.Choice(["in-process", "http"]), default="in-process", help="Default: in-process.")
@click.option("--base-url", default="http://127.0.0.1:8080", help="The server, for --mode http.")
@click.option("--key", envvar="CALLWRIGHT_API_KEY", default="", help="An API key. Default: CALLWRIGHT_API_KEY.")
@bundle_option
def api(scenario: str, mode: str, base_url: str, key: str, folder: Path | None) -> None:
    """Conduct one call over the REST API, and hold its end to what it must be.

    In process, a server with an empty store of its own is made for it; over HTTP, a running one is asked.
    """
    if mode == "http" and not key:
        raise click.UsageError("a running server needs --key, or CALLWRIGHT_API_KEY set")
    words, ends = SCENARIOS[scenario]
    try:
        with _server(mode, base_url, key, folder) as client:
            said = _talk(client, words)
    except ApiAway as away:
        raise CouldNotRead(str(away)) from away
    except ApiProblem as problem:
        click.echo(f"refused: {problem}", err=True)
        raise SystemExit(FAILED) from problem
    click.echo(f"ended as {said.disposition or 'nothing: the call goes on'} after {said.turn} turns")
    if said.disposition not in ends:
        click.echo(f"it must end as {' or '.join(sorted(ends))}", err=True)
        raise SystemExit(FAILED)


def _talk(client: ApiClient, words: tuple[str, ...]) -> Said:
    said = client.begin(PEOPLE, FACTS, zones=("America/Chicago",), campaign="smoke")
    click.echo(f"agent:  {said.text}")
    for line in words:
        if said.ended:
            break
        click.echo(f"callee: {line}")
        said = client.turn(said.call, said.turn + 1, {"kind": "words", "text": line})
        click.echo(f"agent:  {said.text}")
        for action in said.actions:
            click.echo(f"        [{action}]")
    return said


@contextmanager
def _server(mode: str, base_url: str, key: str, folder: Path | None) -> Iterator[ApiClient]:
    """Give a client of a running server, or of one that lives only here."""
    if mode == "http":
        with ApiClient(base_url, key) as client:
            yield client
        return
    from server.app import create_app
    from server.auth import SCOPES
    from server.desk import Desk
    from server.logs import set_up

    opened = open_bundle(folder)
    with tempfile.TemporaryDirectory(prefix="callwright-smoke-") as place, open(os.devnull, "w") as nowhere:
        set_up(nowhere)
        store = open_store(f"sqlite:///{place}/store.db", KeyRing({"smoke": secrets.token_bytes(32)}))
        desk = Desk(store)
        try:
            desk.shelf.publish(opened.sources)
            transport = httpx.WSGITransport(app=create_app(desk))
            made = store.api_keys.create("smoke", SCOPES)
            with ApiClient("http://callwright", made, transport=transport) as client:
                yield client
        finally:
            desk.close()


@smoke.command()
@click.option("--flow", default="", metavar="ID", help="The call flow. Default: the only one, or `collections`.")
@bundle_option
@format_option
def worker(flow: str, folder: Path | None, style: str) -> None:
    """Carry out jobs of people who may be called and of people who may not, and hold each to its end.

    They are made up, and so are those who answer; the gate, the rules, the calls and the ledger are the real ones,
    in a store of its own. Nobody who may not be called may be dialled, and nobody twice.
    """
    bundle = open_bundle(folder)
    with rehearsal_store(bundle) as calls:
        found = carry_out(calls, flow=chosen_flow(bundle.bundle, flow))
    bad = [one for one in found if not one.good]
    if style == "json":
        echo_json({"good": not bad, "cases": [_case(one) for one in found]})
    else:
        for one in found:
            click.echo(f"{'good' if one.good else 'BAD ':<5} {_told(one)}")
        click.echo(f"{count(len(found), 'job')}, {len(bad)} not as it must be")
    if bad:
        raise SystemExit(FAILED)


def _case(one: Smoked) -> dict[str, Any]:
    return {
        "case": one.case,
        "good": one.good,
        "expected": one.expected.value,
        "found": one.found.value,
        "may_be_dialled": one.case not in BLOCKED,
        "dials": one.dials,
    }


def _told(one: Smoked) -> str:
    must = "" if one.good else f", must be {one.expected}, {'not dialled' if one.case in BLOCKED else 'dialled once'}"
    return f"{one.case}: {one.found}, dialled {count(one.dials, 'time')}{must}"
