"""What the recogniser knows of a language besides the intents: its small words.

Every cue is a regular expression over the canonical line (see
:mod:`engine.nlu.words`): lower case, no accents, contractions written out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from engine.nlu.sieve import Sieve


@dataclass(frozen=True, slots=True)
class Cues:
    """Regular expressions for what changes the meaning of the words around them.

    Args:
        negation: Words that deny.
        interjection: Those of them that deny what was asked, and only the very next word besides (``no lawyer``).
        concord: Those that, right after another denial, say it again (``ain't no``).
        says: Verbs after which a denial reaches into the next clause (``never said that``).
        pseudo_negation: Phrases with a denying word that deny nothing (``no problem``).
        hedge: Words that take back certainty (``maybe``).
        condition: Words that make a statement depend on something (``if``, ``unless``).
        later: Vague times that bind nobody (``someday``).
        third_party: The speaker, or who is spoken of, is somebody else (``his wife``).
        reported: Words told of somebody (``he said``).
        told_us: The callee's own words of before, which still hold (``I told you``).
        sarcasm: Phrases by which a yes means no.
        retraction: Words that take back what was said before them.
        question: How a question begins, as a clause.
        someone_else_does: A subject other than the speaker.
        other_debts: What else is paid, or paid otherwise (``rent``, ``attention``).
        yes: Words of assent.
        no: Words of refusal.
        plain: Words that may stand beside a yes or a no and change nothing.
        general: How a question begins that is about the world, not about this call.
        self_reference: Words for the two people on the call.
        confirms: A whole answer that says yes to who it is, and not ``sure`` or ``okay``.
        unbounded: Words by which a wish about a place or an hour becomes one about all calls (``at work or at home``).
        supposes: What makes of the words that follow at once something thought or wanted, not so (``i thought``).
        concedes: What grants a debt (``i do not dispute``).
        undoes: A wish to stop calling that is past, or taken back (``why did you stop``).
        introduces: What stands before the name of the speaker (``this is``).
    """

    negation: str
    interjection: str
    concord: str
    says: str
    pseudo_negation: str
    hedge: str
    condition: str
    later: str
    third_party: str
    reported: str
    told_us: str
    sarcasm: str
    retraction: str
    question: str
    someone_else_does: str
    other_debts: str
    yes: str
    no: str
    general: str
    self_reference: str
    plain: str
    confirms: str
    introduces: str
    unbounded: str
    supposes: str
    concedes: str
    undoes: str


@dataclass(frozen=True, slots=True)
class Numerals:
    """Number words and calendar words, in canonical spelling."""

    units: Mapping[str, int]  # 0 to 19
    tens: Mapping[str, int]
    hundreds: Mapping[str, int]  # words standing for whole hundreds; ``hundred`` multiplies
    multipliers: Mapping[str, int]
    ordinals: Mapping[str, int]
    repeats: Mapping[str, int]  # double, triple
    joiner: str  # ``and`` inside a number
    months: Mapping[str, int]
    weekdays: Mapping[str, int]


@dataclass(frozen=True)
class Language:
    """One language's small words."""

    code: str
    contractions: Mapping[str, tuple[str, ...]]
    fillers: frozenset[str]
    openers: re.Pattern[str]  # words that call for attention, at the beginning of an utterance
    filler_phrases: tuple[tuple[str, ...], ...]
    corrections: tuple[tuple[re.Pattern[str], str], ...]  # over the line, and what was meant
    clause_openers: frozenset[str]  # words that open a clause and belong to it
    subjects: frozenset[str]
    auxiliaries: frozenset[str]
    inverts: frozenset[str]  # verbs that stand before their subject in a question
    pronouns: frozenset[str]
    asks: frozenset[str]  # question words
    complementisers: frozenset[str]  # after these a subject goes on with the clause
    cues: Cues
    numerals: Numerals
    common_words: frozenset[str] = field(default=frozenset())

    @cached_property
    def misheard(self) -> Sieve:
        """Return what tells which corrections a line may need."""
        return Sieve(heard for heard, _ in self.corrections)
