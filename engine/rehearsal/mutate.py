"""Who would notice: each small dangerous edit is tried, and a scenario or lint must see it.

An edit that nothing notices is a gap in the scenarios, or it changes nothing that
matters and is listed as such with a reason.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from engine.bundle import CompiledBundle
from engine.expressions.parse import names_read
from engine.expressions.tree import ALWAYS, All
from engine.rehearsal.coverage import steps_of
from engine.rehearsal.mutants import Mutant
from engine.rehearsal.replay import Replay, replay
from engine.rehearsal.scenario import read_scenario
from engine.rehearsal.stage import Stage
from engine.runtime.prepared import prepare
from engine.source.documents import Document, Sources
from engine.source.finding import Finding, Level
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
    """A scenario before it is read: in which stage, and what it touches of the bundle as it stands, by name."""

    stage: int
    document: Document
    dials: bool
    touches: frozenset[str]


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
        self.usual = keys(Stage(()).over(sources).findings)
        self._map = _Map(bundle)
        self._stories = tuple(
            _Story(number, document, bool(one.decisions), _touched(one))
            for number, stage in enumerate(stages)
            for document in stage.scenarios
            if (one := played.get(str(document.path))) is not None
        )

    def for_mutant(self, mutant: Mutant) -> list[tuple[int, Document]]:
        """Return the scenarios that could notice *mutant*, those that touch what it edits first."""
        names = self._map.names(mutant)
        asks = {self._map.asks[name] for name in names if name in self._map.asks}
        kind = mutant.document.kind
        rules_alone = kind is Kind.POLICY and names and "/parameters/" not in mutant.where
        calls_only = kind in (Kind.FLOW, Kind.PROMPTS) or (rules_alone and Ask.BEFORE_DIALING not in asks)
        dials_only = "/counters/" in mutant.where or (rules_alone and asks == {Ask.BEFORE_DIALING})
        able = [s for s in self._stories if not (s.dials and calls_only) and (s.dials or not dials_only)]
        return [(s.stage, s.document) for s in sorted(able, key=lambda s: not names & s.touches)]


class _Map:
    """Which rules, steps and states an edit bears on."""

    def __init__(self, bundle: CompiledBundle) -> None:
        rules = [rule for asked in bundle.rules.values() for rule in asked]
        self.asks = {_rule(rule.id): rule.ask for rule in rules}
        self._rows = {(rule.policy, rule.row): _rule(rule.id) for rule in rules if rule.row}
        self._readers: dict[str, set[str]] = {}
        for rule in rules:
            for name in names_read(All((rule.when, rule.unless or ALWAYS))):
                self._readers.setdefault(name.removesuffix("@in_force"), set()).add(_rule(rule.id))
        for counter in bundle.vocabulary.counters.values():
            if isinstance(counter.window, str):
                self._readers.setdefault(counter.window, set()).update(self._readers.get(counter.name, ()))
        self._places: dict[PurePosixPath, dict[Span, set[str]]] = {}
        for name, span in _spans(bundle):
            self._places.setdefault(span.path, {}).setdefault(span, set()).add(name)

    def names(self, mutant: Mutant) -> frozenset[str]:
        """Return the rules, steps and states that *mutant* bears on; none where that is not known."""
        document, section, *rest = (*mutant.where.split("/"), "", "")
        if section == "tables":
            row = self._rows.get((document, rest[2])) if len(rest) > 2 else None
            return frozenset({row} if row else ())
        if section in ("parameters", "counters", "facts"):
            read = f"{document}.{rest[0]}" if section == "parameters" else rest[0]
            return frozenset(self._readers.get(read, ()))
        if section in ("rules", "states", "anytime"):
            return self._around(mutant.span)
        return frozenset()

    def _around(self, span: Span) -> frozenset[str]:
        """Return what *span* lies in: the last rule, state or step to begin at its line or before."""
        here = self._places.get(span.path, {})
        begun = [place for place in here if (place.line, place.column) <= (span.line, span.column)]
        return frozenset(here[max(begun)]) if begun else frozenset()


def _rule(name: str) -> str:
    return f"rule {name}"


def _spans(bundle: CompiledBundle) -> Iterator[tuple[str, Span]]:
    """Yield each rule, step and state of *bundle* by name, and where it stands."""
    for rules in bundle.rules.values():
        yield from ((_rule(rule.id), rule.span) for rule in rules)
    for flow in bundle.flows.values():
        yield from ((f"step {name}", step.span) for name, step in steps_of(flow).items())
        yield from ((f"state {flow.id} {state.name}", state.span) for state in flow.states.values())


def _touched(one: Replay) -> frozenset[str]:
    turns = [exchange.turn for exchange in one.exchanges]
    names = [f"step {name}" for turn in turns for name in turn.steps]
    names += [f"state {one.scenario.flow} {name}" for turn in turns for name in (*turn.states, turn.session.state)]
    decisions = [d for turn in turns for d in turn.decisions] + [d for _, d in one.decisions]
    names += [_rule(fired.rule) for decision in decisions for fired in decision.fired]
    return frozenset(names)


def keys(findings: Iterable[Finding]) -> frozenset[tuple[str, str]]:
    """Return what names each error and warning of *findings*, wherever its line is."""
    return frozenset((f.rule, f.where or f.message) for f in findings if f.level is not Level.NOTE)


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
    told_of = sorted(keys(compiled.findings) - stories.usual)
    if told_of:
        return Trial(mutant.name, "lint", told_of[0][0])
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
