"""
A class of what can be given away that no rule guards protects nothing.

Flagged::

    # policies/vocabulary.yaml
    classes:
      debt: {about: a particular debt}
      secret: {about: what nobody may hear}  # error[class-unguarded]

Write instead::

    # policies/vocabulary.yaml
    classes:
      debt: {about: a particular debt}
"""

from collections.abc import Iterator

from engine.bundle import MustSay, NeverSay
from engine.checks.context import Context, found
from engine.source.finding import Finding, Level

NAME = "class-unguarded"
CODE = "POL611"
LEVEL = Level.ERROR
WAIVABLE = True


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each class that no rule forbids or requires anything before; unspoken ones aside."""
    guarded = {
        name
        for rule in context.rules
        for effect in rule.effects
        if isinstance(effect, NeverSay | MustSay)
        for name in effect.classes
    }
    for name, declared in context.bundle.vocabulary.classes.items():
        if name not in guarded and declared.spoken:
            yield found(
                declared.span,
                f"no rule guards the class `{name}`",
                f"write a rule with `never_say: [{name}]`, or delete the class",
                where=f"classes/{name}",
            )
