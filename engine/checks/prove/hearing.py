"""The first half of a turn: something is heard, facts change, and rules derive from them to a fixpoint.

Mirrors :mod:`engine.runtime.hearing`. A slot can be heard anew at any moment, and the
clock goes on: so what matters of them is settled afresh in each turn, and not
carried from one to the next. The day is carried: it may become a later one.
"""

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from engine.bundle import Derive, Rule
from engine.checks.prove.knowledge import Knowledge, Regions
from engine.checks.prove.limits import TooLarge
from engine.checks.prove.regions import Mobility, names_in
from engine.checks.prove.slices import NEW_PERSON, conditions_of, derived_by
from engine.checks.prove.together import Choices, Together
from engine.checks.prove.truth import FALSE, TRUE, UNKNOWN, read_by
from engine.expressions.tree import Constant
from engine.terms import EVENTS

MOST_ROUNDS = 8
MOST_OPEN = 6
_Given = tuple[tuple[str, tuple[Constant | None, ...]], ...]
_Derives = tuple[Derive, ...]
_Heard = tuple[int, int, int, int, int, bool, int, int]


class Hearing(NamedTuple):
    """What is known after something was heard and the rules were asked.

    ``heard`` are bits of those intents that still matter; ``end`` is the place among the slice's rules of the
    one that ends the call, or -1. ``gone`` is that by a rule another person has taken the phone.
    """

    known: int
    said: int
    asked: int
    heard: int
    end: int
    gone: bool = False


def _name(given: tuple[str, tuple[Constant | None, ...]]) -> str:
    return given[0]


class _Listening:
    """A rule asked about all cases of what may be heard at once, each answer worked out once.

    ``unsure`` is UNKNOWN for a rule that unknown makes act.
    """

    def __init__(self, knowledge: Knowledge, rule: Rule, cases: tuple[int, ...], unsure: int = 0) -> None:
        self.derives = derived_by(rule)
        self._regions = knowledge.all_regions
        self._when = knowledge.test(rule.when)
        self._unless = None if rule.unless is None else knowledge.test(rule.unless)
        tests = (self._when,) if self._unless is None else (self._when, self._unless)
        self._places = tuple(sorted({place for test in tests for place in test.places}))
        self._said, self._asked, self._heard = 0, 0, 0
        for test in tests:
            self._said, self._asked = self._said | test.said, self._asked | test.asked
            self._heard |= test.heard
        self._cases = cases
        self._unsure = unsure
        self._memo: dict[tuple[tuple[int, ...], int, int], tuple[int, int]] = {}

    def __call__(self, known: int, said: int, asked: int) -> tuple[int, int]:
        """Return in which cases it may fire, and in which it does for sure."""
        regions = self._regions[known]
        key = (tuple([regions[p] for p in self._places]), said & self._said, asked & self._asked)
        found = self._memo.get(key)
        if found is None:
            found = self._memo[key] = self._of_all(known, said, asked)
        return found

    def _of_all(self, known: int, said: int, asked: int) -> tuple[int, int]:
        may, sure = 0, 0
        answers: dict[int, tuple[bool, bool]] = {}
        for place, bits in enumerate(self._cases):
            heard = bits & self._heard
            found = answers.get(heard)
            if found is None:
                found = answers[heard] = self._of_one(known, said, asked, heard)
            may |= found[0] << place
            sure |= found[1] << place
        return may, sure

    def _of_one(self, known: int, said: int, asked: int, heard: int) -> tuple[bool, bool]:
        when = self._when(known, said, asked, heard)
        unless = FALSE if self._unless is None else self._unless(known, said, asked, heard)
        true, false = TRUE | self._unsure, FALSE | self._unsure
        may = bool(when & true and unless & false)
        return may, may and not when & ~true and not unless & ~false


