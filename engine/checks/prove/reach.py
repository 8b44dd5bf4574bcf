"""Whether a goal can fire at all: every situation a call can get into, folded.

The same turns as :mod:`engine.checks.prove.model` takes, over the same slice, and the same situations. But no way
there is kept, so all triggers that come to the same are looked at as one, in whatever state they happen, and each
only once for each thing that may be known. Where a goal can fire, :mod:`engine.checks.prove.search` finds the call.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from engine.bundle import EndCall
from engine.checks.prove.hearing import Hearer
from engine.checks.prove.knowledge import Knowledge, Test
from engine.checks.prove.limits import Budget, TooLarge
from engine.checks.prove.model import AT_ONCE
from engine.checks.prove.paths import (
    STAYS,
    UNCLEAR,
    Asked,
    Done,
    Given,
    Happening,
    Hears,
    Part,
    Path,
    Paths,
    Said,
    Written,
)
from engine.checks.prove.regions import names_in
from engine.checks.prove.slices import Item, Slice
from engine.checks.prove.speaking import Speaker
from engine.checks.prove.truth import TRUE
from engine.expressions.tree import Condition, Expression
from engine.terms import EVENTS, EventKind

Ask: TypeAlias = tuple[Test, bool] | tuple[str, Expression]
"""A condition and whether it is to hold; or a fact that is set, and to what."""
Known: TypeAlias = tuple[int, int, int]
"""What is known of the tracked facts, by number; what was said, and what was said just before, as bits."""


class Effect(NamedTuple):
    """What of a path matters to a slice; paths that have the same are one.

    Args:
        asks: What is asked and set on the way, in order.
        items: What is asked of the rules and concerns one of them.
        leads: The state that listens next, STAYS, or None at the end.
        sets: Whether anything tracked is set.
        forgets: Whether the language may have changed, so that nothing counts as said.
        last: Whether it goes on, but is taken to be the last turn a call may have.
        plain: Whether nothing of this is there: it only leads somewhere.
    """

    asks: tuple[Ask, ...]
    items: tuple[int, ...]
    leads: str | None
    sets: bool = False
    forgets: bool = False
    last: bool = False
    plain: bool = False


class Doing(NamedTuple):
    """One thing that can happen, and what is made of it.

    Args:
        certain: Intents heard for sure, as bits.
        free: Intents that may be heard with them.
        new_person: Whether another person has taken the phone.
        guards: The clusters that move by themselves and that are asked about, as bits.
        effects: What may come of it.
        gone: The same where by a rule another person has taken the phone.
        asked: The prompts whose having been said just before matters, as bits.
        words: The intents and events whose having been heard matters to the effects, as bits.
    """

    certain: int
    free: int
    new_person: bool
    guards: int
    effects: tuple[Effect, ...]
    gone: tuple[Effect, ...]
    asked: int
    words: int


class Outcome(NamedTuple):
    """What comes of a doing: the goals that fire by what effect, where it leads, and what is known if it stays."""

    breaches: tuple[tuple[int, Effect], ...]
    leads: tuple[tuple[str, Known], ...]
    stays: tuple[Known, ...]


@dataclass(slots=True)
class Reached:
    """What came of looking at every situation.

    Args:
        broken: Goals that can fire, each with the paths of the turn that comes to it, then those of each turn before.
        situations: How many situations were seen.
    """

    broken: dict[int, tuple[tuple[Path, ...], ...]] = field(default_factory=dict)
    situations: int = 0


@dataclass(slots=True)
class _Found:
    """The same, with effects, which any flow may have, in place of the paths of one."""

    ways: dict[int, tuple[tuple[Effect, ...], ...]] = field(default_factory=dict)
    situations: int = 0


@dataclass(frozen=True, slots=True)
class _State:
    """What a slice sees of a state.

    Args:
        doings: All that can happen in it and comes to something.
        asked: The prompts whose having been said just before matters in it, as bits.
        masks: The same for each doing, each once.
        leads: The states it leads to.
        forbidden: Whether something may be said or done in it that a goal can forbid.
    """

    doings: tuple[Doing, ...]
    asked: int
    masks: tuple[int, ...]
    leads: frozenset[str]
    forbidden: bool


@dataclass(frozen=True, slots=True)
class _Handled:
    """What a slice sees of a list of paths: what may come of it, and which clusters that depends on, as bits."""

    effects: tuple[Effect, ...]
    reads: int


class Reach:
    """The calls of flows over one slice. What is worked out for one flow holds for another that shares it."""

    def __init__(self, part: Slice, protected: tuple[str, ...], discloses: Mapping[str, frozenset[str]]) -> None:
        self.slice = part
        self._protected = protected
        self._knowledge = Knowledge(part)
        self._hearer = Hearer(self._knowledge)
        self._speaker = Speaker(self._knowledge, discloses)
        bits = self._knowledge.heard_bits
        self._words = sum(bit for name, bit in bits.items() if name not in EVENTS)
        self._rights = sum(bits.get(name, 0) for name in protected)
        self._end = self._speaker.number(Item(ends=True))
        self._handled: dict[int, tuple[Paths, _Handled]] = {}
        self._effects: dict[Effect, Effect] = {}
        self._paths: dict[Effect, dict[int, Path]] = {}
        self._doings: dict[Doing, Doing] = {}
        self._things: dict[Part, int] = {}
        self._tests: dict[int, tuple[Test, int]] = {}
        self._known_doings: dict[object, Doing] = {}
        self._outcomes: dict[int, dict[Known, Outcome]] = {}
        self._settled: dict[int, int] = {}
        self._results: dict[tuple[int, int, int, int, int], Outcome] = {}
        self._heard_in: dict[int, tuple[Hears, _State]] = {}
        self._looked: dict[object, _Found] = {}
        self._own: list[Effect] = []
        self._rules_read = self._speaker.reads(self._end)
        for rule in part.ends:
            effect = next(e for e in rule.effects if isinstance(e, EndCall))
            items = (*([self._speaker.prompt(effect.say)] if effect.say else []), self._end)
            for item in items:
                self._rules_read |= self._speaker.reads(item)
            concerned = tuple(item for item in items if self._speaker.concerned(item))
            self._own.append(self._once(Effect((), concerned, None)))
        self._always = any(map(self._speaker.forbidden, (self._end, *(i for own in self._own for i in own.items))))

    def look(self, written: Written, start: str, budget: Budget) -> Reached:
        """Return which goals can fire in calls of a flow.

        Args:
            written: The paths of the flow.
            start: Its first state.
            budget: How far to look.

        Raises:
            TooLarge: There is more to look at.
        """
        states = {name: self._state(hears) for name, hears in written.states.items()}
        first = self._first(written, start)
        key = (
            budget,
            start,
            tuple(map(id, first)),
            tuple((name, tuple(map(id, state.doings))) for name, state in states.items()),
        )
        found = self._looked.get(key)
        if found is None:
            found = self._looked[key] = _Look(self, states, first, budget).run(start)
        if not found.ways:
            return Reached(situations=found.situations)
        happenings = (*(one for hears in written.states.values() for one in hears.happenings), written.entered)
        lists = (paths for one in happenings for paths in (one.paths, one.other, *one.gone))
        order = {number: place for place, number in enumerate(dict.fromkeys(map(id, lists)))}
        broken = {goal: tuple(self._first_paths(led, order) for led in way) for goal, way in found.ways.items()}
        return Reached(broken, found.situations)

    def starts(self) -> tuple[Known, ...]:
        """Return everything that may be known before a call begins."""
        return tuple((known, 0, 0) for known in self._knowledge.starts())

    def _first_paths(self, effects: tuple[Effect, ...], order: Mapping[int, int]) -> tuple[Path, ...]:
        """Return the first path of each of *effects* in a flow, whose lists of paths come in that *order*.

        Where a rule ends the call there is none.
        """
        found = []
        for effect in effects:
            lists = [one for one in self._paths.get(effect, ()) if one in order]
            found += [self._paths[effect][min(lists, key=order.__getitem__)]] if lists else []
        return tuple(found)

    def always(self) -> bool:
        """Return whether something that a goal can forbid may come of any turn at all."""
        return self._always

    def _once(self, effect: Effect) -> Effect:
        return self._effects.setdefault(effect, effect)

    # ------------------------------------------------------------------ what can happen

    def _state(self, hears: Hears) -> _State:
        found = self._heard_in.get(id(hears))
        if found is None:
            found = self._heard_in[id(hears)] = (hears, self._state_anew(hears))
        return found[1]

    def _state_anew(self, hears: Hears) -> _State:
        doings = tuple(dict.fromkeys(self._happening(hears)))
        effects = dict.fromkeys(effect for doing in doings for effect in (*doing.effects, *doing.gone))
        items = dict.fromkeys(item for effect in effects for item in effect.items)
        asked = 0
        for doing in doings:
            asked |= doing.asked
        return _State(
            doings,
            asked,
            tuple(dict.fromkeys(doing.asked for doing in doings)),
            frozenset(effect.leads for effect in effects if effect.leads),
            any(map(self._speaker.forbidden, items)),
        )

    def _first(self, written: Written, start: str) -> tuple[Doing, ...]:
        """Return all that a call can begin with: at once the flow's start, or what the start is told first."""
        found: dict[Doing, None] = {}
        for one, certain, free in self._told(written.states[start]):
            new_person = one.trigger == EventKind.NEW_PERSON
            follows = one if one.trigger in AT_ONCE or one.trigger in self._protected else written.entered
            found[self._doing(certain, free, new_person, follows)] = None
        return tuple(found)

    def _happening(self, hears: Hears) -> Iterator[Doing]:
        for one, certain, free in self._told(hears):
            new_person = one.trigger == EventKind.NEW_PERSON
            doing = self._doing(certain, free, new_person, one)
            if doing.effects or doing.gone:
                yield doing

    def _told(self, hears: Hears) -> Iterator[tuple[Happening, int, int]]:
        """Yield what can happen, with the intents heard for sure and those that may be, as bits."""
        bits = self._knowledge.heard_bits
        above, before = 0, {}
        for name in hears.rights:
            before[name] = above
            above |= bits.get(name, 0)
        for one in hears.happenings:
            own = bits.get(one.trigger, 0)
            if one.event:
                yield one, own, 0
            elif one.right:
                yield one, own, self._words & ~own & ~before[one.trigger]
            elif one.trigger == UNCLEAR:
                yield one, 0, self._words & ~above
            else:
                yield one, own, self._words & ~own & ~self._rights

    def _doing(self, certain: int, free: int, new_person: bool, one: Happening) -> Doing:
        key = id(one), certain, free, new_person
        found = self._known_doings.get(key)
        if found is None:
            handled = self._handle(one.paths)
            guards = (handled.reads | self._handle(one.other).reads | self._rules_read) & self._hearer.moving
            gone = tuple(dict.fromkeys(effect for each in one.gone for effect in self._handle(each).effects))
            asked, words = self._asked_by((*handled.effects, *gone))
            if new_person:
                asked = 0
            doing = Doing(certain, free, new_person, guards, handled.effects, gone, asked, words)
            found = self._known_doings[key] = self._doings.setdefault(doing, doing)
        return found

    def _asked_by(self, effects: Iterable[Effect]) -> tuple[int, int]:
        """Return what matters to *effects*, as bits: prompts said just before, and intents and events heard."""
        asked, words = self._hearer.early_prompts, 0
        for effect in (*effects, *self._own):
            for what, _ in effect.asks:
                if isinstance(what, Test):
                    asked |= what.asked
                    words |= what.heard
            for item in effect.items:
                asked |= self._speaker.asked(item)
                words |= self._speaker.words(item)
        return asked, words

    # ------------------------------------------------------------------ what is made of it

    def _handle(self, paths: Paths) -> _Handled:
        found = self._handled.get(id(paths))
        if found is None:
            found = self._handled[id(paths)] = (paths, self._handled_anew(paths))
        return found[1]

    def _handled_anew(self, paths: Paths) -> _Handled:
        effects: dict[Effect, None] = {}
        for path in paths:
            effect = self._effect(path)
            if effect is not None:
                for one in (effect, *self._cut_short(effect)):
                    if one.items or one.leads is not None:
                        one = self._once(one)
                        self._paths.setdefault(one, {}).setdefault(id(paths), path)
                        effects[one] = None
        bare = {(e.items, e.leads, e.forgets, e.last) for e in effects if not e.asks}
        left = tuple(e for e in effects if not e.asks or (e.items, e.leads, e.forgets, e.last) not in bare)
        reads = 0
        for effect in left:
            for item in effect.items:
                reads |= self._speaker.reads(item)
            for what, how in effect.asks:
                if isinstance(what, Test):
                    for place in what.places:
                        reads |= 1 << place
                elif not isinstance(how, bool):
                    reads |= self._knowledge.mask(names_in((how,)))
        return _Handled(left, reads)

    def _cut_short(self, effect: Effect) -> tuple[Effect, ...]:
        """Return *effect* as the last turn a call may have: the call ends after it."""
        if effect.leads is None or not self._speaker.forbidden(self._end):
            return ()
        return (effect._replace(items=(*effect.items, self._end), leads=None, last=True, plain=False),)

    def _effect(self, path: Path) -> Effect | None:
        """Return what of *path* matters, or None where it cannot be gone or comes to nothing."""
        things, tests = self._things, self._tests
        items: list[int] = []
        asks: dict[Ask, None] = {}
        ordered: list[Ask] = []
        sets = forgets = False
        for part in path.parts:
            if isinstance(part, Asked):
                condition, taken = part
                asked = tests.get(id(condition))
                if asked is None:
                    asked = tests[id(condition)] = self._asked(condition)
                test, fixed = asked
                if fixed:
                    if not _agrees(fixed, taken):
                        return None
                elif sets:
                    ordered.append((test, taken))
                else:
                    asks[test, taken] = None
            elif isinstance(part, Given):
                forgets = forgets or any(name == "call.locale" for name, _ in part.sets)
                tracked = [one for one in part.sets if one[0] in self._knowledge.place]
                sets = sets or bool(tracked)
                ordered += tracked
            else:
                item = things.get(part)
                if item is None:
                    item = things[part] = self._thing(part)
                if item >= 0:
                    items.append(item)
        if not items and path.leads is None:
            return None
        plain = not (asks or ordered or items or forgets)
        return Effect((*asks, *ordered), tuple(items), path.leads, sets, forgets, plain=plain)

    def _asked(self, condition: Condition) -> tuple[Test, int]:
        """Return *condition* as a test, and its answer where that is the same in all that can be known, else 0."""
        test = self._knowledge.test(condition)
        return test, test(-1, 0, 0, 0) if test.fixed else 0

    def _thing(self, part: Part) -> int:
        """Return the number of what *part* says or does, or -1 where that concerns no rule."""
        match part:
            case Said():
                item = self._speaker.prompt(part.prompt)
            case Done():
                item = self._speaker.action(part.action)
            case _:
                item = self._end
        return item if self._speaker.concerned(item) else -1

    # ------------------------------------------------------------------ what comes of it

    def outcomes(self, doing: Doing) -> dict[Known, Outcome]:
        """Return what is known to come of *doing*; added to."""
        return self._outcomes.setdefault(id(doing), {})

    def outcome(self, doing: Doing, known: Known) -> Outcome:
        """Return what comes of *doing* where *known* is."""
        breaches: dict[tuple[int, Effect], None] = {}
        leads: dict[tuple[str, Known], None] = {}
        stays: dict[Known, None] = {}
        certain, free, new_person, guards, effects, gone_effects, _, words = doing
        facts, said, asked = known if not new_person else (known[0], 0, 0)
        for after, heard, end, gone in self._hearer.heard(facts, said, asked, certain, free, new_person, guards, words):
            then_said, then_asked = (0, 0) if gone else (said, asked)
            chosen: Iterable[Effect] = gone_effects if gone else effects
            if end >= 0:
                goes_on = any(
                    effect.leads is not None and self._through(effect, after, then_said, then_asked, heard)
                    for effect in chosen
                )
                ended = (effect for effect in chosen if effect.leads is None and not effect.last)
                chosen = (*ended, *((self._own[end],) if goes_on else ()))
            for effect in chosen:
                if effect.plain:
                    settled = self._settled.get(after)
                    if settled is None:
                        settled = self._settled[after] = self._hearer.settle(after)
                    if effect.leads == STAYS:
                        stays[settled, then_said, 0] = None
                    elif effect.leads is not None:
                        leads[effect.leads, (settled, then_said, 0)] = None
                    continue
                key = id(effect), after, then_said, then_asked, heard
                result = self._results.get(key)
                if result is None:
                    result = self._results[key] = self._result(effect, after, then_said, then_asked, heard)
                for breach in result.breaches:
                    breaches[breach] = None
                for lead in result.leads:
                    leads[lead] = None
                for stay in result.stays:
                    stays[stay] = None
        return Outcome(tuple(breaches), tuple(leads), tuple(stays))

    def _result(self, effect: Effect, known: int, said: int, asked: int, heard: int) -> Outcome:
        breaches: dict[tuple[int, Effect], None] = {}
        nexts: dict[Known, None] = {}
        bits = self._knowledge.asked_bits
        for after in self._through(effect, known, said, asked, heard):
            settled = self._hearer.settle(after)
            for held in (said, 0) if effect.forgets and said else (said,):
                verdict = self._speaker.gate(effect.items, after, held, asked, heard)
                for breach in verdict.breaches:
                    breaches[breach.rule, effect] = None
                for more in verdict.heard:
                    nexts[settled, held | more, more & bits] = None
        if effect.leads is None:
            return Outcome(tuple(breaches), (), ())
        if effect.leads == STAYS:
            return Outcome(tuple(breaches), (), tuple(nexts))
        return Outcome(tuple(breaches), tuple((effect.leads, one) for one in nexts), ())

    def _through(self, effect: Effect, known: int, said: int, asked: int, heard: int) -> list[int]:
        """Return what is known after *effect*; nothing, where what it asks is answered otherwise."""
        if not effect.asks:
            return [known]
        ways = [known]
        for what, how in effect.asks:
            if isinstance(what, Test):
                ways = [way for way in ways if _agrees(what(way, said, asked, heard), bool(how))]
            else:
                assert not isinstance(how, bool)
                regions = map(self._knowledge.regions, ways)
                given = [after for before in regions for after in self._knowledge.given_expression(before, what, how)]
                ways = [self._knowledge.number(one) for one in dict.fromkeys(given)]
        return ways


