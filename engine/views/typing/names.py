"""Every name that a bundle's documents declare, where, and what is said of it.

Read from the documents themselves, so that names are known while a bundle does
not compile.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.source.documents import Document
from engine.source.span import Span
from engine.source.tree import Map, Seq, Text
from engine.terms import EVENTS, Kind

WHERE: Mapping[Kind, Mapping[str, str]] = {
    Kind.VOCABULARY: {
        "places": "place", "classes": "class", "facts": "fact", "counters": "counter", "actions": "action",
        "dispositions": "disposition",
    },
    Kind.POLICY: {"rules": "rule", "parameters": "parameter", "tables": "table"},
    Kind.PROMPTS: {"prompts": "prompt"},
    Kind.INTENTS: {"intents": "intent"},
    Kind.FLOW: {"states": "state"},
}
"""The sections of each kind of document that declare names, and what sort of name."""


@dataclass(frozen=True, slots=True)
class Named:
    """One name: its sort, where it is declared, in which document, and what to tell of it."""

    sort: str
    name: str
    span: Span
    document: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """All names, by sort and name; the first declaration counts."""

    by_sort: Mapping[str, Mapping[str, Named]]

    def of(self, sort: str) -> Mapping[str, Named]:
        """Return the names of one sort."""
        return self.by_sort.get(sort, {})

    def find(self, name: str) -> tuple[Named, ...]:
        """Return everything called *name*, of whatever sort."""
        return tuple(found[name] for found in self.by_sort.values() if name in found)

    def states_of(self, flow: str) -> tuple[str, ...]:
        """Return the states of one flow document."""
        return tuple(n.name for n in self.of(f"state of {flow}").values())


def names_of(documents: Iterable[Document]) -> Names:
    """Return every name that *documents* declare."""
    found: dict[str, dict[str, Named]] = {}
    for document in documents:
        for named in _declared(document):
            found.setdefault(named.sort, {}).setdefault(named.name, named)
            if named.sort == "state":
                found.setdefault(f"state of {document.id}", {}).setdefault(named.name, named)
    for event in EVENTS:
        span = next((n.span for n in found.get("intent", {}).values()), None)
        if span is not None:
            found["intent"].setdefault(event, Named("intent", event, span, "", "an event, beside words"))
    return Names(found)


def _declared(document: Document) -> Iterator[Named]:
    name = str(document.id)
    if document.kind in (Kind.FLOW, Kind.POLICY, Kind.SCENARIO):
        yield Named(document.kind.value, name, document.id.span, name, str(document.title))
    for section, sort in WHERE.get(document.kind, {}).items():
        body = document.root.get(Text(section))
        if not isinstance(body, Map):
            continue
        for key, entry in body.items():
            yield Named(sort, str(key), key.span, name, _told(sort, entry))
            if sort == "rule" and isinstance(entry, Map):
                yield from _rows(document, key, entry)
    if document.kind is Kind.VOCABULARY:
        protected = document.root.get(Text("protected"))
        for item in protected if isinstance(protected, Seq) else ():
            if isinstance(item, Text):
                yield Named("protected", str(item), item.span, name, "a right of the callee")


def _rows(document: Document, key: Text, entry: Map) -> Iterator[Named]:
    """Yield the rules that one rule with ``each`` stands for."""
    tables = document.root.get(Text("tables"))
    table = tables.get(Text(str(entry.get(Text("each"), "")))) if isinstance(tables, Map) else None
    rows = table.get(Text("rows")) if isinstance(table, Map) else None
    for row in rows if isinstance(rows, Seq) else ():
        if isinstance(row, Seq) and row and isinstance(row[0], Text):
            yield Named("rule", f"{key}[{row[0]}]", row[0].span, str(document.id), _told("rule", entry))


def _told(sort: str, entry: object) -> str:
    if isinstance(entry, Text):
        return f"“{entry}”" if sort == "prompt" else str(entry)
    if not isinstance(entry, Map):
        return ""
    get = {str(key): value for key, value in entry.items()}
    lines: list[str] = []
    for setting in ("about", "text", "source", "severity", "type", "from", "discloses", "unit"):
        value = get.get(setting)
        if isinstance(value, Text):
            lines.append(str(value) if setting in ("about", "text") else f"{setting}: {value}")
    examples = get.get("examples")
    if isinstance(examples, Seq):
        lines.append("as “" + "”, “".join(str(example) for example in examples[:3]) + "”")
    says = get.get("say")
    if isinstance(says, Text) and sort == "state":
        lines.append(f"says {says}")
    return "\n".join(lines)
