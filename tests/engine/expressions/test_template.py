import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.expressions.scope import Scope
from engine.expressions.template import LONGEST_OUTPUT, TemplateTree, UnknownFact, parse_template, render
from engine.expressions.tree import Name
from engine.source.tree import Text
from engine.terms import ValueType as T
from tests.engine.expressions import worlds
from tests.engine.expressions.test_parse import texts

TYPES = {**worlds.TYPES, "party.first_name": T.TEXT, "us.frequency.max_calls": T.INT}
SCOPE = Scope({
    **worlds.SCOPE.names,
    "party.first_name": Name("party.first_name", T.TEXT),
    "party.ssn": Name("party.ssn", T.TEXT, spoken=False),
    "where": Name("where", T.TEXT, constant="MA"),
    "most": Name("us.frequency.max_calls", T.INT),
})
FACTS = {
    "party.first_name": "Alex", "account.balance": 125_050, "clock.today": 739_600, "clock.time": 54_000,
    "party.verified": True, "number.kind": "unknown_kind", "us.frequency.max_calls": 1_007, "window": 604_800,
    "heard.zip": "01234", "account.places": frozenset({"MA", "NY"}),
}


def said(source: str, locale: str = "en-US", **more: object) -> str:
    tree, findings = parse_template(Text(source), SCOPE)
    assert tree is not None, findings
    return render(tree.source, {**FACTS, **more}, TYPES, locale)


HOSTILE = [
    "{% for i in calls %}x{% endfor %}", "{% for a in account.places %}{{ a }}{% endfor %}", "{{ lipsum() }}",
    "{{ lipsum }}", "{{ range(10**9) }}", "{{ party.first_name.center(10**9) }}", "{{ party.first_name * 10**9 }}",
    "{{ 'a' * 10**9 }}", "{{ 'a' | center(10**9) }}", "{{ party.first_name | center(10**9) }}",
    "{{ ''.__class__.__mro__ }}", "{{ party.first_name.__class__ }}", "{{ party.__init__.__globals__ }}",
    "{{ self }}", "{{ self._TemplateReference__context }}", "{{ config }}", "{{ cycler('a', 'b').next() }}",
    "{{ joiner() }}", "{{ namespace(a=1) }}", "{{ dict(a=1) }}", "{{ caller() }}", "{{ party.first_name | attr('x') }}",
    "{{ party.first_name | map('upper') | list }}", "{{ party.first_name | safe }}", "{{ party.first_name | format }}",
    "{{ party['first_name'] }}", "{{ party.first_name[0] }}", "{{ party.first_name[:1] }}", "{{ [1, 2] }}",
    "{{ {'a': 1} }}", "{{ 'a' ~ 'b' }}", "{{ 2 ** 100000 }}", "{{ 1 / 0 }}", "{{ -calls }}", "{{ true }}", "{{ none }}",
    "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}", "{% import 'x' as y %}", "{% from 'x' import y %}",
    "{% include 'x' %}", "{% extends 'x' %}", "{% block a %}{% endblock %}", "{% set x = 1 %}",
    "{% with a = 1 %}{% endwith %}",
    "{% call x() %}{% endcall %}", "{% filter upper %}x{% endfilter %}", "{% autoescape true %}x{% endautoescape %}",
    "{% raw %}{{ x }}{% endraw %}", "{# a remark #}", "{% if lipsum() %}x{% endif %}",
    "{% if party.first_name | length > 3 %}x{% endif %}", "{{ party.first_name", "{{ }}", "{% if %}x{% endif %}",
    "{{ " + "(" * 300 + "calls" + ")" * 300 + " }}", "{% if consent %}" * 60 + "{% endif %}" * 60, "x" * 3_000,
]


