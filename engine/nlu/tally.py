"""How well callees were understood: counts over turns in which words were heard."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

#: A best score under this is a low one.
LOW = 0.6
#: What the agent did where it did nothing but speak.
SAYS_ONLY = "says_only"


@dataclass(frozen=True, slots=True)
class Heard:
    """One turn with words.

    Args:
        call: What tells its call from others.
        readings: (intent, score, whether it was acted on), the best first.
        actions: What the agent did.
        outcome: How the call ended, or ''.
    """

    call: str
    readings: Sequence[tuple[str, float, bool]]
    actions: Sequence[str]
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Intent:
    """One intent as it was heard.

    Args:
        intent: Its name.
        heard: Turns in which it was the best reading.
        accepted: Turns in which it was acted on.
        low: Turns in which it was the best reading with a low score.
        actions: What the agent did in the turns in which it was acted on.
    """

    intent: str
    heard: int
    accepted: int
    low: int
    actions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Hearing:
    """What was understood.

    Args:
        turns: Turns with words.
        not_understood: Turns in which no intent was acted on.
        histogram: Turns by the best score, in ten equal steps from 0 to 1.
        intents: The most often heard first.
        outcomes: How the calls of these turns ended.
    """

    turns: int
    not_understood: int
    histogram: tuple[int, ...]
    intents: tuple[Intent, ...]
    outcomes: Mapping[str, int]


def tally(turns: Iterable[Heard]) -> Hearing:
    """Return the counts over *turns*."""
    best: Counter[str] = Counter()
    low: Counter[str] = Counter()
    accepted: Counter[str] = Counter()
    bins: Counter[int] = Counter()
    done: dict[str, Counter[str]] = {}
    outcomes: dict[str, str] = {}
    total = missed = 0
    for turn in turns:
        total += 1
        outcomes[turn.call] = turn.outcome or "going_on"
        acted_on = [intent for intent, _, acted in turn.readings if acted]
        missed += not acted_on
        accepted.update(acted_on)
        if turn.readings:
            intent, score, _ = turn.readings[0]
            best[intent] += 1
            low[intent] += score < LOW
            bins[min(9, int(score * 10))] += 1
        for intent in acted_on:
            done.setdefault(intent, Counter()).update(turn.actions or (SAYS_ONLY,))
    names = sorted(best | accepted, key=lambda name: (-best[name], -accepted[name], name))
    return Hearing(
        turns=total,
        not_understood=missed,
        histogram=tuple(bins[step] for step in range(10)),
        intents=tuple(
            Intent(n, best[n], accepted[n], low[n], dict(done.get(n, Counter()).most_common())) for n in names
        ),
        outcomes=dict(Counter(outcomes.values()).most_common()),
    )
