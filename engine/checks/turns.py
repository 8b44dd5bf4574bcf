"""What the turns of a flow may say and do, by what was heard.

Conditions are left out: every step of a handler may be taken.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.bundle import Do, End, Flow, Go, State, Step
from engine.terms import EventKind


@dataclass(frozen=True, slots=True)
class Turn:
    """What may be said and done after one thing was heard.

    Args:
        heard: The intent or event; '' where it may be anything.
        says: Prompts.
        does: Actions.
        ends: Whether the call may end.
    """

    heard: str
    says: frozenset[str]
    does: frozenset[str]
    ends: bool


def turns(flow: Flow) -> Iterator[Turn]:
    """Yield the turns of *flow*: its first, those of each state, and the one that takes a forbidden turn's place."""
    first = flow.states[flow.start]
    yield _turn(flow, str(EventKind.ANSWERED), first, first.then, frozenset(first.say))
    yield _turn(flow, "", first, (flow.blocked,))
    for state in flow.states.values():
        for heard, steps in state.hears.items():
            yield _turn(flow, heard, state, steps)
        if state.silence is not None:
            held = state.silence
            yield _turn(flow, str(EventKind.SILENCE), state, (held.then,), frozenset(held.say))
        if state.unclear is not None:
            yield _turn(flow, "", state, (state.unclear.then,), frozenset(state.unclear.say))


def _turn(flow: Flow, heard: str, state: State, steps: tuple[Step, ...], said: frozenset[str] = frozenset()) -> Turn:
    says, does, ends = set(said), set[str](), False
    ahead, seen = [(state, step) for step in steps], set[str]()
    while ahead:
        here, step = ahead.pop()
        says.update(step.say)
        does.update(do.action for do in step.does if isinstance(do, Do))
        ends = ends or isinstance(step.target, End)
        if step.say_again:
            says.update(here.say)
        if isinstance(step.target, Go) and step.target.state not in seen:
            seen.add(step.target.state)
            entered = flow.states[step.target.state]
            says.update(entered.say)
            ahead += [(entered, following) for following in entered.then]
    return Turn(heard, frozenset(says), frozenset(does), ends)
