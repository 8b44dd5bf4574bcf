"""Small dangerous edits of a bundle, one at a time.

Each takes away or weakens one thing that somebody wrote: a rule, a condition, an
exemption, an item of a list, a limit, a target. They are made on the located tree,
so nothing depends on how a file is laid out.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from engine.rehearsal.edits import Place, put, reworded, root_of, without
from engine.source.documents import Document
from engine.source.span import Span
from engine.source.tree import Map, Node, Seq, Text
from engine.terms import Kind

DELETIONS = frozenset({"rule-deleted", "condition-deleted", "exemption-deleted"})
"""Kinds of which each edit must be noticed or listed: nothing that binds may vanish unseen."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One small edit.

    Args:
        kind: What sort of edit it is, as ``condition-deleted``.
        where: What it touches, by name: ``us.frequency/rules/us.frequency.cooldown/unless``.
        what: What it does, in words.
        span: Where that stands.
        document: The whole document as edited.
    """

    kind: str
    where: str
    what: str
    span: Span
    document: Document

    @property
    def name(self) -> str:
        """Return what names this edit everywhere; it does not change when lines move."""
        return f"{self.kind} {self.where}"


@dataclass(frozen=True, slots=True)
class _Edit:
    kind: str
    place: Place
    what: str
    root: Map
    detail: str = ""


def mutants(documents: Sequence[Document]) -> Iterator[Mutant]:
    """Yield every edit of *documents*, in order of file and line."""
    dispositions = _named(documents, Kind.VOCABULARY, "dispositions")
    places = _named(documents, Kind.VOCABULARY, "places")
    for document in sorted(documents, key=lambda d: d.path):
        edits: Iterator[_Edit] = iter(())
        if document.kind is Kind.POLICY:
            edits = _policy(document.root, places)
        elif document.kind is Kind.VOCABULARY:
            edits = _vocabulary(document.root)
        elif document.kind is Kind.FLOW:
            edits = _flow(document.root, dispositions)
        elif document.kind is Kind.PROMPTS:
            edits = _prompts(document.root)
        seen: set[str] = set()
        for edit in edits:
            where = "/".join((str(document.id), *edit.place.words, *([edit.detail] if edit.detail else [])))
            if f"{edit.kind} {where}" not in seen:
                seen.add(f"{edit.kind} {where}")
                edited = replace(document, root=edit.root)
                yield Mutant(edit.kind, where, edit.what, edit.place.span, edited)


def _named(documents: Sequence[Document], kind: Kind, key: str) -> tuple[str, ...]:
    names = [
        str(name) for document in documents if document.kind is kind for name in _map(document.root.get(Text(key)))
    ]
    return tuple(names)


def _map(node: Node | None) -> Map:
    return node if isinstance(node, Map) else Map()


def _deleted(root: Map, kind: str, place: Place, what: str) -> _Edit:
    return _Edit(kind, place, what, without(root, place.steps))


def _reworded(root: Map, kind: str, place: Place, written: str, what: str) -> _Edit:
    assert isinstance(place.node, Text)
    return _Edit(kind, place, what, put(root, place.steps, reworded(place.node, written)), f"becomes {written}")


# ------------------------------------------------------------------ conditions


def _conditions(root: Map, place: Place | None, whole: str) -> Iterator[_Edit]:
    """Yield edits of a ``when`` or ``unless``: each condition in it left out or turned, and the whole of it."""
    if place is None:
        return
    named = "exemption" if place.key == "unless" else "condition"
    yield _deleted(root, f"{named}-deleted", place, f"{whole} without its `{place.key}`")
    yield from _within(root, place)


def _within(root: Map, place: Place) -> Iterator[_Edit]:
    if isinstance(place.node, Text):
        yield from _turned(root, place)
    elif isinstance(place.node, Seq):
        items = list(place.entries())
        for item in items:
            if len(items) > 1:
                yield _deleted(root, "condition-deleted", item, f"`{_short(item.node)}` is no longer asked")
            yield from _within(root, item)
    elif isinstance(place.node, Map):
        for part in place.entries():
            yield from _within(root, part)


def _short(node: Node) -> str:
    if isinstance(node, Text):
        return str(node)
    if isinstance(node, Seq):
        return ", ".join(_short(item) for item in node)
    return "; ".join(f"{key}: {_short(value)}" for key, value in node.items())


_BY_ONE = {">=": ">", ">": ">=", "<=": "<", "<": "<="}
_TURNED = {">=": "<", ">": "<=", "<=": ">", "<": ">=", "==": "!=", "!=": "=="}
_COMPARED = re.compile(r" (==|!=|<=|>=|<|>) ")
_LISTED = re.compile(r"\[([^\[\]]*,[^\[\]]*)\]")


def _turned(root: Map, place: Place) -> Iterator[_Edit]:
    """Yield edits of one condition: turned round, moved by one, a value of its list left out."""
    written = str(place.node)
    compared = list(_COMPARED.finditer(written))
    for match in compared:
        for kind, becomes in (("comparison-moved", _BY_ONE), ("comparison-turned", _TURNED)):
            if match[1] in becomes:
                other = f"{written[: match.start(1)]}{becomes[match[1]]}{written[match.end(1) :]}"
                yield _reworded(root, kind, place, other, f"`{written}` becomes `{other}`")
    if compared:
        return
    for one, other in ((" is known", " is unknown"), (" is unknown", " is known"), (" in ", " not in ")):
        if one in written and " not in " not in written:
            turned = written.replace(one, other, 1)
            yield _reworded(root, "comparison-turned", place, turned, f"`{written}` becomes `{turned}`")
            break
    else:
        turned = written.removeprefix("not ") if written.startswith("not ") else f"not {written}"
        yield _reworded(root, "comparison-turned", place, turned, f"`{written}` becomes `{turned}`")
    for match in _LISTED.finditer(written):
        items = [item.strip() for item in match[1].split(",")]
        for item in items:
            rest = ", ".join(other for other in items if other != item)
            fewer = f"{written[: match.start()]}[{rest}]{written[match.end() :]}"
            yield _reworded(root, "item-deleted", place, fewer, f"`{item}` is left out of `{written}`")


# -------------------------------------------------------------------- policies

_LISTS = ("never_say", "never_do", "only_say", "before", "do", "only_between")
_EFFECTS = (*_LISTS, "must_say", "derive", "suppress", "end_call", "deny", "route", "warn")
_NARROWER = {"phone": "number", "person": "debt", "debt": "number", "account": "debt", "number": "debt"}


def _policy(root: Map, places: Sequence[str]) -> Iterator[_Edit]:
    whole = root_of(root)
    if (place := whole.under("place")) is not None:
        for other in [name for name in places if name != place.node][:1]:
            yield _reworded(root, "place-swapped", place, other, f"the policy binds in {other} alone")
    if (applies := whole.under("applies_when")) is not None:
        yield from _conditions(root, applies, "the policy")
    if whole.under("status") is None or whole.node.get(Text("status")) != "proposed":  # type: ignore[union-attr]
        proposed = put(root, ("status",), Text("proposed", root.span))
        yield _Edit("not-enforced", replace(whole, words=("status",)), "the policy is no longer enforced", proposed)
    for parameter in _entries(whole, "parameters"):
        for dated in _entries(parameter, "values"):
            dated = replace(dated, words=(*parameter.words, str(_map(dated.node).get(Text("from"), ""))))
            yield from _limit(root, dated.under("is"))
            yield from _day(root, dated.under("from"))
    for table in _entries(whole, "tables"):
        yield from _table(root, table)
    for rule in _entries(whole, "rules"):
        yield from _rule(root, rule)


def _entries(place: Place, key: str) -> Iterator[Place]:
    under = place.under(key)
    if under is not None:
        yield from under.entries()


def _rule(root: Map, rule: Place) -> Iterator[_Edit]:
    name = rule.key
    yield _deleted(root, "rule-deleted", rule, f"there is no rule `{name}`")
    for key in ("when", "unless"):
        yield from _conditions(root, rule.under(key), f"`{name}`")
    for key in ("from", "until"):
        dated = rule.under(key)
        if dated is not None:
            yield _deleted(root, "date-deleted", dated, f"`{name}` has no `{key}`")
            yield from _day(root, dated)
    yield from _limit(root, rule.under("within"))
    effects = [effect for key in _EFFECTS if (effect := rule.under(key)) is not None]
    for effect in effects:
        if len(effects) > 1:
            yield _deleted(root, "effect-deleted", effect, f"`{name}` no longer says `{effect.key}`")
        yield from _items(root, effect, f"`{name}`")
        if effect.key == "suppress" and (scope := effect.under("scope")) is not None:
            narrower = _NARROWER.get(str(scope.node), "number")
            yield _reworded(root, "scope-narrowed", scope, narrower, f"`{name}` suppresses the {narrower} alone")
        if effect.key == "derive":
            for derived in effect.entries():
                if derived.node in ("true", "false"):
                    other = "false" if derived.node == "true" else "true"
                    yield _reworded(root, "value-turned", derived, other, f"`{derived.key}` becomes {other}")


def _items(root: Map, place: Place, whose: str) -> Iterator[_Edit]:
    """Yield each item of a list, or of settings that a list's item may be, left out while others stay."""
    if isinstance(place.node, Seq | Map) and place.key not in ("suppress", "only_between"):
        items = list(place.entries())
        for item in items:
            if len(items) > 1:
                yield _deleted(root, "item-deleted", item, f"{whose} without `{item.key}` in its `{place.key}`")


