"""The statistical layer: word and character n-grams under a linear model.

TF-IDF over word 1-2-grams and in-word character 2-5-grams; one L2-loss support
vector machine for each intent, all trained at once by dual coordinate descent
(Hsieh et al. 2008), in numpy alone. The vocabulary is sorted, the order of
training is seeded and the number of passes fixed, so that training twice gives
the same bytes.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Vector = tuple[NDArray[np.int64], Floats]
PASSES = 20
COST = 1.0


def word_features(words: Sequence[str]) -> dict[str, int]:
    """Return the counts of single words and pairs."""
    counts: dict[str, int] = {}
    for a in words:
        key = "w:" + a
        counts[key] = counts.get(key, 0) + 1
    for a, b in pairwise(words):
        key = f"w:{a} {b}"
        counts[key] = counts.get(key, 0) + 1
    return counts


def character_features(words: Sequence[str]) -> dict[str, int]:
    """Return the counts of character runs of 2 to 5 within words and their edges."""
    counts: dict[str, int] = {}
    for word in words:
        padded = f" {word} "
        for size in range(2, 6):
            if size >= len(padded):
                counts[padded] = counts.get(padded, 0) + 1
                break
            for i in range(len(padded) - size + 1):
                run = padded[i : i + size]
                counts[run] = counts.get(run, 0) + 1
    return counts


@dataclass(frozen=True)
class Space:
    """What is counted, in sorted order, and how much each weighs."""

    index: dict[str, int]
    weight: tuple[float, ...]
    _runs: dict[str, tuple[tuple[int, int], ...]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, sentences: Sequence[Sequence[str]]) -> "Space":
        """Return the space of *sentences*, each a sequence of words."""
        seen: dict[str, int] = {}
        for words in sentences:
            for block in (word_features(words), character_features(words)):
                for key in block:
                    seen[key] = seen.get(key, 0) + 1
        keys = sorted(seen)
        n = len(sentences)
        return cls(
            {k: i for i, k in enumerate(keys)}, tuple(math.log((1 + n) / (1 + seen[k])) + 1 for k in keys)
        )

    def vector(self, words: Sequence[str]) -> Vector:
        """Return the features of *words* and their values; the last one is the bias."""
        at: list[int] = []
        values: list[float] = []
        for block in (self._words(words), self._characters(words)):
            part: list[float] = []
            square = 0.0
            for i, count in block.items():
                x = (1 + math.log(count)) * self.weight[i] if count > 1 else self.weight[i]
                part.append(x)
                square += x * x
            if square:
                scale = 1 / math.sqrt(square)
                at += block
                values += [x * scale for x in part]
        at.append(len(self.index))
        values.append(1.0)
        return np.array(at, np.int64), np.array(values, np.float32)

    def _words(self, words: Sequence[str]) -> dict[int, int]:
        return {self.index[key]: count for key, count in word_features(words).items() if key in self.index}

    def _characters(self, words: Sequence[str]) -> dict[int, int]:
        """Return the counts of character runs that are known. Those of words in the examples are counted once."""
        counts: dict[int, int] = {}
        for word in words:
            runs = self._runs.get(word)
            if runs is None:
                found = character_features((word,)).items()
                runs = tuple((self.index[key], count) for key, count in found if key in self.index)
                if "w:" + word in self.index:
                    self._runs[word] = runs
            for i, count in runs:
                counts[i] = counts.get(i, 0) + count
        return counts


@dataclass(frozen=True)
class Linear:
    """A trained model: ``weights`` has a row for each feature (the last is the bias) and a column for each label."""

    space: Space
    labels: tuple[str, ...]
    weights: Floats

    def scores(self, vector: Vector) -> Floats:
        """Return the raw score of each label."""
        at, values = vector
        result: Floats = values @ self.weights[at]
        return result


def train(
    sentences: Sequence[Sequence[str]], targets: NDArray[np.int8], labels: tuple[str, ...], passes: int = PASSES
) -> Linear:
    """Return the model of *sentences*.

    Args:
        sentences: The examples, each a sequence of words.
        targets: A row for each example, a column for each label: 1 it is, -1 it is not, 0 says nothing.
        labels: The names of the columns.
        passes: How often the examples are gone through, at most.
    """
    space = Space.of(sentences)
    return Linear(space, labels, fit([space.vector(s) for s in sentences], len(space.index) + 1, targets, passes))


def fit(rows: Sequence[Vector], size: int, targets: NDArray[np.int8], passes: int = PASSES) -> Floats:
    """Return the weights, a row for each feature and a column for each label, that tell *rows* apart.

    Args:
        rows: The features of each example and their values, the last of which is the bias.
        size: How many features there are.
        targets: As for :func:`train`.
        passes: How often the examples are gone through, at most.
    """
    weights = np.zeros((size, targets.shape[1]), np.float32)
    alphas = np.zeros((len(rows), targets.shape[1]), np.float32)
    signs = targets.astype(np.float32)
    ridge = np.float32(1 / (2 * COST))
    diagonal = [np.float32(float(v @ v) + float(ridge)) for _, v in rows]
    order = np.random.default_rng(0)
    for _ in range(passes):
        largest = 0.0
        for i in order.permutation(len(rows)):
            at, values = rows[i]
            part = weights[at]
            gradient = signs[i] * (values @ part) - 1 + alphas[i] * ridge
            moved = np.maximum(alphas[i] - gradient / diagonal[i], 0) * np.abs(signs[i])
            change = moved - alphas[i]
            step = float(np.abs(change).max(initial=0.0))
            if step > 1e-7:
                alphas[i] = moved
                weights[at] = part + np.outer(values, change * signs[i])
                largest = max(largest, step)
        if largest < 1e-3:
            break
    return weights


def softmax(scores: Floats, temperature: float) -> Floats:
    """Return *scores* as shares of one, sharpened by a small *temperature*."""
    x = scores / np.float32(temperature)
    x = np.exp(x - x.max(axis=-1, keepdims=True))
    result: Floats = x / x.sum(axis=-1, keepdims=True)
    return result
