"""The first half of a turn: something is heard, facts change, and rules derive from them to a fixpoint.

Mirrors :mod:`engine.runtime.hearing`. A slot can be heard anew at any moment, and the
clock goes on: so what matters of them is settled afresh in each turn, and not
carried from one to the next.
"""

from collections.abc import Iterable, Iterator
from enum import IntEnum
from itertools import combinations, product
from typing import NamedTuple

from engine.bundle import Derive, Rule
from engine.checks.prove.knowledge import Knowledge, Regions
from engine.checks.prove.limits import TooLarge
from engine.checks.prove.regions import Mobility, names_in
from engine.checks.prove.slices import NEW_PERSON, conditions_of, derived_by
from engine.checks.prove.truth import FALSE, TRUE, UNKNOWN, read_by
from engine.expressions.tree import Constant

MOST_ROUNDS = 8
MOST_OPEN = 6
MOST_AT_ONCE = 6
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


class Hearer:
    """Works out what an event leads to, over one slice.

    ``extras`` bounds how many intents are heard beside the one that is followed; None for no bound, as proofs need.
    """

    def __init__(self, knowledge: Knowledge, extras: int | None = None) -> None:
        self.extras = extras
        self._knowledge = knowledge
        self._slice = knowledge.slice
        self._memo: dict[tuple[int, int, int, int, int, Slots, bool, int], tuple[Hearing, ...]] = {}
        self._settled_before: dict[tuple[int, int], int] = {}
        self._slots = self._moving(Mobility.HEARD)
        self._clock = self._moving(Mobility.CLOCK)
        later = (*self._slice.goals, *self._slice.inserts, *self._slice.overrides)
        reads = {name for rule in later for c in conditions_of(rule) for name in read_by(c)}
        reads |= {name for guard in self._slice.guards for name in read_by(guard)}
        self._later = sum(bit for name, bit in knowledge.heard_bits.items() if f"heard.{name}" in reads)
        early = (*self._slice.derives, *self._slice.ends)
        self._early = knowledge.mask({name for rule in early for c in conditions_of(rule) for name in read_by(c)})
        told = {name for rule in early for c in conditions_of(rule) for name in read_by(c)}
        self._early_prompts = sum(
            bit for name, bit in knowledge.prompt_bits.items() if f"said.{name}" in told or f"asked.{name}" in told
        )
        self._early_heard = sum(bit for name, bit in knowledge.heard_bits.items() if f"heard.{name}" in told)
        self._followed: dict[tuple[Regions, int, int, int, bool], tuple[tuple[Regions, bool], ...]] = {}
        self._early |= knowledge.mask(names_in(d.value for rule in self._slice.derives for d in derived_by(rule)))

    def _moving(self, mobility: Mobility) -> tuple[tuple[int, frozenset[str]], ...]:
        found = []
        for place, cluster in enumerate(self._knowledge.clusters):
            names = frozenset(fact.name for fact in cluster.facts if fact.mobility is mobility)
            if names:
                found.append((place, names))
        return tuple(found)

    def hear(
        self, known: int, said: int, asked: int, certain: int, free: int, slots: Slots, new_person: bool, guards: int
    ) -> tuple[Hearing, ...]:
        """Return everything an event may come to.

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
        key = (known, said, asked, certain, free, slots, new_person, guards)
        found = self._memo.get(key)
        if found is None:
            ways: dict[Hearing, None] = {}
            for extra in subsets(free, self.extras):
                ways |= dict.fromkeys(self._heard(known, said, asked, certain | extra, slots, new_person, guards))
            found = self._memo[key] = tuple(ways)
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
        self, known: int, said: int, asked: int, heard: int, slots: Slots, new_person: bool, guards: int
    ) -> Iterator[Hearing]:
        ways: dict[Hearing, None] = {}
        for before in self.before(known, slots, new_person):
            ways |= dict.fromkeys(self.outcomes(before, said, asked, heard, new_person, guards))
        later = guards & ~self._early
        for way in ways:
            for regions in self._moved([self._knowledge.regions(way.known)], slots, later):
                yield way._replace(known=self._knowledge.number(regions))

    def outcomes(
        self, before: Regions, said: int, asked: int, heard: int, new_person: bool, guards: int
    ) -> Iterator[Hearing]:
        """Yield what the rules make of one thing that may be known as an event is taken in."""
        if new_person:
            said, asked = 0, 0
        for settled, gone in self._follows(before, said, asked, heard, new_person):
            number = self._knowledge.number(settled)
            for end in self._ending(self._knowledge.number(before), number, said, asked, heard):
                kept = self.settle(number, guards & self._early)
                yield Hearing(kept, 0 if gone else said, 0 if gone else asked, heard & self._later, end, gone)

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
        self, known: Regions, said: int, asked: int, heard: int, new_person: bool
    ) -> tuple[tuple[Regions, bool], ...]:
        """Return what :meth:`_derived` yields, worked out once for all that differs to the rules."""
        key = (known, said & self._early_prompts, asked & self._early_prompts, heard & self._early_heard, new_person)
        found = self._followed.get(key)
        if found is None:
            found = self._followed[key] = tuple(dict.fromkeys(self._derived(known, said, asked, heard, new_person)))
        return found

    def _derived(
        self, known: Regions, said: int, asked: int, heard: int, new_person: bool
    ) -> Iterator[tuple[Regions, bool]]:
        """Yield what follows from *known* by the rules, and whether by them another person has taken the phone."""
        knowledge = self._knowledge
        for given in self._fixpoints(known, said, asked, heard):
            settled = {name: self._settled(name, values) for name, values in given.items()}
            told = settled.get(NEW_PERSON)
            gone = told is not None and told.value is True and not new_person
            ways = knowledge.forget([known], knowledge.of_person) if gone else [known]
            for name, value in settled.items():
                if not (gone and name in self._slice.person):
                    ways = [after for before in ways for after in knowledge.given_expression(before, name, value)]
            for found in ways:
                yield found, gone

    def _settled(self, name: str, values: tuple[Constant | None, ...]) -> Constant | None:
        """Return the value rules agree on; where they do not, the first value of the fact."""
        if len(values) == 1:
            return values[0]
        if None in values:
            return None
        held = values[0]
        assert held is not None
        return Constant(self._knowledge.first_value(name), held.type)

    def _fixpoints(self, known: Regions, said: int, asked: int, heard: int) -> list[_Given]:
        """Return every way rules can derive from *known*: for each fact, the values they give it."""
        done: list[_Given] = []
        waiting: list[tuple[Regions, _Given, int]] = [(known, {}, 0)]
        while waiting:
            working, given, rounds = waiting.pop()
            sure, maybe = self._fired(self._knowledge.number(working), said, asked, heard)
            alike: dict[tuple[Derive, ...], Rule] = {derived_by(rule): rule for rule in maybe}
            if len(alike) > MOST_OPEN:
                raise TooLarge(f"{len(alike)} rules at once may or may not derive something, as far as can be told")
            for chosen in product((False, True), repeat=len(alike)):
                fired = (*sure, *(rule for rule, yes in zip(alike.values(), chosen, strict=True) if yes))
                grown = self._grown(given, fired, working)
                if grown == given or rounds >= MOST_ROUNDS:
                    done.append(grown)
                    continue
                after: Iterable[Regions] = [known]
                for name, values in grown.items():
                    one = self._settled(name, values)
                    after = [k for before in after for k in self._knowledge.given_expression(before, name, one)]
                waiting += [(k, grown, rounds + 1) for k in dict.fromkeys(after)]
        return done

    def _grown(self, given: _Given, fired: tuple[Rule, ...], working: Regions) -> _Given:
        grown = dict(given)
        for rule in fired:
            for derive in derived_by(rule):
                value = self._knowledge.constant(derive.value, working)
                held = grown.get(derive.fact, ())
                if value not in held:
                    grown[derive.fact] = (*held, value)
        return grown

    def _fired(self, known: int, said: int, asked: int, heard: int) -> tuple[list[Rule], list[Rule]]:
        sure, maybe = [], []
        for rule in self._slice.derives:
            when = self._knowledge.test(rule.when)(known, said, asked, heard)
            unless = FALSE if rule.unless is None else self._knowledge.test(rule.unless)(known, said, asked, heard)
            if when == TRUE and unless == FALSE:
                sure.append(rule)
            elif when & TRUE and unless & FALSE:
                maybe.append(rule)
        return sure, maybe

    def _ending(self, before: int, known: int, said: int, asked: int, heard: int) -> list[int]:
        """Return which rules may end the call; -1: none does. What fired before a derivation counts too."""
        found: list[int] = []
        for place, rule in enumerate(self._slice.ends):
            for moment in dict.fromkeys((known, before)):
                when = self._knowledge.test(rule.when)(moment, said, asked, heard)
                unless = FALSE if rule.unless is None else self._knowledge.test(rule.unless)(moment, said, asked, heard)
                unsure = UNKNOWN if rule.tightening else 0
                if when & (TRUE | unsure) and unless & (FALSE | unsure):
                    found.append(place)
                    if not when & ~(TRUE | unsure) and not unless & ~(FALSE | unsure):
                        return list(dict.fromkeys(found))
        return [*dict.fromkeys(found), -1]


def subsets(bits: int, most: int | None = None) -> Iterator[int]:
    """Yield every choice of *bits*, none of them first; of at most *most* of them where that is given.

    Where more than MOST_AT_ONCE intents matter, no more than one of them is taken to be heard beside the one
    that is followed.
    """
    members = [1 << n for n in range(bits.bit_length()) if bits >> n & 1]
    if most is None and len(members) <= MOST_AT_ONCE:
        most = len(members)
    for size in range(min(len(members), 1 if most is None else most) + 1):
        for chosen in combinations(members, size):
            yield sum(chosen)
