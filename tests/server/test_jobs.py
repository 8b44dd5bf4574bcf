"""Jobs over HTTP: in, leased, gated, reported; and nobody who may not be called."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.outbound.client import ApiClient, ApiProblem, parties_json
from tests.server.running import ANSWERED, FACTS, Running, people

#: A place in which it is between eight and nine in the evening, or the day, whenever the tests run.
_HOURS = {"America/New_York": -5, "America/Los_Angeles": -8, "Asia/Tokyo": 9, "Europe/Moscow": 3, "Asia/Karachi": 5}


def zone_by_day() -> str:
    """Give a time zone in which it is day now."""
    now = datetime.now(UTC).hour
    return next(zone for zone, hours in _HOURS.items() if 10 <= (now + hours) % 24 <= 18)


def zone_by_night() -> str:
    """Give a time zone in which it is night now."""
    now = datetime.now(UTC).hour
    return next(zone for zone, hours in _HOURS.items() if not 7 <= (now + hours) % 24 <= 21)


def job(number: int, campaign: str, zone: str, **more: Any) -> dict[str, Any]:
    """Give a job that calls the n-th person."""
    return {
        "parties": parties_json(people(number)),
        "facts": FACTS,
        "campaign": campaign,
        "zones": [zone],
        **more,
    }


def leased(client: ApiClient, campaign: str) -> Any:
    """Lease the one job of a campaign."""
    [lease] = client.lease("w1", campaign=campaign)
    return lease


def test_a_job_goes_from_its_queue_to_its_end(server: Running) -> None:
    with server.client() as client:
        [ident] = client.enqueue(job(1000, "whole", zone_by_day()))
        assert client.job(ident)["state"] == "queued"
        lease = leased(client, "whole")
        assert (lease.job, lease.parties.account) == (ident, "account-1000")
        ruled = client.start(lease.job, lease.token)
        assert ruled.dial, ruled.denied_by
        assert ruled.number == people(1000).number
        said = client.turn(ruled.call, 1, ANSWERED)
        said = client.turn(said.call, 2, {"kind": "hung_up"})
        assert said.ended
        assert client.heartbeat(lease.job, lease.token) > datetime.now(UTC)
        assert client.success(lease.job, lease.token) == "succeeded"
        assert client.job(ident)["state"] == "succeeded"
        [attempt] = client.get("/attempts/account-1000")["attempts"]
        assert attempt["state"] == "ended"
        assert attempt["call_id"] == ruled.call
        decision = client.get(f"/decisions/{attempt['decision_id']}")
        assert decision["outcome"] == "allow"
        assert decision["explanation"]
        assert client.call(ruled.call)["attempt_id"] == attempt["attempt_id"]


def test_a_call_by_night_is_denied_and_waits_for_the_morning(server: Running) -> None:
    with server.client() as client:
        [ident] = client.enqueue(job(1001, "night", zone_by_night()))
        lease = leased(client, "night")
        ruled = client.start(lease.job, lease.token)
        assert not ruled.dial
        assert ruled.number == ""
        assert ruled.call == ""
        assert "us.window" in ruled.denied_by
        assert client.job(ident)["state"] == "queued"
        decision = client.get(f"/decisions/{ruled.decision}")
        assert decision["outcome"] == "deny"
        assert any("it will be allowed from" in line for line in decision["explanation"])


def test_a_suppression_stops_a_leased_job(server: Running) -> None:
    with server.client() as client:
        [ident] = client.enqueue(job(1002, "stopped", zone_by_day()))
        lease = leased(client, "stopped")
        client.suppress("person", "person-1002", "stop_calling")
        with pytest.raises(ApiProblem, match="lease-lost"):
            client.start(lease.job, lease.token)
        assert client.job(ident)["state"] == "canceled"
        assert client.get("/suppressions", reason="stop_calling")["suppressions"][0]["subject"] == "person-1002"


@pytest.mark.parametrize("word", ["start", "heartbeat", "success", "failure"])
def test_a_word_without_the_lease_is_not_heard(server: Running, word: str) -> None:
    with server.client() as client:
        [ident] = client.enqueue(job(1003, f"fenced-{word}", zone_by_day()))
        lease = leased(client, f"fenced-{word}")
        body = {"token": "0" * 32, **({"reason": "busy"} if word == "failure" else {})}
        with pytest.raises(ApiProblem, match="lease-lost") as refused:
            client.post(f"/jobs/{ident}/{word}", body)
        assert refused.value.status == 409
        client.failure(lease.job, lease.token, "test is over", again=False)
        with pytest.raises(ApiProblem, match="lease-lost"):
            client.post(f"/jobs/{ident}/{word}", {**body, "token": lease.token})


def test_a_failed_try_comes_again_until_none_is_left(server: Running) -> None:
    with server.client() as client:
        retry = {"tries": 2, "base": 0, "cap": 0}
        [ident] = client.enqueue(job(1004, "again", zone_by_day(), retry=retry))
        states = []
        for _ in range(2):
            lease = leased(client, "again")
            states.append(client.failure(lease.job, lease.token, "the line is down"))
        assert states == ["waiting_retry", "dead_letter"]
        assert client.job(ident)["tries"] == 2
        assert client.cancel(ident) == "canceled"
        with pytest.raises(ApiProblem, match="wrong-state"):
            client.cancel(ident)


def test_the_same_job_is_taken_in_once(server: Running) -> None:
    one = job(1005, "once", zone_by_day(), idempotency_key="once-1005")
    with server.client() as client:
        [first] = client.enqueue(one)
        assert client.enqueue(one) == (first,)
        with pytest.raises(ApiProblem, match="key-reused"):
            client.enqueue({**one, "priority": 9})
        assert len(list(client.jobs(campaign="once"))) == 1


def test_jobs_are_taken_in_all_or_none(server: Running) -> None:
    with server.client() as client:
        good, bad = job(1006, "all", zone_by_day()), job(1007, "all", "Nowhere/Land")
        with pytest.raises(ApiProblem, match="not-of-bundle"):
            client.enqueue(good, bad)
        assert list(client.jobs(campaign="all")) == []


def test_a_misspelt_fact_is_refused_with_its_mend(server: Running) -> None:
    with server.client() as client, pytest.raises(ApiProblem) as refused:
        client.enqueue({**job(1008, "misspelt", zone_by_day()), "facts": {"party.zipp": "78701"}})
    assert "did you mean `party.zip`?" in refused.value.detail


def test_a_list_is_gone_through_page_by_page(server: Running) -> None:
    with server.client() as client:
        made = client.enqueue(*(job(1100 + n, "pages", zone_by_day()) for n in range(7)))
        page = client.get("/jobs", campaign="pages", limit="3")
        seen = [one["job_id"] for one in page["jobs"]]
        while page["next"]:
            page = client.get("/jobs", campaign="pages", limit="3", before=page["next"])
            seen += [one["job_id"] for one in page["jobs"]]
        assert sorted(seen) == sorted(made)
        assert len(seen) == len(set(seen)) == 7
        assert list(client.jobs(campaign="pages", state="running")) == []


def test_a_dry_run_writes_nothing_down(server: Running) -> None:
    question = {"at": "2026-03-10T23:00:00-05:00", "zones": ["America/Chicago"], "facts": FACTS}
    with server.client() as client:
        before = len(client.get("/attempts")["attempts"])
        answer = client.decide(question)
        assert answer["outcome"] == "deny"
        assert answer["next_allowed"] == "2026-03-11T13:00:00Z"
        assert answer["facts"]["clock.time"] == "23:00:00"
        allowed = client.decide({**question, "at": answer["next_allowed"]})
        assert allowed["outcome"] == "allow"
        assert len(client.get("/attempts")["attempts"]) == before


def test_a_dry_run_knows_who_is_suppressed(server: Running) -> None:
    question = {"at": "2026-03-10T14:00:00-05:00", "zones": ["America/Chicago"], "facts": FACTS}
    with server.client() as client:
        client.suppress("account", "account-1009", "dispute")
        asked = {**question, "parties": parties_json(people(1009))}
        assert client.decide({**question, "parties": parties_json(people(1010))})["outcome"] == "allow"
        assert client.decide(asked)["outcome"] == "deny"


def test_a_dead_letter_is_told_to_the_host(new_server: Callable[..., Running]) -> None:
    running = new_server().start("--workers", "1")
    with running.client() as client:
        client.enqueue(job(1, "dead", zone_by_day(), retry={"tries": 1}))
        lease = leased(client, "dead")
        assert client.failure(lease.job, lease.token, "the line is down") == "dead_letter"
    kinds = [(one.kind, one.subject) for one in running.store.outbox.take()]
    assert ("job.dead_letter", lease.job) in kinds
