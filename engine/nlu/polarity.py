"""Yes or no: the answer the words give, whatever else they say.

Mixed and unknown are never taken for an answer.
"""

import re
from dataclasses import dataclass

from engine.nlu.language import Language
from engine.nlu.words import Words
from engine.terms import Polarity

_TAG = " okay"  # after a denial it asks whether that was heard (``no, alright``)


@dataclass(frozen=True)
class Answers:
    """A language's words of assent and refusal, compiled."""

    yes: re.Pattern[str]
    no: re.Pattern[str]
    pseudo: re.Pattern[str]
    hedge: re.Pattern[str]

    @classmethod
    def of(cls, language: Language) -> "Answers":
        """Return the answers of *language*."""
        cues = language.cues
        return cls(*(re.compile(p) for p in (cues.yes, cues.no, cues.pseudo_negation, cues.hedge)))

    def polarity(self, words: Words) -> Polarity:
        """Return what *words* answer."""
        line = self.pseudo.sub("yes", words.line)
        assents = [m for m in self.yes.finditer(line)]
        denials = list(self.no.finditer(line))
        assents = [
            m
            for m in assents
            if not any(d.start() <= m.start() < d.end() for d in denials) and not self._denied(line, m.start(), m.end())
        ]
        if len(denials) == 1 and len(assents) == 1 and line.endswith(_TAG) and denials[0].start() < assents[0].start():
            assents = [m for m in assents if m.end() < len(line)]
        if self.hedge.search(line) and not denials:
            return Polarity.UNKNOWN
        if assents and not denials:
            return Polarity.YES
        if denials and not assents:
            return Polarity.NO
        return Polarity.MIXED if assents else Polarity.UNKNOWN

    @staticmethod
    def _denied(line: str, start: int, end: int) -> bool:
        before = line[:start].split()[-3:]
        after = line[end:].split()[:2]
        return any(w in ("not", "never") for w in before) or after[:1] in (["not"], ["no"]) or after == ["que", "no"]
