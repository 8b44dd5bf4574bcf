"""
A sentence that names what may not be known yet cannot be said, and the turn is held back.

Every fact that is heard, derived or noted on the way must be set on every way that leads to a prompt naming it.

Flagged::

    # flows/call/prompts.yaml
    prompts:
      greeting: Hello, may I speak with {{ party.first_name }}?
      ask_zip: What is your ZIP code?
      balance: The balance is {{ account.balance | money }}. Is that clear?
      bye: Thank you for the {{ pay.amount | money }}.
      stopped: We will not call again.
      wait_please: One moment, please.
      are_you_there: Are you there?
      sorry: I did not understand.
    # flows/call/flow.yaml
    blocked: {end: blocked}
    states:
      greeting:
        say: greeting
        hears:
          affirm: {say: bye, end: done}  # error[slot-maybe-unset]

Write instead::

    # flows/call/prompts.yaml
    prompts:
      greeting: Hello, may I speak with {{ party.first_name }}?
      ask_zip: What is your ZIP code?
      balance: The balance is {{ account.balance | money }}. Is that clear?
      bye: Thank you for the {{ pay.amount | money }}.
      stopped: We will not call again.
      wait_please: One moment, please.
      are_you_there: Are you there?
      sorry: I did not understand.
    # flows/call/flow.yaml
    blocked: {end: blocked}
    states:
      greeting:
        say: greeting
        hears:
          affirm:
            - {when: pay.amount is known, say: bye, end: done}
            - {end: done}
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from engine.bundle import Flow, NeverSay, Rule, Template
from engine.checks.context import Context, undecided
from engine.checks.prove.proof import Proof, Verdict
from engine.checks.prove.prover import Prover, unless_held_back
from engine.checks.prove.slices import Slicer
from engine.expressions.tree import All, Compare, Constant, Known, Not, Ref
from engine.runtime.session import Turn
from engine.source.finding import Finding, Level
from engine.terms import Ask, FactSource, Kind, Severity, Status, ValueType

ON_THE_WAY = (FactSource.HEARD, FactSource.FLOW, FactSource.POLICY)

NAME = "slot-maybe-unset"
CODE = "SLT202"
LEVEL = Level.ERROR
WAIVABLE = True
READS: tuple[Kind, ...] = (Kind.FLOW,)


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each step that leads to a prompt whose facts can be unknown when it is due.

    Where a rule holds the same turn up, or the turns before it, that rule is what there is to mend.
    """
    goals = tuple(_goals(context))
    if not goals:
        return

    def held_back(rule: Rule, turn: Turn) -> bool:
        prompt, fact = _named(rule.id)
        refused = [d for d in turn.decisions if d.subject == prompt and fact in d.facts and d.facts[fact] is None]
        return bool(refused) and bool(turn.prevented)

    prover = Prover(context.bundle, context.as_of, context.budget, thorough=False)
    for flow in context.flows:
        slicer = Slicer(context.bundle, flow, context.as_of)
        wrong = context.broken(flow)
        proofs = prover.search(slicer, tuple(unless_held_back(goal, wrong) for goal in goals), held_back, wrong)
        yield from _findings(context, flow, proofs)


def _findings(context: Context, flow: Flow, proofs: Mapping[str, Proof]) -> Iterator[Finding]:
    """Yield what *proofs* come to: what one step leads to, and what of one prompt is not known, is said together."""
    told = {proof.where for proof in context.proofs if proof.flow == flow.id and proof.verdict is Verdict.BROKEN}
    broken: dict[str, dict[str, Proof]] = defaultdict(dict)
    for name, proof in proofs.items():
        if proof.verdict is Verdict.BROKEN:
            broken[proof.where][name] = proof
    shown = {_named(name)[0]: where for where, group in broken.items() for name in group}
    for where, group in broken.items():
        if where in told:
            continue
        name = min(group, key=lambda one: (len(group[one].call), one))
        prompt, fact = _named(name)
        proof = group[name]
        unsure = [n for n, p in proofs.items() if _undecided(p) and shown.get(_named(n)[0]) == where]
        yield Finding(
            proof.culprit,
            NAME,
            f"`{fact}` may be unknown when `{prompt}` names it",
            f"ask for it first, or lead here only `when: {fact} is known`",
            why="a sentence with a gap in it is not said: the call would be ended",
            how=tuple(map(str, proof.call[:-1])),
            where=f"{flow.id}/{where}/{fact}",
            also=tuple(other for other in (*group, *unsure) if other != name),
        )
    unsure = [name for name, proof in proofs.items() if _undecided(proof) and _named(name)[0] not in shown]
    if unsure:
        prompt, _ = _named(unsure[0])
        written = next(iter(context.bundle.prompts[prompt].spans.values()), flow.span)
        yield replace(undecided(written, NAME, proofs[unsure[0]]), also=tuple(unsure[1:]))


def _named(goal: str) -> tuple[str, str]:
    prompt, _, fact = goal.partition(" without ")
    return prompt, fact


def _undecided(proof: Proof) -> bool:
    return proof.verdict is Verdict.COULD_NOT_CHECK


def _goals(context: Context) -> Iterator[Rule]:
    facts = context.bundle.vocabulary.facts
    for prompt in context.bundle.prompts.values():
        names = sorted({name for text in prompt.texts.values() for name in text.names})
        for name in names:
            fact = facts.get(name)
            if fact is None or fact.origin not in ON_THE_WAY or fact.initially is not None:
                continue
            this = Compare("==", Ref("utterance.prompt", ValueType.TEXT, False), Constant(prompt.id, ValueType.TEXT))
            when = All((this, Not(Known(Ref(name, fact.type)))))
            yield Rule(
                f"{prompt.id} without {name}",
                "",
                Ask.BEFORE_SPEAKING,
                when,
                None,
                when,
                (NeverSay(frozenset(), frozenset((prompt.id,))),),
                "",
                Severity.HOUSE,
                Status.IN_FORCE,
                "",
                Template(""),
            )
