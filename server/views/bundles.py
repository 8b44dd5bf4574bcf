"""``/bundles``: what calls run under."""

from typing import Any

from flask.views import MethodView

from server import examples
from server.api import Blueprint
from server.auth import requires
from server.desk import desk
from server.marks import linked, named
from server.once import once
from server.publishing import activated, described, submitted
from server.schemas.rules import BUNDLE, BUNDLES, CHECKED, SUBMIT, SUBMIT_EXAMPLE

bundles = Blueprint("bundles", __name__, url_prefix="/bundles", description="The rules and flows that calls run under.")

_DIGEST = {"parameters": {"digest": "$response.body#/digest"}}


@bundles.route("")
class Bundles(MethodView):
    """Submit, and list."""

    @requires("bundles:read")
    @named("listBundles")
    @bundles.response(200, BUNDLES, example=examples.BUNDLES)
    def get(self) -> dict[str, Any]:
        """List every bundle, newest first.

        One of them is in force: new calls begin under it. Calls under way end under the one they began with.
        """
        return {"bundles": desk().store.bundles.list()}

    @requires("bundles:write")
    @linked(201, bundle={"operationId": "showBundle", **_DIGEST}, activate={"operationId": "activateBundle", **_DIGEST})
    @named("submitBundle")
    @bundles.arguments(SUBMIT, example=SUBMIT_EXAMPLE)
    @once
    @bundles.response(201, CHECKED, example=examples.CHECKED)
    def post(self, given: dict[str, Any]) -> dict[str, Any]:
        """Have a bundle checked.

        Every finding has its file, line and column, and the mend where one is known; `proofs` say which rules no
        call can break. One that compiles is kept as a draft, named by its digest: `stored` is true, and nothing
        runs under it before it is activated. One that does not compile has no digest and is not kept.
        """
        return submitted(desk(), given["files"])


@bundles.route("/<digest:digest>")
class Bundle(MethodView):
    """Look."""

    @requires("bundles:read")
    @named("showBundle")
    @bundles.alt_response(404, "NOT_FOUND")
    @bundles.response(200, BUNDLE, example=examples.BUNDLE_SHOWN)
    def get(self, digest: str) -> dict[str, Any]:
        """Look at a bundle: its flows, its documents and the report of its checks.

        The checks are those of today: a bundle may get findings with time, as when a law it cites ends.
        """
        return described(desk(), digest)


@bundles.route("/<digest:digest>/activate")
class Activate(MethodView):
    """Bring into force."""

    @requires("bundles:activate")
    @named("activateBundle")
    @bundles.alt_response(404, "NOT_FOUND")
    @bundles.alt_response(409, "CONFLICT")
    @once
    @bundles.response(200, BUNDLE, example=examples.BUNDLE_SHOWN)
    def post(self, digest: str) -> dict[str, Any]:
        """Bring a bundle into force for new calls.

        Refused with a 409 of type `bundle-has-findings` while it has errors, or a call can break one of its rules;
        `findings` and `detail` say which. Calls under way end under the bundle they began with. To go back, activate
        the one before.
        """
        return activated(desk(), digest)


