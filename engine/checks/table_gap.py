"""
A table that is looked up by one ordered column should leave no value without a row.

Said of a rule with `each` whose rows bound one fact by constants, from below and from above: values that fall in two
rows that ask for the same beside, or between two rows and in none, are shown. Rows for different places, kinds or texts
are looked at apart, and a mere list of days or times, which gives no limit or number, may leave out what it likes.

Flagged::


    # policies/rules.yaml
    tables:
      bands:
        columns: {low: money, high: money, wait: int}
        rows:
          - ['0', '100', 1]
          - ['200', '300', 2]  # error[table-gap]
    rules:
      band:
        each: bands
        ask: before_dialing
        when: [account.balance >= low, account.balance < high]
        deny: Wait for {{ wait }} days.
        source: house rule
        severity: house


Write instead::


    # policies/rules.yaml
    tables:
      bands:
        columns: {low: money, high: money, wait: int}
        rows:
          - ['0', '100', 1]
          - ['100', '300', 2]
    rules:
      band:
        each: bands
        ask: before_dialing
        when: [account.balance >= low, account.balance < high]
        deny: Wait for {{ wait }} days.
        source: house rule
        severity: house
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import TypeAlias

from engine.bundle import CompiledBundle, Rule
from engine.checks.analysis import Space, in_words, parts_of
from engine.checks.context import Context, found, too_large
from engine.checks.prove.limits import TooLarge
from engine.checks.prove.truth import TRUE, placeless, read_by, truth
from engine.expressions.tree import All, Compare, Condition, Constant, Value, constants
from engine.expressions.values import format_value
from engine.source.finding import Finding, Level, Note
from engine.terms import ValueType

AMOUNTS = (ValueType.INT, ValueType.MONEY)
ORDERED = (*AMOUNTS, ValueType.DATE, ValueType.TIME)

NAME = "table-gap"
CODE = "POL613"
LEVEL = Level.WARNING
WAIVABLE = True
Case: TypeAlias = tuple[dict[str, Value], list[Rule]]
_NUMBER = re.compile(r"-?\$?[\d,]+(\.\d\d)?|\d+ \w+")


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each rule with rows that leaves values between its rows, or has them in two."""
    tables: dict[str, list[Rule]] = defaultdict(list)
    for rules in context.bundle.rules.values():
        for rule in rules:
            if rule.row and rule.status.enforced:
                tables[rule.id.partition("[")[0]].append(rule)
    for name, rows in sorted(tables.items()):
        for key in sorted(looked_up_by(rows)):
            for alike in _alike(rows):
                try:
                    held = _held(context, alike, key)
                except TooLarge as error:
                    yield too_large(rows[0].span, NAME, name, error)
                    continue
                if context.bundle.vocabulary.facts[key].type in AMOUNTS or len({_gives(row, key) for row in alike}) > 1:
                    yield from _gap(context.bundle, name, key, held)
                yield from _overlap(context.bundle, name, held)


def _held(context: Context, rows: list[Rule], key: str) -> list[Case]:
    """Return the values of *key* that differ to *rows*, in order, each with the rows it falls in."""
    bands = [(row, All(tuple(part for part in parts_of(row.written) if set(read_by(part)) == {key}))) for row in rows]
    cases = Space(context.bundle, context.as_of, tuple(band for _, band in bands)).cases()
    known = sorted((facts for facts in cases if facts[key] is not None), key=lambda facts: _number(facts[key]))
    return [(facts, [row for row, band in bands if truth(band, facts) & TRUE]) for facts in known]


def _gap(bundle: CompiledBundle, name: str, key: str, held: list[Case]) -> Iterator[Finding]:
    """Yield a finding for the first values that lie between rows and in none of them."""
    covered = [place for place, (_, rows) in enumerate(held) if rows]
    for place in range(covered[0], covered[-1]) if covered else ():
        facts, rows = held[place]
        if not rows:
            before = held[place - 1][1][0]
            following, after = next((found, rows[0]) for found, rows in held[place:] if rows)
            last = _number(following[key]) - 1
            shown = in_words(bundle, facts)
            to = "" if facts[key] == last else f" to {format_value(last, bundle.vocabulary.facts[key].type)}"
            yield replace(
                found(
                    after.row_span,
                    f"no row of `{name}` holds for {shown}{to}",
                    "let the rows meet",
                    where=f"rules/{name}/gap",
                ),
                notes=(Note(before.row_span, f"the row `{before.row}`, below it"),),
            )
            return


def _overlap(bundle: CompiledBundle, name: str, held: list[Case]) -> Iterator[Finding]:
    """Yield a finding for the first values that lie in two rows."""
    for facts, rows in held:
        if len(rows) > 1:
            yield replace(
                found(
                    rows[1].row_span,
                    f"`{rows[0].row}` and `{rows[1].row}` of `{name}` both hold for {in_words(bundle, facts)}",
                    "let the rows not overlap",
                    where=f"rules/{name}/overlap",
                ),
                notes=(Note(rows[0].row_span, f"the row `{rows[0].row}`"),),
            )
            return


def looked_up_by(rows: Collection[Rule]) -> frozenset[str]:
    """Return the ordered facts that *rows* are looked up by: each row bounds them on both sides."""
    read = {name: ref for row in rows for name, ref in read_by(row.written).items()}
    ordered = {name for name, ref in read.items() if ref.type in ORDERED}
    return frozenset(name for name in ordered if len(rows) > 1 and all(_sides(row, name) == {"<", ">"} for row in rows))


def _alike(rows: list[Rule]) -> list[list[Rule]]:
    """Return *rows* by what they ask for beside limits: a place, a kind, a text."""
    found: dict[frozenset[Condition], list[Rule]] = defaultdict(list)
    for row in rows:
        found[frozenset(placeless(part) for part in parts_of(row.written) if not _limits(part))].append(row)
    return list(found.values())


def _gives(row: Rule, key: str) -> tuple[object, ...]:
    """Return what is looked up in *row*: the limits of other facts, and the numbers that its reason says."""
    limits = [placeless(p) for p in parts_of(row.written) if _limits(p) and set(read_by(p)) != {key}]
    bounds = {format_value(c.value, c.type) for c in constants(row.written)}
    said = [
        value
        for name, value in row.reason.bound
        if re.search(rf"\b{name}\b", row.reason.source) and value not in bounds and _NUMBER.fullmatch(value)
    ]
    return (*limits, *said)


def _limits(part: Condition) -> bool:
    return isinstance(part, Compare) and part.op in ("<", "<=", ">", ">=")


def _sides(row: Rule, name: str) -> set[str]:
    """Return on which sides *row* bounds the fact *name* by a constant."""
    found: set[str] = set()
    for part in parts_of(row.written):
        if isinstance(part, Compare) and set(read_by(part)) == {name}:
            turned = isinstance(part.left, Constant)
            found |= {{"<": ">", ">": "<"}.get(side, side) if turned else side for side in part.op[:1]}
    return found


def _number(value: Value) -> int:
    return value if isinstance(value, int) else 0
