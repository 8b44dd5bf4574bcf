"""What the server writes about its work: one JSON line a request, and none of it personal.

The last processor lets nothing through that is not on a list of names, so that no text of a caller, no fact, no
key and no path with a reference in it can slip in with a later change.
"""

import json
import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

#: Every name that a line may hold. Values are shortened, and only plain ones are written.
NAMES = frozenset(
    {
        "event", "level", "timestamp", "request_id", "call_id", "job_id", "key", "method", "route", "status",
        "milliseconds", "problem", "error", "at", "kind", "tries", "message_id", "bundle", "reason", "processes",
    }
)  # fmt: skip
_LONGEST = 300
_log = structlog.get_logger("callwright")


def set_up(stream: Any = None) -> None:
    """Send every line to standard error, or to *stream*."""
    global _log
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_named,
            structlog.processors.JSONRenderer(lambda line, **_: json.dumps(line)),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: structlog.WriteLogger(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    _log = structlog.get_logger("callwright").bind()  # put together once, not for each line


def only_named(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> dict[str, Any]:
    """Return *line* without any name that is not on the list, and without any value that is not plain."""
    return {
        name: value[:_LONGEST] if isinstance(value, str) else value
        for name, value in line.items()
        if name in NAMES and isinstance(value, str | int | float | bool)
    }


def told(event: str, **named: Any) -> None:
    """Write one line."""
    _log.info(event, **named)


def fault(error: BaseException) -> None:
    """Write that something went wrong: the kind of error and where, never its words, which may quote a caller."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    where = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames))
    _log.error("fault", error=type(error).__name__, at=where)
