"""What the callee may have meant: the small interface between words and the dialogue.

:class:`engine.nlu.recogniser.Recogniser` makes an :class:`Understanding` of a
text; nothing else of this package is seen by the runtime.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from engine.expressions.tree import Value
from engine.terms import Polarity


@dataclass(frozen=True, slots=True)
class Listening:
    """What the dialogue state can hear, and when and where it listens.

    Args:
        at: The callee's local time, aware; dates are relative to it.
        hears: Intents answered in this state (protected ones are always looked for).
        asks: Slots whose values this state expects: a bare "the fifteenth" fills these.
        facts: What the call knows (``account.balance`` for "the whole thing", ``party.first_name`` …).
    """

    at: datetime
    hears: frozenset[str] = frozenset()
    asks: frozenset[str] = frozenset()
    facts: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """One intent, how sure, whether the engine acts on it, and why."""

    intent: str
    score: float  # calibrated, 0 to 1, rounded to 4 places
    accepted: bool
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SlotValue:
    """A slot's readings: one value when it is sure, several when the words leave it open."""

    slot: str
    values: tuple[Value, ...]
    start: int
    end: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Understanding:
    """Every reading, best first, the slots and the polarity. No text is kept."""

    readings: tuple[Reading, ...]
    slots: tuple[SlotValue, ...] = ()
    polarity: Polarity = Polarity.UNKNOWN
    why: tuple[str, ...] = ()

    @property
    def accepted(self) -> tuple[str, ...]:
        """Return the intents the engine acts on, best first."""
        return tuple(r.intent for r in self.readings if r.accepted)
