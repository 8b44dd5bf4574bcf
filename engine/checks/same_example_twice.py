"""
One sentence cannot mean two things: the recogniser would guess.

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
      deny:
        examples:
          - 'yes'  # error[same-example-twice]
          - that is wrong
          - incorrect
          - not so
          - negative
          - never
          - no way
          - by no means

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
from engine.checks.words import place_of, plain
from engine.source.finding import Finding, Level
from engine.terms import Kind

NAME = "same-example-twice"
CODE = "INT303"
LEVEL = Level.ERROR
WAIVABLE = True
READS: tuple[Kind, ...] = (Kind.INTENTS,)


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each sentence that stands under two intents of one language."""
    for locale, specs in context.bundle.intents.items():
        held: dict[str, str] = {}
        for spec in specs:
            for example in spec.examples:
                words = plain(example)
                other = held.setdefault(words, spec.id)
                if other != spec.id:
                    yield found(
                        place_of(context, locale, spec, "examples", example),
                        f"`{words}` stands under `{other}` and under `{spec.id}`",
                        "keep it under one",
                        where=f"intents/{locale}/{spec.id}/{words}",
                    )
