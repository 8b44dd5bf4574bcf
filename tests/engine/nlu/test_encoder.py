"""The optional encoder hears more, and the rules above it hold as they do without it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.bundle import CompiledBundle, IntentSpec
from engine.nlu.encoder import Encoder, NoEncoder, encoder_named
from engine.nlu.evaluate import evaluate
from engine.nlu.recogniser import Recogniser
from engine.nlu.training import train_locale
from tests.engine.nlu.conftest import AT, SLOTS, listening, under
from tests.engine.nlu.generator import PROTECTED, utterances

FEW = (
    IntentSpec("refuse", (), ("I won't pay", "I refuse to pay that", "no way am I paying", "you get nothing")),
    IntentSpec("repeat", (), ("say that again", "can you repeat that", "what did you say", "come again")),
    IntentSpec("hold_on", (), ("hold on", "wait a minute", "one second", "just a moment", "hang on a second")),
)


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """Return the encoder of the extra."""
    found = encoder_named("use")
    assert found is not None
    return found


@pytest.fixture(scope="session")
def hearing(shipped: CompiledBundle, encoder: Encoder) -> Recogniser:
    """Return a recogniser of the shipped English that hears with the encoder."""
    english = {"en-US": shipped.intents["en-US"]}
    return Recogniser.train(english, SLOTS, shipped.vocabulary.protected, encoder=encoder)


def test_training_twice_gives_the_same_bytes_and_they_are_kept(encoder: Encoder, tmp_path: Path) -> None:
    fresh, again, kept = (train_locale("en-US", FEW, folder, encoder) for folder in (None, tmp_path, tmp_path))
    assert fresh.meaning is not None
    assert again.meaning is not None
    assert kept.meaning is not None
    assert fresh.meaning.weights.tobytes() == again.meaning.weights.tobytes() == kept.meaning.weights.tobytes()
    assert fresh.meaning.share == kept.meaning.share
    assert fresh.temperature == kept.temperature
    assert len(list(tmp_path.iterdir())) == 2
    assert train_locale("en-US", FEW, tmp_path).meaning is None


def test_what_shares_no_word_is_told_apart(encoder: Encoder) -> None:
    trained = train_locale("en-US", FEW, None, encoder)
    for text, intent in (("would you mind saying it once more", "repeat"), ("not a cent will you see", "refuse")):
        words = text.split()
        scored = trained.scores(words, trained.model.space.vector(words))
        assert trained.model.labels[int(np.argmax(scored))] == intent


def test_no_trap_is_fallen_into(hearing: Recogniser) -> None:
    traps = [(intent, text) for intent, text in under("traps.en.txt") if intent in ("identity_confirmed", "promise")]
    fallen = [t for t in traps[::2] if t[0] in hearing.understand(t[1], "en-US", listening()).accepted]
    assert traps
    assert fallen == []


def test_generated_utterances(hearing: Recogniser) -> None:
    cases = [replace(case, listening=listening()) for case in list(utterances())[::60] if case.locale == "en-US"]
    report = evaluate(hearing, cases, PROTECTED, AT)
    assert [j.case.text for j in report.judged if j.forbidden] == []
    assert report.protected_recall >= 0.99, report.missed_protected
    assert report.recall(["identity_confirmed"]) >= 0.95
    assert report.recall(["promise"]) >= 0.95


def test_an_encoder_that_is_not_known_is_refused() -> None:
    assert encoder_named("") is None
    with pytest.raises(NoEncoder, match="there is no encoder `bert`"):
        encoder_named("bert")
