"""
A state that answers an intent nobody described in some language never hears it there.

Flagged::

    # flows/intents.es.yaml
    callwright: 1
    kind: intents
    id: intents.es
    version: 1.0.0
    title: Lo que se quiere decir
    locale: es-US
    intents:
      stop_calling: {examples: [no me llame]}
      human: {examples: [una persona]}
      affirm: {examples: [claro]}
    # flows/intents.yaml
    intents:
      stop_calling: {examples: [stop calling me]}
      human: {examples: [a person]}
      affirm: {examples: [sure]}
      deny: {examples: [nope]}  # error[intent-not-described]

Write instead::

    # flows/intents.es.yaml
    callwright: 1
    kind: intents
    id: intents.es
    version: 1.0.0
    title: Lo que se quiere decir
    locale: es-US
    intents:
      stop_calling: {examples: [no me llame]}
      human: {examples: [una persona]}
      affirm: {examples: [claro]}
      deny: {examples: [no es asi]}
"""

from collections.abc import Iterator

from engine.checks.context import Context, found
from engine.source.finding import Finding, Level

NAME = "intent-not-described"
CODE = "INT302"
LEVEL = Level.ERROR
WAIVABLE = True


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each answered intent that one of the languages has no words for."""
    answered = {trigger for flow in context.flows for state in flow.states.values() for trigger in state.hears}
    described = {locale: {s.id for s in specs} for locale, specs in context.bundle.intents.items()}
    every = {s.id: s.span for specs in context.bundle.intents.values() for s in specs}
    for locale in sorted(context.bundle.intents):
        for intent in sorted(answered & set(every)):
            if intent not in described.get(locale, set()):
                yield found(
                    every[intent],
                    f"`{intent}` has no words in {locale}",
                    f"describe it in {locale} too",
                    where=f"intents/{locale}/{intent}",
                )
