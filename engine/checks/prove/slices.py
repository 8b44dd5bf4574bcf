"""What matters to a rule.

Of all a bundle knows, a rule depends on the facts its conditions read, on what
those are derived from, and on whether some prompts were heard. Everything else
is left free, which can only make more calls possible: a proof over the slice
holds for the whole. When a slice is too coarse to prove a rule, a deeper one
also follows the facts that the flow's own steps ask about.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import NamedTuple

from engine.bundle import (
    CompiledBundle,
    Derive,
    EndCall,
    Fact,
    Flow,
    MustSay,
    NeverDo,
    NeverSay,
    OnlySay,
    Parameter,
    Rule,
    Step,
    Suppress,
)
from engine.checks.prove.limits import TooLarge
from engine.checks.prove.regions import Cluster, Cuts, Mobility, Tracked, clusters, constants_of, cuts_of, names_in
from engine.checks.prove.truth import NEVER, TRUE, UNKNOWN, Given, assume, atoms, read_by, refs_of, truth
from engine.expressions.tree import Condition, Constant, Expression, Member, Ref, Truth, Value
from engine.terms import Ask, FactSource, Lasts, ValueType

FLAG = "@in_force"
BANS = (NeverSay, OnlySay, NeverDo)


class Depth(IntEnum):
    """How much of what a rule depends on is followed; what is not may have any value.

    ``READ`` is what the rule itself reads and what was heard and said; ``DERIVED`` adds what rules derive, where that
    or the flow's own steps depend on it.
    """

    READ = 0
    DERIVED = 1


NEW_PERSON = "new_person"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing asked of the rules: a prompt, an action or the end."""

    prompt: str = ""
    action: str = ""
    ends: bool = False
    discloses: frozenset[str] = frozenset()

    def facts(self) -> dict[str, Value]:
        """Return what the rules see of it."""
        return {
            "utterance.prompt": self.prompt,
            "utterance.action": self.action,
            "utterance.ends": self.ends,
            "utterance.discloses": self.discloses,
        }


@dataclass(frozen=True, slots=True)
class Way:
    """What the dialogue can come upon in one turn, from a state and what it follows there.

    Args:
        names: The facts it asks about or sets others by.
        conditions: What it asks.
        said: The prompts it may say.
        done: The actions it may do.
        sets: The facts it sets.
    """

    names: frozenset[str]
    conditions: tuple[Condition, ...]
    said: tuple[str, ...]
    done: tuple[str, ...]
    sets: frozenset[str]


@dataclass(frozen=True, eq=False, slots=True)
class Slice:
    """The part of a bundle that a search follows.

    Args:
        goals: Rules that must never fire; all of them ban something.
        derives: Rules that set a tracked fact.
        inserts: ``must_say`` rules whose prompt concerns a goal, or whose having been said is tracked.
        overrides: ``only_say`` rules, which hold insertions back.
        ends: Rules that end the call when something is heard.
        clusters: The tracked facts.
        prompts: Prompts whose having been said or asked matters.
        heard: Intents and events whose having been heard matters.
        guards: The conditions of the flow's steps.
        facts: The declarations of the tracked facts.
        turn: Tracked facts forgotten at each event.
        person: Tracked facts forgotten when another person takes the phone.
        reads: Every name that a rule or a step asks about.
        ways: What is known of turns of the flow, by state and what is followed; all its slices share and fill it.
        left: What is left of a rule's conditions for an item; shared and filled likewise.
    """

    goals: tuple[Rule, ...]
    derives: tuple[Rule, ...]
    inserts: tuple[Rule, ...]
    overrides: tuple[Rule, ...]
    ends: tuple[Rule, ...]
    clusters: tuple[Cluster, ...]
    prompts: tuple[str, ...]
    heard: tuple[str, ...]
    guards: tuple[Condition, ...]
    facts: Mapping[str, Fact]
    turn: tuple[str, ...]
    person: tuple[str, ...]
    reads: frozenset[str]
    ways: dict[tuple[int, str | None], Way]
    left: "LeftOfRules"


