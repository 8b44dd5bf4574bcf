"""``/metrics/summary`` and ``/nlu/report``: figures for supervisors."""

from typing import Any

from flask.views import MethodView

from server import examples
from server.api import Blueprint
from server.auth import requires
from server.desk import desk
from server.figures import heard, summary
from server.marks import named
from server.schemas.report import HEARD, HEARD_FILTER, SUMMARY, SUMMARY_FILTER

reports = Blueprint("reports", __name__, url_prefix="/metrics", description="Figures.")
nlu = Blueprint("nlu", __name__, url_prefix="/nlu", description="How well words are understood.")


@reports.route("/summary")
class Summary(MethodView):
    """Sum up."""

    @requires("metrics:read")
    @named("summarise")
    @reports.arguments(SUMMARY_FILTER, location="query")
    @reports.response(200, SUMMARY, example=examples.SUMMARY)
    def get(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Sum up what happened: success, right-party and promise rates, time to promise, trend, what was prevented.

        Every rate has its `part` and its `whole`; its `value` is null where there is nothing to divide by. Narrow it
        by campaign, flow, bundle and time; `since` belongs to it, `until` does not.
        """
        return summary(desk(), wanted)


@nlu.route("/report")
class Report(MethodView):
    """Sum up."""

    @requires("nlu:read")
    @named("reportHearing")
    @nlu.arguments(HEARD_FILTER, location="query")
    @nlu.response(200, HEARD, example=examples.HEARD)
    def get(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Sum up how well callees were understood: sureness, misses, and what the agent did.

        Taken from the calls that are kept. No words are kept, so that none are shown.
        """
        return heard(desk(), wanted)
