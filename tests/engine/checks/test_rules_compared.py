"""Rules held against themselves and one another: what never or always fires, adds nothing, or leaves no case or two."""

from pathlib import PurePosixPath

import pytest
from checks.bundles import base, checked

COMPARED = (
    "rule-never-fires",
    "rule-always-fires",
    "rule-implied",
    "exemption-swallows-rule",
    "table-gap",
    "window-empty",
    "parameter-not-in-force",
    "limits-differ",
)
END = "source: {}, severity: house}}\n"
MORE = """\
  person.id: {type: text, from: host, identifies: person}
  number.kind: {type: enum, values: [mobile, work], from: host}
counters:
  calls: {counts: [call], per: [person], in: 7 days}
"""


def _rule(name: str, does: str, source: str = "house rule") -> str:
    return f"  {name}: {{ask: before_dialing, {does}, {END.format(source)}"


def _hours(name: str, opens: str, closes: str) -> str:
    value = "{{type: time, values: [{{from: 2021-11-30, is: '{}', source: house rule}}]}}"
    return f"  {name}_opens: {value.format(opens)}\n  {name}_closes: {value.format(closes)}\n"


def _table(*rows: str) -> str:
    return "tables:\n  bands:\n    columns: {low: money, high: money, zip: text}\n    rows:\n" + "".join(
        f"      - [{row}]\n" for row in rows
    )


BAND = (
    "  band: {each: bands, ask: before_dialing, when: [account.balance >= low, account.balance < high,"
    " party.zip == zip]"
)
SEVEN = "parameters:\n  most: {type: money, values: [{from: 2021-11-30, is: '700', source: house rule}]}\n"
ENDED = "{from: 2021-11-30, is: '700', source: x}, {from: 2024-01-01, is: none, source: x}"
SUNDAY = _hours("day", "08:00", "20:00") + _hours("late", "20:00", "21:00")

