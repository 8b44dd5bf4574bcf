"""A limit of a rule as a scenario to read: what the scenario it came from gives, and the dials beside the limit."""

import sys
from collections.abc import Iterator, Mapping

from engine.bundle import CompiledBundle
from engine.checks.boundaries import Boundary, expected
from engine.expressions.tree import Value
from engine.expressions.values import format_value
from engine.rehearsal.generate import MARK
from engine.source.documents import Document
from engine.source.tree import Seq, Text
from engine.terms import ValueType

KEPT = ("given", "debts", "zones", "history", "suppressions")


def write(
    bundle: CompiledBundle, told: Document, text: str, facts: Mapping[str, Value], boundary: Boundary, name: str
) -> str:
    """Return *boundary* as a scenario called *name*.

    Args:
        bundle: The bundle.
        told: The scenario in which the rule denies a dial.
        text: Its file.
        facts: What that dial gives besides.
        boundary: The limit.
        name: The id of the proposal.
    """
    title = f"{boundary.rule}, {boundary.what}"
    lines = [MARK, "callwright: 1", "kind: scenario", f"id: {name}", "version: 1.0.0", f"title: '{title}'"]
    lines.append(f"about: Beside the scenario {told.id}.")
    lines += _given(told, text, boundary.without)
    lines.append("dial:")
    for edge in boundary.edges:
        lines.append(f"  - at: {edge.at.isoformat()}")
        given = {**facts, **edge.facts}
        if given:
            lines.append("    given:")
        lines += [f"      {fact}: {_written(value, bundle, fact)}" for fact, value in sorted(given.items())]
        lines += [f"    {setting}: {value}" for setting, value in expected(edge)]
    return "\n".join(lines) + "\n"


def _written(value: Value, bundle: CompiledBundle, fact: str) -> str:
    if isinstance(value, frozenset):
        return f"[{', '.join(sorted(value))}]"
    kind = bundle.vocabulary.facts[fact].type
    shown = format_value(value, kind)
    if kind is ValueType.MONEY:
        return shown.replace("$", "").replace(",", "")
    return "'" + shown.replace("'", "''") + "'" if kind in (ValueType.TEXT, ValueType.TIME) else shown


def _given(told: Document, text: str, without: int | None) -> Iterator[str]:
    """Yield the lines of *text* that say what is given, but for those of one contact."""
    left_out = _left_out(told, without)
    block = ""
    for number, line in enumerate(text.splitlines(), 1):
        if line and not line[0].isspace() and not line.startswith(("#", "-")):
            block = line.partition(":")[0]
        if block in KEPT and line.strip() and not (block == "history" and number in left_out):
            yield line


def _left_out(told: Document, without: int | None) -> range:
    """Return the lines of one contact of *told*; with the key above it, where it is the only one."""
    history = told.root.get(Text("history"))
    if without is None or not isinstance(history, Seq):
        return range(0)
    starts = [entry.span.line for entry in history]
    if len(starts) == 1:
        return range(sys.maxsize)
    return range(starts[without], starts[without + 1] if without + 1 < len(starts) else sys.maxsize)
