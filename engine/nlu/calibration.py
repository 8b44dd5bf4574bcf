"""Honest confidence: one temperature, found by cross-validation on the examples alone (Guo et al. 2017)."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.nlu.linear import Floats, softmax, train

FOLDS = 5
PASSES = 5  # are enough to know how sure the model is
UNKNOWN = 0.2  # the temperature where there are too few examples to tell
_GRID = tuple(round(0.04 * 1.12**i, 4) for i in range(30))
_SHARES = tuple(i / 20 for i in range(8, 17))

Scorer = Callable[[Sequence[int], Sequence[int]], Floats]
"""Gives the scores of the examples held out (second) by a model of those kept (first)."""


def temperature(sentences: Sequence[Sequence[str]], targets: NDArray[np.int8], labels: tuple[str, ...]) -> float:
    """Return the temperature under which held-out examples are likeliest.

    Args:
        sentences: The examples.
        targets: As for :func:`engine.nlu.linear.train`; rows without a positive label are trained on, never held out.
        labels: The names of the columns.
    """
    scores, right = held_out(targets, by_words(sentences, targets, labels))
    if not len(right):
        return UNKNOWN
    return min(_GRID, key=lambda t: (_loss(scores, right, t), t))


def mixture(words: Floats, meaning: Floats, right: NDArray[np.int64]) -> tuple[float, float]:
    """Return the share of *meaning* in the sum of two tables of held-out scores, and the temperature of the sum."""
    if not len(right):
        return 0.5, UNKNOWN
    tried = ((_loss((1 - s) * words + s * meaning, right, t), s, t) for s in _SHARES for t in _GRID)
    _, share, sharpness = min(tried)
    return share, sharpness


def held_out(targets: NDArray[np.int8], score: Scorer) -> tuple[Floats, NDArray[np.int64]]:
    """Return the scores of every positive example by a model that has not seen it, and the column of its label."""
    positive = np.flatnonzero((targets == 1).any(axis=1))
    if len(positive) < 2 * FOLDS:
        return np.zeros((0, targets.shape[1]), np.float32), np.zeros(0, np.int64)
    scores: list[Floats] = []
    truth: list[int] = []
    for fold in range(FOLDS):
        held = positive[fold::FOLDS].tolist()
        within = set(held)
        scores.append(score([i for i in range(len(targets)) if i not in within], held))
        truth += [int(np.argmax(targets[i])) for i in held]
    return np.concatenate(scores), np.array(truth)


def by_words(sentences: Sequence[Sequence[str]], targets: NDArray[np.int8], labels: tuple[str, ...]) -> Scorer:
    """Return what scores with the model of words, after a few passes."""

    def score(kept: Sequence[int], held: Sequence[int]) -> Floats:
        model = train([sentences[i] for i in kept], targets[list(kept)], labels, PASSES)
        return np.stack([model.scores(model.space.vector(sentences[i])) for i in held])

    return score


def _loss(scores: Floats, right: NDArray[np.int64], at: float) -> float:
    shares = softmax(scores, at)[np.arange(len(right)), right]
    return round(float(-np.log(np.maximum(shares, 1e-9)).mean()), 6)
