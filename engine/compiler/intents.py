"""Intent documents to what each intent sounds like, by locale."""

import re
from collections.abc import Collection
from functools import lru_cache

import re2

from engine.bundle import IntentSpec
from engine.compiler.context import Notes, items, text, texts
from engine.source.documents import Document
from engine.source.tree import Map, Text

_MARK = re.compile(r"\[[^\]\[]+\]\(([^()]*)\)")


def intent_ids(documents: tuple[Document, ...]) -> tuple[str, ...]:
    """Return the ids of all intents that are described in any locale, in written order."""
    return tuple(dict.fromkeys(str(name) for d in documents for name, _ in items(d.root.get(Text("intents")))))


def link_intents(
    documents: tuple[Document, ...], facts: Collection[str], notes: Notes
) -> dict[str, tuple[IntentSpec, ...]]:
    """Return the intents of each locale, by id. Patterns are in RE2's syntax, marks name one of *facts*."""
    found: dict[str, dict[str, IntentSpec]] = {}
    for document in documents:
        locale = found.setdefault(str(text(document.root, "locale")), {})
        for name, body in items(document.root.get(Text("intents"))):
            assert isinstance(body, Map)
            if name in locale:
                notes.error(name.span, "declared-twice", f"the intent `{name}` is described twice", "keep one")
            for pattern in texts(body.get(Text("patterns"))):
                _check_pattern(pattern, notes)
            for example in (*texts(body.get(Text("examples"))), *texts(body.get(Text("not")))):
                _check_marks(example, facts, notes)
            locale[str(name)] = IntentSpec(
                str(name),
                tuple(map(str, texts(body.get(Text("patterns"))))),
                tuple(map(str, texts(body.get(Text("examples"))))),
                tuple(map(str, texts(body.get(Text("not"))))),
                name.span,
                tuple(map(str, texts(body.get(Text("tests"))))),
            )
    return {loc: tuple(specs[k] for k in sorted(specs)) for loc, specs in sorted(found.items())}


def recall_floors(documents: tuple[Document, ...]) -> dict[str, float]:
    """Return the least share of the protected intents' tests that must be understood, 0 to 1, by locale.

    A locale without one is left out; of several, the strictest counts.
    """
    floors: dict[str, float] = {}
    for document in documents:
        if written := text(document.root, "protected_floor"):
            locale = str(text(document.root, "locale"))
            floors[locale] = max(float(written), floors.get(locale, 0.0))
    return dict(sorted(floors.items()))


def _check_pattern(pattern: Text, notes: Notes) -> None:
    wrong = _wrong(str(pattern))
    if wrong is not None:
        message, mend = wrong
        notes.error(pattern.span, "unreadable-pattern", message, mend)


@lru_cache(10_000)
def _wrong(pattern: str) -> tuple[str, str] | None:
    """Return what is wrong with *pattern* and the mend, or None."""
    options = re2.Options()
    options.log_errors = False
    try:
        found = re2.compile(pattern, options).search("")
    except re2.error as error:
        why = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        mend = "write it as RE2 reads patterns: no look-ahead and no `\\1`"
        return f"this pattern cannot be read: {why}", mend
    if found is not None:
        message = f"`{pattern}` fits where nothing is said, so it would be heard in everything"
        return message, "write words that must be there"
    return None


def _check_marks(example: Text, facts: Collection[str], notes: Notes) -> None:
    for mark in _MARK.finditer(example):
        if mark[1] not in facts:
            notes.unknown(Text(mark[1], example.at(mark.start(1), len(mark[1]))), "fact", facts)
