"""Figures over HTTP."""

from collections.abc import Mapping
from typing import Any

from engine.records.errors import UnknownBundle
from engine.records.metrics import Measures, Rate, measure
from engine.source.finding import BundleError
from server.desk import Desk


def summary(desk: Desk, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return what happened, as far as *wanted* narrows it."""
    found = measure(desk.store.database, **wanted)
    return {
        "attempts": found.attempts,
        "calls": found.calls,
        "success": shown(_success(desk, found)),
        "right_party": shown(found.right_party_per_contact),
        "promise": shown(found.promise),
        "median_seconds_to_promise": found.seconds_to_promise,
        "mean_seconds_to_promise": found.mean_seconds_to_promise,
        "daily": found.daily,
        "blocked": found.near_misses,
        "prevented": found.held_back,
        "dispositions": found.dispositions,
        "jobs": {state.value: number for state, number in desk.store.jobs.counts(wanted["campaign"]).items()},
    }


def shown(rate: Rate) -> dict[str, Any]:
    """Return a rate with its parts."""
    return {"part": rate.part, "whole": rate.whole, "value": rate.value}


def _success(desk: Desk, found: Measures) -> Rate:
    ended = sum(found.dispositions.values())
    try:
        kinds = desk.shelf.current().vocabulary.dispositions
    except (UnknownBundle, BundleError):
        return Rate(0, 0)
    return Rate(sum(n for name, n in found.dispositions.items() if name in kinds and kinds[name].success), ended)
