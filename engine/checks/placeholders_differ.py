"""
A sentence that names other facts in another language tells its hearers something else.

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
      deny: {examples: [no es asi]}
    # flows/call/prompts.es.yaml
    callwright: 1
    kind: prompts
    id: call.es
    version: 1.0.0
    title: Lo que se dice
    locale: es-US
    prompts:
      greeting: Hola.  # error[placeholders-differ]
      ask_zip: Su ZIP?
      balance: El saldo es {{ account.balance | money }}.
      bye: Gracias.
      stopped: No llamaremos.
      wait_please: Un momento.
      are_you_there: Hola?
      sorry: No entiendo.

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
    # flows/call/prompts.es.yaml
    callwright: 1
    kind: prompts
    id: call.es
    version: 1.0.0
    title: Lo que se dice
    locale: es-US
    prompts:
      greeting: Hola, puedo hablar con {{ party.first_name }}?
      ask_zip: Su ZIP?
      balance: El saldo es {{ account.balance | money }}.
      bye: Gracias.
      stopped: No llamaremos.
      wait_please: Un momento.
      are_you_there: Hola?
      sorry: No entiendo.
"""

from collections.abc import Iterator

from engine.checks.context import Context, found
from engine.source.finding import Finding, Level

NAME = "placeholders-differ"
CODE = "PRM406"
LEVEL = Level.ERROR
WAIVABLE = True


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each sentence that names other facts than it does in the first language."""
    for prompt in context.bundle.prompts.values():
        locales = sorted(prompt.texts)
        for locale in locales[1:]:
            first, other = set(prompt.texts[locales[0]].names), set(prompt.texts[locale].names)
            if first != other:
                name = sorted(first ^ other)[0]
                where = locales[0] if name in first else locale
                yield found(
                    prompt.spans.get(locale, prompt.texts[locale].span),
                    f"`{prompt.id}` names `{name}` in {where} only",
                    "name the same facts in every language",
                    where=f"prompts/{prompt.id}/{locale}",
                )
