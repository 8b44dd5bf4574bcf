"""The veto table: what keeps an intent from being acted on, whatever found it.

Nothing confirms identity or promises money under a denial, a doubt, somebody
else's words, a question, or a protected intent that speaks against it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from engine.nlu.context import Context, denial_before
from engine.nlu.entity import Entity
from engine.nlu.patterns import Hit
from engine.terms import Polarity

IDENTITY = frozenset({"identity_confirmed"})
PROMISES = frozenset({"promise"})
MONEY = frozenset({"promise", "pay_now"})
PAYMENTS = frozenset({"promise", "pay_now", "payment_plan"})
ASSENT = frozenset({"affirm"})
AGAINST_IDENTITY = frozenset({"wrong_party", "third_party", "deceased", "language_spanish"})
AGAINST_PROMISE = frozenset(
    "crisis deceased attorney bankruptcy identity_theft wrong_party third_party dispute already_paid validation_request "
    "robot_question military language_spanish recording_objection".split()
)


@dataclass(frozen=True)
class Evidence:
    """All that the earlier layers found."""

    context: Context
    hits: tuple[Hit, ...]
    entities: tuple[Entity, ...]
    protected: frozenset[str]
    held: frozenset[str]
    polarity: Polarity
    other_name: str = ""  # a name, not the party's, by which the speaker goes


Test = Callable[[Evidence, Hit | None], str]


def vetoed(intent: str, evidence: Evidence, hit: Hit | None) -> str:
    """Return why *intent* is not acted on, or ''."""
    for intents, test in TABLE:
        if (not intents or intent in intents) and (reason := test(evidence, hit)):
            return reason
    return ""


def suppressed(ctx: Context, hit: Hit) -> str:
    """Return what holds a protected pattern back, or ''."""
    denial = denial_before(ctx, hit)
    if denial is not None:
        return f"denied by `{ctx.say(denial)}`"
    return ""


def _denied(evidence: Evidence, hit: Hit | None) -> str:
    ctx = evidence.context
    own = [(h.first, h.last) for h in evidence.hits if h.intent in evidence.protected]
    if hit is None:
        places = ctx.negations
    else:
        part = ctx.part(hit.first)
        places = tuple(n for p in range(part, ctx.part(hit.last - 1) + 1) for n in ctx.within(ctx.negations, p))
    places = tuple(n for n in places if not any(a <= n[0] < b for a, b in own))
    return f"denied by `{ctx.say(places[0])}`" if places else ""


def _simply_denied(evidence: Evidence, hit: Hit | None) -> str:
    if hit is None:
        return ""
    denial = denial_before(evidence.context, hit)
    return f"denied by `{evidence.context.say(denial)}`" if denial else ""


def _anywhere(attribute: str, name: str) -> Test:
    def test(evidence: Evidence, hit: Hit | None) -> str:
        places = getattr(evidence.context, attribute)
        return f"{name} `{evidence.context.say(places[0])}`" if places else ""

    return test


def _in_clause(attribute: str, name: str) -> Test:
    def test(evidence: Evidence, hit: Hit | None) -> str:
        ctx = evidence.context
        places = getattr(ctx, attribute)
        if hit is not None:
            places = ctx.within(places, ctx.part(hit.first))
        return f"{name} `{ctx.say(places[0])}`" if places else ""

    return test


def _against(protected: frozenset[str]) -> Test:
    def test(evidence: Evidence, hit: Hit | None) -> str:
        found = sorted((evidence.protected | evidence.held) & protected)
        return f"beside `{found[0]}`" if found else ""

    return test


def _asked(evidence: Evidence, hit: Hit | None) -> str:
    ctx = evidence.context
    if hit is None:
        return "a question" if ctx.questions else ""
    return "a question" if ctx.part(hit.first) in ctx.questions else ""


def _other_name(evidence: Evidence, hit: Hit | None) -> str:
    return f"another name: `{evidence.other_name}`" if evidence.other_name else ""


def _identity_denied(evidence: Evidence, hit: Hit | None) -> str:
    """A denial in another clause counts when that clause speaks of who is there."""
    ctx = evidence.context
    about = {"this", "it", "me", "him", "her", "he", "she", "that", "here", "person", "number", "partyname", "name"}
    own = [(h.first, h.last) for h in evidence.hits if h.intent in evidence.protected]
    for negation in ctx.negations:
        if any(a <= negation[0] < b for a, b in own):
            continue
        clause = ctx.parts[ctx.part(negation[0])]
        if clause.last - clause.first <= 2 or about & set(ctx.words.texts[clause.first : clause.last]):
            return f"denied by `{ctx.say(negation)}`"
    return ""


TABLE: tuple[tuple[frozenset[str], Test], ...] = (
    (IDENTITY, _against(AGAINST_IDENTITY)),
    (IDENTITY, _other_name),
    (IDENTITY, _denied),
    (IDENTITY, _identity_denied),
    (IDENTITY, _anywhere("third_parties", "somebody else:")),
    (IDENTITY, _anywhere("sarcasms", "not meant:")),
    (IDENTITY, _in_clause("hedges", "doubtful:")),
    (IDENTITY, _in_clause("conditions", "conditional:")),
    (IDENTITY, _anywhere("reports", "told of somebody:")),
    (IDENTITY, _asked),
    (IDENTITY, _anywhere("retractions", "taken back:")),
    (MONEY, _against(AGAINST_PROMISE)),
    (PAYMENTS, _denied),
    (MONEY, _anywhere("sarcasms", "not meant:")),
    (MONEY, _anywhere("retractions", "taken back:")),
    (MONEY, _anywhere("hedges", "doubtful:")),
    (PROMISES, _anywhere("conditions", "conditional:")),
    (MONEY, _anywhere("laters", "no day:")),
    (MONEY, _anywhere("reports", "told of somebody:")),
    (MONEY, _in_clause("others_act", "somebody else:")),
    (PROMISES, _asked),
    (ASSENT, _anywhere("sarcasms", "not meant:")),
    (ASSENT, _anywhere("retractions", "taken back:")),
    (ASSENT, _anywhere("reports", "told of somebody:")),
    (ASSENT, _anywhere("conditions", "conditional:")),
    (ASSENT, _asked),
    (frozenset(), _simply_denied),
)
