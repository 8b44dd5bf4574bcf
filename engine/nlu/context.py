"""What colours an utterance: where it denies, doubts, quotes, asks, or speaks of somebody else."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from engine.nlu.clauses import Clause, clauses
from engine.nlu.language import Cues, Language
from engine.nlu.patterns import Hit
from engine.nlu.sieve import Sieve
from engine.nlu.words import Words

Range = tuple[int, int]  # words [first, last)
_COLOURS = (
    "pseudo_negation", "told_us", "negation", "reported", "hedge", "condition", "later", "third_party", "sarcasm",
    "retraction", "someone_else_does", "other_debts", "introduces", "unbounded", "concedes", "undoes",
)  # fmt: skip


@dataclass(frozen=True)
class Compiled:
    """A language's cues, compiled."""

    negation: re.Pattern[str]
    interjection: re.Pattern[str]
    concord: re.Pattern[str]
    says: re.Pattern[str]
    pseudo_negation: re.Pattern[str]
    hedge: re.Pattern[str]
    condition: re.Pattern[str]
    later: re.Pattern[str]
    third_party: re.Pattern[str]
    reported: re.Pattern[str]
    told_us: re.Pattern[str]
    sarcasm: re.Pattern[str]
    retraction: re.Pattern[str]
    question: re.Pattern[str]
    someone_else_does: re.Pattern[str]
    other_debts: re.Pattern[str]
    confirms: re.Pattern[str]
    introduces: re.Pattern[str]
    general: re.Pattern[str]
    self_reference: re.Pattern[str]
    plain: re.Pattern[str]
    unbounded: re.Pattern[str]
    supposes: re.Pattern[str]
    concedes: re.Pattern[str]
    undoes: re.Pattern[str]

    @classmethod
    def of(cls, cues: Cues) -> "Compiled":
        """Return *cues*, compiled."""
        return cls(**{name: re.compile(getattr(cues, name)) for name in cls.__dataclass_fields__})

    @cached_property
    def sieve(self) -> Sieve:
        """Return what tells which of `_COLOURS` a line may hold."""
        return Sieve(getattr(self, name) for name in _COLOURS)


@dataclass(frozen=True)
class Context:
    """The cues of one utterance, as ranges of words."""

    words: Words
    parts: tuple[Clause, ...]
    cues: Compiled
    subjects: frozenset[str]
    negations: tuple[Range, ...]
    hedges: tuple[Range, ...]
    conditions: tuple[Range, ...]
    laters: tuple[Range, ...]
    third_parties: tuple[Range, ...]
    reports: tuple[Range, ...]
    sarcasms: tuple[Range, ...]
    retractions: tuple[Range, ...]
    others_act: tuple[Range, ...]
    other_debts: tuple[Range, ...]
    introductions: tuple[Range, ...]
    unbounded: tuple[Range, ...]
    concessions: tuple[Range, ...]
    undone: tuple[Range, ...]
    questions: frozenset[int]  # indices of clauses

    def part(self, word: int) -> int:
        """Return the index of the clause that holds *word*."""
        return next((i for i, p in enumerate(self.parts) if p.first <= word < p.last), 0)

    def within(self, ranges: Iterable[Range], part: int) -> tuple[Range, ...]:
        """Return those of *ranges* that begin in clause *part*."""
        clause = self.parts[part]
        return tuple(r for r in ranges if clause.first <= r[0] < clause.last)

    def say(self, place: Range) -> str:
        """Return the words of *place*."""
        return " ".join(self.words.texts[place[0] : place[1]])


def context(words: Words, language: Language, cues: Compiled) -> Context:
    """Return the cues of *words*."""
    line = words.line
    parts = clauses(words, language)

    found: dict[str, tuple[Range, ...]] = dict.fromkeys(_COLOURS, ())
    for number in cues.sieve.possible(line):
        pattern: re.Pattern[str] = getattr(cues, _COLOURS[number])
        spans = [m.span() for m in pattern.finditer(line) if m.group()]
        found[_COLOURS[number]] = tuple((words.index(start), words.index(end - 1) + 1) for start, end in spans)

    pseudo, told = found["pseudo_negation"], found["told_us"]
    negations = tuple(n for n in found["negation"] if not _inside(n, pseudo) and not _inverted(words.texts, n))
    reports = tuple(r for r in found["reported"] if not any(t[0] <= r[0] < t[1] for t in told))
    questions = frozenset(
        i for i, p in enumerate(parts) if p.asked or cues.question.match(p.text(words))
    )
    return Context(
        words,
        parts,
        cues,
        language.subjects,
        negations,
        found["hedge"],
        found["condition"],
        found["later"],
        found["third_party"],
        reports,
        found["sarcasm"],
        found["retraction"],
        found["someone_else_does"],
        found["other_debts"],
        found["introduces"],
        found["unbounded"],
        found["concedes"],
        found["undoes"],
        questions,
    )


def _inside(place: Range, others: tuple[Range, ...]) -> bool:
    return any(a <= place[0] and place[1] <= b for a, b in others)


def _inverted(texts: tuple[str, ...], place: Range) -> bool:
    """Whether the denial is a request put as a question: ``can not you stop``, ``why do not you stop``."""
    return place[1] < len(texts) and texts[place[1]] == "you" and texts[place[0]] == "not"


def denial_before(context: Context, hit: Hit) -> Range | None:
    """Return the denial whose scope reaches *hit* from before it in its clause, or None.

    A pattern's own denial (``do not call``) is part of what it means and is no denial of it. A denial reaches past
    another subject only through a verb of saying (``i never said you ...``). Two denials side
    by side are one (``ain't no``). A denied verb takes its infinitive with it (``you don't have to stop``).
    """
    clause = context.parts[context.part(hit.first)]
    texts = context.words.texts
    for negation in context.negations:
        if not clause.first <= negation[0] < hit.first or hit.first - negation[1] > 6:
            continue
        between = texts[negation[1] : hit.first]
        if context.cues.interjection.fullmatch(texts[negation[0]]) and (between or hit.denies):
            continue
        if not between and context.cues.concord.fullmatch(texts[hit.first]):
            continue
        infinitive = len(between) == 2 and between[1] == "to"
        beyond = between[1:] + ((texts[hit.first],) if between and not infinitive else ())
        if any(t in context.subjects for t in beyond) and not context.cues.says.search(" ".join(between)):
            continue
        return negation
    if not hit.denies:
        return next((n for n in context.negations if hit.first < n[0] < hit.last), None)
    return None
