"""The telephony boundary: what the worker asks of whatever places calls.

A line never decides anything. It is told once an attempt to dial, reports what came of it,
speaks what it is given and says what happened next.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from engine.runtime.session import Event, Turn


class Result(StrEnum):
    """What came of dialling."""

    ANSWERED = "answered"  # by a person or by something that sounds like one
    VOICEMAIL = "voicemail"
    CALL_SCREENER = "call_screener"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    NOT_IN_SERVICE = "not_in_service"

    @property
    def connected(self) -> bool:
        """Whether the dialled number was reached. A busy signal and a dead number were not."""
        return self not in (Result.BUSY, Result.NOT_IN_SERVICE)

    @property
    def speaks(self) -> bool:
        """Whether there is somebody or something to talk to."""
        return self in (Result.ANSWERED, Result.VOICEMAIL, Result.CALL_SCREENER)


class NotPlaced(Exception):
    """The line could not dial, and surely did not."""


@dataclass(frozen=True, slots=True)
class Order:
    """A call to be placed. ``attempt`` is the same if the order is ever given twice: a line dials it once."""

    attempt: str
    call: str
    number: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Speech:
    """What is spoken in a turn, and where that leaves the call: its flow, its state and whether it is over."""

    text: str = field(repr=False)
    flow: str
    state: str
    ended: bool

    @classmethod
    def of(cls, turn: Turn) -> "Speech":
        """Return what *turn* says."""
        session = turn.session
        return cls(turn.text, session.flow, session.state, session.ended)


class Dialing(Protocol):
    """A call under way."""

    def wait(self) -> tuple[Result, Event | None]:
        """Return what came of dialling and, when somebody or something answered, the first event."""

    def say(self, speech: Speech) -> Event:
        """Speak and return what happened next; ``hung_up`` when there is nobody any more."""

    def hang_up(self) -> None:
        """End the call; doing so twice is as doing it once."""


class Line(Protocol):
    """Something that places calls."""

    def place(self, order: Order) -> Dialing:
        """Signal a call to the network and return at once.

        Raises:
            NotPlaced: Nothing was dialled.
        """
