"""Time zones, by the rules of the pinned ``tzdata`` package.

``zoneinfo`` by itself prefers the machine's own files, whose version nobody
recorded; a decision that is replayed elsewhere could then come out otherwise.
"""

from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo


class UnknownZone(ValueError):
    """A name that is no geographic IANA time zone."""

    def __init__(self, name: str) -> None:
        super().__init__(f"`{name}` is not the name of a time zone")
        self.name = name


@cache
def version() -> str:
    """Return the release of the IANA time zone database in use, such as ``2026f``."""
    first_line = files("tzdata").joinpath("zoneinfo", "tzdata.zi").read_text("ascii").partition("\n")[0]
    return first_line.removeprefix("# version ")


@cache
def names() -> frozenset[str]:
    """Return every geographic zone name, such as ``America/New_York``.

    Abbreviations (``EST`` is Panama's time all year), fixed offsets (``Etc/GMT+5``
    lies *west* of Greenwich) and other administrative names are not among them.
    """
    listed = files("tzdata").joinpath("zones").read_text("ascii").split()
    return frozenset(name for name in listed if "/" in name and not name.startswith("Etc/"))


@cache
def load(name: str) -> ZoneInfo:
    """Return the rules of the zone *name*.

    Raises:
        UnknownZone: No geographic zone is called so.
    """
    if name not in names():
        raise UnknownZone(name)
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as rules:
        return ZoneInfo.from_file(rules, key=name)
