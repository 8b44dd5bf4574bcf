"""Zones are united, never narrowed, and whatever cannot be used makes the place unknown."""

import json
from datetime import UTC, datetime
from importlib.resources import files

import pytest
import zipcodes

from engine.facts import timezones
from engine.facts.zones import area_codes, plausible_zones

CHICAGO, DENVER, NEW_YORK, PACIFIC = "America/Chicago", "America/Denver", "America/New_York", "America/Los_Angeles"
PHOENIX = "America/Phoenix"


@pytest.mark.parametrize(
    ("zip_code", "zones"),
    [
        pytest.param("10001", {NEW_YORK}, id="Manhattan"),
        pytest.param("10001-1234", {NEW_YORK}, id="nine digits"),
        pytest.param("100011234", {NEW_YORK}, id="nine digits, no hyphen"),
        pytest.param(" 10001 ", {NEW_YORK}, id="blanks around"),
        pytest.param("00601", {"America/Puerto_Rico"}, id="leading zeros"),
        pytest.param("85001", {PHOENIX}, id="Phoenix"),
        pytest.param("86515", {DENVER, PHOENIX}, id="Window Rock, Navajo Nation"),
        pytest.param("86045", {DENVER, PHOENIX}, id="Tuba City, misplaced in the data"),
        pytest.param("86040", {DENVER, PHOENIX}, id="Page, misplaced in the data"),
        pytest.param("86030", {DENVER, PHOENIX}, id="Hotevilla, Hopi land within Navajo land"),
        pytest.param("96701", {"Pacific/Honolulu"}, id="Hawaii"),
        pytest.param("46402", {CHICAGO}, id="Gary, Indiana"),
        pytest.param("46204", {"America/Indiana/Indianapolis"}, id="Indianapolis"),
        pytest.param("47601", {CHICAGO}, id="Boonville, Indiana"),
        pytest.param("46534", {"America/Indiana/Knox"}, id="Knox, Indiana"),
        pytest.param("42420", {CHICAGO}, id="Henderson, Kentucky"),
        pytest.param("40202", {"America/Kentucky/Louisville"}, id="Louisville, Kentucky"),
        pytest.param("99546", {"America/Adak"}, id="Adak"),
        pytest.param("79901", {DENVER}, id="El Paso"),
        pytest.param("79942", {CHICAGO, DENVER}, id="El Paso, wrong in the data"),
        pytest.param("37405", {CHICAGO, NEW_YORK}, id="Chattanooga, wrong in the data"),
        pytest.param("97914", {"America/Boise"}, id="Ontario, Oregon"),
        pytest.param("36854", {CHICAGO, NEW_YORK}, id="Valley, Alabama: law and custom"),
        pytest.param("89883", {DENVER, PACIFIC}, id="West Wendover"),
    ],
)
def test_zones_of_a_zip_code(zip_code, zones):
    found = plausible_zones(zip_code, None)

    assert set(found.zones) == zones
    assert found.unknown == ""


SPANNING = {  # area codes whose own state has two times of day or more, in January or in July
    "208", "219", "270", "308", "364", "402", "423", "448", "458", "531", "541", "574", "605", "606",
    "620", "701", "765", "785", "812", "850", "865", "906", "915", "928", "930", "931", "986",
}  # fmt: skip


@pytest.mark.parametrize("area", sorted(SPANNING))
def test_an_area_code_across_a_line_has_both_times(area):
    found = plausible_zones(None, f"+1{area}5550123")
    july = datetime(2026, 7, 1, 12, tzinfo=UTC)

    assert len({july.astimezone(timezones.load(zone)).utcoffset() for zone in found.zones}) >= 2


def test_both_zones_of_850():
    assert plausible_zones(None, "(850) 555-0123").zones == (CHICAGO, NEW_YORK)


@pytest.mark.parametrize(
    ("area", "zone"),
    [
        ("423", NEW_YORK),
        ("689", NEW_YORK),
        ("219", CHICAGO),
        ("270", CHICAGO),
        ("928", DENVER),
        ("907", "America/Adak"),
    ],
)
def test_the_zone_that_a_single_source_would_miss(area, zone):
    assert zone in plausible_zones(None, f"{area}-555-0123").zones


@pytest.mark.parametrize(
    ("area", "zones"),
    [
        ("416", None),
        ("519", {"America/Detroit", "America/Toronto"}),
        ("250", {PACIFIC, "America/Edmonton", "America/Vancouver"}),
        ("787", {"America/Puerto_Rico"}),
        ("340", {"America/St_Thomas"}),
        ("671", {"Pacific/Guam"}),
    ],
)
def test_area_codes_outside_the_states_are_used_where_the_data_has_them(area, zones):
    assert set(plausible_zones(None, f"+1 {area} 555 0123").zones) == (zones or set())


def test_a_new_york_phone_with_a_california_zip_is_in_both():
    found = plausible_zones("94105", "+12125550123")

    assert found.zones == (PACIFIC, NEW_YORK)
    assert found.why == (f"the ZIP code: {PACIFIC}", f"area code 212: {NEW_YORK}")


