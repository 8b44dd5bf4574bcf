"""Rules held against themselves and one another: what never or always fires, adds nothing, or leaves no case or two."""

import re
from pathlib import PurePosixPath

import pytest
from checks.bundles import base, checked

from engine.checks.run import Report
from engine.source.finding import Level

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
  account.age: {type: int, from: host}
  party.calm: {type: bool, from: policy, initially: false, lasts: person}
counters:
  calls: {counts: [call], per: [person], in: 7 days}
  lately: {counts: [call], per: [person], in: 7 days}
"""


PATH = PurePosixPath("policies/more.yaml")
HEAD = "callwright: 1\nkind: policy\nid: more\nversion: 1.0.0\ntitle: More\n"


def _report(policy: str) -> Report:
    """Return the report on the examples' bundle with one more policy."""
    texts = base()
    vocabulary = PurePosixPath("policies/vocabulary.yaml")
    known = texts[vocabulary].replace("actions:\n", f"{MORE}actions:\n")
    texts[vocabulary] = known.replace("  TX: {within: US}\n", "  TX: {within: US}\n  NY: {within: US}\n")
    if "  span:" in policy:
        texts[vocabulary] = re.sub("(lately: .*in:) 7 days", r"\1 more.span", texts[vocabulary])
    texts[PATH] = f"{HEAD}{policy}"
    return checked(texts)


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


