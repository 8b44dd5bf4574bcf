"""Whom a call concerns, as the host names them and as look-up hashes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.records.keys import KeyRing
from engine.terms import Scope


@dataclass(frozen=True, slots=True)
class Parties:
    """The host's own references.

    Args:
        account: The account.
        person: The consumer.
        number: The number to be dialled, in E.164 or as ten US digits; kept as E.164.
        debts: The debts that the call would be about.
        household: Whose contacts count together, or '' when that is unknown.
    """

    account: str
    person: str
    number: str
    debts: tuple[str, ...] = ()
    household: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "number", plain_number(self.number))

    def hashed(self, keys: KeyRing) -> "PartyKeys":
        """Return the look-up hashes of these references."""
        return PartyKeys(
            keys.blind("account", self.account),
            keys.blind("person", self.person),
            keys.blind("number", self.number),
            tuple(keys.blind("debt", debt) for debt in self.debts),
            keys.blind("household", self.household) if self.household else "",
        )

    def of(self, scope: Scope) -> tuple[str, ...]:
        """Return the references that a suppression of *scope* covers; ``phone`` is the person's."""
        match scope:
            case Scope.NUMBER:
                return (self.number,)
            case Scope.PHONE | Scope.PERSON:
                return (self.person,)
            case Scope.DEBT:
                return self.debts
            case Scope.ACCOUNT:
                return (self.account,)

    def to_json(self) -> dict[str, Any]:
        """Return these references as JSON data."""
        return {
            "account": self.account,
            "person": self.person,
            "number": self.number,
            "debts": self.debts,
            "household": self.household,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Parties":
        """Return the references that :meth:`to_json` gave."""
        return cls(data["account"], data["person"], data["number"], tuple(data["debts"]), data["household"])


@dataclass(frozen=True, slots=True)
class PartyKeys:
    """Look-up hashes of the parties of a call."""

    account: str
    person: str
    number: str
    debts: tuple[str, ...] = ()
    household: str = ""

    def of(self, scope: Scope) -> tuple[str, ...]:
        """Return the hashes that a suppression of *scope* would stand under; ``phone`` is the person's."""
        match scope:
            case Scope.NUMBER:
                return (self.number,)
            case Scope.PHONE | Scope.PERSON:
                return (self.person,)
            case Scope.DEBT:
                return self.debts
            case Scope.ACCOUNT:
                return (self.account,)

    @property
    def all(self) -> tuple[str, ...]:
        """Every hash: what a transaction about this call holds."""
        household = (self.household,) if self.household else ()
        return (self.account, self.person, self.number, *self.debts, *household)


def plain_number(number: str) -> str:
    """Return a telephone number as one text however it was punctuated: ``+16175550100``."""
    digits = "".join(c for c in number if c in "0123456789")
    if not number.lstrip().startswith("+") and len(digits) == 10:
        digits = "1" + digits
    return "+" + digits


def subject_key(keys: KeyRing, scope: Scope, subject: str) -> str:
    """Return the hash under which a suppression of *scope* stands for the host's reference *subject*."""
    if scope is Scope.NUMBER:
        return keys.blind("number", plain_number(subject))
    return keys.blind("person" if scope is Scope.PHONE else scope.value, subject)
