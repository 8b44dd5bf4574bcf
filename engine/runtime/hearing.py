"""The first half of a turn: what was played, what was heard, and what rules make of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from engine.bundle import Derive, Do, EndCall, State, Suppress
from engine.expressions.evaluate import value_of
from engine.expressions.tree import Value
from engine.facts.clock import local
from engine.nlu.digits import SHORTEST_CARD
from engine.nlu.reading import Listening, Understanding
from engine.runtime.asking import Answer, ask
from engine.runtime.effects import carry_out
from engine.runtime.frame import ASKED, HEARD, SAID, checked_facts, forgotten, lasting
from engine.runtime.prepared import Prepared
from engine.runtime.session import Action, CallSession, Event, Suppression
from engine.terms import EVENTS, Ask, EventKind, FactSource, Lasts

MOST_ROUNDS = 8
NEW_PERSON = "new_person"
_PERSON = frozenset({Lasts.PERSON})


@dataclass(frozen=True, slots=True)
class Heard:
    """What an event came to.

    Args:
        session: The session with what was said, heard and derived.
        facts: The frame in which the dialogue goes on.
        triggers: What the flow may follow, the most urgent first.
        answer: The ``on_hearing`` decision.
        end: A rule that ends the call, or None.
    """

    session: CallSession
    facts: dict[str, Value]
    triggers: tuple[str, ...]
    understanding: Understanding | None
    answer: Answer
    actions: tuple[Action, ...]
    suppressions: tuple[Suppression, ...]
    end: EndCall | None


def played(session: CallSession, event: Event) -> tuple[str, ...]:
    """Return the prompts of the last utterance that were heard, going by how much of it was played."""
    total = sum(length for _, length, _ in session.pending)
    reach = total if event.played is None else total * min(1.0, max(0.0, event.played))
    heard: list[str] = []
    done = 0
    for prompt, length, locale in session.pending:
        done += length
        if done <= reach + 1e-9 and locale == session.locale:
            heard.append(prompt)
    return tuple(heard)


def hear(prepared: Prepared, session: CallSession, event: Event, frame: dict[str, Value]) -> Heard:
    """Take *event* in: words become intents and slots, then ``on_hearing`` rules fire to a fixpoint.

    What comes in the same breath as a change of person was said by nobody known, and is left out.

    Raises:
        ValueError: A slot that came with the event has not its type.
    """
    told = event.kind is EventKind.NEW_PERSON or NEW_PERSON in event.intents
    if told:
        session, frame = _someone_else(prepared, session, frame)
    state = prepared.bundle.flows[session.flow].states.get(session.state)
    understanding, accepted, slots = _understand(prepared, session, event, state, frame)
    if told:
        slots = {}
    facts = dict(session.facts) | slots
    frame |= slots
    for name in accepted:
        frame[HEARD + name] = True
    frame["event.digits"] = event.digits
    for prompt in session.said:
        frame[SAID + prompt] = True
    for prompt in session.asked:
        frame[ASKED + prompt] = True
    answer, derived = _to_fixpoint(prepared, frame, event.at)
    someone_else = derived.get(NEW_PERSON) is True
    if someone_else and not told:
        kept = {name: value for name, value in derived.items() if not _of_person(prepared, name)}
        session, frame = _someone_else(prepared, replace(session, facts=facts), frame)
        facts = dict(session.facts)
        derived = kept
    for name, value in derived.items():
        facts[name] = value
        frame[name] = value
    effects = [(rule, effect) for rule in answer.rules for effect in rule.effects]
    ends = [effect for _, effect in effects if isinstance(effect, EndCall)]
    suppressions = tuple(
        Suppression(effect.scope, effect.reason, rule.id) for rule, effect in effects if isinstance(effect, Suppress)
    )
    frame |= {f"suppressed.{suppression.reason}": True for suppression in suppressions}
    return Heard(
        session=replace(session, facts=lasting(prepared, {k: v for k, v in facts.items() if k != NEW_PERSON})),
        facts=frame,
        triggers=_triggers(prepared, state, event, understanding, accepted, someone_else or told),
        understanding=understanding,
        answer=answer,
        actions=tuple(
            carry_out(effect, frame, event.at, rule.id) for rule, effect in effects if isinstance(effect, Do)
        ),
        suppressions=suppressions,
        end=ends[0] if ends else None,
    )


def _of_person(prepared: Prepared, name: str) -> bool:
    fact = prepared.bundle.vocabulary.facts.get(name)
    return fact is not None and fact.lasts is Lasts.PERSON


def _someone_else(
    prepared: Prepared, session: CallSession, frame: dict[str, Value]
) -> tuple[CallSession, dict[str, Value]]:
    """Return what is left when another person has taken the phone: no slots, nothing said, nothing of the person."""
    known = prepared.bundle.vocabulary.facts
    facts = {
        name: value
        for name, value in forgotten(prepared.bundle, session.facts, _PERSON).items()
        if name not in known or known[name].origin is not FactSource.HEARD
    }
    fresh = dict(frame)
    for name, fact in known.items():
        if fact.lasts is Lasts.PERSON or fact.origin is FactSource.HEARD or name.startswith((SAID, ASKED)):
            fresh[name] = prepared.defaults.get(name)
    return replace(session, facts=facts, said=(), asked=()), fresh


def _understand(
    prepared: Prepared, session: CallSession, event: Event, state: State | None, frame: Mapping[str, Value]
) -> tuple[Understanding | None, tuple[str, ...], dict[str, Value]]:
    if event.kind is EventKind.WORDS:
        listening = Listening(
            at=_local(event.at, session.zones),
            hears=(frozenset(state.hears) - frozenset(EVENTS) if state is not None else frozenset())
            | prepared.listened,
            asks=state.asks if state is not None else frozenset(),
            facts=frame,
        )
        read = prepared.recogniser.understand(event.text, session.locale, listening)
        return read, read.accepted, {s.slot: s.values[0] if len(s.values) == 1 else None for s in read.slots}
    known = prepared.bundle.vocabulary.facts
    given = {n: v for n, v in event.slots.items() if n in known and known[n].origin is FactSource.HEARD}
    slots = checked_facts(prepared.bundle, given)
    if event.kind is EventKind.INTENTS:
        return None, event.intents, slots
    if event.kind is EventKind.DTMF and state is not None:
        keys = event.digits if len(event.digits) < SHORTEST_CARD else ""
        keyed = [n for n in sorted(state.asks) if known[n].reads in ("digits", "ssn4", "zip") and keys]
        lengths = {"zip": 5, "ssn4": 4}
        slots |= {n: keys for n in keyed if lengths.get(known[n].reads, len(keys)) == len(keys)}
    return None, (str(event.kind),), slots


def _local(at: datetime, zones: tuple[str, ...]) -> datetime:
    return local(at, zones[0]) if zones else at.astimezone(UTC)


def _to_fixpoint(prepared: Prepared, frame: dict[str, Value], at: datetime) -> tuple[Answer, dict[str, Value]]:
    """Ask ``on_hearing`` again with what was derived, until nothing new is; conflicts give the first value."""
    working = dict(frame)
    derived: dict[str, Value] = {}
    given: dict[str, set[Value]] = {}
    seen: dict[str, None] = {}
    answer = ask(prepared, Ask.ON_HEARING, "", working, at)
    for _ in range(MOST_ROUNDS):
        for rule in answer.rules:
            seen[rule.id] = None
            for effect in rule.effects:
                if isinstance(effect, Derive):
                    given.setdefault(effect.fact, set()).add(value_of(effect.value, working))
        facts = prepared.bundle.vocabulary.facts
        settled = {name: next(iter(v)) if len(v) == 1 else facts[name].initially for name, v in given.items()}
        if settled == derived or answer.faulty:
            break
        derived = settled
        working = dict(frame) | derived
        answer = ask(prepared, Ask.ON_HEARING, "", working, at)
    return _with_all(prepared, answer, seen, working), derived


def _with_all(prepared: Prepared, answer: Answer, seen: Mapping[str, None], frame: Mapping[str, Value]) -> Answer:
    """Return *answer* with the rules of earlier rounds that no longer fire: what they did stands."""
    now = {rule.id for rule in answer.rules}
    earlier = tuple(prepared.rules[name] for name in seen if name not in now)
    return Answer(tuple(sorted((*answer.rules, *earlier), key=lambda rule: rule.id)), answer.decision)


def _triggers(
    prepared: Prepared,
    state: State | None,
    event: Event,
    understanding: Understanding | None,
    accepted: tuple[str, ...],
    someone_else: bool,
) -> tuple[str, ...]:
    """Return what the flow follows: protected intents by urgency, then a change of person, then the best of the others.

    What else the words meant counts no more when a rule derived that someone else has the phone. A tie is unclear.
    """
    if event.kind not in (EventKind.WORDS, EventKind.INTENTS):
        return (str(event.kind),)
    answered = state.hears if state is not None else {}
    urgent = [i for i in prepared.bundle.vocabulary.protected if i in accepted]
    if urgent:
        return tuple(i for i in urgent if i in answered)
    if someone_else and NEW_PERSON in answered:
        return (NEW_PERSON,)
    others = [i for i in accepted if i in answered]
    if understanding is None or len(others) < 2:
        return tuple(others[:1])
    scores = {reading.intent: reading.score for reading in understanding.readings}
    best = max(scores[i] for i in others)
    leading = [i for i in others if scores[i] == best]
    same = len({answered[i] for i in leading}) == 1
    return (leading[0],) if len(leading) == 1 or same else ()
