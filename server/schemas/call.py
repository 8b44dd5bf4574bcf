"""Calls: begin one, take a turn, look at it."""

import re
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from engine.terms import EventKind
from server.fields import Facts, Moment, Part, Shown, Text, Whole, many, name, one_of
from server.schemas.common import (
    FREE,
    PARTIES_EXAMPLE,
    DecisionSchema,
    Shape,
    campaign,
    described,
    ident,
    listed,
    locale,
    parties,
    words,
    zones,
)

LONGEST_TEXT, MOST_TURN = 2000, 100_000
_WORDS = Text(lines=True).whole


class EventSchema(Shape):
    """Something that happened in a call."""

    kind = one_of(
        *(kind.value for kind in EventKind),
        required=True,
        metadata=described("`words` go through the recogniser; `intents` are given directly; the rest are events."),
    )
    text = Text(most=LONGEST_TEXT, lines=True, load_default="", metadata=described("The callee's words, for `words`."))
    time = Moment(load_default=None, metadata=described("When; the store's time by default."))
    played = Part(
        load_default=None, metadata=described("How much of the agent's last words was heard; all of it by default.")
    )
    intents = many(name(), 20, load_default=list, metadata=described("Accepted intents, for `intents`."))
    slots = Facts(load_default=dict, metadata=described("What was heard beside the words, by the slots' names."))
    digits = Text(most=64, pattern=r"[0-9*#]*", load_default="", metadata=described("Keys pressed, for `dtmf`."))


class StartSchema(Shape):
    """A call that was just answered, or is about to be."""

    parties = parties(required=True)
    facts = Facts(load_default=dict, metadata=described("What the host knows, by the names of the vocabulary."))
    flow = Text(
        most=64,
        pattern=r"[A-Za-z0-9_.\-]*",
        load_default="",
        metadata=described("The call flow; may be left out where the bundle has one."),
    )
    locale = locale(metadata=described("The language to begin in; the bundle's first by default."))
    zones = zones()
    campaign = campaign(load_default="")
    turn_event = fields.Nested(
        EventSchema(), load_default=None, metadata=described("The first event; `answered` by default.")
    )


class TurnSchema(Shape):
    """What happened next."""

    call_id = fields.UUID(required=True, metadata=described("The call."))
    expected_turn = Whole(
        1, MOST_TURN, required=True, metadata=described("The number of the turn to be taken: the last one plus 1.")
    )
    turn_event = fields.Nested(EventSchema(), required=True, metadata=described("What happened."))

    def load(self, data: Any, **given: Any) -> Any:
        """Read a turn. One that says what was heard and no more, as most do, is not gone through field by field."""
        plain = _plain_turn(data)
        return super().load(data, **given) if plain is None else plain


_TURN, _EVENT = frozenset({"call_id", "expected_turn", "turn_event"}), frozenset({"kind", "text", "played"})
_KINDS = frozenset(kind.value for kind in EventKind)
_CALL = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")


def _plain_turn(data: Any) -> dict[str, Any] | None:
    """Return what the schema makes of a turn that is right and has no other parts; None leaves it to the schema."""
    if not isinstance(data, dict) or data.keys() != _TURN:
        return None
    call, turn, event = data["call_id"], data["expected_turn"], data["turn_event"]
    if not isinstance(event, dict) or not event.keys() <= _EVENT or "kind" not in event:
        return None
    kind, text, played = event["kind"], event.get("text", ""), event.get("played")
    right = (
        (isinstance(call, str) and _CALL.match(call))
        and (type(turn) is int and 1 <= turn <= MOST_TURN)
        and (isinstance(kind, str) and kind in _KINDS)
        and (isinstance(text, str) and len(text) <= LONGEST_TEXT and _WORDS.match(text))
        and (played is None or (type(played) in (int, float) and 0 <= played <= 1))
    )
    if not right:
        return None
    part = None if played is None else float(played)
    what = {"kind": kind, "text": text, "time": None, "played": part, "intents": [], "slots": {}, "digits": ""}
    return {"call_id": UUID(call), "expected_turn": turn, "turn_event": what}


class StateSchema(Shape):
    """Where a call stands."""

    call_id = ident("The call.", required=True)
    bundle = words("Digest of the bundle it began under and ends under.")
    flow = words("The call flow.")
    locale = words("The language it is in now.")
    state = words("The dialogue state.")
    turn = fields.Integer(required=True, metadata=described("The number of the last turn."))
    ended = fields.Boolean(required=True, metadata=described("Whether it is over."))
    disposition = fields.String(required=True, allow_none=True, metadata=described("How it ended, or null."))
    retry = fields.Boolean(required=True, metadata=described("Whether it ended so that another try makes sense."))
    disclosed = listed("The classes of disclosure made so far.")
    started = Moment(required=True, metadata=described("When it began."))


class UtteranceSchema(Shape):
    """One prompt as it is to be spoken."""

    prompt = words("The prompt's id.")
    text = words("The words.")
    locale = words("The language.")
    discloses = listed("What saying it gives away.")
    inserted_by = words("The rule that required it, or nothing.")


