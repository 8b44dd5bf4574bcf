"""Every ``before_speaking`` rule, proved or broken in every flow.

A rule is first searched for with as little as possible followed. What may then
break it is taken through the engine; if the engine does not agree, a call is
looked for near it in the engine itself, more is followed, and the search is made
again.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum
from functools import partial
from itertools import islice
from typing import TypeAlias

from engine.bundle import CompiledBundle, EndCall, Flow, MustSay, Rule
from engine.checks.prove.confirm import Call, deaf, replay, sample_facts
from engine.checks.prove.leads import Given, Lead, Stopped, Wanted, lead
from engine.checks.prove.limits import Budget, TooLarge
from engine.checks.prove.memory import Memory, disclosed, memory_for
from engine.checks.prove.model import Model, Move
from engine.checks.prove.paths import Asked, Path, Written
from engine.checks.prove.proof import Proof, Verdict, broken, broken_in
from engine.checks.prove.reach import Reached
from engine.checks.prove.search import Found, Searched, search
from engine.checks.prove.slices import Depth, Item, Slice, Slicer, bans, conditions_of, steps_of
from engine.checks.prove.truth import read_by
from engine.checks.prove.walk import plain, stage_for, walk
from engine.expressions.tree import All, AnyOf, Not
from engine.runtime.session import Turn
from engine.terms import Ask, FactSource

MOST_REFINED, MOST_STAGES = 5, 3
SMALL = Budget(3_000, 60_000)
"""How far is looked where what the flow notes is followed, before more is: proofs that rest on it alone are small."""
_Needs: TypeAlias = tuple[frozenset[str], ...]
"""What proofs depend on: facts, prompts and intents."""
_Alike: TypeAlias = dict[_Needs, list[tuple[Rule, Slice]]]


class _Follow(Enum):
    """What is followed of what the last turns of breaches ask about.

    ``DERIVED`` is what rules derive, one breach at a time; ``TOLD`` is that and what was said and heard.
    """

    DERIVED = "derived"
    TOLD = "told"
    ANY = "any"


_FIRST = (Depth.READ, _Follow.DERIVED)
_CLOSER = (
    (Depth.READ, _Follow.TOLD),
    (Depth.DERIVED, _Follow.DERIVED),
    (Depth.READ, _Follow.ANY),
    (Depth.DERIVED, _Follow.ANY),
)
"""How more is followed for what is not decided, one after the other."""


@dataclass(frozen=True, slots=True)
class _Near:
    """What the last turns of what may break a rule ask about: what was told, and all.

    And what rules derive of what each of these turns asks about, then of what all turns of each way do.
    """

    derived: tuple[frozenset[str], ...]
    told: frozenset[str]
    every: frozenset[str]

    def more(self, follow: _Follow, asked: frozenset[str]) -> frozenset[str]:
        """Return what there is to *follow* beside what is *asked* already."""
        if follow is _Follow.DERIVED:
            return next((more for names in self.derived if (more := names - asked)), frozenset())
        return (self.every if follow is _Follow.ANY else self.told.union(*self.derived)) - asked


@dataclass(slots=True)
class _Pending:
    """Rules that are not decided yet.

    Args:
        rules: They, by id.
        stopped: Whether a turn of the engine shows one to be broken.
        asked: What is followed for each beside what it reads.
        near: What the last turns of what may break each ask about.
        unsure: Why each is not decided.
        leads: What may break each, as far as the last search knows.
        walked: What was looked for before, and with what the host supplies.
        large: Those of which a search was too large; one that follows more only grows.
        held: What held back calls that were to break each, before they did.
        passed: What calls that may break each say and do before they do.
        behind: Rules that are known to be broken, for each: no call goes on from where one holds something back.
        anew: Those that are behind more than when they were searched for.
    """

    rules: dict[str, Rule]
    stopped: Callable[[Rule, Turn], bool]
    asked: dict[str, frozenset[str]] = field(init=False)
    near: dict[str, _Near] = field(default_factory=dict)
    unsure: dict[str, str] = field(default_factory=dict)
    leads: dict[str, Lead] = field(default_factory=dict)
    walked: set[tuple[str, Given, Wanted]] = field(default_factory=set)
    large: set[str] = field(default_factory=set)
    held: dict[str, dict[str, None]] = field(default_factory=dict)
    passed: dict[str, frozenset[Item]] = field(default_factory=dict)
    behind: dict[str, tuple[Rule, ...]] = field(default_factory=dict)
    anew: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.asked = dict.fromkeys(self.rules, frozenset())

    def grow(self, rule: Rule, follow: _Follow) -> bool:
        """Follow more for *rule*; return whether there is more."""
        near = self.near.get(rule.id)
        more = near.more(follow, self.asked[rule.id]) if near else frozenset[str]()
        self.asked[rule.id] |= more
        return bool(more)

    def stand_behind(self, slicer: Slicer, broken_: Iterable[Rule]) -> bool:
        """Search for each behind those of *broken_* that held back what was to break it, else behind those that may.

        Return whether any is to be searched for anew.
        """
        wrong = {rule.id: rule for rule in broken_}
        for name in self.rules:
            held, passed = self.held.get(name, {}), self.passed.get(name, frozenset())
            behind = tuple(wrong[one] for one in held if one in wrong) or tuple(
                rule for rule in wrong.values() if any(slicer.may_fire(rule, item) for item in passed)
            )
            if set(behind) - set(self.behind.get(name, ())):
                self.behind[name] = behind
                self.anew.add(name)
                self.large.discard(name)
        return bool(self.anew)

    def settle(self, proofs: dict[str, Proof]) -> dict[str, Proof]:
        """Take out what *proofs* decide, and return them."""
        for name in proofs:
            self.rules.pop(name, None)
            self.leads.pop(name, None)
        return proofs


def _held_back(rule: Rule, turn: Turn) -> bool:
    return rule.id in turn.prevented


def _is_broken(proof: Proof | None) -> bool:
    return proof is not None and proof.verdict is Verdict.BROKEN


@dataclass(frozen=True, slots=True)
class Prover:
    """Proves rules of one bundle as the law stands on one day and later.

    Without ``thorough``, no more is followed for what no call of the engine shows to be broken.
    """

    bundle: CompiledBundle
    as_of: date
    budget: Budget = field(default_factory=Budget)
    thorough: bool = True

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
        banning = tuple(r for r in rules if bans(r))
        needed = (
            tuple(r for r in self.bundle.rules[Ask.BEFORE_SPEAKING] if r.status.enforced and bans(r))
            if any(not bans(r) for r in rules)
            else banning
        )
        proofs = self.search(slicer, needed)
        return [proofs[rule.id] if bans(rule) else _of_insertion(rule, flow, proofs) for rule in rules]

    def search(
        self,
        slicer: Slicer,
        goals: tuple[Rule, ...],
        stopped: Callable[[Rule, Turn], bool] | None = None,
        beside: tuple[Rule, ...] = (),
    ) -> dict[str, Proof]:
        """Return a proof for each of *goals*, which all ban something.

        Args:
            slicer: Of the flow.
            goals: Rules that must never fire.
            stopped: Whether a turn of the engine shows a goal to be broken; by default, that the rule held it back.
            beside: Rules that are known to be broken: no call goes on from where one of them holds something back.
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
        pending = _Pending({rule.id: rule for rule in open_ if rule.id not in found}, stopped or _held_back)

        def stand_behind() -> bool:
            return pending.stand_behind(slicer, (*beside, *(rule for rule in goals if _is_broken(found.get(rule.id)))))

        unwalked = _FIRST if self.thorough else None  # what is left behind a broken rule is most often proved soon
        for depth, follow in (_FIRST, *(_CLOSER if self.thorough else ())):
            more = True
            while more:
                found |= self._searched(slicer, pending, depth, follow)
                more = stand_behind()
                if not more and not (pending.behind and (depth, follow) == unwalked):
                    found |= self._walked(slicer, pending)
                    more = stand_behind()
        for name in pending.rules:
            found[name] = Proof(name, slicer.flow.id, Verdict.COULD_NOT_CHECK, pending.unsure.get(name, ""))
        return found

    def _searched(self, slicer: Slicer, pending: _Pending, depth: Depth, follow: _Follow) -> dict[str, Proof]:
        """Return proofs for those of the *pending* rules that searches at *depth* decide, more followed each time."""
        found: dict[str, Proof] = {}
        waiting = [rule for name, rule in pending.rules.items() if name not in pending.large]
        anew, pending.anew = pending.anew if depth is Depth.READ else set(pending.rules), set()
        for round_ in range(1 + MOST_REFINED):
            if round_ or pending.near:
                waiting = [rule for rule in waiting if rule.id in anew or pending.grow(rule, follow)]
                anew = set()
            apart = self.thorough or round_ > 0
            for part in _groups(slicer, waiting, depth, pending.asked, pending.unsure, pending.behind, apart=apart):
                found |= pending.settle(self._prove_group(slicer, part, pending))
            waiting = [rule for rule in waiting if rule.id not in found]
        return found

    def _walked(self, slicer: Slicer, pending: _Pending) -> dict[str, Proof]:
        """Return those of the *pending* rules broken that calls near what was searched break."""
        if not pending.leads:
            return {}
        flow, calls = slicer.flow, dict[str, Call]()
        given = dict.fromkeys(one for lead in pending.leads.values() for one in lead.given)
        for one in (*islice(given, MOST_STAGES), ()):
            open_ = {n: lead for n, lead in pending.leads.items() if n not in calls and (not one or one in lead.given)}
            anew = {n: lead.wanted for n, lead in open_.items() if (n, one, lead.wanted) not in pending.walked}
            pending.walked |= {(name, one, wanted) for name, wanted in anew.items()}
            if anew:
                calls |= walk(stage_for(self.bundle, flow, self.as_of, dict(one)), anew)
        pending.leads.clear()
        return pending.settle({n: broken_in(self.bundle, flow, pending.rules[n], call) for n, call in calls.items()})

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
            noted: dict[str, frozenset[str]] = {}
            facts = self.bundle.vocabulary.facts
            for round_ in range(1 + MOST_REFINED):
                apart = self.thorough or round_ > 0
                left = []
                for part in _groups(slicer, waiting, Depth.READ, asked, {}, {}, apart=apart, nested=True):
                    reached = self._reached(memory, slicer, part, written)
                    for place, rule in enumerate(part.goals if reached else ()):
                        assert reached is not None
                        if place not in reached.broken:
                            proof = Proof(rule.id, slicer.flow.id, Verdict.PROVED, situations=reached.situations)
                            found[rule.id] = proof
                            continue
                        last = (n for n in _asked_on(reached.broken[place][0]) if n in facts)
                        noted.setdefault(rule.id, frozenset(n for n in last if facts[n].origin is FactSource.FLOW))
                        about = (self._derived_names(part, _asked_on(paths)) for paths in reached.broken[place])
                        more = frozenset().union(*about) - asked[rule.id]
                        asked[rule.id] |= more
                        left += [rule] if more else []
                waiting = left
            resting = [rule for rule in goals if rule.id not in found and noted.get(rule.id)]
            for part in _groups(slicer, resting, Depth.READ, noted, {}, {}, apart=True):
                reached = self._reached(memory, slicer, part, written, SMALL)
                if reached is not None and not reached.broken:
                    proofs = (
                        Proof(r.id, slicer.flow.id, Verdict.PROVED, situations=reached.situations) for r in part.goals
                    )
                    found |= {proof.rule: proof for proof in proofs}
        return found

    def _looked(self, slicer: Slicer, part: Slice) -> Reached | None:
        """Return the same by what this process remembers, or None too where the paths of the flow are too many."""
        memory = memory_for(self.bundle, self.as_of)
        with memory.lock:
            written = memory.written(slicer.flow)
            return None if written is None else self._reached(memory, slicer, part, written)

    def _reached(
        self, memory: Memory, slicer: Slicer, part: Slice, written: Written, budget: Budget | None = None
    ) -> Reached | None:
        """Return what calls over *part* come to, or None where that is more than *budget*, by default the prover's."""
        try:
            return memory.reach(slicer, part).look(written, slicer.flow.start, budget or self.budget)
        except TooLarge:
            return None

    def _prove_group(self, slicer: Slicer, part: Slice, pending: _Pending) -> dict[str, Proof]:
        """Return proofs for goals of *part*; of the others, keep what their last turns ask about, and their leads."""
        flow = slicer.flow.id
        goals = [(place, rule) for place, rule in enumerate(part.goals) if rule.id in pending.rules]
        reached = self._looked(slicer, part)
        if reached is not None and not any(place in reached.broken for place, _ in goals):
            return {r.id: Proof(r.id, flow, Verdict.PROVED, situations=reached.situations) for _, r in goals}
        try:
            model, searched = self._all_of(slicer, part, [place for place, _ in goals])
        except TooLarge as large:
            pending.unsure |= {rule.id: str(large) for _, rule in goals}
            pending.large |= {rule.id for _, rule in goals}
            return {}
        proofs: dict[str, Proof] = {}
        for place, rule in goals:
            candidates = searched.found.get(place, [])
            if not candidates:
                proofs[rule.id] = Proof(rule.id, flow, Verdict.PROVED, situations=searched.situations)
                continue
            stopped = partial(pending.stopped, rule)
            pending.passed[rule.id] = _passed(model, candidates)
            proof = self._confirmed(model, rule, candidates, searched, stopped, pending.held.setdefault(rule.id, {}))
            if proof is not None:
                proofs[rule.id] = proof
                continue
            item = model.speaker.items[candidates[0].path[-1][1].plan.items[candidates[0].breach.part]]
            by = item.prompt or item.action
            pending.unsure[rule.id] = f"a call that may break it by `{by}` could not be confirmed"
            every: frozenset[str] = frozenset().union(*(_asked_in(model, one.path[-1:]) for one in candidates))
            told = frozenset(name for name in every if slicer.is_told(name))
            ways = (one.path[turns:] for turns in (-1, 0) for one in candidates)
            derived = tuple(self._derived_names(part, _asked_in(model, way)) for way in ways)
            pending.near[rule.id] = _Near(derived, told, every)
            facts = self.bundle.vocabulary.facts
            pending.leads[rule.id] = lead(model, rule, candidates, facts, sample_facts(self.bundle), stopped)
        return proofs

    def _all_of(self, slicer: Slicer, part: Slice, goals: list[int]) -> tuple[Model, Searched]:
        """Return what breaks those *goals* of *part*; behind others, what is always held back is never used up."""
        model = Model(slicer.flow, part, self.bundle.vocabulary.protected, self._discloses)
        searched = search(model, self.budget)
        never = model.answers() - searched.given if len(goals) < len(part.goals) else frozenset()
        if never and any(_all_use_up(searched.found.get(place, [])) for place in goals):
            model = Model(slicer.flow, part, self.bundle.vocabulary.protected, self._discloses, never_given=never)
            searched = search(model, self.budget)
        return model, searched

    def _confirmed(
        self,
        model: Model,
        rule: Rule,
        candidates: list[Found],
        searched: Searched,
        stopped: Stopped,
        held: dict[str, None],
    ) -> Proof | None:
        """Return *rule* broken by the first of *candidates* that the engine agrees with, or None; note what *held*."""
        for found in candidates:
            call = replay(self.bundle, model, found, self.as_of, stopped)
            if call is not None and call.whole:
                call = plain(deaf(self.bundle), model.flow, call, stopped)
                return broken(self.bundle, model, rule, found, call, searched.situations)
            if call is not None:
                held |= dict.fromkeys(call.happenings[-1].turn.prevented)
        return None

    def _derived_names(self, part: Slice, asked: Iterable[str]) -> frozenset[str]:
        """Return what of *asked*, and of what rules of *part* derive from, is itself derived and not yet followed."""
        names = {name for rule in part.derives for c in conditions_of(rule) for name in read_by(c)}.union(asked)
        facts = self.bundle.vocabulary.facts
        followed = {name for cluster in part.clusters for name in cluster.names}
        return frozenset(n for n in names - followed if n in facts and facts[n].origin is FactSource.POLICY)

    @property
    def _discloses(self) -> dict[str, frozenset[str]]:
        return disclosed(self.bundle)


