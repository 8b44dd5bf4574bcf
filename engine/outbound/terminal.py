"""A line on which a person at a terminal answers."""

from collections.abc import Callable
from datetime import UTC, datetime

from engine.outbound.line import Order, Result, Speech
from engine.runtime.session import Event
from engine.terms import EventKind

#: What may be typed instead of words.
KEYS = {"": EventKind.SILENCE, "/hang": EventKind.HUNG_UP, "/voicemail": EventKind.VOICEMAIL}
_RESULTS = {result.value: result for result in Result}


class TerminalLine:
    """A line to one person.

    Args:
        ask: Shows a prompt and returns what was typed.
        tell: Shows a line.
        clock: The time of events.
    """

    def __init__(
        self,
        ask: Callable[[str], str],
        tell: Callable[[str], None],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._ask = ask
        self._tell = tell
        self._clock = clock

    def place(self, order: Order) -> "TerminalCall":
        """Ring at the terminal."""
        return TerminalCall(order, self._ask, self._tell, self._clock)


class TerminalCall:
    """A call to the person at the terminal."""

    def __init__(
        self, order: Order, ask: Callable[[str], str], tell: Callable[[str], None], clock: Callable[[], datetime]
    ) -> None:
        self._order = order
        self._ask = ask
        self._tell = tell
        self._clock = clock
        self._over = False

    def wait(self) -> tuple[Result, Event | None]:
        """Ask what dialling comes to."""
        typed = self._ask(f"call {self._order.call} rings ({', '.join(_RESULTS)})").strip() or Result.ANSWERED
        result = _RESULTS.get(typed, Result.ANSWERED)
        if not result.speaks:
            return result, None
        return result, Event(EventKind(result.value), self._clock())

    def say(self, speech: Speech) -> Event:
        """Show what is said, and return what the person answers; a line that is left empty is silence."""
        self._tell(speech.text)
        if speech.ended or self._over:
            return Event(EventKind.HUNG_UP, self._clock())
        typed = self._ask("callee").strip()
        kind = KEYS.get(typed, EventKind.WORDS)
        return Event(kind, self._clock(), text=typed if kind is EventKind.WORDS else "")

    def hang_up(self) -> None:
        """End the call."""
        if not self._over:
            self._over = True
            self._tell("(the line is closed)")
