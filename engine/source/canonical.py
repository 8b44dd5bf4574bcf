"""The canonical form of documents, and the digest that names a bundle.

Layout, comments, quotes and the order of keys do not count; the order of lists
does. Scalars count as they are written, since their type comes from their place.
"""

import hashlib
import json
from collections.abc import Iterable
from functools import lru_cache

from engine.source.documents import Document
from engine.source.tree import Node
from engine.terms import Kind


def canonical(node: Node) -> str:
    """Return *node* as JSON in ASCII with sorted keys and no spaces."""
    return json.dumps(node, sort_keys=True, ensure_ascii=True, separators=(",", ":"))


@lru_cache(1_024)
def document_digest(document: Document) -> str:
    """Return the SHA-256 of a document's canonical form, in hex."""
    return hashlib.sha256(canonical(document.root).encode("ascii")).hexdigest()


def digest(documents: Iterable[Document]) -> str:
    """Return the SHA-256 over the documents of flows and policies, in hex.

    Scenarios do not count. The folder at the top does, since it says who owns a
    prompt; the rest of a path does not.
    """
    lines = sorted(
        (document.path.parts[0], document.kind.value, str(document.id), document_digest(document))
        for document in documents
        if document.kind is not Kind.SCENARIO
    )
    return hashlib.sha256(json.dumps(lines, separators=(",", ":")).encode("ascii")).hexdigest()
