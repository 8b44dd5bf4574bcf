"""Which of many patterns can match a line at all, found in one pass (RE2), so that the others need not be tried.

RE2 knows no look-around. A pattern without its look-arounds matches wherever the pattern itself does, and perhaps
elsewhere: so nothing is missed, and what is found is then tried as it is written.
"""

import re
from collections.abc import Iterable

import re2

_LOOKS = ("(?=", "(?!", "(?<=", "(?<!")
_MEMORY = 8 << 20  # bytes for the automaton of all patterns; some tens of thousands of lines fill 1 MB


class Sieve:
    """The patterns that are tried on one kind of line, by their numbers from 0.

    Raises:
        ValueError: A pattern without its look-arounds is not in RE2's syntax.
    """

    def __init__(self, patterns: Iterable[re.Pattern[str]]) -> None:
        options = re2.Options()
        options.max_mem = _MEMORY
        self._set = re2.Set.SearchSet(options)
        sources = [without_looks(pattern.pattern) for pattern in patterns]
        for source in sources:
            try:
                self._set.Add(source)
            except re2.error as error:
                raise ValueError(f"pattern `{source}`: {error}") from error
        self._every = tuple(range(len(sources)))
        self._sentinel = self._set.Add("")
        self._set.Compile()

    def possible(self, line: str) -> tuple[int, ...]:
        """Return the numbers of the patterns that may match *line*, which has no line break, in order.

        All are returned for a line with letters beyond ASCII, of which the two readers think differently, and where
        the set ran out of memory: it then finds nothing and does not say so, and its sentinel, which always
        matches, tells.
        """
        if not line.isascii():
            return self._every
        found = sorted(self._set.Match(line) or ())
        return tuple(found[:-1]) if found and found[-1] == self._sentinel else self._every


def without_looks(source: str) -> str:
    """Return a pattern without its look-arounds; it matches wherever *source* does."""
    kept: list[str] = []
    depth, inside = 0, False  # of the brackets of a look-around; within a class of characters
    at = 0
    while at < len(source):
        size = 2 if source[at] == "\\" else 1
        part = source[at : at + size]
        if inside:
            inside = part != "]"
        elif part == "[":
            inside = True
        elif depth or source.startswith(_LOOKS, at):
            depth += {"(": 1, ")": -1}.get(part, 0)
            if not depth:
                at += size
                continue
        if not depth:
            kept.append(part)
        at += size
    return "".join(kept)
