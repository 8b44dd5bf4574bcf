"""``/attempts`` and ``/decisions``: what was tried, and why or why not."""

from typing import Any

from flask.views import MethodView

from server.api import Blueprint
from server.auth import requires
from server.desk import desk
from server.explaining import explained
from server.marks import named
from server.schemas.common import next_of
from server.schemas.job import ACCOUNT_PAGE, ATTEMPT_FILTER, ATTEMPTS
from server.schemas.rules import EXPLAINED
from server.tried import attempts_of

attempts = Blueprint("attempts", __name__, url_prefix="/attempts", description="What the gate said to each try.")
decisions = Blueprint("decisions", __name__, url_prefix="/decisions", description="The ledger, explained.")


@attempts.route("")
class Attempts(MethodView):
    """List."""

    @requires("attempts:read")
    @named("listAttempts")
    @attempts.arguments(ATTEMPT_FILTER, location="query")
    @attempts.response(200, ATTEMPTS)
    def get(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """List attempts, newest first."""
        page = desk().store.attempts.list(**wanted)
        return {"attempts": page, "next": next_of(page, wanted["limit"])}


@attempts.route("/<ref:account_ref>")
class OfAccount(MethodView):
    """List."""

    @requires("attempts:read")
    @named("listAccountAttempts")
    @attempts.arguments(ACCOUNT_PAGE, location="query")
    @attempts.response(200, ATTEMPTS)
    def get(self, wanted: dict[str, Any], account_ref: str) -> dict[str, Any]:
        """List the attempts to call about one account, newest first."""
        page = attempts_of(desk(), account_ref, **wanted)
        return {"attempts": page, "next": next_of(page, wanted["limit"])}


@decisions.route("/<number:decision_id>")
class Decision(MethodView):
    """Explain."""

    @requires("decisions:read")
    @named("explainDecision")
    @decisions.alt_response(404, "NOT_FOUND")
    @decisions.response(200, EXPLAINED)
    def get(self, decision_id: int) -> dict[str, Any]:
        """Read a decision in the ledger: what was decided, why, why not, and what would change it."""
        return explained(desk(), decision_id)
