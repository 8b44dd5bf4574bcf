"""
A table that is looked up by one ordered column should leave no value without a row.

Said of a rule with `each` whose rows compare one fact with constants: values that fall in no row, or in two rows
that differ, are shown.

Flagged::


    # policies/rules.yaml
    tables:
      bands:
        columns: {low: money, high: money, wait: int}
        rows:
          - ['0', '100', 1]
          - ['200', '300', 2]
    rules:
      band:  # error[table-gap]
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
from collections.abc import Iterator

from engine.bundle import Rule
from engine.checks.analysis import Space, in_words
from engine.checks.context import Context, found, too_large
from engine.checks.prove.limits import TooLarge
from engine.checks.prove.truth import TRUE, UNKNOWN, read_by, truth
from engine.expressions.tree import Value
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
    for rule in context.rules:
        if rule.row:
            tables[rule.id.partition("[")[0]].append(rule)
    for name, rules in tables.items():
        read = {n: ref for rule in rules for n, ref in read_by(rule.written).items()}
        if len(read) != 1 or next(iter(read.values())).type not in ORDERED or len(rules) < 2:
            continue
        key = next(iter(read))
        try:
            cases = list(Space(context.bundle, context.as_of, tuple(r.written for r in rules)).cases())
        except TooLarge as error:
            yield too_large(rules[0].span, NAME, name, error)
            continue
        held = [(facts, [r for r in rules if truth(r.written, facts) & (TRUE | UNKNOWN)]) for facts in cases]
        covered = sorted(_number(facts[key]) for facts, hits in held if hits and facts[key] is not None)
        for facts, hits in held:
            inside = covered and facts[key] is not None and covered[0] < _number(facts[key]) < covered[-1]
            if inside and not hits:
                yield found(
                    rules[0].span,
                    f"no row of `{name}` holds for {in_words(context.bundle, facts)}",
                    "let the rows meet",
                    where=f"rules/{name}/gap",
                )
                break
        for facts, hits in held:
            if len(hits) > 1 and facts[key] is not None:
                yield found(
                    rules[0].span,
                    f"`{hits[0].row}` and `{hits[1].row}` of `{name}` both hold for " + in_words(context.bundle, facts),
                    "let the rows not overlap",
                    where=f"rules/{name}/overlap",
                )
                break


def _number(value: Value) -> int:
    return value if isinstance(value, int) else 0
