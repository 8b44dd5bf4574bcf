"""A scenario: a call as told, or the dials that were asked for, and what must hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.bundle import CompiledBundle
from engine.expressions.tree import Value
from engine.rehearsal.expectations import (
    CallExpectation,
    DialExpectation,
    ReplyExpectation,
    read_call,
    read_dial,
    read_reply,
)
from engine.rehearsal.reading import Findings, entries, facts, fraction, instant, maps, names, typed, under, word
from engine.rehearsal.situation import Situation, read_situation
from engine.runtime.session import Event
from engine.source.documents import Document
from engine.source.finding import Finding
from engine.source.span import Span
from engine.source.tree import Map
from engine.terms import EVENTS, EventKind, FactSource

PACE = timedelta(seconds=10)
"""How far apart two lines of a told call are."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happens in a call, and what the reply to it must be."""

    event: Event
    expects: ReplyExpectation
    span: Span


@dataclass(frozen=True, slots=True)
class Dial:
    """One dial asked for, and what the decision must be. ``facts`` go before those of the scenario."""

    at: datetime
    facts: Mapping[str, Value]
    expects: DialExpectation
    span: Span


@dataclass(frozen=True, slots=True)
class Scenario:
    """A story that the engine is held to: ``lines`` of a call, or ``dials``."""

    id: str
    title: str
    path: str
    flow: str
    locale: str
    situation: Situation
    lines: tuple[Line, ...]
    dials: tuple[Dial, ...]
    expects: CallExpectation
    span: Span


def read_scenario(document: Document, bundle: CompiledBundle) -> tuple[Scenario | None, tuple[Finding, ...]]:
    """Return the scenario that *document* tells, and what is wrong with it.

    There is no scenario where anything is wrong: an expectation that was misread would
    pass unseen. A scenario that expects nothing is wrong, too.
    """
    root, found = document.root, Findings()
    flow, locale = _flow(root, bundle, found), _locale(root, bundle, found)
    first = next((under(d, "at") for d in maps(under(root, "dial"), "dials", found)), None)
    situation = read_situation(root, bundle.vocabulary, found, default=instant(first, Findings()))
    lines, dials = _lines(root, bundle, flow, situation.at, found), _dials(root, bundle, situation, found)
    expects = read_call(under(root, "expect"), bundle, found)
    if bool(under(root, "call")) == bool(under(root, "dial")):
        mend = "write `call:` or `dial:`, one of them"
        found.add(root.span, "nothing-told", "a scenario tells a call or dials", mend)
    elif under(root, "call") and not {str(key) for key, _ in entries(under(root, "expect"))} - {"about"}:
        mend = "add `expect:`, with what must hold of the call"
        found.add(root.span, "nothing-expected", "this scenario expects nothing", mend)
    problems = found.all()
    if problems:
        return None, problems
    return Scenario(
        str(document.id), str(document.title), str(document.path), flow, locale, situation, lines, dials, expects,
        document.id.span,
    ), ()  # fmt: skip


def _flow(root: Map, bundle: CompiledBundle, found: Findings) -> str:
    flow = word(root, "flow")
    if flow is not None:
        found.known(flow, "flow", bundle.flows)
        return str(flow)
    if under(root, "call") and len(bundle.flows) != 1:
        found.add(root.span, "missing-key", "it is not said which flow the call follows", "add `flow:`")
    return next(iter(bundle.flows), "")


def _locale(root: Map, bundle: CompiledBundle, found: Findings) -> str:
    locale = word(root, "locale")
    if locale is not None:
        found.known(locale, "locale", bundle.locales)
        return str(locale)
    return bundle.locales[0] if bundle.locales else ""


def _dials(root: Map, bundle: CompiledBundle, situation: Situation, found: Findings) -> tuple[Dial, ...]:
    dials = []
    for entry in maps(under(root, "dial"), "dials", found):
        at = instant(under(entry, "at"), found) or situation.at
        given = facts(under(entry, "given"), bundle.vocabulary, found)
        dials.append(Dial(at, given, read_dial(entry, bundle, found), entry.span))
    return tuple(dials)


def _lines(root: Map, bundle: CompiledBundle, flow: str, starts: datetime, found: Findings) -> tuple[Line, ...]:
    lines: list[Line] = []
    for entry in maps(under(root, "call"), "lines of the call", found):
        event = _event(entry, bundle, starts + PACE * (len(lines) + 1), found)
        if event is not None:
            lines.append(Line(event, read_reply(entry, bundle, flow, found), entry.span))
    return tuple(lines)


def _event(entry: Map, bundle: CompiledBundle, at: datetime, found: Findings) -> Event | None:
    played = fraction(under(entry, "played"), found)
    said, happened = word(entry, "callee"), names(under(entry, "event"), found)
    if (said is None) == (happened is None):
        mend = "write `callee:` with the words, or `event:` with what happened"
        found.add(entry.span, "wrong-shape", "a line of a call is what the callee said, or an event", mend)
        return None
    if said is not None:
        return Event(EventKind.WORDS, at, text=str(said), played=played)
    assert happened is not None
    if not happened.items:
        found.add(happened.span, "wrong-shape", "no event is named here", "write `event: silence`, or an intent")
        return None
    intents = {spec.id for specs in bundle.intents.values() for spec in specs}
    if not all(found.known(name, "event or intent", intents | set(EVENTS)) for name in happened.items):
        return None
    slots = {}
    for slot, value in entries(under(entry, "slots")):
        if found.known(slot, "fact", bundle.vocabulary.facts):
            fact = bundle.vocabulary.facts[str(slot)]
            if fact.origin is not FactSource.HEARD:
                mend = "name a fact that is `from: heard`"
                found.add(slot.span, "not-given", f"`{slot}` is not what the callee says", mend)
            slots[fact.name] = typed(value, fact.type, fact.values, found)
    if str(happened.items[0]) in EVENTS:
        if len(happened.items) > 1:
            found.add(
                happened.items[1].span,
                "wrong-shape",
                f"`{happened.items[0]}` happens by itself",
                "list only intents together",
            )
            return None
        digits = str(word(entry, "digits") or "")
        return Event(EventKind(str(happened.items[0])), at, slots=slots, digits=digits, played=played)
    return Event(EventKind.INTENTS, at, intents=tuple(map(str, happened.items)), slots=slots, played=played)
