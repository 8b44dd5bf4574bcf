"""Prompt documents to sentences in every locale, and what saying each gives away."""

from collections.abc import Mapping

from engine.bundle import Prompt, Template, Vocabulary
from engine.compiler.context import Notes, items, text, texts
from engine.expressions.scope import Scope
from engine.expressions.template import parse_template
from engine.source.documents import Document
from engine.source.span import Span
from engine.source.tree import Map, Text


def prompt_ids(documents: tuple[Document, ...]) -> frozenset[str]:
    """Return the ids of all prompts that are written in any locale."""
    return frozenset(str(name) for d in documents for name, _ in items(d.root.get(Text("prompts"))))


def link_prompts(
    documents: tuple[Document, ...], vocabulary: Vocabulary, scope: Scope, notes: Notes
) -> tuple[dict[str, Prompt], tuple[str, ...]]:
    """Return every prompt, united over its locales, and the locales in which every prompt can be said.

    A prompt discloses the classes of the facts it names, in any branch and any locale, and those its
    author declares for its own words.
    """
    written: dict[str, dict[str, tuple[Text, Text, Map | None]]] = {}
    policy_owned: set[str] = set()
    locales: dict[str, None] = {}
    for document in documents:
        locale = str(text(document.root, "locale"))
        locales[locale] = None
        for name, body in items(document.root.get(Text("prompts"))):
            said = body if isinstance(body, Text) else text(body, "text") if isinstance(body, Map) else Text("")
            held = written.setdefault(str(name), {})
            if locale in held:
                notes.error(
                    name.span, "declared-twice", f"the prompt `{name}` is written twice in {locale}", "keep one"
                )
                continue
            held[locale] = (name, said, body if isinstance(body, Map) else None)
            if document.path.parts[:1] == ("policies",):
                policy_owned.add(str(name))
    prompts = {
        name: _prompt(name, forms, name in policy_owned, vocabulary, scope, notes) for name, forms in written.items()
    }
    for prompt, forms in written.items():
        for locale in locales:
            if locale not in forms:
                place = next(iter(forms.values()))[0]
                notes.error(
                    place.span,
                    "not-translated",
                    f"the prompt `{prompt}` is not written in {locale}",
                    f"write `{prompt}` in the {locale} prompts",
                )
    complete = tuple(sorted(loc for loc in locales if all(loc in forms for forms in written.values())))
    return prompts, complete


def _prompt(
    name: str,
    forms: Mapping[str, tuple[Text, Text, Map | None]],
    policy_owned: bool,
    vocabulary: Vocabulary,
    scope: Scope,
    notes: Notes,
) -> Prompt:
    discloses: set[str] = set()
    declared: set[str] | None = None
    because = ""
    found: dict[str, Template] = {}
    spans: dict[str, Span] = {}
    for locale, (key, said, body) in forms.items():
        if not said.strip():
            notes.error(key.span, "missing-setting", f"the prompt `{name}` says nothing", "write its `text`")
        tree, wrong = parse_template(said, scope)
        notes.extend(wrong)
        names = tree.names if tree else ()
        discloses |= {vocabulary.facts[n].discloses for n in names if n in vocabulary.facts} - {""}
        if body is not None and Text("discloses") in body:
            declared = declared or set()
            for given in texts(body.get(Text("discloses"))):
                if given not in vocabulary.classes:
                    notes.unknown(given, "class", vocabulary.classes)
                declared.add(str(given))
            because = because or str(text(body, "because"))
        found[locale] = Template(tree.source if tree else str(said), names, span=said.span)
        spans[locale] = key.span
    return Prompt(
        name,
        found,
        frozenset(discloses | (declared or set())),
        None if declared is None else frozenset(declared),
        because,
        policy_owned,
        spans,
    )
