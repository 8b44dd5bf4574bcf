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

from collections import defaultdict
from collections.abc import Iterator, Mapping

from engine.checks.context import Context, found
from engine.source.documents import Sources
from engine.source.finding import Finding, Level
from engine.source.tree import Map, Seq, Text
from engine.terms import Kind

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
    yield from _of_classes(_declared(context.sources))


def _of_classes(declared: Mapping[str, Mapping[str, tuple[Text, frozenset[str]]]]) -> Iterator[Finding]:
    """Yield one finding for each sentence whose author says it tells of other things than in the first language."""
    for prompt, said in sorted(declared.items()):
        locales = sorted(said)
        for locale in locales[1:]:
            (_, first), (key, other) = said[locales[0]], said[locale]
            if first != other:
                name = sorted(first ^ other)[0]
                where = locales[0] if name in first else locale
                yield found(
                    key.span,
                    f"`{prompt}` is said to disclose `{name}` in {where} only",
                    "let it disclose the same in every language",
                    why="what a sentence gives away in one language it gives away in the other",
                    level=Level.WARNING,
                    where=f"prompts/{prompt}/{locale}/discloses",
                )


def _declared(sources: Sources) -> dict[str, dict[str, tuple[Text, frozenset[str]]]]:
    """Return, by sentence and language, where it stands and what its author says that it gives away."""
    held: dict[str, dict[str, tuple[Text, frozenset[str]]]] = defaultdict(dict)
    for document in sources.of(Kind.PROMPTS):
        locale, prompts = document.root.get(Text("locale")), document.root.get(Text("prompts"))
        for key, body in prompts.items() if isinstance(prompts, Map) else ():
            listed = body.get(Text("discloses")) if isinstance(body, Map) else None
            classes = frozenset(map(str, listed)) if isinstance(listed, Seq) else frozenset()
            held[str(key)][str(locale)] = key, classes
    return held