@pytest.mark.parametrize("source", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_no_sentence_is_refused(source):
    tree, findings = parse_template(Text(source), SCOPE)
    assert tree is None
    assert findings
    assert {f.rule for f in findings} <= {
        "not-allowed-in-sentences", "not-allowed-in-conditions", "unreadable-sentence", "unknown-name",
    }


@pytest.mark.parametrize("source", ["{{ lipsum(10) }}", "{% for x in y %}{% endfor %}", "{{ ''.__class__ }}", "{{ a"])
def test_what_was_never_checked_is_not_rendered_either(source):
    with pytest.raises(ValueError, match=r"."):
        render(source, FACTS, TYPES, "en-US")


@pytest.mark.parametrize(
    ("source", "rule", "column", "help"),
    [
        ("Hi {{ party.frst_name }}", "unknown-name", 7, "`party.first_name`"),
        ("Your number is {{ party.ssn }}", "secret-in-prompt", 19, "`spoken: never`"),
        ("{{ party.ssn | spell }}", "secret-in-prompt", 4, "leave it out"),
        ("{% if party.ssn == '1' %}x{% endif %}", "secret-in-prompt", 7, "leave it out"),
        ("{{ 'a' if party.ssn is known else 'b' }}", "secret-in-prompt", 11, "leave it out"),
        ("{{ party.first_name | money }}", "wrong-type", 4, "of its type"),
        ("{{ party.verified }}", "wrong-type", 4, "`{% if %}`"),
        ("{{ clock.now }}", "wrong-type", 4, "a date or a time"),
        ("{{ calls | upper }}", "not-allowed-in-sentences", 4, "`spell`"),
        ("{% if consent and consent %}x{% endif %}", "not-allowed-in-conditions", 7, "a list"),
    ],
)
def test_a_mistake_has_its_place_and_its_mend(source, rule, column, help):
    _, (finding,) = parse_template(Text(source), SCOPE)
    assert (finding.rule, finding.span.column) == (rule, column)
    assert help in finding.help


@pytest.mark.parametrize(
    ("source", "english", "spanish"),
    [
        ("Hello {{ party.first_name }}.", "Hello Alex.", "Hello Alex."),
        ("{{ account.balance | money }} {{ account.balance }}", "$1,250.50 $1,250.50", "$1,250.50 $1,250.50"),
        ("{{ clock.today | spoken_date }}", "Monday, December 15, 2025", "lunes 15 de diciembre de 2025"),
        ("{{ clock.time | spoken_time }}", "3:00 PM", "3:00 de la tarde"),
        ("{{ window }}", "7 days", "7 días"),
        ("{{ heard.zip | spell }}", "0 1 2 3 4", "0 1 2 3 4"),
        ("{{ number.kind }} {{ number.kind | capitalize }}", "unknown kind Unknown kind", "unknown kind Unknown kind"),
        ("{{ most }}", "1,007", "1,007"),
        ("{{ account.places }}", "MA, NY", "MA, NY"),
        ("{% if account.balance > 1250.49 %}much{% else %}little{% endif %}", "much", "much"),
        ("{% if number.kind == work %}a{% elif MA in account.places %}b{% endif %}", "b", "b"),
        ("{{ 'now' if party.verified else 'later' }}", "now", "now"),
        ("{% if promise.date is unknown %}no date{% else %}{{ promise.date }}{% endif %}", "no date", "no date"),
        ("{% if clock.today is bank_day %}open{% endif %}", "open", "open"),
    ],
)
def test_sentences_in_words(source, english, spanish):
    assert said(source) == english
    assert said(source, "es-US") == spanish


def test_names_are_those_at_run_time_in_every_branch():
    source = "{{ where }}: {% if most > 3 %}{{ account.balance }}{% else %}{{ party.first_name }}{% endif %}"
    tree, _ = parse_template(Text(source), SCOPE)
    assert tree is not None
    assert tree.names == ("us.frequency.max_calls", "account.balance", "party.first_name")
    assert render(tree.source, {**FACTS, "where": "MA"}, TYPES, "en-US") == "MA: $1,250.50"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("{{ promise.date }}", "promise.date"),
        ("{{ promise.amount | money }}", "promise.amount"),
        ("{% if promise.date > clock.today %}x{% endif %}", "promise.date"),
        ("{{ 'a' if consent else 'b' }}", "consent"),
        ("{{ nowhere.declared }}", "nowhere.declared"),
    ],
)
def test_an_unknown_fact_is_never_said(source, name):
    with pytest.raises(UnknownFact) as caught:
        render(source, FACTS, TYPES, "en-US")
    assert caught.value.name == name


def test_what_is_said_is_bounded():
    with pytest.raises(UnknownFact) as caught:
        said("{{ number.kind }} {{ party.first_name }}", **{"party.first_name": "x" * LONGEST_OUTPUT})
    assert caught.value.name == "party.first_name"


@given(st.text(max_size=40))
def test_a_fact_is_never_read_as_a_sentence(words):
    assert said("<{{ party.first_name }}>", **{"party.first_name": words}) == f"<{words}>"
    assert said("<{{ party.first_name }}>", **{"party.first_name": "{{ party.ssn }}"}) == "<{{ party.ssn }}>"


@settings(max_examples=600, deadline=None)
@given(st.lists(texts(), max_size=4).map("".join) | texts().map("a {{{{ {} }}}} b".format))
def test_nothing_an_author_can_write_raises(source):
    tree, findings = parse_template(Text(source), SCOPE)
    assert (tree is None) is bool(findings)
    if tree is not None:
        assert len(rendered(tree)) <= LONGEST_OUTPUT


def rendered(tree: TemplateTree) -> str:
    try:
        return render(tree.source, {**FACTS, "where": "MA"}, TYPES, "en-US")
    except UnknownFact as unknown:
        return unknown.name
