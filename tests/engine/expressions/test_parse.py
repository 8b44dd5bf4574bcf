from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.expressions.english import say
from engine.expressions.parse import names_read, parse_condition, parse_expression
from engine.expressions.scope import Scope
from engine.expressions.tree import Constant, Name, Ref
from engine.source.span import Span
from engine.source.tree import Map, Node, Seq, Text
from engine.terms import ValueType as T
from tests.engine.expressions import worlds

COUNTER = Name("calls", T.INT)
SCOPE = worlds.SCOPE.with_names({
    "where": Name("where", T.TEXT, constant="MA"),
    "max": Name("max", T.INT, constant=4),
    "counter": Name("counter", T.INT, refers_to=COUNTER),
    "window_opens": Name("us.window.window_opens", T.TIME, can_be_unknown=False),
})


def text(written: str) -> Text:
    return Text(written, Span(PurePosixPath("p.yaml"), 7, 11, len(written)))


@pytest.mark.parametrize(
    ("written", "said", "names"),
    [
        ("calls >= max_calls", "calls is at least max calls", ["calls", "max_calls"]),
        ("counter >= max", "calls is at least 4", ["calls"]),
        ("window_opens <= clock.time < opens",
         "window opens is no later than clock time and clock time is before opens",
         ["us.window.window_opens", "clock.time", "opens"]),
        ("account.balance > 240", "account balance is more than $240.00", ["account.balance"]),
        ("account.balance - 0.50 > 2 * promise.amount",
         "account balance minus $0.50 is more than 2 times promise amount", ["account.balance", "promise.amount"]),
        ("not party.verified", "not party verified", ["party.verified"]),
        ("party.verified == false", "not party verified", ["party.verified"]),
        ("heard.affirm", "`affirm` was heard", ["heard.affirm"]),
        ("number.kind != work", "number kind is not work", ["number.kind"]),
        ("number.kind not in [work, mobile]", "number kind is not mobile or work", ["number.kind"]),
        ("calls in [1, 2]", "calls is 1 or calls is 2", ["calls"]),
        ("MA in account.places", "MA is among account places", ["account.places"]),
        ("where in account.places", "MA is among account places", ["account.places"]),
        ("place not in account.places", "place is not among account places", ["place", "account.places"]),
        ("heard.zip == '01234'", "heard zip is 01234", ["heard.zip"]),
        ("promise.date is unknown", "promise date is unknown", ["promise.date"]),
        ("promise.date - grace > clock.today", "promise date minus grace is after clock today",
         ["promise.date", "grace", "clock.today"]),
        ("clock.today is not bank_day", "clock today is not a bank day", ["clock.today"]),
        ("where is known", "always", []),
    ],
)
def test_a_comparison_and_its_words(written, said, names):
    condition, findings = parse_condition(text(written), SCOPE)
    assert findings == ()
    assert condition is not None
    assert say(condition) == said
    assert names_read(condition) == tuple(names)


@pytest.mark.parametrize(
    ("written", "rule", "column", "said"),
    [
        ("party.verfied", "unknown-name", 11, "did you mean `party.verified`?"),
        ("number.kind == wrok", "unknown-name", 26, "did you mean `work`?"),
        ("MX in account.places", "unknown-name", 11, "`MA`"),
        ("heard.zip == abc", "unknown-name", 24, "in quotes: `'abc'`"),
        ("calls.__class__ == 'a'", "unknown-name", 11, "declare it"),
        ("calls > '3'", "wrong-type", 19, "same type"),
        ("calls", "wrong-type", 11, "compare it"),
        ("3", "wrong-type", 11, "compare a fact"),
        ("calls < account.balance", "wrong-type", 11, "same type"),
        ("number.kind < work", "wrong-type", 11, "`==` or `!=`"),
        ("account.places == account.places", "wrong-type", 11, "`in`"),
        ("account.balance > 1.005", "wrong-type", 29, "whole cents"),
        ("clock.today + 7 > promise.date", "wrong-type", 25, "`parameters:`"),
        ("clock.today + promise.date > clock.today", "wrong-type", 11, "length of time"),
        ("calls is bank_day", "wrong-type", 11, "name a date"),
        ("clock.time >= 21:00", "unreadable-condition", 25, "`parameters:`"),
        ("promise.date > 2026-03-10", "unreadable-condition", 26, "`parameters:`"),
        ("calls = 3", "unreadable-condition", 17, "`==`"),
        ("calls && party.verified", "unreadable-condition", 17, "a list"),
        ("!party.verified", "unreadable-condition", 11, "`not`"),
        ("calls >", "unreadable-condition", 17, "one comparison"),
        ("calls > 3 4", "unreadable-condition", 21, "one comparison"),
        ("", "unreadable-condition", 11, "one comparison"),
        ("calls > " + "9" * 400, "unreadable-condition", 19, "smaller number"),
        ("(" * 200 + "calls" + ")" * 200 + " > 3", "unreadable-condition", 23, "smaller parts"),
        ("not " * 200 + "party.verified", "unreadable-condition", 171, "smaller parts"),
        ("x" * 5_000, "unreadable-condition", 11, "split"),
        ("consent and party.verified", "not-allowed-in-conditions", 11, "a list"),
        ("consent or party.verified", "not-allowed-in-conditions", 11, "`any:`"),
        ("promise.date == none", "not-allowed-in-conditions", 27, "`is unknown`"),
        ("len(heard.zip) > 3", "not-allowed-in-conditions", 11, "brackets"),
        ("account.balance | money == 3", "not-allowed-in-conditions", 11, "filter"),
        ("heard['zip'] == 'a'", "not-allowed-in-conditions", 11, "declared name"),
        ("calls ** 2 > 3", "not-allowed-in-conditions", 11, "only `+`"),
        ("calls is divisibleby 3", "not-allowed-in-conditions", 11, "`is known`"),
        ("-calls > 3", "not-allowed-in-conditions", 11, "subtract"),
    ],
)
def test_a_mistake_has_its_place_and_its_mend(written, rule, column, said):
    condition, findings = parse_condition(text(written), SCOPE)
    assert condition is None
    (finding,) = findings
    assert (finding.rule, finding.span.line, finding.span.column) == (rule, 7, column)
    assert said in finding.help
    assert finding.message == finding.message.rstrip(".")


