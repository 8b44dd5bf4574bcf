"""How well words are understood: counts over utterances whose intents are known."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.nlu.reading import Understanding

BINS = 10
"""How many equal bins of score the calibration error is taken over."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One utterance: what ought to be accepted, and what was understood."""

    where: str
    text: str
    wanted: frozenset[str]
    understood: Understanding

    @property
    def accepted(self) -> frozenset[str]:
        """Return the intents that the engine acts on."""
        return frozenset(self.understood.accepted)

    @property
    def right(self) -> bool:
        """Whether exactly the wanted intents are accepted."""
        return self.accepted == self.wanted


@dataclass(frozen=True, slots=True)
class Score:
    """How one intent fares. ``precision`` and ``recall`` are None where there is nothing to divide by."""

    intent: str
    wanted: int
    accepted: int
    both: int

    @property
    def precision(self) -> float | None:
        """Return how many of the accepted were wanted."""
        return self.both / self.accepted if self.accepted else None

    @property
    def recall(self) -> float | None:
        """Return how many of the wanted were accepted."""
        return self.both / self.wanted if self.wanted else None


def scores(judged: Sequence[Judged]) -> tuple[Score, ...]:
    """Return each intent's score, by name."""
    wanted = Counter(intent for one in judged for intent in one.wanted)
    accepted = Counter(intent for one in judged for intent in one.accepted)
    both = Counter(intent for one in judged for intent in one.wanted & one.accepted)
    return tuple(Score(name, wanted[name], accepted[name], both[name]) for name in sorted(wanted | accepted))


def recall(judged: Iterable[Judged], intents: Iterable[str]) -> float | None:
    """Return the recall over all of *intents* together; None where none of them is wanted."""
    among = frozenset(intents)
    wanted = [(one, intent) for one in judged for intent in one.wanted & among]
    return sum(intent in one.accepted for one, intent in wanted) / len(wanted) if wanted else None


def confusions(judged: Iterable[Judged]) -> tuple[tuple[str, str, int], ...]:
    """Return (what was wanted or '', what was accepted instead or '', how often), the most frequent first."""
    pairs: Counter[tuple[str, str]] = Counter()
    for one in judged:
        missed, extra = sorted(one.wanted - one.accepted), sorted(one.accepted - one.wanted)
        pairs.update((m, e) for m in missed or [""] for e in extra or [""] if m or e)
    return tuple((m, e, count) for (m, e), count in sorted(pairs.items(), key=lambda item: (-item[1], item[0])))


def calibration_error(judged: Iterable[Judged]) -> float | None:
    """Return the expected calibration error of the best reading of each utterance.

    The best reading's score stands for the chance that it is wanted; over ten equal bins of score, the
    mean gap between score and truth, weighted by how many utterances fall in the bin (Guo et al., ICML 2017).
    """
    bins: dict[int, list[tuple[float, bool]]] = {}
    for one in judged:
        if one.understood.readings:
            best = max(one.understood.readings, key=lambda reading: reading.score)
            bins.setdefault(min(BINS - 1, int(best.score * BINS)), []).append((best.score, best.intent in one.wanted))
    total = sum(len(entries) for entries in bins.values())
    gaps = (abs(sum(score - right for score, right in entries)) for entries in bins.values())
    return sum(gaps) / total if total else None


def summary(judged: Sequence[Judged], protected: Sequence[str]) -> dict[str, object]:
    """Return everything measured, as plain data."""
    return {
        "utterances": len(judged),
        "exactly_right": sum(one.right for one in judged) / len(judged) if judged else None,
        "protected_recall": recall(judged, protected),
        "calibration_error": calibration_error(judged),
        "intents": {
            s.intent: {"wanted": s.wanted, "accepted": s.accepted, "precision": s.precision, "recall": s.recall}
            for s in scores(judged)
        },
        "confusions": [{"wanted": m, "accepted": e, "times": n} for m, e, n in confusions(judged)],
    }


def falls(now: Mapping[str, object], before: Mapping[str, object], protected: Iterable[str]) -> tuple[str, ...]:
    """Return the protected intents whose recall is lower *now* than *before*; `all` is all of them together."""
    fallen = ["all"] if _less(now.get("protected_recall"), before.get("protected_recall")) else []
    for intent in protected:
        if _less(recall_of(now, intent), recall_of(before, intent)):
            fallen.append(intent)
    return tuple(fallen)


def recall_of(measured: Mapping[str, object], intent: str) -> object:
    """Return an intent's recall in a :func:`summary`, or None."""
    intents = measured.get("intents")
    entry = intents.get(intent) if isinstance(intents, Mapping) else None
    return entry.get("recall") if isinstance(entry, Mapping) else None


def _less(now: object, before: object) -> bool:
    if not isinstance(before, int | float):
        return False
    return not isinstance(now, int | float) or now < before - 1e-9