def _passed(model: Model, found: list[Found]) -> frozenset[Item]:
    """Return what is said and done on the ways of *found* before their last turns."""
    return frozenset(model.speaker.items[n] for one in found for _, move in one.path[:-1] for n in move.plan.items)


def _all_use_up(found: list[Found]) -> bool:
    """Return whether there is a breach, and each comes about by using up an answer."""
    return bool(found) and all(any(move.plan.used_up for _, move in one.path) for one in found)


def _asked_in(model: Model, way: tuple[tuple[object, Move], ...]) -> frozenset[str]:
    """Return what the turns of *way* ask about, by the steps taken and by those passed over."""
    lists = [steps for state in model.states for steps in (*state.hears.values(), state.then)]
    before = {step.id: steps[: place + 1] for steps in lists for place, step in enumerate(steps)}
    taken = (step for _, move in way for step in move.plan.steps)
    return frozenset(name for step in taken for near in before.get(step.id, (step,)) for name in read_by(near.when))


def _asked_on(paths: tuple[Path, ...]) -> dict[str, None]:
    """Return what is asked about on *paths*."""
    asked = (part.condition for path in paths for part in path.parts if isinstance(part, Asked))
    return {name: None for condition in asked for name in read_by(condition)}


def unless_held_back(goal: Rule, rules: tuple[Rule, ...]) -> Rule:
    """Return *goal* as it is where none of *rules*, which ban something, is sure to hold the same back."""
    firing = tuple(All((r.when, *(() if r.unless is None else (Not(r.unless),)))) for r in rules)
    exempt = (*(() if goal.unless is None else (goal.unless,)), *firing)
    return replace(goal, unless=AnyOf(exempt)) if firing else goal


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
    behind: Mapping[str, tuple[Rule, ...]],
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
            part = slicer.cut((rule, *behind.get(rule.id, ())), depth, asked[rule.id])
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
            before = dict.fromkeys(one for rule in group for one in behind.get(rule.id, ()))
            found.append(slicer.cut((*group, *before), depth, also))
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
