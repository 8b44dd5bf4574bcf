"""The veto table: what keeps an intent from being acted on, whatever found it.

Nothing confirms identity or promises money under a denial, a doubt, somebody
else's words, a question, or a protected intent that speaks against it.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.nlu.context import Context, Range, denial_before
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
    "crisis deceased attorney bankruptcy identity_theft wrong_party third_party dispute already_paid "
    "validation_request "
    "robot_question military language_spanish recording_objection".split()
)


ALWAYS_MEANT = frozenset({"crisis", "robot_question", "human", "language_spanish", "stop_calling", "wrong_party"})
ASKED = frozenset({"attorney", "bankruptcy", "deceased", "already_paid", "military", "identity_theft", "not_at_work"})
QUOTABLE = frozenset({"stop_calling", "human", "recording_objection"})
NARROWER = frozenset({"not_at_work", "inconvenient_time", "recording_objection"})  # wishes to stop less than all
HARDLY_DENIED = frozenset({"goodbye", "hold_on"})  # only a denial right before them denies these
SUPPOSED = frozenset({"attorney", "bankruptcy", "deceased"})
REACH = 4  # words by which what is conceded may follow the word that concedes it
ASIDE = frozenset({"repeat", "hold_on"})  # a denial inside these (``i did not hear``) is none of what is said beside
_WHOSE = frozenset({"my", "mi"})  # what follows these may go on with the clause (``calling my work``)
_NO_ONE = frozenset({"nobody", "nothing", "nadie", "nada"})  # as a subject, these deny nothing of a crisis
_WHETHER = re.compile(
    r"^(?:and |but |so |yes |no |wait )?(?:am|is|are|was|were|do|does|did|has|have|should|would|could|can|will|may) "
    r"(?:i|you|he|she|it|we|they|this|that|partyname|my \w+)\b(?! (?:not )?"
    r"(?:know|realize|understand|hear|see|talk|speak|call|calling|contact|tell|get|remember|aware))"
    r"|\bwhat if (?:i|we) (?:paid|pay|sent|send|settled)\b"
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


def suppressed(ctx: Context, hit: Hit, hits: Sequence[Hit]) -> str:
    """Return what holds a protected pattern back, or ''; *hits* are all that patterns found."""
    if hit.intent == "stop_calling":
        narrower = (h for h in hits if h.intent in NARROWER and _bounds(ctx, h, hit) and not suppressed(ctx, h, ()))
        if (wish := next(narrower, None)) is not None:
            return f"only `{wish.intent}`"
    denial = denial_before(ctx, hit)
    if denial is not None and not (hit.intent == "crisis" and ctx.say(denial) in _NO_ONE):
        return f"denied by `{ctx.say(denial)}`"
    if hit.intent in SUPPOSED and ctx.cues.supposes.search(" ".join(ctx.words.texts[: hit.first])):
        return "only supposed"
    colours = {"dispute": ctx.concessions, "stop_calling": ctx.undone}.get(hit.intent, ())
    if any(c[0] <= hit.first < c[1] + REACH for c in colours):
        return "the opposite is said"
    clause = ctx.parts[ctx.part(hit.first)].text(ctx.words)
    little = 2 * (hit.last - hit.first) < len(ctx.words.words)
    if little and hit.intent not in ALWAYS_MEANT and about_the_world(ctx):
        return "a question about something else"
    if hit.intent in ASKED and _WHETHER.match(clause):
        return "a question"
    if hit.intent in QUOTABLE and any(r[0] < hit.first and 0 <= hit.first - r[1] <= 1 for r in ctx.reports):
        return "somebody else's words"
    return ""


def _bounds(ctx: Context, narrower: Hit, stop: Hit) -> bool:
    """Whether *stop* is said of a place or an hour alone (``do not call me at work``), and of no other beside."""
    first, last = min(narrower.first, stop.first), max(narrower.last, stop.last)
    if narrower.first >= stop.last or stop.first >= narrower.last:
        return False
    if any(stop.last <= p.first < last and ctx.words.texts[p.first] not in _WHOSE for p in ctx.parts):
        return False
    return not any(first <= u[0] for u in ctx.unbounded)


def about_the_world(ctx: Context) -> bool:
    """Whether the words ask or order something that has to do with neither person on the call."""
    line = ctx.words.line
    return bool(ctx.cues.general.search(line)) and not ctx.cues.self_reference.search(line)


def _denied(evidence: Evidence, hit: Hit | None) -> str:
    ctx = evidence.context
    own = [(h.first, h.last) for h in evidence.hits if h.intent in evidence.protected | ASIDE]
    if hit is None:
        places = ctx.negations
    else:
        part = ctx.part(hit.first)
        places = tuple(n for p in range(part, ctx.part(hit.last - 1) + 1) for n in ctx.within(ctx.negations, p))
    inside = (hit.first, hit.last) if hit is not None else (0, 0)
    places = tuple(n for n in places if inside[0] <= n[0] < inside[1] or not any(a <= n[0] < b for a, b in own))
    return f"denied by `{ctx.say(places[0])}`" if places else ""


def _simply_denied(evidence: Evidence, hit: Hit | None) -> str:
    if hit is None or hit.intent == "abuse":
        return ""
    denial = denial_before(evidence.context, hit)
    if denial and hit.intent in HARDLY_DENIED and denial[1] < hit.first:
        return ""
    return f"denied by `{evidence.context.say(denial)}`" if denial else ""


def _named(ctx: Context, places: tuple[Range, ...], name: str) -> str:
    """Return *name* where there is a place, with the words there if they are small words: nobody's name is quoted."""
    if not places:
        return ""
    return f"{name} `{ctx.say(places[0])}`" if name.endswith(":") else name


