"""What a ZIP code says: its state, county, zones and the places it lies in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import zipcodes

from engine.facts import packaged, timezones

_ZIP = re.compile(r"([0-9]{5})(?:-?[0-9]{4})?")


@dataclass(frozen=True, slots=True)
class Address:
    """A ZIP code's row.

    Args:
        zip_code: Its five digits.
        state: The postal state code, '' for military addresses.
        county: As the data names it (``Kings County``), or ''.
        zones: The zones its people live by; empty when the data names none that exists.
        military: An APO, FPO or DPO: its people may be anywhere.
    """

    zip_code: str
    state: str
    county: str
    zones: frozenset[str]
    military: bool


@lru_cache(maxsize=65536)
def address_of(zip_code: str) -> Address | None:
    """Return the row of a ZIP code (five or nine digits), or None if there is no such code.

    Its zones include those that custom and corrections add to the data: more zones only ever tighten.
    """
    digits = _ZIP.fullmatch(zip_code)
    if digits is None:
        return None
    rows = zipcodes.matching(digits[1])  # type: ignore[no-untyped-call]
    return _address(rows[0]) if rows else None


@cache
def zones_of_state(state: str) -> frozenset[str]:
    """Return every zone of a state or territory by its postal code; empty if there is no such state."""
    if not re.fullmatch("[A-Z]{2}", state):
        return frozenset()
    rows = zipcodes.filter_by_state(state)  # type: ignore[no-untyped-call]
    return frozenset[str]().union(*(_address(row).zones for row in rows))


def places_of(zip_code: str | None) -> frozenset[str]:
    """Return the places a ZIP code lies in, such as ``{'NY', 'NYC', 'US'}``.

    Empty for a military, unknown or missing ZIP code: nothing is known of the law there.
    """
    address = address_of(zip_code.strip()) if zip_code else None
    if address is None or address.military:
        return frozenset()
    smaller = {name for name, place in packaged.table("places.json").items() if _within(address, place)}
    return frozenset({"US", address.state} | smaller)


def _within(address: Address, place: Mapping[str, Any]) -> bool:
    return address.state == place["state"] and (
        address.county in place["counties"] or address.zip_code in place["zips"]
    )


def _address(row: Mapping[str, Any]) -> Address:
    military = row["zip_code_type"] == "MILITARY"
    further = packaged.table("further_zones.json")
    zones = {row["timezone"]} & timezones.names()
    if zones:
        zones |= set(further["zips"].get(row["zip_code"], ()))
        zones |= set(further["counties"].get(row["state"], {}).get(row["county"], ()))
    return Address(row["zip_code"], "" if military else row["state"], row["county"], frozenset(zones), military)
