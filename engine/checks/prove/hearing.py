"""The first half of a turn: something is heard, facts change, and rules derive from them to a fixpoint.

Mirrors :mod:`engine.runtime.hearing`. A slot can be heard anew at any moment, and the
clock goes on: so what matters of them is settled afresh in each turn, and not
carried from one to the next.
"""

from collections.abc import Iterable, Iterator
from enum import IntEnum
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

MOST_ROUNDS = 8
MOST_OPEN = 6
_Given = dict[str, tuple[Constant | None, ...]]


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


class Slots(IntEnum):
    """What an event does to the slots."""

    KEPT = 0
    HEARD = 1
    CLEARED = 2


class _Listening:
    """A rule asked about many choices of intents at once, each answer worked out once.

    ``unsure`` is UNKNOWN for a rule that unknown makes act.
    """

    def __init__(self, knowledge: Knowledge, rule: Rule, unsure: int = 0) -> None:
        self.rule = rule
        self._regions = knowledge.all_regions
        self._when = knowledge.test(rule.when)
        self._unless = None if rule.unless is None else knowledge.test(rule.unless)
        tests = (self._when,) if self._unless is None else (self._when, self._unless)
        self._places = tuple(sorted({place for test in tests for place in test.places}))
        self._said, self._asked, self._heard = 0, 0, 0
        for test in tests:
            self._said, self._asked = self._said | test.said, self._asked | test.asked
            self._heard |= test.heard
        self._unsure = unsure
        self._memo: dict[tuple[int, tuple[int, ...], int, int], tuple[int, int]] = {}

    def __call__(self, known: int, said: int, asked: int, choices: Choices) -> tuple[int, int]:
        """Return for which of *choices* it may fire, and for which it does for sure."""
        regions = self._regions[known]
        key = (choices.number, tuple([regions[p] for p in self._places]), said & self._said, asked & self._asked)
        found = self._memo.get(key)
        if found is None:
            found = self._memo[key] = self._of_all(known, said, asked, choices)
        return found

    def _of_all(self, known: int, said: int, asked: int, choices: Choices) -> tuple[int, int]:
        may, sure = 0, 0
        answers: dict[int, tuple[bool, bool]] = {}
        for place, bits in enumerate(choices.heard):
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
    """Works out what an event leads to, over one slice.

    ``extras`` bounds how many intents are heard beside the one that is followed; None for no bound, as proofs need.
    """

    def __init__(self, knowledge: Knowledge, extras: int | None = None) -> None:
        part = knowledge.slice
        self._knowledge = knowledge
        self._slice = part
        self._memo: dict[tuple[int, int, int, int, int, Slots, bool, int], tuple[tuple[int, int, int, bool], ...]] = {}
        self._settled_before: dict[tuple[int, int], int] = {}
        self._slots = self._moving(Mobility.HEARD)
        self._clock = self._moving(Mobility.CLOCK)
        self._derives = tuple(_Listening(knowledge, rule) for rule in part.derives)
        self._ends = tuple(_Listening(knowledge, rule, UNKNOWN if rule.tightening else 0) for rule in part.ends)
        early = (*part.derives, *part.ends)
        later = (*part.goals, *part.inserts, *part.overrides)
        self._later_conditions = (*part.guards, *(c for rule in later for c in conditions_of(rule)))
        told = {name for rule in early for c in conditions_of(rule) for name in read_by(c)}
        reads = {name for condition in self._later_conditions for name in read_by(condition)}
        bits = {f"heard.{name}": bit for name, bit in knowledge.heard_bits.items()}
        self._later = sum(bit for name, bit in bits.items() if name in reads)
        self._later_groups: dict[int, tuple[tuple[int, int], ...]] = {}
        self.together = Together(
            bits, (*(c for rule in early for c in conditions_of(rule)), *self._later_conditions), extras
        )
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
        self._followed: dict[tuple[Regions, int, int, int, bool], tuple[tuple[Regions, bool, int], ...]] = {}
        self.moving = 0
        for place, _ in (*self._slots, *self._clock):
            self.moving |= 1 << place

    def _moving(self, mobility: Mobility) -> tuple[tuple[int, frozenset[str]], ...]:
        found = []
        for place, cluster in enumerate(self._knowledge.clusters):
            names = frozenset(fact.name for fact in cluster.facts if fact.mobility is mobility)
            if names:
                found.append((place, names))
        return tuple(found)

    def hear(
        self, known: int, said: int, asked: int, certain: int, free: int, slots: Slots, new_person: bool, guards: int
    ) -> Iterator[Hearing]:
        """Yield everything an event may come to.

        Args:
            known: What was known before it.
            said: Prompts that have been heard, as bits.
            asked: Prompts heard just now, as bits.
            certain: Intents heard, as bits.
            free: Intents that may have been heard with them.
            slots: What it does to the slots.
            new_person: Whether another person has taken the phone.
            guards: Clusters the dialogue goes on to ask about in this turn, as bits.
        """
        early = self._early_prompts
        key = (known, said & early, asked & early, certain, free, slots, new_person, guards & self.moving)
        found = self._memo.get(key)
        if found is None:
            found = self._memo[key] = tuple(dict.fromkeys(self._heard(*key)))
        if new_person:
            said, asked = 0, 0
        for after, heard, end, gone in found:
            yield Hearing(after, 0 if gone else said, 0 if gone else asked, heard, end, gone)

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

    def before(self, known: int, slots: Slots, new_person: bool) -> list[Regions]:
        """Return what may be known at the moment an event is taken in, as far as rules then ask about it."""
        knowledge = self._knowledge
        knowns = knowledge.forget([knowledge.regions(known)], knowledge.of_turn)
        if new_person:
            knowns = knowledge.forget(knowns, knowledge.of_person)
        return self._moved(knowns, slots, self._early)

    def _moved(self, knowns: list[Regions], slots: Slots, wanted: int) -> list[Regions]:
        for place, names in (*self._clock, *(self._slots if slots is Slots.HEARD else ())):
            if wanted >> place & 1:
                knowns = [after for before in knowns for after in self._knowledge.moved(before, place, names)]
        return list(dict.fromkeys(knowns))

    def _heard(
        self, known: int, said: int, asked: int, certain: int, free: int, slots: Slots, new_person: bool, guards: int
    ) -> Iterator[tuple[int, int, int, bool]]:
        choices = self.together.choices(certain, free)
        ways: dict[Hearing, None] = {}
        for before in self.before(known, slots, new_person):
            for way, _ in self.outcomes(before, said, asked, choices, new_person, guards):
                ways[way] = None
        later = guards & ~self._early
        for way in ways:
            for regions in self._moved([self._knowledge.regions(way.known)], slots, later):
                yield self._knowledge.number(regions), way.heard, way.end, way.gone

    def outcomes(
        self, before: Regions, said: int, asked: int, choices: Choices, new_person: bool, guards: int
    ) -> Iterator[tuple[Hearing, int]]:
        """Yield what the rules make of one thing that may be known as an event is taken in, and after which choices."""
        if new_person:
            said, asked = 0, 0
        earlier = self._knowledge.number(before)
        groups = self._alike_later(choices)
        for settled, gone, chosen in self._follows(before, said, asked, choices, new_person):
            number = self._knowledge.number(settled)
            kept = self.settle(number, guards & self._early)
            for end, some in self._ending(earlier, number, said, asked, choices, chosen):
                for heard, alike in groups:
                    if some & alike:
                        way = Hearing(kept, 0 if gone else said, 0 if gone else asked, heard, end, gone)
                        yield way, some & alike

    def _alike_later(self, choices: Choices) -> tuple[tuple[int, int], ...]:
        """Return *choices* as groups alike to all that is asked after the rules: the bits that matter, and which."""
        found = self._later_groups.get(choices.number)
        if found is None:
            groups = self.together.alike(choices, self._later_conditions)
            found = self._later_groups[choices.number] = tuple((bits & self._later, some) for bits, some in groups)
        return found

    def same(self, found: Hearing, wanted: Hearing) -> bool:
        """Return whether *found* is *wanted*, but for what only the dialogue asks about."""
        if found[1:] != wanted[1:]:
            return False
        ours, theirs = self._knowledge.regions(found.known), self._knowledge.regions(wanted.known)
        loose = {place for place, _ in (*self._slots, *self._clock) if not self._early >> place & 1}
        return all(a == b for place, (a, b) in enumerate(zip(ours, theirs, strict=True)) if place not in loose)

    @property
    def early(self) -> int:
        """Return the clusters that rules ask about as an event is taken in, as bits."""
        return self._early

    def _follows(
        self, known: Regions, said: int, asked: int, choices: Choices, new_person: bool
    ) -> list[tuple[Regions, bool, int]]:
        """Return what :meth:`_derived` yields, worked out once for all that differs to the rules."""
        bare = tuple([region if self._touched >> place & 1 else 0 for place, region in enumerate(known)])
        key = (bare, said & self._early_prompts, asked & self._early_prompts, choices.number, new_person)
        found = self._followed.get(key)
        if found is None:
            ways: dict[tuple[Regions, bool], int] = {}
            for after, gone, chosen in self._derived(bare, said, asked, choices, new_person):
                ways[after, gone] = ways.get((after, gone), 0) | chosen
            found = self._followed[key] = tuple((after, gone, chosen) for (after, gone), chosen in ways.items())
        if bare == known:
            return list(found)
        return [
            (
                tuple([r if self._touched >> place & 1 else known[place] for place, r in enumerate(after)]),
                gone,
                chosen,
            )
            for after, gone, chosen in found
        ]

    def _derived(
        self, known: Regions, said: int, asked: int, choices: Choices, new_person: bool
    ) -> Iterator[tuple[Regions, bool, int]]:
        """Yield what follows from *known* by the rules, whether by them someone else has the phone, and for which."""
        knowledge = self._knowledge
        for given, chosen in self._fixpoints(known, said, asked, choices):
            settled = {name: self._settled(name, values) for name, values in given.items()}
            told = settled.get(NEW_PERSON)
            gone = told is not None and told.value is True and not new_person
            ways = knowledge.forget([known], knowledge.of_person) if gone else [known]
            for name, value in settled.items():
                if not (gone and name in self._slice.person):
                    ways = [after for before in ways for after in knowledge.given_expression(before, name, value)]
            for found in ways:
                yield found, gone, chosen

    def _settled(self, name: str, values: tuple[Constant | None, ...]) -> Constant | None:
        """Return the value rules agree on; where they do not, the first value of the fact."""
        if len(values) == 1:
            return values[0]
        if None in values:
            return None
        held = values[0]
        assert held is not None
        return Constant(self._knowledge.first_value(name), held.type)

    def _fixpoints(self, known: Regions, said: int, asked: int, choices: Choices) -> Iterator[tuple[_Given, int]]:
        """Yield every way rules can derive from *known*: for each fact, the values they give it; and for which."""
        waiting: list[tuple[Regions, _Given, int, int]] = [(known, {}, 0, choices.every)]
        while waiting:
            working, given, rounds, chosen = waiting.pop()
            for sure, maybe, some in self._fired(self._knowledge.number(working), said, asked, choices, chosen):
                alike: dict[tuple[Derive, ...], Rule] = {derived_by(rule): rule for rule in maybe}
                if len(alike) > MOST_OPEN:
                    raise TooLarge(f"{len(alike)} rules at once may or may not derive something, as far as can be told")
                for open_ in product((False, True), repeat=len(alike)):
                    fired = (*sure, *(rule for rule, yes in zip(alike.values(), open_, strict=True) if yes))
                    grown = self._grown(given, fired, working)
                    if grown == given or rounds >= MOST_ROUNDS:
                        yield grown, some
                        continue
                    after: Iterable[Regions] = [known]
                    for name, values in grown.items():
                        one = self._settled(name, values)
                        after = [k for before in after for k in self._knowledge.given_expression(before, name, one)]
                    waiting += [(k, grown, rounds + 1, some) for k in dict.fromkeys(after)]

    def _grown(self, given: _Given, fired: tuple[Rule, ...], working: Regions) -> _Given:
        grown = dict(given)
        for rule in fired:
            for derive in derived_by(rule):
                value = self._knowledge.constant(derive.value, working)
                held = grown.get(derive.fact, ())
                if value not in held:
                    grown[derive.fact] = (*held, value)
        return grown

    def _fired(
        self, known: int, said: int, asked: int, choices: Choices, chosen: int
    ) -> list[tuple[tuple[Rule, ...], tuple[Rule, ...], int]]:
        """Return which rules derive for sure, which perhaps, and for which of the *chosen*."""
        parts: list[tuple[tuple[Rule, ...], tuple[Rule, ...], int]] = [((), (), chosen)]
        for listening in self._derives:
            may, sure = listening(known, said, asked, choices)
            if not may & chosen:
                continue
            grown = []
            for always, perhaps, some in parts:
                if some & sure:
                    grown.append(((*always, listening.rule), perhaps, some & sure))
                if some & may & ~sure:
                    grown.append((always, (*perhaps, listening.rule), some & may & ~sure))
                if some & ~may:
                    grown.append((always, perhaps, some & ~may))
            parts = grown
        return parts

    def _ending(
        self, before: int, known: int, said: int, asked: int, choices: Choices, chosen: int
    ) -> list[tuple[int, int]]:
        """Return which rules may end the call, and for which of the *chosen*; -1: none does.

        What fired before a derivation counts too.
        """
        found: list[tuple[int, int]] = []
        for place, listening in enumerate(self._ends):
            ended = 0
            for moment in dict.fromkeys((known, before)):
                may, sure = listening(moment, said, asked, choices)
                ended |= chosen & may
                chosen &= ~sure
            if ended:
                found.append((place, ended))
        return [*found, (-1, chosen)] if chosen else found
