"""A call, turn by turn, over one slice.

The same half-turns in the same order as :mod:`engine.runtime.step` takes: what
was not played is unsaid, what was heard sets facts, rules derive from them, the
dialogue goes on through states that hear nothing, and every prompt, action and
end is asked of the rules. Where the slice leaves something open, every way it
can go is gone.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeAlias

from engine.bundle import Again, EndCall, Flow, Go, Reask, Rule, State, Step
from engine.checks.prove.hearing import Hearer, Hearing
from engine.checks.prove.knowledge import Knowledge, Test
from engine.checks.prove.regions import names_in
from engine.checks.prove.slices import Item, Slice, Way
from engine.checks.prove.speaking import Breach, Speaker
from engine.checks.prove.truth import TRUE, read_by
from engine.expressions.tree import ALWAYS
from engine.terms import EVENTS, EventKind

MOST_STEPS = 200
ENDED = -1
SAME = -1
SILENCE, UNCLEAR, HUNG_UP = "silence", "unclear", "hung_up"
AT_ONCE = ("voicemail", "call_screener", "hung_up")
By: TypeAlias = Step | State | Rule
Reading: TypeAlias = tuple[int, int, int, int, int, bool, int]
"""What :meth:`engine.checks.prove.hearing.Hearer.hear` asks for."""


class Situation(NamedTuple):
    """Where a call stands between two turns.

    ``known`` numbers what is known of the tracked facts; ``said`` and ``asked`` are bits, one for each followed prompt.
    """

    state: int
    known: int
    said: int
    asked: int


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What a turn means to do, and where it leads.

    Args:
        items: What is asked of the rules, in order, by number.
        by: The step, state or rule that planned each.
        state: The state that listens next, or ENDED.
        known: What is known after the steps' ``set``, or SAME.
        steps: The steps taken.
        cost: Turns it takes: a bounded answer has to be used up first.
        used_up: The bounded answers used up on the way, with how often each is given.
        forgets: Whether the language may have changed, so that nothing counts as said.
    """

    items: tuple[int, ...]
    by: tuple[By, ...]
    state: int
    known: int
    steps: tuple[Step, ...]
    cost: int = 1
    used_up: tuple[tuple[str, int], ...] = ()
    forgets: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Walk:
    """A plan in the making."""

    known: int
    items: tuple[int, ...] = ()
    by: tuple[By, ...] = ()
    steps: tuple[Step, ...] = ()
    forgets: bool = False

    def grown(self, items: Iterable[int], by: By) -> "_Walk":
        added = tuple(items)
        return _Walk(self.known, (*self.items, *added), (*self.by, *(by for _ in added)), self.steps, self.forgets)


class Move(NamedTuple):
    """One way a turn can go: what happened, what was made of it, and what is planned."""

    trigger: str
    reading: "Reading"
    hearing: Hearing
    plan: Plan


class Core(NamedTuple):
    """What of a plan matters to the rules and to what comes after.

    Args:
        items: What is asked of the rules and concerns one of them, in order, by number.
        state: The state that listens next, or ENDED.
        known: What is known after the steps' ``set``, or SAME.
        forgets: Whether the language may have changed.
        cost: Turns it takes.
    """

    items: tuple[int, ...]
    state: int
    known: int
    forgets: bool
    cost: int


Ways: TypeAlias = tuple[tuple[Core, tuple[tuple[str, Plan], ...]], ...]
"""What turns can come to, each with the triggers and plans that come to it."""


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """Triggers of a state that are heard alike.

    Args:
        state: The state.
        certain: Intents heard for sure, as bits.
        free: Intents that may be heard with them.
        new_person: Whether another person has taken the phone.
        guards: The clusters that move by themselves and that the dialogue asks about, as bits.
        members: Each trigger, and what the dialogue follows; None for entering the state.
        said: Prompts whose having been said the dialogue asks about, as bits.
        asked: The same of those said just before.
        heard: Intents it asks about.
        facts: Whether it asks about or sets facts.
    """

    state: int
    certain: int
    free: int
    new_person: bool
    guards: int
    members: tuple[tuple[str, str | None], ...]
    said: int
    asked: int
    heard: int
    facts: bool


@dataclass(frozen=True, slots=True)
class Result:
    """What a move leads to: the goals that fire, and how the next turn may begin, most played first."""

    breaches: tuple[Breach, ...]
    nexts: tuple[Situation, ...]


