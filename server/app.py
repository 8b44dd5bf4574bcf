"""The application: every part put together."""

import re
import time
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from flask import Flask, Response, g, request
from structlog.contextvars import bind_contextvars, clear_contextvars
from werkzeug.routing import BaseConverter

from server.api import Api
from server.auth import let_in
from server.desk import Desk, desk
from server.docs import documentation
from server.errors import handle
from server.logs import told
from server.views.attempts import attempts, decisions
from server.views.bundles import bundles
from server.views.calls import calls
from server.views.jobs import jobs
from server.views.reports import nlu, reports
from server.views.rules import decide, suppressions
from server.views.service import service

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

VERSION = "1.0"
RESOURCES = (calls, jobs, attempts, decisions, decide, suppressions, bundles, reports, nlu, service)
HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Cache-Control": "no-store",
}
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.\-]{1,64}\Z")


class RefConverter(BaseConverter):
    """A host's own reference in a path."""

    regex = r"[^/\x00-\x1f\x7f]{1,200}"


class NumberConverter(BaseConverter):
    """A number from 1 that every store can hold."""

    regex = r"[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        """Return the number."""
        return int(value)


class DigestConverter(BaseConverter):
    """A digest."""

    regex = r"[0-9a-f]{64}"


PATHS: Mapping[str, tuple[type[BaseConverter], dict[str, Any]]] = {
    "ref": (
        RefConverter,
        {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"^[^/\u0000-\u001f\u007f]+$"},
    ),
    "number": (NumberConverter, {"type": "integer", "minimum": 1, "maximum": 10**18 - 1}),
    "digest": (DigestConverter, {"type": "string", "pattern": "^[0-9a-f]{64}$"}),
}


def create_app(at: Desk) -> Flask:
    """Return the WSGI application that works at a desk."""
    app = Flask("callwright", static_folder=None)
    settings = at.settings
    app.extensions["callwright"] = at
    app.config.update(
        API_TITLE="Callwright",
        API_VERSION=VERSION,
        OPENAPI_VERSION="3.1.0",
        MAX_CONTENT_LENGTH=settings.body_limit,
        MAX_FORM_MEMORY_SIZE=settings.body_limit,
        API_SPEC_OPTIONS={"info": {"description": "Compliant outbound calls: conduct them, and decide about them."}},
    )
    app.url_map.merge_slashes = False
    app.url_map.redirect_defaults = False
    for name, (converter, _) in PATHS.items():
        app.url_map.converters[name] = converter
    api = Api(app)
    for converter, shape in PATHS.values():
        api.register_converter(converter, lambda _, shape=shape: shape)
    for resource in RESOURCES:
        api.register_blueprint(resource)
    app.register_blueprint(documentation(api.document()))
    limits = {"/bundles": settings.bundle_limit, "/jobs/enqueue": settings.batch_limit}

    @app.before_request
    def open_request() -> None:
        clear_contextvars()
        given = request.headers.get("X-Request-Id", "")
        g.began = time.perf_counter()
        g.request_id = given if _REQUEST_ID.match(given) else uuid4().hex
        bind_contextvars(request_id=g.request_id, **_ids(request.view_args or {}))
        if request.path in limits:
            request.max_content_length = limits[request.path]
        if request.endpoint is None or request.blueprint != "docs":
            let_in()

    @app.after_request
    def close_request(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.get("request_id", "")
        if response.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            _swallow(2 * settings.bundle_limit)
        _cross_origin(response, settings.cors_origins)
        _tell(response)
        return response

    app.register_error_handler(Exception, handle)
    app.wsgi_app = _guarded(app.wsgi_app)  # type: ignore[assignment, method-assign]
    return app


def _guarded(inner: "WSGIApplication") -> "WSGIApplication":
    """Return *inner* with `HEADERS` on every answer that does not say otherwise of itself."""
    common = tuple(HEADERS.items())

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *fault: Any) -> Any:
            own = {name.lower() for name, _ in headers}
            headers += [pair for pair in common if pair[0].lower() not in own]
            return start_response(status, headers, *fault)

        return inner(environ, start)

    return answer


def _ids(named: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(named[name]) for name in ("call_id", "job_id") if name in named}


def _swallow(most: int) -> None:
    """Read the rest of a body that is too large, so that the caller, who still sends, comes to hear the answer."""
    body = request.environ["wsgi.input"]
    while most > 0 and (part := body.read(min(most, 65_536))):
        most -= len(part)


def _cross_origin(response: Response, origins: frozenset[str]) -> None:
    origin = request.headers.get("Origin", "")
    if origin not in origins:
        return
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, Idempotency-Key"
    response.headers["Access-Control-Allow-Methods"] = "GET, POST"
    response.headers.add("Vary", "Origin")


def _tell(response: Response) -> None:
    seconds = time.perf_counter() - g.get("began", time.perf_counter())
    route = request.url_rule.rule if request.url_rule is not None else ""
    desk().measured.answered(f"{request.method} {route}" if route else "none", response.status_code, seconds)
    more = {"problem": g.problem} if "problem" in g else {}
    body = g.get("body")
    if isinstance(body, dict) and isinstance(body.get("call_id"), str) and response.status_code < 300:
        more["call_id"] = body["call_id"]
    told(
        "request",
        method=request.method,
        route=route,
        status=response.status_code,
        milliseconds=round(seconds * 1000, 2),
        **more,
    )
