"""How well a recogniser does on labelled utterances: recall, precision, confusions, calibration."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import ArrayLike

from engine.nlu.reading import Listening, Understanding
from engine.nlu.recogniser import Recogniser

BINS = 15


@dataclass(frozen=True, slots=True)
class Labelled:
    """An utterance, the intents that must be accepted, and those that must not."""

    text: str
    locale: str
    means: frozenset[str]
    never: frozenset[str] = frozenset()
    listening: Listening | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled utterance and what was made of it."""

    case: Labelled
    understanding: Understanding

    @property
    def missed(self) -> frozenset[str]:
        """Return what was meant and not accepted."""
        return self.case.means - set(self.understanding.accepted)

    @property
    def forbidden(self) -> frozenset[str]:
        """Return what must not have been accepted and was."""
        return self.case.never & set(self.understanding.accepted)


@dataclass(frozen=True)
class Report:
    """What came of a set of labelled utterances."""

    judged: tuple[Judged, ...]
    protected: frozenset[str]

    def recall(self, intents: Iterable[str] | None = None) -> float:
        """Return the share of meant *intents* (all of them where None) that were accepted; 1 where none was meant."""
        wanted = None if intents is None else frozenset(intents)
        meant = [(i, j) for j in self.judged for i in j.case.means if wanted is None or i in wanted]
        return sum(1 for i, j in meant if i not in j.missed) / len(meant) if meant else 1.0

    def precision(self, intent: str) -> float:
        """Return the share of acceptances of *intent* that were meant; 1 where there was none."""
        taken = [j for j in self.judged if intent in j.understanding.accepted]
        return sum(1 for j in taken if intent in j.case.means) / len(taken) if taken else 1.0

    @property
    def protected_recall(self) -> float:
        """Return the recall of the protected intents together."""
        return self.recall(self.protected)

    @property
    def missed_protected(self) -> tuple[str, ...]:
        """Return the utterances in which a protected intent was missed."""
        return tuple(j.case.text for j in self.judged if j.missed & self.protected)

    @property
    def confusions(self) -> Mapping[tuple[str, str], int]:
        """Return how often an intent was meant and another, not meant, accepted in its place."""
        return Counter(
            (meant, taken)
            for j in self.judged
            for meant in sorted(j.missed)
            for taken in sorted(set(j.understanding.accepted) - j.case.means)
        )

    @property
    def calibration_error(self) -> float:
        """Return the expected calibration error of the best readings."""
        best = [(j.understanding.readings[0], j.case.means) for j in self.judged if j.understanding.readings]
        return calibration_error([r.score for r, _ in best], [r.intent in means for r, means in best])

    def json(self) -> dict[str, object]:
        """Return the figures as plain data."""
        intents = sorted({i for j in self.judged for i in (*j.case.means, *j.understanding.accepted)})
        return {
            "utterances": len(self.judged),
            "protected_recall": round(self.protected_recall, 4),
            "calibration_error": round(self.calibration_error, 4),
            "intents": {
                i: {"recall": round(self.recall([i]), 4), "precision": round(self.precision(i), 4)} for i in intents
            },
            "confusions": {f"{a} as {b}": n for (a, b), n in sorted(self.confusions.items())},
            "missed_protected": list(self.missed_protected),
        }

    def text(self, baseline: "Report | None" = None) -> str:
        """Return the figures for people, with what changed since *baseline*."""
        before = baseline.json() if baseline else {}
        lines = [f"{len(self.judged)} utterances"]
        for name in ("protected_recall", "calibration_error"):
            now = float(getattr(self, name))
            then = before.get(name)
            delta = f" ({now - then:+.4f})" if isinstance(then, float) else ""
            lines.append(f"{name.replace('_', ' ')}: {now:.4f}{delta}")
        for intent in sorted({i for j in self.judged for i in j.case.means}):
            lines.append(f"  {intent:<22} recall {self.recall([intent]):.4f}  precision {self.precision(intent):.4f}")
        confused = sorted(self.confusions.items(), key=lambda c: (-c[1], c[0]))
        lines += [f"  {a} taken for {b}: {n}" for (a, b), n in confused]
        return "\n".join(lines)


def evaluate(recogniser: Recogniser, cases: Iterable[Labelled], protected: Iterable[str], at: datetime) -> Report:
    """Return what *recogniser* makes of *cases*; one without its own state hears everything, at the local time *at*."""
    return Report(tuple(_judge(recogniser, cases, at)), frozenset(protected))


def _judge(recogniser: Recogniser, cases: Iterable[Labelled], at: datetime) -> Iterator[Judged]:
    for case in cases:
        yield Judged(case, recogniser.understand(case.text, case.locale, case.listening or Listening(at)))


def calibration_error(confidence: ArrayLike, right: ArrayLike) -> float:
    """Return the mean distance between confidence and accuracy over 15 bins (Naeini et al. 2015)."""
    sure, good = np.asarray(confidence, float), np.asarray(right, float)
    if not len(sure):
        return 0.0
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    return float(sum(abs(good[bins == b].sum() - sure[bins == b].sum()) for b in range(BINS)) / len(sure))