CASES = {
    "nothing is two things at once, and what is unknown does not count": (
        "rules:\n" + _rule("odd", "when: [account.balance > 5, account.balance < 3], deny: 'No.'"),
        [("rule-never-fires", "odd:")],
    ),
    "a denial without a condition": (
        "rules:\n" + _rule("odd", "deny: 'No.'") + _rule("other", "when: account.balance > 5, deny: 'No.'"),
        [("rule-always-fires", "odd:")],
    ),
    "a denial of one place, without a condition, is meant": (
        "place: TX\nrules:\n" + _rule("odd", "deny: 'No.'"),
        [],
    ),
    "either something or its opposite, and what is unknown denies too": (
        "rules:\n" + _rule("odd", "when: {any: [account.balance > 5, account.balance <= 5]}, deny: 'No.'"),
        [("rule-always-fires", "odd:")],
    ),
    "a count against a limit below nothing": (
        "parameters:\n  most: {type: int, values: [{from: 2021-11-30, is: -7, source: x}]}\nrules:\n"
        + _rule("odd", "when: calls >= most, deny: 'No.'"),
        [("rule-always-fires", "odd:")],
    ),
    "an exemption as wide as its rule, whatever is unknown": (
        "rules:\n" + _rule("odd", "when: account.balance > 5, unless: account.balance > 5, deny: 'No.'"),
        [("exemption-swallows-rule", "odd:")],
    ),
    "a narrower rule on other law": (
        "rules:\n"
        + _rule("wide", "when: account.balance > 100, deny: 'No.'", "one law")
        + _rule("narrow", "when: account.balance > 500, deny: 'Not now.'", "another law"),
        [("rule-implied", "narrow:")],
    ),
    "a limit that a parameter gives too": (
        SEVEN
        + "rules:\n"
        + _rule("wide", "when: account.balance >= most, deny: 'No.'")
        + _rule("narrow", "when: account.balance >= 900, deny: 'No.'"),
        [("rule-implied", "narrow:")],
    ),
    "hours within other hours": (
        "parameters:\n"
        + _hours("one", "09:00", "20:00")
        + _hours("two", "08:00", "21:00")
        + "rules:\n"
        + _rule("narrow", "only_between: [one_opens, one_closes]")
        + _rule("wide", "only_between: [two_opens, two_closes]"),
        [("rule-implied", "wide:")],
    ),
    "one row within another": (
        _table("0, 100, 1", "0, 50, 1")
        + "rules:\n  band: {each: bands, ask: before_dialing, when: [account.balance > high, party.zip == zip],"
        + " deny: 'No.', "
        + END.format("x"),
        [("rule-implied", "- [0, 100, 1]")],
    ),
    "rows that leave values out, and ask for something else beside": (
        _table("0, 100, 1", "200, 300, 2") + f"rules:\n{BAND}, deny: 'No.', " + END.format("x"),
        [("table-gap", "- [200, 300, 2]")],
    ),
    "rows of which two hold, and ask for something else beside": (
        _table("0, 100, 1", "50, 300, 2") + f"rules:\n{BAND}, deny: 'No.', " + END.format("x"),
        [("table-gap", "- [50, 300, 2]")],
    ),
    "rows that meet": (_table("0, 100, 1", "100, 300, 2") + f"rules:\n{BAND}, deny: 'No.', " + END.format("x"), []),
    "hours that share none": (
        f"parameters:\n{SUNDAY}rules:\n"
        + _rule("day", "only_between: [day_opens, day_closes]")
        + _rule("late", "only_between: [late_opens, late_closes]"),
        [("window-empty", "late:")],
    ),
    "hours that share none on one day": (
        f"parameters:\n{SUNDAY}rules:\n"
        + _rule("day", "only_between: [day_opens, day_closes]")
        + _rule("late", "when: clock.weekday == sunday, only_between: [late_opens, late_closes]"),
        [("window-empty", "late:")],
    ),
    "hours that never hold at once": (
        f"parameters:\n{SUNDAY}rules:\n"
        + _rule("day", "when: clock.weekday != sunday, only_between: [day_opens, day_closes]")
        + _rule("late", "when: clock.weekday == sunday, only_between: [late_opens, late_closes]"),
        [],
    ),
    "hours that are none from some day on": (
        "parameters:\n  opens: {type: time, values: [{from: 2021-11-30, is: '08:00', source: x}]}\n"
        "  closes:\n    type: time\n    values:\n      - {from: 2021-11-30, is: '21:00', source: x}\n"
        "      - {from: 2027-01-01, is: '07:00', source: x}\nrules:\n" + _rule("day", "only_between: [opens, closes]"),
        [("window-empty", "- {from: 2027-01-01")],
    ),
    "a rule whose parameter has ended": (
        f"parameters:\n  most: {{type: money, values: [{ENDED}]}}\nrules:\n"
        + _rule("odd", "when: account.balance >= most, deny: 'No.'"),
        [("parameter-not-in-force", "most:")],
    ),
}


@pytest.mark.parametrize(("body", "expected"), CASES.values(), ids=CASES)
def test_what_a_rule_adds_is_found_once_at_its_line(body: str, expected: list[tuple[str, str]]) -> None:
    texts = base()
    vocabulary = PurePosixPath("policies/vocabulary.yaml")
    texts[vocabulary] = texts[vocabulary].replace("actions:\n", f"{MORE}actions:\n")
    path = PurePosixPath("policies/more.yaml")
    place = "" if body.startswith("place:") else "place: US\n"
    texts[path] = f"callwright: 1\nkind: policy\nid: more\nversion: 1.0.0\ntitle: More\n{place}{body}"
    report = checked(texts)
    lines = texts[path].split("\n")
    wrong = [f for f in report.findings if f.rule in COMPARED or f.span.path == path]
    told = [(f.rule, lines[f.span.line - 1].strip()) for f in wrong if f.span.path == path]
    assert len(told) == len(wrong) == len(expected), report.findings
    for (rule, line), (wanted, begins) in zip(told, expected, strict=True):
        assert rule == wanted
        assert line.startswith(begins)