_COUNTED = re.compile(r"\A'?(\d+)((?:\.\d+)?)((?: \w+)?)\Z")
_CLOCK = re.compile(r"\A(\d\d):(\d\d)\Z")


def _limit(root: Map, place: Place | None) -> Iterator[_Edit]:
    """Yield a limit one higher and one lower, a time of day half an hour later and earlier."""
    if place is None or not isinstance(place.node, Text):
        return
    counted, clock = _COUNTED.match(place.node), _CLOCK.match(place.node)
    if counted:
        for kind, more in (("limit-raised", 1), ("limit-lowered", -1)):
            number = int(counted[1]) + more
            unit = _unit(counted[3], number)
            yield _reworded(root, kind, place, f"{number}{counted[2]}{unit}", f"{place.node} becomes {number}{unit}")
    elif clock:
        for kind, more in (("limit-raised", 30), ("limit-lowered", -30)):
            minutes = (int(clock[1]) * 60 + int(clock[2]) + more) % 1440
            other = f"{minutes // 60:02}:{minutes % 60:02}"
            yield _reworded(root, kind, place, other, f"{place.node} becomes {other}")


def _unit(written: str, number: int) -> str:
    one = written.removesuffix("s")
    return "" if not written else one if number == 1 else f"{one}s"


_DATE = re.compile(r"\A(\d{4})(-\d\d-\d\d)\Z")


