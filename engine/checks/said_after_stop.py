"""
After a right that ends the matter nothing about the debt may be said.

Searched for as if there were a rule: once an intent that ends the matter was heard, no prompt may give away debt or
payment, if a `never_say` rule with a condition or a `must_say` rule guards that, until the call is over.

Flagged::

    # flows/call/flow.yaml
    states:
      greeting:
        say: greeting
        hears:
          affirm:
            - {when: party.verified, go: balance}
            - {say: bye, end: done}
      balance:
        say: balance
        hears:
          affirm: {say: bye, end: done}
          deny: {say: bye, end: done}
    anytime:
      human: {say: wait_please, do: {transfer: {queue: '"people"'}}, end: transferred}
      stop_calling:
        - {when: party.verified, go: balance}  # error[said-after-stop]
        - {say: stopped, end: stopped}

Write instead::

    # flows/call/flow.yaml
    anytime:
      human: {say: wait_please, do: {transfer: {queue: '"people"'}}, end: transferred}
      stop_calling: {say: stopped, end: stopped}
"""

from collections.abc import Iterator
from dataclasses import replace

from engine.bundle import Derive, Effect, Fact, MustSay, NeverSay, Rule, Template
from engine.checks.context import Context, undecided
from engine.checks.prove.proof import Verdict
from engine.checks.prove.prover import Prover, unless_held_back
from engine.checks.prove.slices import Slicer
from engine.expressions.tree import ALWAYS, All, AnyOf, Condition, Constant, Member, Ref, Truth
from engine.runtime.session import Turn
from engine.source.finding import Finding, Level
from engine.terms import Ask, FactSource, Kind, Severity, Status, ValueType

ENDING = ("stop_calling", "attorney", "bankruptcy", "deceased", "identity_theft")
STOPPED = "matter ended"
DEBT = frozenset({"debt", "payment"})

NAME = "said-after-stop"
CODE = "POL609"
LEVEL = Level.ERROR
WAIVABLE = False
READS: tuple[Kind, ...] = (Kind.FLOW,)


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each flow in which a guarded class can be given away after such a right was invoked."""
    heard = [i for i in ENDING if i in context.bundle.vocabulary.protected]
    classes = _debt_classes(context)
    if not heard or not classes:
        return
    fact = Fact(STOPPED, ValueType.BOOL, FactSource.POLICY, initially=False)
    told = AnyOf(tuple(Truth(Ref(f"heard.{intent}", ValueType.BOOL, False)) for intent in heard))
    listener = _rule("on stop", Ask.ON_HEARING, told, Derive(STOPPED, Constant(True, ValueType.BOOL)))
    gives = AnyOf(
        tuple(
            Member(Constant(c, ValueType.TEXT), Ref("utterance.discloses", ValueType.SET, False))
            for c in sorted(classes)
        )
    )
    ban = _rule("after stop", Ask.BEFORE_SPEAKING, gives, NeverSay(classes))
    ban = replace(ban, unless=None, when=_all(context, gives))

    def spoken(rule: Rule, turn: Turn) -> bool:
        return any(classes.intersection(u.discloses) for u in turn.utterances)

    prover = Prover(context.bundle, context.as_of, context.budget, thorough=False)
    for flow in context.flows:
        slicer = Slicer(context.bundle, flow, context.as_of, (listener,), (fact,))
        wrong = context.broken(flow)
        proof = prover.search(slicer, (unless_held_back(ban, wrong),), spoken, wrong)[ban.id]
        if proof.verdict is Verdict.COULD_NOT_CHECK:
            yield undecided(flow.span, NAME, proof)
        if proof.verdict is Verdict.BROKEN:
            what = f"`{proof.subject}`" if proof.subject else "something of the debt"
            yield Finding(
                proof.culprit,
                NAME,
                f"after the callee ended the matter, {what} can still be said",
                "end the call, or lead where nothing of the debt is said",
                why="whoever says stop, names an attorney or a bankruptcy is not spoken to about the debt any more",
                how=tuple(map(str, proof.call[:-1])),
                where=f"{flow.id}/{proof.where}",
            )


def _all(context: Context, gives: AnyOf) -> All:
    """Return when the ban holds: the matter is ended, and what is given away is guarded where the account lies."""
    parts: list[Condition] = [Truth(Ref(STOPPED, ValueType.BOOL, False)), gives]
    places = sorted({context.bundle.policies[rule.policy].place for rule in _guarding(context)})
    facts = context.bundle.vocabulary.facts.values()
    lies = next((f for f in facts if f.of_places and f.origin is FactSource.HOST), None)
    if lies is not None and all(places):
        ref = Ref(lies.name, lies.type, False)
        parts.append(AnyOf(tuple(Member(Constant(place, ValueType.TEXT), ref) for place in places)))
    return All(tuple(parts))


def _debt_classes(context: Context) -> frozenset[str]:
    """Return the classes that must not be given away unless a condition holds, or that something is said before."""
    found: set[str] = set()
    for rule in _guarding(context):
        for effect in rule.effects:
            if isinstance(effect, NeverSay | MustSay):
                found |= effect.classes
    return frozenset(c for c in found if c in DEBT)


def _guarding(context: Context) -> list[Rule]:
    return [rule for rule in context.rules if any(_guards(rule, effect) for effect in rule.effects)]


def _guards(rule: Rule, effect: Effect) -> bool:
    if isinstance(effect, NeverSay):
        return (rule.unless is not None or rule.written != ALWAYS) and bool(effect.classes & DEBT)
    return isinstance(effect, MustSay) and bool(effect.classes & DEBT)


def _rule(name: str, ask: Ask, when: AnyOf, effect: Derive | NeverSay) -> Rule:
    return Rule(name, "", ask, when, None, when, (effect,), "", Severity.HOUSE, Status.IN_FORCE, "", Template(""))
