"""The statement that leases jobs.

One statement is one transaction. It does two things: jobs whose worker was lost
after the gate had allowed the call go to ``review``; of the due jobs (waiting, or leased with a
lease that ran out) it leases the most urgent whose account has no live lease. One that comes back with more
tries than it has is spent: whoever leased it makes it a dead letter, and if that one is lost the next will.

A job's ``ready`` is the moment from which it may be taken: its due time, its
next try, or the end of its lease. One partial index on priority and ``ready`` therefore
serves every case, and another, by campaign too, a worker of one campaign; their size is the number of jobs that wait,
not of those that ended. Each priority is looked
up by itself, so urgent jobs that are due next week are not walked over today.

An account's live lease is looked for as a value, at most one by the unique index: PostgreSQL would turn
``NOT EXISTS`` into a walk over all live leases. A call's end names the state as a parameter, so that the job is found
by its id and not among all that run.

PostgreSQL skips rows that another worker is taking (``SKIP LOCKED``); SQLite has one writer.
"""

from sqlalchemy import TextClause, text

from engine.records.database import Alone
from engine.records.job import PRIORITIES

LOST = "its worker was lost while it may have been on the line"
SPENT = "every try was used up"

_VALUES = ", ".join(f"({priority})" for priority in PRIORITIES)

_DUE = """
    j.state IN ('queued', 'waiting_retry', 'leased') AND {wanted} AND j.ready <= {clock}
    AND (j.state = 'leased' OR (
        SELECT other.id FROM jobs AS other
        WHERE other.account_key = j.account_key AND other.state IN ('leased', 'running')) IS NULL)
"""

_TAKE = """
    state = 'leased', reason = '', token = :token, tries = jobs.tries + 1,
    worker = :worker, ready = {clock} + :length, deadline = {clock} + :longest, updated = {clock}
"""

_BACK = "jobs.id, tries, most_tries, ready, campaign, payload"

SWEEP = "UPDATE jobs SET state = 'review', reason = :lost, token = NULL, updated = {clock} WHERE "


def postgres_lease(clock: str, campaign: bool) -> Alone:
    """Return the statement for PostgreSQL, which leases up to ``:most`` jobs of as many accounts."""
    return Alone(
        _filled(
            f"""
            WITH swept AS (
                {SWEEP} id IN (
                    SELECT id FROM jobs WHERE state = 'running' AND ready <= {{clock}} FOR UPDATE SKIP LOCKED)
            ), due AS (
                SELECT next.id, next.account_key, p.priority, next.ready FROM (VALUES {_VALUES}) AS p (priority)
                CROSS JOIN LATERAL (
                    SELECT j.id, j.account_key, j.ready FROM jobs AS j WHERE j.priority = p.priority AND {_DUE}
                    ORDER BY j.ready, j.id LIMIT :most FOR UPDATE SKIP LOCKED) AS next
                LIMIT :most
            ), firsts AS (
                SELECT DISTINCT ON (account_key) id FROM due ORDER BY account_key, priority DESC, ready, id
            )
            UPDATE jobs SET {_TAKE} FROM firsts WHERE jobs.id = firsts.id RETURNING {_BACK}
            """,
            clock,
            campaign,
        )
    )


def sqlite_sweep(clock: str) -> TextClause:
    """Return SQLite's first half: lost calls go to review."""
    return text(_filled(f"{SWEEP} state = 'running' AND ready <= {{clock}}", clock, False))


def sqlite_lease(clock: str, campaign: bool) -> TextClause:
    """Return SQLite's second half, which leases one job."""
    return text(
        _filled(
            f"""
            UPDATE jobs SET {_TAKE} WHERE id = (
                SELECT (SELECT j.id FROM jobs AS j WHERE j.priority = p.column1 AND {_DUE}
                        ORDER BY j.ready, j.id LIMIT 1) AS found
                FROM (VALUES {_VALUES}) AS p WHERE found IS NOT NULL LIMIT 1)
            RETURNING {_BACK.replace("jobs.", "")}
            """,
            clock,
            campaign,
        )
    )


def success(clock: str) -> Alone:
    """Return the statement that ends a call that was conducted, if its lease still holds."""
    return Alone(f"{_OVER.format(clock=clock)}, reason = :reason WHERE id = :job AND {_HELD.format(clock=clock)}")


def successes(clock: str, is_postgres: bool) -> Alone:
    """Return the statement that ends several calls of one lease; ``:jobs`` is a list, in JSON for SQLite."""
    among = "ANY(:jobs)" if is_postgres else "(SELECT value FROM json_each(:jobs))"
    within = "=" if is_postgres else "IN"
    return Alone(f"{_OVER.format(clock=clock)} WHERE id {within} {among} AND {_HELD.format(clock=clock)}")


_OVER = "UPDATE jobs SET state = 'succeeded', token = NULL, updated = {clock}"
_HELD = "token = :token AND state = :running AND ready > {clock} RETURNING id"


#: As a parameter ``:unflagged`` rules out the index of all campaigns, over which one campaign's worker would walk.
_OF_CAMPAIGN = "j.campaign = :campaign AND j.flags = :unflagged"


def _filled(template: str, clock: str, campaign: bool) -> str:
    return template.format(clock=clock, wanted=_OF_CAMPAIGN if campaign else "j.flags = ''")
