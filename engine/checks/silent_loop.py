"""
A circle of states that hear nothing would talk for ever.

Every circle must pass through a state that listens, or end.

Flagged::

    # flows/call/flow.yaml
    states:
      greeting:
        say: greeting
        hears:
          affirm: {go: one}
          deny: {say: bye, end: done}
      one:  # error[silent-loop]
        say: bye
        then:
          - {when: party.verified, end: done}
          - {go: two}
      two:
        say: wait_please
        then:
          - {go: one}

Write instead::

    # flows/call/flow.yaml
    states:
      greeting:
        say: greeting
        hears:
          affirm: {go: one}
          deny: {say: bye, end: done}
      one:
        say: bye
        then:
          - {when: party.verified, end: done}
          - {go: greeting}
"""

from collections.abc import Iterator

from engine.bundle import Flow, Go
from engine.checks.context import Context, found
from engine.source.finding import Finding, Level

NAME = "silent-loop"
CODE = "FLW105"
LEVEL = Level.ERROR
WAIVABLE = True


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each circle of states that hear nothing, at its first state."""
    for flow in context.flows:
        done: set[str] = set()
        for name, state in flow.states.items():
            if state.then and name not in done:
                circle = _circle(flow, name)
                if circle and not done.intersection(circle):
                    yield found(
                        flow.states[circle[0]].span,
                        "these states follow one another for ever without listening: "
                        + ", ".join(f"`{n}`" for n in circle),
                        "let one of them hear something, or end the call", where=f"{flow.id}/states/{circle[0]}",
                    )
                    done |= set(circle)


def _circle(flow: Flow, start: str) -> list[str]:
    """Return the states of a circle through *start* that never listens, or nothing."""
    way: dict[str, str] = {}
    ahead = [start]
    while ahead:
        name = ahead.pop()
        for step in flow.states[name].then:
            if isinstance(step.target, Go):
                if step.target.state == start:
                    back = [name]
                    while back[-1] != start:
                        back.append(way[back[-1]])
                    return sorted(back, key=list(flow.states).index)
                if step.target.state not in way:
                    way[step.target.state] = name
                    ahead.append(step.target.state)
    return []
