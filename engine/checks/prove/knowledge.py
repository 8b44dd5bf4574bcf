"""What is known at one moment of a call, over one slice.

Numbers for tuples of regions, and conditions asked of them.
"""

from collections.abc import Iterable
from itertools import product

from engine.checks.prove.limits import TooLarge
from engine.checks.prove.slices import NEW_PERSON, Slice
from engine.checks.prove.truth import TRUE, read_by, read_by_atom, refs_of, replaced, truth, value_of
from engine.expressions.tree import ALWAYS, Condition, Constant, Expression, Member, Ref, Truth, Value
from engine.terms import FactSource, ValueType

MOST_STARTS = 20_000
Regions = tuple[int, ...]


class Test:
    """A condition over the slice, each of whose answers is worked out once.

    It asks about the clusters at ``places``, and about the bits ``said``, ``asked`` and ``heard``.
    """

    def __init__(self, knowledge: "Knowledge", condition: Condition) -> None:
        self._knowledge = knowledge
        self.condition = condition = knowledge.as_told_apart(condition)
        names = read_by(condition)
        self.places = tuple(sorted({knowledge.place[name] for name in names if name in knowledge.place}))
        self._regions = knowledge.all_regions
        self.said = sum(bit for name, bit in knowledge.prompt_bits.items() if f"said.{name}" in names)
        self.asked = sum(bit for name, bit in knowledge.prompt_bits.items() if f"asked.{name}" in names)
        self.heard = sum(bit for name, bit in knowledge.heard_bits.items() if f"heard.{name}" in names)
        self._memo: dict[tuple[object, int, int, int], int] = {}
        loose = not (self.places or self.said or self.asked or self.heard)
        self._fixed = TRUE if condition == ALWAYS else truth(condition, {}) if loose else None

    @property
    def fixed(self) -> bool:
        """Return whether the answer is the same in all that can be known."""
        return self._fixed is not None

    def __call__(self, known: int, said: int, asked: int, heard: int) -> int:
        """Return every truth the condition may have, as bits."""
        if self._fixed is not None:
            return self._fixed
        places = self.places
        if not places:
            where: object = -1
        elif len(places) == 1:
            where = self._regions[known][places[0]]
        else:
            regions = self._regions[known]
            where = tuple([regions[place] for place in places])
        said, asked, heard = said & self.said, asked & self.asked, heard & self.heard
        key = (where, said, asked, heard)
        found = self._memo.get(key)
        if found is None:
            given = self._knowledge.given(known if places else -1, said, asked, heard)
            found = self._memo[key] = truth(self.condition, given)
        return found