class Model:
    """All turns a call of one flow can take, over one slice."""

    def __init__(
        self,
        flow: Flow,
        part: Slice,
        protected: tuple[str, ...],
        discloses: Mapping[str, frozenset[str]],
        *,
        never_given: frozenset[tuple[int, str]] = frozenset(),
    ) -> None:
        """Take what is followed.

        Args:
            flow: The flow.
            part: What matters.
            protected: The intents that are rights, the most urgent first.
            discloses: What saying each prompt gives away.
            never_given: Bounded answers, by state and step, that are known never to be given, so never used up.
        """
        self._never_given = never_given
        self.flow = flow
        self.slice = part
        self.protected = protected
        self.states = tuple(flow.states.values())
        self.index = {state.name: n for n, state in enumerate(self.states)}
        self.knowledge = Knowledge(part)
        self.hearer = Hearer(self.knowledge)
        self.speaker = Speaker(self.knowledge, discloses)
        self._plans: dict[tuple[int, str | None, tuple[int, ...], int], tuple[Plan, ...]] = {}
        self._cores: dict[Plan, Core] = {}
        self._results: dict[tuple[Core, int, int, int, int], Result] = {}
        self._openings: dict[int, tuple[Opening, ...]] = {}
        self._ways: dict[tuple[Opening, int, int, int, int, int, bool], Ways] = {}
        self._guards: dict[tuple[int, str | None], tuple[int, tuple[Test, ...], bool]] = {}
        self._ends: dict[int, Plan] = {}
        self._last: dict[Plan, Plan] = {}
        said_by_rules = [e.say for rule in part.ends for e in rule.effects if isinstance(e, EndCall) and e.say]
        self._rules_say = tuple(map(self.speaker.prompt, said_by_rules))
        self._rules_read = self.speaker.reads(self.speaker.number(Item(ends=True)))
        for item in self._rules_say:
            self._rules_read |= self.speaker.reads(item)
        self._triggers: dict[int, tuple[tuple[str, int, int], ...]] = {}

    def first_moves(self) -> Iterator[Move]:
        """Yield every way a call can begin: at once with the flow's start, or with what the start is told first."""
        start = self.index[self.flow.start]
        for known in self.knowledge.starts():
            for trigger, certain, free in self.triggers(start):
                reading = self._first_reading(known, trigger, certain, free)
                if trigger in AT_ONCE or trigger in self.protected:
                    yield from self._moves(start, trigger, reading)
                    continue
                for hearing in self.hearer.hear(*reading):
                    plans = self.plans(start, None, hearing)
                    yield from (Move(trigger, reading, hearing, plan) for plan in self._ruled(plans, hearing))

    def moves(self, situation: Situation, only: str = "") -> Iterator[Move]:
        """Yield the ways the next turn can go.

        Args:
            situation: Where the call stands.
            only: The trigger to look at; all when ''.
        """
        seen: set[tuple[str, Reading]] = set()
        for trigger, certain, free in self.triggers(situation.state):
            if only and trigger != only:
                continue
            reading = self._reading(situation, trigger, certain, free)
            followed = self.followed(trigger, situation.state)
            if (followed, reading) not in seen:
                seen.add((followed, reading))
                yield from self._moves(situation.state, trigger, reading)

    def answers(self) -> frozenset[tuple[int, str]]:
        """Return the bounded answers of the flow, by state and step."""
        return frozenset(
            (index, step.id)
            for index, state in enumerate(self.states)
            for steps in state.hears.values()
            for step in steps
            if isinstance(step.target, Again)
        )

    def openings(self, index: int) -> tuple[Opening, ...]:
        """Return all that can happen in a state."""
        found = self._openings.get(index)
        if found is None:
            here = Situation(index, 0, 0, 0)
            told = (
                (trigger, self.followed(trigger, index), self._reading(here, trigger, certain, free))
                for trigger, certain, free in self.triggers(index)
            )
            found = self._openings[index] = tuple(self._opened(index, told))
        return found

    def first_openings(self) -> tuple[Opening, ...]:
        """Return all that a call can begin with."""
        start = self.index[self.flow.start]
        told = (
            (
                trigger,
                self.followed(trigger, start) if trigger in AT_ONCE or trigger in self.protected else None,
                self._first_reading(0, trigger, certain, free),
            )
            for trigger, certain, free in self.triggers(start)
        )
        return tuple(self._opened(start, told))

    def _opened(self, index: int, told: Iterable[tuple[str, str | None, "Reading"]]) -> Iterator[Opening]:
        groups: dict[tuple[int, int, bool, int], dict[tuple[str | None, bool], str]] = {}
        for trigger, followed, (_, _, _, certain, free, new_person, guards) in told:
            held = groups.setdefault((certain, free, new_person, guards & self.hearer.moving), {})
            held.setdefault((followed, trigger in EVENTS or trigger in self.protected), trigger)
        for (certain, free, new_person, guards), members in groups.items():
            follows = {followed for followed, _ in members}
            if EventKind.NEW_PERSON in self.states[index].hears:
                follows.add(EventKind.NEW_PERSON)
            said, asked, heard, facts = 0, 0, 0, False
            for followed in follows:
                _, tests, sets = self._guards_on(index, followed)
                for test in tests:
                    said, asked, heard = said | test.said, asked | test.asked, heard | test.heard
                facts = facts or sets or any(test.places for test in tests)
            told_apart = tuple((trigger, followed) for (followed, _), trigger in members.items())
            yield Opening(index, certain, free, new_person, guards, told_apart, said, asked, heard, facts)

    def ahead(self) -> frozenset[int]:
        """Return the states from which something may yet be said or done that a goal can forbid."""
        forbidden = self.speaker.forbidden
        end = self.speaker.number(Item(ends=True))
        if any(map(forbidden, (*self._rules_say, end))):
            return frozenset(range(len(self.states)))
        found: set[int] = set()
        leading: dict[int, set[int]] = {}
        for index, state in enumerate(self.states):
            asked = [reask for reask in (state.silence, state.unclear) if reask]
            steps = [*(s for steps in (*state.hears.values(), state.then) for s in steps), *(r.then for r in asked)]
            said = {*state.say, *(p for r in asked for p in r.say)}
            for step in steps:
                said |= set(step.say)
                if isinstance(step.target, Go):
                    there = self.index[step.target.state]
                    said |= set(self.states[there].say)
                    leading.setdefault(there, set()).add(index)
            actions = (self.speaker.action(do.action) for step in steps for do in step.does)
            if any(map(forbidden, (*actions, *map(self.speaker.prompt, said)))):
                found.add(index)
        waiting = list(found)
        while waiting:
            more = leading.get(waiting.pop(), set()) - found
            found |= more
            waiting += more
        return frozenset(found)

    def hearings(self, opening: Opening, known: int, said: int, asked: int) -> Iterator[Hearing]:
        """Yield what may be heard at *opening*."""
        o = opening
        return self.hearer.hear(known, said, asked, o.certain, o.free, o.new_person, o.guards)

    def ways(self, opening: Opening, hearing: Hearing) -> Ways:
        """Return what turns can come to that begin with *opening* and *hearing*, but for those that come to nothing."""
        known, said, asked, heard, end, gone = hearing
        o = opening
        key = (o, known if o.facts else -1, said & o.said, asked & o.asked, heard & o.heard, end, gone)
        found = self._ways.get(key)
        if found is None:
            groups: dict[Core, dict[tuple[str, Plan], None]] = {}
            for trigger, followed in o.members:
                for heard_as in (None,) if followed is None else self._heard_as(o.state, trigger, followed, hearing):
                    for plan in self._ruled(self.plans(o.state, heard_as, hearing), hearing):
                        core = self.core(plan)
                        if core.items or core.state != ENDED:
                            groups.setdefault(core, {})[trigger, plan] = None
            found = self._ways[key] = tuple((core, tuple(plans)) for core, plans in groups.items())
        return found

    def move(self, situation: Situation | None, start: int, trigger: str, hearing: Hearing, plan: Plan) -> Move:
        """Return the way a turn went from *situation*, or from what is known at the *start* of a call."""
        index = self.index[self.flow.start] if situation is None else situation.state
        _, certain, free = next(told for told in self.triggers(index) if told[0] == trigger)
        reading = (
            self._first_reading(start, trigger, certain, free)
            if situation is None
            else self._reading(situation, trigger, certain, free)
        )
        return Move(trigger, reading, hearing, plan)

    def core(self, plan: Plan) -> Core:
        """Return what of *plan* matters."""
        found = self._cores.get(plan)
        if found is None:
            items = tuple(item for item in plan.items if self.speaker.concerned(item))
            found = self._cores[plan] = Core(items, plan.state, plan.known, plan.forgets, plan.cost)
        return found

    def part(self, plan: Plan, breach: Breach) -> Breach:
        """Return *breach*, which is of the core of *plan*, as one of the plan itself."""
        parts = [place for place, item in enumerate(plan.items) if self.speaker.concerned(item)]
        return replace(breach, part=parts[breach.part])

    def _first_reading(self, known: int, trigger: str, certain: int, free: int) -> Reading:
        start = self.index[self.flow.start]
        at_once = trigger in AT_ONCE or trigger in self.protected
        guards = self._guards_on(start, self.followed(trigger, start) if at_once else None)[0]
        return known, 0, 0, certain, free, trigger == EventKind.NEW_PERSON, guards

    def _reading(self, situation: Situation, trigger: str, certain: int, free: int) -> Reading:
        guards = self._guards_on(situation.state, self.followed(trigger, situation.state))[0]
        if trigger not in EVENTS and EventKind.NEW_PERSON in self.states[situation.state].hears:
            guards |= self._guards_on(situation.state, EventKind.NEW_PERSON)[0]
        new_person = trigger == EventKind.NEW_PERSON
        return situation.known, situation.said, situation.asked, certain, free, new_person, guards

    def _moves(self, state: int, trigger: str, reading: Reading) -> Iterator[Move]:
        followed = self.followed(trigger, state)
        for hearing in self.hearer.hear(*reading):
            for heard in self._heard_as(state, trigger, followed, hearing):
                for plan in self._ruled(self.plans(state, heard, hearing), hearing):
                    yield Move(trigger, reading, hearing, plan)

    def _heard_as(self, index: int, trigger: str, followed: str, hearing: Hearing) -> tuple[str, ...]:
        """Return what the dialogue follows: a change of person that a rule derived goes before all but rights."""
        hears = self.states[index].hears
        if not hearing.gone or trigger in EVENTS or trigger in self.protected or EventKind.NEW_PERSON not in hears:
            return (followed,)
        if trigger == UNCLEAR and any(right not in hears for right in self.protected):
            return (followed, str(EventKind.NEW_PERSON))
        return (str(EventKind.NEW_PERSON),)

    def _ruled(self, plans: tuple[Plan, ...], hearing: Hearing) -> tuple[Plan, ...]:
        """Return *plans*, those that go on replaced by the rule's own where a rule ends the call."""
        if hearing.end < 0:
            return self._cut_short(plans)
        own = self._ends.get(hearing.end) or self._end(hearing.end)
        return (*(p for p in plans if p.state == ENDED), *([own] if any(p.state != ENDED for p in plans) else []))

    def _cut_short(self, plans: tuple[Plan, ...]) -> tuple[Plan, ...]:
        """Return *plans*, and those that go on as the last turn a call may have: the call ends after them.

        Left out where the end itself concerns no goal, for then the plan itself shows all there is.
        """
        end = self.speaker.number(Item(ends=True))
        if not self.speaker.forbidden(end):
            return plans
        last = [plan for plan in plans if plan.state != ENDED and plan not in self._last]
        for plan in last:
            by = plan.by[-1] if plan.by else self.states[plan.state]
            self._last[plan] = replace(plan, items=(*plan.items, end), by=(*plan.by, by), state=ENDED)
        return (*plans, *(self._last[plan] for plan in plans if plan.state != ENDED))

    def _end(self, place: int) -> Plan:
        rule = self.slice.ends[place]
        end = next(e for e in rule.effects if isinstance(e, EndCall))
        items = (*([self.speaker.prompt(end.say)] if end.say else []), self.speaker.number(Item(ends=True)))
        found = self._ends[place] = Plan(items, tuple(rule for _ in items), ENDED, SAME, ())
        return found

    def followed(self, trigger: str, state: int) -> str:
        """Return what the dialogue follows in a state where *trigger* happened."""
        return trigger if trigger in self.states[state].hears or trigger == SILENCE else UNCLEAR

    def _guards_on(self, index: int, trigger: str | None) -> tuple[int, tuple[Test, ...], bool]:
        """Return what steps ask about when *trigger* is followed; None is entering the state.

        That is the clusters that they and the rules on what they say ask about, as bits, their conditions,
        and whether they set what is tracked.
        """
        key = (index, trigger)
        found = self._guards.get(key)
        if found is None:
            way = self.slice.ways.get(key)
            if way is None:
                way = self.slice.ways[key] = self._way_from(index, trigger)
            gates = self._rules_read
            for item in (*map(self.speaker.prompt, way.said), *map(self.speaker.action, way.done)):
                gates |= self.speaker.reads(item)
            tests = tuple(map(self.knowledge.test, way.conditions))
            found = self._guards[key] = (
                self.knowledge.mask(way.names) | gates,
                tuple(t for t in tests if not t.fixed),
                any(name in self.knowledge.place for name in way.sets),
            )
        return found

    def _way_from(self, index: int, trigger: str | None) -> Way:
        """Return what the dialogue can come upon in one turn; the same in every slice of the flow."""
        state = self.states[index]
        steps = list(state.then) if trigger is None else list(state.hears.get(trigger, ()))
        if trigger is not None:
            steps += [reask.then for reask in (state.silence, state.unclear) if reask]
        seen: dict[int, Step] = {}
        said = dict.fromkeys((*state.say, *(p for r in (state.silence, state.unclear) if r for p in r.say)))
        while steps:
            step = steps.pop()
            if id(step) not in seen:
                seen[id(step)] = step
                said |= dict.fromkeys(step.say)
                if isinstance(step.target, Go):
                    there = self.states[self.index[step.target.state]]
                    said |= dict.fromkeys(there.say)
                    steps += there.then
        found = seen.values()
        names = {name for step in found for name in read_by(step.when)}
        return Way(
            names=frozenset(names | names_in(value for step in found for _, value in step.sets)),
            conditions=tuple(step.when for step in found if step.when != ALWAYS),
            said=tuple(said),
            done=tuple(dict.fromkeys(do.action for step in found for do in step.does)),
            sets=frozenset(name for step in found for name, _ in step.sets),
        )

    def triggers(self, index: int) -> tuple[tuple[str, int, int], ...]:
        """Return what can happen in a state: trigger, intents heard for sure, and those perhaps."""
        found = self._triggers.get(index)
        if found is None:
            found = self._triggers[index] = tuple(self._all_triggers(self.states[index]))
        return found

    def _all_triggers(self, state: State) -> Iterator[tuple[str, int, int]]:
        bits = self.knowledge.heard_bits
        for event in EVENTS:
            if event != HUNG_UP or event in state.hears:
                yield event, bits.get(event, 0), 0
        urgent = [name for name in self.protected if name in state.hears]
        every = sum(bit for name, bit in bits.items() if name not in EVENTS)
        rights = sum(bits.get(name, 0) for name in self.protected)
        for name in state.hears:
            own = bits.get(name, 0)
            if name in urgent:
                above = sum(bits.get(n, 0) for n in urgent[: urgent.index(name)])
                yield name, own, every & ~own & ~above
            elif name not in EVENTS:
                yield name, own, every & ~own & ~rights
        yield UNCLEAR, 0, every & ~sum(bits.get(name, 0) for name in urgent)

    def plans(self, index: int, trigger: str | None, hearing: Hearing) -> tuple[Plan, ...]:
        """Return everything the dialogue may mean to do when it follows *trigger* from a state, or enters it."""
        _, tests, sets = self._guards_on(index, trigger)
        known, said, asked, heard, _, _ = hearing
        answers = tuple([test(known, said, asked, heard) for test in tests])
        key = (index, trigger, answers, known if sets else -1)
        found = self._plans.get(key)
        if found is None:
            plans = self._entered(index, hearing) if trigger is None else self._follow(index, trigger, hearing)
            found = self._plans[key] = tuple(plans)
        return found

    def _follow(self, index: int, trigger: str, hearing: Hearing) -> Iterator[Plan]:
        state = self.states[index]
        used: tuple[tuple[str, int], ...] = ()
        for step in state.hears.get(trigger, ()):
            when = self._when(step, hearing.known, hearing)
            if when & TRUE:
                yield from self._take(step, index, _Walk(hearing.known), hearing, used, 0)
                if isinstance(step.target, Again) and (index, step.id) not in self._never_given:
                    used = (*used, (trigger, step.target.times))
                elif when == TRUE:
                    return
        reask = state.silence if trigger == SILENCE and trigger not in state.hears else state.unclear
        if reask is not None:
            yield from self._take(again_of(reask), index, _Walk(hearing.known), hearing, used, 0)
            kind = SILENCE if reask is state.silence and trigger == SILENCE else trigger
            yield from self._take(reask.then, index, _Walk(hearing.known), hearing, (*used, (kind, reask.times)), 0)

    def _when(self, step: Step, known: int, hearing: Hearing) -> int:
        if step.when == ALWAYS:
            return TRUE
        return self.knowledge.test(step.when)(known, hearing.said, hearing.asked, hearing.heard)

    def _entered(self, index: int, hearing: Hearing) -> Iterator[Plan]:
        state = self.states[index]
        walk = _Walk(hearing.known).grown(map(self.speaker.prompt, state.say), state)
        if state.then:
            yield from self._then(index, walk, hearing, (), 0)
        else:
            yield Plan(walk.items, walk.by, index, SAME, ())

    def _then(
        self, index: int, walk: _Walk, hearing: Hearing, used: tuple[tuple[str, int], ...], depth: int
    ) -> Iterator[Plan]:
        for step in self.states[index].then:
            when = self._when(step, walk.known, hearing)
            if when & TRUE:
                yield from self._take(step, index, walk, hearing, used, depth + 1)
            if when == TRUE:
                return

    def _take(
        self, step: Step, index: int, walk: _Walk, hearing: Hearing, used: tuple[tuple[str, int], ...], depth: int
    ) -> Iterator[Plan]:
        if depth > min(MOST_STEPS, len(self.states)):
            return
        state = self.states[index]
        cost = 1 + sum(times for _, times in used)
        forgets = walk.forgets or any(name == "call.locale" for name, _ in step.sets)
        does = (self.speaker.action(do.action) for do in step.does)
        for known in self._sets(step, walk.known):
            after = _Walk(known, walk.items, walk.by, (*walk.steps, step), forgets)
            after = after.grown((*does, *map(self.speaker.prompt, step.say)), step)
            target = step.target
            if isinstance(target, Go):
                there = self.index[target.state]
                entered = self.states[there]
                after = after.grown(map(self.speaker.prompt, entered.say), entered)
                if entered.then:
                    yield from self._then(there, after, hearing, used, depth)
                    continue
            elif isinstance(target, Again):
                there = index
                if step.say_again:
                    after = after.grown(map(self.speaker.prompt, state.say), step)
            else:
                there = ENDED
                after = after.grown((self.speaker.number(Item(ends=True)),), step)
            reached = SAME if after.known == hearing.known else after.known
            yield Plan(after.items, after.by, there, reached, after.steps, cost, used, after.forgets)

    def _sets(self, step: Step, known: int) -> list[int]:
        ways: Iterable[tuple[int, ...]] = [self.knowledge.regions(known)]
        for name, value in step.sets:
            ways = [after for before in ways for after in self.knowledge.given_expression(before, name, value)]
        return [self.knowledge.number(found) for found in dict.fromkeys(ways)]

    def result(self, plan: Plan, hearing: Hearing) -> Result:
        """Return what comes of *plan*: gated whole; any part of what is said may be the last that is heard."""
        found = self.come_of(self.core(plan), hearing)
        return Result(tuple(self.part(plan, breach) for breach in found.breaches), found.nexts)

    def come_of(self, core: Core, hearing: Hearing) -> Result:
        """Return what comes of all plans that have *core*."""
        key = (core, hearing.known, hearing.said, hearing.asked, hearing.heard)
        found = self._results.get(key)
        if found is None:
            found = self._results[key] = self._result(core, hearing)
        return found

    def _result(self, core: Core, hearing: Hearing) -> Result:
        known = hearing.known if core.known == SAME else core.known
        settled = self.hearer.settle(known)
        if not core.items and not (core.forgets and hearing.said):
            return Result((), () if core.state == ENDED else (Situation(core.state, settled, hearing.said, 0),))
        breaches: dict[Breach, None] = {}
        nexts: dict[Situation, None] = {}
        bits = self.knowledge.asked_bits
        for said in (hearing.said, 0) if core.forgets and hearing.said else (hearing.said,):
            verdict = self.speaker.gate(core.items, known, said, hearing.asked, hearing.heard)
            breaches |= dict.fromkeys(verdict.breaches)
            if core.state != ENDED:
                for heard in verdict.heard:
                    nexts[Situation(core.state, settled, said | heard, heard & bits)] = None
        return Result(tuple(breaches), tuple(nexts))


def again_of(reask: Reask) -> Step:
    """Return a bounded answer as the step that gives it."""
    return Step("again", ALWAYS, (), (), reask.say, Again(reask.times), reask.span, reask.span, say_again=not reask.say)
