"""``/decide`` and ``/suppressions``: may they be called, and who may not."""

from typing import Any

from flask.views import MethodView

from engine.records.suppressions import NewSuppression
from engine.terms import Scope
from server import examples
from server.api import Blueprint
from server.auth import requires
from server.desk import desk
from server.dialling import dry_run
from server.marks import named
from server.once import once
from server.schemas.common import next_of
from server.schemas.rules import (
    DECIDE,
    DECIDE_EXAMPLE,
    DIAL,
    SUPPRESS,
    SUPPRESS_EXAMPLE,
    SUPPRESSED,
    SUPPRESSION_FILTER,
    SUPPRESSIONS,
)

decide = Blueprint("decide", __name__, url_prefix="/decide", description="Ask the rules.")
suppressions = Blueprint("suppressions", __name__, url_prefix="/suppressions", description="Who may not be called.")


@decide.route("")
class Decide(MethodView):
    """Ask."""

    @requires("decide")
    @named("decide")
    @decide.arguments(DECIDE, example=DECIDE_EXAMPLE)
    @decide.alt_response(409, "CONFLICT")
    @decide.response(200, DIAL, example=examples.DIAL)
    def post(self, given: dict[str, Any]) -> dict[str, Any]:
        """Ask whether a call might be placed, with every reason and when it would be allowed.

        A dry run: nothing is written down and nothing is counted. A fact that is left out is unknown, and every rule
        that restricts acts on what is unknown. With `parties`, what is on file of them counts as well. `warnings`
        say what the rules do not cover, as a place whose law nobody has entered.
        """
        return dry_run(desk(), given)


@suppressions.route("")
class Suppressions(MethodView):
    """Suppress, and list."""

    @requires("suppressions:read")
    @named("listSuppressions")
    @suppressions.arguments(SUPPRESSION_FILTER, location="query")
    @suppressions.response(200, SUPPRESSIONS, example=examples.SUPPRESSIONS)
    def get(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """List suppressions, newest first.

        Those that were lifted or have ended are listed too; a suppression is never deleted.
        """
        page = desk().store.suppressions.list(**wanted)
        return {"suppressions": page, "next": next_of(page, wanted["limit"])}

    @requires("suppressions:write")
    @named("suppress")
    @suppressions.arguments(SUPPRESS, example=SUPPRESS_EXAMPLE)
    @once
    @suppressions.response(201, SUPPRESSED, example=examples.SUPPRESSED)
    def post(self, given: dict[str, Any]) -> dict[str, Any]:
        """Suppress.

        When this is answered, no call in its scope that was not placed before will be placed, by any worker: jobs
        that wait are canceled, and a lease that is out is refused at its start. What stands already is not made
        twice; its id is given again.
        """
        wanted = NewSuppression(Scope(given["scope"]), given["subject"], given["reason"], until=given["until"])
        [ident] = desk().store.suppress(wanted)
        return {"suppression_id": ident, "scope": given["scope"], "reason": given["reason"]}
