"""
`only_say` holds back what another rule requires to be said.

That is how the language works, and often meant: a voicemail says one sentence and no notice. The pairs are listed so
that somebody has looked at each.

Flagged::

    # policies/rules.yaml
    rules:
      verify:
        ask: on_hearing
        when: heard.zip == party.zip
        derive: {party.verified: 'true'}
        source: house rule
        severity: house
      before_debt:
        ask: before_speaking
        never_say: [debt]
        unless: party.verified
        source: 12 CFR 1006.6(d)(1)
        severity: statutory
      notice:  # error[insertion-held-back]
        ask: before_speaking
        must_say: greeting
        before: anything
        source: house rule
        severity: house
      machine:
        ask: before_speaking
        only_say: [bye]
        when: party.verified
        source: house rule
        severity: house

Write instead::

    # policies/rules.yaml
    rules:
      verify:
        ask: on_hearing
        when: heard.zip == party.zip
        derive: {party.verified: 'true'}
        source: house rule
        severity: house
      before_debt:
        ask: before_speaking
        never_say: [debt]
        unless: party.verified
        source: 12 CFR 1006.6(d)(1)
        severity: statutory
      notice:
        ask: before_speaking
        must_say: greeting
        before: anything
        unless: party.verified
        source: house rule
        severity: house
      machine:
        ask: before_speaking
        only_say: [bye]
        when: party.verified
        source: house rule
        severity: house
"""

from collections.abc import Iterator

from engine.bundle import MustSay, OnlySay
from engine.checks.analysis import in_words, space_of
from engine.checks.context import Context, found
from engine.checks.prove.limits import TooLarge
from engine.checks.prove.truth import FALSE, TRUE, truth
from engine.source.finding import Finding, Level
from engine.terms import Ask

NAME = "insertion-held-back"
CODE = "POL614"
LEVEL = Level.NOTE
WAIVABLE = True


def check(context: Context) -> Iterator[Finding]:
    """Yield one note for each insertion and `only_say` that can hold at once, where it is not let through."""
    speaking = [rule for rule in context.bundle.rules[Ask.BEFORE_SPEAKING] if rule.status.enforced]
    for rule in speaking:
        required = {e.prompt for e in rule.effects if isinstance(e, MustSay)}
        for other in speaking:
            allowed = [e.prompts for e in other.effects if isinstance(e, OnlySay)]
            if not required or not allowed or required <= allowed[0]:
                continue
            try:
                cases = space_of(context.bundle, context.as_of, rule, other).cases()
            except TooLarge:
                continue
            for facts in cases:
                sure = all(
                    truth(r.when, facts) == TRUE and (r.unless is None or truth(r.unless, facts) == FALSE)
                    for r in (rule, other)
                )
                if sure:
                    shown = {n: v for n, v in facts.items() if not n.startswith(("utterance.", "said."))}
                    yield found(
                        rule.span,
                        f"`{other.id}` holds back what `{rule.id}` requires, with "
                        + (in_words(context.bundle, shown) or "any facts"),
                        "nothing, if that is meant",
                        where=f"rules/{rule.id}/{other.id}",
                        level=Level.NOTE,
                    )
                    break
