"""``/livez``, ``/readyz`` and ``/metrics``: the server about itself."""

from flask import Response
from flask.views import MethodView
from marshmallow import fields

from server import examples
from server.api import Blueprint
from server.auth import open_to_all, requires
from server.desk import desk
from server.errors import NotReady
from server.marks import named
from server.measured import OfStore, exposition
from server.schemas.common import Shape

service = Blueprint("service", __name__, description="The server about itself.")


class AliveSchema(Shape):
    """That it is."""

    status = fields.String(required=True)


ALIVE = AliveSchema()


@service.route("/livez")
class Alive(MethodView):
    """Live."""

    @open_to_all
    @named("alive")
    @service.response(200, ALIVE, example=examples.ALIVE)
    def get(self) -> dict[str, str]:
        """Say that the process lives.

        Nothing else is looked at: a store that is away does not make a process worth restarting.
        """
        return {"status": "alive"}


@service.route("/readyz")
class Ready(MethodView):
    """Ready."""

    @open_to_all
    @named("ready")
    @service.alt_response(503, "SERVICE_UNAVAILABLE")
    @service.response(200, ALIVE, example=examples.READY)
    def get(self) -> dict[str, str]:
        """Say whether requests can be served, and if not, why.

        Not while the store is away, no bundle is in force, the one in force does not compile or is still being made
        ready, or the server is being stopped. The 503 says which.
        """
        state = desk().ready()
        if state.reason:
            raise NotReady(state.reason, **(state.more or {}))
        return {"status": "ready"}


@service.route("/metrics")
class Metrics(MethodView):
    """Figures for Prometheus."""

    @requires("metrics:read")
    @named("exposeMetrics")
    @service.response(200, {"type": "string"}, content_type="text/plain", example=examples.METRICS)
    def get(self) -> Response:
        """Expose what the server does, in the text format of Prometheus.

        Requests and their seconds by operation, counted over all processes of this server; jobs by state, as the
        store has them; and whether this server is ready.
        """
        at = desk()
        text, kind = exposition(at.measured, OfStore(at.store.jobs.counts, lambda: not at.ready().reason))
        return Response(text, content_type=kind)


