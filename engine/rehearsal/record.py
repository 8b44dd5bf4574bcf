"""A replay as JSON. The same replay gives the same bytes."""

import json

from engine.rehearsal.replay import Replay
from engine.runtime.codec import Json, to_json
from engine.source.render import to_json as finding_record


def as_line(value: object) -> str:
    """Return *value* (turns, decisions, sessions and all that they hold) as one line of JSON, keys sorted."""
    return json.dumps(to_json(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def replay_record(replay: Replay) -> Json:
    """Return *replay* as plain data: each event with the turn it led to, each dial with its decision, the verdict."""
    scenario = replay.scenario
    return {
        "scenario": scenario.id,
        "title": scenario.title,
        "path": scenario.path,
        "bundle": replay.bundle,
        "passed": replay.passed,
        "turns": [{"event": to_json(e.event), "turn": to_json(e.turn)} for e in replay.exchanges],
        "dials": [to_json(decision) for _, decision in replay.decisions],
        "failures": [finding_record(finding) for finding in replay.failures],
    }
