"""Keys of the API: ``callwright keys create|list|revoke``.

Exit status: 0 done, 1 there is no such key, 2 the command was called wrongly, 3 the store cannot be used.
"""

from datetime import timedelta

import click

from engine.records.doors import ApiKey
from server.auth import SCOPES
from tools.console import FAILED, echo_json, format_option
from tools.stores import database_option, opened


@click.group()
def keys() -> None:
    """Make, list and revoke keys of the REST API.

    Exit status: 0 done, 1 there is no such key, 2 wrong usage, 3 the store cannot be used.
    """


@keys.command()
@click.argument("name")
@click.option(
    "--scope", "scopes", multiple=True, required=True, type=click.Choice([*SCOPES, "all"]), help="May be repeated."
)
@click.option("--days", type=click.IntRange(1, 3650), default=365, help="How long it holds. Default: 365.")
@database_option
def create(name: str, scopes: tuple[str, ...], days: int, url: str) -> None:
    """Make a key called NAME and print it, once: only a hash of it is kept."""
    wanted = tuple(SCOPES) if "all" in scopes else scopes
    with opened(url) as store:
        click.echo(store.api_keys.create(name, wanted, lasts=timedelta(days=days)))


@keys.command("list")
@database_option
@format_option
def list_keys(url: str, style: str) -> None:
    """List every key, oldest first, without its secret."""
    with opened(url) as store:
        found = store.api_keys.list()
    if style == "json":
        echo_json(
            [
                {
                    "key": one.prefix,
                    "name": one.name,
                    "scopes": sorted(one.scopes),
                    "expires": one.expires.isoformat() if one.expires else None,
                    "revoked": one.revoked.isoformat() if one.revoked else None,
                }
                for one in found
            ]
        )
        return
    for one in found:
        click.echo(f"{one.prefix}  {one.name}  {_until(one)}  {', '.join(sorted(one.scopes))}")


def _until(key: ApiKey) -> str:
    if key.revoked is not None:
        return f"revoked {key.revoked:%Y-%m-%d}"
    return "for ever" if key.expires is None else f"until {key.expires:%Y-%m-%d}"


@keys.command()
@click.argument("key")
@database_option
def revoke(key: str, url: str) -> None:
    """Make KEY (what stands before its dot) useless from now on."""
    with opened(url) as store:
        revoked = store.api_keys.revoke(key.partition(".")[0])
    if not revoked:
        click.echo(f"there is no key `{key.partition('.')[0]}` in use", err=True)
        raise SystemExit(FAILED)
