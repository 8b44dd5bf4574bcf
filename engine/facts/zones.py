"""Where the person called may be: every plausible time zone, or the reason there is none.

A number's area code, an address's ZIP code and what the consumer said each
give zones. They are united and never narrowed: a call must be allowed in all
of them (comment 6(b)(1)(i)-2 to 12 CFR 1006.6(b)(1); 15 USC 1692c(a)(1)).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from engine.facts import packaged, timezones
from engine.facts.postal import address_of, zones_of_state

_PUNCTUATION = re.compile(r"[\s().\-/]")
_NORTH_AMERICAN = re.compile(r"(?:\+?1)?([2-9][0-8][0-9])([2-9][0-9]{2})([0-9]{4})")
_FOREIGN = re.compile(r"\+(?!1)[0-9]+")
_TOLL_FREE = re.compile(r"8(?:00|22|33|44|55|66|77|8[0-9])")
_PREMIUM = re.compile(r"900|...976")


@dataclass(frozen=True, slots=True)
class Location:
    """Every zone in which the person may be.

    Args:
        zones: IANA names, sorted; empty when the location is unknown.
        why: What gave which zones, in words, for the record; never the ZIP code or number itself.
        unknown: Why there are no zones, in words, or ''.
    """

    zones: tuple[str, ...]
    why: tuple[str, ...] = ()
    unknown: str = ""


class _Unusable(ValueError):
    """Something was given that tells no place: its message says what."""


def plausible_zones(zip_code: str | None, number: str | None, stated: tuple[str, ...] = ()) -> Location:
    """Return every zone that *zip_code*, *number* and *stated* make plausible.

    What is not given (None or blank) says nothing; one usable piece is enough.
    But **every piece that is given must be usable**, or the location is unknown,
    however good the others are: a military or invented ZIP code, a toll-free,
    premium, foreign or malformed number, an area code that is not in the data and a
    misspelt stated zone all hint that the person is elsewhere, and a call to an
    unknown place is denied.

    Args:
        zip_code: Five digits, or nine with or without the hyphen.
        number: A telephone number of the North American Numbering Plan: ten digits, with or without ``+1``.
        stated: What the consumer said: IANA zone names, ZIP codes or state codes. Adds zones, never takes any away.
    """
    pieces: list[tuple[str, frozenset[str]]] = []
    try:
        if zip_code is not None and zip_code.strip():
            pieces.append(("the ZIP code", _of_zip(zip_code.strip())))
        if number is not None and number.strip():
            area = area_code(number)
            pieces.append((f"area code {area}", _of_area(area)))
        pieces.extend((f"said to be in `{word.strip()}`", _of_word(word.strip())) for word in stated if word.strip())
    except _Unusable as unusable:
        return Location((), unknown=str(unusable))
    if not pieces:
        return Location((), unknown="neither a ZIP code nor a number nor a stated place was given")
    zones = frozenset[str]().union(*(found for _, found in pieces))
    why = tuple(f"{source}: {', '.join(sorted(found))}" for source, found in pieces)
    return Location(tuple(sorted(zones)), why)


def area_code(number: str) -> str:
    """Return the area code of a telephone number.

    Raises:
        ValueError: It is no geographic number of the North American Numbering Plan; the message says why.
    """
    digits = _PUNCTUATION.sub("", number)
    if _FOREIGN.fullmatch(digits):
        raise _Unusable("the number is outside the North American Numbering Plan")
    parts = _NORTH_AMERICAN.fullmatch(digits)
    if parts is None or parts[1].endswith("11") or parts[2].endswith("11"):
        raise _Unusable("the number is not a valid telephone number")
    if _TOLL_FREE.fullmatch(parts[1]):
        raise _Unusable("the number is toll-free and tells no place")
    if _PREMIUM.match(parts[1] + parts[2]):
        raise _Unusable("the number is a premium number and tells no place")
    return parts[1]


@cache
def area_codes() -> Mapping[str, frozenset[str]]:
    """Return the zones of each area code in the packaged data."""
    further = packaged.table("further_zones.json")["area_codes"]
    rows = packaged.table("area_code_zones.json")
    return {code: frozenset(row["zones"]) | frozenset(further.get(code, ())) for code, row in rows.items()}


def _of_zip(zip_code: str) -> frozenset[str]:
    address = address_of(zip_code)
    if address is None:
        raise _Unusable("the ZIP code is not a known ZIP code")
    if address.military:
        raise _Unusable("the ZIP code is military (APO, FPO or DPO) and tells no place")
    if not address.zones:
        raise _Unusable("the ZIP code has no usable time zone in the data")
    return address.zones


def _of_area(area: str) -> frozenset[str]:
    zones = area_codes().get(area)
    if not zones:
        raise _Unusable(f"area code {area} tells no place")
    return zones


def _of_word(word: str) -> frozenset[str]:
    if word in timezones.names():
        return frozenset({word})
    if word[0].isdigit():
        return _of_zip(word)
    zones = zones_of_state(word)
    if not zones:
        raise _Unusable(f"`{word}` is not the name of a time zone, a ZIP code or a state")
    return zones
