"""Documents: one YAML file each, of a kind, with the shape of that kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from engine.source.finding import Finding, Level
from engine.source.tree import Map, Text
from engine.terms import Kind


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A file whose shape is right. ``root`` is the whole located mapping. Each is equal to itself alone."""

    kind: Kind
    id: Text
    version: Text
    title: Text
    path: PurePosixPath
    root: Map


@dataclass(frozen=True, slots=True)
class Sources:
    """All files of a bundle: their text, the documents that have a right shape, and what is wrong."""

    texts: Mapping[PurePosixPath, str]
    documents: tuple[Document, ...]
    findings: tuple[Finding, ...]

    def of(self, kind: Kind) -> tuple[Document, ...]:
        """Return the documents of *kind*, by path."""
        return tuple(d for d in self.documents if d.kind is kind)

    @property
    def broken(self) -> bool:
        """Whether any finding is an error."""
        return any(f.level is Level.ERROR for f in self.findings)
