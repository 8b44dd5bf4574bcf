import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.bundle import Atom, Field
from engine.compiler.lower import MOST_CONJUNCTS, TooComplex, lower
from engine.expressions.parse import parse_condition
from engine.expressions.tree import AnyOf, Compare, Condition, Constant, Ref
from engine.source.tree import Map, Seq, Text
from engine.terms import Ask
from engine.terms import ValueType as T
from tests.engine.expressions import worlds


def read(*lines: str) -> Condition:
    condition, findings = parse_condition(Seq(map(Text, lines)), worlds.SCOPE)
    assert condition is not None, findings
    return condition


def forms(when: Condition, unless: Condition | None = None, tightening: bool = True) -> tuple[tuple[str, ...], ...]:
    spec = lower(Ask.BEFORE_DIALING, [worlds.rule("a", when, unless, tightening)])
    return tuple(tuple(said(atom) for atom in conjunct) for conjunct in spec.rules["a"])


def said(atom: Atom) -> str:
    return f"{atom.field} {atom.op} {atom.other or repr(atom.value)}"


@pytest.mark.parametrize(
    ("line", "may", "must"),
    [
        ("calls >= max_calls", ["low:max_calls <= high:calls"], ["high:max_calls <= low:calls"]),
        ("calls >= 7", ["high:calls >= 7"], ["low:calls >= 7"]),
        ("calls < 7", ["low:calls < 7"], ["high:calls < 7"]),
        ("calls == 7", ["high:calls >= 7", "low:calls <= 7"], ["low:calls == 7"]),
        ("calls != 7", ["low:calls != 7"], ["low:calls != 7", "unknown:calls == False"]),
        ("account.balance > 2.50", ["high:account.balance > 250"], ["low:account.balance > 250"]),
        ("party.verified", ["may:party.verified == True"], ["may_not:party.verified == False"]),
        ("not party.verified", ["may_not:party.verified == True"], ["may:party.verified == False"]),
        ("party.verified is unknown", ["unknown:party.verified == True"], ["unknown:party.verified == True"]),
        (
            "number.kind != work",
            ["value:number.kind != 'work'"],
            ["unknown:number.kind == False", "value:number.kind != 'work'"],
        ),
        ("MA in account.places", ["may_have:account.places:'MA' == True"], ["may_lack:account.places:'MA' == False"]),
        (
            "MA not in account.places",
            ["may_lack:account.places:'MA' == True"],
            ["may_have:account.places:'MA' == False"],
        ),
        (
            "place in account.places",
            ["may_have:account.places:place == True"],
            ["may_lack:account.places:place == False"],
        ),
        ("clock.today is bank_day", ["may_bank_day:clock.today == True"], ["may_not_bank_day:clock.today == False"]),
    ],
)
def test_a_comparison_stays_one_conjunct(line, may, must):
    assert forms(read(line)) == (tuple(may),)
    assert forms(read(line), tightening=False) == (tuple(must),)


def test_a_tightening_rule_fires_when_its_exception_may_fail():
    assert forms(read("calls >= 7"), read("party.verified")) == (("high:calls >= 7", "may_not:party.verified == True"),)


def test_a_deriving_rule_fires_when_its_exception_must_fail():
    assert forms(read("calls >= 7"), read("party.verified"), tightening=False) == (
        ("low:calls >= 7", "may:party.verified == False"),
    )


def test_what_no_fact_can_change_is_decided_here():
    always, never = Compare("<", Constant(1, T.INT), Constant(2, T.INT)), AnyOf(())
    assert forms(always) == ((),)
    assert forms(never) == ()


def test_an_unknown_text_equals_anything_perhaps():
    assert forms(read("heard.zip == '01234'")) == (("unknown:heard.zip == True",), ("value:heard.zip == '01234'",))
    assert forms(read("heard.zip == '01234'"), tightening=False) == (("value:heard.zip == '01234'",),)


def test_conjuncts_that_cannot_hold_or_say_nothing_new_are_left_out():
    condition = AnyOf((read("party.verified", "calls > 3"), read("party.verified")))
    assert forms(condition) == (("may:party.verified == True",),)
    assert forms(read("number.kind == work", "number.kind == mobile"), tightening=False) == ()


def test_sums_are_fields():
    (field, _) = lower(Ask.BEFORE_DIALING, [worlds.rule("a", read("clock.today + grace > promise.date"))]).fields
    assert isinstance(field, Field)
    spec = lower(Ask.BEFORE_DIALING, [worlds.rule("a", read("clock.today + grace > promise.date"))])
    assert {f.name for f in spec.fields} == {"low:promise.date", "high:(clock.today + grace as date)"}


def test_too_many_ways_to_fire_name_the_rule():
    zips = Seq([Map([(Text("any"), Seq([Text(f"heard.zip == '{n}{m}'") for n in range(5)]))]) for m in range(4)])
    condition, _ = parse_condition(zips, worlds.SCOPE)
    assert condition is not None
    with pytest.raises(TooComplex) as caught:
        lower(
            Ask.BEFORE_DIALING,
            [
                worlds.rule(
                    "house.long",
                    AnyOf((condition, *(Compare("==", Ref("calls", T.INT), Constant(n, T.INT)) for n in range(80)))),
                )
            ],
        )
    assert caught.value.rule_id == "house.long"


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(worlds.conditions(), min_size=1, max_size=3))
def test_every_field_named_is_there_and_read(conditions):
    rules = worlds.rules_of([(condition, None, True) for condition in conditions])
    try:
        spec = lower(Ask.BEFORE_DIALING, rules)
    except TooComplex:
        return
    atoms = [atom for form in spec.rules.values() for conjunct in form for atom in conjunct]
    assert {f.name for f in spec.fields} == {name for a in atoms for name in (a.field, a.other) if name}
    assert all(len(form) <= MOST_CONJUNCTS for form in spec.rules.values())
    assert spec == lower(Ask.BEFORE_DIALING, rules)
