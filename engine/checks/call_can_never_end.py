"""
A call that can get into a state from which no way leads to an end never hangs up.

Silence and unclear words count as ways too: what they finally do must end the call or lead on.

Flagged::

    # flows/call/flow.yaml
    states:
      greeting:
        say: greeting
        hears:
          affirm: {go: waiting}
      waiting:  # error[call-can-never-end]
        then:
          - {say: wait_please, go: again}
      again:
        silence: {times: 1, say: are_you_there, then: {go: waiting}}
        unclear: {times: 1, say: sorry, then: {go: waiting}}
        hears:
          affirm: {go: waiting}
          stop_calling: {go: waiting}
          human: {go: waiting}
    anytime: {}

Write instead::

    # flows/call/flow.yaml
    states:
      greeting:
        say: greeting
        hears:
          affirm: {go: waiting}
      waiting:
        say: wait_please
        hears:
          affirm: {say: bye, end: done}
"""

from collections import defaultdict
from collections.abc import Iterator

from engine.bundle import Flow, State
from engine.checks.context import Context, ends, found, reachable, targets
from engine.source.finding import Finding, Level

NAME = "call-can-never-end"
CODE = "FLW103"
LEVEL = Level.ERROR
WAIVABLE = False


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for the first state of each flow from which no end can be got to."""
    for flow in context.flows:
        leading: dict[str, list[str]] = defaultdict(list)
        for state in flow.states.values():
            for there in targets(state):
                leading[there].append(state.name)
        finite: set[str] = set()
        waiting = [state.name for state in flow.states.values() if ends(state)]
        while waiting:
            name = waiting.pop()
            if name not in finite:
                finite.add(name)
                waiting += leading[name]
        stuck = [s for name, s in flow.states.items() if name in context.reached[flow.id] and name not in finite]
        if stuck:
            first = next((state for state in stuck if _returns(flow, state)), stuck[0])
            others = [f"`{state.name}`" for state in stuck if state is not first and ".=" not in state.name]
            yield found(
                first.span,
                f"from `{first.name.replace('.=', ', left by ')}` no step ever ends the call{_nor_from(others)}",
                "end the call somewhere: `end:` with a disposition",
                where=f"{flow.id}/states/{first.name}",
            )


def _returns(flow: Flow, state: State) -> bool:
    """Return whether *state* can be come back to: what only leads into the trap is not where it has to be mended."""
    return any(state.name in reachable(flow, there) for there in targets(state))


def _nor_from(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f", nor from {', '.join(names[:3])}{more}" if names else ""
