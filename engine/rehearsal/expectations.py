"""What a scenario expects of a reply, of a decision to dial and of a whole call, each where it was written."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from engine.bundle import CompiledBundle, Vocabulary
from engine.expressions.tree import Value
from engine.rehearsal.reading import Findings, Names, entries, instant, names, typed, under, word
from engine.runtime.speaking import FAULT, UNKNOWN_FACT
from engine.source.span import Span
from engine.source.tree import Map, Node, Seq, Text
from engine.terms import Ask, ValueType

DUE = "due"
"""Beside the arguments of an action, the day by which it is due."""


@dataclass(frozen=True, slots=True)
class ReplyExpectation:
    """What one reply must be; None is not looked at.

    Args:
        heard: Exactly the intents accepted.
        says: Exactly the prompts spoken, inserted ones included, in order.
        says_any: One of these prompts is spoken.
        state: Where the dialogue then stands.
    """

    heard: Names | None = None
    says: Names | None = None
    says_any: Names | None = None
    state: Text | None = None


@dataclass(frozen=True, slots=True)
class DialExpectation:
    """What a decision to dial must be; None is not looked at.

    Args:
        allowed: Where ``allowed: true`` (or false) stands, and which it is.
        denied_by: Exactly the enforced rules that deny.
        next_allowed: The first later instant at which it would be allowed; (span, None) is never.
        route_human: Where it stands, and whether only a person may place the call.
        warns: Exactly the rules that warn.
        routed_by: Exactly the enforced rules that leave the call to a person.
        would_deny: Exactly the rules, proposed or stayed, that would deny it or leave it to a person.
    """

    allowed: tuple[Span, bool] | None = None
    denied_by: Names | None = None
    next_allowed: tuple[Span, datetime | None] | None = None
    route_human: tuple[Span, bool] | None = None
    warns: Names | None = None
    routed_by: Names | None = None
    would_deny: Names | None = None


@dataclass(frozen=True, slots=True)
class ActionExpectation:
    """An action that must come out, with at least these arguments, and by the day it is ``due``, if that is said."""

    name: Text
    arguments: Mapping[str, Value]
    due: date | None = None


@dataclass(frozen=True, slots=True)
class CallExpectation:
    """What must hold of the whole call; None is not looked at.

    Args:
        ends: The disposition.
        disclosed: Classes that were given away.
        never_disclosed: Classes that were not.
        says: Prompts that were spoken.
        never_says: Prompts that were not.
        actions: Exactly the actions, in order, and where the list stands.
        suppressions: Exactly the suppressions as (scope or '', reason), and where the list stands.
        prevented: Exactly the rules that held a planned turn back.
        derived: Facts as they stand at the end; None is unknown.
        max_turns: The most turns the call may take.
    """

    ends: Text | None = None
    disclosed: Names | None = None
    never_disclosed: Names | None = None
    says: Names | None = None
    never_says: Names | None = None
    actions: tuple[Span, tuple[ActionExpectation, ...]] | None = None
    suppressions: tuple[Span, tuple[tuple[str, str], ...]] | None = None
    prevented: Names | None = None
    derived: tuple[tuple[Text, Value], ...] = ()
    max_turns: tuple[Span, int] | None = None


def _known(listed: Names | None, what: str, known: Collection[str], found: Findings) -> Names | None:
    for item in listed.items if listed else ():
        found.known(item, what, known)
    return listed


def _yes_or_no(node: Node | None, found: Findings) -> tuple[Span, bool] | None:
    if node is None:
        return None
    if isinstance(node, Text) and node in ("true", "false"):
        return node.span, node == "true"
    found.add(node.span, "wrong-type", "this is `true` or `false`", "write one of them")
    return None


def read_reply(line: Map, bundle: CompiledBundle, flow: str, found: Findings) -> ReplyExpectation:
    """Return what *line* expects of the reply to it."""
    state = word(line, "state")
    if state is not None and flow in bundle.flows:
        found.known(state, "state", bundle.flows[flow].states)
    return ReplyExpectation(
        heard=_known(names(under(line, "heard"), found), "intent", _intents(bundle), found),
        says=_known(names(under(line, "says"), found), "prompt", bundle.prompts, found),
        says_any=_known(names(under(line, "says_any"), found), "prompt", bundle.prompts, found),
        state=state,
    )


@lru_cache(maxsize=4)
def _intents(bundle: CompiledBundle) -> frozenset[str]:
    return frozenset(spec.id for specs in bundle.intents.values() for spec in specs)


@lru_cache(maxsize=8)
def _rules(bundle: CompiledBundle, ask: Ask | None = None) -> frozenset[str]:
    """Return the rules that are asked at *ask*, or all."""
    return frozenset(rule.id for asked in bundle.rules.values() for rule in asked if ask in (None, rule.ask))


@lru_cache(maxsize=4)
def _denying(bundle: CompiledBundle) -> frozenset[str]:
    """Return what can deny a dial: rules that are asked before it, and suppressions."""
    live = (name for name in bundle.vocabulary.facts if name.startswith("suppressed."))
    return _rules(bundle, Ask.BEFORE_DIALING).union(live)


_DIAL = {"allowed", "denied_by", "next_allowed", "route_human", "warns", "routed_by", "would_deny"}


def read_dial(entry: Map, bundle: CompiledBundle, found: Findings) -> DialExpectation:
    """Return what *entry* expects of the decision; expecting nothing is a finding."""
    rules = _rules(bundle, Ask.BEFORE_DIALING)
    when = under(entry, "next_allowed")
    later: tuple[Span, datetime | None] | None = None
    if isinstance(when, Text) and when == "never":
        later = when.span, None
    elif when is not None:
        at = instant(when, found)
        later = (when.span, at) if at is not None else None
    expects = DialExpectation(
        allowed=_yes_or_no(under(entry, "allowed"), found),
        denied_by=_known(names(under(entry, "denied_by"), found), "rule", _denying(bundle), found),
        next_allowed=later,
        route_human=_yes_or_no(under(entry, "route_human"), found),
        warns=_known(names(under(entry, "warns"), found), "rule", rules, found),
        routed_by=_known(names(under(entry, "routed_by"), found), "rule", rules, found),
        would_deny=_known(names(under(entry, "would_deny"), found), "rule", rules, found),
    )
    if not _DIAL & {str(key) for key in entry}:
        mend = "add `allowed: true`, or `denied_by:` with the rules that deny it"
        found.add(entry.span, "nothing-expected", "this dial expects nothing", mend)
    return expects


def read_call(node: Node | None, bundle: CompiledBundle, found: Findings) -> CallExpectation:
    """Return what *node*, the scenario's ``expect:``, expects of the whole call."""
    if not isinstance(node, Map):
        return CallExpectation()
    words = bundle.vocabulary
    ends = word(node, "ends")
    if ends is not None:
        found.known(ends, "disposition", words.dispositions)
    rules = _rules(bundle) | {UNKNOWN_FACT, FAULT}
    return CallExpectation(
        ends=ends,
        disclosed=_known(names(under(node, "disclosed"), found), "class", words.classes, found),
        never_disclosed=_known(names(under(node, "never_disclosed"), found), "class", words.classes, found),
        says=_known(names(under(node, "says"), found), "prompt", bundle.prompts, found),
        never_says=_known(names(under(node, "never_says"), found), "prompt", bundle.prompts, found),
        actions=_actions(under(node, "actions"), words, found),
        suppressions=_suppressions(under(node, "suppressions"), found),
        prevented=_known(names(under(node, "prevented"), found), "rule", rules, found),
        derived=_derived(under(node, "derived"), words, found),
        max_turns=_count(under(node, "max_turns"), found),
    )


