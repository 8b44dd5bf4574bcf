"""Scenarios through the engine: replay, verdicts and transcripts."""
