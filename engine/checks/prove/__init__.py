"""Proofs: that no call whatsoever breaks a rule without the gate having to step in."""
