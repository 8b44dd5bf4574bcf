"""
What is said in a language that nobody taught the program is not understood, and every right is lost in it.

Words are understood in English and in Spanish, whatever the country.

Flagged::

    # flows/intents.yaml
    locale: fr-FR  # error[language-not-understood]
    # flows/call/prompts.yaml
    locale: fr-FR

Write instead::

    # flows/intents.yaml
    locale: es-MX
    # flows/call/prompts.yaml
    locale: es-MX
"""

from collections.abc import Iterator

from engine.checks.context import Context, found
from engine.nlu.languages import CODES, code_of
from engine.source.finding import Finding, Level
from engine.source.tree import Text
from engine.terms import Kind

NAME = "language-not-understood"
CODE = "INT310"
LEVEL = Level.ERROR
WAIVABLE = False


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each document of intents whose language the recogniser does not know."""
    for document in context.sources.of(Kind.INTENTS):
        locale = document.root.get(Text("locale"))
        if isinstance(locale, Text) and code_of(locale) not in CODES:
            yield found(
                locale.span,
                f"nothing said in `{locale}` is understood",
                f"write the intents in one of the languages {', '.join(f'`{name}`' for name in CODES)}",
                where=f"intents/{locale}/locale",
            )