class Left(NamedTuple):
    """What is left of a rule's conditions once it is known what is asked about.

    Args:
        when: Of its ``when``; NEVER where it cannot fire.
        unless: Of its ``unless``.
        kind: The same number for what is left of one rule in the same way.
        may: Whether it can fire when nothing else is known.
    """

    when: Condition
    unless: Condition
    kind: int
    may: bool


class LeftOfRules:
    """What is left of rules for one thing asked of them or another, worked out once for all that differs to them."""

    def __init__(self) -> None:
        self._read: dict[int, tuple[Rule, tuple[str, ...]]] = {}
        self._left: dict[tuple[Value, ...], Left] = {}
        self._kinds: dict[tuple[str, Condition, Condition], Left] = {}

    def of(self, rule: Rule, facts: Mapping[str, Value]) -> Left:
        """Return what is left of *rule* for what has *facts*, those of :meth:`Item.facts`."""
        read = self._read.get(id(rule))
        if read is None:
            names = {name for condition in conditions_of(rule) for name in read_by(condition)}
            read = self._read[id(rule)] = rule, tuple(name for name in facts if name in names)
        key = (id(rule), *[facts[name] for name in read[1]])
        found = self._left.get(key)
        if found is None:
            when = assume(rule.when, facts)
            unless = NEVER if rule.unless is None else assume(rule.unless, facts)
            new = Left(when, unless, len(self._kinds), _may_fire(rule, facts))
            found = self._left[key] = self._kinds.setdefault((rule.id, when, unless), new)
        return found


def _may_fire(rule: Rule, given: Given) -> bool:
    return bool(truth(rule.when, given) & (TRUE | UNKNOWN)) and (
        rule.unless is None or bool(truth(rule.unless, given) & ~TRUE)
    )


def conditions_of(rule: Rule) -> tuple[Condition, ...]:
    """Return what decides whether *rule* fires."""
    return (rule.when,) if rule.unless is None else (rule.when, rule.unless)


def bans(rule: Rule) -> bool:
    """Return whether *rule* forbids something to be said or done."""
    return any(isinstance(effect, BANS) for effect in rule.effects)


def steps_of(flow: Flow) -> tuple[Step, ...]:
    """Return every step of *flow* once, in the order of its states."""
    found: dict[int, Step] = {}
    for state in flow.states.values():
        for steps in (*state.hears.values(), state.then):
            found |= {id(step): step for step in steps}
        for reask in (state.silence, state.unclear):
            if reask:
                found[id(reask.then)] = reask.then
    return tuple(found.values())


def derived_by(rule: Rule) -> tuple[Derive, ...]:
    """Return what *rule* derives."""
    return tuple(effect for effect in rule.effects if isinstance(effect, Derive))


