"""The located tree: what was written, and where.

A document is made of three kinds of node. Each is also the plain Python value
it stands for (``str``, ``dict``, ``tuple``), so that readers need no wrapper,
and each knows its :class:`~engine.source.span.Span`.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

from engine.source.span import NOWHERE, Span


class Layout(NamedTuple):
    """How a scalar's characters lie in its file, so that an offset finds its column.

    ``places`` holds (offset in the value, line, column) for the first character
    of each run that is contiguous in the file, in order of offset.
    """

    style: str
    places: tuple[tuple[int, int, int], ...]


class Text(str):
    """A scalar as written, before any type: ``no``, ``21:00`` and ``01234`` are what they say."""

    __slots__ = ("_layout", "span")

    span: Span
    _layout: Layout | None

    def __new__(cls, value: str, span: Span = NOWHERE, layout: Layout | None = None) -> "Text":
        """Return *value* as written at *span*; without a *layout* it is plain, and all in one run."""
        self = super().__new__(cls, value)
        self.span = span
        self._layout = layout
        return self

    @property
    def layout(self) -> Layout:
        """How its characters lie."""
        return self._layout or Layout("plain", ((0, self.span.line, self.span.column),))

    @property
    def plain(self) -> bool:
        """Whether it was written without quotes and not as a block."""
        return self._layout is None or self._layout.style == "plain"

    def at(self, offset: int, width: int = 1) -> Span:
        """Return the span of *width* characters from *offset* within the value."""
        start, line, column = next(
            (place for place in reversed(self.layout.places) if place[0] <= offset),
            (0, self.span.line, self.span.column),
        )
        return Span(self.span.path, line, column + offset - start, max(1, width))


class Map(dict[Text, "Node"]):
    """A mapping in written order; keys are located too."""

    __slots__ = ("span",)

    span: Span

    def __init__(self, items: Mapping[Text, "Node"] | Iterable[tuple[Text, "Node"]] = (), span: Span = NOWHERE):
        super().__init__(items)
        self.span = span

    def key(self, name: str) -> Text:
        """Return the located key equal to *name*.

        Raises:
            KeyError: There is no such key.
        """
        for key in self:
            if key == name:
                return key
        raise KeyError(name)


class Seq(tuple["Node", ...]):
    """A list in written order."""

    span: Span

    def __new__(cls, items: Iterable["Node"] = (), span: Span = NOWHERE) -> "Seq":
        """Return *items* as written from *span* on."""
        self = super().__new__(cls, tuple(items))
        self.span = span
        return self


Node: TypeAlias = Text | Map | Seq
