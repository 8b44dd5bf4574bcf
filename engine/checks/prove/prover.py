"""Every ``before_speaking`` rule, proved or broken in every flow.

A rule is first searched for with as little as possible followed. What may then
break it is taken through the engine; if the engine does not agree, more is
followed and the search is made again.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

from engine.bundle import CompiledBundle, EndCall, Flow, MustSay, NeverDo, NeverSay, OnlySay, Rule
from engine.checks.prove.confirm import replay
from engine.checks.prove.limits import Budget, TooLarge
from engine.checks.prove.model import Model
from engine.checks.prove.proof import Proof, Verdict, broken
from engine.checks.prove.retrace import retrace
from engine.checks.prove.search import Found, Searched, search
from engine.checks.prove.slices import Depth, Item, Slice, Slicer, may_fire, steps_of
from engine.runtime.session import Turn
from engine.terms import Ask

MOST_RETRACED = 4
BANS = (NeverSay, OnlySay, NeverDo)


@dataclass(frozen=True, slots=True)
class Prover:
    """Proves rules of one bundle as the law stands on one day and later."""

    bundle: CompiledBundle
    as_of: date
    budget: Budget = Budget()

    def prove(self, only: Iterable[str] = ()) -> tuple[Proof, ...]:
        """Return one proof for each enforced ``before_speaking`` rule and flow, by flow and rule.

        Args:
            only: Rules to prove; all when empty.
        """
        wanted = frozenset(only)
        rules = [r for r in self.bundle.rules[Ask.BEFORE_SPEAKING] if r.status.enforced and (not wanted or r.id in wanted)]
        found: list[Proof] = []
        for name in sorted(self.bundle.flows):
            found += self.prove_flow(self.bundle.flows[name], rules)
        return tuple(found)

    def prove_flow(self, flow: Flow, rules: list[Rule]) -> list[Proof]:
        """Return the proofs of *rules* in *flow*."""
        slicer = Slicer(self.bundle, flow, self.as_of)
        bans = tuple(r for r in rules if any(isinstance(e, BANS) for e in r.effects))
        needed = tuple(r for r in self.bundle.rules[Ask.BEFORE_SPEAKING] if r.status.enforced and _bans(r)) \
            if any(not _bans(r) for r in rules) else bans
        proofs = self.search(slicer, needed)
        return [proofs[rule.id] if _bans(rule) else _of_insertion(rule, flow, proofs) for rule in rules]

    def search(
        self, slicer: Slicer, goals: tuple[Rule, ...], stopped: Callable[[Rule, Turn], bool] | None = None
    ) -> dict[str, Proof]:
        """Return a proof for each of *goals*, which all ban something.

        Args:
            slicer: Of the flow.
            goals: Rules that must never fire.
            stopped: Whether a turn taken by the engine shows that a goal is broken; by default, that the rule held it back.
        """
        items = items_of(slicer)
        found: dict[str, Proof] = {}
        open_: list[Rule] = []
        for rule in goals:
            if any(may_fire(rule, item.facts()) for item in items):
                open_.append(rule)
            else:
                found[rule.id] = Proof(rule.id, slicer.flow.id, Verdict.PROVED)
        unsure: dict[str, str] = {}
        for depth in (Depth.READ, Depth.DERIVED, Depth.GUARDS):
            for group in _groups(slicer, open_, depth, unsure):
                found |= self._prove_group(slicer, group, depth, unsure, stopped)
            open_ = [rule for rule in open_ if rule.id not in found]
        for rule in open_:
            reason = unsure.get(rule.id, "")
            found[rule.id] = Proof(rule.id, slicer.flow.id, Verdict.COULD_NOT_CHECK, reason)
        return found

    def _prove_group(
        self, slicer: Slicer, part: Slice, depth: Depth, unsure: dict[str, str],
        stopped: Callable[[Rule, Turn], bool] | None,
    ) -> dict[str, Proof]:
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
            proof = self._confirmed(slicer, model, depth, rule, candidates, searched, stopped)
            if proof is not None:
                proofs[rule.id] = proof
            else:
                item = model.speaker.items[candidates[0].path[-1][1].plan.items[candidates[0].breach.part]]
                unsure[rule.id] = f"a call that may break it by `{item.prompt or item.action}` could not be confirmed"
        return proofs

    def _confirmed(
        self, slicer: Slicer, model: Model, depth: Depth, rule: Rule, candidates: list[Found], searched: Searched,
        stopped: Callable[[Rule, Turn], bool] | None,
    ) -> Proof | None:
        """Return *rule* broken by the first of *candidates* that the engine agrees with, or None."""
        def held_back(turn: Turn) -> bool:
            return stopped(rule, turn) if stopped else rule.id in turn.prevented

        for found in candidates:
            call = replay(self.bundle, model, found, self.as_of, held_back)
            if call is not None:
                return broken(self.bundle, model, rule, found, call, searched.situations)
        if depth is not Depth.DERIVED:
            return None
        for extras in (0, 1):
            deep = self._deepest(slicer, rule, extras)
            for found in candidates[:MOST_RETRACED] if deep else ():
                assert deep is not None
                for again in islice(retrace(deep, model, found, 0), MOST_RETRACED):
                    call = replay(self.bundle, deep, again, self.as_of, held_back)
                    if call is not None:
                        return broken(self.bundle, deep, rule, again, call, searched.situations)
        return None

    def _deepest(self, slicer: Slicer, rule: Rule, extras: int) -> Model | None:
        """Return the model that follows as much as can be, or None."""
        for depth in (Depth.GUARDS, Depth.SOURCES):
            try:
                part = slicer.cut((rule,), depth)
                return Model(slicer.flow, part, self.bundle.vocabulary.protected, self._discloses, extras=extras)
            except TooLarge:
                continue
        return None

    @property
    def _discloses(self) -> dict[str, frozenset[str]]:
        return {prompt.id: prompt.discloses for prompt in self.bundle.prompts.values()}


def _bans(rule: Rule) -> bool:
    return any(isinstance(effect, BANS) for effect in rule.effects)


def _of_insertion(rule: Rule, flow: Flow, proofs: Mapping[str, Proof]) -> Proof:
    """Return the proof of a ``must_say`` rule: no ban ever fires on what it puts in."""
    for proof in proofs.values():
        if proof.inserted_by == rule.id:
            return replace(proof, rule=rule.id)
    for proof in proofs.values():
        if proof.verdict is Verdict.COULD_NOT_CHECK:
            return Proof(rule.id, flow.id, Verdict.COULD_NOT_CHECK, f"it depends on `{proof.rule}`: {proof.reason}")
    return Proof(rule.id, flow.id, Verdict.PROVED, situations=max((p.situations for p in proofs.values()), default=0))


def _groups(slicer: Slicer, goals: list[Rule], depth: Depth, unsure: dict[str, str]) -> list[Slice]:
    """Return slices in which *goals* that depend on the same things are searched for at once."""
    alike: dict[object, list[Rule]] = defaultdict(list)
    for rule in goals:
        try:
            part = slicer.cut((rule,), depth)
        except TooLarge as large:
            unsure[rule.id] = str(large)
            continue
        names = frozenset(name for cluster in part.clusters for name in cluster.names)
        alike[names, part.prompts, part.heard].append(rule)
    found = []
    for group in alike.values():
        try:
            found.append(slicer.cut(tuple(group), depth))
        except TooLarge as large:
            unsure |= {rule.id: str(large) for rule in group}
    return found


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

