"""Who may do what: every operation names its scope, and one that names none is refused to everybody."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypeVar

from flask import current_app, g, request
from structlog.contextvars import bind_contextvars

from engine.records.doors import ApiKey
from server.desk import desk
from server.errors import NoKeyGiven, NoScope, TooMany
from server.marks import said

View = TypeVar("View", bound=Callable[..., Any])

SCOPES: Final = {
    "calls:write": "begin calls and take their turns",
    "calls:read": "look at calls",
    "jobs:write": "enqueue and cancel jobs",
    "jobs:read": "look at jobs",
    "jobs:work": "lease jobs, dial and report",
    "attempts:read": "look at attempts",
    "decisions:read": "look at decisions, with the facts they read",
    "decide": "ask whether a call might be placed",
    "suppressions:read": "look at suppressions",
    "suppressions:write": "suppress calls",
    "bundles:read": "look at bundles",
    "bundles:write": "submit bundles to be checked and kept as drafts",
    "bundles:activate": "bring a bundle into force",
    "metrics:read": "look at figures",
    "nlu:read": "look at how well words are understood",
}
"""Every scope that a key may have, and what it lets its holder do."""

KEY_SCHEME = "key"
_SCOPE = "_callwright_scope"
_OPEN = "_callwright_open"


def requires(scope: str) -> Callable[[View], View]:
    """Let only keys with *scope* reach a view, and say so in the document."""
    assert scope in SCOPES

    def mark(view: View) -> View:
        setattr(view, _SCOPE, scope)
        return said(view, security=[{KEY_SCHEME: []}], **{"x-scope": scope})

    return mark


def open_to_all(view: View) -> View:
    """Let everybody reach a view, and say so in the document."""
    setattr(view, _OPEN, True)
    return said(view, security=[])


def let_in() -> None:
    """Refuse the present request unless its key may do what it asks for, and not too often.

    Raises:
        NoKeyGiven: There is no valid key.
        NoScope: The key lacks the scope.
        TooMany: The key, or the stranger, has come too often.
    """
    if request.routing_exception is not None or request.method == "OPTIONS":
        return
    view = current_app.view_functions[request.endpoint or ""]
    method = getattr(getattr(view, "view_class", None), request.method.lower().replace("head", "get"), view)
    if getattr(method, _OPEN, False):
        return
    key = _key()
    scope = getattr(method, _SCOPE, "")
    if scope not in key.scopes:
        raise NoScope(f"this key lacks the scope `{scope}`" if scope else "nobody may do this")
    wait = desk().limits.callers.take(key.prefix)
    if wait:
        raise TooMany("this key has made too many requests", wait)


def asked_at() -> datetime:
    """Return the store's time when the present request's key was checked."""
    seen = g.key.seen
    assert isinstance(seen, datetime)
    return seen


def _key() -> ApiKey:
    at = request.remote_addr or ""
    wait = desk().limits.strangers.wait(at)
    if wait:
        raise TooMany("too many requests without a valid key came from this address", wait)
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    key = desk().store.api_keys.check(given.strip()) if scheme.lower() == "bearer" and len(given) < 200 else None
    if key is None:
        desk().limits.strangers.take(at)
        raise NoKeyGiven("send a valid API key as `Authorization: Bearer KEY`")
    g.key = key
    bind_contextvars(key=key.prefix)
    return key
