"""Where a search for calls goes on when it has come to an end: the same said again, two things at once, other facts."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from engine.bundle import CompiledBundle, Derive, Flow
from engine.expressions.parse import names_read
from engine.expressions.tree import ALWAYS, All, Condition, Value
from engine.runtime.session import CallSession, Event
from engine.terms import EventKind, FactSource, ValueType

MOST_TIMES = 6
"""How often the same is said again."""
_GIVEN = {str(kind): kind for kind in EventKind if kind not in (EventKind.WORDS, EventKind.INTENTS, EventKind.DTMF)}


def said_again(
    flow: Flow, session: CallSession, wanted: frozenset[str], intents: frozenset[str], keys: Iterable[str]
) -> Iterator[tuple[str, ...]]:
    """Yield what may be heard again and again at *session* to come to a wanted step.

    It is an event or intents, by name, or keys pressed. Beside the intent that a step answers, those of *intents* are
    said that its condition asks for. What is not understood is ``()``.
    """
    state = flow.states[session.state]
    for reask, heard in ((state.silence, (str(EventKind.SILENCE),)), (state.unclear, ())):
        if reask is not None and reask.then.id in wanted:
            yield heard
    for trigger, steps in state.hears.items():
        for one in steps:
            if one.id in wanted and trigger == str(EventKind.DTMF):
                yield from ((trigger, pressed) for pressed in keys)
            elif one.id in wanted:
                asked = {name.removeprefix("heard.") for name in names_read(one.when) if name.startswith("heard.")}
                yield (trigger, *sorted((asked & intents) - {trigger})) if trigger in intents else (trigger,)


def event_of(heard: tuple[str, ...], session: CallSession, at: datetime) -> Event:
    """Return what *heard* names as an event of a call that began at *at*."""
    when = at + timedelta(seconds=10 * session.turn)
    if heard[:1] == (str(EventKind.DTMF),):
        return Event(EventKind.DTMF, when, digits=heard[1])
    kind = _GIVEN.get(heard[0]) if heard else None
    return Event(kind, when) if kind is not None else Event(EventKind.INTENTS, when, intents=heard)


def other_facts(
    bundle: CompiledBundle, facts: Mapping[str, Value], conditions: Iterator[Condition]
) -> Iterator[dict[str, Value]]:
    """Yield *facts* with one of those that *conditions* rest on, at once or by what rules derive, told otherwise."""
    asked = {name for condition in conditions for name in names_read(condition)}
    for _ in bundle.rules:  # as often as there are questions, each of which may rest on the one before
        asked |= {
            name
            for rules in bundle.rules.values()
            for rule in rules
            if any(isinstance(effect, Derive) and effect.fact in asked for effect in rule.effects)
            for name in names_read(All((rule.when, rule.unless or ALWAYS)))
        }
    for name in sorted(asked):
        fact = bundle.vocabulary.facts.get(name)
        if fact is None or fact.origin is not FactSource.HOST:
            continue
        others: tuple[Value, ...] = fact.values if fact.type is ValueType.ENUM else ()
        if fact.type is ValueType.BOOL:
            others = (not facts.get(name),)
        elif fact.type is ValueType.SET and not fact.of_places:
            others = tuple(frozenset({value}) for value in fact.values)
        rest = {other: value for other, value in facts.items() if other != name}
        yield from ({**rest, name: value} for value in others if value != facts.get(name))
        if facts.get(name) is not None:
            yield rest
