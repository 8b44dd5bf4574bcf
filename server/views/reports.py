"""``/metrics/summary``: figures for supervisors."""

from typing import Any

from flask.views import MethodView

from server.api import Blueprint
from server.auth import requires
from server.desk import desk
from server.figures import summary
from server.marks import named
from server.schemas.report import SUMMARY, SUMMARY_FILTER

reports = Blueprint("reports", __name__, url_prefix="/metrics", description="Figures.")


@reports.route("/summary")
class Summary(MethodView):
    """Sum up."""

    @requires("metrics:read")
    @named("summarise")
    @reports.arguments(SUMMARY_FILTER, location="query")
    @reports.response(200, SUMMARY)
    def get(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Sum up what happened: success, right-party and promise rates, time to promise, trend, what was prevented."""
        return summary(desk(), wanted)
