"""``/bundles``: what calls run under."""

from typing import Any

from flask.views import MethodView

from server.api import Blueprint
from server.auth import requires
from server.desk import desk
from server.marks import linked, named
from server.once import once
from server.publishing import activated, described, submitted
from server.schemas.rules import BUNDLE, BUNDLES, CHECKED, SUBMIT, SUBMIT_EXAMPLE

bundles = Blueprint("bundles", __name__, url_prefix="/bundles", description="The rules and flows that calls run under.")


@bundles.route("")
class Bundles(MethodView):
    """Submit, and list."""

    @requires("bundles:read")
    @named("listBundles")
    @bundles.response(200, BUNDLES)
    def get(self) -> dict[str, Any]:
        """List every bundle, newest first."""
        return {"bundles": desk().store.bundles.list()}

    @requires("bundles:write")
    @linked(201, bundle={"operationId": "showBundle", "parameters": {"digest": "$response.body#/digest"}})
    @named("submitBundle")
    @bundles.arguments(SUBMIT, example=SUBMIT_EXAMPLE)
    @once
    @bundles.response(201, CHECKED)
    def post(self, given: dict[str, Any]) -> dict[str, Any]:
        """Have a bundle checked. One that compiles is kept as a draft; nothing runs under it yet."""
        return submitted(desk(), given["files"])


@bundles.route("/<digest:digest>")
class Bundle(MethodView):
    """Look."""

    @requires("bundles:read")
    @named("showBundle")
    @bundles.alt_response(404, "NOT_FOUND")
    @bundles.response(200, BUNDLE)
    def get(self, digest: str) -> dict[str, Any]:
        """Look at a bundle: its flows, its documents and the report of its checks."""
        return described(desk(), digest)


@bundles.route("/<digest:digest>/activate")
class Activate(MethodView):
    """Bring into force."""

    @requires("bundles:activate")
    @named("activateBundle")
    @bundles.alt_response(404, "NOT_FOUND")
    @bundles.alt_response(409, "CONFLICT")
    @once
    @bundles.response(200, BUNDLE)
    def post(self, digest: str) -> dict[str, Any]:
        """Bring a bundle into force for new calls. Calls under way end under the one they began with."""
        return activated(desk(), digest)