class Slicer:
    """Cuts slices out of one bundle and flow, as the law stands on one day and later."""

    def __init__(
        self,
        bundle: CompiledBundle,
        flow: Flow | None,
        as_of: date,
        extra: tuple[Rule, ...] = (),
        facts: tuple[Fact, ...] = (),
    ) -> None:
        self.bundle = bundle
        self._flow = flow
        self.as_of = as_of
        self.added = facts
        self.facts: dict[str, Fact] = {**bundle.vocabulary.facts, **{f.name: f for f in facts}}
        enforced = [r for rules in bundle.rules.values() for r in rules if r.status.enforced]
        self.hearing = tuple(r for r in (*enforced, *extra) if r.ask is Ask.ON_HEARING)
        speaking = tuple(r for r in enforced if r.ask is Ask.BEFORE_SPEAKING)
        self.ending = tuple(r for r in self.hearing if any(isinstance(e, EndCall) for e in r.effects))
        self.must = tuple(r for r in speaking if any(isinstance(e, MustSay) for e in r.effects))
        self.only = tuple(r for r in speaking if any(isinstance(e, OnlySay) for e in r.effects))
        self._deriving: dict[str, list[Rule]] = defaultdict(list)
        for rule in self.hearing:
            for derive in derived_by(rule):
                self._deriving[derive.fact].append(rule)
        self.steps = steps_of(flow) if flow else ()
        self._answers_another = flow is not None and any(NEW_PERSON in state.hears for state in flow.states.values())
        self._guards = tuple(dict.fromkeys(step.when for step in self.steps))
        self._ways: dict[tuple[int, str | None], Way] = {}
        self._left = LeftOfRules()
        self._cuts: dict[int, tuple[Condition, Cuts]] = {}
        self._read: dict[int, tuple[Condition, dict[str, Ref]]] = {}
        self._flags: dict[str, Condition] = {}
        self._guards_read = frozenset(name for guard in self._guards for name in self._read_by(guard))
        self._set_by_flow: dict[str, list[Expression]] = defaultdict(list)
        for step in self.steps:
            for name, value in step.sets:
                self._set_by_flow[name].append(value)

    @property
    def flow(self) -> Flow:
        """Return the flow that slices are cut for."""
        assert self._flow is not None
        return self._flow

    def cut(self, goals: tuple[Rule, ...], depth: Depth, also: frozenset[str] = frozenset()) -> Slice:
        """Return what matters to *goals*, followed as far as *depth* says, and the facts *also*."""
        inserts = self._inserts(goals)
        conditions = [condition for rule in goals for condition in conditions_of(rule)]
        read = {name: None for rule in inserts for c in conditions_of(rule) for name in self._read_by(c)}
        extra = [*(name for name in read if self._derived(name)), *sorted(also)]
        if depth is Depth.DERIVED:
            extra += [name for step in self.steps for name in self._read_by(step.when) if self._derived(name)]
        names, derives = self._closure(conditions, [*extra, *([NEW_PERSON] if inserts else [])], depth)
        tracked = {n: t for n in sorted(names) if (t := self.tracked(n, conditions)) is not None}
        said = {n.partition(".")[2] for n in names if self.is_engine(n, "said") or self.is_engine(n, "asked")}
        said |= {e.prompt for rule in inserts for e in rule.effects if isinstance(e, MustSay)}
        heard = {n.partition(".")[2] for n in names if self.is_engine(n, "heard")}
        rest = (*inserts, *self.only, *self.ending)
        others = [condition for rule in (*derives, *rest) for condition in conditions_of(rule)]
        given = [d.value for rule in derives for d in derived_by(rule)]
        given += [value for values in self._set_by_flow.values() for value in values]
        held_in = [self._held_in(ref) for value in given for ref in refs_of(value) if ref.type is ValueType.BOOL]
        asked = (*conditions, *self._guards, *others, *held_in)
        found = clusters(tracked, asked, self.constants(tracked, derives), self._cuts_in)
        held = {n: f for n, f in self.facts.items() if n in tracked}
        return Slice(
            goals=goals,
            derives=derives,
            inserts=inserts,
            overrides=self.only,
            ends=self.ending,
            clusters=found,
            prompts=tuple(sorted(said)),
            heard=tuple(sorted(heard)),
            guards=self._guards,
            facts=held,
            turn=tuple(
                n for n, f in held.items() if f.lasts is Lasts.TURN and tracked[n].mobility is not Mobility.CLOCK
            ),
            person=tuple(n for n, f in held.items() if f.lasts is Lasts.PERSON),
            reads=self._guards_read.union(
                *(self._read_by(c) for rule in (*goals, *derives, *rest) for c in conditions_of(rule))
            ),
            ways=self._ways,
            left=self._left,
        )

    def _inserts(self, goals: tuple[Rule, ...]) -> tuple[Rule, ...]:
        """Return the ``must_say`` rules whose insertion a goal may forbid, or whose prompt a goal asks about.

        What a rule puts in is never held against ``only_say``: there it is left out.
        """
        forbidding = [rule for rule in goals if not any(isinstance(e, OnlySay) for e in rule.effects)]
        read = {name for rule in goals for c in conditions_of(rule) for name in self._read_by(c)}
        found: dict[str, Rule] = {}
        grown = True
        while grown:
            grown = False
            for rule in self.must:
                for effect in rule.effects:
                    if rule.id in found or not isinstance(effect, MustSay):
                        continue
                    item = self.item(effect.prompt)
                    concerns = any(self.may_fire(one, item) for one in (*forbidding, *found.values()))
                    if concerns or f"said.{effect.prompt}" in read or f"asked.{effect.prompt}" in read:
                        found[rule.id] = rule
                        grown = True
        return tuple(found[key] for key in sorted(found))

    def _held_in(self, ref: Ref) -> Condition:
        """Return that *ref*, which another fact is given, is so."""
        return self._flags.setdefault(ref.name, Truth(ref))

    def _cuts_in(self, condition: Condition) -> Cuts:
        """Return the comparisons of *condition*, worked out once for all slices."""
        found = self._cuts.get(id(condition))
        if found is None:
            found = self._cuts[id(condition)] = condition, cuts_of(condition)
        return found[1]

    def _read_by(self, condition: Condition) -> dict[str, Ref]:
        """Return what *condition* reads, worked out once for all slices."""
        found = self._read.get(id(condition))
        if found is None:
            found = self._read[id(condition)] = condition, read_by(condition)
        return found[1]

    def may_fire(self, rule: Rule, item: Item) -> bool:
        """Return whether *rule* can fire on *item* when nothing else is known."""
        return self._left.of(rule, item.facts()).may

    def item(self, prompt: str) -> Item:
        """Return what the rules see of *prompt*."""
        known = self.bundle.prompts.get(prompt)
        return Item(prompt=prompt, discloses=known.discloses if known else frozenset())

    def _closure(
        self, conditions: Iterable[Condition], extra: list[str], depth: Depth
    ) -> tuple[set[str], tuple[Rule, ...]]:
        """Return every name *conditions* depend on, and the rules that set one of them."""
        names: set[str] = set()
        rules: dict[str, Rule] = {}
        queue = [*(name for condition in conditions for name in self._read_by(condition)), *extra]
        while queue:
            name = queue.pop()
            if name in names:
                continue
            names.add(name)
            fact = self.facts.get(name)
            if (fact is not None and fact.lasts is Lasts.PERSON) or self.is_engine(name, "said"):
                queue.append(NEW_PERSON)
            if self._answers_another and self.is_engine(name, "heard"):
                queue.append(NEW_PERSON)
            queue += names_in(self._set_by_flow.get(name, ()))
            for rule in self._deriving.get(name, ()):
                rules[rule.id] = rule
                read = {n for condition in conditions_of(rule) for n in self._read_by(condition)}
                read |= names_in(d.value for d in derived_by(rule))
                queue += [n for n in sorted(read) if self._followed(n, depth)]
        return names, tuple(rules[key] for key in sorted(rules))

    def _followed(self, name: str, depth: Depth) -> bool:
        """Return whether what a rule derives from *name* is followed at *depth*."""
        return self.is_told(name) or (depth is Depth.DERIVED and self._derived(name))

    def _derived(self, name: str) -> bool:
        fact = self.facts.get(name)
        return fact is not None and fact.origin is FactSource.POLICY

    def is_told(self, name: str) -> bool:
        """Return whether *name* is something heard, said or asked, and the engine itself says whether it is so."""
        return any(self.is_engine(name, group) for group in ("heard", "said", "asked"))

    def is_engine(self, name: str, group: str) -> bool:
        """Return whether *name* is of *group*, as ``heard``, and the engine itself says whether it is so."""
        fact = self.facts.get(name)
        return name.startswith(f"{group}.") and (fact is None or fact.origin is FactSource.ENGINE)

    def tracked(self, name: str, conditions: Iterable[Condition]) -> Tracked | None:
        """Return how *name* is followed, or None for what the engine itself supplies."""
        if name.endswith(FLAG):
            values = self._dated(self.bundle.parameters[name.removesuffix(FLAG)])
            only: tuple[Value, ...] = tuple(sorted({v is not None for v in values}))
            return Tracked(name, ValueType.BOOL, _dated(only), unknown=False, only=only)
        if name in self.bundle.parameters:
            parameter = self.bundle.parameters[name]
            only = tuple(dict.fromkeys(self._dated(parameter)))
            return Tracked(name, parameter.type, _dated(only), only=only)
        fact = self.facts.get(name)
        if fact is None or fact.origin is FactSource.ENGINE:
            return None
        if fact.of_places:
            return Tracked(name, fact.type, Mobility.FIXED, unknown=False, only=self._places(name, conditions))
        only = (*fact.values, None) if fact.type is ValueType.ENUM and len(fact.values) <= 8 else ()
        if name == NEW_PERSON:
            return Tracked(name, fact.type, Mobility.POLICY, start=(False,), unknown=False)
        if name.startswith("suppressed."):
            reason = name.partition(".")[2]
            raised = any(isinstance(e, Suppress) and e.reason == reason for r in self.hearing for e in r.effects)
            return Tracked(name, fact.type, Mobility.CLOCK if raised else Mobility.FIXED, unknown=False)
        if fact.origin is FactSource.CLOCK:
            least = self.as_of.toordinal() if name == "clock.today" else None
            mobility = Mobility.DAY if name == "clock.today" else Mobility.CLOCK
            return Tracked(name, fact.type, mobility, unknown=name != "clock.now", only=only, least=least)
        if fact.origin in (FactSource.HOST, FactSource.LEDGER):
            known = fact.initially is not None or name in self.bundle.vocabulary.counters
            least = 0 if name in self.bundle.vocabulary.counters else None
            return Tracked(
                name, fact.type, Mobility.FIXED, unknown=not known, only=only[:-1] if known else only, least=least
            )
        mobility = {FactSource.HEARD: Mobility.HEARD, FactSource.FLOW: Mobility.FLOW}.get(fact.origin, Mobility.POLICY)
        settable = fact.initially is None or mobility is not Mobility.POLICY
        return Tracked(
            name, fact.type, mobility, start=(fact.initially,), unknown=settable, only=only if settable else only[:-1]
        )

    def _dated(self, parameter: Parameter) -> list[Value]:
        """Return the values *parameter* has on the day asked about and on later days; None while it has none."""
        later = [dated.value for dated in parameter.values if dated.starts > self.as_of]
        return [parameter.on(self.as_of), *later]

    def _places(self, name: str, conditions: Iterable[Condition]) -> tuple[Value, ...]:
        """Return every set of the places asked about that is closed: a place brings those it lies within."""
        asked = sorted(
            {
                str(atom.member.value)
                for c in conditions
                for atom in atoms(c)
                if isinstance(atom, Member)
                and isinstance(atom.member, Constant)
                and getattr(atom.group, "name", "") == name
            }
        )
        if len(asked) > 12:
            raise TooLarge(f"it depends on which of {len(asked)} places the account lies in")
        places = self.bundle.vocabulary.places
        found: list[Value] = []
        for mask in range(1 << len(asked)):
            held = {p for bit, p in enumerate(asked) if mask >> bit & 1}
            if all(parent in held for p in held for parent in places.get(p, ()) if parent in asked):
                found.append(frozenset(held))
        return tuple(found)

    def constants(self, tracked: Mapping[str, Tracked], derives: tuple[Rule, ...] = ()) -> dict[str, set[Value]]:
        """Return the constants that rules and steps give to tracked facts."""
        found: dict[str, set[Value]] = defaultdict(set)
        for rule in derives:
            for derive in derived_by(rule):
                found[derive.fact] |= set(constants_of(derive.value))
        for name, expressions in self._set_by_flow.items():
            found[name] |= {v for e in expressions for v in constants_of(e)}
        for name in tracked:
            if name == "clock.today":
                found[name].add(self.as_of.toordinal())
        return found


def _dated(values: tuple[Value, ...]) -> Mobility:
    return Mobility.DATED if len(values) > 1 else Mobility.FIXED