class Knowledge:
    """Numbers everything that can be known of a slice's facts."""

    def __init__(self, part: Slice) -> None:
        self.slice = part
        self.clusters = part.clusters
        self.place = {name: n for n, cluster in enumerate(part.clusters) for name in cluster.names}
        self.prompt_bits = {name: 1 << n for n, name in enumerate(part.prompts)}
        self.heard_bits = {name: 1 << n for n, name in enumerate(part.heard)}
        self.asked_bits = sum(bit for name, bit in self.prompt_bits.items() if f"asked.{name}" in part.reads)
        slots = (n for n, f in part.facts.items() if f.origin is FactSource.HEARD)
        self.of_person = tuple(n for n in dict.fromkeys((*part.person, *slots)) if n in self.place)
        self.of_turn = tuple(n for n in part.turn if n in self.place)
        self._places = {
            fact.name: frozenset(place for held in fact.only if isinstance(held, frozenset) for place in held)
            for cluster in part.clusters
            for fact in cluster.facts
            if fact.name in part.facts and part.facts[fact.name].of_places
        }
        self.all_regions: list[Regions] = []
        self._facts: list[dict[str, Value]] = []
        self._numbers: dict[Regions, int] = {}
        self._tests: dict[int, tuple[Condition, Test]] = {}

    def mask(self, names: Iterable[str]) -> int:
        """Return the clusters of *names*, as bits."""
        found = 0
        for name in names:
            if name in self.place:
                found |= 1 << self.place[name]
        return found

    def number(self, known: Regions) -> int:
        """Return the number of *known*: a region for each cluster."""
        found = self._numbers.get(known)
        if found is None:
            found = self._numbers[known] = len(self.all_regions)
            self.all_regions.append(known)
            facts: dict[str, Value] = {}
            for region, cluster in zip(known, self.clusters, strict=True):
                facts |= cluster.witnesses[region]
            self._facts.append(facts)
        return found

    def regions(self, known: int) -> Regions:
        """Return the region of each cluster."""
        return self.all_regions[known]

    def facts(self, known: int) -> dict[str, Value]:
        """Return a value for each tracked fact."""
        return self._facts[known]

    def given(self, known: int, said: int, asked: int, heard: int) -> dict[str, Value]:
        """Return all that is tracked, as facts; *known* -1 leaves the facts out."""
        facts = dict(self._facts[known]) if known >= 0 else {}
        for name, bit in self.prompt_bits.items():
            facts[f"said.{name}"] = bool(said & bit)
            facts[f"asked.{name}"] = bool(asked & bit)
        for name, bit in self.heard_bits.items():
            facts[f"heard.{name}"] = bool(heard & bit)
        return facts

    def as_told_apart(self, condition: Condition) -> Condition:
        """Return *condition* with what is asked of places left open, where it is of one that the slice leaves out."""
        if self._places.keys().isdisjoint(read_by(condition)):
            return condition
        return replaced(condition, self._left_open)

    def _left_open(self, atom: Condition) -> Condition:
        if self._places.keys().isdisjoint(read_by_atom(atom)):
            return atom
        match atom:
            case Member(member=Constant(value=place), group=Ref(name=name)) if place in self._places.get(name, ()):
                return atom
        return Truth(Ref("left open", ValueType.BOOL, False))

    def test(self, condition: Condition) -> Test:
        """Return *condition* ready to be asked."""
        found = self._tests.get(id(condition))
        if found is None:
            found = self._tests[id(condition)] = (condition, Test(self, condition))
        return found[1]

    def starts(self) -> tuple[int, ...]:
        """Return everything that may be known before a call begins.

        Raises:
            TooLarge: That is too much.
        """
        size = 1
        for cluster in self.clusters:
            size *= max(1, len(cluster.starts))
        if size > MOST_STARTS:
            raise TooLarge(f"a call can begin in {size:,} ways that matter to it")
        return tuple(self.number(regions) for regions in product(*(cluster.starts for cluster in self.clusters)))

    def first_value(self, name: str) -> Value:
        """Return the value of *name* before anything is said of it."""
        if name == NEW_PERSON or name.startswith("suppressed."):
            return False
        return self.slice.facts[name].initially if name in self.slice.facts else None

    def forget(self, known: Iterable[Regions], names: Iterable[str]) -> list[Regions]:
        """Return *known* with *names* as they were before the call."""
        found = list(known)
        for name in names:
            found = [after for before in found for after in self.given_value(before, name, self.first_value(name))]
        return found

    def given_value(self, known: Regions, name: str, value: Value) -> list[Regions]:
        """Return what *known* may become when *name* gets *value*."""
        place = self.place[name]
        settled = self.clusters[place].settled(known[place], name, value)
        return [(*known[:place], region, *known[place + 1 :]) for region in settled]

    def moved(self, known: Regions, place: int, names: frozenset[str]) -> list[Regions]:
        """Return what *known* may become when *names* of the cluster at *place* get any values."""
        moves = self.clusters[place].moves(names)
        return [(*known[:place], region, *known[place + 1 :]) for region in moves[known[place]]]

    def given_expression(self, known: Regions, name: str, value: Expression | None) -> list[Regions]:
        """Return what *known* may become when *name* gets the value of an expression; None is any value."""
        if name not in self.place:
            return [known]
        exact = self.constant(value, known)
        if exact is not None:
            return self.given_value(known, name, exact.value)
        place = self.place[name]
        if isinstance(value, Ref) and self.place.get(value.name) == place:
            copied = self.clusters[place].copied(known[place], name, value)
            return [(*known[:place], region, *known[place + 1 :]) for region in copied]
        ways = self.moved(known, place, frozenset((name,)))
        if value is not None and self._certainly_known(value, known):
            witnesses = self.clusters[place].witnesses
            ways = [way for way in ways if witnesses[way[place]][name] is not None]
        return ways

    def _certainly_known(self, value: Expression, known: Regions) -> bool:
        facts = self._facts[self.number(known)]
        return all(facts.get(ref.name) is not None for ref in refs_of(value))

    def constant(self, value: Expression | None, known: Regions) -> Constant | None:
        """Return what *value* is in *known*, or None where regions do not tell."""
        if isinstance(value, Constant):
            return Constant(value.value, value.type)
        if isinstance(value, Ref) and value.name in self.place:
            held = value_of(value, self._facts[self.number(known)])
            if held is None or isinstance(held, bool):
                return Constant(held, value.type)
        return None
