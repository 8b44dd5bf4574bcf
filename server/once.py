"""A request that is sent twice has one effect and one answer.

The effect and the answer that tells of it are committed together, or neither is. Of several that come at once one
has the effect, and the others are answered as that one was: on PostgreSQL they wait for it, on SQLite, which has one
writer, what they did meanwhile is undone. A request that was refused had no effect, so nothing is kept of it.

Source: draft-ietf-httpapi-idempotency-key-header-07.
"""

import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Response, current_app, g, request

from engine.records.doors import Answer
from engine.records.errors import RecordsError
from server.desk import desk
from server.errors import STATUS, BadHeader, Refusal
from server.marks import said

View = TypeVar("View", bound=Callable[..., Any])

HEADER = "Idempotency-Key"
PATTERN = r"[A-Za-z0-9_.:\-]{1,100}"
REPLAYED = "Idempotency-Replayed"
_REFUSALS: tuple[type[Exception], ...] = (RecordsError, Refusal, *STATUS)
_KEY = re.compile(rf"{PATTERN}\Z")
PARAMETER = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "description": "The same key with the same request gives the first answer again, for a day.",
    "schema": {"type": "string", "pattern": f"^{PATTERN}$"},
}


def once(view: View) -> View:
    """Answer a request that brings a key it brought before as it was answered then."""

    @wraps(view)
    def answer(*given: Any, **named: Any) -> Any:
        key = request.headers.get(HEADER)
        if key is None:
            return view(*given, **named)
        if not _KEY.match(key):
            raise BadHeader(f"`{HEADER}` is 1 to 100 letters, digits, `_`, `.`, `:` and `-`")
        return _kept(key, lambda: view(*given, **named))

    return said(answer, **{"x-idempotent": True})  # type: ignore[return-value]


def prepared(view: View) -> View:
    """Make the bundle in force ready before *view* begins what holds the store; it may take seconds once."""

    @wraps(view)
    def answer(*given: Any, **named: Any) -> Any:
        desk().bundle()
        return view(*given, **named)

    return answer  # type: ignore[return-value]


def _kept(key: str, view: Callable[[], Response]) -> Response:
    store, who, content = desk().store, g.key.prefix, _content()
    try:
        with store.database.gathering() as db:
            store.idempotency.hold(db, who, key)
            before = store.idempotency.answer(who, key, content)
            if before is not None:
                return _again(before)
            response = view()
            answer = Answer(response.status_code, response.get_data(as_text=True))
            store.idempotency.keep_in(db, who, key, content, answer)
    except _REFUSALS:
        meanwhile = store.idempotency.answer(who, key, content)
        if meanwhile is None:
            raise
        return _again(meanwhile)
    return response


def _again(answer: Answer) -> Response:
    response = current_app.response_class(answer.text, status=answer.status, content_type="application/json")
    response.headers[REPLAYED] = "true"
    return response


def _content() -> str:
    body = json.dumps(g.get("body"), sort_keys=True)
    return f"{request.method} {request.path} {body}"
