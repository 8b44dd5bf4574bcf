"""
A table that is looked up by one ordered column should leave no value without a row.

Said of a rule with `each` whose rows bound one fact by constants, from below and from above, or compare nothing else:
values that fall in no row, or in two rows, are shown.

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

from collections import defaultdict
from collections.abc import Collection, Iterator

from engine.bundle import CompiledBundle, Rule
from engine.checks.analysis import Space, in_words
from engine.checks.context import Context, found, too_large
from engine.checks.prove.limits import TooLarge
from engine.checks.prove.truth import TRUE, read_by, truth
from engine.expressions.tree import All, Compare, Condition, Constant, Value
from engine.source.finding import Finding, Level
from engine.terms import ValueType

ORDERED = (ValueType.INT, ValueType.MONEY, ValueType.DATE, ValueType.TIME)

NAME = "table-gap"
CODE = "POL613"
LEVEL = Level.WARNING
WAIVABLE = True


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each rule with rows that leaves values between its rows, or has them in two."""
    tables: dict[str, list[Rule]] = defaultdict(list)
    for rules in context.bundle.rules.values():
        for rule in rules:
            if rule.row and rule.status.enforced:
                tables[rule.id.partition("[")[0]].append(rule)
    for name, rows in sorted(tables.items()):
        for key in sorted(looked_up_by(rows)):
            bands = [(row, All(tuple(part for part in _parts(row) if set(read_by(part)) == {key}))) for row in rows]
            try:
                cases = list(Space(context.bundle, context.as_of, tuple(band for _, band in bands)).cases())
            except TooLarge as error:
                yield too_large(rows[0].span, NAME, name, error)
                continue
            known = sorted((facts for facts in cases if facts[key] is not None), key=lambda facts: _number(facts[key]))
            held = [(facts, [row for row, band in bands if truth(band, facts) & TRUE]) for facts in known]
            yield from _gap(context.bundle, name, held)
            yield from _overlap(context.bundle, name, held)


def _gap(bundle: CompiledBundle, name: str, held: list[tuple[dict[str, Value], list[Rule]]]) -> Iterator[Finding]:
    """Yield a finding for the first values that lie between rows and in none of them."""
    covered = [place for place, (_, rows) in enumerate(held) if rows]
    for place in range(covered[0], covered[-1]) if covered else ():
        facts, rows = held[place]
        if not rows:
            after = next(rows for _, rows in held[place:] if rows)[0]
            yield found(
                after.row_span,
                f"no row of `{name}` holds for {in_words(bundle, facts)}",
                "let the rows meet",
                where=f"rules/{name}/gap",
            )
            return


def _overlap(bundle: CompiledBundle, name: str, held: list[tuple[dict[str, Value], list[Rule]]]) -> Iterator[Finding]:
    """Yield a finding for the first values that lie in two rows."""
    for facts, rows in held:
        if len(rows) > 1:
            yield found(
                rows[1].row_span,
                f"`{rows[0].row}` and `{rows[1].row}` of `{name}` both hold for {in_words(bundle, facts)}",
                "let the rows not overlap",
                where=f"rules/{name}/overlap",
            )
            return


def looked_up_by(rows: Collection[Rule]) -> frozenset[str]:
    """Return the ordered facts that *rows* are looked up by: bounded in each on both sides, or all that they read."""
    read = {name: ref for row in rows for name, ref in read_by(row.written).items()}
    ordered = {name for name, ref in read.items() if ref.type in ORDERED}
    if len(rows) < 2 or len(read) == 1:
        return frozenset(ordered if len(rows) > 1 else ())
    return frozenset(name for name in ordered if all(_sides(row, name) == {"<", ">"} for row in rows))


def _sides(row: Rule, name: str) -> set[str]:
    """Return on which sides *row* bounds the fact *name* by a constant."""
    found: set[str] = set()
    for part in _parts(row):
        if isinstance(part, Compare) and set(read_by(part)) == {name}:
            turned = isinstance(part.left, Constant)
            found |= {{"<": ">", ">": "<"}.get(side, side) if turned else side for side in part.op[:1]}
    return found


def _parts(row: Rule) -> tuple[Condition, ...]:
    """Return the conditions of *row* that must all hold."""
    ahead, parts = [row.written], []
    while ahead:
        here = ahead.pop(0)
        if isinstance(here, All):
            ahead = [*here.parts, *ahead]
        else:
            parts.append(here)
    return tuple(parts)


def _number(value: Value) -> int:
    return value if isinstance(value, int) else 0
