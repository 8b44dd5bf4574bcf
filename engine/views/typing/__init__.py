"""Help while typing: names, schemas for a bundle, quick findings, completion and hover. No I/O."""
