"""Every error as a problem document (RFC 9457). The only place that turns an exception into a status."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from flask import Response, current_app, g, json
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from engine.records.errors import (
    AnsweredBefore,
    BadText,
    KeyReused,
    LeaseLost,
    StoreAway,
    Suppressed,
    UnknownAttempt,
    UnknownBundle,
    UnknownCall,
    UnknownEntry,
    UnknownJob,
    WrongState,
)
from engine.runtime.step import CallEnded, UnknownFlow
from server.body import BadBody
from server.logs import fault

TYPE = "application/problem+json"


class Refusal(Exception):
    """What a view of this server refuses by itself."""

    name = "refused"
    status = HTTPStatus.CONFLICT

    def __init__(self, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(detail)
        self.headers = dict(headers or {})
        self.more = more


class NoKeyGiven(Refusal):
    """The request has no API key, or one that is none, has expired or was revoked."""

    name, status = "no-valid-key", HTTPStatus.UNAUTHORIZED

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": 'Bearer realm="callwright"'})


class NoScope(Refusal):
    """The key may not do this."""

    name, status = "scope-missing", HTTPStatus.FORBIDDEN


class TooMany(Refusal):
    """More requests came than may come."""

    name, status = "too-many-requests", HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, detail: str, wait: float) -> None:
        super().__init__(detail, headers={"Retry-After": str(max(1, round(wait + 0.5)))})


class NotReady(Refusal):
    """The server cannot work now; the message says why."""

    name, status = "not-ready", HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self, detail: str, **more: Any) -> None:
        super().__init__(detail, headers={"Retry-After": "2"}, **more)


class BadHeader(Refusal):
    """A header is not written as the document says."""

    name, status = "bad-header", HTTPStatus.BAD_REQUEST


class WrongType(Refusal):
    """The body is not said to be JSON."""

    name, status = "not-json", HTTPStatus.UNSUPPORTED_MEDIA_TYPE

    def __init__(self) -> None:
        super().__init__("send the body as `application/json`", headers={"Accept-Post": "application/json"})


class StaleTurn(Refusal):
    """The call is not where the caller takes it to be; ``turn`` says where it is."""

    name = "stale-turn"


class NotOfBundle(Refusal):
    """A fact, intent or value is well formed but not what the bundle in force declares."""

    name = "not-of-bundle"


class NotActivated(Refusal):
    """A bundle has findings and cannot come into force."""

    name = "bundle-has-findings"


@dataclass(frozen=True, slots=True)
class Problem:
    """What a problem document says."""

    name: str
    status: HTTPStatus
    detail: str
    more: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


STATUS: Mapping[type[Exception], tuple[str, HTTPStatus]] = {
    BadBody: ("bad-body", HTTPStatus.BAD_REQUEST),
    BadText: ("bad-text", HTTPStatus.BAD_REQUEST),
    UnknownCall: ("unknown-call", HTTPStatus.NOT_FOUND),
    UnknownJob: ("unknown-job", HTTPStatus.NOT_FOUND),
    UnknownAttempt: ("unknown-attempt", HTTPStatus.NOT_FOUND),
    UnknownEntry: ("unknown-decision", HTTPStatus.NOT_FOUND),
    UnknownBundle: ("unknown-bundle", HTTPStatus.NOT_FOUND),
    UnknownFlow: ("unknown-flow", HTTPStatus.CONFLICT),
    CallEnded: ("call-ended", HTTPStatus.CONFLICT),
    LeaseLost: ("lease-lost", HTTPStatus.CONFLICT),
    WrongState: ("wrong-state", HTTPStatus.CONFLICT),
    Suppressed: ("suppressed", HTTPStatus.CONFLICT),
    AnsweredBefore: ("answered-before", HTTPStatus.CONFLICT),
    KeyReused: ("key-reused", HTTPStatus.UNPROCESSABLE_ENTITY),
    StoreAway: ("store-away", HTTPStatus.SERVICE_UNAVAILABLE),
}
#: Whose words are for the operator and not for the caller.
_SILENT: Mapping[type[Exception], str] = {StoreAway: "the store cannot be reached; try again later"}
_LATER = {HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": "1"}}
_HTTP = {
    HTTPStatus.BAD_REQUEST: "the request cannot be read",
    HTTPStatus.NOT_FOUND: "there is nothing at this address",
    HTTPStatus.METHOD_NOT_ALLOWED: "this method is not allowed here",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "the body is larger than is taken here",
}


def problem_of(error: Exception) -> Problem:
    """Return what the caller is told about *error*; of one nobody foresaw, nothing but that it happened."""
    if isinstance(error, Refusal):
        return Problem(error.name, error.status, str(error), error.more, error.headers)
    for kind, (name, status) in STATUS.items():
        if isinstance(error, kind):
            return Problem(name, status, _SILENT.get(kind, str(error)), headers=_LATER.get(status, {}))
    if isinstance(error, ValidationError):
        detail = "the request is not as the document says"
        return Problem("not-valid", HTTPStatus.UNPROCESSABLE_ENTITY, detail, {"errors": _pointers(error.messages)})
    if isinstance(error, HTTPException) and error.code is not None and error.code < 500:
        status = HTTPStatus(error.code)
        headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After", "Location")}
        return Problem(status.phrase.lower().replace(" ", "-"), status, _HTTP.get(status, status.phrase), {}, headers)
    detail = "something went wrong here; the request id leads to it in the log"
    return Problem("internal-error", HTTPStatus.INTERNAL_SERVER_ERROR, detail)


def _pointers(messages: Any, at: str = "") -> list[dict[str, str]]:
    if isinstance(messages, dict):
        return [one for key, inner in messages.items() for one in _pointers(inner, f"{at}/{_escaped(key)}")]
    return [{"pointer": at[:300], "detail": str(message)} for message in messages]


def _escaped(key: Any) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")


def as_response(problem: Problem) -> Response:
    """Return *problem* as a response."""
    document = {
        "type": f"urn:callwright:{problem.name}",
        "title": problem.name.replace("-", " "),
        "status": problem.status.value,
        "detail": problem.detail,
        "instance": f"urn:request:{g.get('request_id', '')}",
        **problem.more,
    }
    response = current_app.response_class(json.dumps(document), status=problem.status.value, content_type=TYPE)
    response.headers.update(problem.headers)
    g.problem = problem.name
    return response


def handle(error: Exception) -> Response:
    """Answer any request that ended in *error*."""
    problem = problem_of(error)
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, Refusal):
        fault(error)
    return as_response(problem)
