"""The API object: strict reading, problem documents everywhere, and a document that tells the truth."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NoReturn

import flask_smorest
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_cls
from flask import Request, g
from marshmallow import INCLUDE, RAISE, Schema, ValidationError, fields
from webargs.flaskparser import FlaskParser
from webargs.multidictproxy import MultiDictProxy
from werkzeug.exceptions import RequestEntityTooLarge

from server import body, errors
from server.auth import KEY_SCHEME, SCOPES
from server.errors import WrongType
from server.examples import PROBLEMS
from server.fields import Documented, Shown
from server.once import PARAMETER

_UNKNOWN: dict[str, str | None] = {"json": RAISE, "query": RAISE}


class StrictParser(FlaskParser):
    """Reads bodies with :mod:`server.body` and queries in which every name stands once; both hold nothing unknown."""

    DEFAULT_UNKNOWN_BY_LOCATION = _UNKNOWN

    def load_json(self, req: Request, schema: Schema) -> Any:
        """Return the body of *req*."""
        kind, _, rest = (req.headers.get("Content-Type") or "").partition(";")
        charset = rest.replace(" ", "").lower()
        if kind.strip().lower() != "application/json" or charset not in ("", "charset=utf-8", 'charset="utf-8"'):
            raise WrongType
        if req.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise WrongType
        g.body = body.read(_whole_body(req))
        return g.body

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        """Return the query of *req*."""
        for name, values in req.args.lists():
            if len(values) > 1:
                raise ValidationError({name[:60]: ["this is given twice"]})
            body.check_text(name + values[0])
        return MultiDictProxy(req.args, schema)

    def handle_error(
        self,
        error: ValidationError,
        req: Request,
        schema: Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """Leave *error* to :mod:`server.errors`."""
        inner = error.messages.get("json", error.messages) if isinstance(error.messages, dict) else error.messages
        raise ValidationError(inner) from error


def _whole_body(req: Request) -> bytes:
    """Return the body of *req*. One whose length is not said beforehand is cut off at the limit without a word."""
    raw = req.get_data(cache=False)
    if req.max_content_length is not None and len(raw) >= req.max_content_length and req.environ["wsgi.input"].read(1):
        raise RequestEntityTooLarge
    return raw


class Blueprint(flask_smorest.Blueprint):
    """A resource whose arguments are read strictly."""

    ARGUMENTS_PARSER = StrictParser()


class ProblemSchema(Schema):
    """A problem document (RFC 9457). Some have more in them than is named here."""

    class Meta:
        """What else may stand in it."""

        unknown = INCLUDE

    type = fields.String(required=True, metadata={"description": "Stable name of what went wrong, as a URN."})
    title = fields.String(required=True, metadata={"description": "The same in words."})
    status = fields.Integer(required=True, metadata={"description": "The status of the response."})
    detail = fields.String(required=True, metadata={"description": "What went wrong this time."})
    instance = fields.String(required=True, metadata={"description": "The request, as it is named in the log."})
    errors = fields.List(
        fields.Dict(keys=fields.String(), values=fields.String()),
        metadata={"description": "For `not-valid`: where in the request (`pointer`) and what (`detail`)."},
    )


class Api(flask_smorest.Api):
    """The API and its OpenAPI document."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        self._app.register_error_handler(Exception, errors.handle)

    def _register_responses(self) -> None:
        shown = {status.name: (status.phrase, example) for status, example in PROBLEMS.items()}
        shown["DEFAULT_ERROR"] = ("What went wrong", PROBLEMS[HTTPStatus.INTERNAL_SERVER_ERROR])
        for name, (phrase, example) in shown.items():
            content = {errors.TYPE: {"schema": ProblemSchema, "example": example}}
            self.spec.components.response(name, {"description": phrase, "content": content})

    def _init_spec(self, **options: Any) -> None:
        named = MarshmallowPlugin(schema_name_resolver=_name)
        super()._init_spec(marshmallow_plugin=named, **options)
        self.ma_plugin.converter.add_attribute_function(_documented)
        self.spec.components.security_scheme(
            KEY_SCHEME,
            {
                "type": "http",
                "scheme": "bearer",
                "description": "An API key, made with `callwright keys create`. Scopes:\n\n"
                + "\n".join(f"- `{scope}`: {meaning}" for scope, meaning in SCOPES.items()),
            },
        )

    def document(self) -> dict[str, Any]:
        """Return the whole OpenAPI document, with what every operation has in common."""
        found: dict[str, Any] = self.spec.to_dict()
        for path in found["paths"].values():
            for operation in path.values():
                if isinstance(operation, dict):
                    _complete(operation)
        return found


def _name(schema: Any) -> str:
    kind = resolve_schema_cls(schema)
    assert isinstance(kind, type)
    parts = schema.only if isinstance(schema, Schema) else None
    return kind.__name__.removesuffix("Schema") + ("Kept" if parts else "")


_SHARED = {HTTPStatus.BAD_REQUEST: "The request cannot be read", HTTPStatus.TOO_MANY_REQUESTS: "Too many requests"}
_KEYED = {HTTPStatus.UNAUTHORIZED: "No valid key", HTTPStatus.FORBIDDEN: "The key lacks the scope"}
_BODIED = {
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is not JSON",
}


def _complete(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    shared = {**_SHARED, **(_KEYED if operation.get("security") else {})}
    shared |= _BODIED if "requestBody" in operation else {}
    for status in shared:
        responses.setdefault(str(status.value), {"$ref": f"#/components/responses/{status.name}"})
    if "422" in responses:
        responses["422"] = {"$ref": "#/components/responses/UNPROCESSABLE_ENTITY"}
    if operation.pop("x-idempotent", False):
        operation.setdefault("parameters", []).append(PARAMETER)


def _documented(_converter: Any, field: fields.Field[Any], **_: Any) -> dict[str, Any]:
    found = dict(field.document) if isinstance(field, Documented | Shown) else {}
    if field.allow_none and isinstance(found.get("type"), str):
        found["type"] = [found["type"], "null"]
    return found
