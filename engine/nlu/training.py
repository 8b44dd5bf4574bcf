"""From intents to what the recogniser holds of one locale."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.bundle import IntentSpec
from engine.nlu.cache import digest, load, save
from engine.nlu.calibration import temperature
from engine.nlu.context import Compiled
from engine.nlu.encoder import Encoder, Meaning, train_meaning
from engine.nlu.language import Language
from engine.nlu.languages import language_of
from engine.nlu.linear import Floats, Linear, Space, Vector, train
from engine.nlu.names import NAME
from engine.nlu.nearest import Neighbours
from engine.nlu.patterns import Patterns
from engine.nlu.polarity import Answers
from engine.nlu.words import read

SELDOM, MOSTLY = 0.25, 0.85  # shares of examples that deny
_MARK = re.compile(r"\[([^\]]*)\]\(([^)]*)\)")


@dataclass(frozen=True)
class Trained:
    """One locale, trained.

    Args:
        language: Its small words.
        cues: They, compiled.
        answers: Yes and no.
        patterns: Every intent's patterns.
        model: The statistical layer.
        temperature: What makes its scores honest shares.
        neighbours: The examples, by likeness.
        rows: The examples of each intent, as rows of ``neighbours``.
        against: The counter-examples of each intent, as rows.
        never: Counter-examples, each with the intents it is one of.
        denials: Whether utterances of an intent may deny, and whether they may not, going by its examples.
        vocabulary: Every word of an example.
        labelled: The slots marked in each intent's examples.
        meaning: The layer of an encoder, where there is one.
    """

    language: Language
    cues: Compiled
    answers: Answers
    patterns: Patterns
    model: Linear
    temperature: float
    neighbours: Neighbours
    rows: Mapping[str, NDArray[np.int64]]
    against: Mapping[str, NDArray[np.int64]]
    never: Mapping[tuple[str, ...], frozenset[str]]
    denials: Mapping[str, frozenset[bool]]
    vocabulary: frozenset[str]
    labelled: Mapping[str, frozenset[str]]
    meaning: Meaning | None = None

    def scores(self, words: Sequence[str], vector: Vector) -> Floats:
        """Return the raw score of each label for *words*, whose features are *vector*."""
        raw = self.model.scores(vector)
        return self.meaning.mixed(raw, " ".join(words)) if self.meaning else raw


def train_locale(
    locale: str, specs: Sequence[IntentSpec], folder: Path | None, encoder: Encoder | None = None
) -> Trained:
    """Return what *specs* teach of *locale*, and *encoder* with them.

    Raises:
        ValueError: A pattern is not in RE2's syntax.
        LookupError: The locale's language is not known.
    """
    language = language_of(locale)
    ordered = sorted(specs, key=lambda s: s.id)
    labels = tuple(s.id for s in ordered)
    sentences, targets = _examples(ordered, language)
    model, sharpness = _model(sentences, targets, labels, folder)
    meaning = None
    if encoder is not None:
        meaning, sharpness = _meaning(sentences, targets, labels, folder, encoder)
    cues = Compiled.of(language.cues)
    owners = tuple(labels[int(np.argmax(row))] if (row == 1).any() else "" for row in targets)
    own = {i: np.flatnonzero([o == i for o in owners]) for i in labels}
    return Trained(
        language,
        cues,
        Answers.of(language),
        Patterns(((s.id, p) for s in ordered for p in s.patterns), language),
        model,
        sharpness,
        Neighbours.of(model.space, sentences, owners),
        own,
        {i: np.flatnonzero((targets[:, c] == -1) & (targets == 0).any(axis=1)) for c, i in enumerate(labels)},
        _never(ordered, language),
        {i: _denials([sentences[r] for r in rows], cues) for i, rows in own.items()},
        frozenset(w for s in sentences for w in s) | language.common_words,
        {s.id: frozenset(m[1] for e in s.examples for m in _MARK.findall(e)) for s in ordered},
        meaning,
    )


def _examples(specs: Sequence[IntentSpec], language: Language) -> tuple[list[tuple[str, ...]], NDArray[np.int8]]:
    """Return the words of every example and its targets: a counter-example speaks of its own intent alone."""
    sentences: list[tuple[str, ...]] = []
    rows: list[NDArray[np.int8]] = []
    for column, spec in enumerate(specs):
        for example, mine, other in (
            *((e, 1, -1) for e in spec.examples),
            *((e, -1, 0) for e in spec.counter_examples),
        ):
            sentences.append(read(_unmarked(example), language).texts)
            row = np.full(len(specs), other, np.int8)
            row[column] = mine
            rows.append(row)
    return sentences, np.array(rows, np.int8).reshape(len(rows), len(specs))


def _never(specs: Sequence[IntentSpec], language: Language) -> dict[tuple[str, ...], frozenset[str]]:
    found: dict[tuple[str, ...], set[str]] = {}
    for spec in specs:
        for example in spec.counter_examples:
            found.setdefault(read(_unmarked(example), language).texts, set()).add(spec.id)
    return {words: frozenset(intents) for words, intents in found.items()}


def _model(
    sentences: Sequence[Sequence[str]], targets: NDArray[np.int8], labels: tuple[str, ...], folder: Path | None
) -> tuple[Linear, float]:
    name = digest(sentences, targets, labels)
    space = Space.of(sentences)
    kept = load(folder, name)
    if kept is None or kept[0].shape != (len(space.index) + 1, len(labels)):
        kept = train(sentences, targets, labels).weights, 1.0, temperature(sentences, targets, labels)
        save(folder, name, *kept)
    return Linear(space, labels, kept[0]), kept[2]


def _meaning(
    sentences: Sequence[Sequence[str]],
    targets: NDArray[np.int8],
    labels: tuple[str, ...],
    folder: Path | None,
    encoder: Encoder,
) -> tuple[Meaning, float]:
    name = digest(sentences, targets, labels, encoder.name)
    kept = load(folder, name)
    if kept is None:
        kept = train_meaning(sentences, targets, labels, encoder)
        save(folder, name, *kept)
    return Meaning(encoder, kept[0], kept[1]), kept[2]


def _denials(own: Sequence[tuple[str, ...]], cues: Compiled) -> frozenset[bool]:
    share = sum(1 for words in own if cues.negation.search(" ".join(words))) / max(1, len(own))
    return frozenset({True} if share >= SELDOM else set()) | frozenset({False} if share < MOSTLY else set())


def _unmarked(example: str) -> str:
    """Return an example's words; a name of the party becomes the word that stands for it."""
    return _MARK.sub(lambda m: NAME if m[2].startswith("party.") else m[1], example)
