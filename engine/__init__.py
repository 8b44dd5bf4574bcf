"""Callwright's engine: from YAML to a conducted, recorded and provable call."""

__version__ = "0.1.0"