@pytest.mark.parametrize(
    ("stated", "zones"),
    [
        pytest.param(("Pacific/Honolulu",), {"Pacific/Honolulu", NEW_YORK}, id="a zone adds"),
        pytest.param((NEW_YORK,), {NEW_YORK}, id="the same zone"),
        pytest.param(("AZ",), {DENVER, PHOENIX, NEW_YORK}, id="a state adds all of its zones"),
        pytest.param(("94105",), {PACIFIC, NEW_YORK}, id="a ZIP code adds"),
        pytest.param(("Europe/Paris", "HI"), {"Europe/Paris", "Pacific/Honolulu", NEW_YORK}, id="several"),
        pytest.param(("", " "), {NEW_YORK}, id="blank says nothing"),
    ],
)
def test_what_the_consumer_said_adds_zones(stated, zones):
    assert set(plausible_zones("10001", "212-555-0123", stated).zones) == zones


def test_what_was_said_alone_is_enough():
    assert plausible_zones(None, "", ("America/Denver",)).zones == (DENVER,)


@pytest.mark.parametrize(
    ("zip_code", "number", "stated", "reason"),
    [
        pytest.param(None, None, (), "neither", id="nothing at all"),
        pytest.param(" ", "", (), "neither", id="all blank"),
        pytest.param("09012", "+12125550123", (), "military", id="APO with a good number"),
        pytest.param("34002", None, (), "military", id="DPO"),
        pytest.param("96201", None, (), "military", id="Pacific APO"),
        pytest.param("99634", None, (), "no usable time zone", id="the corrupt row"),
        pytest.param("00000", "+12125550123", (), "not a known ZIP code", id="no such ZIP code"),
        pytest.param("1234", None, (), "not a known ZIP code", id="a lost leading zero"),
        pytest.param("1000A", None, (), "not a known ZIP code", id="letters"),
        pytest.param("\uff11\uff10\uff10\uff10\uff11", None, (), "not a known ZIP code", id="wide digits"),
        pytest.param("123456", None, (), "not a known ZIP code", id="six digits"),
        pytest.param("94105", "+18005550123", (), "toll-free", id="800 with a good ZIP code"),
        pytest.param(None, "888-555-0123", (), "toll-free", id="888"),
        pytest.param(None, "833-555-0123", (), "toll-free", id="833"),
        pytest.param(None, "900-555-0123", (), "premium", id="900"),
        pytest.param(None, "212-976-0123", (), "premium", id="976"),
        pytest.param("94105", "+442079460123", (), "outside the North American", id="London"),
        pytest.param(None, "+2125550123", (), "outside the North American", id="a plus without the one"),
        pytest.param(None, "12345", (), "not a valid", id="too short"),
        pytest.param(None, "212-555-0123 x4", (), "not a valid", id="an extension"),
        pytest.param(None, "112-555-0123", (), "not a valid", id="area code from 1"),
        pytest.param(None, "911-555-0123", (), "not a valid", id="a service code as area code"),
        pytest.param(None, "212-155-0123", (), "not a valid", id="exchange from 1"),
        pytest.param(None, "\uff12\uff11\uff12-555-0123", (), "not a valid", id="wide digits in a number"),
        pytest.param(None, "500-555-0123", (), "area code 500", id="personal number"),
        pytest.param(None, "710-555-0123", (), "area code 710", id="government"),
        pytest.param("94105", None, ("America/New_Yrok",), "`America/New_Yrok`", id="misspelt zone"),
        pytest.param("94105", None, ("EST",), "`EST`", id="an abbreviation"),
        pytest.param("94105", None, ("Etc/GMT+5",), "`Etc/GMT+5`", id="a fixed offset"),
        pytest.param("94105", None, ("Etc/Unknown",), "`Etc/Unknown`", id="unknown said as a zone"),
        pytest.param("94105", None, ("../../etc/passwd",), "is not the name", id="a path"),
        pytest.param("94105", None, ("america/new_york",), "is not the name", id="lower case"),
        pytest.param("94105", None, ("QQ",), "`QQ`", id="no such state"),
        pytest.param("94105", None, ("AE",), "`AE`", id="military state"),
        pytest.param("94105", None, ("09012",), "military", id="military ZIP code said"),
    ],
)
def test_anything_unusable_makes_the_place_unknown(zip_code, number, stated, reason):
    found = plausible_zones(zip_code, number, stated)

    assert found.zones == ()
    assert reason in found.unknown


def test_the_record_names_neither_the_zip_code_nor_the_number():
    found = plausible_zones("94105", "+12125550123")

    assert not any("94105" in line or "5550123" in line for line in found.why)


def test_no_area_code_lost_a_zone_of_the_packaged_data():
    rows = json.loads(files("engine.facts").joinpath("data", "area_code_zones.json").read_text())

    assert len(rows) == 390
    assert all(area_codes()[code] >= set(row["zones"]) for code, row in rows.items())


def test_every_zone_that_can_come_out_exists():
    assert all(zones <= timezones.names() for zones in area_codes().values())


def test_every_zip_code_has_zones_or_a_reason():
    rows = zipcodes.list_all()
    unusable = {row["zip_code"] for row in rows if row["timezone"] not in timezones.names()}

    for row in rows:
        found = plausible_zones(row["zip_code"], None)
        assert bool(found.zones) is not bool(found.unknown)
        assert bool(found.unknown) == (row["zip_code"] in unusable)
        assert row["timezone"] in found.zones or found.unknown
    assert len(unusable) == 824