def _day(root: Map, place: Place | None) -> Iterator[_Edit]:
    """Yield a date a year later: what began then begins later."""
    if place is not None and isinstance(place.node, Text) and (match := _DATE.match(place.node)):
        later = f"{int(match[1]) + 1}{match[2]}"
        if match[2] != "-02-29":
            yield _reworded(root, "date-moved", place, later, f"{place.node} becomes {later}")


def _table(root: Map, table: Place) -> Iterator[_Edit]:
    columns = [(str(name), str(kind)) for name, kind in _map(_map(table.node).get(Text("columns"))).items()]
    rows = list(_entries(table, "rows"))
    for number, row in enumerate(rows):
        if len(rows) > 1:
            yield _deleted(root, "row-deleted", row, f"the row `{row.key}` of `{table.key}` is gone")
        for cell, (column, kind) in zip(row.entries(), columns, strict=False):
            named = replace(cell, words=(*row.words, column))
            if kind in ("int", "money", "time", "duration"):
                yield from _limit(root, named)
            elif kind == "date":
                yield from _day(root, named)
            elif kind in ("fact", "counter") and len(rows) > 1:
                other = rows[(number + 1) % len(rows)].node
                assert isinstance(other, Seq)
                cells = [str(c) for c in other]
                at = int(named.steps[-1])
                if at < len(cells) and cells[at] != cell.node:
                    yield _reworded(root, "name-swapped", named, cells[at], f"`{cell.node}` becomes `{cells[at]}`")


# ------------------------------------------------------------------ vocabulary


def _vocabulary(root: Map) -> Iterator[_Edit]:
    whole = root_of(root)
    for place in _entries(whole, "places"):
        if (within := place.under("within")) is not None:
            yield _deleted(root, "setting-deleted", within, f"`{place.key}` lies within nothing")
    for fact in _entries(whole, "facts"):
        yield from _fact(root, fact)
    for counter in _entries(whole, "counters"):
        yield from _conditions(root, counter.under("where"), f"`{counter.key}`")
        for key in ("counts", "per"):
            if (listed := counter.under(key)) is not None:
                yield from _items(root, listed, f"`{counter.key}`")
    protected = whole.under("protected")
    if protected is not None:
        items = list(protected.entries())
        yield from _items(root, protected, "the vocabulary")
        for one, other in pairwise(items):
            swapped = put(put(root, one.steps, other.node), other.steps, one.node)
            yield _Edit("order-swapped", one, f"`{other.key}` is more urgent than `{one.key}`", swapped, other.key)


