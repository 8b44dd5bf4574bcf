"""Places follow from ZIP codes; unknown ones have none."""

import json
from importlib.resources import files

import pytest
import zipcodes

from engine.facts.postal import address_of, places_of


@pytest.mark.parametrize(
    ("zip_code", "places"),
    [
        pytest.param("10001", {"US", "NY", "NYC"}, id="Manhattan"),
        pytest.param("11201", {"US", "NY", "NYC"}, id="Brooklyn"),
        pytest.param("11101", {"US", "NY", "NYC"}, id="Queens"),
        pytest.param("10451", {"US", "NY", "NYC"}, id="the Bronx"),
        pytest.param("10301", {"US", "NY", "NYC"}, id="Staten Island"),
        pytest.param("11437", {"US", "NY", "NYC"}, id="Queens without a county in the data"),
        pytest.param("12207", {"US", "NY"}, id="Albany"),
        pytest.param("22572", {"US", "VA"}, id="Richmond County, Virginia"),
        pytest.param("00601", {"US", "PR"}, id="Puerto Rico"),
        pytest.param("09012", set(), id="APO"),
        pytest.param("00000", set(), id="no such ZIP code"),
        pytest.param("", set(), id="empty"),
        pytest.param(None, set(), id="none"),
    ],
)
def test_places_of_a_zip_code(zip_code, places):
    assert places_of(zip_code) == places


def test_five_boroughs_and_no_other_county():
    named = {row["county"] for row in zipcodes.filter_by_state("NY") if "NYC" in places_of(row["zip_code"])}

    assert named == {"Bronx County", "Kings County", "New York County", "Queens County", "Richmond County", ""}


def test_every_correction_is_of_a_zip_code_that_exists():
    further = json.loads(files("engine.facts").joinpath("data", "further_zones.json").read_text())

    for zip_code, zones in further["zips"].items():
        address = address_of(zip_code)
        assert address is not None
        assert address.zones > set(zones), "a correction adds to what the data has"
    for state, counties in further["counties"].items():
        known = {row["county"] for row in zipcodes.filter_by_state(state)}
        assert known >= set(counties)
