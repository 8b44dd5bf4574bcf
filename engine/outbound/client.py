"""The REST API from Python: what a worker or a host program asks of a server.

Every request that creates or advances something carries an idempotency key, so one whose answer was lost is
sent again and has one effect.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any
from uuid import uuid4

import httpx

from engine.records.parties import Parties

#: Seconds between tries of one request whose answer was lost.
WAITS = (0.1, 0.5, 2.0)
_AGAIN = frozenset({429, 502, 503, 504})


class ApiError(Exception):
    """The server cannot be worked with."""


class ApiAway(ApiError):
    """The server cannot be reached, or cannot work now."""


class ApiProblem(ApiError):
    """The server refused; see RFC 9457.

    Args:
        status: The HTTP status.
        name: What went wrong, as ``stale-turn`` or ``lease-lost``.
        detail: The same in words.
        document: The whole problem document.
    """

    def __init__(self, status: int, name: str, detail: str, document: Mapping[str, Any]) -> None:
        super().__init__(f"{name} ({status}): {detail}")
        self.status = status
        self.name = name
        self.detail = detail
        self.document = document


@dataclass(frozen=True, slots=True)
class Said:
    """What a turn led to. ``retry``: it ended so that another try makes sense. ``whole`` is the server's answer."""

    call: str
    turn: int
    text: str = field(repr=False)
    prompts: tuple[str, ...]
    actions: tuple[str, ...]
    flow: str
    state: str
    disposition: str
    retry: bool
    whole: Mapping[str, Any] = field(repr=False)

    @property
    def ended(self) -> bool:
        """Whether the call is over."""
        return bool(self.disposition)


@dataclass(frozen=True, slots=True)
class Leased:
    """A right to one try of a job."""

    job: str
    token: str = field(repr=False)
    tries: int
    until: datetime
    campaign: str
    parties: Parties = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ruled:
    """What the gate said, and when. Dial ``number`` only when ``dial`` is true, and once."""

    job: str
    dial: bool
    at: datetime
    state: str
    attempt: str
    decision: int
    number: str = field(repr=False)
    call: str
    denied_by: tuple[str, ...]