def _days(*rows: str) -> str:
    listed = "".join(f"      - [{row}]\n" for row in rows)
    return (
        f"tables:\n  days:\n    columns: {{first: date, last: date, most: int}}\n    rows:\n{listed}rules:\n"
        "  rest: {each: days, ask: before_dialing, when: [clock.today >= first, clock.today <= last, calls >= most],"
        " deny: 'No.', " + END.format("x")
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
        _table("0, 100, 1", "200, 300, 1") + f"rules:\n{BAND}, deny: 'No.', " + END.format("x"),
        [("table-gap", "- [200, 300, 1]")],
    ),
    "rows of which two hold, and ask for something else beside": (
        _table("0, 100, 1", "50, 300, 1") + f"rules:\n{BAND}, deny: 'No.', " + END.format("x"),
        [("table-gap", "- [50, 300, 1]")],
    ),
    "rows for different things, which need not meet": (
        _table("0, 100, 1", "200, 300, 2", "50, 150, 3") + f"rules:\n{BAND}, deny: 'No.', " + END.format("x"),
        [],
    ),
    "a list of days": (_days("2027-01-01, 2027-01-01, 1", "2027-07-04, 2027-07-04, 1"), []),
    "a list of periods, of which two overlap": (
        _days("2027-01-01, 2027-01-03, 1", "2027-07-04, 2027-07-05, 1", "2027-07-05, 2027-07-08, 1"),
        [("table-gap", "- [2027-07-05")],
    ),
    "days that give limits, and leave one out": (
        _days("2027-01-01, 2027-06-30, 1", "2027-07-02, 2027-12-31, 2"),
        [("table-gap", "- [2027-07-02")],
    ),
    "limits that grow, from below only": (
        _table("0, 100, 1", "200, 300, 1")
        + "rules:\n  band: {each: bands, ask: before_dialing, when: [account.balance >= low, party.zip == zip],"
        + " warn: 'From {{ low }}.', "
        + END.format("x"),
        [],
    ),
    "hours that follow on others": (
        f"parameters:\n{SUNDAY}rules:\n"
        + _rule("day", "until: 2027-01-01, only_between: [day_opens, day_closes]")
        + _rule("late", "from: 2027-01-01, only_between: [late_opens, late_closes]"),
        [],
    ),
    "hours that are none only while their rule does not hold": (
        "parameters:\n  opens: {type: time, values: [{from: 2021-11-30, is: '08:00', source: x}]}\n"
        "  closes: {type: time, values: [{from: 2021-11-30, is: '08:00', source: x},"
        " {from: 2027-01-01, is: '20:00', source: x}]}\nrules:\n"
        + _rule("day", "from: 2027-01-01, only_between: [opens, closes]"),
        [],
    ),
    "hours that share none from the day on which one begins": (
        f"parameters:\n{SUNDAY}rules:\n"
        + _rule("day", "only_between: [day_opens, day_closes]")
        + _rule("late", "from: 2027-01-01, only_between: [late_opens, late_closes]"),
        [("window-empty", "late:")],
    ),
    "hours of one place in two rows": (
        "tables:\n  hours:\n    columns: {where: place, opens: time, closes: time}\n    rows:\n"
        "      - [TX, '08:00', '12:00']\n      - [TX, '12:00', '20:00']\n      - [US, '08:00', '20:00']\n"
        "rules:\n  hours: {each: hours, ask: before_dialing, when: where in account.places,"
        " only_between: [opens, closes], " + END.format("x"),
        [("window-empty", "- [TX, '12:00'")],
    ),
    "hours of two places": (
        "tables:\n  hours:\n    columns: {where: place, opens: time, closes: time}\n    rows:\n"
        "      - [TX, '08:00', '12:00']\n      - [NY, '12:00', '20:00']\n"
        "rules:\n  hours: {each: hours, ask: before_dialing, when: where in account.places,"
        " only_between: [opens, closes], " + END.format("x"),
        [],
    ),
    "the hour that changed is pointed at": (
        "parameters:\n  opens:\n    type: time\n    values:\n      - {from: 2020-11-30, is: '08:00', source: x}\n"
        "      - {from: 2021-11-30, is: '21:00', source: x}\n  closes:\n    type: time\n    values:\n"
        "      - {from: 2020-11-30, is: '20:00', source: x}\n      - {from: 2021-11-30, is: '20:00', source: y}\n"
        "rules:\n" + _rule("day", "only_between: [opens, closes]"),
        [("window-empty", "- {from: 2021-11-30, is: '21:00', source: x}")],
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
    "a rule that begins when its parameter has ended": (
        "parameters:\n  most: {type: money, values: [{from: 2021-11-30, is: '700', source: x},"
        " {from: 2027-01-01, is: none, source: x}]}\nrules:\n"
        + _rule("odd", "from: 2027-06-01, when: account.balance >= most, deny: 'No.'"),
        [("rule-never-fires", "odd:")],
    ),
    "a number as large as a count, and the number's own limit below zero": (
        "rules:\n" + _rule("odd", "when: [calls == account.age, account.age > -7], deny: 'No.'"),
        [],
    ),
    "an exemption by a parameter, and a rule within what it leaves": (
        SEVEN
        + "rules:\n"
        + _rule("wide", "when: account.balance >= 5, unless: account.balance > most, deny: 'No.'")
        + _rule("narrow", "when: [account.balance >= 9, account.balance < 10], deny: 'No.'"),
        [("rule-implied", "narrow:")],
    ),
    "the place of a policy in other words": (
        "place: TX\nrules:\n"
        + _rule("one", "when: [US in account.places, account.balance > 5], deny: 'No.'")
        + _rule("two", "when: account.balance > 5, deny: 'No.'"),
        [("rule-implied", "two:")],
    ),
    "what one parameter is on no day beside another": (
        "parameters:\n  least: {type: money, values: [{from: 2021-11-30, is: '5', source: x},"
        " {from: 2027-01-01, is: '50', source: x}]}\n  most: {type: money, values: [{from: 2021-11-30, is: '5',"
        " source: x}, {from: 2027-01-01, is: '50', source: x}]}\nrules:\n"
        + _rule("odd", "when: [account.balance > least, account.balance < most], deny: 'No.'"),
        [("rule-never-fires", "odd:")],
    ),
    "one warning twice": (
        "rules:\n"
        + _rule("one", "when: account.balance > 5, warn: 'Look.'")
        + _rule("two", "when: account.balance > 7, warn: 'Look.'"),
        [("rule-implied", "two:")],
    ),
    "a person is to place a call that is denied": (
        "rules:\n"
        + _rule("one", "when: account.balance > 5, deny: 'No.'")
        + _rule("two", "when: account.balance > 5, route: human, about: 'A person calls.'"),
        [("rule-implied", "two:")],
    ),
    "a warning before a denial": (
        "rules:\n"
        + _rule("one", "when: calls >= 2, deny: 'No.'")
        + _rule("two", "when: calls >= 1, warn: 'The last.'"),
        [],
    ),
    "a count over no time": (
        "parameters:\n  span: {type: duration, values: [{from: 2021-11-30, is: 0 days, source: x}]}\nrules:\n"
        + _rule("odd", "when: lately >= 7, deny: 'No.'"),
        [("rule-never-fires", "odd:")],
    ),
    "one of several conditions excludes nothing": (
        "rules:\n" + _rule("odd", "when: [account.balance > 5, calls >= 0], deny: 'No.'"),
        [("rule-always-fires", "odd:")],
    ),
    "all kinds there are": (
        "rules:\n" + _rule("odd", "when: [account.balance > 5, 'number.kind in [mobile, work]'], deny: 'No.'"),
        [("rule-always-fires", "odd:")],
    ),
    "all kinds there are, by which it is known": (
        "rules:\n  odd: {ask: on_hearing, when: [heard.deny, 'number.kind in [mobile, work]'],"
        " derive: {party.calm: 'true'}, source: x, severity: house}\n",
        [],
    ),
    "a day that has passed, and what is known": (
        "parameters:\n  since: {type: date, values: [{from: 2021-11-30, is: 2022-01-01, source: x}]}\nrules:\n"
        + _rule("odd", "when: [account.balance > 5, clock.today >= since, calls is known], deny: 'No.'"),
        [],
    ),
    "a limit in conditions that exclude one another": (
        "rules:\n"
        + _rule("one", "when: account.balance >= 500, warn: 'Much.'")
        + _rule("two", "when: [account.balance > 500, account.balance < 5], deny: 'No.'"),
        [("rule-never-fires", "two:")],
    ),
    "limits of two places": (
        "rules:\n"
        + _rule("one", "when: [TX in account.places, account.balance >= 500], warn: 'Much.'")
        + _rule("two", "when: [NY in account.places, account.balance > 500], deny: 'No.'"),
        [],
    ),
    "limits of a place and of what it lies in": (
        "rules:\n"
        + _rule("one", "when: account.balance >= 500, warn: 'Much.'")
        + _rule("two", "when: [NY in account.places, account.balance > 500], deny: 'No.'"),
        [("limits-differ", "two:")],
    ),
    "every call, by the place around all": (
        "rules:\n" + _rule("odd", "when: US in account.places, deny: 'No.'"),
        [("rule-always-fires", "odd:")],
    ),
    "nowhere": (
        "rules:\n" + _rule("odd", "when: {none: [US in account.places, account.balance > 5]}, deny: 'No.'"),
        [("rule-never-fires", "odd:")],
    ),
    "two warnings": (
        "rules:\n"
        + _rule("one", "when: account.balance > 5, warn: 'Look.'")
        + _rule("two", "when: account.balance > 7, warn: 'Look well.'"),
        [],
    ),
    "a person is asked for twice": (
        "rules:\n"
        + _rule("one", "when: account.balance > 5, route: human, about: 'Much.'")
        + _rule("two", "when: account.balance > 7, route: human, about: 'More.'"),
        [("rule-implied", "two:")],
    ),
    "a rule that is over": (
        "rules:\n  odd:\n    ask: before_dialing\n    from: 2025-01-01\n    until: 2026-01-01\n"
        "    when: account.balance > 5\n    deny: 'No.'\n    source: x\n    severity: house\n",
        [("rule-never-fires", "until: 2026-01-01")],
    ),
    "seasons of which some are over": (
        "tables:\n  seasons:\n    columns: {first: date, last: date}\n    rows:\n"
        "      - [2024-01-01, 2024-02-01]\n      - [2025-01-01, 2025-02-01]\n      - [2027-01-01, 2027-02-01]\n"
        "rules:\n  rest: {each: seasons, ask: before_dialing, when: [clock.today >= first, clock.today <= last],"
        " deny: 'No.', " + END.format("x"),
        [("rule-never-fires", "- [2024-01-01")],
    ),
    "a row that ends before it begins": (
        _table("100, 50, 1", "100, 300, 2") + f"rules:\n{BAND}, deny: 'No.', " + END.format("x"),
        [("rule-never-fires", "- [100, 50, 1]")],
    ),
    "an exemption of two things at once, of which one was meant": (
        "rules:\n"
        + _rule("odd", "when: account.balance > 5, unless: [number.kind == mobile, number.kind == work], deny: 'No.'"),
        [("rule-never-fires", "odd:")],
    ),
    "a rule whose parameter has ended": (
        f"parameters:\n  most: {{type: money, values: [{ENDED}]}}\nrules:\n"
        + _rule("odd", "when: account.balance >= most, deny: 'No.'"),
        [("parameter-not-in-force", "most:")],
    ),
}


