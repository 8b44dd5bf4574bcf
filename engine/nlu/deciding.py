"""Which readings the engine acts on.

Protected patterns come first, then what statistics are sure of, the veto table
over all that is not protected, and bare answers where nothing more was said.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from engine.nlu.context import Context
from engine.nlu.entity import Entity
from engine.nlu.linear import Vector
from engine.nlu.names import other_name
from engine.nlu.patterns import Hit
from engine.nlu.reading import Listening
from engine.nlu.training import Trained
from engine.nlu.veto import PAYMENTS, Evidence, about_the_world, suppressed, vetoed
from engine.terms import Polarity

OUTSIDE = "outside"  # examples of what means nothing here: never accepted
NEVER_BY_STATISTICS = frozenset({OUTSIDE, "identity_confirmed", "promise", "affirm", "deny", "card_number"})
CERTAIN = 0.6  # least calibrated share, for statistics alone
SURE = 0.85  # least share, for a protected intent in what may be a question or an order about the world
STRENGTH = -0.35  # least raw score
NEAR = 0.35  # least cosine with an example of the intent
NEAR_PROTECTED = 0.33
PATTERN = 0.9  # least score of what a pattern found
BESIDE_A_SLOT = frozenset("affirm deny promise pay_now payment_plan give_identifier repeat hold_on who_is_this".split())


@dataclass
class Decision:
    """What is accepted, with its score, and the reasons for each intent that had any."""

    accepted: dict[str, float] = field(default_factory=dict)
    why: dict[str, list[str]] = field(default_factory=dict)

    def note(self, intent: str, reason: str) -> None:
        """Write down a reason."""
        self.why.setdefault(intent, []).append(reason)

    def accept(self, intent: str, score: float, reason: str) -> None:
        """Accept *intent*."""
        self.accepted.setdefault(intent, score)
        self.note(intent, reason)


@dataclass(frozen=True)
class Case:
    """One utterance as all layers see it.

    Args:
        context: Its words and cues.
        hits: What patterns found.
        entities: What the grammars found.
        polarity: Yes or no.
        shares: The calibrated share of each intent, by name in order.
        vector: Its features.
        strength: The greatest raw score.
        listening: What the state hears, and asks.
        trained: The locale.
        protected: The intents always looked for.
        slots: Slot to kind of entity.
    """

    context: Context
    hits: tuple[Hit, ...]
    entities: tuple[Entity, ...]
    polarity: Polarity
    shares: Mapping[str, float]
    vector: Vector
    strength: float
    listening: Listening
    trained: Trained
    protected: frozenset[str]
    slots: Mapping[str, str]

    def hears(self, intent: str) -> bool:
        """Whether the state answers *intent*; without a state, everything is heard."""
        return not self.listening.hears or intent in self.listening.hears

    def score(self, intent: str) -> float:
        """Return the score of what a pattern found: what statistics add keeps ties apart."""
        return PATTERN + 0.09 * self.shares.get(intent, 0.0)


def decide(case: Case) -> Decision:
    """Return what the engine acts on."""
    decision = Decision()
    held = _protected(case, decision)
    guess = _guess(case)
    if guess in case.protected and guess not in held:
        decision.accept(guess, case.shares[guess], "statistics")
    evidence = Evidence(
        case.context,
        case.hits,
        case.entities,
        frozenset(decision.accepted),
        frozenset(held),
        case.polarity,
        other_name(case.context.words, case.trained.vocabulary, case.trained.cues, case.listening.facts),
    )
    _others(case, decision, evidence, "" if guess in case.protected else guess)
    _one_commitment(case, decision)
    for intent in case.trained.never.get(case.context.words.texts, frozenset()) & set(decision.accepted):
        del decision.accepted[intent]
        decision.note(intent, "one of its counter-examples")
    if not decision.accepted and not held:
        _answer(case, decision, evidence)
    return decision


def _protected(case: Case, decision: Decision) -> set[str]:
    """Accept protected intents whose patterns hold; return those that scope held back and nothing else found."""
    held: set[str] = set()
    for hit in case.hits:
        if hit.intent in case.protected:
            reason = suppressed(case.context, hit, case.hits)
            if reason:
                held.add(hit.intent)
                decision.note(hit.intent, f"pattern {hit.number} held back: {reason}")
            else:
                decision.accept(hit.intent, case.score(hit.intent), f"pattern {hit.number}")
    return held - set(decision.accepted)


def _guess(case: Case) -> str:
    """Return the intent that statistics alone are sure of, or ''."""
    if not case.shares:
        return ""
    best = max(case.shares, key=case.shares.__getitem__)  # of equal ones the first, by name
    if best in NEVER_BY_STATISTICS or case.shares[best] < CERTAIN or case.strength < STRENGTH:
        return ""
    ctx, trained = case.context, case.trained
    if bool(ctx.negations) not in trained.denials[best]:
        return ""
    protected = best in case.protected
    if protected and (about_the_world(ctx) or (case.polarity in (Polarity.YES, Polarity.NO) and _plain(ctx, 0))):
        return ""
    if protected and case.shares[best] < SURE and ctx.cues.general.search(ctx.words.line):
        return ""
    likeness = trained.neighbours.similarities(case.vector)
    alike = np.max(likeness[trained.rows[best]], initial=0.0)
    if alike < (NEAR_PROTECTED if protected else NEAR) or alike <= np.max(likeness[trained.against[best]], initial=0.0):
        return ""
    return best


def _others(case: Case, decision: Decision, evidence: Evidence, guess: str) -> None:
    """Accept what is not protected, where it is heard and no veto stands against every place it was found in."""
    found: dict[str, list[Hit | None]] = {}
    for hit in case.hits:
        if hit.intent not in case.protected and hit.intent != OUTSIDE:
            found.setdefault(hit.intent, []).append(hit)
    if guess:
        found.setdefault(guess, [None])
    if _promised_slot(case) and not evidence.protected | evidence.held and found.keys() <= BESIDE_A_SLOT:
        found.setdefault("promise", [None])
    for intent, places in found.items():
        reasons = [vetoed(intent, evidence, place) for place in places]
        first = places[0]
        if all(reasons):
            decision.note(intent, f"vetoed: {reasons[0]}")
        elif not case.hears(intent):
            decision.note(intent, "not heard in this state")
        elif first is not None:
            decision.accept(intent, case.score(intent), f"pattern {first.number}")
        elif intent == guess:
            decision.accept(intent, case.shares[intent], "statistics")
        else:
            decision.accept(intent, PATTERN, "an amount or a day that was asked for")


def _promised_slot(case: Case) -> bool:
    """Whether the state asked for an amount or a day of a promise, and was told one."""
    asked = {case.slots.get(s) for s in case.listening.asks if s.startswith("promise.")}
    return "promise" in case.listening.hears and any(e.kind in asked for e in case.entities)


def _one_commitment(case: Case, decision: Decision) -> None:
    """Keep one of promise, payment plan and paying now: what recurs is a plan, what is for today is paid now.

    Who offers one of them refuses nothing (``not today, but on friday``).
    """
    patterned = {h.intent for h in case.hits}
    if "promise" in decision.accepted and "promise" in patterned:
        for rival in {"payment_plan", "pay_now"} - patterned:
            decision.accepted.pop(rival, None)
    today = case.listening.at.date().toordinal()
    later = any(isinstance(v, int) and v > today for e in case.entities if e.kind == "date" for v in e.values)
    if "payment_plan" in decision.accepted or ("pay_now" in decision.accepted and not later):
        decision.accepted.pop("promise", None)
    if PAYMENTS & set(decision.accepted):
        decision.accepted.pop("refuse", None)


def _answer(case: Case, decision: Decision, evidence: Evidence) -> None:
    """Accept a bare yes or no, as the state hears it."""
    greeted = "identity_confirmed" in case.listening.hears
    if case.polarity is Polarity.YES and not vetoed("affirm", evidence, None):
        if greeted and case.context.cues.confirms.fullmatch(case.context.words.line):
            decision.accept("identity_confirmed", PATTERN, "a plain yes to the question who it is")
        elif not greeted and case.hears("affirm") and _plain(case.context, 0):
            decision.accept("affirm", PATTERN, "a plain yes")
    elif case.polarity is Polarity.NO and _plain(case.context, 1) and (greeted or case.hears("deny")):
        decision.accept("deny", PATTERN, "a plain no")


def _plain(ctx: Context, more: int) -> bool:
    """Whether the words are an answer and little more: at most *more* words that are not small ones."""
    return len(ctx.cues.plain.sub("", ctx.words.line).split()) <= more
