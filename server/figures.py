"""Figures over HTTP."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from engine.records.errors import UnknownBundle
from engine.records.heard import hearing
from engine.records.metrics import measure
from engine.records.trend import Trend, Which, trend
from engine.source.finding import BundleError
from server.desk import Desk


def summary(desk: Desk, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return what happened, as far as *wanted* narrows it.

    What was blocked before a dial knows no flow, so it is narrowed by campaign and time alone.
    """
    database, campaign = desk.store.database, wanted["campaign"]
    calls = trend(database, Which(**wanted))
    found = measure(database, since=wanted["since"], until=wanted["until"], campaign=campaign)
    return {
        "attempts": found.attempts,
        "calls": calls.calls,
        "success": _rate(_successes(desk, calls), calls.ended),
        "right_party": _rate(calls.right_party, calls.calls),
        "promise": _rate(calls.promised, calls.right_party),
        "median_seconds_to_promise": calls.median_seconds,
        "mean_seconds_to_promise": calls.mean_seconds,
        "daily": calls.daily,
        "blocked": found.near_misses,
        "prevented": found.held_back,
        "dispositions": calls.dispositions,
        "jobs": {state.value: number for state, number in desk.store.jobs.counts(campaign).items()},
    }


def heard(desk: Desk, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return how well the callees of kept calls were understood."""
    return asdict(hearing(desk.store.database, since=wanted["since"]))


def _rate(part: int, whole: int) -> dict[str, Any]:
    return {"part": part, "whole": whole, "value": part / whole if whole else None}


def _successes(desk: Desk, calls: Trend) -> int:
    try:
        kinds = desk.shelf.current().vocabulary.dispositions
    except (UnknownBundle, BundleError):
        return 0
    return sum(number for name, number in calls.dispositions.items() if name in kinds and kinds[name].success)
