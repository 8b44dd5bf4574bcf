"""Names that are taken: by the engine, or by something else that is read in the same place.

A name that means two things would be read as one of them without a word. So
each is a finding: what the engine itself knows, what a bare parameter or a
table's column would hide, and what ``before:`` and ``never_say:`` could not
tell apart.
"""

from collections.abc import Collection, Iterator, Mapping

from engine.bundle import Fact, Parameter, Vocabulary
from engine.compiler.context import Notes, items, mapping, text, texts
from engine.source.documents import Document
from engine.source.span import Span
from engine.source.suggest import suggest
from engine.source.tree import Map, Text
from engine.terms import EVENTS

OWN = ("said.", "asked.", "utterance.", "suppressed.", "clock.", "event.")
"""How names begin that only the engine gives facts."""

TARGETS = ("anything", "end")
"""What ``before:`` takes besides classes, prompts and actions."""

SYNTAX = ("true", "false", "none", "not", "and", "or", "in", "is", "if", "else")
"""Words that conditions read as their own: nothing called so could be named in one."""

CONTACTS = ("call", "conversation", "text", "email", "letter", "voicemail", "consent")
"""The kinds of contact that are usual; a ledger may have others."""

UNHEARD = "unclear"
"""How words that were not understood are handled: no intent is called so."""


def check_words(documents: tuple[Document, ...], own: Mapping[str, Fact], notes: Notes) -> None:
    """Add a finding for each fact or counter that has a name of the engine's, and for what is declared twice."""
    seen: dict[tuple[str, str], Text] = {}
    for document in documents:
        for group in ("places", "classes", "facts", "counters", "actions", "dispositions"):
            shared = "facts" if group == "counters" else group
            for name, _ in items(document.root.get(Text(group))):
                if seen.setdefault((shared, str(name)), name) is not name and group != "facts":
                    notes.error(name.span, "declared-twice", f"`{name}` is declared twice", "keep one declaration")
                if shared == "facts" and name in SYNTAX:
                    _taken(name, f"`{name}` is a word of conditions", notes)
                if shared == "facts" and (name in own or name.startswith(OWN)):
                    about = f": {own[name].about}" if name in own else ""
                    _taken(name, f"`{name}` is the engine's own{about}", notes)


def check_counted(documents: tuple[Document, ...], notes: Notes) -> None:
    """Warn of each kind of contact that a counter seems to misspell: it would count nothing."""
    for document in documents:
        for _, body in items(document.root.get(Text("counters"))):
            for kind in texts(body.get(Text("counts")) if isinstance(body, Map) else None):
                meant = suggest(str(kind), CONTACTS)
                if kind not in CONTACTS and meant:
                    notes.warn(
                        kind.span, "odd-contact", f"`{kind}` is no usual kind of contact", f"did you mean `{meant}`?"
                    )


def check_intents(
    documents: tuple[Document, ...], vocabulary: tuple[Document, ...], locales: Collection[str], notes: Notes
) -> None:
    """Add a finding for each intent called like an event, and each protected one that a locale does not describe."""
    described: dict[str, set[str]] = {locale: set() for locale in locales} if documents else {}
    beside: dict[str, Span] = {}
    for document in documents:
        locale = str(text(document.root, "locale"))
        heard = described.setdefault(locale, set())
        if Text("intents") in document.root:
            beside.setdefault(locale, document.root.key("intents").span)
        for name, _ in items(document.root.get(Text("intents"))):
            heard.add(str(name))
            if name in EVENTS or name == UNHEARD:
                _taken(name, f"`{name}` is an event of the engine's own", notes)
    for document in vocabulary:
        for name in texts(document.root.get(Text("protected"))):
            if name in EVENTS or name == UNHEARD:
                _taken(name, f"`{name}` is an event of the engine's own", notes)
                continue
            without = sorted(locale for locale, heard in described.items() if name not in heard)
            if without:
                notes.error(
                    beside.get(without[0], name.span) if len(without) < len(described) else name.span,
                    "protected-not-described",
                    f"no intents file says what `{name}` sounds like in {' and '.join(without)}",
                    f"describe `{name}` in the {' and '.join(without)} intents, or take it out of `protected`",
                )


def check_parameters(
    documents: tuple[Document, ...], parameters: Mapping[str, Parameter], vocabulary: Vocabulary, notes: Notes
) -> None:
    """Add a finding for each parameter and column that would hide a fact, a counter or a parameter."""
    for document in documents:
        bare: set[str] = set()
        for name, _ in items(document.root.get(Text("parameters"))):
            bare.add(str(name))
            if name in SYNTAX:
                _taken(name, f"`{name}` is a word of conditions", notes)
            for written in (str(name), f"{document.id}.{name}"):
                if written in vocabulary.facts:
                    _hides(name, f"the parameter `{written}` is called like a fact", notes)
        for column in _columns(document):
            if column in vocabulary.facts or column in parameters or column in bare:
                _hides(column, f"the column `{column}` is called like a fact or a parameter", notes)


def check_targets(documents: tuple[Document, ...], vocabulary: Vocabulary, notes: Notes) -> None:
    """Add a finding for each class, prompt or action that ``before:`` or ``never_say:`` could not tell from another."""
    for name, found in vocabulary.classes.items():
        if name in TARGETS or name in vocabulary.actions:
            _taken(Text(name, found.span), f"the class `{name}` is called like {_what(name, 'an action')}", notes)
    for name, action in vocabulary.actions.items():
        if name in TARGETS:
            _taken(Text(name, action.span), f"the action `{name}` is called like {_what(name, '')}", notes)
    others = {**dict.fromkeys(vocabulary.actions, "an action"), **dict.fromkeys(vocabulary.classes, "a class")}
    for document in documents:
        for name, _ in items(document.root.get(Text("prompts"))):
            if name in TARGETS or name in others:
                _taken(name, f"the prompt `{name}` is called like {_what(name, others.get(name, ''))}", notes)


def _columns(document: Document) -> Iterator[Text]:
    for _, table in items(document.root.get(Text("tables"))):
        if isinstance(table, Map):
            yield from mapping(table, "columns")


def _what(name: str, other: str) -> str:
    return f"the word `{name}` of `before`" if name in TARGETS else other


def _taken(name: Text, message: str, notes: Notes) -> None:
    notes.error(name.span, "name-taken", message, "choose another name")


def _hides(name: Text, message: str, notes: Notes) -> None:
    notes.error(name.span, "name-taken", message, "choose another name: it would be read in its place")