@pytest.mark.parametrize(("body", "expected"), CASES.values(), ids=CASES)
def test_what_a_rule_adds_is_found_once_at_its_line(body: str, expected: list[tuple[str, str]]) -> None:
    policy = body if body.startswith("place:") else f"place: US\n{body}"
    report = _report(policy)
    lines = f"{HEAD}{policy}".split("\n")
    wrong = [f for f in report.findings if f.rule in COMPARED or f.span.path == PATH]
    told = [(f.rule, lines[f.span.line - 1].strip()) for f in wrong if f.span.path == PATH]
    assert len(told) == len(wrong) == len(expected), report.findings
    for (rule, line), (wanted, begins) in zip(told, expected, strict=True):
        assert rule == wanted
        assert line.startswith(begins)


SAID = {
    "never": (
        _rule("odd", "when: [account.balance > 5, account.balance < 5.01], deny: 'No.'"),
        "`account balance is more than $5.00` and `account balance is less than $5.01` never hold at once",
    ),
    "always": (_rule("odd", "when: calls >= 0, deny: 'No.'"), "for example with calls 0"),
    "elsewhere": (
        _rule("odd", "when: {none: [TX in account.places]}, unless: {none: [TX in account.places]}, deny: 'No.'"),
        "for example with account.places US",
    ),
    "exempt": (
        _rule("odd", "when: account.balance > 5, unless: account.balance > 1, deny: 'No.'"),
        "for example with account.places US, account.balance $5.01",
    ),
    "implied": (
        _rule("wide", "when: account.balance > 1, deny: 'No.'")
        + _rule("odd", "when: account.balance > 5, deny: 'No.'"),
        "for example with account.places US, account.balance $5.01",
    ),
}


