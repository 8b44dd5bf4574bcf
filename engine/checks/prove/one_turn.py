"""Proofs that need no search: wherever a call may stand, the turn that comes to say it also asks enough.

What is known before a turn is left wholly open, which is more than any call can come to. If even so the conditions on
the way to all that a rule forbids keep it from firing, no call breaks it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from engine.bundle import EndCall, MustSay, OnlySay, Rule
from engine.checks.prove.limits import TooLarge
from engine.checks.prove.paths import Asked, Done, Given, Over, Paths, Said, Written
from engine.checks.prove.regions import Mobility, Tracked, clusters, first_of
from engine.checks.prove.slices import NEW_PERSON, Item, Slicer, conditions_of
from engine.checks.prove.truth import FALSE, NEVER, TRUE, UNKNOWN, assume, read_by, truth
from engine.expressions.tree import ALWAYS, Condition, Value
from engine.terms import Ask, ValueType

MOST_TRIED = 500
Way: TypeAlias = tuple[tuple[int, bool], ...]
"""Conditions on the way to something, each by its identity, and whether it is to hold."""


@dataclass(slots=True)
class OfGoal:
    """What is known of a goal: on what it can fire at all, and whether it cannot where the way there was such."""

    may: dict[Item, bool] = field(default_factory=dict)
    excluded: dict[tuple[Item, Way], bool] = field(default_factory=dict)


class Turns:
    """What the turns of one flow come to say and do, and what is asked on the way there.

    Args:
        slicer: Of the flow.
        written: The flow's paths.
    """

    def __init__(self, slicer: Slicer, written: Written) -> None:
        self._slicer = slicer
        self.conditions: dict[int, Condition] = {}
        self.ways: dict[Item, dict[Way, None]] = {}
        self._goes_on = False
        speaking = slicer.bundle.rules[Ask.BEFORE_SPEAKING]
        read = {name for rule in speaking for condition in conditions_of(rule) for name in read_by(condition)}
        done: set[tuple[str, int]] = set()
        for trigger, paths in written.every():
            heard = f"heard.{trigger}" if f"heard.{trigger}" in read and trigger != NEW_PERSON else ""
            if (heard, id(paths)) not in done:
                done.add((heard, id(paths)))
                self._note(paths, written.heard(heard) if heard else None)
        for rule in slicer.ending:
            for effect in rule.effects:
                if isinstance(effect, EndCall):
                    for item in (*([slicer.item(effect.say)] if effect.say else []), Item(ends=True)):
                        self.ways.setdefault(item, {})[()] = None
        if self._goes_on:
            self.ways.setdefault(Item(ends=True), {})[()] = None

    def _note(self, paths: Paths, heard: Condition | None) -> None:
        items: dict[object, Item] = {}
        if heard is not None:
            self.conditions[id(heard)] = heard
        for path in paths:
            self._goes_on = self._goes_on or path.leads is not None
            way: dict[tuple[int, bool], None] = {} if heard is None else {(id(heard), True): None}
            for part in path.parts:
                match part:
                    case Asked():
                        self.conditions[id(part.condition)] = part.condition
                        way[id(part.condition), part.taken] = None
                    case Given():
                        changed = {name for name, _ in part.sets}
                        way = {m: None for m in way if changed.isdisjoint(read_by(self.conditions[m[0]]))}
                    case Said() | Done() | Over():
                        item = items.get(part)
                        if item is None:
                            item = items[part] = self._item(part)
                        self.ways.setdefault(item, {})[tuple(way)] = None

    def _item(self, part: Said | Done | Over) -> Item:
        match part:
            case Said():
                return self._slicer.item(part.prompt)
            case Done():
                return Item(action=part.action)
            case Over():
                return Item(ends=True)


class OneTurn:
    """Proofs of goals over the turns of one flow.

    Args:
        slicer: Of the flow, and what it is cut for.
        turns: Its turns.
        put_in: What rules may require before a thing, as far as it is known; added to.
    """

    def __init__(self, slicer: Slicer, turns: Turns, put_in: dict[Item, tuple[Item, ...]]) -> None:
        self._slicer = slicer
        self._turns = turns
        self._put_in = put_in

    def hold(self, goal: Rule, known: OfGoal) -> bool:
        """Return whether no turn can break *goal*, whatever is known before it.

        Args:
            goal: A rule that bans something.
            known: What was worked out of it before, for this flow or another; added to.
        """
        only_say = any(isinstance(effect, OnlySay) for effect in goal.effects)
        for item, ways in self._turns.ways.items():
            for said in (item, *(() if only_say else self._before(item))):
                may = known.may.get(said)
                if may is None:
                    may = known.may[said] = self._slicer.may_fire(goal, said)
                if not may:
                    continue
                for way in ways:
                    key = said, way
                    found = known.excluded.get(key)
                    if found is None:
                        found = known.excluded[key] = self._excluded(goal, said, way)
                    if not found:
                        return False
        return True

    def _before(self, item: Item) -> tuple[Item, ...]:
        """Return what rules may require to be said before *item*, and before that in turn."""
        found = self._put_in.get(item)
        if found is None:
            seen: dict[Item, None] = {}
            waiting = [item]
            while waiting:
                one = waiting.pop()
                for rule in self._slicer.must:
                    if self._slicer.may_fire(rule, one):
                        said = [self._slicer.item(e.prompt) for e in rule.effects if isinstance(e, MustSay)]
                        waiting += [more for more in said if more not in seen]
                        seen |= dict.fromkeys(said)
            found = self._put_in[item] = tuple(seen)
        return found

    def _excluded(self, goal: Rule, item: Item, way: Way) -> bool:
        """Return whether *goal* cannot fire on *item* where the answers on the *way* to it were such."""
        facts = item.facts()
        when = assume(goal.when, facts)
        unless = NEVER if goal.unless is None else assume(goal.unless, facts)
        if when == NEVER or unless == ALWAYS:
            return True
        asked = self._near({*read_by(when), *read_by(unless)}, way)
        conditions = (when, unless, *(condition for condition, _ in asked))
        names = {name: None for condition in conditions for name in read_by(condition)}

        def may(given: Mapping[str, Value]) -> bool:
            return (
                bool(truth(when, given) & (TRUE | UNKNOWN))
                and bool(truth(unless, given) & (FALSE | UNKNOWN))
                and all(bool(truth(c, given) & (TRUE if taken else FALSE | UNKNOWN)) for c, taken in asked)
            )

        try:
            followed = ((name, self._tracked(name, conditions)) for name in names)
            tracked = {name: one for name, one in followed if one is not None}
            return first_of(clusters(tracked, conditions, {}), may, MOST_TRIED) is None
        except TooLarge:
            return False

    def _near(self, names: set[str], way: Way) -> list[tuple[Condition, bool]]:
        """Return the conditions of *way* that bear upon *names*, be it through others."""
        left = [(self._turns.conditions[number], taken) for number, taken in way]
        found: list[tuple[Condition, bool]] = []
        grown = True
        while grown:
            near = [one for one in left if not names.isdisjoint(read_by(one[0]))]
            left = [one for one in left if one not in near]
            found += near
            names = names.union(*(read_by(condition) for condition, _ in near))
            grown = bool(near)
        return found

    def _tracked(self, name: str, conditions: tuple[Condition, ...]) -> Tracked | None:
        """Return how *name* is followed within a turn; not at all what may change between two questions of it."""
        if self._slicer.is_engine(name, "asked") or self._slicer.is_engine(name, "heard"):
            return Tracked(name, ValueType.BOOL, Mobility.FIXED, unknown=False)
        return self._slicer.tracked(name, conditions)
