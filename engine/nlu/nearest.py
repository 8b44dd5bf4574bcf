"""How near an utterance is to any example: what is far from all of them is out of scope.

The cosine of TF-IDF features, over an inverted index, so that only the features
of the utterance are touched.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.nlu.linear import Floats, Space, Vector


@dataclass(frozen=True)
class Neighbours:
    """The examples' features by column.

    Args:
        starts: Where each feature's postings begin; one more at the end.
        rows: The examples that have it.
        values: Its value in each, scaled so that a whole example has length one.
        labels: The intent of each example.
    """

    starts: NDArray[np.int64]
    rows: NDArray[np.int64]
    values: Floats
    labels: tuple[str, ...]

    @classmethod
    def of(cls, space: Space, sentences: Sequence[Sequence[str]], labels: tuple[str, ...]) -> "Neighbours":
        """Return the index of *sentences*."""
        at: list[NDArray[np.int64]] = []
        rows: list[NDArray[np.int64]] = []
        values: list[Floats] = []
        for row, sentence in enumerate(sentences):
            features, weights = _unit(space.vector(sentence))
            at.append(features)
            rows.append(np.full(len(features), row, np.int64))
            values.append(weights)
        columns = np.concatenate(at) if at else np.zeros(0, np.int64)
        order = np.argsort(columns, kind="stable")
        starts = np.searchsorted(columns[order], np.arange(len(space.index) + 1)).astype(np.int64)
        return cls(starts, np.concatenate(rows)[order], np.concatenate(values)[order], labels)

    def similarities(self, vector: Vector) -> NDArray[np.float64]:
        """Return the cosine of a vector with each example."""
        features, weights = _unit(vector)
        sizes = self.starts[features + 1] - self.starts[features]
        total = int(sizes.sum())
        if not total:
            return np.zeros(len(self.labels))
        ends = np.cumsum(sizes)
        places = np.arange(total) - np.repeat(ends - sizes, sizes) + np.repeat(self.starts[features], sizes)
        products = self.values[places].astype(np.float64) * np.repeat(weights, sizes)
        return np.asarray(np.bincount(self.rows[places], products, minlength=len(self.labels)), np.float64)


def _unit(vector: Vector) -> Vector:
    """Return *vector* without its bias, at length one."""
    features, weights = vector[0][:-1], vector[1][:-1]
    length = float(np.sqrt(weights @ weights)) if len(weights) else 0.0
    return features, (weights / np.float32(length) if length else weights)
