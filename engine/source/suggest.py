"""Did you mean: the nearest of the words that would have been right."""

from collections.abc import Iterable

_LONGEST = 60


def distance(left: str, right: str) -> int:
    """Return the number of letters to change, drop, add or swap with a neighbour to make *right* of *left*.

    Source: optimal string alignment, the restricted form of Damerau (1964) and Levenshtein (1966).
    """
    before: list[int] = []
    above = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        row = [i]
        for j, b in enumerate(right, 1):
            cost = min(row[j - 1] + 1, above[j] + 1, above[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and b == left[i - 2]:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, above = above, row
    return above[-1]


def suggest(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that *word* was most likely meant to be, or None when none is near.

    Case, hyphens and underscores are forgiven; else one slip for every three letters, at most three.
    Of several as near, the first by the alphabet.
    """
    if not word or len(word) > _LONGEST:
        return None
    plain = _plain(word)
    limit = min(3, len(word) // 3)
    best: tuple[int, str] | None = None
    for candidate in candidates:
        if candidate == word or abs(len(candidate) - len(word)) > 3:
            continue
        found = (distance(plain, _plain(candidate)), str(candidate))
        if found[0] <= limit and (best is None or found < best):
            best = found
    return best[1] if best else None


def _plain(word: str) -> str:
    return word.casefold().replace("-", "_").replace(" ", "_")
