"""
After a right that ends the matter nothing about the debt may be said.

Searched for as if there were a rule: once an intent that ends the matter was heard, no prompt may give away a class
that any `never_say` rule guards, and no such action may be done, until the call is over.

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

from engine.bundle import Derive, Fact, MustSay, NeverSay, Rule, Template
from engine.checks.context import Context
from engine.checks.prove.proof import Verdict
from engine.checks.prove.prover import Prover
from engine.checks.prove.slices import Slicer
from engine.expressions.tree import All, AnyOf, Constant, Member, Ref, Truth
from engine.runtime.session import Turn
from engine.source.finding import Finding, Level
from engine.terms import Ask, FactSource, Severity, Status, ValueType

ENDING = ("stop_calling", "attorney", "bankruptcy", "deceased", "identity_theft")
STOPPED = "matter ended"

NAME = "said-after-stop"
CODE = "POL609"
LEVEL = Level.ERROR
WAIVABLE = False


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
    ban = replace(ban, unless=None, when=_both(gives))

    def spoken(rule: Rule, turn: Turn) -> bool:
        return any(classes.intersection(u.discloses) for u in turn.utterances)

    prover = Prover(context.bundle, context.as_of, context.budget, thorough=False, guided=True)
    for flow in context.flows:
        slicer = Slicer(context.bundle, flow, context.as_of, (listener,), (fact,))
        proof = prover.search(slicer, (ban,), spoken)[ban.id]
        if proof.verdict is Verdict.BROKEN:
            yield Finding(
                proof.culprit,
                NAME,
                f"after the callee ended the matter, `{proof.subject}` can still be said",
                "end the call, or lead where nothing of the debt is said",
                why="whoever says stop, names an attorney or a bankruptcy is not spoken to about the debt any more",
                how=tuple(map(str, proof.call[:-1])),
                where=f"{flow.id}/{proof.where}",
            )


def _both(gives: AnyOf) -> All:
    return All((Truth(Ref(STOPPED, ValueType.BOOL, False)), gives))


def _debt_classes(context: Context) -> frozenset[str]:
    """Return the classes that must not be given away unless a condition holds, or that something is said before."""
    found: set[str] = set()
    for rule in context.rules:
        for effect in rule.effects:
            if (isinstance(effect, NeverSay) and rule.unless is not None) or isinstance(effect, MustSay):
                found |= effect.classes
    return frozenset(c for c in found if c in ("debt", "payment"))


def _rule(name: str, ask: Ask, when: AnyOf, effect: Derive | NeverSay) -> Rule:
    return Rule(name, "", ask, when, None, when, (effect,), "", Severity.HOUSE, Status.IN_FORCE, "", Template(""))
