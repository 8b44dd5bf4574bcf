"""Manual pages: the parts of a check's docstring."""

from dataclasses import dataclass
from inspect import cleandoc

FLAGGED, INSTEAD = "Flagged::", "Write instead::"


@dataclass(frozen=True, slots=True)
class Page:
    """A check's manual page: its first sentence, the whole text, and what is flagged and what is not."""

    title: str
    text: str
    flagged: str
    instead: str


def page(docstring: str) -> Page:
    """Return the page that *docstring* is.

    Raises:
        ValueError: It lacks one of its two examples.
    """
    text = cleandoc(docstring)
    if FLAGGED not in text or INSTEAD not in text:
        raise ValueError(f"no example in the page that begins with {text[:40]!r}")
    head, _, rest = text.partition(FLAGGED)
    flagged, _, instead = rest.partition(INSTEAD)
    return Page(" ".join(head.split("\n\n")[0].split()), text, cleandoc(flagged), cleandoc(instead))
