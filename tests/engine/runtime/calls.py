"""The small bundle, and short ways to talk to it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path, PurePosixPath

from engine.bundle import CompiledBundle
from engine.compiler import compile_bundle
from engine.runtime.session import CallSession, Event, Turn
from engine.runtime.step import start, step
from engine.source.read import read_folder, read_texts
from engine.terms import EventKind

SMALL = Path(__file__).parents[2] / "data" / "small"
AT = datetime(2026, 3, 10, 19, 0, tzinfo=UTC)
DOB = datetime(1985, 5, 3).toordinal()
FACTS = {
    "party.first_name": "Alex",
    "party.zip": "78701",
    "party.dob": DOB,
    "account.balance": 24000,
    "account.places": frozenset({"US"}),
}


def texts() -> dict[PurePosixPath, str]:
    """Return the small bundle's files."""
    return {PurePosixPath(p.relative_to(SMALL).as_posix()): p.read_text("utf-8") for p in SMALL.rglob("*.yaml")}


@cache
def small() -> CompiledBundle:
    """Return the small bundle, compiled."""
    return compile_bundle(read_folder(SMALL)).need()


def edited(path: str, old: str, new: str) -> CompiledBundle:
    """Return the small bundle with *old* replaced by *new* in one file."""
    files = texts()
    assert old in files[PurePosixPath(path)]
    files[PurePosixPath(path)] = files[PurePosixPath(path)].replace(old, new)
    return compile_bundle(read_texts(files)).need()


def begin(bundle: CompiledBundle | None = None, **facts: object) -> Turn:
    """Return the turn in which the call is answered."""
    made = bundle or small()
    given = {**FACTS, **{k.replace("__", "."): v for k, v in facts.items()}}
    session = start(made, "c1", "call", "en-US", AT, given, ("America/Chicago",))
    return step(made, session, Event(EventKind.ANSWERED, AT))


def hear(
    turn: Turn | CallSession,
    *intents: str,
    bundle: CompiledBundle | None = None,
    slots: Mapping[str, object] | None = None,
    played: float | None = None,
) -> Turn:
    """Return the next turn, in which *intents* are heard (or an event, by its name)."""
    session = turn.session if isinstance(turn, Turn) else turn
    at = AT + timedelta(seconds=10 * session.turn)
    if len(intents) == 1 and intents[0] in tuple(EventKind):
        return step(bundle or small(), session, Event(EventKind(intents[0]), at, played=played))
    event = Event(EventKind.INTENTS, at, intents=intents, slots=dict(slots or {}), played=played)
    return step(bundle or small(), session, event)


def prompts(turn: Turn) -> list[str]:
    """Return the prompts spoken in *turn*."""
    return [u.prompt for u in turn.utterances]


def verified(bundle: CompiledBundle | None = None) -> Turn:
    """Return the turn in which the callee has just been verified."""
    turn = hear(begin(bundle), "identity_confirmed", bundle=bundle)
    turn = hear(turn, "give_identifier", slots={"heard.zip": "78701"}, bundle=bundle)
    return hear(turn, "give_identifier", slots={"heard.dob": DOB}, bundle=bundle)
