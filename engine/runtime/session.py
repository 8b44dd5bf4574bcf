"""What a call is made of: events in, a session and turns out. All of it is plain data and serialises to JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from engine.expressions.tree import Value
from engine.nlu.reading import Understanding
from engine.runtime.decision import Decision
from engine.terms import EventKind


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a call.

    Args:
        kind: ``words`` (``text`` goes through the recogniser), ``intents`` (given directly), or an event.
        at: When, aware.
        text: The callee's words, for ``words``.
        intents: Accepted intents, for ``intents``.
        slots: Slot values given with ``intents``.
        digits: Keys pressed, for ``dtmf``.
        played: The part of the agent's last utterance that was heard, 0 to 1; None is all of it.
    """

    kind: EventKind
    at: datetime
    text: str = ""
    intents: tuple[str, ...] = ()
    slots: Mapping[str, Value] = field(default_factory=dict)
    digits: str = ""
    played: float | None = None


@dataclass(frozen=True, slots=True)
class Utterance:
    """One prompt as spoken. ``inserted_by`` is the rule that required it, or ''."""

    prompt: str
    text: str
    locale: str
    discloses: tuple[str, ...] = ()
    inserted_by: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """Something the host is to carry out, as data.

    ``arguments`` hold canonical values by the vocabulary's types; ``due`` is set where a rule gave a time.
    """

    name: str
    arguments: Mapping[str, Value]
    due: datetime | None = None
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Suppression:
    """No further calls in a scope, because of a rule."""

    scope: str
    reason: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class CallSession:
    """A call between two turns.

    ``facts`` are flat canonical values (see :mod:`engine.expressions.values`); a missing fact is unknown.
    ``pending`` are the prompts of the last utterance, which the next event's ``played`` makes said or not.
    """

    call_id: str
    bundle: str
    flow: str
    locale: str
    state: str
    turn: int
    started: datetime
    facts: Mapping[str, Value]
    zones: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    pending: tuple[tuple[str, int, str], ...] = ()  # prompt, characters, locale
    counts: Mapping[str, int] = field(default_factory=dict)  # of ``again``, silence and unclear in this visit
    disclosed: tuple[str, ...] = ()
    suppressed: tuple[tuple[str, str], ...] = ()  # scope, reason
    disposition: str = ""  # '' while the call goes on

    @property
    def ended(self) -> bool:
        """Whether the call is over."""
        return bool(self.disposition)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one event led to."""

    session: CallSession
    utterances: tuple[Utterance, ...]
    actions: tuple[Action, ...]
    suppressions: tuple[Suppression, ...]
    decisions: tuple[Decision, ...]
    understanding: Understanding | None
    steps: tuple[str, ...]  # ids of the steps taken, in order
    states: tuple[str, ...]  # states passed through, the present one last
    prevented: tuple[str, ...] = ()  # rules that held the planned turn back
    faults: tuple[str, ...] = ()  # disagreements and engine faults, each of which denied

    @property
    def text(self) -> str:
        """Return what is said, prompt after prompt."""
        return " ".join(u.text for u in self.utterances)
