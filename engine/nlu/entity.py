"""An entity: a value read from the words, and where."""

from dataclasses import dataclass

from engine.expressions.tree import Value


@dataclass(frozen=True, slots=True)
class Entity:
    """A value of a kind, in words [first, last).

    Args:
        kind: ``money`` (cents), ``date`` and ``dob`` (``date.toordinal``), ``time`` and ``earliest`` (seconds after
            midnight), ``zip``, ``ssn4``, ``digits``, ``phone``, ``address`` or ``text``.
        values: One when the words are sure; several when they leave it open.
        sure: Whether the words alone say the kind (``dollars``), without a question that asks for it.
    """

    kind: str
    values: tuple[Value, ...]
    first: int
    last: int
    why: str
    sure: bool = True
