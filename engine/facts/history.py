"""What happened before: the contacts of an account, as the host's ledger gives them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from engine.expressions.tree import Value
from engine.facts.clock import aware

Ids: TypeAlias = str | tuple[str, ...]
"""One id, several, or '' for unknown."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One thing that happened between the collector and somebody.

    One call that mentions three debts is one contact with three debts (comment 14(b)(2)(i)-1
    to 12 CFR 1006.14). An id left empty is unknown, and such a contact counts for everyone.

    Args:
        kind: ``call``, ``conversation``, ``text``, ``email``, ``voicemail``, ``consent`` …
        at: When, aware; kept in UTC.
        facts: What is known of it, such as ``number.connected``: flat canonical values.

    Raises:
        ValueError: *at* has no offset.
    """

    kind: str
    at: datetime
    facts: Mapping[str, Value] = field(default_factory=dict)
    person: Ids = ""
    household: Ids = ""
    debt: Ids = ""
    account: Ids = ""
    number: Ids = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", aware(self.at))

    def ids(self, key: str) -> Ids:
        """Return whose it was, by ``person``, ``household``, ``debt``, ``account`` or ``number``."""
        return _ids(self, key)


@dataclass(frozen=True, slots=True)
class Subject:
    """Who and what the call now in question is about. An empty id is unknown."""

    person: str = ""
    household: str = ""
    debt: str = ""
    account: str = ""
    number: str = ""

    def ids(self, key: str) -> Ids:
        """Return the id by ``person``, ``household``, ``debt``, ``account`` or ``number``."""
        return _ids(self, key)


@dataclass(frozen=True, slots=True)
class History:
    """Every contact known, consents among them, kept in order of time."""

    contacts: tuple[Contact, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "contacts", tuple(sorted(self.contacts, key=lambda contact: contact.at)))

    def of(self, *kinds: str) -> tuple[Contact, ...]:
        """Return the contacts of these kinds, the earliest first."""
        return tuple(contact for contact in self.contacts if contact.kind in kinds)

    def and_then(self, contacts: Iterable[Contact]) -> "History":
        """Return the history with *contacts* added."""
        return replace(self, contacts=(*self.contacts, *contacts))


def _ids(of: Contact | Subject, key: str) -> Ids:
    match key:
        case "person":
            return of.person
        case "household":
            return of.household
        case "debt":
            return of.debt
        case "account":
            return of.account
        case "number":
            return of.number
    raise ValueError(f"contacts are not known by `{key}`")
