"""Every ``before_speaking`` rule, proved or broken in every flow.

A rule is first searched for with as little as possible followed. What may then
break it is taken through the engine; if the engine does not agree, more is
followed and the search is made again.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from typing import TypeAlias

from engine.bundle import CompiledBundle, EndCall, Flow, Go, MustSay, NeverDo, NeverSay, OnlySay, Rule, Step
from engine.checks.prove.confirm import Call, replay
from engine.checks.prove.limits import Budget, TooLarge
from engine.checks.prove.memory import Memory, disclosed, memory_for
from engine.checks.prove.model import Model
from engine.checks.prove.paths import Asked, Path, Written
from engine.checks.prove.proof import Proof, Verdict, broken, broken_in
from engine.checks.prove.reach import Reached
from engine.checks.prove.retrace import retrace
from engine.checks.prove.search import Found, Searched, search
from engine.checks.prove.slices import Depth, Item, Slice, Slicer, conditions_of, steps_of
from engine.checks.prove.truth import read_by
from engine.checks.prove.walk import walk
from engine.runtime.session import Turn
from engine.terms import Ask, FactSource

MOST_RETRACED, MOST_REPLAYED, MOST_REFINED = 2, 8, 5
BANS = (NeverSay, OnlySay, NeverDo)
_Needs: TypeAlias = tuple[frozenset[str], ...]
"""What proofs depend on: facts, prompts and intents."""
_Alike: TypeAlias = dict[_Needs, list[tuple[Rule, Slice]]]


@dataclass(frozen=True, slots=True)
class Prover:
    """Proves rules of one bundle as the law stands on one day and later.

    Without ``thorough``, what a first replay does not confirm is left undecided; ``guided`` then retraces it once.
    """

    bundle: CompiledBundle
    as_of: date
    budget: Budget = field(default_factory=Budget)
    thorough: bool = True
    guided: bool = False

    def prove(self, only: Iterable[str] = ()) -> tuple[Proof, ...]:
        """Return one proof for each enforced ``before_speaking`` rule and flow, by flow and rule.

        Args:
            only: Rules to prove; all when empty.
        """
        wanted = frozenset(only)
        rules = [
            r for r in self.bundle.rules[Ask.BEFORE_SPEAKING] if r.status.enforced and (not wanted or r.id in wanted)
        ]
        found: list[Proof] = []
        for name in sorted(self.bundle.flows):
            found += self.prove_flow(self.bundle.flows[name], rules)
        return tuple(found)

    def prove_flow(self, flow: Flow, rules: list[Rule]) -> list[Proof]:
        """Return the proofs of *rules* in *flow*."""
        slicer = Slicer(self.bundle, flow, self.as_of)
        bans = tuple(r for r in rules if any(isinstance(e, BANS) for e in r.effects))
        needed = (
            tuple(r for r in self.bundle.rules[Ask.BEFORE_SPEAKING] if r.status.enforced and _bans(r))
            if any(not _bans(r) for r in rules)
            else bans
        )
        proofs = self.search(slicer, needed)
        return [proofs[rule.id] if _bans(rule) else _of_insertion(rule, flow, proofs) for rule in rules]

    def search(
        self, slicer: Slicer, goals: tuple[Rule, ...], stopped: Callable[[Rule, Turn], bool] | None = None
    ) -> dict[str, Proof]:
        """Return a proof for each of *goals*, which all ban something.

        Args:
            slicer: Of the flow.
            goals: Rules that must never fire.
            stopped: Whether a turn of the engine shows a goal to be broken; by default, that the rule held it back.
        """
        items = items_of(slicer)
        found: dict[str, Proof] = {}
        open_: list[Rule] = []
        for rule in goals:
            if any(slicer.may_fire(rule, item) for item in items):
                open_.append(rule)
            else:
                found[rule.id] = Proof(rule.id, slicer.flow.id, Verdict.PROVED)
        found |= self._proved(slicer, open_)
        open_ = [rule for rule in open_ if rule.id not in found]
        unsure: dict[str, str] = {}
        asked: dict[str, frozenset[str]] = {rule.id: frozenset() for rule in open_}
        for depth, rounds in (
            (Depth.READ, 1 + MOST_REFINED),
            (Depth.DERIVED, 1 + MOST_REFINED if self.thorough else 0),
        ):
            waiting = [rule for rule in open_ if rule.id not in found]
            for round_ in range(rounds):
                earlier = dict(asked)
                apart = self.thorough or round_ > 0
                for part in _groups(slicer, waiting, depth, asked, unsure, apart=apart):
                    found |= self._prove_group(slicer, part, depth, asked, unsure, stopped, first=round_ == 0)
                waiting = [rule for rule in waiting if rule.id not in found and asked[rule.id] != earlier[rule.id]]
        for rule in open_:
            if rule.id not in found:
                call = self._walked(slicer, rule) if self.thorough and stopped is None else None
                found[rule.id] = (
                    broken_in(self.bundle, slicer.flow, rule, call)
                    if call is not None
                    else Proof(rule.id, slicer.flow.id, Verdict.COULD_NOT_CHECK, unsure.get(rule.id, ""))
                )
        return found

    def _walked(self, slicer: Slicer, rule: Rule) -> Call | None:
        """Return a call in which the engine holds *rule* up, looked for near all that it may forbid."""
        flow = slicer.flow

        def concerns(step: Step) -> bool:
            there = flow.states[step.target.state].say if isinstance(step.target, Go) else ()
            items = (*map(slicer.item, (*step.say, *there)), *(Item(action=do.action) for do in step.does))
            return any(slicer.may_fire(rule, item) for item in items)

        near = [step.id for step in slicer.steps if concerns(step)]
        facts = self.bundle.vocabulary.facts
        read = dict.fromkeys(name for condition in conditions_of(rule) for name in read_by(condition) if name in facts)
        slots = [name for name in read if facts[name].origin is FactSource.HEARD]
        return walk(self.bundle, flow, self.as_of, near, slots, lambda turn: rule.id in turn.prevented)

    def _proved(self, slicer: Slicer, goals: list[Rule]) -> dict[str, Proof]:
        """Return proofs for those of *goals* that hold in single turns, or in all situations a call can get into.

        What little is followed at first grows by what the turn asks that comes to break a rule, then the turns before.
        """
        found: dict[str, Proof] = {}
        memory = memory_for(self.bundle, self.as_of)
        with memory.lock:
            written = memory.written(slicer.flow) if goals else None
            if written is None:
                return found
            one_turn = memory.one_turn(slicer, written)
            waiting = []
            for rule in goals:
                if one_turn.hold(rule, memory.of_goal(slicer, rule)):
                    found[rule.id] = Proof(rule.id, slicer.flow.id, Verdict.PROVED)
                else:
                    waiting.append(rule)
            asked: dict[str, frozenset[str]] = {rule.id: frozenset() for rule in waiting}
            for round_ in range(1 + MOST_REFINED):
                apart = self.thorough or round_ > 0
                left = []
                for part in _groups(slicer, waiting, Depth.READ, asked, {}, apart=apart, nested=True):
                    reached = self._reached(memory, slicer, part, written)
                    for place, rule in enumerate(part.goals if reached else ()):
                        assert reached is not None
                        if place not in reached.broken:
                            proof = Proof(rule.id, slicer.flow.id, Verdict.PROVED, situations=reached.situations)
                            found[rule.id] = proof
                            continue
                        about = (self._derived_names(part, _asked_on(paths)) for paths in reached.broken[place])
                        more = frozenset().union(*about) - asked[rule.id]
                        asked[rule.id] |= more
                        left += [rule] if more else []
                waiting = left
        return found

    def _looked(self, slicer: Slicer, part: Slice) -> Reached | None:
        """Return the same by what this process remembers, or None too where the paths of the flow are too many."""
        memory = memory_for(self.bundle, self.as_of)
        with memory.lock:
            written = memory.written(slicer.flow)
            return None if written is None else self._reached(memory, slicer, part, written)

    def _reached(self, memory: Memory, slicer: Slicer, part: Slice, written: Written) -> Reached | None:
        """Return what calls over *part* come to, or None where that is too much."""
        try:
            return memory.reach(slicer, part).look(written, slicer.flow.start, self.budget)
        except TooLarge:
            return None

    def _prove_group(
        self,
        slicer: Slicer,
        part: Slice,
        depth: Depth,
        asked: dict[str, frozenset[str]],
        unsure: dict[str, str],
        stopped: Callable[[Rule, Turn], bool] | None,
        *,
        first: bool,
    ) -> dict[str, Proof]:
        """Return proofs for goals of *part*; for the others, add to *asked* what their last turns ask about.

        At the *first* go at a depth, and when nothing is left to be asked, candidates are gone again with everything
        followed.
        """
        reached = self._looked(slicer, part)
        if reached is not None and not reached.broken:
            flow = slicer.flow.id
            return {r.id: Proof(r.id, flow, Verdict.PROVED, situations=reached.situations) for r in part.goals}
        model = Model(slicer.flow, part, self.bundle.vocabulary.protected, self._discloses)
        try:
            searched = search(model, self.budget)
        except TooLarge as large:
            unsure |= {rule.id: str(large) for rule in part.goals}
            return {}
        proofs: dict[str, Proof] = {}
        for place, rule in enumerate(part.goals):
            candidates = searched.found.get(place, [])
            if not candidates:
                proofs[rule.id] = Proof(rule.id, slicer.flow.id, Verdict.PROVED, situations=searched.situations)
                continue
            about = (self._asked_about(model, one, depth) - asked[rule.id] for one in candidates)
            more = next((names for names in about if names), frozenset())
            deep = (self.guided and not more) or (self.thorough and depth is not Depth.READ and first)
            proof = self._confirmed(slicer, model, rule, candidates, searched, stopped, deep=deep)
            if proof is not None:
                proofs[rule.id] = proof
                continue
            item = model.speaker.items[candidates[0].path[-1][1].plan.items[candidates[0].breach.part]]
            unsure[rule.id] = f"a call that may break it by `{item.prompt or item.action}` could not be confirmed"
            asked[rule.id] |= more
        return proofs

    def _confirmed(
        self,
        slicer: Slicer,
        model: Model,
        rule: Rule,
        candidates: list[Found],
        searched: Searched,
        stopped: Callable[[Rule, Turn], bool] | None,
        *,
        deep: bool,
    ) -> Proof | None:
        """Return *rule* broken by the first of *candidates* that the engine agrees with, or None."""

        def held_back(turn: Turn) -> bool:
            return stopped(rule, turn) if stopped else rule.id in turn.prevented

        for found in candidates:
            call = replay(self.bundle, model, found, self.as_of, held_back)
            if call is not None:
                return broken(self.bundle, model, rule, found, call, searched.situations)
        deepest = self._deepest(slicer, rule) if deep else None
        for found in candidates[:MOST_RETRACED] if deepest else ():
            assert deepest is not None
            for again in islice(retrace(deepest, model, found, 0), MOST_REPLAYED):
                call = replay(self.bundle, deepest, again, self.as_of, held_back)
                if call is not None:
                    return broken(self.bundle, deepest, rule, again, call, searched.situations)
        return None

    def _deepest(self, slicer: Slicer, rule: Rule) -> Model | None:
        """Return the model that follows as much as can be, or None."""
        for depth in (Depth.GUARDS, Depth.SOURCES):
            try:
                part = slicer.cut((rule,), depth)
                return Model(slicer.flow, part, self.bundle.vocabulary.protected, self._discloses, alone=True)
            except TooLarge:
                continue
        return None

    def _asked_about(self, model: Model, found: Found, depth: Depth) -> frozenset[str]:
        """Return what the last turn of *found* asks about, by the steps taken and by those passed over.

        At first that is only what rules derive, and what rules on the way derive that from.
        """
        lists = [steps for state in model.states for steps in (*state.hears.values(), state.then)]
        before = {step.id: steps[: place + 1] for steps in lists for place, step in enumerate(steps)}
        taken = found.path[-1][1].plan.steps
        names = {name for step in taken for near in before.get(step.id, (step,)) for name in read_by(near.when)}
        if depth is not Depth.READ:
            return frozenset(names)
        return self._derived_names(model.slice, names)

    def _derived_names(self, part: Slice, asked: Iterable[str]) -> frozenset[str]:
        """Return what of *asked*, and of what rules of *part* derive from, is itself derived and not yet followed."""
        names = {name for rule in part.derives for c in conditions_of(rule) for name in read_by(c)}.union(asked)
        facts = self.bundle.vocabulary.facts
        followed = {name for cluster in part.clusters for name in cluster.names}
        return frozenset(n for n in names - followed if n in facts and facts[n].origin is FactSource.POLICY)

    @property
    def _discloses(self) -> dict[str, frozenset[str]]:
        return disclosed(self.bundle)


def _asked_on(paths: tuple[Path, ...]) -> dict[str, None]:
    """Return what is asked about on *paths*."""
    asked = (part.condition for path in paths for part in path.parts if isinstance(part, Asked))
    return {name: None for condition in asked for name in read_by(condition)}


def _bans(rule: Rule) -> bool:
    return any(isinstance(effect, BANS) for effect in rule.effects)


def _of_insertion(rule: Rule, flow: Flow, proofs: Mapping[str, Proof]) -> Proof:
    """Return the proof of a ``must_say`` rule: no ban ever fires on what it puts in."""
    for proof in proofs.values():
        if proof.inserted_by == rule.id:
            return replace(proof, rule=rule.id)
    for proof in proofs.values():
        if proof.verdict is Verdict.COULD_NOT_CHECK:
            reason = f"it depends on `{proof.rule}`: {proof.reason}"
            return Proof(rule.id, flow.id, Verdict.COULD_NOT_CHECK, reason, depends=proof.rule)
    return Proof(rule.id, flow.id, Verdict.PROVED, situations=max((p.situations for p in proofs.values()), default=0))


def _groups(
    slicer: Slicer,
    goals: list[Rule],
    depth: Depth,
    asked: Mapping[str, frozenset[str]],
    unsure: dict[str, str],
    *,
    apart: bool,
    nested: bool = False,
) -> list[Slice]:
    """Return slices in which goals that depend on the same things are searched for at once; all, where not *apart*.

    Where they may be *nested*, so are those that depend on some of these things.
    """
    alike: _Alike = {}
    for rule in goals:
        try:
            part = slicer.cut((rule,), depth, asked[rule.id])
        except TooLarge as large:
            unsure[rule.id] = str(large)
            continue
        names = frozenset(name for cluster in part.clusters for name in cluster.names)
        needs = (names, frozenset(part.prompts), frozenset(part.heard)) if apart else ()
        alike.setdefault(needs, []).append((rule, part))
    if apart and nested:
        alike = _nested(alike)
    found = []
    for parts in alike.values():
        if len(parts) == 1:
            found.append(parts[0][1])
            continue
        group = [rule for rule, _ in parts]
        try:
            also: frozenset[str] = frozenset().union(*(asked[rule.id] for rule in group))
            found.append(slicer.cut(tuple(group), depth, also))
        except TooLarge as large:
            unsure |= {rule.id: str(large) for rule in group}
    return found


def _nested(alike: _Alike) -> _Alike:
    """Return groups, each that depends on part of what another does joined to the one that depends on least."""
    found: _Alike = {}
    for key in sorted(alike, key=_size, reverse=True):
        wider = [other for other in found if all(mine <= theirs for mine, theirs in zip(key, other, strict=True))]
        found.setdefault(min(wider, key=_size) if wider else key, []).extend(alike[key])
    return found


def _size(key: _Needs) -> tuple[int, ...]:
    return tuple(map(len, key))


def items_of(slicer: Slicer) -> tuple[Item, ...]:
    """Return everything calls of the flow can say or do, inserted prompts and rules' own included."""
    flow = slicer.flow
    prompts: dict[str, None] = {}
    actions: dict[str, None] = {}
    for step in steps_of(flow):
        prompts |= dict.fromkeys(step.say)
        actions |= dict.fromkeys(do.action for do in step.does)
    for state in flow.states.values():
        prompts |= dict.fromkeys(state.say)
        for reask in (state.silence, state.unclear):
            prompts |= dict.fromkeys(reask.say if reask else ())
    for rule in slicer.ending:
        prompts |= dict.fromkeys(e.say for e in rule.effects if isinstance(e, EndCall) and e.say)
    for rule in slicer.must:
        prompts |= dict.fromkeys(e.prompt for e in rule.effects if isinstance(e, MustSay))
    return (*map(slicer.item, prompts), *(Item(action=a) for a in actions), Item(ends=True))
