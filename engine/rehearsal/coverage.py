"""What scenarios exercise: states, steps, outcomes of conditions, rules fired and held back, prompts in each language.

Only scenarios that pass count. A step that many states inherit counts once.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from engine.bundle import CompiledBundle, Flow, Rule, State, Step
from engine.expressions.evaluate import evaluate
from engine.expressions.tree import ALWAYS, All, AnyOf, Condition, Not, Value
from engine.rehearsal.replay import Exchange, Replay
from engine.runtime.frame import ASKED, HEARD, SAID, frame_at
from engine.runtime.prepared import Prepared, prepare
from engine.source.span import Span
from engine.terms import Ask, EventKind

OUTCOMES = {True: "true", False: "false", None: "unknown"}


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
        """Return the whole percentage, rounded down."""
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


def coverage(bundle: CompiledBundle, replays: Iterable[Replay]) -> Coverage:
    """Return what *replays* exercise of *bundle*; those that failed count for nothing."""
    prepared = prepare(bundle)
    seen = _Seen()
    passed = [one for one in replays if one.passed]
    for one in passed:
        for exchange in one.exchanges:
            _look(prepared, one, exchange, seen)
        for _, decision in one.decisions:
            _asked(bundle, decision.ask, {fired.rule for fired in decision.fired}, seen)
    return Coverage(len(passed), tuple(_shares(bundle, seen)))


def _look(prepared: Prepared, one: Replay, exchange: Exchange, seen: _Seen) -> None:
    bundle, turn = prepared.bundle, exchange.turn
    flow = bundle.flows[one.scenario.flow]
    seen.steps |= set(turn.steps)
    seen.states |= {flow.states[name].span for name in (*turn.states, turn.session.state) if name in flow.states}
    seen.prompts |= {(utterance.prompt, utterance.locale) for utterance in turn.utterances}
    for decision in turn.decisions:
        _asked(bundle, decision.ask, {fired.rule for fired in decision.fired}, seen)
    frame = _frame(prepared, exchange)
    lists = {
        step.id: steps
        for state in flow.states.values()
        for steps in (*state.hears.values(), state.then)
        for step in steps
    }
    for name in turn.steps:
        for step in lists.get(name, ()):
            for atom in comparisons(step.when):
                seen.outcomes.add((atom, OUTCOMES[evaluate(atom, frame)]))
            if step.id == name:
                break
    for rule in _rules(bundle):
        if rule.ask in (Ask.ON_HEARING, Ask.BEFORE_SPEAKING):
            for atom in comparisons(rule.written):
                seen.outcomes.add((atom, OUTCOMES[evaluate(atom, frame)]))


def _asked(bundle: CompiledBundle, ask: Ask, fired: set[str], seen: _Seen) -> None:
    seen.fired |= fired
    seen.held_back |= {rule.id for rule in bundle.rules[ask] if rule.id not in fired}


def _frame(prepared: Prepared, exchange: Exchange) -> dict[str, Value]:
    session, event = exchange.turn.session, exchange.event
    frame = frame_at(prepared, session.facts, event.at, session.zones[0] if session.zones else None)
    heard = exchange.turn.understanding.accepted if exchange.turn.understanding else event.intents
    names = heard if event.kind in (EventKind.WORDS, EventKind.INTENTS) else (str(event.kind),)
    frame |= {HEARD + name: True for name in names}
    frame |= {SAID + name: True for name in session.said} | {ASKED + name: True for name in session.asked}
    return frame


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


def steps_of(flow: Flow) -> dict[str, Step]:
    """Return every step of *flow* by its id: a step that states inherit is one."""
    found: dict[str, Step] = {}
    for state in flow.states.values():
        for step in _steps(state):
            found.setdefault(step.id, step)
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
    guards = [(a, s.span) for s in steps.values() if s.when != ALWAYS for a in comparisons(s.when)]
    rules = [
        (a, r.span)
        for r in _rules(bundle)
        if r.ask in (Ask.ON_HEARING, Ask.BEFORE_SPEAKING)
        for a in comparisons(r.written)
    ]
    wanted: Mapping[Condition, Span] = dict([*rules, *guards])
    yield _share(
        "outcomes of conditions",
        (
            ((atom, outcome) in seen.outcomes, f"{outcome}", getattr(atom, "span", span))
            for atom, span in wanted.items()
            for outcome in ("true", "false")
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