class ActionSchema(Shape):
    """Something the host is to carry out."""

    name = words("The action.")
    arguments = fields.Dict(keys=fields.String(), values=Shown(FREE), required=True, metadata=described("By name."))
    due = Moment(allow_none=True, required=True, metadata=described("By when, where a rule says so."))
    rule = words("The rule that asked for it, or nothing.")


class ReadingSchema(Shape):
    """An intent that was understood."""

    intent = words("The intent.")
    score = fields.Float(required=True, metadata=described("How sure, from 0 to 1."))
    accepted = fields.Boolean(required=True, metadata=described("Whether it is acted on."))
    why = listed("What speaks for it.")


class UnderstandingSchema(Shape):
    """What was made of the callee's words. None of them are repeated."""

    intents = fields.List(fields.Nested(ReadingSchema()), required=True)
    slots = listed("The slots that were filled.")
    polarity = words("yes, no, mixed or unknown.")


class SpokenSchema(Shape):
    """What a turn led to."""

    call_id = ident("The call.", required=True)
    text = words("What is to be said, all of it.")
    utterances = fields.List(fields.Nested(UtteranceSchema()), required=True)
    actions = fields.List(fields.Nested(ActionSchema()), required=True)
    decisions = fields.List(fields.Nested(DecisionSchema()), required=True, metadata=described("Why it may be said."))
    prevented = listed("Rules that held back what the flow had planned.")
    understanding = fields.Nested(UnderstandingSchema(), allow_none=True, required=True)
    call_state = fields.Nested(StateSchema(), required=True, metadata=described("Where the call stands now."))


class TurnRowSchema(Shape):
    """A turn as it is kept: by names, without a word that was spoken."""

    turn = fields.Integer(required=True)
    at = Moment(required=True)
    event = words("What happened.")
    intents = fields.List(fields.Nested(ReadingSchema(only=("intent", "score", "accepted"))), required=True)
    states = listed("States passed through.")
    rules = listed("Rules that fired.")
    prevented = listed("Rules that held back what the flow had planned.")
    prompts = listed("Prompts spoken.")
    actions = listed("Actions asked for.")


class CallSchema(Shape):
    """A call, summed up."""

    call_id = ident("The call.", required=True)
    bundle = words("Digest of its bundle.")
    flow = words("The call flow.")
    campaign = words("The campaign, or nothing.")
    job_id = words("The job it belongs to, or nothing.")
    attempt_id = words("The attempt it belongs to, or nothing.")
    started = Moment(required=True)
    ended = Moment(required=True, allow_none=True)
    turn = fields.Integer(required=True, metadata=described("The number of the last turn."))
    state = words("The dialogue state.")
    outcome = fields.String(required=True, allow_none=True, metadata=described("How it ended, or null."))
    right_party = fields.Boolean(required=True, metadata=described("Whether the right person was spoken with."))
    actions = listed("Every action asked for, in order.")
    turns = fields.List(fields.Nested(TurnRowSchema()), required=True)


START: Schema = StartSchema()
TURN: Schema = TurnSchema()
SPOKEN: Schema = SpokenSchema()
CALL: Schema = CallSchema()

START_EXAMPLE: dict[str, Any] = {
    "parties": PARTIES_EXAMPLE,
    "facts": {
        "party.first_name": "Alex",
        "party.last_name": "Rivera",
        "party.zip": "78701",
        "party.dob": "1985-05-03",
        "account.balance": 24000,
        "account.places": ["TX"],
    },
    "locale": "en-US",
    "campaign": "spring",
}
CALL_ID = "0198f1c0-0000-7000-8000-000000000001"
TURN_EXAMPLE: dict[str, Any] = {
    "call_id": CALL_ID,
    "expected_turn": 2,
    "turn_event": {"kind": "words", "text": "yes this is Alex", "played": 1},
}
STATE_EXAMPLE: dict[str, Any] = {
    "call_id": CALL_ID,
    "bundle": "61b0e883f617164831346e04660cf7de81241d8d82a9e22785440a32dd0e12e8",
    "flow": "collections",
    "locale": "en-US",
    "state": "greeting",
    "turn": 1,
    "ended": False,
    "disposition": None,
    "retry": False,
    "disclosed": ["consumer_name"],
    "started": "2026-03-10T19:00:00Z",
}
SPOKEN_EXAMPLE: dict[str, Any] = {
    "call_id": CALL_ID,
    "text": "This is Robin, an automated assistant. May I speak with Alex Rivera?",
    "utterances": [
        {
            "prompt": "greeting",
            "text": "This is Robin, an automated assistant. May I speak with Alex Rivera?",
            "locale": "en-US",
            "discloses": ["consumer_name"],
            "inserted_by": "",
        }
    ],
    "actions": [],
    "decisions": [],
    "prevented": [],
    "understanding": None,
    "call_state": STATE_EXAMPLE,
}
