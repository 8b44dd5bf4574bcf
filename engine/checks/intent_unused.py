"""
An intent that is recognised and that no state answers is treated as noise.

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
          - nope
          - that is wrong
          - incorrect
          - not so
          - negative
          - never
          - no way
          - by no means
      weather:  # error[intent-unused]
        examples:
          - is it raining
          - what weather
          - sun today
          - how cold
          - will it snow
          - nice day

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
from engine.checks.prove.slices import conditions_of
from engine.checks.prove.truth import read_by
from engine.source.finding import Finding, Level

NAME = "intent-unused"
CODE = "INT301"
LEVEL = Level.WARNING
WAIVABLE = True
OUTSIDE = "outside"


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each intent that no state answers and no rule asks about."""
    used = {trigger for flow in context.flows for state in flow.states.values() for trigger in state.hears}
    used |= {
        name.removeprefix("heard.")
        for rules in context.bundle.rules.values()
        for rule in rules
        for c in conditions_of(rule)
        for name in read_by(c)
    }
    used |= set(context.bundle.vocabulary.protected)  # of rights that nothing answers another check speaks
    seen = set()
    for specs in context.bundle.intents.values():
        for spec in specs:
            if spec.id not in used and spec.id != OUTSIDE and spec.id not in seen:
                seen.add(spec.id)
                yield found(
                    spec.span, f"no state answers `{spec.id}`", "answer it, or delete it", where=f"intents/{spec.id}"
                )
