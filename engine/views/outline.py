"""A graph in words: the long description beside the picture, and a script to print."""

from collections.abc import Iterator

from engine.expressions.english import words
from engine.views.cards import trigger_words
from engine.views.model import THEN, Exit, Graph, StateView


def outline(graph: Graph) -> str:
    """Return *graph* as text: every state with what it says, hears and leads to."""
    return "\n".join(_lines(graph)) + "\n"


def said_exit(exit: Exit) -> str:
    """Return one way on as a sentence: ``promise, if the amount is known: go to read_back``."""
    heard = trigger_words(exit.trigger)
    condition = f", if {exit.condition}" if exit.condition else ""
    does = f"do {', '.join(words(name) for name in exit.does)}; " if exit.does else ""
    says = "".join(f"say “{s.text}” " for s in exit.says)
    return f"{heard}{condition}: {does}{says}{target_words(exit)}".strip()


def target_words(exit: Exit) -> str:
    """Return where *exit* leads, in words."""
    if exit.kind == "again":
        return f"stay, at most {exit.times} time{'' if exit.times == 1 else 's'}"
    return f"go to {exit.to}" if exit.kind == "go" else f"end: {words(exit.to)}"


def described(state: StateView, graph: Graph) -> str:
    """Return one sentence or a few that say all of *state*, for a screen reader."""
    parts = [f"{state.name}."]
    if state.phase:
        parts.append(f"Phase {state.phase}.")
    parts += [f"Says: {s.text}" for s in state.says]
    parts += [f"{said_exit(exit).capitalize()}." for exit in state.exits]
    zones = [zone.title for zone in graph.zones if state.name in zone.states]
    parts += [f"{', '.join(zones)}."] if zones else []
    by = graph.entered_anytime.get(state.name, ())
    parts += [f"Reached at any moment by {', '.join(trigger_words(t) for t in by)}."] if by else []
    return " ".join(parts)


def _lines(graph: Graph) -> Iterator[str]:
    yield f"{graph.title} ({graph.flow} {graph.version})"
    yield f"starts in {graph.start}"
    for phase in graph.phases:
        yield ""
        yield f"{phase or 'no phase'}".upper()
        for state in graph.states.values():
            if state.phase == phase:
                yield ""
                yield from _state(state, graph)
    for box in graph.anytime:
        yield ""
        yield f"AT ANY MOMENT{'' if box.document == graph.flow else f' IN {box.document}'}"
        yield from (f"  {said_exit(exit)}" for exit in box.exits)


def _state(state: StateView, graph: Graph) -> Iterator[str]:
    zones = [zone.title for zone in graph.zones if state.name in zone.states]
    yield f"  {state.name}{' [' + '; '.join(zones) + ']' if zones else ''}"
    if state.about:
        yield f"    {state.about}"
    yield from (f"    says {s.prompt}: “{s.text}”" for s in state.says)
    for exit in state.exits:
        mark = "    then" if exit.trigger == THEN else "    hears"
        told = said_exit(exit)
        yield f"{mark} {told.removeprefix('at once').lstrip(': ,') if exit.trigger == THEN else told}"
