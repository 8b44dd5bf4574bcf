"""A change between two versions, how grave it is, and the facts or the call that show it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engine.expressions.tree import Value
from engine.source.span import NOWHERE, Span


class Level(StrEnum):
    """How grave a change is. The gravest first.

    ``safety``: what is protected, or how it is checked, or words that the law gives. ``meaning``: what happens.
    ``wording``: only how it is said. ``layout``: nothing but how the file is written.
    """

    SAFETY = "safety"
    MEANING = "meaning"
    WORDING = "wording"
    LAYOUT = "layout"


class Direction(StrEnum):
    """Whether a protection got weaker or stronger, both in different situations, or neither."""

    WEAKER = "weaker"
    STRONGER = "stronger"
    BOTH = "both"
    NONE = ""


def direction_of(weaker: bool, stronger: bool) -> Direction:
    """Return the direction of a change that loses something, gains something, both or neither."""
    if weaker and stronger:
        return Direction.BOTH
    return Direction.WEAKER if weaker else Direction.STRONGER if stronger else Direction.NONE


@dataclass(frozen=True, slots=True)
class Witness:
    """One situation that the two versions answer differently, confirmed by running both.

    Args:
        kind: ``facts`` (one question asked of the rules), ``call`` (a call gone through), ``words`` (words recognised)
            or ``count`` (contacts counted).
        told: What happens in it, line by line.
        facts: What was known, where one question was asked.
        before: What the old version answers.
        after: What the new one answers.
        confirmed: Whether running both versions gave those answers.
    """

    kind: str
    told: tuple[str, ...]
    before: str
    after: str
    facts: Mapping[str, Value] = field(default_factory=dict)
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Args:
        level: How grave.
        area: ``rule``, ``parameter``, ``counter``, ``prompt``, ``intent``, ``flow``, ``vocabulary`` or ``document``.
        subject: Its name.
        what: What changed, in words.
        direction: Whether a protection got weaker or stronger.
        before: How it was written, where that helps.
        after: How it is written now.
        counsel: Whether a lawyer must look at it.
        source: The law it rests on.
        witness: A situation in which a protection got weaker, or that shows the change.
        gained: A situation in which it got stronger.
        span: Where it is now, or was.
    """

    level: Level
    area: str
    subject: str
    what: str
    direction: Direction = Direction.NONE
    before: str = ""
    after: str = ""
    counsel: bool = False
    source: str = ""
    witness: Witness | None = None
    gained: Witness | None = None
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Numbered:
    """Whether a document's version number rose enough: ``needs`` is the least that it may be, or ''."""

    path: str
    id: str
    before: str
    after: str
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """What became of one scenario.

    ``became`` is ``same``, ``other words``, ``differs``, ``now fails``, ``now passes`` or ``unreadable``.
    """

    id: str
    path: str
    became: str
    told: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """Two versions compared."""

    old: str
    new: str
    changes: tuple[Change, ...]
    layout: tuple[str, ...] = ()
    versions: tuple[Numbered, ...] = ()
    stories: tuple[Story, ...] = ()

    @property
    def same(self) -> bool:
        """Whether nothing differs but layout."""
        return not self.changes

    @property
    def unsafe(self) -> bool:
        """Whether any change is of the gravest level."""
        return any(change.level is Level.SAFETY for change in self.changes)
