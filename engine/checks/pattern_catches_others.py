"""
A pattern that matches a whole sentence of another intent answers the wrong thing.

Matching a part of it is no mistake: one utterance can mean several things.

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
      deny:  # error[pattern-catches-others]
        patterns: ['\\bsure\\b']
        examples:
          - nope
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
        patterns: ['\\bwrong\\b']
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

import re2

from engine.checks.context import Context, found
from engine.checks.words import plain
from engine.source.finding import Finding, Level

NAME = "pattern-catches-others"
CODE = "INT304"
LEVEL = Level.NOTE
WAIVABLE = True


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each pattern that matches an example of an intent that does not match it itself."""
    for locale, specs in context.bundle.intents.items():
        examples = [(spec.id, plain(example)) for spec in specs for example in spec.examples]
        whole = "\n".join(words for _, words in examples)
        for spec in specs:
            for pattern in spec.patterns:
                compiled = re2.compile(f"(?i){pattern}")
                if compiled.search(whole) is None:
                    continue
                other = next((e for e in examples if e[0] != spec.id and compiled.fullmatch(e[1])), None)
                own = {words for name, words in examples if name == spec.id}
                if other is not None and other[1] not in own:
                    yield found(
                        spec.span,
                        f"`{pattern}` matches `{other[1]}`, which means `{other[0]}`",
                        "make the pattern narrower",
                        where=f"intents/{locale}/{spec.id}/{pattern}",
                    )
