"""The middle of a turn: the dialogue machine walks, and a plan of what to do and say comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.bundle import Again, Do, End, Go, State, Step
from engine.expressions.evaluate import evaluate, value_of
from engine.expressions.tree import ALWAYS, Value
from engine.runtime.machine import THEN, UNCLEAR, DialogueMachine, Walker

MOST_STEPS = 200


@dataclass(frozen=True, slots=True)
class Say:
    """A prompt to say."""

    prompt: str


@dataclass(slots=True)
class Plan:
    """What a walk means to do: things in order, and where it ends. Nothing of it has happened yet."""

    state: str
    frame: dict[str, Value]
    counts: dict[str, int]
    items: list[Do | Say] = field(default_factory=list)
    sets: dict[str, Value] = field(default_factory=dict)
    steps: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    disposition: str = ""


class EndlessFlow(RuntimeError):
    """A flow went round without listening; lint refuses such flows, so the turn is held back."""


def walk(
    machine: DialogueMachine,
    states: Mapping[str, State],
    state: str,
    trigger: str,
    frame: Mapping[str, Value],
    counts: Mapping[str, int],
) -> Plan:
    """Return the plan of following *trigger* from *state*, through states that hear nothing.

    A trigger that has no step left counts as words that were not understood.

    Raises:
        EndlessFlow: The walk took more than 200 steps without reaching a listener or an end.
    """
    plan = Plan(state, dict(frame), dict(counts))
    while len(plan.steps) < MOST_STEPS:
        walker = Walker(plan.state, lambda step: _ready(step, plan))
        step = machine.take(walker, trigger)
        if step is None:
            if trigger == UNCLEAR:
                raise EndlessFlow(f"nothing to do in `{plan.state}`")
            trigger = UNCLEAR
            continue
        listens = _take(step, plan, states)
        if listens:
            return plan
        trigger = THEN
    raise EndlessFlow(f"no listener after `{plan.state}`")


def enter(machine: DialogueMachine, states: Mapping[str, State], state: str, frame: Mapping[str, Value]) -> Plan:
    """Return the plan of a call that begins in *state*.

    Raises:
        EndlessFlow: As for :func:`walk`.
    """
    plan = Plan(state, dict(frame), {})
    plan.states.append(state)
    plan.items += [Say(prompt) for prompt in states[state].say]
    if states[state].then:
        rest = walk(machine, states, state, THEN, plan.frame, {})
        rest.items[:0] = plan.items
        rest.states[:0] = plan.states
        return rest
    return plan


def _ready(step: Step, plan: Plan) -> bool:
    if isinstance(step.target, Again) and plan.counts.get(step.id, 0) >= step.target.times:
        return False
    return step.when == ALWAYS or evaluate(step.when, plan.frame) is True


def _take(step: Step, plan: Plan, states: Mapping[str, State]) -> bool:
    """Add *step* to *plan*; return whether the walk ends with it: at a listener, or with the call."""
    plan.steps.append(step.id)
    for name, value in step.sets:
        plan.sets[name] = plan.frame[name] = value_of(value, plan.frame)
    plan.items += step.does
    plan.items += [Say(prompt) for prompt in step.say]
    match step.target:
        case Go(name):
            plan.state = name
            plan.counts = {}
            plan.states.append(name)
            plan.items += [Say(prompt) for prompt in states[name].say]
            return not states[name].then
        case End(disposition):
            plan.disposition = disposition
            return True
        case Again():
            plan.counts[step.id] = plan.counts.get(step.id, 0) + 1
            if step.say_again:
                plan.items += [Say(prompt) for prompt in states[plan.state].say]
            return True
