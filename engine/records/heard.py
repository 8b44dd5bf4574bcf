"""How well the callees of kept calls were understood. Scores and names are kept of their words, and nothing else."""

import json
from datetime import datetime

from sqlalchemy import select

from engine.nlu.tally import Heard, Hearing, tally
from engine.records.database import Database
from engine.records.plain import micros
from engine.records.tables import calls, turns

#: Turns looked at, the newest first.
MOST = 100_000


def hearing(database: Database, *, since: datetime | None = None) -> Hearing:
    """Return how the words of calls were understood, from *since* on."""
    wanted = (
        select(turns.c.call, turns.c.intents, turns.c.actions, calls.c.disposition)
        .join(calls, calls.c.id == turns.c.call)
        .where(turns.c.event == "words", turns.c.at >= (0 if since is None else micros(since)))
        .order_by(turns.c.at.desc())
        .limit(MOST)
    )
    with database.reading() as db:
        rows = db.execute(wanted).all()
    return tally(
        Heard(row.call, json.loads(row.intents), json.loads(row.actions), row.disposition or "") for row in rows
    )
