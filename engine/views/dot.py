"""A graph in the DOT language, and the places that a drawing program gives its parts.

The DOT text is ours from end to end: names are safe, sizes are fixed, the words
are escaped. Source: https://graphviz.org/doc/info/lang.html
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.views.cards import (
    ANYTIME,
    LABEL_SIZE,
    LINE,
    ROW,
    ROW_SIZE,
    TEXT_SIZE,
    Card,
    anytime_card,
    arrows_drawn,
    card_of,
    label_of,
)
from engine.views.model import Graph

FAN = 3
"""As many arrows from one state as may end on the same level; the next go one level deeper."""

_FONT = "Helvetica"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A graph with everything that is needed to draw it: cards by id, and the DOT text."""

    graph: Graph
    cards: Mapping[str, Card]
    dot: str
    names: Mapping[str, str]  # safe name in the DOT text -> card


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: left, top, width, height; y grows downwards."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Curve:
    """An arrow's way: Bézier control points, where its head ends, and where its label's middle is."""

    source: str
    target: str
    points: tuple[tuple[float, float], ...]
    tip: tuple[float, float] | None
    label: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything is."""

    width: float
    height: float
    cards: Mapping[str, Box]
    phases: Mapping[str, Box]
    curves: tuple[Curve, ...]


def drawn(graph: Graph) -> Drawn:
    """Return *graph* as cards and DOT text. The same graph gives the same bytes."""
    cards = {name: card_of(state, graph) for name, state in graph.states.items()}
    for box in graph.anytime:
        card = anytime_card(box, graph)
        cards[card.id] = card
    names = {name: f"n{number}" for number, name in enumerate(cards)}
    text = "\n".join(_lines(graph, cards, names)) + "\n"
    return Drawn(graph, cards, text, {safe: name for name, safe in names.items()})


def read_layout(found: Drawn, text: str) -> Layout:
    """Return the places that a drawing program's JSON output (``-Tjson0``) gives.

    Raises:
        ValueError: *text* is not that.
    """
    data = json.loads(text)
    left, bottom, right, top = (float(v) for v in data["bb"].split(","))
    boxes: dict[str, Box] = {}
    phases: dict[str, Box] = {}
    objects = data.get("objects", [])
    for item in objects:
        name = item["name"]
        if name in found.names:
            x, y = (float(v) for v in item["pos"].split(","))
            width, height = float(item["width"]) * 72, float(item["height"]) * 72
            boxes[found.names[name]] = Box(x - width / 2 - left, top - y - height / 2, width, height)
        elif name.startswith("cluster_"):
            x0, y0, x1, y1 = (float(v) for v in item["bb"].split(","))
            phases[found.graph.phases[int(name.removeprefix("cluster_"))]] = Box(x0 - left, top - y1, x1 - x0, y1 - y0)
    curves = []
    for edge in data.get("edges", []):
        source, target = (found.names[objects[edge[end]]["name"]] for end in ("tail", "head"))
        parts = edge["pos"].split(" ")
        tip = None
        if parts[0].startswith("e,"):
            tip = _point(parts.pop(0)[2:], left, top)
        label = _point(edge["lp"], left, top) if "lp" in edge else None
        curves.append(Curve(source, target, tuple(_point(part, left, top) for part in parts), tip, label))
    return Layout(right - left, top - bottom, boxes, phases, tuple(curves))


def _point(text: str, left: float, top: float) -> tuple[float, float]:
    x, y = text.split(",")
    return float(x) - left, top - float(y)


def _lines(graph: Graph, cards: Mapping[str, Card], names: Mapping[str, str]) -> Iterator[str]:
    yield f"digraph {_quoted(graph.flow)} {{"
    yield f'  graph [rankdir=LR, nodesep=0.35, ranksep=0.5, fontname="{_FONT}", fontsize=14, bgcolor="#ffffff"];'
    yield '  node [shape=box, style="rounded,filled", fillcolor="#f8fafc", color="#64748b", fixedsize=true];'
    yield f'  node [fontname="{_FONT}"];'
    yield f'  edge [fontname="{_FONT}", fontsize={LABEL_SIZE}, color="#475569", arrowsize=0.7];'
    for number, phase in enumerate(graph.phases):
        inside = [name for name, state in graph.states.items() if state.phase == phase]
        if not phase:
            yield from (f"  {_node(cards[name], names[name])}" for name in inside)
            continue
        yield f"  subgraph cluster_{number} {{"
        yield f'    label={_quoted(phase)}; labeljust=l; style="rounded"; color="#cbd5e1"; margin=16;'
        yield from (f"    {_node(cards[name], names[name])}" for name in inside)
        yield "  }"
    for name, card in cards.items():
        if name.startswith(ANYTIME):
            yield f"  {_node(card, names[name])}"
    fans: dict[str, int] = {}
    for arrow in arrows_drawn(graph):
        label = "\\n".join(_escaped(line) for line in label_of(arrow).lines)
        place = fans[arrow.source] = fans.get(arrow.source, -1) + 1
        yield f'  {names[arrow.source]} -> {names[arrow.target]} [minlen={1 + place // FAN}, label=" {label} "];'
    yield "}"


def _node(card: Card, safe: str) -> str:
    kind = "anytime" if card.id.startswith(ANYTIME) else "state"
    size = f"width={card.width / 72:.4f}, height={card.height / 72:.4f}"
    shape = ', style="rounded,filled,dashed", fillcolor="#fff7ed"' if kind == "anytime" else ""
    return f'{safe} [id={_quoted("n_" + card.id)}, class="{kind}", {size}{shape}, label=<{_table(card)}>];'


def _table(card: Card) -> str:
    width = f'WIDTH="{card.width - 12:.0f}"'
    rows = [f'<TR><TD ALIGN="LEFT" COLSPAN="2"><B>{_html(card.heading)}</B></TD></TR>']
    for line in card.sentences:
        rows.append(
            f'<TR><TD ALIGN="LEFT" COLSPAN="2" HEIGHT="{LINE - 1:.0f}"><FONT POINT-SIZE="{TEXT_SIZE - 1.5}">'
            f"{_html(line)}</FONT></TD></TR>"
        )
    for column in card.columns:
        for row in column.rows if len(card.columns) == 1 else ():
            rows.append(_tr(row.left, row.right))
    if len(card.columns) > 1:
        for number in range(max(len(c.rows) for c in card.columns)):
            cells = [c.rows[number] for c in card.columns if number < len(c.rows)]
            rows.append(_tr("   ".join(f"{r.left} {r.right}" for r in cells), ""))
    return f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="0" {width}>{"".join(rows)}</TABLE>'


def _tr(left: str, right: str) -> str:
    font = f'<FONT POINT-SIZE="{ROW_SIZE - 1.5}">'
    height = f'HEIGHT="{ROW - 2:.0f}"'
    return (
        f'<TR><TD ALIGN="LEFT" {height}>{font}{_html(left)}</FONT></TD>'
        f'<TD ALIGN="RIGHT">{font}{_html(right)} </FONT></TD></TR>'
    )


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'
