"""Recorded calls, as what is laid over a graph: where they went, and the steps they took."""

from collections.abc import Iterable

from engine.records.calls import CallRow, TurnRow
from engine.records.errors import UnknownCall
from engine.views.overlays import Counts, Passage, Trail, counted
from tools.console import CouldNotRead
from tools.stores import opened

MOST_CALLS = 2_000
"""As many of the newest recorded calls as traffic is counted over."""


def recorded(ids: Iterable[str], url: str) -> list[Trail]:
    """Return the recorded calls of these ids. What was said is told by its prompts' names: no words are kept.

    Raises:
        CouldNotRead: There is no such call.
    """
    with opened(url) as store:
        try:
            return [trail(*store.calls.show(name)) for name in sorted(ids)]
        except UnknownCall as wrong:
            raise CouldNotRead(f"{wrong}, neither among the scenarios nor in the store") from wrong


def traffic(flow: str, url: str) -> Counts:
    """Return how the newest recorded calls of *flow* went."""
    trails: list[Trail] = []
    before = ""
    with opened(url) as store:
        while len(trails) < MOST_CALLS:
            rows = store.calls.list(before=before)
            if not rows:
                break
            before = rows[-1].id
            trails += [trail(*store.calls.show(row.id)) for row in rows if row.flow == flow]
    return counted(trails)


def trail(call: CallRow, turns: Iterable[TurnRow]) -> Trail:
    """Return one recorded call as a trail."""
    return Trail(call.id, f"recorded call {call.id}", tuple(map(_passage, turns)), call.disposition)


def _passage(turn: TurnRow) -> Passage:
    heard = ", ".join(intent for intent, _, accepted in turn.intents if accepted)
    states = tuple(state for state in turn.states if ".=" not in state)
    return Passage(f"({heard or turn.event})", turn.prompts, states, turn.steps, turn.prevented)
