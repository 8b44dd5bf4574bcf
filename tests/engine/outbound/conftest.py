"""A store with the small bundle, and people to call."""

import pytest

from engine.bundle import CompiledBundle
from engine.calls import Calls, Shelf
from engine.records.store import Store
from engine.source.documents import Sources
from engine.source.read import read_folder
from tests.engine.outbound.campaign import Campaign


@pytest.fixture(scope="session")
def small_sources(root) -> Sources:
    """Give the texts of the small bundle."""
    return read_folder(root / "tests" / "data" / "small")


@pytest.fixture
def campaign(store: Store, small: CompiledBundle, small_sources: Sources) -> Campaign:
    """Give a store in which it is Tuesday, two in the afternoon in Chicago."""
    shelf = Shelf(store)
    shelf.put(small, small_sources)
    made = Campaign(store, Calls(store, shelf), small)
    made.set_clock("2026-03-10T14:00:00-05:00")
    return made