def _agrees(answer: int, taken: bool) -> bool:
    """Return whether a step whose condition may be *answer* can have been *taken*, or else passed over."""
    return bool(answer & TRUE) if taken else answer != TRUE


_Situation: TypeAlias = tuple[str, Known]


class _Look:
    """One look in the making."""

    def __init__(self, reach: Reach, states: Mapping[str, _State], first: tuple[Doing, ...], budget: Budget) -> None:
        self._reach = reach
        self._states = states
        self._doings = first
        self._budget = budget
        self._out = _Found()
        self._seen: dict[_Situation, tuple[_Situation, Doing] | None] = {}
        self._waiting: deque[_Situation] = deque()
        self._ahead = self._all_ahead()

    def _all_ahead(self) -> frozenset[str]:
        """Return the states from which something may yet be said or done that a goal can forbid."""
        if self._reach.always():
            return frozenset(self._states)
        leading: dict[str, list[str]] = {}
        for name, state in self._states.items():
            for there in state.leads:
                leading.setdefault(there, []).append(name)
        found = {name for name, state in self._states.items() if state.forbidden}
        waiting = list(found)
        while waiting:
            more = [name for name in leading.get(waiting.pop(), ()) if name not in found]
            found.update(more)
            waiting += more
        return frozenset(found)

    def run(self, start: str) -> _Found:
        """Return what came of it, for calls that begin in *start*."""
        reach, goals, out = self._reach, len(self._reach.slice.goals), self._out
        for known in reach.starts():
            for doing in self._doings:
                self._go(reach.outcome(doing, known), start, None)
        passed: dict[int, set[Known]] = {}
        happening = {
            name: [(d, d.asked, reach.outcomes(d), passed.setdefault(id(d), set())) for d in state.doings]
            for name, state in self._states.items()
        }
        turns = 0
        while self._waiting and len(out.ways) < goals:
            before = self._waiting.popleft()
            name, (facts, said, asked) = before
            matters = {mask: (facts, said, asked & mask) for mask in self._states[name].masks}
            for doing, mask, memo, done in happening[name]:
                known = matters[mask]
                outcome = memo.get(known)
                if outcome is None:
                    outcome = memo[known] = reach.outcome(doing, known)
                if known not in done:
                    done.add(known)
                    turns += 1
                    self._go(outcome, name, (before, doing))
                else:
                    for after in outcome.stays:
                        self._come(name, after, (before, doing))
            if len(self._seen) > self._budget.situations or turns > self._budget.turns:
                raise TooLarge(f"{len(self._seen):,} situations were looked at, and there are more")
        out.situations = len(self._seen)
        return out

    def _go(self, outcome: Outcome, name: str, origin: tuple[_Situation, Doing] | None) -> None:
        for goal, effect in outcome.breaches:
            if goal not in self._out.ways:
                self._out.ways[goal] = (effect,), *self._way_to(origin)
        for there, known in outcome.leads:
            self._come(there, known, origin)
        for known in outcome.stays:
            self._come(name, known, origin)

    def _way_to(self, origin: tuple[_Situation, Doing] | None) -> Iterator[tuple[Effect, ...]]:
        """Yield the effects of each turn that came to where *origin* begins, as far as they can have led there."""
        while origin is not None:
            (name, _), _ = origin
            origin = self._seen[origin[0]]
            if origin is not None:
                (before, _), doing = origin
                effects = (*doing.effects, *doing.gone)
                led = [e for e in effects if e.leads == name or (e.leads == STAYS and before == name)]
                yield tuple(led)

    def _come(self, name: str, known: Known, origin: tuple[_Situation, Doing] | None) -> None:
        if name in self._ahead:
            facts, said, asked = known
            after = name, (facts, said, asked & self._states[name].asked)
            if after not in self._seen:
                self._seen[after] = origin
                self._waiting.append(after)
