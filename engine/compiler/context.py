"""What the linking passes share: the findings, and small readers of located values."""

from collections.abc import Iterable, Iterator

from engine.source.finding import Finding, Level
from engine.source.span import Span
from engine.source.suggest import did_you_mean
from engine.source.tree import Map, Node, Seq, Text


class Notes:
    """Findings gathered while linking; the one mutable thing of the compiler."""

    def __init__(self) -> None:
        self._found: list[Finding] = []

    def error(self, span: Span, rule: str, message: str, help: str = "", where: str = "") -> None:
        """Add an error."""
        self._found.append(Finding(span, rule, message, help, where=where))

    def warn(self, span: Span, rule: str, message: str, help: str = "", where: str = "") -> None:
        """Add a warning."""
        self._found.append(Finding(span, rule, message, help, level=Level.WARNING, where=where))

    def unknown(self, name: Text, what: str, known: Iterable[str], where: str = "") -> None:
        """Add that *name* is no known *what* (``state``, ``prompt`` …), with the nearest known name."""
        mend = did_you_mean(name, known) or f"declare `{name}`, or use {article(what)} {what} that exists"
        self.error(name.span, f"unknown-{what.replace(' ', '-')}", f"there is no {what} `{name}`", mend, where)

    def extend(self, findings: Iterable[Finding]) -> None:
        """Add findings made elsewhere."""
        self._found.extend(findings)

    def all(self) -> tuple[Finding, ...]:
        """Return the findings by place, each once: what states share is linked for each of them."""
        return tuple(sorted(dict.fromkeys(self._found), key=lambda f: (f.span, f.rule, f.message)))


def article(word: str) -> str:
    """Return ``a`` or ``an``, as goes before *word*."""
    return "an" if word[0] in "aeiou" else "a"


def texts(node: Node | None) -> tuple[Text, ...]:
    """Return a text, or each text of a list; nothing for anything else."""
    if isinstance(node, Text):
        return (node,)
    if isinstance(node, Seq):
        return tuple(item for item in node if isinstance(item, Text))
    return ()


def text(node: Map, key: str, default: str = "") -> Text:
    """Return the text under *key*, or *default* at the mapping's place."""
    value = node.get(Text(key))
    return value if isinstance(value, Text) else Text(default, node.span)


def mapping(node: Map, key: str) -> Map:
    """Return the mapping under *key*, or an empty one."""
    value = node.get(Text(key))
    return value if isinstance(value, Map) else Map((), node.span)


def items(node: Node | None) -> Iterator[tuple[Text, Node]]:
    """Yield the entries of a mapping; nothing for anything else."""
    if isinstance(node, Map):
        yield from node.items()


def steps_of(node: Node | None) -> tuple[Map, ...]:
    """Return the steps of a handler: one, or a list of them."""
    if isinstance(node, Map):
        return (node,)
    if isinstance(node, Seq):
        return tuple(item for item in node if isinstance(item, Map))
    return ()
