"""Stories for the small bundle, written as YAML and read as a scenario."""

from pathlib import PurePosixPath

from engine.bundle import CompiledBundle
from engine.rehearsal.scenario import Scenario, read_scenario
from engine.source.finding import Finding
from engine.source.read import read_document

PATH = PurePosixPath("scenarios/story.yaml")

HEAD = """\
callwright: 1
kind: scenario
id: story
version: 1.0.0
title: A story
flow: call
locale: en-US
at: 2026-02-10T14:00:00-05:00
given:
  {party.first_name: Alex, party.zip: '10001', party.dob: 1980-05-02, account.balance: 240.00, account.places: [NY]}
"""


def read(bundle: CompiledBundle, body: str, head: str = HEAD) -> tuple[Scenario | None, tuple[Finding, ...]]:
    """Return the scenario of *head* and *body*, and what is wrong with it."""
    document, found = read_document(head + body, PATH)
    assert document is not None, [f"{f.span}: {f.message}" for f in found]
    return read_scenario(document, bundle)


def story(bundle: CompiledBundle, body: str, head: str = HEAD) -> Scenario:
    """Return the scenario of *head* and *body*, which must be right."""
    scenario, found = read(bundle, body, head)
    assert scenario is not None, [f"{f.span}: {f.message}" for f in found]
    return scenario
