"""What an editor shows at one place: names and settings to choose from, and what a name is.

A file is seldom whole while it is typed, so the place is found by its line and
indentation and not by the tree.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.source.schema import Schema, packaged, resolve, setting
from engine.terms import EVENTS, Kind
from engine.views.typing.names import Named, Names

_WORD = re.compile(r"[A-Za-z][\w.-]*(?:\[[^\]\s]+\])?")
_KEY = re.compile(r"^(?P<indent>\s*)(?:- )*(?P<key>[A-Za-z_][\w.-]*):(?:\s|$)")
_TYPED = re.compile(r"(?:^|[\s{,\[])(?P<key>[A-Za-z_][\w.-]*):(?=\s|$)")
_KIND = re.compile(r"^kind:\s*(\w+)", re.MULTILINE)
_ID = re.compile(r"^id:\s*(\S+)", re.MULTILINE)

WANTED: Mapping[str, tuple[str, ...]] = {
    "go": ("state",), "start": ("state",), "state": ("state",), "end": ("disposition",), "ends": ("disposition",),
    "end_call": ("disposition",), "say": ("prompt",), "says": ("prompt",), "must_say": ("prompt",),
    "only_say": ("prompt",), "never_say": ("class", "prompt"), "before": ("class", "action"), "never_do": ("action",),
    "do": ("action",), "use": ("flow",), "flow": ("flow",), "place": ("place",), "within": ("place",),
    "discloses": ("class",), "heard": ("intent",), "protected": ("intent",), "asks": ("fact",), "derive": ("fact",),
    "when": ("fact", "counter", "parameter"), "unless": ("fact", "counter", "parameter"), "set": ("fact",),
    "any": ("fact", "counter", "parameter"), "none": ("fact", "counter", "parameter"), "given": ("fact",),
    "never_disclosed": ("class",), "disclosed": ("class",), "denied_by": ("rule",), "prevented": ("rule",),
    "only_between": ("parameter",), "applies_when": ("fact", "counter"), "counter": ("counter",), "each": ("table",),
}
"""The sorts of names wanted after each setting."""

UNDER: Mapping[str, tuple[str, ...]] = {
    "hears": ("intent",), "anytime": ("intent",), "given": ("fact",), "set": ("fact",), "derive": ("fact",),
    "do": ("action",),
}
"""The sorts of names wanted as settings under each setting."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Something to choose: a name or a setting, its sort, and what it is."""

    name: str
    sort: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Uses:
    """How names are used elsewhere: scenarios by the state they come through."""

    stories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def offers(text: str, line: int, column: int, names: Names) -> tuple[Offer, ...]:
    """Return what can be chosen at a place of *text*; line and column count from 0."""
    lines = text.split("\n")
    before = lines[line][:column] if line < len(lines) else ""
    kind = _kind(text)
    typed = next(reversed(list(_TYPED.finditer(before))), None)
    if typed is not None and "}" not in before[typed.end() :]:
        return tuple(_names(typed["key"], text, names))
    above = _above(lines, line, len(before) - len(before.lstrip(" -")))
    owner = above[-1] if above else ""
    if before.lstrip().startswith("- ") and owner in WANTED:
        return tuple(_names(owner, text, names))
    found = [offer for sort in UNDER.get(owner, ()) for offer in _of(sort, text, names)]
    if found:
        return tuple(found)
    return tuple(_settings(kind, above)) if kind is not None else ()


def hover(text: str, line: int, column: int, names: Names, uses: Uses) -> str:
    """Return what is known of the word at a place, in Markdown, or nothing."""
    word = word_at(text, line, column)
    lines: list[str] = []
    for named in _meant(word, text, line, names):
        lines.append(f"**{named.sort} `{named.name}`**" + (f" in {named.document}" if named.document else ""))
        lines += [line for line in named.about.split("\n") if line]
        stories = uses.stories.get(named.name, ()) if named.sort == "state" else ()
        if named.sort == "state" and uses.stories:
            shown = ", ".join(stories[:5]) + (" …" if len(stories) > 5 else "")
            lines.append(f"in {len(stories)} scenarios: {shown}" if stories else "in no scenario")
    return "  \n".join(lines)


def declared(text: str, line: int, column: int, names: Names) -> tuple[Named, ...]:
    """Return where the word at a place is declared."""
    return _meant(word_at(text, line, column), text, line, names)


def word_at(text: str, line: int, column: int) -> str:
    """Return the name that stands at a place, or nothing."""
    lines = text.split("\n")
    if line >= len(lines):
        return ""
    return next((m[0] for m in _WORD.finditer(lines[line]) if m.start() <= column <= m.end()), "")


def _meant(word: str, text: str, line: int, names: Names) -> tuple[Named, ...]:
    """Return what *word* names; on a line whose setting wants a sort, of that sort before others."""
    if word.startswith(("heard.", "said.", "asked.", "suppressed.")):
        found = names.find(word) or names.find(word.partition(".")[2])
        return found[:1]
    found = names.find(word)
    if len(found) < 2:
        return found
    written = text.split("\n")[line]
    wanted = [sort for m in _KEY.finditer(written) for sort in WANTED.get(m["key"], ())]
    beside = re.finditer(r"([A-Za-z_]+):\s*\[?[^:]*\b" + re.escape(word), written)
    wanted += [sort for m in beside for sort in WANTED.get(m[1], ())]
    best = tuple(named for named in found if named.sort in wanted)
    return best or found


def _names(key: str, text: str, names: Names) -> Iterator[Offer]:
    for sort in WANTED.get(key, ()):
        yield from _of(sort, text, names)


def _of(sort: str, text: str, names: Names) -> Iterator[Offer]:
    own = _ID.search(text)
    if sort == "state" and own is not None and names.states_of(own[1]):
        found = names.of(f"state of {own[1]}")
    else:
        found = names.of(sort)
    for named in found.values():
        yield Offer(named.name, sort, named.about)
    if sort == "intent":
        yield from (Offer(event, "event") for event in EVENTS if event not in found)


def _above(lines: list[str], line: int, indent: int) -> list[str]:
    """Return the settings that a line lies under, the outermost first, by indentation."""
    found: list[str] = []
    for number in range(line - 1, -1, -1):
        match = _KEY.match(lines[number])
        if match is None:
            continue
        depth = len(match["indent"])
        if depth < indent:
            found.append(match["key"])
            indent = depth
        if depth == 0:
            break
    return found[::-1]


def _settings(kind: Kind, above: list[str]) -> Iterator[Offer]:
    """Yield the settings that the schema has under *above*."""
    whole = packaged(kind)
    part: Schema = whole
    for key in above:
        part = _object(setting(part, key), whole)
    for name, described in part.get("properties", {}).items():
        about = resolve(described, whole).get("description", "") if isinstance(described, dict) else ""
        yield Offer(name, "setting", about)


def _object(schema: Any, whole: Schema) -> Schema:
    """Return the choice of *schema* that takes settings."""
    if not isinstance(schema, dict):
        return {}
    found = resolve(schema, whole)
    for choice in found.get("oneOf", ()):
        candidate = _object(choice, whole)
        if candidate.get("type") == "object":
            return candidate
        if candidate.get("type") == "array" and (inner := _object(candidate.get("items", {}), whole)):
            return inner
    if found.get("type") == "array":
        return _object(found.get("items", {}), whole)
    return found


def _kind(text: str) -> Kind | None:
    match = _KIND.search(text)
    return Kind(match[1]) if match and match[1] in {kind.value for kind in Kind} else None