def _fact(root: Map, fact: Place) -> Iterator[_Edit]:
    for key in ("initially", "lasts", "discloses", "spoken", "locates", "identifies"):
        setting = fact.under(key)
        if setting is not None:
            yield _deleted(root, "setting-deleted", setting, f"`{fact.key}` without its `{key}`")
    initially, lasts = fact.under("initially"), fact.under("lasts")
    if initially is not None and initially.node in ("true", "false"):
        other = "false" if initially.node == "true" else "true"
        yield _reworded(root, "value-turned", initially, other, f"`{fact.key}` begins as {other}")
    if lasts is not None and lasts.node == "call":
        yield _reworded(root, "value-turned", lasts, "person", f"`{fact.key}` is forgotten with its person")


# ----------------------------------------------------------------------- flows

_MANY = 9


def _flow(root: Map, dispositions: Sequence[str]) -> Iterator[_Edit]:
    whole = root_of(root)
    states = tuple(place.key for place in _entries(whole, "states"))
    ends = [str(end) for end in dict.fromkeys(_under_all(root, "end"))] or list(dispositions)
    outcomes = [str(outcome) for outcome in dict.fromkeys(_under_all(root, "outcome"))]
    names = {"go": states, "end": ends, "outcome": outcomes}
    for trigger in _entries(whole, "anytime"):
        yield from _handler(root, trigger, names)
    for state in _entries(whole, "states"):
        for key in ("silence", "unclear"):
            yield from _reask(root, state.under(key), names)
        for key in ("say", "asks"):
            if (listed := state.under(key)) is not None:
                yield from _items(root, listed, f"`{state.key}`")
        for key in ("hears", "outcomes"):
            for trigger in _entries(state, key):
                yield from _handler(root, trigger, names)
        if (then := state.under("then")) is not None:
            yield from _steps(root, then, names)
    for key in ("silence", "unclear"):
        yield from _reask(root, whole.under(key), names)
    if (blocked := whole.under("blocked")) is not None:
        yield from _step(root, blocked, names)


def _under_all(node: Node, key: str) -> Iterator[Text]:
    if isinstance(node, Map):
        for name, value in node.items():
            if name == key and isinstance(value, Text):
                yield value
            yield from _under_all(value, key)
    elif isinstance(node, Seq):
        for item in node:
            yield from _under_all(item, key)


def _handler(root: Map, trigger: Place, names: dict[str, Sequence[str]]) -> Iterator[_Edit]:
    yield _deleted(root, "handler-deleted", trigger, f"`{trigger.key}` is not answered here")
    yield from _steps(root, trigger, names)


def _steps(root: Map, place: Place, names: dict[str, Sequence[str]]) -> Iterator[_Edit]:
    if not isinstance(place.node, Seq):
        yield from _step(root, place, names)
        return
    items = list(place.entries())
    for step in items:
        if len(items) > 1:
            yield _deleted(root, "step-deleted", step, f"`{place.key}` without its step {step.key}")
        yield from _step(root, step, names)


def _step(root: Map, step: Place, names: dict[str, Sequence[str]]) -> Iterator[_Edit]:
    yield from _conditions(root, step.under("when"), "a step")
    for key in ("do", "set", "say"):
        part = step.under(key)
        if part is not None:
            yield _deleted(root, "effect-deleted", part, f"a step without its `{key}`")
            yield from _items(root, part, "a step")
    for key, known in names.items():
        target = step.under(key)
        if target is not None and target.node in known and len(known) > 1:
            other = known[(list(known).index(str(target.node)) + 1) % len(known)]
            yield _reworded(root, "target-swapped", target, other, f"`{key}: {target.node}` becomes `{key}: {other}`")
    again = step.under("again")
    if again is not None and again.node != str(_MANY):
        yield _reworded(root, "limit-raised", again, str(_MANY), f"`again: {again.node}` becomes {_MANY}")


def _reask(root: Map, place: Place | None, names: dict[str, Sequence[str]]) -> Iterator[_Edit]:
    if place is None:
        return
    yield _deleted(root, "handler-deleted", place, f"`{place.key}` is not answered here")
    times = place.under("times")
    if times is not None and times.node != str(_MANY):
        yield _reworded(root, "limit-raised", times, str(_MANY), f"asked {times.node} times becomes {_MANY}")
    if (then := place.under("then")) is not None:
        yield from _step(root, then, names)


# --------------------------------------------------------------------- prompts


def _prompts(root: Map) -> Iterator[_Edit]:
    for prompt in _entries(root_of(root), "prompts"):
        discloses = prompt.under("discloses")
        if discloses is not None and isinstance(discloses.node, Seq):
            for item in discloses.entries():
                yield _deleted(root, "item-deleted", item, f"`{prompt.key}` no longer says that it tells of {item.key}")
