"""Examples of intents as plain words, and where they are written."""

import re

from engine.bundle import IntentSpec
from engine.checks.context import Context
from engine.source.span import Span
from engine.source.tree import Map, Seq, Text
from engine.terms import Kind

_SLOT = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def unmarked(example: str) -> str:
    """Return *example* without the marks around its slots."""
    return _SLOT.sub(r"\1", example)


def plain(example: str) -> str:
    """Return *example* in lower case, without the marks around its slots and without punctuation at its ends."""
    return unmarked(example).lower().strip(" .?!,")


def place_of(context: Context, locale: str, spec: IntentSpec, key: str, words: str) -> Span:
    """Return where *words* is written under *key* (``examples``, ``patterns``, ``tests``) of an intent."""
    for document in context.sources.of(Kind.INTENTS):
        intents = document.root.get(Text("intents"))
        body = intents.get(Text(spec.id)) if isinstance(intents, Map) else None
        listed = body.get(Text(key)) if isinstance(body, Map) else None
        if document.root.get(Text("locale")) == locale and isinstance(listed, Seq):
            for entry in listed:
                if isinstance(entry, Text) and entry == words:
                    return entry.span
    return spec.span
