"""Training is deterministic, and what it took is kept."""

import re
from pathlib import Path

import numpy as np
import pytest

from engine.bundle import CompiledBundle, IntentSpec
from engine.nlu.evaluate import Labelled, evaluate
from engine.nlu.recogniser import Recogniser
from engine.nlu.training import train_locale
from tests.engine.nlu.conftest import AT, SLOTS, listening

FEW = (
    IntentSpec(
        "refuse", ("\\bno way\\b",), ("I won't pay", "I refuse to pay that", "no way am I paying"), ("I can pay",)
    ),
    IntentSpec("repeat", (), ("say that again", "can you repeat that", "what did you say", "come again")),
    IntentSpec("hold_on", (), ("hold on", "wait a minute", "one second", "just a moment", "hang on a second")),
)


def test_training_twice_gives_the_same_bytes() -> None:
    first, second = (train_locale("en-US", FEW, None) for _ in range(2))
    assert first.model.weights.tobytes() == second.model.weights.tobytes()
    assert first.temperature == second.temperature


def test_the_order_of_intents_does_not_matter() -> None:
    forward, backward = train_locale("en-US", FEW, None), train_locale("en-US", FEW[::-1], None)
    assert forward.model.weights.tobytes() == backward.model.weights.tobytes()


def test_trained_arrays_are_kept_by_their_content(tmp_path: Path) -> None:
    fresh = train_locale("en-US", FEW, tmp_path)
    (kept,) = tmp_path.iterdir()
    assert train_locale("en-US", FEW, tmp_path).model.weights.tobytes() == fresh.model.weights.tobytes()
    train_locale("en-US", FEW[:2], tmp_path)
    assert len(list(tmp_path.iterdir())) == 2
    kept.write_bytes(b"half a file")
    assert np.array_equal(train_locale("en-US", FEW, tmp_path).model.weights, fresh.model.weights)


def test_a_broken_pattern_is_named() -> None:
    with pytest.raises(ValueError, match=re.escape("pattern `(` of `bad`")):
        Recogniser.train({"en-US": (IntentSpec("bad", ("(",), ("one", "two")),)}, {}, ())


def test_a_language_without_words_is_refused() -> None:
    with pytest.raises(LookupError, match="fr-CA"):
        Recogniser.train({"fr-CA": FEW}, {}, ())


def test_intents_have_enough_examples(shipped: CompiledBundle) -> None:
    few = {(loc, s.id) for loc, specs in shipped.intents.items() for s in specs if len(s.examples) < 25}
    assert not few


def test_a_report_tells_what_was_missed(shipped: CompiledBundle) -> None:
    ear = Recogniser.train({"en-US": FEW}, SLOTS, ("refuse",))
    cases = [
        Labelled("no way", "en-US", frozenset({"refuse"}), listening=listening()),
        Labelled("the weather is fine", "en-US", frozenset({"refuse"})),
    ]
    report = evaluate(ear, cases, ["refuse"], AT)
    assert report.protected_recall == 0.5
    assert report.missed_protected == ("the weather is fine",)
    assert "protected recall: 0.5000 (+0.0000)" in report.text(report)
    assert report.json()["utterances"] == 2
