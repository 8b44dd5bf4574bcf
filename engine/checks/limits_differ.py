"""
Two rules that look at one limit, and of which one counts the limit itself in and the other does not, are rarely meant.

`> 7` begins with eight and `>= 7` with seven. Where both are meant, one of them reads better with another limit. Rules
for two places of which neither lies in the other are not compared: their law may differ.

Flagged::

    # policies/rules.yaml
    rules:
      verify:
        ask: on_hearing
        when: heard.zip == party.zip
        derive: {party.verified: 'true'}
        source: house rule
        severity: house
      before_debt:
        ask: before_speaking
        never_say: [debt]
        unless: party.verified
        source: 12 CFR 1006.6(d)(1)
        severity: statutory
      large:
        ask: before_dialing
        when: account.balance >= 500
        warn: A large balance.
        source: house rule
        severity: house
      too_large:
        ask: before_dialing
        when: account.balance > 500  # error[limits-differ]
        deny: Too large a balance.
        source: house rule
        severity: house

Write instead::

    # policies/rules.yaml
    rules:
      verify:
        ask: on_hearing
        when: heard.zip == party.zip
        derive: {party.verified: 'true'}
        source: house rule
        severity: house
      before_debt:
        ask: before_speaking
        never_say: [debt]
        unless: party.verified
        source: 12 CFR 1006.6(d)(1)
        severity: statutory
      large:
        ask: before_dialing
        when: account.balance >= 500
        warn: A large balance.
        source: house rule
        severity: house
      too_large:
        ask: before_dialing
        when: account.balance >= 500
        deny: Too large a balance.
        source: house rule
        severity: house
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from engine.bundle import CompiledBundle, Rule
from engine.checks.analysis import Space, parts_of
from engine.checks.context import Context, found
from engine.checks.prove.limits import TooLarge
from engine.checks.prove.truth import TRUE, atoms
from engine.expressions.tree import Compare, Constant, Member, Ref
from engine.source.finding import Finding, Level, Note
from engine.source.span import Span

NAME = "limits-differ"
CODE = "POL633"
LEVEL = Level.WARNING
WAIVABLE = True

TURNED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
IN = {">=": ">", "<=": "<"}


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each comparison that leaves out a limit which another rule counts in."""
    counted_in: dict[tuple[str, str, str], list[tuple[Rule, Span]]] = defaultdict(list)
    left_out: list[tuple[tuple[str, str, str], Rule, Span]] = []
    for rule in context.rules:
        for op, name, limit, span in _limits(rule):
            if op in IN:
                counted_in[IN[op], name, limit].append((rule, span))
            else:
                left_out.append(((op, name, limit), rule, span))
    told: set[tuple[Span, str]] = set()
    for key, rule, span in left_out:
        if (span, key[1]) in told:
            continue
        for other, there in counted_in[key]:
            apart = other.id.partition("[")[0] != rule.id.partition("[")[0] and _meet(context.bundle, rule, other)
            if apart and _may_hold(context, rule) and _may_hold(context, other):
                told.add((span, key[1]))
                yield replace(
                    found(
                        span,
                        f"`{rule.id}` leaves out the limit of `{key[1]}` itself, `{other.id}` counts it in",
                        "compare in the same way, or write the limit that is meant",
                        where=f"rules/{rule.id}/{key[1]}",
                        level=LEVEL,
                    ),
                    notes=(Note(there, f"the limit in `{other.id}`"),),
                )
                break


def _may_hold(context: Context, rule: Rule) -> bool:
    """Return whether the author's conditions of *rule* do not exclude one another, which another check speaks of."""
    try:
        return Space(context.bundle, context.as_of, (rule.written,)).find(rule.written, TRUE) is not None
    except TooLarge:
        return True


def _meet(bundle: CompiledBundle, rule: Rule, other: Rule) -> bool:
    """Return whether the two are for places of which one lies in the other: the law of two places may differ."""
    within = bundle.vocabulary.places
    return all(
        here == there or here in within[there] or there in within[here]
        for here in _places(bundle, rule)
        for there in _places(bundle, other)
    )


def _places(bundle: CompiledBundle, rule: Rule) -> set[str]:
    """Return the places that *rule* is for."""
    asked = (part.member for part in parts_of(rule.when) if isinstance(part, Member))
    named = {member.value for member in asked if isinstance(member, Constant)}
    return {place for place in bundle.vocabulary.places if place in named}


def _limits(rule: Rule) -> Iterator[tuple[str, str, str, Span]]:
    """Yield the comparisons of a rule's own condition: how, which fact, with what, and where."""
    for atom in atoms(rule.written):
        if isinstance(atom, Compare) and atom.op in TURNED:
            left, right, op = atom.left, atom.right, str(atom.op)
            if isinstance(left, Constant) and isinstance(right, Ref):
                left, right, op = right, left, TURNED[op]
            if isinstance(left, Ref) and isinstance(right, Constant | Ref):
                limit = right.name if isinstance(right, Ref) else repr(right.value)
                yield op, left.name, limit, atom.span
