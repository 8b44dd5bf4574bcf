"""Where in a flow something is guaranteed, on every call that gets there: from the same search as the proofs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from engine.bundle import Again, CompiledBundle, Flow, NeverSay, Rule
from engine.checks.prove.limits import Budget, TooLarge
from engine.checks.prove.model import ENDED, Model, Situation
from engine.checks.prove.slices import Depth, Slicer
from engine.checks.prove.truth import TRUE
from engine.expressions.english import words
from engine.expressions.tree import All, AnyOf, Condition, Truth
from engine.terms import Ask, FactSource
from engine.views.model import Zone, is_outcome

QUICK = Budget(situations=20_000, turns=3_000_000)
"""As far as a picture's search goes; where it would go further, the zone is left out."""

DEPTHS = (Depth.READ, Depth.DERIVED)
"""How much is followed: what the rule reads, then also what that is derived from."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """What is guaranteed by one rule: states in which it can hold nothing back, and where each of its facts is sure."""

    free: frozenset[str]
    sure: dict[str, frozenset[str]]


def zones_of(bundle: CompiledBundle, flow_id: str, as_of: date, budget: Budget = QUICK) -> tuple[Zone, ...]:
    """Return the zones of a flow: where a fact that lifts a ban is sure, and which classes may then be spoken.

    A state that listens belongs to a zone if it holds whenever a call comes to that state. A zone that could
    not be searched within *budget*, or that is empty, is left out.
    """
    rules = _exempting(bundle)
    return tuple(_zones(bundle, rules, _standings(bundle, flow_id, rules, as_of, budget)))


def guarantees(
    bundle: CompiledBundle, flow_id: str, as_of: date, budget: Budget = QUICK
) -> dict[str, frozenset[str]]:
    """Return, for each fact that rules derive and that lifts a ban, the states to which calls come only with it true.

    A fact that could not be followed within *budget* is missing.
    """
    return _sure(_standings(bundle, flow_id, _exempting(bundle), as_of, budget))


def guarantee_words(bundle: CompiledBundle, fact: str) -> str:
    """Return what it means for *fact* to be sure."""
    return bundle.vocabulary.facts[fact].about or f"guaranteed: {words(fact)}"


def _exempting(bundle: CompiledBundle) -> list[Rule]:
    return [
        rule
        for rule in bundle.rules[Ask.BEFORE_SPEAKING]
        if rule.status.enforced and rule.unless is not None and any(isinstance(e, NeverSay) for e in rule.effects)
    ]


def _standings(
    bundle: CompiledBundle, flow_id: str, rules: list[Rule], as_of: date, budget: Budget
) -> dict[str, _Standing]:
    flow = bundle.flows[flow_id]
    slicer = Slicer(bundle, flow, as_of)
    found = ((rule.id, _standing(bundle, flow, slicer, rule, budget)) for rule in rules)
    return {name: standing for name, standing in found if standing is not None}


def _sure(standing: dict[str, _Standing]) -> dict[str, frozenset[str]]:
    sure: dict[str, frozenset[str]] = {}
    for found in standing.values():
        for name, states in found.sure.items():
            sure[name] = sure.get(name, frozenset()) | states
    return dict(sorted(sure.items()))


def _zones(bundle: CompiledBundle, rules: list[Rule], standing: dict[str, _Standing]) -> Iterator[Zone]:
    for name, states in _sure(standing).items():
        if states:
            yield Zone(f"sure-{name}", guarantee_words(bundle, name), states)
    may: dict[frozenset[str], list[str]] = {}
    for held in bundle.vocabulary.classes.values():
        guarding = [r for r in rules if any(isinstance(e, NeverSay) and held.name in e.classes for e in r.effects)]
        if not held.spoken or not guarding or any(rule.id not in standing for rule in guarding):
            continue
        states = frozenset.intersection(*(standing[rule.id].free for rule in guarding))
        if states:
            may.setdefault(states, []).append(held.name)
    for states, classes in may.items():
        yield Zone("may-" + "-".join(classes), f"may be spoken: {', '.join(words(c) for c in classes)}", states)


def _standing(bundle: CompiledBundle, flow: Flow, slicer: Slicer, rule: Rule, budget: Budget) -> _Standing | None:
    best: _Standing | None = None
    for depth in DEPTHS:
        try:
            part = slicer.cut((rule,), depth)
            discloses = {prompt.id: prompt.discloses for prompt in bundle.prompts.values()}
            model = Model(flow, part, bundle.vocabulary.protected, discloses)
            situations = _reached(model, budget)
        except TooLarge:
            break
        found = _read(bundle, model, rule, situations)
        best = found if best is None else _both(best, found)
    return best


def _both(one: _Standing, other: _Standing) -> _Standing:
    """Return what either search makes sure: each looks at all calls and more."""
    names = {*one.sure, *other.sure}
    empty: frozenset[str] = frozenset()
    sure = {name: one.sure.get(name, empty) | other.sure.get(name, empty) for name in sorted(names)}
    return _Standing(one.free | other.free, sure)


def _reached(model: Model, budget: Budget) -> set[Situation]:
    """Return every situation in which a call can have just come to a state that listens.

    Raises:
        TooLarge: There are more than the budget allows.
    """
    seen: set[Situation] = set()
    entered: set[Situation] = set()
    waiting: list[Situation] = []
    turns = 0
    moves = list(model.first_moves())
    while True:
        for move in moves:
            turns += 1
            stays = bool(move.plan.steps) and isinstance(move.plan.steps[-1].target, Again)
            for after in model.result(move.plan, move.hearing).nexts:
                if after.state == ENDED:
                    continue
                if not stays:
                    entered.add(after)
                if after not in seen:
                    seen.add(after)
                    waiting.append(after)
        if turns > budget.turns or len(seen) > budget.situations:
            raise TooLarge(f"{len(seen):,} situations were looked at, and there are more")
        if not waiting:
            return entered
        moves = list(model.moves(waiting.pop()))


def _read(bundle: CompiledBundle, model: Model, rule: Rule, situations: set[Situation]) -> _Standing:
    assert rule.unless is not None
    names = list(model.flow.states)
    lifted = model.knowledge.test(rule.unless)
    facts = [t for t in _truths(rule.unless) if _derived(bundle, t.ref.name)]
    tests = {truth.ref.name: model.knowledge.test(truth) for truth in facts}
    held: dict[str, bool] = {}
    sure: dict[str, dict[str, bool]] = {name: {} for name in tests}
    for state, known, said, asked in situations:
        name = names[state]
        held[name] = held.get(name, True) and lifted(known, said, asked, 0) == TRUE
        for fact, test in tests.items():
            sure[fact][name] = sure[fact].get(name, True) and test(known, said, asked, 0) == TRUE
    return _Standing(
        frozenset(name for name, holds in held.items() if holds and not is_outcome(name)),
        {fact: frozenset(n for n, holds in by.items() if holds and not is_outcome(n)) for fact, by in sure.items()},
    )


def _derived(bundle: CompiledBundle, name: str) -> bool:
    fact = bundle.vocabulary.facts.get(name)
    return fact is not None and fact.origin is FactSource.POLICY


def _truths(condition: Condition) -> Iterator[Truth]:
    """Yield the facts by themselves that help *condition* to hold."""
    if isinstance(condition, Truth):
        yield condition
    elif isinstance(condition, All | AnyOf):
        for part in condition.parts:
            yield from _truths(part)
