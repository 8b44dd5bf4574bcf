"""A graph as one SVG picture: our own drawing on the places that the layout gives.

Every state is a group that the keyboard reaches and that a screen reader names.
Source: https://www.w3.org/TR/graphics-aria-1.0/
"""

from collections.abc import Iterator
from html import escape
from importlib.resources import files

from engine.views.cards import (
    ANYTIME,
    HEAD,
    INSET,
    LABEL_SIZE,
    LINE,
    PAD,
    ROW,
    Card,
    Column,
    Label,
    label_of,
    trigger_words,
)
from engine.views.dot import Box, Curve, Drawn, Layout
from engine.views.model import Exit, Graph
from engine.views.outline import described, said_exit

_MARGIN = 28.0
_HALO = 11.0


def svg(found: Drawn, layout: Layout, *, alone: bool = True) -> str:
    """Return the picture. *alone* puts its style inside, for a file of its own."""
    return "\n".join(_Writer(found, layout).lines(alone)) + "\n"


def style() -> str:
    """Return the colours and type of the picture, light and dark."""
    return files("engine.views.static").joinpath("graph.css").read_text("utf-8")


class _Writer:
    """Writes one picture."""

    def __init__(self, found: Drawn, layout: Layout) -> None:
        self.found = found
        self.graph: Graph = found.graph
        self.layout = layout
        self.arrows = {(a.source, a.target): a for a in self.graph.arrows}

    def lines(self, alone: bool) -> Iterator[str]:
        width, height = self.layout.width + 2 * _MARGIN, self.layout.height + 2 * _MARGIN
        yield (
            '<svg xmlns="http://www.w3.org/2000/svg" id="graph" class="graph" '
            f'width="{width:.0f}" height="{height:.0f}" '
            f'viewBox="{-_MARGIN:.0f} {-_MARGIN:.0f} {width:.0f} {height:.0f}" '
            'role="graphics-document document" aria-labelledby="graph-title graph-desc">'
        )
        yield f'<title id="graph-title">{escape(self.graph.title)}</title>'
        yield f'<desc id="graph-desc">{escape(self._summary())}</desc>'
        if alone:
            yield f"<style>{style()}</style>"
            yield f'<rect class="paper" x="{-_MARGIN}" y="{-_MARGIN}" width="{width:.0f}" height="{height:.0f}"/>'
        yield from self._defs()
        yield '<g class="phases" aria-hidden="true">'
        for phase, box in self.layout.phases.items():
            label = f'<text x="{box.x + 14:.1f}" y="{box.y + 20:.1f}">{escape(phase)}</text>'
            yield f'<g class="phase">{_rect(box, 14)}{label}</g>'
        yield "</g>"
        yield from self._zones()
        yield '<g class="arrows">'
        for curve in self.layout.curves:
            yield from self._arrow(curve)
        yield "</g>"
        yield '<g class="states">'
        for name in self._in_reading_order():
            yield from self._card(self.found.cards[name], self.layout.cards[name])
        yield "</g></svg>"

    def _summary(self) -> str:
        return (
            f"A call flow of {len(self.graph.states)} states in {len([p for p in self.graph.phases if p])} phases. "
            f"It starts in {self.graph.start}. The outline beside it says the same in words."
        )

    def _defs(self) -> Iterator[str]:
        yield (
            '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerUnits="userSpaceOnUse" '
            'markerWidth="10" markerHeight="10" orient="auto-start-reverse">'
            '<path class="tip" d="M0 1L10 5L0 9z"/></marker>'
        )
        for number in range(len(self.graph.zones)):
            turn = 45 if number % 2 == 0 else -45
            yield (
                f'<pattern id="hatch{number}" width="9" height="9" patternUnits="userSpaceOnUse" '
                f'patternTransform="rotate({turn})"><rect class="hatch-ground z{number % 6}" width="9" height="9"/>'
                f'<rect class="hatch-line z{number % 6}" width="2" height="9"/></pattern>'
            )
        yield "</defs>"

    def _zones(self) -> Iterator[str]:
        for number, zone in enumerate(self.graph.zones):
            yield f'<g class="zone z{number % 6}" data-zone="{escape(zone.id)}" aria-hidden="true">'
            reach = _HALO - 3 * (number % 3)
            for name in sorted(zone.states):
                if name in self.layout.cards:
                    b = self.layout.cards[name]
                    halo = Box(b.x - reach, b.y - reach, b.width + 2 * reach, b.height + 2 * reach)
                    yield _rect(halo, 16, f' fill="url(#hatch{number})"')
            yield "</g>"

    def _in_reading_order(self) -> list[str]:
        boxes = self.layout.cards
        return sorted(boxes, key=lambda n: (not n.startswith(ANYTIME), round(boxes[n].x / 120), boxes[n].y, n))

    def _arrow(self, curve: Curve) -> Iterator[str]:
        arrow = self.arrows.get((curve.source, curve.target))
        if arrow is None:
            return
        label = label_of(arrow)
        steps = " ".join(dict.fromkeys(step for exit in arrow.exits for step in exit.steps))
        told = "; ".join(said_exit(exit) for exit in arrow.exits)
        yield (
            f'<g class="arrow" data-from="{escape(curve.source)}" data-to="{escape(curve.target)}" '
            f'data-steps="{escape(steps)}"><title>{escape(f"{curve.source}: {told}")}</title>'
            f'<path class="line" d="{_path(curve)}" marker-end="url(#tip)"/>'
        )
        if curve.label is not None and label.lines:
            yield from _label(label, *curve.label)
        yield "</g>"

    def _card(self, card: Card, box: Box) -> Iterator[str]:
        if card.id.startswith(ANYTIME):
            yield from self._anytime(card, box)
            return
        state = self.graph.states[card.id]
        start = " start" if card.id == self.graph.start else ""
        silent = "" if state.listens else " silent"
        yield (
            f'<g class="state{start}{silent}" id="n_{escape(card.id)}" data-state="{escape(card.id)}" tabindex="0" '
            'role="graphics-symbol img" aria-roledescription="state" '
            f'aria-label="{escape(described(state, self.graph))}" '
            f'transform="translate({box.x:.1f} {box.y:.1f})">'
        )
        yield from self._body(card, box)
        badges = [f"{number + 1}" for number, zone in enumerate(self.graph.zones) if card.id in zone.states]
        for place, badge in enumerate(badges):
            x = box.width - 18 - 18 * place
            number = int(badge) - 1
            yield (
                f'<g class="badge z{number % 6}" data-zone="{escape(self.graph.zones[number].id)}">'
                f'<circle cx="{x:.1f}" cy="14" r="7.5"/>'
                f'<text x="{x:.1f}" y="17.5" text-anchor="middle">{badge}</text></g>'
            )
        if card.anytime:
            told = "any moment: " + ", ".join(trigger_words(t) for t in card.anytime)
            yield (
                f'<g class="interrupt"><title>{escape(told)}</title><circle cx="0" cy="14" r="8"/>'
                '<path d="M1.6 9l-4.4 5.8h3l-1.4 4.4 4.6-6h-3.2z"/></g>'
            )
        yield "</g>"

    def _anytime(self, card: Card, box: Box) -> Iterator[str]:
        yield (
            f'<g class="anytime" id="{escape(card.id)}" tabindex="0" role="graphics-symbol img" '
            f'aria-roledescription="what may happen at any moment" aria-label="{escape(self._interrupts(card))}" '
            f'transform="translate({box.x:.1f} {box.y:.1f})">'
        )
        yield from self._body(card, box)
        yield "</g>"

    def _interrupts(self, card: Card) -> str:
        document = card.id.partition("/")[2]
        exits: tuple[Exit, ...] = next(b.exits for b in self.graph.anytime if b.document == document)
        return f"{card.heading}: " + "; ".join(said_exit(exit) for exit in exits)

    def _body(self, card: Card, box: Box) -> Iterator[str]:
        yield f'<rect class="card" width="{box.width:.1f}" height="{box.height:.1f}" rx="10"/>'
        yield f'<path class="head" d="{_head(box.width, box.height)}"/>'
        yield f'<text class="name" x="{INSET}" y="19">{escape(card.heading)}</text>'
        y = HEAD
        if card.sentences:
            y += PAD / 2
            for line in card.sentences:
                y += LINE
                yield f'<text class="says" x="{INSET}" y="{y - 3:.1f}">{escape(line)}</text>'
            y += PAD / 2
        if card.columns:
            each = box.width / len(card.columns)
            for number, column in enumerate(card.columns):
                yield from _rows(column, number * each, each, y + PAD / 2)