class ApiClient(AbstractContextManager["ApiClient"]):
    """One server, and one key of it.

    Args:
        base_url: Where the server is, as ``http://127.0.0.1:8080``.
        key: An API key.
        transport: What carries the requests; for a server in this process.
        timeout: Seconds for one request.
    """

    def __init__(
        self, base_url: str, key: str, *, transport: httpx.BaseTransport | None = None, timeout: float = 30.0
    ) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        self._http = httpx.Client(base_url=base_url, headers=headers, transport=transport, timeout=timeout)

    # ----------------------------------------------------------------- calls

    def begin(
        self,
        parties: Parties,
        facts: Mapping[str, Any] | None = None,
        *,
        flow: str = "",
        locale: str = "",
        zones: Sequence[str] = (),
        campaign: str = "",
        event: Mapping[str, Any] | None = None,
        key: str = "",
    ) -> Said:
        """Begin a call and take its first turn.

        Args:
            parties: Whom it concerns.
            facts: JSON values by name: money in cents, dates in ISO form, sets as lists.
            flow: The call flow; '' where the bundle has one.
            locale: The language; '' is the bundle's first.
            zones: IANA zones, or nothing to let the facts say.
            campaign: A name to measure by.
            event: What answered; a person by default.
            key: The idempotency key; a new one by default.

        Raises:
            ApiProblem: The server refused.
            ApiAway: It cannot be reached.
        """
        body = {
            "parties": parties_json(parties),
            "facts": dict(facts or {}),
            "flow": flow,
            "locale": locale,
            "zones": list(zones),
            "campaign": campaign,
        }
        if event is not None:
            body["turn_event"] = dict(event)
        return _said(self.post("/call/start", body, key=key))

    def turn(self, call: str, expected: int, event: Mapping[str, Any], *, key: str = "") -> Said:
        """Take turn number *expected* of a call.

        Raises:
            ApiProblem: ``stale-turn``, ``call-ended``, ``unknown-call`` …
            ApiAway: The server cannot be reached.
        """
        body = {"call_id": call, "expected_turn": expected, "turn_event": dict(event)}
        return _said(self.post("/call/turn", body, key=key))

    def call(self, call: str) -> Mapping[str, Any]:
        """Return a call, summed up."""
        return self.get(f"/call/{call}")

    # ------------------------------------------------------------------ jobs

    def enqueue(self, *jobs: Mapping[str, Any], key: str = "") -> tuple[str, ...]:
        """Have jobs taken in, all or none, and return their ids in order."""
        answer = self.post("/jobs/enqueue", {"jobs": [dict(job) for job in jobs]}, key=key)
        return tuple(one["job_id"] for one in answer["jobs"])

    def lease(self, worker: str, *, most: int = 1, seconds: int = 30, campaign: str = "") -> tuple[Leased, ...]:
        """Lease up to *most* due jobs; () when none is due."""
        body = {"worker": worker, "most": most, "seconds": seconds, "campaign": campaign}
        return tuple(_leased(one) for one in self.post("/jobs/lease", body)["leases"])

    def start(self, job: str, token: str) -> Ruled:
        """Ask the gate whether to dial now.

        Raises:
            ApiProblem: ``lease-lost``, ``unknown-job`` …
        """
        return _ruled(self.post(f"/jobs/{job}/start", {"token": token}))

    def heartbeat(self, job: str, token: str, *, seconds: int = 30) -> datetime:
        """Say that the worker lives; return when the lease now ends."""
        answer = self.post(f"/jobs/{job}/heartbeat", {"token": token, "seconds": seconds})
        return datetime.fromisoformat(answer["until"])

    def success(self, job: str, token: str, *, reason: str = "", result: str = "answered") -> str:
        """Say that the call was conducted to its end; return the job's state."""
        body = {"token": token, "reason": reason, "result": result}
        return str(self.post(f"/jobs/{job}/success", body)["state"])

    def failure(self, job: str, token: str, reason: str, *, again: bool = True, result: str = "") -> str:
        """Say that the try failed; return what became of the job."""
        body: dict[str, Any] = {"token": token, "reason": reason, "again": again}
        if result:
            body["result"] = result
        return str(self.post(f"/jobs/{job}/failure", body)["state"])

    def cancel(self, job: str, reason: str = "") -> str:
        """Cancel a job that is not on the line; return its state."""
        return str(self.post(f"/jobs/{job}/cancel", {"reason": reason} if reason else {})["state"])

    def job(self, job: str) -> Mapping[str, Any]:
        """Return a job."""
        return self.get(f"/jobs/{job}")

    def jobs(self, **wanted: str) -> Iterator[Mapping[str, Any]]:
        """Yield jobs, newest first, page by page; *wanted* is ``state`` and ``campaign``."""
        page = self.get("/jobs", **wanted)
        yield from page["jobs"]
        while page["next"]:
            page = self.get("/jobs", before=page["next"], **wanted)
            yield from page["jobs"]

    # ----------------------------------------------------------------- rules

    def decide(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask whether a call might be placed; nothing is written down."""
        return self.post("/decide", question)

    def suppress(self, scope: str, subject: str, reason: str) -> str:
        """Suppress, and return the suppression's id; when this returns nobody will be dialled who was not before."""
        body = {"scope": scope, "subject": subject, "reason": reason}
        return str(self.post("/suppressions", body)["suppression_id"])

    def submit(self, files: Mapping[str, str]) -> Mapping[str, Any]:
        """Have a bundle checked and, if it compiles, kept as a draft."""
        return self.post("/bundles", {"files": dict(files)})

    def activate(self, digest: str) -> Mapping[str, Any]:
        """Bring a kept bundle into force."""
        return self.post(f"/bundles/{digest}/activate", {})

    # ------------------------------------------------------------- transport

    def get(self, path: str, **query: str) -> Mapping[str, Any]:
        """Return the answer to a request that changes nothing."""
        return self._answer("GET", path, params=query)

    def post(self, path: str, body: Mapping[str, Any], *, key: str = "") -> Mapping[str, Any]:
        """Return the answer to a request that has one effect however often it has to be sent."""
        return self._answer("POST", path, json=dict(body), headers={"Idempotency-Key": key or uuid4().hex})

    def _answer(self, method: str, path: str, **sent: Any) -> Mapping[str, Any]:
        for wait in (*WAITS, None):
            try:
                response = self._http.request(method, path, **sent)
            except httpx.TransportError as error:
                if wait is None:
                    raise ApiAway(f"{self._http.base_url} cannot be reached: {type(error).__name__}") from error
            else:
                if response.status_code not in _AGAIN or wait is None:
                    return _read(response)
            time.sleep(wait)
        raise AssertionError("the last try returns or raises")

    def close(self) -> None:
        """Close every connection."""
        self._http.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def parties_json(parties: Parties) -> dict[str, Any]:
    """Return parties as the API takes them."""
    data = parties.to_json()
    return {**data, "debts": list(data["debts"])}


def _read(response: httpx.Response) -> Mapping[str, Any]:
    try:
        data = response.json()
    except ValueError as error:
        raise ApiAway(f"{response.url} did not answer in JSON (status {response.status_code})") from error
    if response.is_success and isinstance(data, dict):
        return data
    name = str(data.get("type", "")).rpartition(":")[2]
    detail = str(data.get("detail", ""))
    if response.status_code in _AGAIN:
        raise ApiAway(f"{name}: {detail}")
    raise ApiProblem(response.status_code, name, detail, data)


def _said(data: Mapping[str, Any]) -> Said:
    state = data["call_state"]
    return Said(
        data["call_id"],
        state["turn"],
        data["text"],
        tuple(one["prompt"] for one in data["utterances"]),
        tuple(one["name"] for one in data["actions"]),
        state["flow"],
        state["state"],
        state["disposition"] or "",
        state["retry"],
        data,
    )


def _leased(data: Mapping[str, Any]) -> Leased:
    return Leased(
        data["job_id"],
        data["token"],
        data["tries"],
        datetime.fromisoformat(data["until"]),
        data["campaign"],
        Parties.from_json(data["parties"]),
    )


def _ruled(data: Mapping[str, Any]) -> Ruled:
    fired = data["decision"]["fired"]
    denied = tuple(one["rule"] for one in fired if one["enforced"] and one["effect"] not in ("warn", "do", "suppress"))
    return Ruled(
        data["job_id"],
        data["dial"],
        datetime.fromisoformat(data["decision"]["at"]),
        data["state"],
        data["attempt_id"],
        data["decision_id"],
        data["number"] or "",
        data["call_id"] or "",
        () if data["dial"] else denied,
    )