def test_lists_hold_together_and_choices_are_named():
    written = Seq([text("calls > 1"), Map([(text("none"), Seq([text("consent"), text("heard.affirm")]))])])
    condition, findings = parse_condition(written, SCOPE)
    assert findings == ()
    assert condition is not None
    assert say(condition) == "calls is more than 1 and (not consent and `affirm` was not heard)"


@pytest.mark.parametrize(
    ("node", "rule"),
    [
        (Map([(text("all"), Seq([text("consent")]))]), "not-allowed-in-conditions"),
        (Map([(text("any"), text("consent"))]), "unreadable-condition"),
        (Map([(text("any"), Seq())]), "unreadable-condition"),
        (Map(), "unreadable-condition"),
        (Seq([Seq([Seq([Seq([Seq([text("consent")])])])])]), "unreadable-condition"),
    ],
)
def test_other_ways_to_join_are_refused(node, rule):
    condition, findings = parse_condition(node, SCOPE)
    assert condition is None
    assert [finding.rule for finding in findings] == [rule]


def test_every_mistake_of_a_list_is_found():
    _, findings = parse_condition(Seq([text("callz > 1"), text("consent"), text("calls > 'a'")]), SCOPE)
    assert [finding.rule for finding in findings] == ["unknown-name", "wrong-type"]


@pytest.mark.parametrize(
    ("written", "wanted", "value"),
    [
        ("25.00", T.MONEY, 2_500), ("$25.00", T.MONEY, 2_500), ("5 days", T.DURATION, 432_000),
        ("2026-03-10", T.DATE, 739_685), ("09:00", T.TIME, 32_400), ("true", T.BOOL, True), ("7", T.INT, 7),
        ("collections", T.TEXT, "collections"), ("Wants to pay later", T.TEXT, "Wants to pay later"),
        ("'quoted'", T.TEXT, "quoted"), ("work", T.ENUM, "work"), ("7", None, 7),
    ],
)
def test_literals_are_read_by_the_type_their_place_expects(written, wanted, value):
    words = frozenset({"work"} if wanted is T.ENUM else ())
    expression, findings = parse_expression(text(written), SCOPE, wanted, words)
    assert findings == ()
    assert isinstance(expression, Constant)
    assert expression.value == value


def test_expressions_have_the_type_their_place_expects():
    assert parse_expression(text("promise.amount"), SCOPE, T.MONEY)[0] == Ref(
        "promise.amount", T.MONEY, span=text("promise.amount").at(0, 14))
    assert parse_expression(text("promise.amount"), SCOPE, T.DATE)[1][0].rule == "wrong-type"
    assert parse_expression(text("promise.amout"), SCOPE, T.TEXT)[1][0].rule == "unknown-name"
    assert parse_expression(text("promise.amount + 5"), SCOPE, T.MONEY)[0] is not None


PIECES = st.sampled_from([
    *worlds.TYPES, "not", "and", "or", "in", "is", "known", "==", "!=", "<", "(", ")", "[", "]", "{", "}", "{{", "}}",
    "{%", "%}", "{#", "#}", "|", "'", '"', "\\", "+", "-", "*", "/", "**", "~", ".", ",", ":", "=", "1", "2.5", "1e999",
    "0x1", "none", "true", "if", "else", "work", "\n", "\0", "\ud800", "é", "½", "²", " ",
])


def texts() -> st.SearchStrategy[str]:
    return st.lists(PIECES, max_size=12).map(" ".join) | st.lists(PIECES, max_size=12).map("".join) | st.text()


@settings(max_examples=1_500, deadline=None)
@given(texts())
def test_nothing_an_author_can_write_raises(written):
    node: Node = text(written)
    condition, findings = parse_condition(node, SCOPE)
    assert (condition is None) is bool(findings)
    for finding in findings:
        assert 11 <= finding.span.column <= 11 + len(written)
    for wanted in (None, T.MONEY, T.TEXT):
        expression, found = parse_expression(text(written), SCOPE, wanted)
        assert (expression is None) is bool(found)


def test_scopes_add_names_and_guess_by_the_last_part():
    scope = Scope({"us.frequency.max_calls": Name("us.frequency.max_calls", T.INT)})
    assert scope.did_you_mean("max_calls") == "did you mean `us.frequency.max_calls`?"
    assert scope.did_you_mean("zebra") == ""
    assert scope.with_names({"max_calls": COUNTER}).find("max_calls") == COUNTER
    assert scope.find("max_calls") is None
