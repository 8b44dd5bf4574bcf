"""Examples of intents as plain words."""

import re

_SLOT = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def plain(example: str) -> str:
    """Return *example* in lower case, without the marks around its slots and without punctuation at its ends."""
    return _SLOT.sub(r"\1", example).lower().strip(" .?!,")
