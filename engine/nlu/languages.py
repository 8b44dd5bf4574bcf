"""The languages whose words are understood. What is particular to one is loaded when it is first wanted."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.nlu.language import Language

CODES = ("en", "es")
"""Their ISO 639-1 codes."""


def code_of(locale: str) -> str:
    """Return the code of the language of *locale*, as ``en`` of ``en-US``."""
    return locale.partition("-")[0]


def language_of(locale: str) -> "Language":
    """Return the language of *locale*.

    Raises:
        LookupError: Its words are not understood.
    """
    match code_of(locale):
        case "en":
            from engine.nlu.english import ENGLISH

            return ENGLISH
        case "es":
            from engine.nlu.spanish import SPANISH

            return SPANISH
    raise LookupError(f"the language of `{locale}` is not known: there is {', '.join(CODES)}")
