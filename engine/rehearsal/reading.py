"""Small readers of located values that gather findings."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from engine.bundle import Vocabulary
from engine.expressions.tree import Value
from engine.expressions.values import parse_value
from engine.source.finding import Finding
from engine.source.span import Span
from engine.source.suggest import suggest
from engine.source.tree import Map, Node, Seq, Text
from engine.terms import FactSource, ValueType

FIRST_YEAR, LAST_YEAR = 1970, 2199
"""The years in which anything can be told to happen."""


@dataclass(frozen=True, slots=True)
class Names:
    """A list of located names, and where the list itself stands."""

    span: Span
    items: tuple[Text, ...]


class Findings:
    """Findings gathered while a scenario is read."""

    def __init__(self) -> None:
        self._found: list[Finding] = []

    def add(self, span: Span, rule: str, message: str, help: str) -> None:
        """Add an error at *span*."""
        self._found.append(Finding(span, rule, message, help))

    def known(self, name: Text, what: str, declared: Collection[str]) -> bool:
        """Return whether *name* is one of *declared*; say so where it is not."""
        if name in declared:
            return True
        names = tuple(declared)
        near = suggest(name, names)
        rule = f"unknown-{what.partition(' of ')[0].replace(' ', '-')}"
        self.add(name.span, rule, f"there is no {what} `{name}`", _mend(near, names, what))
        return False

    def all(self) -> tuple[Finding, ...]:
        """Return the findings by place."""
        return tuple(sorted(self._found, key=lambda f: (f.span, f.rule, f.message)))


def _mend(near: str | None, names: tuple[str, ...], what: str) -> str:
    if near:
        return f"did you mean `{near}`?"
    if 0 < len(names) <= 8:
        return "write one of " + ", ".join(f"`{name}`" for name in names)
    return f"name a {what} that the bundle declares"


def entries(node: Node | None) -> Iterator[tuple[Text, Node]]:
    """Yield the entries of a mapping; nothing for anything else."""
    if isinstance(node, Map):
        yield from node.items()


def under(node: Map, key: str) -> Node | None:
    """Return what stands under *key*, or None."""
    return node.get(Text(key))


def word(node: Map, key: str) -> Text | None:
    """Return the text under *key*, or None."""
    value = under(node, key)
    return value if isinstance(value, Text) else None


def maps(node: Node | None, what: str, found: Findings) -> tuple[Map, ...]:
    """Return the mappings of a list; anything else is a finding."""
    if node is None:
        return ()
    if not isinstance(node, Seq):
        found.add(node.span, "wrong-shape", f"{what} are a list", "write each on its own line, opened by `- `")
        return ()
    for item in node:
        if not isinstance(item, Map):
            found.add(item.span, "wrong-shape", f"one of the {what} is no list of `name: value`", "write `name: value`")
    return tuple(item for item in node if isinstance(item, Map))


def names(node: Node | None, found: Findings) -> Names | None:
    """Return one name or a list of names; None where nothing is written."""
    if node is None:
        return None
    if isinstance(node, Text):
        return Names(node.span, (node,))
    if isinstance(node, Map):
        found.add(node.span, "wrong-shape", "this is a list of names", "write `[one, two]`, or one name")
        return None
    for item in node:
        if not isinstance(item, Text):
            found.add(item.span, "wrong-shape", "this is a list of names", "write `[one, two]`")
    return Names(node.span, tuple(item for item in node if isinstance(item, Text)))


def instant(node: Node | None, found: Findings) -> datetime | None:
    """Return a date and time with its offset from UTC; anything else is a finding."""
    mend = "write it as `2026-03-10T14:00:00-05:00`"
    if not isinstance(node, Text):
        if node is not None:
            found.add(node.span, "wrong-type", "this is a date and time", mend)
        return None
    at, wrong = read_instant(node)
    if at is None:
        found.add(node.span, "wrong-type", f"`{node[:40]}` {wrong}", mend)
    return at


def read_instant(written: str) -> tuple[datetime | None, str]:
    """Return the date and time that *written* is, with its offset; or None, and what is wrong with it."""
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return None, "is not a date and time"
    if at.tzinfo is None:
        return None, "does not say how far it is from UTC"
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        return None, f"is not between the years {FIRST_YEAR} and {LAST_YEAR}"
    return at, ""


def fraction(node: Node | None, found: Findings) -> float | None:
    """Return a number from 0 to 1; anything else is a finding."""
    if node is None:
        return None
    try:
        part = float(node) if isinstance(node, Text) else -1.0
    except ValueError:
        part = -1.0
    if 0 <= part <= 1:
        return part
    found.add(node.span, "wrong-type", "`played` is how much was heard, from 0 to 1", "write `0.5` for half of it")
    return None


def typed(node: Node, kind: ValueType, allowed: tuple[str, ...], found: Findings) -> Value:
    """Return the canonical value of *node* for a place of type *kind*, or None with a finding."""
    try:
        return parse_value(node, kind, allowed)
    except ValueError as wrong:
        found.add(node.span, "wrong-type", str(wrong), f"write a value of type {kind}")
        return None


def facts(node: Node | None, vocabulary: Vocabulary, found: Findings) -> dict[str, Value]:
    """Return what is given of the world, typed by the vocabulary.

    Only what a host or its ledger knows can be given: a scenario opens no gate that
    rules, the clock, the history or the callee's own words must open.
    """
    if node is not None and not isinstance(node, Map):
        found.add(node.span, "wrong-shape", "facts are given as `name: value`", "write `account.balance: 240.00`")
    given: dict[str, Value] = {}
    for name, value in entries(node):
        if found.known(name, "fact", vocabulary.facts) and _givable(name, vocabulary, found):
            fact = vocabulary.facts[str(name)]
            read = typed(value, fact.type, fact.values, found)
            if read is not None:
                given[fact.name] = read
    return given


_INSTEAD = {
    FactSource.CLOCK: ("comes from the clock", "set `at:`, or name `zones:`"),
    FactSource.ENGINE: ("is what the engine sees for itself", "delete it"),
    FactSource.POLICY: ("is set by rules alone", "tell what the callee says that makes a rule set it"),
    FactSource.HEARD: ("is what the callee says", "let the callee say it in the call"),
    FactSource.FLOW: ("is set by the flow alone", "tell the part of the call that sets it"),
}


def _givable(name: Text, vocabulary: Vocabulary, found: Findings) -> bool:
    origin = vocabulary.facts[str(name)].origin
    if str(name) in vocabulary.counters:
        found.add(name.span, "not-given", f"`{name}` is counted, not given", "list the contacts under `history:`")
    elif name.startswith("suppressed."):
        mend = "write `suppressions: [{scope: phone, reason: dnc}]`"
        found.add(name.span, "not-given", f"`{name}` comes from the suppressions", mend)
    elif origin in _INSTEAD:
        where, mend = _INSTEAD[origin]
        found.add(name.span, "not-given", f"`{name}` {where}", mend)
    else:
        return True
    return False
