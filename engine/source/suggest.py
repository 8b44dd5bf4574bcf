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


def nearest(word: str, candidates: Iterable[str]) -> tuple[str, ...]:
    """Return the candidates that *word* was most likely meant to be: the nearest, by the alphabet; often none.

    Case, hyphens and underscores are forgiven; else one slip for every three letters, at most three.
    """
    if not word or len(word) > _LONGEST:
        return ()
    plain = _plain(word)
    near = min(3, len(word) // 3)
    best: set[str] = set()
    for candidate in candidates:
        if candidate == word or abs(len(candidate) - len(word)) > 3:
            continue
        found = distance(plain, _plain(candidate))
        if found < near:
            near, best = found, set()
        if found <= near:
            best.add(str(candidate))
    return tuple(sorted(best))


def suggest(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that *word* was most likely meant to be, or None; of several as near, the first."""
    return next(iter(nearest(word, candidates)), None)


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """Return the question which candidate was meant, with all that are as near, or ''."""
    near = nearest(word, candidates)
    return f"did you mean {' or '.join(f'`{name}`' for name in near)}?" if near else ""


def _plain(word: str) -> str:
    return word.casefold().replace("-", "_").replace(" ", "_")
