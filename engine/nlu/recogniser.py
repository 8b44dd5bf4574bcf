"""From words to what they may mean: the layers, in order.

Normalise, entities, protected patterns under negation and quotation, polarity,
the statistical layer, the veto table, out of scope. Rules have the last word:
no statistical model is safe on denials.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.bundle import IntentSpec
from engine.nlu.cache import digest, load, save
from engine.nlu.calibration import temperature
from engine.nlu.context import Compiled, Context, context
from engine.nlu.english import ENGLISH
from engine.nlu.entities import entities
from engine.nlu.entity import Entity
from engine.nlu.language import Language
from engine.nlu.linear import Linear, Space, softmax, train
from engine.nlu.names import marked, other_name
from engine.nlu.nearest import Neighbours
from engine.nlu.patterns import Hit, Patterns
from engine.nlu.polarity import Answers
from engine.nlu.reading import Listening, Reading, SlotValue, Understanding
from engine.nlu.slots import fill
from engine.nlu.spanish import SPANISH
from engine.nlu.veto import Evidence, about_the_world, suppressed, vetoed
from engine.nlu.words import read
from engine.terms import Polarity

LANGUAGES: Mapping[str, Language] = {"en": ENGLISH, "es": SPANISH}
MARK = re.compile(r"\[([^\]]*)\]\(([^)]*)\)")
OUTSIDE = "outside"  # examples of what means nothing here: never accepted
NEVER_STATISTICAL = frozenset({OUTSIDE, "identity_confirmed", "promise", "affirm", "deny"})
STRENGTH = -0.35  # least raw score, for statistics alone
NEAR = 0.35  # least cosine with an example of the intent, for statistics alone
NEAR_PROTECTED = 0.33
CERTAIN = 0.6  # least calibrated score at which statistics alone accept


class UnknownLocale(LookupError):
    """No intents were given for a locale, nor for its language."""


@dataclass(frozen=True)
class _Locale:
    language: Language
    cues: Compiled
    answers: Answers
    patterns: Patterns
    model: Linear
    neighbours: Neighbours
    denials: Mapping[str, frozenset[bool]]  # intent -> whether its utterances may deny, and may not
    temperature: float
    vocabulary: frozenset[str]
    rows: Mapping[str, NDArray[np.int64]]  # intent -> its examples
    against: Mapping[str, NDArray[np.int64]]  # intent -> its counter-examples
    labelled: Mapping[str, frozenset[str]]  # intent -> slots marked in its examples


class Recogniser:
    """A trained recogniser: immutable, deterministic, and safe to share between threads."""

    def __init__(self, locales: Mapping[str, _Locale], slots: Mapping[str, str], protected: tuple[str, ...]) -> None:
        self._locales = locales
        self._slots = slots
        self._protected = protected

    @classmethod
    def train(
        cls,
        intents: Mapping[str, tuple[IntentSpec, ...]],
        slots: Mapping[str, str],
        protected: tuple[str, ...],
        cache: Path | None = None,
    ) -> "Recogniser":
        """Return a recogniser of *intents*.

        Args:
            intents: What each locale can mean.
            slots: Slot fact to the kind of entity that fills it.
            protected: The intents that are always looked for, most urgent first.
            cache: A folder for trained arrays, by content.

        Raises:
            ValueError: A pattern is not in RE2's syntax.
        """
        return cls({name: _train(name, specs, cache) for name, specs in sorted(intents.items())}, dict(slots), protected)

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
        hits = trained.patterns.find(words, ctx.parts)
        polarity = trained.answers.polarity(words)
        raw = trained.model.scores(words.texts)
        scores = softmax(raw, trained.temperature)
        shares = {label: float(s) for label, s in zip(trained.model.labels, scores, strict=True)}
        accepted, why = self._decide(ctx, hits, found, polarity, shares, float(raw.max(initial=-1.0)), listening, trained)
        slots = fill(found, ctx, listening, self._slots, frozenset(accepted), trained.labelled)
        if "give_identifier" in shares and any(s.slot in listening.asks and self._slots.get(s.slot) in _IDENTIFIERS for s in slots):
            accepted.setdefault("give_identifier", 0.97)
            why.setdefault("give_identifier", []).append("an identifier that was asked for")
        return Understanding(self._readings(shares, accepted, why), slots, polarity)

    def _locale(self, locale: str) -> _Locale:
        if locale in self._locales:
            return self._locales[locale]
        for name, trained in self._locales.items():
            if name.partition("-")[0] == locale.partition("-")[0]:
                return trained
        raise UnknownLocale(f"no intents for `{locale}`")

    def _decide(
        self,
        ctx: Context,
        hits: tuple[Hit, ...],
        found: tuple[Entity, ...],
        polarity: Polarity,
        shares: Mapping[str, float],
        strength: float,
        listening: Listening,
        trained: _Locale,
    ) -> tuple[dict[str, float], dict[str, list[str]]]:
        accepted: dict[str, float] = {}
        why: dict[str, list[str]] = {}
        held: set[str] = set()  # protected intents that scope held back

        def note(intent: str, reason: str) -> None:
            why.setdefault(intent, []).append(reason)

        for hit in hits:
            if hit.intent not in self._protected:
                continue
            reason = suppressed(ctx, hit)
            if reason:
                held.add(hit.intent)
                note(hit.intent, f"pattern `{hit.pattern}` held back: {reason}")
            else:
                accepted[hit.intent] = 0.9 + 0.09 * shares.get(hit.intent, 0.0)
                note(hit.intent, f"pattern `{hit.pattern}`")
        guess = self._guess(ctx, shares, strength, trained, polarity)
        if guess in self._protected and guess not in accepted and guess not in held:
            accepted[guess] = shares[guess]
            note(guess, "statistics")
        evidence = Evidence(ctx, hits, found, frozenset(accepted), frozenset(held), polarity, other_name(ctx.words, trained.vocabulary, trained.cues))
        heard = lambda intent: not listening.hears or intent in listening.hears  # noqa: E731
        candidates: dict[str, tuple[Hit | None, float]] = {}
        for hit in hits:
            if hit.intent not in self._protected:
                candidates.setdefault(hit.intent, (hit, 0.9 + 0.09 * shares.get(hit.intent, 0.0)))
        if guess and guess not in self._protected:
            candidates.setdefault(guess, (None, shares[guess]))
        if listening.asks & set(self._slots):
            if heard("promise") and listening.hears and any(
                self._slots.get(s) == e.kind for s in listening.asks for e in found if s.startswith("promise.")
            ):
                candidates.setdefault("promise", (None, 0.9))
        for intent, (hit, score) in candidates.items():
            every = [h for h in hits if h.intent == intent] or [None]
            reasons = [vetoed(intent, evidence, h) for h in every]
            if all(reasons):
                note(intent, f"vetoed: {reasons[0]}")
            elif not heard(intent):
                note(intent, "not heard in this state")
            else:
                accepted[intent] = score
                note(intent, f"pattern `{hit.pattern}`" if hit else "statistics")
        found_by_pattern = {h.intent for h in hits}
        if "promise" in accepted and "promise" in found_by_pattern:
            for rival in ("payment_plan", "pay_now"):
                if rival not in found_by_pattern:
                    accepted.pop(rival, None)
        if "payment_plan" in accepted or ("pay_now" in accepted and not _days_ahead(found, listening)):
            accepted.pop("promise", None)
        self._answer(evidence, listening, accepted, note)
        accepted.pop(OUTSIDE, None)
        return accepted, why

    def _guess(self, ctx: Context, shares: Mapping[str, float], strength: float, trained: _Locale, polarity: Polarity) -> str:
        """Return the intent that statistics alone are sure of, or ''."""
        ranked = sorted(shares, key=lambda i: (-shares[i], i))
        if not ranked or ranked[0] in NEVER_STATISTICAL or shares[ranked[0]] < CERTAIN:
            return ""
        best = ranked[0]
        if strength < STRENGTH or bool(ctx.negations) not in trained.denials[best]:
            return ""
        if best in self._protected and about_the_world(ctx):
            return ""
        if best in self._protected and polarity in (Polarity.YES, Polarity.NO) and _plain(ctx, 0):
            return ""
        floor = NEAR_PROTECTED if best in self._protected else NEAR
        nearest = trained.neighbours.similarities(trained.model.space, ctx.words.texts)
        alike = nearest[trained.rows[best]].max(initial=0.0)
        return best if alike >= floor and alike > nearest[trained.against[best]].max(initial=0.0) else ""

    def _answer(
        self,
        evidence: Evidence,
        listening: Listening,
        accepted: dict[str, float],
        note: Callable[[str, str], None],
    ) -> None:
        """Accept a bare yes or no, as the state hears it, where nothing more was said."""
        if accepted or evidence.held or not _plain(evidence.context, 1):
            return
        hears = listening.hears
        if evidence.polarity is Polarity.YES and not vetoed("affirm", evidence, None):
            if "identity_confirmed" in hears:
                if not _plain(evidence.context, 0) or evidence.context.third_parties:
                    return
                accepted["identity_confirmed"] = 0.9
                note("identity_confirmed", "a plain yes to the question who it is")
            elif not hears or "affirm" in hears:
                accepted["affirm"] = 0.9
                note("affirm", "a plain yes")
        elif evidence.polarity is Polarity.NO and (not hears or hears & {"deny", "identity_confirmed"}):
            accepted["deny"] = 0.9
            note("deny", "a plain no")

    def _readings(self, shares: Mapping[str, float], accepted: Mapping[str, float], why: Mapping[str, list[str]]) -> tuple[Reading, ...]:
        names = sorted(set(shares) | set(accepted) - {OUTSIDE})
        rows = [
            Reading(n, round(accepted.get(n, min(shares.get(n, 0.0), 0.89)), 4), n in accepted, tuple(dict.fromkeys(why.get(n, ()))))
            for n in names
            if n != OUTSIDE
        ]
        return tuple(sorted(rows, key=lambda r: (not r.accepted, -r.score, r.intent)))


_IDENTIFIERS = frozenset({"dob", "zip", "ssn4", "address", "phone", "digits"})


def _plain(ctx: Context, more: int) -> bool:
    """Whether the words are an answer and little more: at most *more* words that are not small ones."""
    return len(ctx.cues.plain.sub("", ctx.words.line).split()) <= more


def _days_ahead(found: tuple[Entity, ...], listening: Listening) -> bool:
    today = listening.at.date().toordinal()
    return any(e.kind == "date" and isinstance(v, int) and v > today for e in found for v in e.values)


def _train(locale: str, specs: tuple[IntentSpec, ...], folder: Path | None) -> _Locale:
    language = LANGUAGES[locale.partition("-")[0]]
    labels = tuple(sorted(s.id for s in specs))
    sentences: list[tuple[str, ...]] = []
    rows: list[list[int]] = []
    labelled: dict[str, frozenset[str]] = {}
    for spec in sorted(specs, key=lambda s: s.id):
        labelled[spec.id] = frozenset(m[1] for e in spec.examples for m in MARK.findall(e))
        column = labels.index(spec.id)
        for example in spec.examples:
            sentences.append(read(unmarked(example), language).texts)
            rows.append([1 if c == column else -1 for c in range(len(labels))])
        for example in spec.counter_examples:
            sentences.append(read(unmarked(example), language).texts)
            rows.append([-1 if c == column else 0 for c in range(len(labels))])
    targets = np.array(rows, np.int8).reshape(len(rows), len(labels))
    name = digest(sentences, targets, labels)
    kept = load(folder, name)
    space = Space.of(sentences)
    if kept is None or kept[0].shape != (len(space.index) + 1, len(labels)):
        kept = train(sentences, targets, labels).weights, temperature(sentences, targets, labels)
        save(folder, name, *kept)
    model = Linear(space, labels, kept[0])
    owners = tuple(labels[int(np.argmax(r))] if (r == 1).any() else "" for r in targets)
    cues = Compiled.of(language.cues)
    vocabulary = frozenset(w for s in sentences for w in s) | language.common_words
    return _Locale(
        language,
        cues,
        Answers.of(language),
        Patterns(((s.id, p) for s in specs for p in s.patterns), language),
        model,
        Neighbours.of(model.space, sentences, owners),
        {i: _denials(i, owners, sentences, cues) for i in labels},
        kept[1],
        vocabulary,
        {i: np.flatnonzero([o == i for o in owners]) for i in labels},
        {i: np.flatnonzero((targets[:, c] == -1) & (targets == 0).any(axis=1)) for c, i in enumerate(labels)},
        labelled,
    )


def _denials(intent: str, owners: tuple[str, ...], sentences: list[tuple[str, ...]], cues: Compiled) -> frozenset[bool]:
    """Return whether utterances of *intent* may hold a denial, and may hold none, going by its examples."""
    own = [" ".join(s) for s, o in zip(sentences, owners, strict=True) if o == intent]
    share = sum(1 for line in own if cues.negation.search(line)) / max(1, len(own))
    return frozenset({True} if share >= 0.25 else set()) | frozenset({False} if share < 0.85 else set())


def unmarked(example: str) -> str:
    """Return an example's words; a name of the party becomes the word ``partyname``."""
    return MARK.sub(lambda m: "partyname" if m[2].startswith("party.") else m[1], example)
