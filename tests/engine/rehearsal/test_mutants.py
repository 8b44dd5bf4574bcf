"""Edits are small, named alike whatever the layout, and leave the rest of a document as it was."""

from pathlib import PurePosixPath

import pytest

from engine.rehearsal.edits import put, reworded, root_of, without
from engine.rehearsal.mutants import Mutant, mutants
from engine.source.canonical import canonical
from engine.source.read import read_texts
from engine.source.syntax import parse
from engine.source.tree import Map, Text

POLICY = """callwright: 1
kind: policy
id: p
version: 1.0.0
title: A policy
place: US
parameters:
  most:
    type: int
    values:
      - {from: 2021-11-30, is: 7, source: a law}
tables:
  caps:
    columns: {where: place, counter: counter, max: int, starts: date, opens: time}
    rows:
      - [MA, one_count, 2, 2021-11-30, '08:00']
      - [WA, other_count, 3, 2021-11-30, '09:00']
rules:
  p.rule:
    ask: before_speaking
    from: 2026-09-01
    never_say: [debt, payment]
    when:
      - calls >= most
      - any:
          - callee.is_machine
          - mailbox in [consumer, unnamed]
    unless: not party.verified
    source: a law
    severity: house
"""


def edits(text: str = POLICY) -> dict[str, Mutant]:
    sources = read_texts({PurePosixPath("policies/p.yaml"): text})
    assert sources.documents, sources.findings
    return {mutant.name: mutant for mutant in mutants(sources.documents)}


@pytest.mark.parametrize(
    "name",
    [
        "not-enforced p/status",
        "rule-deleted p/rules/p.rule",
        "date-deleted p/rules/p.rule/from",
        "date-moved p/rules/p.rule/from/becomes 2027-09-01",
        "condition-deleted p/rules/p.rule/when",
        "condition-deleted p/rules/p.rule/when/calls >= most",
        "comparison-moved p/rules/p.rule/when/calls >= most/becomes calls > most",
        "comparison-turned p/rules/p.rule/when/calls >= most/becomes calls < most",
        "condition-deleted p/rules/p.rule/when/2/any/callee.is_machine",
        "comparison-turned p/rules/p.rule/when/2/any/callee.is_machine/becomes not callee.is_machine",
        "item-deleted p/rules/p.rule/when/2/any/mailbox in [consumer, unnamed]/becomes mailbox in [unnamed]",
        "exemption-deleted p/rules/p.rule/unless",
        "comparison-turned p/rules/p.rule/unless/becomes party.verified",
        "item-deleted p/rules/p.rule/never_say/debt",
        "limit-raised p/parameters/most/2021-11-30/is/becomes 8",
        "limit-lowered p/parameters/most/2021-11-30/is/becomes 6",
        "row-deleted p/tables/caps/rows/MA",
        "limit-raised p/tables/caps/rows/WA/max/becomes 4",
        "limit-lowered p/tables/caps/rows/WA/opens/becomes 08:30",
        "date-moved p/tables/caps/rows/MA/starts/becomes 2022-11-30",
        "name-swapped p/tables/caps/rows/MA/counter/becomes other_count",
    ],
)
def test_a_policy_offers_each_of_these(name: str) -> None:
    assert name in edits()


def test_each_edit_changes_its_document_and_no_two_are_alike() -> None:
    document = read_texts({PurePosixPath("policies/p.yaml"): POLICY}).documents[0]
    found = [canonical(mutant.document.root) for mutant in edits().values()]
    assert canonical(document.root) not in found
    assert len(set(found)) == len(found)


def test_names_do_not_change_when_lines_move() -> None:
    moved = POLICY.replace("parameters:", "# a remark\n\nparameters:").replace(
        "[debt, payment]", "\n      - debt\n      - payment"
    )
    assert set(edits(moved)) == set(edits())
    assert edits(moved)["rule-deleted p/rules/p.rule"].span.line > edits()["rule-deleted p/rules/p.rule"].span.line


def tree(text: str) -> Map:
    root = parse(text, PurePosixPath("x.yaml")).root
    assert isinstance(root, Map)
    return root


def test_a_node_is_taken_out_or_put_in_another_place_and_the_rest_stays() -> None:
    root = tree("a: {b: [one, two, three]}\nc: four\n")
    assert without(root, ("a", "b", 1)) == tree("a: {b: [one, three]}\nc: four\n")
    assert without(root, ("c",)) == tree("a: {b: [one, two, three]}\n")
    assert put(root, ("a", "b", 0), Text("zero")) == tree("a: {b: [zero, two, three]}\nc: four\n")
    assert put(root, ("d",), Text("five")) == tree("a: {b: [one, two, three]}\nc: four\nd: five\n")
    assert root == tree("a: {b: [one, two, three]}\nc: four\n"), "what is edited stays as it was"


def test_a_reworded_text_stands_where_the_old_one_did() -> None:
    place = root_of(tree("a: one\n")).under("a")
    assert place is not None
    assert isinstance(place.node, Text)
    other = reworded(place.node, "two")
    assert other == "two"
    assert other.span == place.node.span
