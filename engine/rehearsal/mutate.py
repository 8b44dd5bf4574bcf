"""Who would notice: each small dangerous edit is tried, and a scenario or lint must see it.

An edit that nothing notices is a gap in the scenarios, or it changes nothing that
matters and is listed as such with a reason.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from engine.bundle import CompiledBundle
from engine.rehearsal.coverage import steps_of
from engine.rehearsal.mutants import Mutant
from engine.rehearsal.replay import Replay, replay
from engine.rehearsal.scenario import read_scenario
from engine.rehearsal.stage import Stage
from engine.runtime.prepared import prepare
from engine.source.documents import Document, Sources
from engine.source.finding import Level
from engine.source.shape import check_shape
from engine.source.span import Span
from engine.terms import Ask, Kind

Linter = Callable[[Sources, CompiledBundle], str]
"""Names the rule of lint that finds something in an edited bundle that is not found in the bundle itself, or ''."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a mutant.

    Args:
        mutant: The edit's name.
        noticed_by: ``lint``, ``scenario``, or '' where nobody noticed.
        by: The rule of lint, or the scenario's path.
    """

    mutant: str
    noticed_by: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class _Story:
    """A scenario before it is read: in which stage, and what it touches of the bundle as it stands."""

    stage: int
    document: Document
    dials: bool
    touches: frozenset[Span]


@dataclass(slots=True)
class _Stages:
    """One edited bundle, compiled for a stage when the stage is first needed."""

    sources: Sources
    bundle: CompiledBundle
    stages: Sequence[Stage]
    cache: Path | None
    _held: dict[int, CompiledBundle | None] = field(default_factory=dict)

    def under(self, number: int) -> CompiledBundle | None:
        if number not in self._held:
            stage = self.stages[number]
            bundle = stage.over(self.sources).bundle if stage.flows else self.bundle
            if bundle is not None:
                prepare(bundle, self.cache)
            self._held[number] = bundle
        return self._held[number]


class Stories:
    """The scenarios of a bundle in the order in which they are most likely to notice an edit.

    Args:
        sources: The bundle's documents, without scenarios.
        bundle: It, compiled.
        stages: The scenarios.
        played: How each goes under the bundle as it stands.
    """

    def __init__(
        self, sources: Sources, bundle: CompiledBundle, stages: Sequence[Stage], played: Mapping[str, Replay]
    ) -> None:
        self.sources = sources
        self.stages = tuple(stages)
        self._elements = _elements(bundle)
        self._asks = {rule.span: rule.ask for rules in bundle.rules.values() for rule in rules}
        spans = _spans(bundle)
        self._stories = tuple(
            _Story(number, document, bool(one.decisions), _touched(one, spans))
            for number, stage in enumerate(stages)
            for document in stage.scenarios
            if (one := played.get(str(document.path))) is not None
        )

    def for_mutant(self, mutant: Mutant) -> list[tuple[int, Document]]:
        """Return the scenarios that could notice *mutant*, those that touch what it edits first."""
        element = self._element(mutant.span)
        ask = self._asks.get(element) if element is not None else None
        kind = mutant.document.kind
        calls_only = kind in (Kind.FLOW, Kind.PROMPTS) or ask not in (None, Ask.BEFORE_DIALING)
        dials_only = ask is Ask.BEFORE_DIALING
        able = [s for s in self._stories if not (s.dials and calls_only) and (s.dials or not dials_only)]
        return [(s.stage, s.document) for s in sorted(able, key=lambda s: element not in s.touches)]

    def _element(self, span: Span) -> Span | None:
        """Return the rule, state or step that *span* lies in: the last to begin at its line or before."""
        begun = self._elements.get(span.path, [])
        at = bisect_right(begun, (span.line, span.column), key=lambda s: (s.line, s.column))
        return begun[at - 1] if at else None


def _elements(bundle: CompiledBundle) -> dict[PurePosixPath, list[Span]]:
    found: dict[PurePosixPath, list[Span]] = {}
    for span in sorted({*_spans(bundle).values()}):
        found.setdefault(span.path, []).append(span)
    return found


def _spans(bundle: CompiledBundle) -> dict[str, Span]:
    """Return where each rule, step and state of *bundle* stands, by name."""
    found = {f"rule {rule.id}": rule.span for rules in bundle.rules.values() for rule in rules}
    for flow in bundle.flows.values():
        found |= {f"step {name}": step.span for name, step in steps_of(flow).items()}
        found |= {f"state {flow.id} {state.name}": state.span for state in flow.states.values()}
    return found


def _touched(one: Replay, spans: Mapping[str, Span]) -> frozenset[Span]:
    turns = [exchange.turn for exchange in one.exchanges]
    names = [f"step {name}" for turn in turns for name in turn.steps]
    names += [f"state {one.scenario.flow} {name}" for turn in turns for name in (*turn.states, turn.session.state)]
    decisions = [d for turn in turns for d in turn.decisions] + [d for _, d in one.decisions]
    names += [f"rule {fired.rule}" for decision in decisions for fired in decision.fired]
    return frozenset(spans[name] for name in names if name in spans)


def attempt(mutant: Mutant, stories: Stories, lint: Linter, cache: Path | None = None) -> Trial:
    """Return who notices *mutant*: the compiler, a scenario that fails or can no longer be told, or a check of lint."""
    document = mutant.document
    wrong = [f for f in check_shape(document.root, document.kind) if f.level is Level.ERROR]
    if wrong:
        return Trial(mutant.name, "lint", wrong[0].rule)
    documents = tuple(document if held.path == document.path else held for held in stories.sources.documents)
    sources = Sources(stories.sources.texts, documents, ())
    compiled = Stage(()).over(sources)
    if compiled.bundle is None:
        return Trial(mutant.name, "lint", next(f.rule for f in compiled.findings if f.level is Level.ERROR))
    staged = _Stages(sources, compiled.bundle, stories.stages, cache)
    for number, told in stories.for_mutant(mutant):
        bundle = staged.under(number)
        if bundle is None:
            return Trial(mutant.name, "lint", "does not compile with the drills")
        scenario, _ = read_scenario(told, bundle)
        if scenario is None or not replay(bundle, scenario).passed:
            return Trial(mutant.name, "scenario", str(told.path))
    found = lint(Sources(sources.texts, documents, compiled.findings), compiled.bundle)
    return Trial(mutant.name, "lint" if found else "", found)


def count(trials: Iterable[Trial], noticed_by: str) -> int:
    """Return how many edits were noticed so."""
    return sum(trial.noticed_by == noticed_by for trial in trials)