@pytest.mark.parametrize(("rules", "said"), SAID.values(), ids=SAID)
def test_what_is_found_is_shown_with_facts(rules: str, said: str) -> None:
    found = [f for f in _report(f"place: US\nrules:\n{rules}").findings if f.span.path == PATH]
    assert [sorted(f.how[0].removeprefix("for example with ").split(", ")) for f in found] == [
        sorted(said.removeprefix("for example with ").split(", "))
    ]


def test_what_is_over_only_is_noted() -> None:
    rule = _rule("odd", "until: 2026-01-01, when: account.balance > 5, deny: 'No.'")
    [finding] = [f for f in _report(f"place: US\nrules:\n{rule}").findings if f.span.path == PATH]
    assert finding.level is Level.NOTE
    assert finding.message == "`odd` is over: it no longer fires on 2026-03-10 or later"


TAKEN_BACK = {
    "always": ("heard.deny", 1),
    "for more than that": ("{any: [heard.deny, heard.human]}", 1),
    "only where something else holds too": ("[heard.deny, party.zip == heard.zip]", 0),
    "for another reason": ("heard.human", 0),
}


@pytest.mark.parametrize(("when", "count"), TAKEN_BACK.values(), ids=TAKEN_BACK)
def test_what_is_derived_and_always_taken_back_contradicts(when: str, count: int) -> None:
    derive = "  {}: {{ask: on_hearing, when: {}, derive: {{party.verified: '{}'}}, source: x, severity: house}}\n"
    rules = derive.format("odd", "heard.deny", "true") + derive.format("back", when, "false")
    found = [f for f in _report(f"place: US\nrules:\n{rules}").findings if f.rule == "rules-contradict"]
    assert [f.message for f in found] == [
        "`odd` derives `party.verified` where `back` always derives another value"
    ] * count
    assert all("heard.deny true" in f.why for f in found)
