"""What intent documents say besides patterns and examples: their own tests, and the floor under them."""

from pathlib import Path, PurePosixPath

from engine.bundle import CompiledBundle
from engine.compiler import compile_bundle
from engine.source.read import read_texts

SMALL = Path(__file__).parents[2] / "data" / "small"
INTENTS = PurePosixPath("flows/intents.en-US.yaml")


def compiled(old: str, new: str) -> CompiledBundle:
    """Return the small bundle, compiled after one edit of its intents."""
    files = {PurePosixPath(p.relative_to(SMALL).as_posix()): p.read_text("utf-8") for p in SMALL.rglob("*.yaml")}
    assert old in files[INTENTS]
    files[INTENTS] = files[INTENTS].replace(old, new, 1)
    return compile_bundle(read_texts(files)).need()


def test_tests_are_read_and_nothing_is_trained_on_them() -> None:
    before = {s.id: s for s in compiled("intents:\n", "intents:\n").intents["en-US"]}
    added = "intents:\n  hold_on: {examples: ['hold on', 'one moment'], tests: ['just a second', 'wait']}\n"
    after = {s.id: s for s in compiled("intents:\n", added).intents["en-US"]}
    assert after["hold_on"].tests == ("just a second", "wait")
    assert after["hold_on"].examples == ("hold on", "one moment")
    assert all(after[name].tests == before[name].tests for name in before)


def test_a_floor_is_read_by_locale() -> None:
    assert compiled("intents:\n", "intents:\n").floors == {}
    assert compiled("intents:\n", "protected_floor: 0.97\nintents:\n").floors == {"en-US": 0.97}
