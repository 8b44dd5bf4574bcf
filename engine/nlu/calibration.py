"""Honest confidence: one temperature, found by cross-validation on the examples alone (Guo et al. 2017)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.nlu.linear import Floats, softmax, train

FOLDS = 5
PASSES = 5  # are enough to know how sure the model is
_GRID = tuple(round(0.04 * 1.12**i, 4) for i in range(30))


def temperature(sentences: Sequence[Sequence[str]], targets: NDArray[np.int8], labels: tuple[str, ...]) -> float:
    """Return the temperature under which held-out examples are likeliest.

    Args:
        sentences: The examples.
        targets: As for :func:`engine.nlu.linear.train`; rows without a positive label are trained on, never held out.
        labels: The names of the columns.
    """
    positive = np.flatnonzero((targets == 1).any(axis=1))
    if len(positive) < 2 * FOLDS:
        return 0.2
    scores: list[Floats] = []
    truth: list[int] = []
    for fold in range(FOLDS):
        held = set(positive[fold::FOLDS].tolist())
        kept = [i for i in range(len(sentences)) if i not in held]
        model = train([sentences[i] for i in kept], targets[kept], labels, PASSES)
        for i in sorted(held):
            scores.append(model.scores(model.space.vector(sentences[i])))
            truth.append(int(np.argmax(targets[i])))
    table, right = np.stack(scores), np.array(truth)
    return min(_GRID, key=lambda t: (_loss(table, right, t), t))


def _loss(scores: Floats, right: NDArray[np.int64], at: float) -> float:
    shares = softmax(scores, at)[np.arange(len(right)), right]
    return round(float(-np.log(np.maximum(shares, 1e-9)).mean()), 6)
