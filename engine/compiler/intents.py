"""Intent documents to what each intent sounds like, by locale."""

from engine.bundle import IntentSpec
from engine.compiler.context import Notes, items, text, texts
from engine.source.documents import Document
from engine.source.tree import Map, Text


def intent_ids(documents: tuple[Document, ...]) -> tuple[str, ...]:
    """Return the ids of all intents that are described in any locale, in written order."""
    return tuple(dict.fromkeys(str(name) for d in documents for name, _ in items(d.root.get(Text("intents")))))


def link_intents(documents: tuple[Document, ...], notes: Notes) -> dict[str, tuple[IntentSpec, ...]]:
    """Return the intents of each locale, by id."""
    found: dict[str, dict[str, IntentSpec]] = {}
    for document in documents:
        locale = found.setdefault(str(text(document.root, "locale")), {})
        for name, body in items(document.root.get(Text("intents"))):
            assert isinstance(body, Map)
            if name in locale:
                notes.error(name.span, "declared-twice", f"the intent `{name}` is described twice", "keep one")
            locale[str(name)] = IntentSpec(
                str(name),
                tuple(map(str, texts(body.get(Text("patterns"))))),
                tuple(map(str, texts(body.get(Text("examples"))))),
                tuple(map(str, texts(body.get(Text("not"))))),
                name.span,
            )
    return {loc: tuple(specs[k] for k in sorted(specs)) for loc, specs in sorted(found.items())}
