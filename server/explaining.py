"""A decision in the ledger as data for the answer."""

from typing import Any

from engine.outbound.explain import explain
from engine.records.errors import UnknownBundle
from engine.source.finding import BundleError
from server.desk import Desk
from server.values import write_facts


def explained(desk: Desk, number: int) -> dict[str, Any]:
    """Return entry *number* of the ledger, explained."""
    entry = desk.store.ledger.entry(number)
    decision = (entry.body or {}).get("decision") or {}
    return {
        "decision_id": entry.seq,
        "at": entry.at,
        "kind": entry.kind,
        "outcome": entry.outcome,
        "rules": entry.rules,
        "bundle": entry.bundle,
        "call_id": entry.call,
        "attempt_id": entry.attempt,
        "hash": entry.hash.hex(),
        "explanation": explain(entry),
        "fired": [{**one, "place": one["span"]} for one in decision.get("fired", ())],
        "facts": _typed(desk, entry.bundle, decision.get("facts", {})),
        "sources": decision.get("sources", {}),
    }


def _typed(desk: Desk, digest: str, facts: dict[str, Any]) -> dict[str, Any]:
    try:
        bundle = desk.shelf.get(digest)
    except (UnknownBundle, BundleError):
        return facts
    return write_facts(bundle, facts)