class Hearer:
    """Works out what an event leads to, over one slice."""

    def __init__(self, knowledge: Knowledge) -> None:
        part = knowledge.slice
        self._knowledge = knowledge
        self._slice = part
        self._memo: dict[_Heard, tuple[tuple[int, int, int, bool], ...]] = {}
        self._settled_before: dict[tuple[int, int], int] = {}
        self._slots = self._moving(Mobility.HEARD)
        self._clock = self._moving(Mobility.CLOCK, Mobility.DATED)
        self._days = tuple(place for place, _ in self._moving(Mobility.DAY))
        early = (*part.derives, *part.ends)
        later = (*part.goals, *part.inserts, *part.overrides)
        self._later_conditions = (*part.guards, *(c for rule in later for c in conditions_of(rule)))
        told = {name for rule in early for c in conditions_of(rule) for name in read_by(c)}
        reads = {name for condition in self._later_conditions for name in read_by(condition)}
        bits = {f"heard.{name}": bit for name, bit in knowledge.heard_bits.items()}
        self._later = sum(bit for name, bit in bits.items() if name in reads)
        events = sum(knowledge.heard_bits.get(event, 0) for event in EVENTS)
        conditions = (*(c for rule in early for c in conditions_of(rule)), *self._later_conditions)
        self.together = Together(bits, events, conditions)
        cases = self.together.cases
        self._later_groups = tuple((b & self._later, some) for b, some in self.together.alike(self._later_conditions))
        self._derives = tuple(_Listening(knowledge, rule, cases) for rule in part.derives)
        self._ends = tuple(_Listening(knowledge, rule, cases, UNKNOWN if rule.tightening else 0) for rule in part.ends)
        self._early_prompts = sum(
            bit for name, bit in knowledge.prompt_bits.items() if f"said.{name}" in told or f"asked.{name}" in told
        )
        derived = {d.fact for rule in part.derives for d in derived_by(rule)}
        self._early = knowledge.mask(told) | knowledge.mask(
            names_in(d.value for rule in part.derives for d in derived_by(rule))
        )
        self._touched = self._early | knowledge.mask(derived)
        if NEW_PERSON in derived:
            self._touched |= knowledge.mask(knowledge.of_person)
        self._followed: dict[tuple[Regions, int, int, int], tuple[tuple[Regions, bool, int], ...]] = {}
        self._given: dict[tuple[Regions, int, int, int], tuple[tuple[_Given, int], ...]] = {}
        self.moving = 0
        for place in (*self._days, *(place for place, _ in (*self._slots, *self._clock))):
            self.moving |= 1 << place

    def _moving(self, *mobility: Mobility) -> tuple[tuple[int, frozenset[str]], ...]:
        found = []
        for place, cluster in enumerate(self._knowledge.clusters):
            names = frozenset(fact.name for fact in cluster.facts if fact.mobility in mobility)
            if names:
                found.append((place, names))
        return tuple(found)

    def hear(
        self, known: int, said: int, asked: int, certain: int, free: int, new_person: bool, guards: int
    ) -> Iterator[Hearing]:
        """Yield everything an event may come to.

        Args:
            known: What was known before it.
            said: Prompts that have been heard, as bits.
            asked: Prompts heard just now, as bits.
            certain: Intents heard, as bits.
            free: Intents that may have been heard with them.
            new_person: Whether another person has taken the phone, which clears the slots; else any may be told.
            guards: Clusters the dialogue goes on to ask about in this turn, as bits.
        """
        found = self.heard(known, said, asked, certain, free, new_person, guards)
        if new_person:
            said, asked = 0, 0
        for after, heard, end, gone in found:
            yield Hearing(after, 0 if gone else said, 0 if gone else asked, heard, end, gone)

    def heard(
        self,
        known: int,
        said: int,
        asked: int,
        certain: int,
        free: int,
        new_person: bool,
        guards: int,
        words: int = -1,
    ) -> tuple[tuple[int, int, int, bool], ...]:
        """Return the same without what was said and asked: what is known, what was heard, the end, who has gone.

        Of what was heard only *words* are told apart, as bits.
        """
        early = self._early_prompts
        key = (known, said & early, asked & early, certain, free, new_person, guards & self.moving, words)
        found = self._memo.get(key)
        if found is None:
            found = self._memo[key] = tuple(dict.fromkeys(self._heard(*key)))
        return found

    def settle(self, known: int, kept: int = 0) -> int:
        """Return *known* with slots and clock forgotten, but for the clusters *kept*."""
        found = self._settled_before.get((known, kept))
        if found is None:
            regions = list(self._knowledge.regions(known))
            for place, names in (*self._slots, *self._clock):
                if not kept >> place & 1:
                    regions[place] = self._knowledge.clusters[place].moves(names)[regions[place]][0]
            found = self._settled_before[known, kept] = self._knowledge.number(tuple(regions))
        return found

    def before(self, known: int, new_person: bool) -> list[Regions]:
        """Return what may be known at the moment an event is taken in, as far as rules then ask about it."""
        knowledge = self._knowledge
        knowns = knowledge.forget([knowledge.regions(known)], knowledge.of_turn)
        if new_person:
            knowns = knowledge.forget(knowns, knowledge.of_person)
        return self._moved(knowns, new_person, self._early)

    def _moved(self, knowns: list[Regions], new_person: bool, wanted: int) -> list[Regions]:
        for place in self._days:
            if wanted >> place & 1:
                later = self._knowledge.clusters[place].later()
                knowns = [(*k[:place], region, *k[place + 1 :]) for k in knowns for region in later[k[place]]]
        for place, names in (*self._clock, *(() if new_person else self._slots)):
            if wanted >> place & 1:
                knowns = [after for before in knowns for after in self._knowledge.moved(before, place, names)]
        return list(dict.fromkeys(knowns))

    def _heard(
        self,
        known: int,
        said: int,
        asked: int,
        certain: int,
        free: int,
        new_person: bool,
        guards: int,
        words: int,
    ) -> Iterator[tuple[int, int, int, bool]]:
        choices = self.together.choices(certain, free)
        ways: dict[Hearing, None] = {}
        for before in self.before(known, new_person):
            for way, _ in self.outcomes(before, said, asked, choices, new_person, guards):
                ways[way] = None
        later = guards & ~self._early
        for way in ways:
            for regions in self._moved([self._knowledge.regions(way.known)], new_person, later):
                yield self._knowledge.number(regions), way.heard & words, way.end, way.gone

    def outcomes(
        self, before: Regions, said: int, asked: int, choices: Choices, new_person: bool, guards: int
    ) -> Iterator[tuple[Hearing, int]]:
        """Yield what the rules make of one thing that may be known as an event is taken in, and in which cases."""
        if new_person:
            said, asked = 0, 0
        lasting = guards if new_person else guards & self._early
        earlier = self._knowledge.number(before)
        for settled, gone, chosen in self._follows(before, said, asked, choices, new_person):
            number = self._knowledge.number(settled)
            kept = self.settle(number, lasting)
            for end, some in self._ending(earlier, number, said, asked, chosen & choices.some):
                for heard, alike in self._later_groups:
                    if some & alike:
                        way = Hearing(kept, 0 if gone else said, 0 if gone else asked, heard, end, gone)
                        yield way, some & alike

    def same(self, found: Hearing, wanted: Hearing) -> bool:
        """Return whether *found* is *wanted*, but for what only the dialogue asks about."""
        if found[1:] != wanted[1:]:
            return False
        ours, theirs = self._knowledge.regions(found.known), self._knowledge.regions(wanted.known)
        loose = {p for p in range(len(ours)) if self.moving >> p & 1 and not self._early >> p & 1}
        return all(a == b for place, (a, b) in enumerate(zip(ours, theirs, strict=True)) if place not in loose)

    @property
    def early(self) -> int:
        """Return the clusters that rules ask about as an event is taken in, as bits."""
        return self._early

    @property
    def early_prompts(self) -> int:
        """Return the prompts that rules ask about as an event is taken in, as bits."""
        return self._early_prompts

    def _follows(
        self, known: Regions, said: int, asked: int, choices: Choices, new_person: bool
    ) -> list[tuple[Regions, bool, int]]:
        """Return what :meth:`_derived` yields, worked out once for all that differs to the rules."""
        bare = tuple([region if self._touched >> place & 1 else 0 for place, region in enumerate(known)])
        within = choices.some if new_person else 0
        key = (bare, said & self._early_prompts, asked & self._early_prompts, within)
        found = self._followed.get(key)
        if found is None:
            ways: dict[tuple[Regions, bool], int] = {}
            every = within or (1 << len(self.together.cases)) - 1
            for after, gone, chosen in self._derived(bare, said, asked, every, new_person):
                ways[after, gone] = ways.get((after, gone), 0) | chosen
            found = self._followed[key] = tuple((after, gone, chosen) for (after, gone), chosen in ways.items())
        return [
            (
                after
                if bare == known
                else tuple([r if self._touched >> place & 1 else known[place] for place, r in enumerate(after)]),
                gone,
                chosen,
            )
            for after, gone, chosen in found
            if chosen & choices.some
        ]

    def _derived(
        self, known: Regions, said: int, asked: int, every: int, new_person: bool
    ) -> Iterator[tuple[Regions, bool, int]]:
        """Yield what follows from *known* by the rules, whether by them someone else has the phone, and in which cases.

        *every* are the cases to look at, as bits.
        """
        knowledge = self._knowledge
        for given, chosen in self._givens(known, said, asked, every):
            settled = {name: self._settled(name, values) for name, values in given}
            told = settled.get(NEW_PERSON)
            gone = told is not None and told.value is True and not new_person
            ways = knowledge.forget([known], knowledge.of_person) if gone else [known]
            for name, value in settled.items():
                if not (gone and name in self._slice.person):
                    ways = [after for before in ways for after in knowledge.given_expression(before, name, value)]
            for found in ways:
                yield found, gone, chosen

    def _givens(self, known: Regions, said: int, asked: int, every: int) -> tuple[tuple[_Given, int], ...]:
        """Return what rules derive, and in which cases, worked out once for all that they ask about."""
        early = tuple([region if self._early >> place & 1 else 0 for place, region in enumerate(known)])
        key = (early, said & self._early_prompts, asked & self._early_prompts, every)
        found = self._given.get(key)
        if found is None:
            merged: dict[_Given, int] = {}
            for given, some in self._fixpoints(early, said, asked, every):
                merged[given] = merged.get(given, 0) | some
            found = self._given[key] = tuple(merged.items())
        return found

    def _settled(self, name: str, values: tuple[Constant | None, ...]) -> Constant | None:
        """Return the value rules agree on; where they do not, the first value of the fact."""
        if len(values) == 1:
            return values[0]
        if None in values:
            return None
        held = values[0]
        assert held is not None
        return Constant(self._knowledge.first_value(name), held.type)

    def _fixpoints(self, known: Regions, said: int, asked: int, every: int) -> Iterator[tuple[_Given, int]]:
        """Yield every way rules can derive from *known*: for each fact, the values they give it; and when."""
        waiting: dict[tuple[Regions, _Given], int] = {(known, ()): every}
        for rounds in range(MOST_ROUNDS + 1):
            ahead: dict[tuple[Regions, _Given], int] = {}
            for (working, given), chosen in waiting.items():
                for fired, some in self._ways_to_fire(working, given, said, asked, chosen):
                    grown = self._grown(given, fired, working)
                    if grown == given or rounds >= MOST_ROUNDS:
                        yield grown, some
                        continue
                    after = [known]
                    for name, values in grown:
                        one = self._settled(name, values)
                        after = [k for before in after for k in self._knowledge.given_expression(before, name, one)]
                    for k in after:
                        ahead[k, grown] = ahead.get((k, grown), 0) | some
            waiting = ahead

    def _ways_to_fire(
        self, working: Regions, given: _Given, said: int, asked: int, chosen: int
    ) -> Iterator[tuple[tuple[Derive, ...], int]]:
        """Yield what rules may derive at once that was not *given* before, and in which of the cases *chosen*."""
        held = dict(given)
        for sure, maybe, some in self._fired(self._knowledge.number(working), said, asked, chosen):
            alike = tuple(
                derives
                for derives in dict.fromkeys(maybe)
                if any(self._knowledge.constant(d.value, working) not in held.get(d.fact, ()) for d in derives)
            )
            if len(alike) > MOST_OPEN:
                raise TooLarge(f"{len(alike)} rules at once may or may not derive something, as far as can be told")
            for open_ in product((False, True), repeat=len(alike)):
                perhaps = (derives for derives, yes in zip(alike, open_, strict=True) if yes)
                yield tuple(derive for derives in (*sure, *perhaps) for derive in derives), some

    def _grown(self, given: _Given, fired: tuple[Derive, ...], working: Regions) -> _Given:
        grown = dict(given)
        for derive in fired:
            value = self._knowledge.constant(derive.value, working)
            held = grown.get(derive.fact, ())
            if value not in held:
                grown[derive.fact] = tuple(sorted((*held, value), key=str)) if held else (value,)
        return tuple(sorted(grown.items(), key=_name)) if len(grown) > len(given) else tuple(grown.items())

    def _fired(
        self, known: int, said: int, asked: int, chosen: int
    ) -> list[tuple[tuple[_Derives, ...], tuple[_Derives, ...], int]]:
        """Return what rules derive for sure, what each may derive, and in which of the cases *chosen*."""
        parts: list[tuple[tuple[_Derives, ...], tuple[_Derives, ...], int]] = [((), (), chosen)]
        for listening in self._derives:
            may, sure = listening(known, said, asked)
            if not may & chosen:
                continue
            grown = []
            for always, perhaps, some in parts:
                if some & sure:
                    grown.append(((*always, listening.derives), perhaps, some & sure))
                if some & may & ~sure:
                    grown.append((always, (*perhaps, listening.derives), some & may & ~sure))
                if some & ~may:
                    grown.append((always, perhaps, some & ~may))
            parts = grown
        return parts

    def _ending(self, before: int, known: int, said: int, asked: int, chosen: int) -> list[tuple[int, int]]:
        """Return which rules may end the call, and in which of the cases *chosen*; -1: none does.

        What fired before a derivation counts too.
        """
        found: list[tuple[int, int]] = []
        for place, listening in enumerate(self._ends):
            ended = 0
            for moment in dict.fromkeys((known, before)):
                may, sure = listening(moment, said, asked)
                ended |= chosen & may
                chosen &= ~sure
            if ended:
                found.append((place, ended))
        return [*found, (-1, chosen)] if chosen else found
