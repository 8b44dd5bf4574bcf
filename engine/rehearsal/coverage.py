"""What scenarios exercise: states, steps, outcomes of conditions, rules fired and held back, prompts in each language.

Only scenarios that pass count. A step that many states inherit counts once. The
conditions are evaluated on the very facts on which the engine decided.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from engine.bundle import CompiledBundle, Flow, Rule, State, Step
from engine.expressions.english import say
from engine.expressions.evaluate import evaluate, value_of
from engine.expressions.parse import names_read
from engine.expressions.tree import (
    ALWAYS,
    All,
    AnyOf,
    Arithmetic,
    BankDay,
    Compare,
    Condition,
    Expression,
    Known,
    Member,
    Not,
    Ref,
    Truth,
    Value,
)
from engine.rehearsal.replay import Replay, begin, dialled, situation_of
from engine.runtime.prepared import Prepared, prepare
from engine.runtime.session import CallSession, Event, Turn
from engine.runtime.step import step, take_in
from engine.source.span import Span
from engine.terms import Ask

OUTCOMES: Mapping[bool | None, str] = {True: "true", False: "false", None: "unknown"}
Facts = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that no passing scenario exercises, and where it is written."""

    what: str
    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Share:
    """How many of something were exercised: counts first, a percentage that is never rounded up."""

    what: str
    covered: int
    total: int
    missing: tuple[Missing, ...] = ()

    @property
    def percent(self) -> int:
        """Return the whole percentage, rounded down: 100 only where nothing is missing."""
        return 100 * self.covered // self.total if self.total else 100

    def __str__(self) -> str:
        return f"{self.what} {self.covered} of {self.total} ({self.percent} %)"


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the passing scenarios exercise."""

    scenarios: int
    shares: tuple[Share, ...]

    def share(self, what: str) -> Share:
        """Return the share of *what*.

        Raises:
            KeyError: Nothing of that name is measured.
        """
        for share in self.shares:
            if share.what == what:
                return share
        raise KeyError(what)


@dataclass(slots=True)
class _Seen:
    states: set[Span] = field(default_factory=set)
    steps: set[str] = field(default_factory=set)
    outcomes: set[tuple[Condition, str]] = field(default_factory=set)
    fired: set[str] = field(default_factory=set)
    held_back: set[str] = field(default_factory=set)
    prompts: set[tuple[str, str]] = field(default_factory=set)


class Tally:
    """Counts, scenario by scenario, what is exercised of a bundle."""

    def __init__(self, bundle: CompiledBundle) -> None:
        self._bundle = bundle
        self._seen = _Seen()
        self._scenarios = 0
        self._lists = {flow.id: _lists(flow) for flow in bundle.flows.values()}
        self._asked: dict[Ask, dict[Condition, set[str]]] = {ask: {} for ask in Ask}
        for rule in _rules(bundle):
            for atom in _conditions_of(rule, bundle):
                self._asked[rule.ask].setdefault(atom, set(outcomes_of(atom)))

    def add(self, one: Replay, bundle: CompiledBundle) -> None:
        """Count what *one*, replayed under *bundle*, exercises; nothing if it failed.

        *bundle* may hold flows beside those of the bundle that is measured: only the rules and prompts of these count.
        """
        if not one.passed:
            return
        self._scenarios += 1
        prepared = prepare(bundle)
        session = begin(bundle, one.scenario) if one.exchanges else None
        for exchange in one.exchanges:
            assert session is not None
            self._turn(prepared, session, exchange.event, exchange.turn)
            session = exchange.turn.session
        for dial, decision in one.decisions:
            with _watching(prepared, self._look):
                dialled(bundle, situation_of(one.scenario, dial), search=False)
            self._decided(decision.ask, {fired.rule for fired in decision.fired})

    def coverage(self) -> Coverage:
        """Return what was exercised so far."""
        return Coverage(self._scenarios, tuple(_shares(self._bundle, self._seen)))

    def _turn(self, prepared: Prepared, before: CallSession, event: Event, turn: Turn) -> None:
        seen = self._seen
        flow = self._bundle.flows.get(before.flow)
        if flow is not None:
            seen.steps |= set(turn.steps)
            seen.states |= {
                flow.states[name].span for name in (*turn.states, turn.session.state) if name in flow.states
            }
            self._guards(take_in(prepared, before, event).facts, self._lists[flow.id], turn)
        seen.prompts |= {(utterance.prompt, utterance.locale) for utterance in turn.utterances}
        for decision in turn.decisions:
            self._decided(decision.ask, {fired.rule for fired in decision.fired})
        with _watching(prepared, self._look):
            step(prepared.bundle, before, event)

    def _guards(self, facts: Facts, lists: Mapping[str, tuple[Step, ...]], turn: Turn) -> None:
        """Count the conditions of each step taken, and of those before it that were passed over."""
        frame = dict(facts)
        for name in turn.steps:
            for one in lists.get(name, ()):
                for atom in comparisons(one.when):
                    self._seen.outcomes.add((atom, OUTCOMES[evaluate(atom, frame)]))
                if one.id == name:
                    frame |= {fact: value_of(value, frame) for fact, value in one.sets}
                    break

    def _decided(self, ask: Ask, fired: set[str]) -> None:
        self._seen.fired |= fired
        self._seen.held_back |= {rule.id for rule in self._bundle.rules[ask] if rule.id not in fired}

    def _look(self, ask: Ask, facts: Facts) -> None:
        for atom, wanted in self._asked[ask].items():
            if wanted and (wanted != {"unknown"} or any(facts.get(name) is None for name in names_read(atom))):
                outcome = OUTCOMES[evaluate(atom, facts)]
                wanted.discard(outcome)
                self._seen.outcomes.add((atom, outcome))


@contextmanager
def _watching(prepared: Prepared, look: Callable[[Ask, Facts], None]) -> Iterator[None]:
    """Let *look* see the facts of every question that is asked meanwhile."""
    held = {ask: judge.shadow for ask, judge in prepared.judges.items()}

    def watch(ask: Ask) -> Callable[[Facts], tuple[frozenset[str], frozenset[str]]]:
        def shadow(facts: Facts) -> tuple[frozenset[str], frozenset[str]]:
            look(ask, facts)
            return held[ask](facts)

        return shadow

    for ask, judge in prepared.judges.items():
        judge.shadow = watch(ask)
    try:
        yield
    finally:
        for ask, judge in prepared.judges.items():
            judge.shadow = held[ask]


def _lists(flow: Flow) -> dict[str, tuple[Step, ...]]:
    return {
        one.id: steps
        for state in flow.states.values()
        for steps in (*state.hears.values(), state.then)
        for one in steps
    }  # fmt: skip


def comparisons(condition: Condition) -> Iterator[Condition]:
    """Yield the comparisons that *condition* is made of."""
    match condition:
        case All() | AnyOf():
            for part in condition.parts:
                yield from comparisons(part)
        case Not():
            yield from comparisons(condition.part)
        case _:
            yield condition


def outcomes_of(atom: Condition) -> tuple[str, ...]:
    """Return what *atom*, one comparison, can come to: unknown only where something that it reads can be unknown."""
    return ("true", "false", "unknown") if any(ref.can_be_unknown for ref in _refs(atom)) else ("true", "false")


def _refs(part: Condition | Expression) -> Iterator[Ref]:
    match part:
        case Ref():
            yield part
        case Compare(left=left, right=right) | Arithmetic(left=left, right=right):
            yield from _refs(left)
            yield from _refs(right)
        case Member(member=member, group=group):
            yield from _refs(member)
            yield from _refs(group)
        case Truth(ref=ref):
            yield ref
        case BankDay(date=date):
            yield from _refs(date)
        case Known():
            return


def _conditions_of(rule: Rule, bundle: CompiledBundle) -> Iterator[Condition]:
    """Yield what the author of *rule*, and of its policy, wrote as conditions."""
    yield from comparisons(bundle.policies[rule.policy].applies_when)
    yield from comparisons(rule.written)
    for atom in comparisons(rule.unless or ALWAYS):
        if not (isinstance(atom, Truth) and atom.ref.name.endswith("@in_force")):
            yield atom


def steps_of(flow: Flow) -> dict[str, Step]:
    """Return every step of *flow* by its id: a step that states inherit is one."""
    found: dict[str, Step] = {}
    for state in flow.states.values():
        for one in _steps(state):
            found.setdefault(one.id, one)
    return found


def _steps(state: State) -> Iterator[Step]:
    for steps in (*state.hears.values(), state.then):
        yield from steps
    for reask in (state.silence, state.unclear):
        if reask is not None:
            yield reask.then


def _rules(bundle: CompiledBundle) -> tuple[Rule, ...]:
    return tuple(rule for rules in bundle.rules.values() for rule in rules)


def _shares(bundle: CompiledBundle, seen: _Seen) -> Iterator[Share]:
    states = {s.span: s.name for flow in bundle.flows.values() for s in flow.states.values() if "=" not in s.name}
    yield _share("states", ((span in seen.states, name, span) for span, name in states.items()))
    steps = {s.id: s for flow in bundle.flows.values() for s in steps_of(flow).values()}
    yield _share("steps", ((name in seen.steps, name, step.span) for name, step in steps.items()))
    wanted: dict[Condition, Span] = {a: r.span for r in _rules(bundle) for a in _conditions_of(r, bundle)}
    wanted |= {a: s.span for s in steps.values() for a in comparisons(s.when)}
    for outcome in OUTCOMES.values():
        yield _share(
            f"conditions {outcome}",
            (
                ((atom, outcome) in seen.outcomes, say(atom), getattr(atom, "span", span))
                for atom, span in wanted.items()
                if outcome in outcomes_of(atom)
            ),
        )
    yield _share("rules fired", ((r.id in seen.fired, r.id, r.span) for r in _rules(bundle)))
    yield _share("rules held back", ((r.id in seen.held_back, r.id, r.span) for r in _rules(bundle)))
    for locale in bundle.locales:
        yield _share(
            f"prompts in {locale}",
            (
                ((p.id, locale) in seen.prompts, p.id, p.spans.get(locale, p.texts[locale].span))
                for p in bundle.prompts.values()
                if locale in p.texts
            ),
        )


def _share(what: str, items: Iterable[tuple[bool, str, Span]]) -> Share:
    held = list(items)
    missing = sorted((span, name) for covered, name, span in held if not covered)
    return Share(
        what,
        sum(covered for covered, _, _ in held),
        len(held),
        tuple(Missing(what, name, span) for span, name in missing),
    )