def _count(node: Node | None, found: Findings) -> tuple[Span, int] | None:
    if node is None:
        return None
    if isinstance(node, Text) and node.isascii() and node.isdigit() and int(node[:9]) > 0 and len(node) < 9:
        return node.span, int(node)
    found.add(node.span, "wrong-type", "`max_turns` is a whole number of turns", "write `max_turns: 6`")
    return None


def _derived(node: Node | None, words: Vocabulary, found: Findings) -> tuple[tuple[Text, Value], ...]:
    expected: list[tuple[Text, Value]] = []
    for name, value in entries(node):
        if found.known(name, "fact", words.facts):
            fact = words.facts[str(name)]
            unknown = isinstance(value, Text) and value == "unknown"
            expected.append((name, None if unknown else typed(value, fact.type, fact.values, found)))
    return tuple(expected)


def _items(node: Node) -> tuple[Node, ...]:
    return tuple(node) if isinstance(node, Seq) else (node,)


def _actions(
    node: Node | None, words: Vocabulary, found: Findings
) -> tuple[Span, tuple[ActionExpectation, ...]] | None:
    if node is None:
        return None
    expected = []
    for item in _items(node):
        pairs = ((item, Map()),) if isinstance(item, Text) else tuple(entries(item))
        for name, arguments in pairs:
            if not found.known(name, "action", words.actions):
                continue
            kinds = words.actions[str(name)].arguments
            values = {}
            due: date | None = None
            for argument, value in entries(arguments):
                if argument == DUE and DUE not in kinds:
                    day = typed(value, ValueType.DATE, (), found)
                    due = date.fromordinal(day) if isinstance(day, int) else None
                elif found.known(argument, f"argument of {name}", (*kinds, DUE)):
                    values[str(argument)] = typed(value, kinds[str(argument)], (), found)
            expected.append(ActionExpectation(name, values, due))
    return node.span, tuple(expected)


def _suppressions(node: Node | None, found: Findings) -> tuple[Span, tuple[tuple[str, str], ...]] | None:
    if node is None:
        return None
    expected = []
    for item in _items(node):
        if isinstance(item, Text):
            expected.append(("", str(item)))
        elif isinstance(item, Map) and word(item, "reason") is not None:
            expected.append((str(word(item, "scope") or ""), str(word(item, "reason"))))
        else:
            mend = "write the reason alone, or `{scope: phone, reason: stop_calling}`"
            found.add(item.span, "wrong-shape", "a suppression is named by its reason", mend)
    return node.span, tuple(expected)
