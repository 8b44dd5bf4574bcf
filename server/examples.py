"""What answers look like: an example of each, for the OpenAPI document. Tests hold them to their schemas."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from server.schemas.call import CALL_ID, STATE_EXAMPLE
from server.schemas.common import PARTIES_EXAMPLE

BUNDLE: Final = str(STATE_EXAMPLE["bundle"])
JOB_ID: Final = "0198f1c0-0000-7000-8000-00000000000a"
ATTEMPT_ID: Final = "0198f1c0-0000-7000-8000-00000000000b"
SUPPRESSION_ID: Final = "0198f1c0-0000-7000-8000-00000000000c"
TOKEN: Final = "3f1c9a52b7d84e06a1c5d9e2f7b3046d"

CALL: Final[dict[str, Any]] = {
    "call_id": CALL_ID,
    "bundle": BUNDLE,
    "flow": "collections",
    "campaign": "spring",
    "job_id": "",
    "attempt_id": "",
    "started": "2026-03-10T19:00:00Z",
    "ended": "2026-03-10T19:01:12Z",
    "turn": 2,
    "state": "end",
    "outcome": "wrong_party",
    "right_party": False,
    "actions": [],
    "turns": [
        {
            "turn": 1,
            "at": "2026-03-10T19:00:00Z",
            "event": "answered",
            "intents": [],
            "states": ["greeting"],
            "rules": ["us.identity.caller_name"],
            "prevented": [],
            "prompts": ["greeting"],
            "actions": [],
        },
        {
            "turn": 2,
            "at": "2026-03-10T19:01:12Z",
            "event": "words",
            "intents": [{"intent": "wrong_party", "score": 0.97, "accepted": True}],
            "states": ["end"],
            "rules": [],
            "prevented": [],
            "prompts": ["sorry_wrong_number"],
            "actions": [],
        },
    ],
}

ENQUEUED: Final[dict[str, Any]] = {"jobs": [{"job_id": JOB_ID, "created": True, "state": "queued"}]}


def job(state: str, reason: str = "", **more: Any) -> dict[str, Any]:
    """Return a job in one state."""
    return {
        "job_id": JOB_ID,
        "campaign": "spring",
        "state": state,
        "reason": reason,
        "flags": [],
        "priority": 5,
        "ready": "2026-03-10T19:00:00Z",
        "created": "2026-03-10T18:59:00Z",
        "updated": "2026-03-10T19:00:00Z",
        "tries": 0,
        "most_tries": 3,
        "worker": "",
        **more,
    }


TRIED: Final[dict[str, Any]] = {"tries": 1, "worker": "dialler-1"}
JOBS: Final[dict[str, Any]] = {"jobs": [job("queued")], "next": None}
LEASED: Final[dict[str, Any]] = {
    "leases": [
        {
            "job_id": JOB_ID,
            "token": TOKEN,
            "tries": 1,
            "until": "2026-03-10T19:00:30Z",
            "campaign": "spring",
            "parties": {**PARTIES_EXAMPLE, "household": ""},
        }
    ]
}
UNTIL: Final[dict[str, Any]] = {"until": "2026-03-10T19:01:00Z"}

FIRED: Final[dict[str, Any]] = {
    "rule": "us.frequency.cooldown",
    "effect": "deny",
    "reason": "We spoke with this person about this debt less than seven days ago.",
    "source": "12 CFR 1006.14(b)(2)(i)(B), (b)(3)(i) (statutory)",
    "severity": "statutory",
    "status": "in_force",
    "enforced": True,
    "unknown": [],
    "place": "policies/us/frequency.yaml:41:5",
}
DIAL: Final[dict[str, Any]] = {
    "ask": "before_dialing",
    "subject": "",
    "at": "2026-03-10T19:00:00Z",
    "outcome": "deny",
    "fired": [FIRED],
    "warnings": [],
    "faults": [],
    "bundle": BUNDLE,
    "facts": {"calls.conversations_in_7_days": 1},
    "next_allowed": "2026-03-16T13:00:00Z",
    "must_change": [],
    "local_times": {"America/Chicago": "14:00"},
}
STARTED: Final[dict[str, Any]] = {
    "job_id": JOB_ID,
    "dial": True,
    "state": "running",
    "attempt_id": ATTEMPT_ID,
    "decision_id": 41,
    "number": "+15125550143",
    "call_id": CALL_ID,
    "decision": {**DIAL, "outcome": "allow", "fired": [], "facts": {}, "next_allowed": None},
}
ATTEMPTS: Final[dict[str, Any]] = {
    "attempts": [
        {
            "attempt_id": ATTEMPT_ID,
            "job_id": JOB_ID,
            "number": 1,
            "worker": "dialler-1",
            "campaign": "spring",
            "state": "denied",
            "rules": ["us.frequency.cooldown"],
            "decision_id": 41,
            "decided": "2026-03-10T19:00:00Z",
            "placed": None,
            "answered": None,
            "ended": None,
            "result": "",
            "call_id": "",
            "disposition": "",
        }
    ],
    "next": None,
}
EXPLAINED: Final[dict[str, Any]] = {
    "decision_id": 41,
    "at": "2026-03-10T19:00:00Z",
    "kind": "dial",
    "outcome": "deny",
    "rules": ["us.frequency.cooldown"],
    "bundle": BUNDLE,
    "call_id": "",
    "attempt_id": ATTEMPT_ID,
    "hash": "9d1f0c5be9f7a2a64c1a90f6c1d4d4c39a6b58a4c8b3be6b7e9bd3fd42a64f7c",
    "explanation": ["denied by us.frequency.cooldown: we spoke with this person less than seven days ago"],
    "fired": [FIRED],
    "facts": {"calls.conversations_in_7_days": 1},
    "sources": {"calls.conversations_in_7_days": "ledger"},
}
SUPPRESSED: Final[dict[str, Any]] = {
    "suppression_id": SUPPRESSION_ID,
    "scope": "number",
    "reason": "stop_calling",
}
SUPPRESSIONS: Final[dict[str, Any]] = {
    "suppressions": [
        {
            **SUPPRESSED,
            "subject": "+15125550143",
            "since": "2026-03-10T19:00:00Z",
            "until": None,
            "lifted": None,
            "rule": "us.rights.stop_calling",
            "call_id": CALL_ID,
        }
    ],
    "next": None,
}
FINDING: Final[dict[str, Any]] = {
    "level": "error",
    "rule": "unknown-target",
    "message": "no state is called `verfy`",
    "help": "did you mean `verify`?",
    "path": "flows/call/flow.yaml",
    "line": 19,
    "column": 29,
}
CHECKED: Final[dict[str, Any]] = {"digest": None, "stored": False, "findings": [FINDING], "proofs": []}
BUNDLES: Final[dict[str, Any]] = {
    "bundles": [
        {"digest": BUNDLE, "added": "2026-03-01T09:00:00Z", "activated": "2026-03-01T09:05:00Z", "in_force": True}
    ]
}
BUNDLE_SHOWN: Final[dict[str, Any]] = {
    "digest": BUNDLE,
    "in_force": True,
    "locales": ["en-US"],
    "flows": [{"id": "call", "version": "1.0.0", "title": "A call", "states": ["greeting", "verify", "end"]}],
    "documents": [
        {
            "kind": "flow",
            "id": "call",
            "version": "1.0.0",
            "title": "A call",
            "path": "flows/call/flow.yaml",
            "digest": "5c0bb1b4d7d0a7a4b0d4ae2ab4f08d0b0a6b53a7d0f6d9e5a1f8a7c6b5d4e3f2",
        }
    ],
    "findings": [],
    "proofs": [
        {"rule": "us.disclosure.debt", "flow": "call", "verdict": "proved", "reason": "", "call": []},
    ],
}
RATE: Final[dict[str, Any]] = {"part": 3, "whole": 12, "value": 0.25}
SUMMARY: Final[dict[str, Any]] = {
    "attempts": 20,
    "calls": 12,
    "success": RATE,
    "right_party": {"part": 6, "whole": 12, "value": 0.5},
    "promise": {"part": 3, "whole": 6, "value": 0.5},
    "median_seconds_to_promise": 48,
    "mean_seconds_to_promise": 51.5,
    "daily": [{"day": "2026-03-10", "calls": 12, "right_party": 6, "promises": 3}],
    "blocked": {"us.frequency.cooldown": 4},
    "prevented": {"us.disclosure.debt": 1},
    "dispositions": {"promise_to_pay": 3, "wrong_party": 2, "refused": 7},
    "jobs": {"queued": 5, "succeeded": 12},
}
HEARD: Final[dict[str, Any]] = {
    "turns": 40,
    "not_understood": 3,
    "histogram": [0, 0, 0, 1, 2, 0, 1, 2, 8, 26],
    "intents": [{"intent": "wrong_party", "heard": 3, "accepted": 3, "low": 0, "actions": {"end": 3}}],
    "outcomes": {"promise_to_pay": 3, "wrong_party": 2},
}
ALIVE: Final = {"status": "alive"}
READY: Final = {"status": "ready"}
METRICS: Final = (
    "# HELP callwright_requests_total Requests answered\n"
    "# TYPE callwright_requests_total counter\n"
    'callwright_requests_total{operation="POST /call/turn",status="200"} 1042.0\n'
)


def problem(status: HTTPStatus, name: str, detail: str, **more: Any) -> dict[str, Any]:
    """Return a problem document."""
    return {
        "type": f"urn:callwright:{name}",
        "title": name.replace("-", " "),
        "status": status.value,
        "detail": detail,
        "instance": "urn:request:5f1c3c1e",
        **more,
    }


_TOLD: Mapping[HTTPStatus, tuple[str, str, dict[str, Any]]] = {
    HTTPStatus.BAD_REQUEST: ("bad-body", "`parties` is given twice", {}),
    HTTPStatus.UNAUTHORIZED: ("no-valid-key", "send a valid API key as `Authorization: Bearer KEY`", {}),
    HTTPStatus.FORBIDDEN: ("scope-missing", "this key lacks the scope `calls:write`", {}),
    HTTPStatus.NOT_FOUND: ("unknown-call", f"there is no call {CALL_ID}", {}),
    HTTPStatus.METHOD_NOT_ALLOWED: ("method-not-allowed", "this method is not allowed here", {}),
    HTTPStatus.CONFLICT: ("stale-turn", f"call {CALL_ID} is at turn 3, so turn 3 is not the next", {"turn": 3}),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("request-entity-too-large", "the body is larger than is taken here", {}),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: ("not-json", "send the body as `application/json`", {}),
    HTTPStatus.UNPROCESSABLE_ENTITY: (
        "not-valid",
        "the request is not as the document says",
        {"errors": [{"pointer": "/turn_event/kind", "detail": "Must be one of: answered, words, intents."}]},
    ),
    HTTPStatus.TOO_MANY_REQUESTS: ("too-many-requests", "this key has made too many requests", {}),
    HTTPStatus.INTERNAL_SERVER_ERROR: (
        "internal-error",
        "something went wrong here; the request id leads to it in the log",
        {},
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: ("store-away", "the store cannot be reached; try again later", {}),
}
PROBLEMS: Mapping[HTTPStatus, dict[str, Any]] = {
    status: problem(status, name, detail, **more) for status, (name, detail, more) in _TOLD.items()
}
