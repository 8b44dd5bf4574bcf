"""The JSON Schemas (2020-12) of the language: packaged data, read by :mod:`engine.source.schema`."""