def _anywhere(attribute: str, name: str) -> Test:
    def test(evidence: Evidence, hit: Hit | None) -> str:
        places = getattr(evidence.context, attribute)
        return _named(evidence.context, places, name)

    return test


def _in_clause(attribute: str, name: str) -> Test:
    def test(evidence: Evidence, hit: Hit | None) -> str:
        ctx = evidence.context
        places = getattr(ctx, attribute)
        if hit is not None:
            places = tuple(p for p in ctx.within(places, ctx.part(hit.first)) if not hit.first <= p[0] < hit.last)
        return _named(ctx, places, name)

    return test


def _anything_in_clause(attribute: str, name: str) -> Test:
    def test(evidence: Evidence, hit: Hit | None) -> str:
        ctx = evidence.context
        places = getattr(ctx, attribute)
        if hit is not None:
            places = ctx.within(places, ctx.part(hit.first))
        return _named(ctx, places, name)

    return test


def _so_far(attribute: str, name: str) -> Test:
    """A cue in the clause, or anywhere before what it colours."""

    def test(evidence: Evidence, hit: Hit | None) -> str:
        ctx = evidence.context
        places = getattr(ctx, attribute)
        if hit is not None:
            last = ctx.parts[ctx.part(hit.last - 1)].last
            places = tuple(p for p in places if p[0] < last)
        return _named(ctx, places, name)

    return test


def _refused_later(evidence: Evidence, hit: Hit | None) -> str:
    """Whether a later clause denies paying."""
    if hit is None:
        return ""
    ctx = evidence.context
    for negation in ctx.negations:
        clause = ctx.parts[ctx.part(negation[0])]
        if negation[0] >= hit.last and _PAYS & set(ctx.words.texts[clause.first : clause.last]):
            return f"denied later by `{ctx.say(negation)}`"
    return ""


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
    return "another name" if evidence.other_name else ""


_PAYS = frozenset(
    "pay paying paid do it that send afford can will going payment money pago pagar pagarlo puedo voy hacerlo".split()
)


def _identity_denied(evidence: Evidence, hit: Hit | None) -> str:
    """A denial in another clause counts when that clause speaks of who is there."""
    ctx = evidence.context
    about = {"this", "it", "me", "him", "her", "he", "she", "that", "here", "person", "number", "partyname", "name"}
    own = [(h.first, h.last) for h in evidence.hits if h.intent in evidence.protected | ASIDE]
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
    (IDENTITY, _anywhere("third_parties", "somebody else")),
    (IDENTITY, _anywhere("sarcasms", "not meant:")),
    (IDENTITY, _so_far("hedges", "doubtful:")),
    (IDENTITY, _so_far("conditions", "conditional:")),
    (IDENTITY, _anywhere("reports", "told of somebody")),
    (IDENTITY, _asked),
    (IDENTITY, _anywhere("retractions", "taken back:")),
    (MONEY, _against(AGAINST_PROMISE)),
    (PAYMENTS, _denied),
    (PROMISES, _refused_later),
    (MONEY, _anywhere("sarcasms", "not meant:")),
    (MONEY, _anywhere("retractions", "taken back:")),
    (MONEY, _anywhere("hedges", "doubtful:")),
    (PROMISES, _anywhere("conditions", "conditional:")),
    (MONEY, _anywhere("laters", "no day:")),
    (MONEY, _anywhere("reports", "told of somebody")),
    (PROMISES, _in_clause("others_act", "somebody else")),
    (MONEY, _anything_in_clause("other_debts", "another debt:")),
    (PROMISES, _asked),
    (frozenset({"give_identifier"}), _denied),
    (ASSENT, _other_name),
    (ASSENT, _anywhere("hedges", "doubtful:")),
    (ASSENT, _anywhere("sarcasms", "not meant:")),
    (ASSENT, _anywhere("retractions", "taken back:")),
    (ASSENT, _anywhere("reports", "told of somebody")),
    (ASSENT, _anywhere("conditions", "conditional:")),
    (ASSENT, _asked),
    (frozenset(), _simply_denied),
)
