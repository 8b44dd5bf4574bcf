"""Scenarios from the model: calls that take the steps, or fire the rules, that no scenario does.

Found by going through the engine breadth first, giving intents and events
directly. They are proposals: marked so, and not counted until someone adopts
them by deleting the mark.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engine.bundle import CompiledBundle, Fact, Flow
from engine.expressions.tree import Compare, Ref, Value
from engine.expressions.values import format_value
from engine.rehearsal.coverage import comparisons, steps_of
from engine.runtime.session import CallSession, Event, Turn
from engine.runtime.step import start, step
from engine.terms import Ask, EventKind, FactSource, ValueType

MARK = "# proposed: adopt by deleting this line"
EVENTS = (EventKind.SILENCE, EventKind.VOICEMAIL, EventKind.NEW_PERSON, EventKind.CALL_SCREENER)
MOST_CALLS = 3_000


@dataclass(frozen=True, slots=True)
class Proposal:
    """A call that covers something new: the events, the turns they led to, and what is new."""

    flow: str
    covers: tuple[str, ...]
    facts: Mapping[str, Value]
    at: datetime
    happened: tuple[tuple[Event, Turn], ...]


@dataclass(frozen=True, slots=True)
class _Way:
    session: CallSession
    happened: tuple[tuple[Event, Turn], ...]


def generate(
    bundle: CompiledBundle,
    cover: str,
    covered: frozenset[str],
    facts: Mapping[str, Value],
    at: datetime,
    most: int = MOST_CALLS,
) -> tuple[Proposal, ...]:
    """Return calls that cover what is not in *covered*, the shortest first.

    Args:
        bundle: The bundle.
        cover: ``steps`` or ``rules``.
        covered: Ids of steps or rules that scenarios cover already.
        facts: What the host supplies in the calls.
        at: When they begin.
        most: How many turns to look at.
    """
    silent = replace(bundle, intents={}, digest=f"{bundle.digest} given intents")
    done = set(covered)
    found: list[Proposal] = []
    for name in sorted(bundle.flows):
        flow = bundle.flows[name]
        wanted = set(steps_of(flow)) if cover == "steps" else {r.id for rules in bundle.rules.values() for r in rules}
        for way in _ways(silent, flow, facts, at, most):
            turn = way.happened[-1][1]
            new = sorted((_covers(turn, cover) & wanted) - done)
            if new:
                done |= set(new)
                found.append(Proposal(name, tuple(new), facts, at, way.happened))
    return tuple(found)


def _covers(turn: Turn, cover: str) -> set[str]:
    return set(turn.steps) if cover == "steps" else {f.rule for d in turn.decisions for f in d.fired}


def _ways(bundle: CompiledBundle, flow: Flow, facts: Mapping[str, Value], at: datetime, most: int) -> Iterator[_Way]:
    """Yield calls, the shortest first; two that stand at the same place with the same facts are one."""
    session = start(bundle, "proposal", flow.id, bundle.locales[0], at, facts)
    right = _right_answers(bundle, facts)
    seen: set[object] = set()
    queue = deque([_Way(session, ())])
    looked = 0
    while queue and looked < most:
        way = queue.popleft()
        for event in _events(bundle, flow, way.session, right, at):
            looked += 1
            turn = step(bundle, way.session, event)
            after = _Way(turn.session, (*way.happened, (event, turn)))
            yield after
            mark = (
                turn.session.state,
                tuple(sorted((k, str(v)) for k, v in turn.session.facts.items())),
                turn.session.asked,
            )
            if not turn.session.ended and mark not in seen and looked < most:
                seen.add(mark)
                queue.append(after)


def _events(
    bundle: CompiledBundle, flow: Flow, session: CallSession, right: Mapping[str, Value], at: datetime
) -> Iterator[Event]:
    when = at + timedelta(seconds=10 * session.turn)
    if session.turn == 0:
        yield Event(EventKind.ANSWERED, when)
        return
    state = flow.states[session.state]
    names = {str(kind) for kind in EventKind}
    for trigger in state.hears:
        if trigger not in names:
            yield Event(EventKind.INTENTS, when, intents=(trigger,))
            slots = {slot: right[slot] for slot in state.asks if slot in right}
            if slots:
                yield Event(EventKind.INTENTS, when, intents=(trigger,), slots=slots)
    yield Event(EventKind.INTENTS, when)
    for kind in EVENTS:
        yield Event(kind, when)


def _right_answers(bundle: CompiledBundle, facts: Mapping[str, Value]) -> dict[str, Value]:
    """Return a value for each slot: the one a rule compares it with, or one that can be said."""
    found: dict[str, Value] = {}
    for fact in bundle.vocabulary.facts.values():
        if fact.origin is FactSource.HEARD:
            found[fact.name] = _SAID.get(fact.type, fact.values[0] if fact.values else "7")
    for rule in bundle.rules[Ask.ON_HEARING]:
        for atom in comparisons(rule.when):
            if isinstance(atom, Compare) and isinstance(atom.left, Ref) and isinstance(atom.right, Ref):
                for slot, held in ((atom.left.name, atom.right.name), (atom.right.name, atom.left.name)):
                    if slot in found and held in facts:
                        found[slot] = facts[held]
    return found


_SAID: Mapping[ValueType, Value] = {
    ValueType.MONEY: 5_000,
    ValueType.DATE: 739_700,
    ValueType.TIME: 50_400,
    ValueType.INT: 1,
    ValueType.BOOL: True,
}


def write(bundle: CompiledBundle, proposal: Proposal, number: int) -> str:
    """Return *proposal* as a scenario to read: what is said, and what is then expected."""
    known = bundle.vocabulary.facts
    lines = [
        MARK,
        "callwright: 1",
        "kind: scenario",
        f"id: proposed_{proposal.flow}_{number}",
        "version: 1.0.0",
        f"title: {_title(proposal)}",
        f"flow: {proposal.flow}",
        f"locale: {bundle.locales[0]}",
        f"at: {proposal.at.isoformat()}",
        "given:",
    ]
    lines += [
        f"  {name}: {_yaml(value, known[name])}" for name, value in sorted(proposal.facts.items()) if name in known
    ]
    lines.append("call:")
    for event, turn in proposal.happened:
        name = str(event.kind) if event.kind is not EventKind.INTENTS else ", ".join(event.intents)
        lines.append(f"  - event: {name}" if name else "  - callee: Hm.")
        if event.slots:
            lines.append("    slots:")
            lines += [f"      {slot}: {_yaml(value, known[slot])}" for slot, value in sorted(event.slots.items())]
        if turn.utterances:
            lines.append(f"    says: [{', '.join(u.prompt for u in turn.utterances)}]")
    last = proposal.happened[-1][1]
    lines.append("expect:")
    lines.append(
        f"  ends: {last.session.disposition}"
        if last.session.ended
        else "  never_disclosed: [secret]"
        if "secret" in bundle.vocabulary.classes
        else "  actions: []"
    )
    return "\n".join(lines) + "\n"


def _title(proposal: Proposal) -> str:
    return f"Covers {proposal.covers[0]}" + (
        f" and {len(proposal.covers) - 1} more" if len(proposal.covers) > 1 else ""
    )


def _yaml(value: Value, fact: Fact) -> str:
    if isinstance(value, frozenset):
        return f"[{', '.join(sorted(value))}]"
    shown = format_value(value, fact.type)
    if fact.type in (ValueType.MONEY,):
        shown = shown.replace("$", "").replace(",", "")
    return f"'{shown}'" if fact.type in (ValueType.TEXT, ValueType.TIME) else shown
