"""The world a call or a dial meets: when, what is known, and what happened before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from engine.bundle import Vocabulary
from engine.expressions.tree import Value
from engine.facts.history import Contact, History
from engine.facts.timezones import names
from engine.rehearsal.reading import Findings, entries, facts, instant, maps, under, word
from engine.source.tree import Map, Node, Seq, Text
from engine.terms import Scope

IDS = ("person", "household", "debt", "account", "number")
"""By what contacts are told apart."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What is given before anything is decided or said.

    Args:
        at: The instant, aware.
        facts: Flat canonical values; what is missing is unknown.
        debts: The facts of each debt that would be discussed; empty where ``facts`` say it all.
        zones: IANA names that replace the zones worked out from the facts, or nothing.
        history: Earlier contacts.
        suppressions: Live suppressions, as (scope, reason).
    """

    at: datetime
    facts: Mapping[str, Value]
    debts: tuple[Mapping[str, Value], ...] = ()
    zones: tuple[str, ...] = ()
    history: History = field(default_factory=History)
    suppressions: tuple[tuple[str, str], ...] = ()


def read_situation(root: Map, vocabulary: Vocabulary, found: Findings, default: datetime | None = None) -> Situation:
    """Return the situation that *root* gives (``at``, ``given``, ``debts``, ``zones``, ``history``, ``suppressions``).

    What cannot be read is a finding and stays unknown; *default* stands in for an ``at`` that is not written.
    """
    at = instant(under(root, "at"), found) or default
    if at is None and under(root, "at") is None:
        found.add(root.span, "missing-key", "it is not said when this happens", "add `at:`, a date and time")
    return Situation(
        at=at or datetime.fromtimestamp(0, UTC),
        facts=facts(under(root, "given"), vocabulary, found),
        debts=tuple(facts(debt, vocabulary, found) for debt in maps(under(root, "debts"), "debts", found)),
        zones=read_zones(under(root, "zones"), found),
        history=_history(root, vocabulary, found),
        suppressions=_suppressions(root, found),
    )


def read_zones(node: Node | None, found: Findings) -> tuple[str, ...]:
    """Return the IANA names of *node*, one or a list; a name that is no zone is a finding."""
    zones = []
    for zone in node if isinstance(node, Seq) else (node,):
        if isinstance(zone, Text) and found.known(zone, "time zone", names()):
            zones.append(str(zone))
    return tuple(zones)


def _history(root: Map, vocabulary: Vocabulary, found: Findings) -> History:
    contacts = []
    for entry in maps(under(root, "history"), "contacts", found):
        kind, at = word(entry, "kind"), instant(under(entry, "at"), found)
        if kind is None or (at is None and under(entry, "at") is None):
            found.add(entry.span, "missing-key", "a contact has a `kind` and an `at`", "add the one that is missing")
        rest = Map((name, value) for name, value in entries(entry) if str(name) not in ("kind", "at", *IDS))
        about = facts(rest, vocabulary, found)
        if kind is not None and at is not None:
            contacts.append(Contact(str(kind), at, about, **_ids(entry)))
    return History(tuple(contacts))


def _ids(entry: Map) -> dict[str, str]:
    return {key: str(word(entry, key)) for key in IDS if word(entry, key)}


def _suppressions(root: Map, found: Findings) -> tuple[tuple[str, str], ...]:
    pairs = []
    for entry in maps(under(root, "suppressions"), "suppressions", found):
        scope, reason = word(entry, "scope"), word(entry, "reason")
        if scope is None or reason is None:
            found.add(entry.span, "missing-key", "a suppression has a `scope` and a `reason`", "add the missing one")
        elif found.known(scope, "scope", [s.value for s in Scope]):
            pairs.append((str(scope), str(reason)))
    return tuple(pairs)
