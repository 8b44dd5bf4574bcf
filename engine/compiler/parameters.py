"""Dated parameters: law as values with a date and a source."""

import itertools
from datetime import date

from engine.bundle import Dated, Parameter
from engine.compiler.context import Notes, items, text
from engine.expressions.values import parse_value
from engine.source.documents import Document
from engine.source.tree import Map, Seq, Text
from engine.terms import ValueType


def link_parameters(policies: tuple[Document, ...], notes: Notes) -> dict[str, Parameter]:
    """Return every policy's parameters by qualified name."""
    found: dict[str, Parameter] = {}
    for document in policies:
        for name, body in items(document.root.get(Text("parameters"))):
            assert isinstance(body, Map)
            qualified = f"{document.id}.{name}"
            kind = ValueType(text(body, "type", "text"))
            values = sorted(_values(body, kind, notes), key=lambda dated: dated.starts)
            for before, after in itertools.pairwise(values):
                if before.starts == after.starts:
                    notes.error(
                        after.span,
                        "dates-overlap",
                        f"two values of `{name}` start on {after.starts}",
                        "give each value its own `from`",
                    )
            found[qualified] = Parameter(qualified, kind, text(body, "unit"), tuple(values), name.span)
    return found


def lengths_written(policies: tuple[Document, ...], qualified: str) -> tuple[str, ...]:
    """Return the values of the parameter *qualified* as they are written: `24 hours` and `1 day` are one length."""
    return tuple(
        str(text(entry, "is"))
        for document in policies
        for name, body in items(document.root.get(Text("parameters")))
        if f"{document.id}.{name}" == qualified and isinstance(body, Map)
        for entry in body.get(Text("values"), ())
        if isinstance(entry, Map)
    )


def day_of(written: Text, notes: Notes) -> date | None:
    """Return the date that *written* names, or None with a finding."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        notes.error(written.span, "wrong-type", f"`{written}` is not a date", "write year-month-day, as 2026-03-10")
        return None


def _values(body: Map, kind: ValueType, notes: Notes) -> list[Dated]:
    listed = body.get(Text("values"))
    found = []
    for entry in listed if isinstance(listed, Seq) else ():
        assert isinstance(entry, Map)
        starts = day_of(text(entry, "from"), notes)
        written = text(entry, "is")
        value = None
        if written != "none":
            try:
                value = parse_value(written, kind)
            except ValueError as wrong:
                notes.error(written.span, "wrong-type", str(wrong), f"write a value of type {kind}")
                continue
        if starts is not None:
            found.append(Dated(starts, value, text(entry, "source"), written.span, str(text(entry, "confirm"))))
    return found
