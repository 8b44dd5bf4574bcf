"""Edits that change nothing that matters, each listed with the reason why nobody need notice it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from engine.source.finding import Finding, Level
from engine.source.span import Span
from engine.source.syntax import parse
from engine.source.tree import Map, Node, Seq, Text

FILE = PurePosixPath("equivalent_mutants.yaml")
"""Where a bundle lists them: beside its `flows` and `policies`."""

LEAST_REASON = 20
"""Characters that a reason has at least."""


@dataclass(frozen=True, slots=True)
class Equivalent:
    """An edit, by its name, and why it changes nothing that matters."""

    edit: str
    reason: str
    span: Span


def read_equivalents(text: str) -> tuple[tuple[Equivalent, ...], tuple[Finding, ...]]:
    """Return the edits that *text*, the file's, lists, and what is wrong with the other entries."""
    parsed = parse(text, FILE)
    if any(f.level is Level.ERROR for f in parsed.findings):
        return (), parsed.findings
    listed = parsed.root.get(Text("equivalent")) if isinstance(parsed.root, Map) else None
    if not isinstance(listed, Seq):
        mend = "write `equivalent:` and under it, for each edit, `- edit:` and `reason:`"
        return (), (Finding(Span(FILE, 1, 1), "wrong-shape", "this file lists no edits", mend),)
    held: dict[str, Equivalent] = {}
    found: list[Finding] = []
    for entry in listed:
        one = _entry(entry)
        if isinstance(one, Finding):
            found.append(one)
        elif one.edit in held:
            message = "this edit is listed twice"
            found.append(Finding(one.span, "declared-twice", message, "delete one of the entries"))
        else:
            held[one.edit] = one
    return tuple(held.values()), tuple(found)


def _entry(entry: Node) -> Equivalent | Finding:
    mend = "write `- edit:` with the name that `callwright mutate` prints, and `reason:`"
    if not isinstance(entry, Map):
        return Finding(entry.span, "wrong-shape", "an entry has an `edit` and a `reason`", mend)
    for key in entry:
        if key not in ("edit", "reason"):
            return Finding(key.span, "unknown-setting", f"`{key}` is not a setting here", mend)
    edit, reason = entry.get(Text("edit")), entry.get(Text("reason"))
    if not isinstance(edit, Text) or not edit.strip():
        return Finding(entry.span, "missing-setting", "this entry does not say which edit it is about", mend)
    if not isinstance(reason, Text) or len(reason.strip()) < LEAST_REASON:
        say = "say in a sentence why nobody need notice it"
        return Finding(edit.span, "missing-setting", "this entry gives no reason", say)
    return Equivalent(str(edit), str(reason), edit.span)


def unused(listed: Iterable[Equivalent], names: Collection[str], noticed: Collection[str]) -> tuple[Finding, ...]:
    """Return a finding for each entry that names no edit, or one that is noticed after all.

    Args:
        listed: The entries.
        names: The name of every edit that the bundle offers.
        noticed: The names of those that were tried and noticed.
    """
    found: list[Finding] = []
    for one in listed:
        if one.edit not in names:
            found.append(_unused(one, "the bundle offers no such edit"))
        elif one.edit in noticed:
            found.append(_unused(one, "this edit is noticed, so it is not equivalent"))
    return tuple(found)


def _unused(one: Equivalent, message: str) -> Finding:
    return Finding(one.span, "unused-equivalent", message, "delete the entry", level=Level.WARNING)
