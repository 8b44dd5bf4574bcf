"""Simulated callees: seeded, so that a campaign can be rehearsed and repeated.

A persona hears what a person would hear (the state the call is in) and answers by intent, or in words where it
claims a right, so that the recogniser is heard too.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from engine.bundle import CompiledBundle
from engine.expressions.tree import Value
from engine.outbound.line import Order, Result, Speech
from engine.runtime.session import Event
from engine.terms import EventKind

#: How often each persona is met, in parts of the whole, and what dialling it comes to.
PERSONAS: Mapping[str, tuple[int, Result]] = {
    "promises": (22, Result.ANSWERED),
    "refuses": (8, Result.ANSWERED),
    "hangs_up": (10, Result.ANSWERED),
    "interrupts": (6, Result.ANSWERED),
    "third_party": (6, Result.ANSWERED),
    "wrong_number": (3, Result.ANSWERED),
    "says_stop": (4, Result.ANSWERED),
    "has_attorney": (2, Result.ANSWERED),
    "bankrupt": (1, Result.ANSWERED),
    "disputes": (3, Result.ANSWERED),
    "silent": (3, Result.ANSWERED),
    "mumbles": (2, Result.ANSWERED),
    "voicemail": (12, Result.VOICEMAIL),
    "screener": (2, Result.CALL_SCREENER),
    "busy": (4, Result.BUSY),
    "no_answer": (10, Result.NO_ANSWER),
    "not_in_service": (2, Result.NOT_IN_SERVICE),
}

_CLAIMS = {
    "third_party": "he is not home, this is his roommate",
    "wrong_number": "you have the wrong number, nobody by that name lives here",
    "says_stop": "please stop calling me",
    "has_attorney": "I have an attorney, talk to my lawyer",
    "bankrupt": "I filed for bankruptcy",
    "disputes": "I dispute this debt, I do not owe this",
    "mumbles": "mmh blue seven table",
}
#: What a willing callee would rather say, the likeliest first.
_WILLING = ("identity_confirmed", "give_identifier", "promise", "affirm", "goodbye")
_REFUSING = ("identity_confirmed", "give_identifier", "refuse", "deny", "goodbye")
_PROMISED = frozenset({"promise.amount", "promise.date"})
#: How often a callee claims a right before they hang up.
_CLAIMED = 2
_RIGHT_AWAY = frozenset({"third_party", "wrong_number", "mumbles"})


def draw(random: Random) -> str:
    """Return a persona's name."""
    return random.choices(list(PERSONAS), [weight for weight, _ in PERSONAS.values()])[0]


@dataclass
class Callee:
    """A simulated callee in one call: a `Dialing`.

    Args:
        persona: Its name in `PERSONAS`.
        bundle: What the call runs under, to know what a state can hear.
        order: The call.
        facts: What the callee knows of themself, as ``party.zip``.
        random: Where chance comes from.
    """

    persona: str
    bundle: CompiledBundle
    order: Order
    facts: Mapping[str, Value]
    random: Random
    elapsed: timedelta = field(default=timedelta(seconds=6))
    spoken: int = 0
    claimed: int = 0
    told: set[str] = field(default_factory=set)
    hung: bool = False

    @property
    def now(self) -> datetime:
        """The simulated time."""
        return self.order.at + self.elapsed

    def wait(self) -> tuple[Result, Event | None]:
        """Return what came of dialling."""
        result = PERSONAS[self.persona][1]
        kind = {
            Result.ANSWERED: EventKind.ANSWERED,
            Result.VOICEMAIL: EventKind.VOICEMAIL,
            Result.CALL_SCREENER: EventKind.CALL_SCREENER,
        }.get(result)
        return result, None if kind is None else Event(kind, self.now)

    def say(self, speech: Speech) -> Event:
        """Listen, and answer as the persona would."""
        self.spoken += 1
        self.elapsed += timedelta(seconds=2 + len(speech.text) // 15)
        if speech.ended or self.hung or self.spoken > 30:
            return self._event(EventKind.HUNG_UP)
        return self._answer(speech)

    def hang_up(self) -> None:
        """End the call."""
        self.hung = True

    def _answer(self, heard: Speech) -> Event:
        match self.persona:
            case "silent":
                return self._event(EventKind.SILENCE)
            case "voicemail":
                return self._event(EventKind.SILENCE)
            case "screener":
                return self._event(EventKind.ANSWERED if self.spoken == 1 else EventKind.HUNG_UP)
            case "hangs_up" if self.random.random() < 0.4:
                return self._event(EventKind.HUNG_UP, played=round(self.random.random(), 2))
            case "interrupts" if self.spoken % 2 == 0:
                return self._intent(heard, _WILLING, played=0.3)
        claim = _CLAIMS.get(self.persona)
        if claim and (self.persona in _RIGHT_AWAY or self.spoken >= 2):
            self.claimed += 1
            if self.claimed > _CLAIMED and self.persona != "mumbles":
                return self._event(EventKind.HUNG_UP)
            return Event(EventKind.WORDS, self.now, text=claim)
        return self._intent(heard, _REFUSING if self.persona == "refuses" else _WILLING)

    def _intent(self, heard: Speech, wishes: tuple[str, ...], played: float | None = None) -> Event:
        flow = self.bundle.flows.get(heard.flow)
        state = flow.states.get(heard.state) if flow is not None else None
        if state is None:
            return self._event(EventKind.HUNG_UP)
        for wish in wishes:
            if wish == "promise" and self.told >= _PROMISED and "affirm" in state.hears:
                continue
            if wish in state.hears:
                slots = self._slots((state.asks - self.told) | (_PROMISED if wish == "promise" else frozenset()))
                self.told |= slots.keys()
                return Event(EventKind.INTENTS, self.now, intents=(wish,), slots=slots, played=played)
        return self._event(EventKind.HUNG_UP)

    def _slots(self, asks: frozenset[str]) -> dict[str, Value]:
        """Return what the callee says when asked: identifiers as they are, an amount, a day of the next nine."""
        found: dict[str, Value] = {}
        for slot in sorted(asks):
            own = self.facts.get(slot.replace("heard.", "party."))
            if slot.startswith("heard.") and own is not None:
                found[slot] = own
            elif slot.endswith(".amount"):
                balance = self.facts.get("account.balance")
                found[slot] = balance // 2 if isinstance(balance, int) else 5000
            elif slot.endswith(".date"):
                found[slot] = self.now.date().toordinal() + self.random.randint(3, 9)
        return found

    def _event(self, kind: EventKind, played: float | None = None) -> Event:
        return Event(kind, self.now, played=played)


@dataclass
class SimulatedLine:
    """A line on which simulated callees answer.

    ``placed`` lists every order, so that a rehearsal can check who was dialled.

    Args:
        bundle: Gives the bundle a call runs under.
        seed: The same seed gives the same callees for the same numbers, dial after dial.
        people: What each callee knows of themself, by number.
        fixed: Personas by number that are not drawn.
    """

    bundle: Callable[[], CompiledBundle]
    seed: int
    people: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    placed: list[Order] = field(default_factory=list)
    met: dict[str, str] = field(default_factory=dict)  # call -> persona
    _dials: Counter[str] = field(default_factory=Counter)

    def place(self, order: Order) -> Callee:
        """Dial a simulated number."""
        self._dials[order.number] += 1
        random = Random(f"{self.seed}|{order.number}|{self._dials[order.number]}")
        persona = self.fixed.get(order.number) or draw(random)
        self.placed.append(order)
        self.met[order.call] = persona
        return Callee(persona, self.bundle(), order, self.people.get(order.number, {}), random)
