"""Graphs of the small bundle, and of one with many states."""

from datetime import date
from pathlib import Path, PurePosixPath

from engine.bundle import CompiledBundle
from engine.compiler import compile_bundle
from engine.source.read import read_texts
from engine.views.dot import Drawn, drawn
from engine.views.model import Graph, graph_of
from engine.views.zones import zones_of
from tests.engine.runtime.calls import small, texts

AS_OF = date(2026, 3, 1)
ROOT = Path(__file__).resolve().parents[3]


def small_graph() -> Graph:
    """Return the graph of the small bundle's flow, with its zones."""
    return graph_of(small(), "call", zones=zones_of(small(), "call", AS_OF))


def small_drawn() -> Drawn:
    """Return it as cards and DOT text."""
    return drawn(small_graph())


def long_flow(states: int) -> CompiledBundle:
    """Return a bundle whose flow has so many states, in phases of ten, each with three ways on."""
    flow = [
        "callwright: 1",
        "kind: flow",
        "id: call",
        "version: 1.0.0",
        "title: A long call",
        "start: s0",
        "blocked: {say: cannot_continue, end: ended_by_rule}",
        "silence: {times: 2, say: are_you_there, then: {end: no_response}}",
        "unclear: {times: 2, say: sorry_again, then: {end: no_response}}",
        "anytime:",
        "  stop_calling: {say: stop_acknowledged, end: stop_requested}",
        "  wrong_party: {say: sorry_wrong_number, end: wrong_party}",
        "states:",
    ]
    for n in range(states):
        onward = [min(n + 1, states - 1), min(n + 2, states - 1), max(0, n - 7)]
        flow += [
            f"  s{n}:",
            f"    phase: part_{n // 10}",
            "    say: greeting",
            "    hears:",
            f"      affirm: {{go: s{onward[0]}}}",
            f"      deny: {{go: s{onward[1]}}}",
            f"      who_is_this: {{go: s{onward[2]}}}",
            "      refuse: {say: goodbye, end: refused}",
        ]
    files = texts()
    files = {path: text for path, text in files.items() if path.parts[:2] != ("flows", "check")}
    files[PurePosixPath("flows/call/flow.yaml")] = "\n".join(flow) + "\n"
    return compile_bundle(read_texts(files)).need()
