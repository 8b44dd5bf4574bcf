"""What differs between two versions of a bundle, by meaning and not by lines."""

from engine.views.diff.compare import compare

__all__ = ["compare"]
