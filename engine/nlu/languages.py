"""The languages whose words are understood. What is particular to one is loaded when it is first wanted."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.nlu.language import Language

CODES = ("en", "es")
"""Their ISO 639-1 codes."""


def language_of(code: str) -> "Language":
    """Return the language of *code*.

    Raises:
        LookupError: It is not one of them.
    """
    if code == "en":
        from engine.nlu.english import ENGLISH

        return ENGLISH
    if code == "es":
        from engine.nlu.spanish import SPANISH

        return SPANISH
    raise LookupError(f"the language `{code}` is not known: there is {', '.join(CODES)}")
