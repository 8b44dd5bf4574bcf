"""The time before which somebody wants no calls: ``never before noon``, ``only after five``.

Only what bounds the day from below is one: ``call me before noon`` and ``not after nine`` are none, and neither is a
time that leaves the half of the day open.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from engine.nlu.entity import Entity
from engine.nlu.words import Words

_NO = r"(?:not|never|no|nothing|nobody|stop|quit|nunca|nada|jamas|ni)"
_DENIED_BEFORE = re.compile(rf"\b{_NO}(?: \w+){{0,7}} (?:before|until|till|antes del?|hasta)(?: el| las?)?\Z")
_AFTER = re.compile(r"\b(?:after|past|from|despues del?|a partir del?|desde)(?: el| las?)?\Z")
_DENIED = re.compile(rf"\b{_NO}\b")
_BOUNDS = frozenset({"before", "after", "until", "till", "past"})
_NEAR = 8


def earliest(words: Words, times: Iterable[Entity]) -> Iterator[Entity]:
    """Yield each of *times* before which no call is wanted."""
    for time in times:
        start = time.first + (words.texts[time.first] in _BOUNDS)
        before = " ".join(words.texts[max(0, start - _NEAR - 2) : start])
        wanted_after = _AFTER.search(before) and not _DENIED.search(before)
        if len(time.values) == 1 and (wanted_after or _DENIED_BEFORE.search(before)):
            yield replace(time, kind="earliest", why=f"no calls before {time.why}")
