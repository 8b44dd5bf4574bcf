"""
What could not be decided is not taken to be safe.

A proof may be too large, or a call may be found that cannot be confirmed. The rule then counts as not proved, the
reason is given, and the command ends with status 3. Other checks that search for calls say it too. Fewer places,
facts or conditions in one rule help.

Flagged::

    # policies/vocabulary.yaml
    places:
      US: {}
      P1: {}
      P2: {}
      P3: {}
      P4: {}
      P5: {}
      P6: {}
      P7: {}
      P8: {}
      P9: {}
      P10: {}
      P11: {}
      P12: {}
      P13: {}
    # policies/rules.yaml
    rules:
      before_debt:  # error[could-not-prove]
        ask: before_speaking
        never_say: [debt]
        when:
          - any:
              - "'P1' in account.places"
              - "'P2' in account.places"
              - "'P3' in account.places"
              - "'P4' in account.places"
              - "'P5' in account.places"
              - "'P6' in account.places"
              - "'P7' in account.places"
              - "'P8' in account.places"
              - "'P9' in account.places"
              - "'P10' in account.places"
              - "'P11' in account.places"
              - "'P12' in account.places"
              - "'P13' in account.places"
        source: house rule
        severity: house

Write instead::

    # policies/rules.yaml
    rules:
      before_debt:
        ask: before_speaking
        never_say: [debt]
        source: house rule
        severity: house
    # flows/call/flow.yaml
    states:
      greeting:
        say: greeting
        hears:
          affirm: {say: bye, end: done}
"""

from collections.abc import Iterator

from engine.checks.context import UNDECIDED, Context, found
from engine.checks.prove.proof import Verdict
from engine.source.finding import Finding, Level

NAME = UNDECIDED
CODE = "PRV500"
LEVEL = Level.ERROR
WAIVABLE = False


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each rule and flow that could not be decided, with the rules that depend on it."""
    undecided = [proof for proof in context.proofs if proof.verdict is Verdict.COULD_NOT_CHECK]
    apart = {(proof.flow, proof.rule) for proof in undecided if not proof.depends}
    for proof in undecided:
        if (proof.flow, proof.depends) in apart:
            continue
        yield found(
            context.bundle.rule(proof.rule).span,
            f"COULD NOT CHECK `{proof.rule}` in `{proof.flow}`: {proof.reason}",
            "make the rule or the flow simpler; until then nobody knows whether it holds",
            where=f"{proof.flow}/{proof.rule}",
            also=tuple(other.rule for other in undecided if (other.flow, other.depends) == (proof.flow, proof.rule)),
        )
