"""The soak's judge hears a word too early, and the shipped bundle gives it none."""

import random
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.runtime.session import Event
from engine.terms import EventKind
from tools.soak import FACTS, Judge, batch

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 3, 10, 19, tzinfo=UTC)


def test_random_calls_of_the_shipped_bundle_give_nothing_away():
    found = batch(ROOT, seed=random.Random().randrange(10**6), size=250, number=0)
    assert found.wrong == ()
    assert found.talked > 0
    assert found.turns > found.calls


def test_a_greeting_that_tells_is_heard(tmp_path):
    for folder in ("flows", "policies"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    prompts = tmp_path / "policies" / "us" / "prompts.en-US.yaml"
    prompts.write_text(
        prompts.read_text("utf-8").replace("May I speak with", "It is about a debt. May I speak with"), "utf-8"
    )
    found = batch(tmp_path, seed=1, size=60, number=0)
    assert any("debt" in wrong for wrong in found.wrong)


@pytest.mark.parametrize(
    ("slots", "named", "objects"),
    [
        ({"heard.dob": FACTS["party.dob"], "heard.zip": "78701"}, (), False),
        ({"heard.dob": FACTS["party.dob"]}, (), True),
        ({"heard.dob": FACTS["party.dob"], "heard.zip": "10001"}, (), True),
        ({"heard.dob": FACTS["party.dob"], "heard.zip": "78701"}, ("person_change",), True),
    ],
    ids=["two right", "one", "one wrong", "someone else now"],
)
def test_the_judge_counts_identifiers_by_itself(slots, named, objects):
    judge = Judge()
    judge.hear(Event(EventKind.INTENTS, AT, intents=named, slots=slots))
    assert bool(judge.objects_to("You owe $7,413.97.")) is objects
    assert not judge.objects_to("May I speak with Alexandria?")
