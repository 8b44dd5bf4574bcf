"""For schemathesis: give every generated request an idempotency key of its own, as a client does."""

import re
from uuid import uuid4

import schemathesis

NAME = "Idempotency-Key"


@schemathesis.hook
def before_call(context, case, kwargs):
    """Replace a valid key; one that was made to be refused stays, and so does a request that lacks its credentials."""
    phase = case.meta.phase.data if case.meta is not None else None
    if getattr(phase, "parameter", None) == "Authorization":
        return
    given = case.headers.get(NAME) if case.headers else None
    if isinstance(given, str) and re.fullmatch(r"[A-Za-z0-9_.:\-]{1,100}", given):
        case.headers[NAME] = uuid4().hex
