"""What scenarios are told over: a bundle, and flows of their own laid beside its flows.

A drill is told over a flow that does wrong on purpose, under the bundle's own
policies and prompts, so that its rules can be seen to hold it back.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from engine.bundle import CompiledBundle
from engine.compiler import Compiled, compile_bundle
from engine.rehearsal.scenario import Scenario, read_scenario
from engine.source.documents import Document, Sources
from engine.source.finding import Finding


@dataclass(frozen=True, slots=True)
class Stage:
    """Scenarios, and the flows and prompts that they need beside a bundle's own."""

    scenarios: tuple[Document, ...]
    flows: tuple[Document, ...] = ()

    def over(self, sources: Sources) -> Compiled:
        """Return the bundle of *sources* compiled with this stage's own flows."""
        return compile_bundle(Sources(sources.texts, (*sources.documents, *self.flows), sources.findings))

    def read(self, bundle: CompiledBundle) -> tuple[tuple[Scenario, ...], tuple[Finding, ...]]:
        """Return the scenarios as *bundle* understands them, and what is wrong with the others."""
        told: list[Scenario] = []
        findings: list[Finding] = []
        for document in self.scenarios:
            scenario, found = read_scenario(document, bundle)
            findings += found
            told += [scenario] if scenario else []
        return tuple(told), tuple(findings)


@dataclass(frozen=True, slots=True)
class Told:
    """A scenario and the bundle, with its stage's flows, under which it is told."""

    bundle: CompiledBundle
    scenario: Scenario


def paths(stages: Iterable[Stage]) -> tuple[str, ...]:
    """Return where every scenario stands."""
    return tuple(str(document.path) for stage in stages for document in stage.scenarios)
