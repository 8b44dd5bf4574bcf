"""The dialogue machine: a linked flow as a `transitions` state machine.

The only importer of ``transitions``. The machine is compiled once for a flow
and shared: it keeps no model, has no automatic transitions (they would be a
way round every guard), and steps any :class:`Walker`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from transitions import EventData, Machine

from engine.bundle import Again, Flow, Go, Reask, State, Step
from engine.expressions.tree import ALWAYS

ENDED = "@end"
THEN = "@then"
SILENCE, UNCLEAR = "silence", "unclear"


@dataclass(slots=True)
class Walker:
    """One walk through the machine: where it is, whether a step may be taken, and which one was."""

    state: str
    ready: Callable[[Step], bool]
    taken: Step | None = None


def reask_steps(reask: Reask, owner: str, kind: str) -> tuple[Step, ...]:
    """Return a bounded answer as steps: ask again so many times, then what comes ``then``."""
    again = Step(
        f"{owner}/{kind}/again",
        ALWAYS,
        (),
        (),
        reask.say,
        Again(reask.times),
        reask.span,
        reask.span,
        say_again=not reask.say,
    )
    return (again, reask.then)


def answers(state: State) -> dict[str, tuple[Step, ...]]:
    """Return everything *state* answers, with silence and unclear words in their place."""
    found = dict(state.hears)
    if state.then:
        found[THEN] = state.then
    if state.silence is not None and SILENCE not in found:
        found[SILENCE] = reask_steps(state.silence, state.name, SILENCE)
    if state.unclear is not None:
        found[UNCLEAR] = (*found.get(UNCLEAR, ()), *reask_steps(state.unclear, state.name, UNCLEAR))
    return found


class DialogueMachine:
    """A flow's machine. Safe to share between threads: stepping changes only the walker."""

    def __init__(self, flow: Flow) -> None:
        self._machine = Machine(
            model=None,
            states=[*flow.states, ENDED],
            initial=flow.start,
            auto_transitions=False,
            send_event=True,
            ignore_invalid_triggers=True,
        )
        for state in flow.states.values():
            for trigger, steps in answers(state).items():
                for step in steps:
                    dest = step.target.state if isinstance(step.target, Go) else ENDED
                    self._machine.add_transition(
                        trigger,
                        state.name,
                        None if isinstance(step.target, Again) else dest,
                        conditions=[_ready(step)],
                        before=[_take(step)],
                    )

    def take(self, walker: Walker, trigger: str) -> Step | None:
        """Take the first step of *trigger* whose guard holds; move *walker*; return the step, or None."""
        walker.taken = None
        event = self._machine.events.get(trigger)
        if event is not None and walker.state in event.transitions:
            event.trigger(walker)
        return walker.taken


def _ready(step: Step) -> Callable[[EventData], bool]:
    def ready(event: EventData) -> bool:
        walker = event.model
        assert isinstance(walker, Walker)
        return walker.ready(step)

    return ready


def _take(step: Step) -> Callable[[EventData], None]:
    def take(event: EventData) -> None:
        walker = event.model
        assert isinstance(walker, Walker)
        walker.taken = step

    return take
