"""
An intent with few examples and no pattern is recognised by luck.

Flagged::

    # flows/intents.yaml
    intents:
      stop_calling:
        examples:
          - stop calling me
          - take me off your list
          - never call again
          - no more calls please
          - quit phoning me
          - leave me alone
          - remove my number
          - do not ring me
      human:
        examples:
          - let me talk to a person
          - a human please
          - get me an operator
          - somebody real
          - an agent
          - your supervisor
          - a representative
          - transfer me to someone
      affirm:
        examples:
          - 'yes'
          - yeah
          - sure
          - certainly
          - that is right
          - correct
          - of course
          - absolutely
      deny:  # error[too-few-examples]
        examples:
          - nope

Write instead::

    # flows/intents.yaml
    intents:
      stop_calling:
        examples:
          - stop calling me
          - take me off your list
          - never call again
          - no more calls please
          - quit phoning me
          - leave me alone
          - remove my number
          - do not ring me
      human:
        examples:
          - let me talk to a person
          - a human please
          - get me an operator
          - somebody real
          - an agent
          - your supervisor
          - a representative
          - transfer me to someone
      affirm:
        examples:
          - 'yes'
          - yeah
          - sure
          - certainly
          - that is right
          - correct
          - of course
          - absolutely
      deny:
        examples:
          - nope
          - that is wrong
          - incorrect
          - not so
          - negative
          - never
          - no way
          - by no means
"""

from collections.abc import Iterator

from engine.checks.context import Context, found
from engine.source.finding import Finding, Level

NAME = "too-few-examples"
CODE = "INT306"
LEVEL = Level.WARNING
WAIVABLE = True


FEWEST = 6


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each intent with fewer than six examples and no pattern."""
    for locale, specs in context.bundle.intents.items():
        for spec in specs:
            if len(spec.examples) < FEWEST and not spec.patterns:
                yield found(
                    spec.span,
                    f"`{spec.id}` has {len(spec.examples)} examples in {locale}",
                    f"write at least {FEWEST}, as people say it",
                    where=f"intents/{locale}/{spec.id}",
                )
