"""Scenarios at the limits of the rules that deny a dial."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from engine.bundle import Rule
from engine.checks.boundaries import boundaries, denies, limited
from engine.checks.boundary_text import write
from engine.rehearsal.replay import replay, situation_of
from engine.rehearsal.scenario import Dial, read_scenario
from engine.rehearsal.situation import Situation
from engine.source.documents import Document
from engine.source.read import read_document
from tools.bundles import Opened
from tools.rehearse import find_scenarios, played


def propose_boundaries(opened: Opened) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Return proposals, each with its name, and the rules at whose limits nothing could be proposed.

    Every proposal was replayed, and goes as it says.
    """
    company = find_scenarios((), opened.folder)
    told: dict[str, list[tuple[Document, Dial, Situation]]] = {}
    rules = limited(opened.bundle)
    for one in played(opened, company):
        if one.replay is None or one.proposed or one.bundle is not opened.bundle or not one.replay.passed:
            continue
        for dial, decision in one.replay.decisions:
            for rule in rules:
                if denies(decision, rule.id):
                    told.setdefault(rule.id, []).append((one.document, dial, situation_of(one.replay.scenario, dial)))
    found: list[tuple[str, str]] = []
    left: list[str] = []
    for rule in rules:
        for document, dial, given in told.get(rule.id, ()):
            proposed = list(_beside(opened, rule, document, company.texts[document.path], dial, given))
            if proposed:
                found += proposed
                break
        else:
            left.append(rule.id)
    return tuple(found), tuple(left)


def _beside(
    opened: Opened, rule: Rule, document: Document, text: str, dial: Dial, given: Situation
) -> Iterator[tuple[str, str]]:
    for number, boundary in enumerate(boundaries(opened.bundle, rule, given), 1):
        name = "_".join((*_words(f"boundary {rule.id}"), str(number)))
        proposal = write(opened.bundle, document, text, dial.facts, boundary, name)
        if _goes_as_it_says(opened, proposal):
            yield name, proposal


def _words(text: str) -> Iterator[str]:
    yield from "".join(c.lower() if c.isascii() and c.isalnum() else " " for c in text).split()


def _goes_as_it_says(opened: Opened, text: str) -> bool:
    document, _ = read_document(text, PurePosixPath("scenarios/proposed.yaml"))
    scenario = read_scenario(document, opened.bundle)[0] if document else None
    return scenario is not None and replay(opened.bundle, scenario).passed
