"""Calls over HTTP: from a request's data to the shell around the engine, and its answer back to data."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.bundle import CompiledBundle
from engine.calls import NewCall
from engine.records.calls import CallRow, TurnRow
from engine.records.errors import TurnTaken
from engine.runtime.decision import Decision, Fired
from engine.runtime.session import CallSession, Event, Turn
from engine.terms import EventKind
from server.desk import Desk
from server.errors import StaleTurn
from server.fields import written
from server.values import HEARD, check_names, check_zones, read_facts, write_facts, write_value


def begin(desk: Desk, given: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Begin a call under the bundle in force and take its first turn, both or neither."""
    bundle = desk.bundle()
    check_zones(given["zones"])
    new = NewCall(
        given["parties"],
        read_facts(bundle, given["facts"]),
        given["flow"],
        given["locale"],
        tuple(given["zones"]),
        given["campaign"],
    )
    first = None if given["turn_event"] is None else _event(bundle, given["turn_event"], now)
    return told(bundle, desk.calls.answered(bundle, new, now, first))


def turn(desk: Desk, given: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Take one turn of a call, under the bundle it began with.

    Raises:
        StaleTurn: The call is not where the caller takes it to be.
    """
    call, expected, event = str(given["call_id"]), given["expected_turn"], given["turn_event"]
    bundle = None
    if event["slots"] or event["intents"]:
        bundle = desk.shelf.get(desk.store.calls.after(call, expected - 1).session.bundle)
    try:
        taken = desk.calls.turn(call, expected, _event(bundle, event, now))
    except TurnTaken as stale:
        raise StaleTurn(str(stale), turn=desk.store.calls.show(call)[0].turn) from stale
    return told(desk.shelf.get(taken.session.bundle), taken)


def _event(bundle: CompiledBundle | None, given: Mapping[str, Any], now: datetime) -> Event:
    slots = read_facts(bundle, given["slots"], HEARD) if bundle is not None else {}
    if bundle is not None:
        check_names("intent", given["intents"], _intents(bundle))
    return Event(
        kind=EventKind(given["kind"]),
        at=given["time"] or now,
        text=given["text"],
        intents=tuple(given["intents"]),
        slots=slots,
        digits=given["digits"],
        played=given["played"],
    )


def _intents(bundle: CompiledBundle) -> frozenset[str]:
    spoken = {intent.id for intents in bundle.intents.values() for intent in intents}
    return frozenset(spoken | set(bundle.vocabulary.protected))


def told(bundle: CompiledBundle, turn: Turn) -> dict[str, Any]:
    """Return what a turn led to, as the answer says it: plain data in the shape of `SpokenSchema`.

    This answer is given most of all, and is written without asking the schema; tests hold the two together.
    """
    heard = turn.understanding
    at = written(turn.decisions[0].at)  # every decision of a turn is asked at the time of its event
    return {
        "call_id": turn.session.call_id,
        "text": turn.text,
        "utterances": [
            {
                "prompt": one.prompt,
                "text": one.text,
                "locale": one.locale,
                "discloses": one.discloses,
                "inserted_by": one.inserted_by,
            }
            for one in turn.utterances
        ],
        "actions": [
            {
                "name": action.name,
                "arguments": _arguments(bundle, action.name, action.arguments),
                "due": action.due and written(action.due),
                "rule": action.rule,
            }
            for action in turn.actions
        ],
        "decisions": [decided(one, at) for one in turn.decisions],
        "prevented": turn.prevented,
        "understanding": heard
        and {
            "intents": [
                {"intent": one.intent, "score": one.score, "accepted": one.accepted, "why": one.why}
                for one in heard.readings
            ],
            "slots": sorted({slot.slot for slot in heard.slots}),
            "polarity": heard.polarity.value,
        },
        "call_state": state(bundle, turn.session),
    }


def _arguments(bundle: CompiledBundle, action: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    kind = bundle.vocabulary.actions.get(action)
    types = kind.arguments if kind is not None else {}
    return {name: write_value(value, types.get(name)) for name, value in arguments.items()}


def state(bundle: CompiledBundle, session: CallSession) -> dict[str, Any]:
    """Return where a call stands."""
    ending = bundle.vocabulary.dispositions.get(session.disposition)
    return {
        "call_id": session.call_id,
        "bundle": session.bundle,
        "flow": session.flow,
        "locale": session.locale,
        "state": session.state,
        "turn": session.turn,
        "ended": session.ended,
        "disposition": session.disposition or None,
        "retry": ending is not None and ending.retry,
        "disclosed": session.disclosed,
        "started": written(session.started),
    }


def decided(decision: Decision, at: object) -> dict[str, Any]:
    """Return a decision without the facts it read; *at* is when it was asked, as the answer says it."""
    return {
        "ask": decision.ask.value,
        "subject": decision.subject,
        "at": at,
        "outcome": decision.outcome.value,
        "fired": [fired(one) for one in decision.fired],
        "warnings": decision.warnings,
        "faults": decision.faults,
    }


def fired(one: Fired) -> dict[str, Any]:
    """Return a rule that fired."""
    return {
        "rule": one.rule,
        "effect": one.effect,
        "reason": one.reason,
        "source": one.source,
        "severity": one.severity.value,
        "status": one.status.value,
        "enforced": one.enforced,
        "unknown": one.unknown,
        "place": str(one.span),
    }


def dialled(bundle: CompiledBundle, decision: Decision) -> dict[str, Any]:
    """Return the answer to a dial."""
    return {
        **decided(decision, decision.at),
        "bundle": bundle.digest,
        "facts": write_facts(bundle, decision.facts),
        "next_allowed": decision.next_allowed,
        "must_change": decision.must_change,
        "local_times": decision.local_times,
    }


def summed_up(row: CallRow, turns: tuple[TurnRow, ...]) -> dict[str, Any]:
    """Return a call with its turns."""
    return {
        "call_id": row.id,
        "bundle": row.bundle,
        "flow": row.flow,
        "campaign": row.campaign,
        "job_id": row.job,
        "attempt_id": row.attempt,
        "started": row.started,
        "ended": row.ended,
        "turn": row.turn,
        "state": row.state,
        "outcome": row.disposition or None,
        "right_party": row.right_party,
        "actions": [action for one in turns for action in one.actions],
        "turns": [_row(one) for one in turns],
    }


def _row(one: TurnRow) -> dict[str, Any]:
    return {
        "turn": one.turn,
        "at": one.at,
        "event": one.event,
        "intents": [{"intent": i, "score": score, "accepted": accepted} for i, score, accepted in one.intents],
        "states": one.states,
        "rules": one.rules,
        "prevented": one.prevented,
        "prompts": one.prompts,
        "actions": one.actions,
    }
