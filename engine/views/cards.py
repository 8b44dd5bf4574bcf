"""What is written on each state as drawn, and how large that makes it.

Sizes are in points. Widths are reckoned for Helvetica with room to spare, so that
another sans-serif still fits.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.expressions.english import words
from engine.views.model import THEN, Anytime, Arrow, Exit, Graph, Sentence, StateView

WIDTH = 264.0
INSET = 12.0
HEAD, LINE, ROW, PAD = 28.0, 15.0, 17.0, 8.0
TEXT_SIZE, ROW_SIZE, HEAD_SIZE, LABEL_SIZE = 11.5, 10.5, 13.0, 10.0
MOST_LINES, MOST_ROWS, MOST_LABELS, MOST_ARROWS = 5, 9, 3, 4
LABEL_WIDTH = 150.0
MARKS: Mapping[str, str] = {"end": "■", "go": "→"}
ANYTIME = "@anytime"

_NARROW, _WIDE = frozenset("ijlt.,'|!:;f()[]r I-"), frozenset("mwMW@%")


@dataclass(frozen=True, slots=True)
class Row:
    """One way on, written on a card: what is heard at the left, what comes of it at the right."""

    left: str
    right: str
    kind: str
    steps: tuple[str, ...]
    target: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """Rows under one another."""

    rows: tuple[Row, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Card:
    """A box with a heading, sentences and rows."""

    id: str
    heading: str
    sentences: tuple[str, ...]
    columns: tuple[Column, ...]
    width: float
    height: float
    anytime: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Label:
    """What stands beside an arrow, line by line."""

    lines: tuple[str, ...]
    width: float
    height: float


def width_of(text: str, size: float) -> float:
    """Return about how wide *text* is, in points, rather too wide than too narrow."""
    units = sum(0.34 if c in _NARROW else 0.92 if c in _WIDE else 0.72 if c.isupper() else 0.6 for c in text)
    return units * size


def wrap(text: str, width: float, size: float, most: int) -> tuple[str, ...]:
    """Return *text* in lines no wider than *width*; what does not fit in *most* lines ends in an ellipsis."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and width_of(longer, size) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    lines += [line] if line else []
    if len(lines) > most:
        lines = [*lines[: most - 1], clip(" ".join(lines[most - 1 :]), width, size)]
    return tuple(clip(one, width, size) for one in lines)


def clip(text: str, width: float, size: float) -> str:
    """Return *text*, cut with an ellipsis where it is wider than *width*."""
    if width_of(text, size) <= width:
        return text
    while text and width_of(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip(" ,·") + "…"


def trigger_words(trigger: str) -> str:
    """Return what is heard, in words."""
    named = {"silence": "silence", "unclear": "not understood", THEN: "at once", "dtmf": "keys pressed"}
    return named.get(trigger, words(trigger))


def outcome_words(exit: Exit) -> str:
    """Return what comes of *exit*, in words: ``→ verify``, ``■ refused``, ``again 2x``."""
    if exit.kind == "again":
        return f"again {exit.times}x"
    return f"{MARKS[exit.kind]} {exit.to if exit.kind == 'go' else words(exit.to)}"


def card_of(state: StateView, graph: Graph) -> Card:
    """Return the card of one state."""
    aside = written(graph) | {state.name}
    rows = [_row(exit, WIDTH) for exit in state.exits if exit.kind != "go" or exit.to in aside]
    sentences = _sentences(state.says)
    column = Column(tuple(rows[:MOST_ROWS]), max(0, len(rows) - MOST_ROWS))
    columns = (column,) if rows else ()
    return Card(
        state.name, clip(state.name, WIDTH - 2 * INSET - 24, HEAD_SIZE), sentences, columns, WIDTH,
        _height(sentences, columns), graph.entered_anytime.get(state.name, ()),
    )


def anytime_card(box: Anytime, graph: Graph) -> Card:
    """Return the card of what may happen at any moment."""
    heading = "At any moment" if box.document == graph.flow else f"At any moment in {box.document}"
    rows = [_row(exit, WIDTH) for exit in box.exits]
    per = max(1, -(-len(rows) // min(3, -(-len(rows) // 12)))) if rows else 1
    columns = tuple(Column(tuple(rows[start : start + per])) for start in range(0, len(rows), per))
    return Card(
        f"{ANYTIME}/{box.document}", heading, (), columns, WIDTH * max(1, len(columns)), _height((), columns)
    )


def label_of(arrow: Arrow) -> Label:
    """Return what stands beside *arrow*."""
    several = len(arrow.exits) > 1
    texts = list(dict.fromkeys(_label(exit, several) for exit in arrow.exits))
    texts = [text for text in texts if text]
    lines = [clip(text, LABEL_WIDTH, LABEL_SIZE) for text in texts[:MOST_LABELS]]
    if len(texts) > MOST_LABELS:
        lines.append(f"+ {len(texts) - MOST_LABELS} more")
    return Label(tuple(lines), max((width_of(line, LABEL_SIZE) for line in lines), default=0.0), 12.5 * len(lines))


def written(graph: Graph) -> frozenset[str]:
    """Return the states so often led to that cards name them in a row, in place of an arrow from each."""
    sources: dict[str, set[str]] = {}
    for arrow in graph.arrows:
        sources.setdefault(arrow.target, set()).add(arrow.source)
    return frozenset(name for name, found in sources.items() if len(found) > MOST_ARROWS)


def arrows_drawn(graph: Graph) -> tuple[Arrow, ...]:
    """Return the arrows that are drawn; the others stand as rows on their cards."""
    as_rows = written(graph)
    return tuple(
        arrow for arrow in graph.arrows
        if arrow.source != arrow.target and arrow.target in graph.states and arrow.target not in as_rows
    )


def orphans(graph: Graph) -> frozenset[str]:
    """Return the states that no state's own step leads to."""
    entered = {arrow.target for arrow in graph.arrows if arrow.source != arrow.target}
    return frozenset(name for name in graph.states if name not in entered and name != graph.start)


def _label(exit: Exit, several: bool) -> str:
    heard = "" if exit.trigger == THEN else trigger_words(exit.trigger)
    if exit.condition:
        return f"{heard} · if {exit.condition}" if heard else f"if {exit.condition}"
    return heard or ("otherwise" if several else "")


def _row(exit: Exit, width: float) -> Row:
    right = outcome_words(exit)
    room = width - 2 * INSET - width_of(right, ROW_SIZE) - 8
    left = trigger_words(exit.trigger) + (f" · if {exit.condition}" if exit.condition else "")
    kind = exit.kind
    return Row(clip(left, room, ROW_SIZE), right, kind, exit.steps, exit.to if kind == "go" else "")


def _sentences(says: Iterable[Sentence]) -> tuple[str, ...]:
    lines: list[str] = []
    for sentence in says:
        left = MOST_LINES - len(lines)
        if left > 0:
            lines += wrap(f"“{sentence.text}”", WIDTH - 2 * INSET, TEXT_SIZE, left)
    return tuple(lines)


def _height(sentences: tuple[str, ...], columns: tuple[Column, ...]) -> float:
    rows = max((len(c.rows) + (1 if c.more else 0) for c in columns), default=0)
    body = LINE * len(sentences) + (PAD if sentences else 0) + ROW * rows + (PAD if rows else 0)
    return HEAD + body + (PAD / 2 if body else 0)
