"""``/call``: begin a call, take its turns, look at it."""

import json
from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView

from server import examples
from server.api import Blueprint
from server.auth import asked_at, requires
from server.desk import desk
from server.marks import linked, named
from server.once import once
from server.schemas.call import CALL, SPOKEN, SPOKEN_EXAMPLE, START, START_EXAMPLE, TURN, TURN_EXAMPLE
from server.talk import begin, summed_up, turn

calls = Blueprint("calls", __name__, url_prefix="/call", description="Calls and their turns.")

NEXT_TURN = {
    "operationId": "takeTurn",
    "description": "The next turn of this call.",
    "requestBody": {"call_id": "$response.body#/call_id", "turn_event": {"kind": "silence"}, "expected_turn": 2},
}
LOOK = {"operationId": "showCall", "parameters": {"call_id": "$response.body#/call_id"}}

_ANSWER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _spoken(data: dict[str, Any], status: int) -> Response:
    text = _ANSWER.encode(data)
    return Response(text, status, content_type="application/json")


@calls.route("/start")
class Start(MethodView):
    """Begin."""

    @requires("calls:write")
    @linked(201, nextTurn=NEXT_TURN, call=LOOK)
    @named("startCall")
    @calls.arguments(START, example=START_EXAMPLE)
    @calls.alt_response(409, "CONFLICT")
    @once
    @calls.response(201, SPOKEN, example=SPOKEN_EXAMPLE)
    def post(self, given: dict[str, Any]) -> Response:
        """Begin a call that was answered, and be told what to say.

        The bundle, the facts and the identifiers by which the callee is checked are fixed here for the whole call:
        no turn can change them. Speak `text`, carry out `actions`, then report what happens with `takeTurn`,
        whose first `expected_turn` is 2.
        """
        return _spoken(begin(desk(), given, asked_at()), 201)


@calls.route("/turn")
class Turns(MethodView):
    """Go on."""

    @requires("calls:write")
    @linked(200, call=LOOK)
    @named("takeTurn")
    @calls.arguments(TURN, example=TURN_EXAMPLE)
    @calls.alt_response(404, "NOT_FOUND")
    @calls.alt_response(409, "CONFLICT")
    @once
    @calls.response(200, SPOKEN, example=SPOKEN_EXAMPLE)
    def post(self, given: dict[str, Any]) -> Response:
        """Say what happened, and be told what to say and do.

        Speak `text`, carry out `actions` (hang up when `call_state.ended`), and say what happens next. Of several
        that take one turn, one is heard; the others get a 409 of type `stale-turn`, whose `turn` says where the call
        is. After a lost answer, send the same request with the same `Idempotency-Key`: it is answered as it was.
        """
        return _spoken(turn(desk(), given, asked_at()), 200)


@calls.route("/<uuid:call_id>")
class Call(MethodView):
    """Look."""

    @requires("calls:read")
    @named("showCall")
    @calls.alt_response(404, "NOT_FOUND")
    @calls.response(200, CALL, example=examples.CALL)
    def get(self, call_id: UUID) -> dict[str, Any]:
        """Look at a call: its turns, its actions and how it ended. No word that was spoken is kept.

        A turn is kept by names: the intents that were understood, the states passed through, the rules that fired and
        the prompts that were spoken. Calls of every server can be looked at from any of them.
        """
        return summed_up(*desk().store.calls.show(str(call_id)))
