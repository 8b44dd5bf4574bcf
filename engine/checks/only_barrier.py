"""
A rule that alone keeps calls from going wrong is one mistake away from nothing.

Said of a rule that a call can run into while no other rule stands in the way: the flow should not lead there at all.
It is printed with the broken rule, as `no other rule stands in the way`; this page says what that means.

Flagged::


    # flows/call/flow.yaml
    states:
      greeting:
        say: greeting
        hears:
          affirm: {go: balance}  # error[only-barrier]
      balance:
        say: balance
        hears:
          affirm: {say: bye, end: done}


Write instead::


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
"""

from collections.abc import Iterator

from engine.checks.context import Context, found
from engine.checks.prove.proof import Verdict
from engine.source.finding import Finding, Level

NAME = "only-barrier"
CODE = "POL615"
LEVEL = Level.NOTE
WAIVABLE = True


def check(context: Context) -> Iterator[Finding]:
    """Yield one note for each broken rule that steps in alone."""
    for proof in context.proofs:
        if proof.verdict is Verdict.BROKEN and proof.prevented == (proof.rule,):
            yield found(
                proof.culprit,
                f"`{proof.rule}` alone keeps this call from going wrong",
                "do not lead here; let the rule be the second barrier",
                where=f"{proof.flow}/{proof.rule}",
                level=Level.NOTE,
            )
