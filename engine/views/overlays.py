"""What is laid over a graph: calls as they went, how often each way was taken, what differs from another version."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from engine.rehearsal.replay import Exchange, Replay
from engine.runtime.session import Turn
from engine.terms import EventKind
from engine.views.model import Arrow, Graph, StateView, is_outcome

ADDED, REMOVED, CHANGED = "added", "removed", "changed"


@dataclass(frozen=True, slots=True)
class Passage:
    """One turn of a call: what happened, what was said, the states passed and the steps taken."""

    callee: str
    agent: tuple[str, ...]
    states: tuple[str, ...]
    steps: tuple[str, ...]
    prevented: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trail:
    """One call as it went."""

    id: str
    title: str
    turns: tuple[Passage, ...]
    ended: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many calls came through each state and took each step, of so many."""

    calls: int
    states: Mapping[str, int] = field(default_factory=dict)
    steps: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Marks:
    """What differs from another version: ``added``, ``removed`` or ``changed``, by state and by arrow."""

    version: str
    states: Mapping[str, str]
    arrows: Mapping[tuple[str, str], str]


def trail_of(replay: Replay) -> Trail:
    """Return the call of a replayed scenario."""
    turns = tuple(passage(callee_of(exchange), exchange.turn) for exchange in replay.exchanges)
    ended = replay.exchanges[-1].turn.session.disposition if replay.exchanges else ""
    return Trail(replay.scenario.id, replay.scenario.title, turns, ended)


def passage(callee: str, turn: Turn) -> Passage:
    """Return one turn as a passage."""
    return Passage(
        callee, tuple(u.text for u in turn.utterances), tuple(s for s in turn.states if not is_outcome(s)), turn.steps,
        turn.prevented,
    )


def callee_of(exchange: Exchange) -> str:
    """Return what happened, in words."""
    event = exchange.event
    if event.kind is EventKind.WORDS:
        return event.text
    if event.kind is EventKind.INTENTS:
        return f"({', '.join(event.intents) or 'not understood'})"
    return f"({str(event.kind).replace('_', ' ')})"


def counted(trails: Iterable[Trail]) -> Counts:
    """Return how many of *trails* came through each state and took each step, each trail counting once."""
    states: Counter[str] = Counter()
    steps: Counter[str] = Counter()
    calls = 0
    for trail in trails:
        calls += 1
        states.update({state for turn in trail.turns for state in turn.states})
        steps.update({step for turn in trail.turns for step in turn.steps})
    return Counts(calls, dict(sorted(states.items())), dict(sorted(steps.items())))


def united(old: Graph, new: Graph) -> tuple[Graph, Marks]:
    """Return both versions as one graph, so that nothing jumps between them, and what differs."""
    states: dict[str, str] = {}
    both = dict(new.states)
    for name, state in old.states.items():
        if name not in both:
            both[name] = state
            states[name] = REMOVED
        elif _content(state) != _content(both[name]):
            states[name] = CHANGED
    states |= dict.fromkeys((name for name in new.states if name not in old.states), ADDED)
    before, after = ({(a.source, a.target): a for a in graph.arrows} for graph in (old, new))
    arrows: dict[tuple[str, str], str] = {}
    for key in before.keys() | after.keys():
        if key not in after:
            arrows[key] = REMOVED
        elif key not in before:
            arrows[key] = ADDED
        elif _ways(before[key]) != _ways(after[key]):
            arrows[key] = CHANGED
    merged = replace(
        new, states=both, arrows=(*new.arrows, *(before[k] for k in before if k not in after)),
        phases=tuple(dict.fromkeys((*new.phases, *old.phases))),
    )
    return merged, Marks(f"{old.flow} {old.version}", dict(sorted(states.items())), dict(sorted(arrows.items())))


def _ways(arrow: Arrow) -> tuple[object, ...]:
    return tuple((e.trigger, e.condition, e.kind, e.to, e.times, e.says, e.does) for e in arrow.exits)


def _content(state: StateView) -> tuple[object, ...]:
    return (state.says, state.listens, _ways(Arrow("", "", state.exits)))