def _rows(column: Column, left: float, width: float, y: float) -> Iterator[str]:
    for row in column.rows:
        y += ROW
        target = f' data-to="{escape(row.target)}"' if row.target else ""
        yield (
            f'<g class="row {row.kind}" data-steps="{escape(" ".join(row.steps))}"{target}>'
            f'<rect x="{left + 6:.1f}" y="{y - 13:.1f}" width="{width - 12:.1f}" height="{ROW - 1:.1f}" rx="4"/>'
            f'<text class="heard" x="{left + INSET:.1f}" y="{y - 1:.1f}">{escape(row.left)}</text>'
            f'<text class="led" x="{left + width - INSET:.1f}" y="{y - 1:.1f}" text-anchor="end">'
            f"{escape(row.right)}</text></g>"
        )
    if column.more:
        yield f'<text class="more" x="{left + INSET:.1f}" y="{y + ROW - 1:.1f}">and {column.more} more</text>'


def _label(label: Label, x: float, y: float) -> Iterator[str]:
    width, height = label.width + 8, label.height + 4
    yield (
        f'<g class="label"><rect x="{x - width / 2:.1f}" y="{y - height / 2:.1f}" width="{width:.1f}" '
        f'height="{height:.1f}" rx="5"/>'
    )
    top = y - label.height / 2 + LABEL_SIZE - 0.5
    for number, line in enumerate(label.lines):
        yield f'<text x="{x:.1f}" y="{top + 12.5 * number:.1f}" text-anchor="middle">{escape(line)}</text>'
    yield "</g>"


def _path(curve: Curve) -> str:
    first, *rest = curve.points
    parts = [f"M{first[0]:.1f} {first[1]:.1f}"]
    for start in range(0, len(rest) - 2, 3):
        parts.append("C" + " ".join(f"{x:.1f} {y:.1f}" for x, y in rest[start : start + 3]))
    if curve.tip is not None:
        parts.append(f"L{curve.tip[0]:.1f} {curve.tip[1]:.1f}")
    return "".join(parts)


def _head(width: float, height: float) -> str:
    """Return the way round a card's heading: rounded above, and below too where nothing follows."""
    top = f"M10 0H{width - 10:.1f}a10 10 0 0 1 10 10"
    if height <= HEAD + 1:
        return f"{top}V{height - 10:.1f}a10 10 0 0 1 -10 10H10a10 10 0 0 1 -10 -10V10a10 10 0 0 1 10 -10z"
    return f"{top}V{HEAD:.1f}H0V10a10 10 0 0 1 10 -10z"


def _rect(box: Box, radius: float, more: str = "") -> str:
    return (
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="{radius}"{more}/>'
    )
