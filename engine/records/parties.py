"""Whom a call concerns, as the host names them and as look-up hashes."""

from dataclasses import dataclass

from engine.records.keys import KeyRing
from engine.terms import Scope


@dataclass(frozen=True, slots=True)
class Parties:
    """The host's own references. The number is in E.164, or ten US digits."""

    account: str
    person: str
    number: str
    debts: tuple[str, ...] = ()

    def hashed(self, keys: KeyRing) -> "PartyKeys":
        """Return the look-up hashes of these references."""
        return PartyKeys(
            keys.blind("account", self.account),
            keys.blind("person", self.person),
            keys.blind("number", plain_number(self.number)),
            tuple(keys.blind("debt", debt) for debt in self.debts),
        )


@dataclass(frozen=True, slots=True)
class PartyKeys:
    """Look-up hashes of the parties of a call."""

    account: str
    person: str
    number: str
    debts: tuple[str, ...] = ()

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
        return (self.account, self.person, self.number, *self.debts)


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
