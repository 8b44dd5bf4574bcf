"""
A notice that is required before nothing but itself is never required.

`must_say` puts its sentence in before something else; what it is to come before stands under `before:`.

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
      notice:  # error[notice-before-itself]
        ask: before_speaking
        must_say: greeting
        before: [greeting]
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
        before: [balance]
        source: house rule
        severity: house
"""

from collections.abc import Iterator

from engine.bundle import CompiledBundle, MustSay
from engine.checks.context import Context, found
from engine.source.finding import Finding, Level

NAME = "notice-before-itself"
CODE = "POL617"
LEVEL = Level.ERROR
WAIVABLE = False


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each notice that is to come before itself and before nothing else."""
    for rule in context.rules:
        for effect in rule.effects:
            if isinstance(effect, MustSay) and not _others(context.bundle, effect):
                yield found(
                    rule.span,
                    f"`{rule.id}` requires `{effect.prompt}` before nothing but itself, so never",
                    "write under `before:` what the notice is to come before: classes, `anything`, `end` or an action",
                    where=f"rules/{rule.id}/before",
                )


def _others(bundle: CompiledBundle, effect: MustSay) -> bool:
    """Return whether *effect* is to come before anything but its own sentence."""
    own = bundle.prompts[effect.prompt].discloses
    given = frozenset[str]().union(*(p.discloses for p in bundle.prompts.values() if p.id != effect.prompt))
    classes = {name for name in effect.classes if name in given or name not in own}
    return bool(classes or effect.actions or effect.prompts - {effect.prompt} or effect.anything or effect.end)
