"""How far a search goes before it says that it could not check."""

from dataclasses import dataclass


class TooLarge(Exception):
    """Raised where a search would go beyond its limits; its text is the reason, in plain words."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that one search looks at.

    Args:
        situations: Different situations (dialogue state and what is known).
        turns: Turns looked at, over all situations.
    """

    situations: int = 60_000
    turns: int = 400_000
