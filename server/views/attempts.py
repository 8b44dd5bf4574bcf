"""``/attempts`` and ``/decisions``: what was tried, and why or why not."""

from typing import Any

from flask.views import MethodView

from server import examples
from server.api import Blueprint
from server.auth import requires
from server.desk import desk
from server.explaining import explained
from server.marks import linked, named
from server.schemas.common import next_of
from server.schemas.job import ACCOUNT_PAGE, ATTEMPT_FILTER, ATTEMPTS
from server.schemas.rules import EXPLAINED
from server.tried import attempts_of

attempts = Blueprint("attempts", __name__, url_prefix="/attempts", description="What the gate said to each try.")
decisions = Blueprint("decisions", __name__, url_prefix="/decisions", description="The ledger, explained.")

_DECISION = {"operationId": "explainDecision", "parameters": {"decision_id": "$response.body#/attempts/0/decision_id"}}


@attempts.route("")
class Attempts(MethodView):
    """List."""

    @requires("attempts:read")
    @linked(200, decision=_DECISION)
    @named("listAttempts")
    @attempts.arguments(ATTEMPT_FILTER, location="query")
    @attempts.response(200, ATTEMPTS, example=examples.ATTEMPTS)
    def get(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """List attempts, newest first.

        An attempt is one question to the gate whether to dial, and what came of it. `rules` names the rules that
        denied it, and `decision_id` leads to the whole decision.
        """
        page = desk().store.attempts.list(**wanted)
        return {"attempts": page, "next": next_of(page, wanted["limit"])}


@attempts.route("/<ref:account_ref>")
class OfAccount(MethodView):
    """List."""

    @requires("attempts:read")
    @linked(200, decision=_DECISION)
    @named("listAccountAttempts")
    @attempts.arguments(ACCOUNT_PAGE, location="query")
    @attempts.response(200, ATTEMPTS, example=examples.ATTEMPTS)
    def get(self, wanted: dict[str, Any], account_ref: str) -> dict[str, Any]:
        """List the attempts to call about one account, newest first.

        The account is named by the host's own reference, as when its job was taken in. An account that nobody tried
        to call about gives an empty list.
        """
        page = attempts_of(desk(), account_ref, **wanted)
        return {"attempts": page, "next": next_of(page, wanted["limit"])}


@decisions.route("/<number:decision_id>")
class Decision(MethodView):
    """Explain."""

    @requires("decisions:read")
    @named("explainDecision")
    @decisions.alt_response(404, "NOT_FOUND")
    @decisions.response(200, EXPLAINED, example=examples.EXPLAINED)
    def get(self, decision_id: int) -> dict[str, Any]:
        """Read a decision in the ledger: what was decided, why, why not, and what would change it.

        Every rule that fired stands there with its source, and every fact it read with its value and where it came
        from, unless retention has destroyed them. `hash` is the entry's place in the chain.
        """
        return explained(desk(), decision_id)
