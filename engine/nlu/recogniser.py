"""From words to what they may mean: the layers, in order.

Normalise, entities, protected patterns under negation and quotation, polarity,
the statistical layer, the veto table, out of scope. Rules have the last word:
no statistical model is safe on denials.
"""

from collections.abc import Mapping
from functools import lru_cache
from operator import attrgetter
from pathlib import Path

import numpy as np

from engine.bundle import IntentSpec
from engine.nlu.context import context
from engine.nlu.deciding import OUTSIDE, PATTERN, Case, Decision, decide
from engine.nlu.encoder import Encoder
from engine.nlu.entities import IDENTIFIERS, entities
from engine.nlu.linear import softmax
from engine.nlu.names import marked
from engine.nlu.reading import Listening, Reading, SlotValue, Understanding
from engine.nlu.slots import fill
from engine.nlu.training import Trained, train_locale
from engine.nlu.words import read

_MOST = PATTERN - 0.01  # score of what no pattern found and nothing else accepted
_NONE = 0.00005  # what is less is rounded to 0, as most scores are
_SCORE = attrgetter("score")


class UnknownLocale(LookupError):
    """No intents were given for a locale, nor for its language."""


class Recogniser:
    """A trained recogniser: immutable, deterministic, and safe to share between threads."""

    def __init__(self, locales: Mapping[str, Trained], slots: Mapping[str, str], protected: tuple[str, ...]) -> None:
        self._locales = locales
        self._slots = slots
        self._protected = frozenset(protected)

    @classmethod
    def train(
        cls,
        intents: Mapping[str, tuple[IntentSpec, ...]],
        slots: Mapping[str, str],
        protected: tuple[str, ...],
        cache: Path | None = None,
        encoder: Encoder | None = None,
    ) -> "Recogniser":
        """Return a recogniser of *intents*.

        Args:
            intents: What each locale can mean.
            slots: Slot fact to the kind of entity that fills it.
            protected: The intents that are always looked for, most urgent first.
            cache: A folder for trained arrays, by content.
            encoder: What the statistical layer hears beside words; the layers above it are the same.

        Raises:
            ValueError: A pattern is not in RE2's syntax.
            LookupError: A locale's language is not known.
        """
        trained = {name: train_locale(name, specs, cache, encoder) for name, specs in sorted(intents.items())}
        return cls(trained, dict(slots), protected)

    @property
    def locales(self) -> tuple[str, ...]:
        """Return the locales that are understood."""
        return tuple(self._locales)

    def understand(self, text: str, locale: str, listening: Listening) -> Understanding:
        """Return what *text* may mean in the state that is listening.

        Raises:
            UnknownLocale: The locale's language was never trained.
        """
        trained = self._locale(locale)
        words = marked(read(text, trained.language), listening.facts, trained.vocabulary, trained.cues)
        if not words.words:
            return Understanding((), why=("no words",))
        ctx = context(words, trained.language, trained.cues)
        found = entities(words, trained.language, listening.at, listening.facts)
        vector = trained.model.space.vector(words.texts)
        raw = trained.scores(words.texts, vector)
        shares = dict(zip(trained.model.labels, softmax(raw, trained.temperature).tolist(), strict=True))
        case = Case(
            ctx,
            trained.patterns.find(words, ctx.parts),
            found,
            trained.answers.polarity(words),
            shares,
            vector,
            float(np.max(raw, initial=-1.0)),
            listening,
            trained,
            self._protected,
            self._slots,
        )
        decision = decide(case)
        slots = fill(found, ctx, listening, self._slots, frozenset(decision.accepted), trained.labelled)
        if "give_identifier" in shares and case.hears("give_identifier") and self._identified(slots, listening):
            decision.accept("give_identifier", PATTERN + 0.05, "an identifier that was asked for")
        return Understanding(_readings(shares, decision), slots, case.polarity)

    def _locale(self, locale: str) -> Trained:
        if locale in self._locales:
            return self._locales[locale]
        for name, trained in self._locales.items():
            if name.partition("-")[0] == locale.partition("-")[0]:
                return trained
        raise UnknownLocale(f"no intents for `{locale}`")

    def _identified(self, slots: tuple[SlotValue, ...], listening: Listening) -> bool:
        return any(s.slot in listening.asks and self._slots.get(s.slot) in IDENTIFIERS for s in slots)


def _readings(shares: Mapping[str, float], decision: Decision) -> tuple[Reading, ...]:
    """Return every intent: what is accepted first, each with its score; nothing else scores as high as a pattern."""
    accepted, why = decision.accepted, decision.why
    taken = [_reading(intent, accepted[intent], True, why) for intent in sorted(accepted) if intent != OUTSIDE]
    scores = [0.0 if share < _NONE else min(share, _MOST) for share in shares.values()]
    others = [
        _reading(intent, score, False, why) if intent in why else _unheard(intent, round(score, 4) if score else 0.0)
        for intent, score in zip(shares, scores, strict=True)
        if intent not in accepted and intent != OUTSIDE
    ]
    return tuple(row for rows in (taken, others) for row in sorted(rows, key=_SCORE, reverse=True))


def _reading(intent: str, score: float, accepted: bool, why: Mapping[str, list[str]]) -> Reading:
    return Reading(intent, round(score, 4), accepted, tuple(dict.fromkeys(why.get(intent, ()))))


@lru_cache(maxsize=16384)
def _unheard(intent: str, score: float) -> Reading:
    """Return the reading of an intent for which nothing speaks; there are only so many, and each is made once."""
    return Reading(intent, score, False)
