"""How well the callees of kept calls were understood. Scores and names are kept of their words, and nothing else."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engine.records.database import Database
from engine.records.plain import micros
from engine.records.tables import calls, turns

#: A best score under this is a low one.
LOW = 0.6
#: Turns looked at, the newest first.
MOST = 100_000


@dataclass(frozen=True, slots=True)
class Intent:
    """One intent as it was heard.

    Args:
        intent: Its name.
        heard: Turns in which it was the best reading.
        accepted: Turns in which it was acted on.
        low: Turns in which it was the best reading with a low score.
        actions: What the agent did in the turns in which it was acted on.
    """

    intent: str
    heard: int
    accepted: int
    low: int
    actions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Hearing:
    """What was understood.

    Args:
        turns: Turns with words.
        not_understood: Turns in which no intent was acted on.
        histogram: Turns by the best score, in ten equal steps from 0 to 1.
        intents: The most often heard first.
        outcomes: How the calls of these turns ended.
    """

    turns: int
    not_understood: int
    histogram: tuple[int, ...]
    intents: tuple[Intent, ...]
    outcomes: Mapping[str, int]


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
    best: Counter[str] = Counter()
    low: Counter[str] = Counter()
    accepted: Counter[str] = Counter()
    bins: Counter[int] = Counter()
    done: dict[str, Counter[str]] = {}
    missed = 0
    for row in rows:
        readings = json.loads(row.intents)
        acted_on = [intent for intent, _, acted in readings if acted]
        missed += not acted_on
        accepted.update(acted_on)
        if readings:
            intent, score, _ = readings[0]
            best[intent] += 1
            low[intent] += score < LOW
            bins[min(9, int(score * 10))] += 1
        for intent in acted_on:
            done.setdefault(intent, Counter()).update(json.loads(row.actions) or ["says_only"])
    names = sorted(best | accepted, key=lambda name: (-best[name], name))
    return Hearing(
        turns=len(rows),
        not_understood=missed,
        histogram=tuple(bins[step] for step in range(10)),
        intents=tuple(Intent(n, best[n], accepted[n], low[n], dict(done.get(n, {}))) for n in names),
        outcomes=dict(Counter({row.call: row.disposition or "going_on" for row in rows}.values()).most_common()),
    )
