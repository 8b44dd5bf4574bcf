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

from collections.abc import Iterator

from engine.bundle import NeverSay, Rule, Template
from engine.checks.context import Context, undecided
from engine.checks.prove.proof import Verdict
from engine.checks.prove.prover import Prover
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
    """Yield one finding for each prompt and fact that can be unknown when the prompt is due."""
    goals = tuple(_goals(context))
    if not goals:
        return

    def held_back(rule: Rule, turn: Turn) -> bool:
        prompt, fact = rule.id.split(" without ")
        refused = [d for d in turn.decisions if d.subject == prompt and fact in d.facts and d.facts[fact] is None]
        return bool(refused) and bool(turn.prevented)

    prover = Prover(context.bundle, context.as_of, context.budget, thorough=False, guided=True)
    for flow in context.flows:
        slicer = Slicer(context.bundle, flow, context.as_of)
        for name, proof in prover.search(slicer, goals, held_back).items():
            prompt, fact = name.split(" without ")
            if proof.verdict is Verdict.COULD_NOT_CHECK:
                where = next(iter(context.bundle.prompts[prompt].spans.values()), flow.span)
                yield undecided(where, NAME, proof)
            if proof.verdict is Verdict.BROKEN:
                yield Finding(
                    proof.culprit,
                    NAME,
                    f"`{fact}` may be unknown when `{prompt}` names it",
                    f"ask for it first, or lead here only `when: {fact} is known`",
                    why="a sentence with a gap in it is not said: the call would be ended",
                    how=tuple(map(str, proof.call[:-1])),
                    where=f"{flow.id}/{proof.where}/{fact}",
                )


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
