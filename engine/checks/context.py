"""What a check may look at."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TypeVar

from engine.bundle import Again, CompiledBundle, End, Flow, Go, Reask, Rule, State, Step
from engine.checks.memory import Digests, Memories
from engine.checks.prove.limits import Budget, TooLarge
from engine.checks.prove.proof import Proof, Verdict
from engine.checks.prove.slices import bans, steps_of
from engine.nlu.languages import CODES, code_of
from engine.source.documents import Sources
from engine.source.finding import Finding, Level
from engine.source.span import Span

Held = TypeVar("Held")
UNDECIDED = "could-not-prove"
"""The rule of findings that say what could not be decided."""


@dataclass(frozen=True, eq=False)
class Context:
    """A bundle under examination.

    Args:
        sources: Its files as written.
        bundle: It, compiled.
        as_of: The day as of which the law is read.
        proofs: What is known of each rule in each flow.
        budget: How far searches go.
        memories: What was found out before.
    """

    sources: Sources
    bundle: CompiledBundle
    as_of: date
    proofs: tuple[Proof, ...] = ()
    budget: Budget = field(default_factory=Budget)
    memories: Memories = field(default_factory=Memories)

    @property
    def flows(self) -> tuple[Flow, ...]:
        """Return the call flows by id."""
        return tuple(self.bundle.flows[name] for name in sorted(self.bundle.flows))

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """Return every enforced rule, by id."""
        held = (rule for rules in self.bundle.rules.values() for rule in rules if rule.status.enforced)
        return tuple(sorted(held, key=lambda rule: rule.id))

    def broken(self, flow: Flow) -> tuple[Rule, ...]:
        """Return the rules that a call of *flow* is known to break."""
        proofs = (p for p in self.proofs if p.flow == flow.id and p.verdict is Verdict.BROKEN)
        rules = dict.fromkeys(self.bundle.rule(proof.rule) for proof in proofs)
        return tuple(rule for rule in rules if bans(rule))

    def heard(self, what: str, find: Callable[[], Held]) -> Held:
        """Return what *find* does, a plain value that depends on nothing but how the bundle's sentences are heard."""
        key = self.digests.heard(what, self.as_of)
        kept: Held | None = self.memories.heard.read(key)
        if kept is None:
            kept = find()
            self.memories.heard.write(key, kept)
        return kept

    @cached_property
    def digests(self) -> Digests:
        """Return the names of what checks read."""
        return Digests(self.sources, self.bundle)

    @cached_property
    def steps(self) -> Mapping[str, tuple[Step, ...]]:
        """Return the steps of each flow, each once."""
        return {flow.id: steps_of(flow) for flow in self.flows}

    @property
    def understood(self) -> bool:
        """Return whether the language of every locale is understood, so that words can be tried."""
        return all(code_of(locale) in CODES for locale in self.bundle.intents)

    @cached_property
    def reached(self) -> Mapping[str, frozenset[str]]:
        """Return the states of each flow that some way leads to."""
        return {flow.id: reachable(flow, flow.start) for flow in self.flows}


def undecided(span: Span, name: str, proof: Proof) -> Finding:
    """Return that the check *name* could not decide something, which is not taken to be safe."""
    return Finding(
        span,
        UNDECIDED,
        f"COULD NOT CHECK `{name}` in `{proof.flow}` for `{proof.rule}`: {proof.reason}",
        "make the rule or the flow simpler; until then nobody knows whether it holds",
        where=f"{proof.flow}/{name}/{proof.rule}",
    )


def too_large(span: Span, name: str, what: str, error: TooLarge) -> Finding:
    """Return that the check *name* could not look at *what* case by case, which is not taken to be safe."""
    return Finding(
        span,
        UNDECIDED,
        f"COULD NOT CHECK `{name}` of `{what}`: {error}",
        "let its conditions read fewer facts, or derive a fact in a rule of its own",
        where=f"{name}/{what}",
    )


def targets(state: State) -> Iterator[str]:
    """Yield the states that *state* can lead to at once."""
    for step in steps_in(state):
        if isinstance(step.target, Go):
            yield step.target.state


def steps_in(state: State) -> Iterator[Step]:
    """Yield every step that can be taken in *state*."""
    for steps in state.hears.values():
        yield from steps
    yield from state.then
    for reask in reasks(state):
        yield reask.then


def reasks(state: State) -> tuple[Reask, ...]:
    """Return the bounded answers of *state* to silence and to unclear words."""
    return tuple(reask for reask in (state.silence, state.unclear) if reask is not None)


def reachable(flow: Flow, start: str) -> frozenset[str]:
    """Return the states that can be got to from *start*, itself among them."""
    reached: set[str] = set()
    ahead = [start]
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            ahead += targets(flow.states[name])
    return frozenset(reached)


def ends(state: State) -> bool:
    """Return whether a step of *state* ends the call."""
    return any(isinstance(step.target, End) for step in steps_in(state))


def stays(step: Step) -> bool:
    """Return whether *step* stays where it is."""
    return isinstance(step.target, Again)


def found(
    span: Span,
    message: str,
    help: str = "",
    *,
    why: str = "",
    where: str = "",
    level: Level = Level.ERROR,
    how: tuple[str, ...] = (),
    also: tuple[str, ...] = (),
) -> Finding:
    """Return a finding; the registry adds which rule it is of."""
    return Finding(span, "", message, help, why=why, where=where, level=level, how=how, also=also)
