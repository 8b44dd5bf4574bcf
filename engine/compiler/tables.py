"""Tables: one rule a row, its columns being typed names."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.compiler.context import Notes, items, mapping
from engine.expressions.tree import Name, Value
from engine.expressions.values import format_value, parse_value
from engine.source.documents import Document
from engine.source.span import Span
from engine.source.tree import Map, Node, Seq, Text
from engine.terms import ValueType


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its name within the table, what its columns stand for, and how each is said."""

    key: str
    names: Mapping[str, Name]
    said: Mapping[str, str]
    span: Span


def link_tables(
    document: Document,
    known: Mapping[str, Name],
    places: Mapping[str, object],
    classes: Mapping[str, object],
    notes: Notes,
) -> dict[str, tuple[Row, ...]]:
    """Return the rows of each table of *document*. Row names are the first column, made unique by the next ones."""
    return {
        str(name): _rows(body, known, places, classes, notes)
        for name, body in items(mapping(document.root, "tables"))
        if isinstance(body, Map)
    }


def _rows(
    body: Map, known: Mapping[str, Name], places: Mapping[str, object], classes: Mapping[str, object], notes: Notes
) -> tuple[Row, ...]:
    columns = [(str(c), str(k)) for c, k in mapping(body, "columns").items()]
    written = body.get(Text("rows"))
    found: list[Row] = []
    seen: set[tuple[Node, ...]] = set()
    taken: set[str] = set()
    for cells in written if isinstance(written, Seq) else ():
        if not isinstance(cells, Seq) or len(cells) != len(columns):
            count = len(cells) if isinstance(cells, Seq) else 0
            notes.error(
                cells.span,
                "wrong-row",
                f"this row has {count} cells, the table has {len(columns)} columns",
                "write one cell for each column: " + ", ".join(c for c, _ in columns),
            )
            continue
        names: dict[str, Name] = {}
        said: dict[str, str] = {}
        for (column, kind), cell in zip(columns, cells, strict=True):
            assert isinstance(cell, Text)
            name = _cell(column, kind, cell, known, places, classes, notes)
            if name is not None:
                names[column] = name
                shown = name.constant if name.refers_to is None else None
                said[column] = str(cell) if shown is None else format_value(shown, name.type)
        if len(names) < len(columns):
            continue
        key, width = str(cells[0]), 1
        while key in taken and width < len(columns):
            width += 1
            key = ",".join(str(cell) for cell in cells[:width])
        if key in taken or tuple(cells) in seen:
            notes.error(
                cells.span, "same-row-twice", f"the row `{key}` stands in the table twice", "delete one of them"
            )
            continue
        seen.add(tuple(cells))
        taken.add(key)
        found.append(Row(key, names, said, cells.span))
    return tuple(found)


def _cell(
    column: str,
    kind: str,
    cell: Text,
    known: Mapping[str, Name],
    places: Mapping[str, object],
    classes: Mapping[str, object],
    notes: Notes,
) -> Name | None:
    if kind in ("counter", "fact"):
        target = known.get(cell)
        if target is None:
            notes.unknown(cell, kind, known)
            return None
        return Name(
            target.name,
            target.type,
            target.values,
            target.origin,
            target.can_be_unknown,
            target.discloses,
            target.spoken,
            span=cell.span,
            refers_to=target,
        )
    if kind == "place" and cell not in places:
        notes.unknown(cell, "place", places)
        return None
    if kind == "class" and cell not in classes:
        notes.unknown(cell, "class", classes)
        return None
    typed = ValueType.TEXT if kind in ("place", "class") else ValueType(kind)
    value: Value
    try:
        value = parse_value(cell, typed)
    except ValueError as wrong:
        notes.error(cell.span, "wrong-type", str(wrong), f"write a value of type {typed}")
        return None
    return Name(column, typed, can_be_unknown=False, constant=value, span=cell.span)
