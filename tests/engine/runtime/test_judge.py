import subprocess
import sys
import threading
import time

import psutil
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from engine.bundle import NetworkSpec, Rule
from engine.compiler.lower import TooComplex, lower
from engine.expressions.evaluate import evaluate, undecided_by
from engine.expressions.parse import parse_condition
from engine.expressions.tree import All, Compare, Condition, Constant, Known, Not, Ref, Truth, Value
from engine.runtime import network as network_module
from engine.runtime.judge import Judge
from engine.source.tree import Node
from engine.terms import Ask
from engine.terms import ValueType as T
from tests.engine.expressions import worlds

CALLS = Ref("calls", T.INT)
MANY = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


def judge_of(rules: list[Rule]) -> Judge:
    return Judge(lower(Ask.BEFORE_DIALING, rules), rules)


def plainly(rule: Rule, facts: dict[str, Value]) -> bool:
    when = evaluate(rule.when, facts)
    unless = evaluate(rule.unless, facts) if rule.unless is not None else False
    if rule.tightening:
        return when is not False and unless is not True
    return when is True and unless is False


def agree(rules: list[Rule], cases: list[dict[str, Value]]) -> None:
    try:
        judge = judge_of(rules)
    except TooComplex:
        reject()
    for facts in cases:
        verdict = judge.ask(facts)
        assert verdict.faults == ()
        assert verdict.fired == tuple(rule.id for rule in rules if plainly(rule, facts))
        for rule in rules:
            whole: Condition = All((rule.when, Not(rule.unless))) if rule.unless is not None else rule.when
            acted_on = undecided_by(whole, facts) if rule.tightening and rule.id in verdict.fired else ()
            assert verdict.unknown.get(rule.id, ()) == acted_on
            assert all(facts.get(name) is None for name in acted_on) or not acted_on or _sums(whole)
    judge.close()


def _sums(condition: Condition) -> bool:
    return "Arithmetic" in repr(condition)


def test_three_readers_agree_on_every_kind_of_comparison():
    parts: list[tuple[Condition, Condition | None, bool]] = []
    for one in worlds.every_comparison():
        ways = [(one, None), (Not(one), None), (All(()), one), (All(()), Not(one))]
        parts += [(when, unless, may) for when, unless in ways for may in (True, False)]
    assert len(parts) > 1_000
    agree(worlds.rules_of(parts), worlds.every_pair_of_values())


@MANY
@given(worlds.comparisons(), st.lists(worlds.facts(), min_size=8, max_size=8))
def test_three_readers_agree_on_each_comparison(one, cases):
    ways = [(one, None), (Not(one), None), (All(()), one), (All(()), Not(one))]
    agree(worlds.rules_of([(when, unless, may) for when, unless in ways for may in (True, False)]), cases)


@MANY
@given(worlds.rules(), st.lists(worlds.facts(), min_size=8, max_size=8))
def test_three_readers_agree_on_random_trees(rules, cases):
    agree(rules, cases)


@MANY
@given(
    st.lists(st.tuples(worlds.nodes(), st.none() | worlds.nodes(1), st.booleans()), min_size=1, max_size=4),
    st.lists(worlds.facts(), min_size=8, max_size=8),
)
def test_three_readers_agree_on_what_authors_write(parts, cases):
    read = [(condition(when), condition(unless) if unless is not None else None, may) for when, unless, may in parts]
    agree(worlds.rules_of(read), cases)


def condition(node: Node) -> Condition:
    found, findings = parse_condition(node, worlds.SCOPE)
    assert found is not None, findings
    return found


def test_unknown_facts_are_named_only_where_they_decide():
    both = All((Compare(">=", CALLS, Constant(7, T.INT)), Truth(Ref("consent", T.BOOL))))
    rules = worlds.rules_of([(both, None, True)])
    judge = judge_of(rules)
    assert judge.ask({"calls": 8}).unknown == {"house.rule[0]": ("consent",)}
    assert judge.ask({"calls": 8, "consent": True}).unknown == {}
    assert judge.ask({"calls": 6}).fired == ()


def test_a_broken_second_reading_is_a_fault():
    judge = judge_of([worlds.rule("a", Truth(Ref("consent", T.BOOL)))])
    judge.shadow = lambda facts: (frozenset({"a", "b"}), frozenset())
    verdict = judge.ask({"consent": True})
    assert verdict.faults == ("the two readings of the rules disagree on b",)


@pytest.mark.parametrize("value", ["7", 7.0, True, 2**70], ids=["text", "fraction", "truth", "too large"])
def test_a_fact_of_another_type_is_a_fault(value):
    judge = judge_of([worlds.rule("a", Compare(">=", CALLS, Constant(7, T.INT)))])
    assert judge.ask({"calls": value}).faults
    assert judge.ask({"calls": 7}).fired == ("a",)


def test_a_broken_engine_is_a_fault_once(monkeypatch):
    judge = judge_of([worlds.rule("a", Compare(">=", CALLS, Constant(7, T.INT)))])
    assert judge.ask({"calls": 7}).fired == ("a",)
    judge.network._idle[0] = (10**6,)
    faulty = judge.ask({"calls": 7})
    assert "rules engine failed" in faulty.faults[0]
    assert faulty.fired == ("a",)
    assert judge.ask({"calls": 7}).faults == ()


def test_an_evaluation_that_stops_early_is_a_fault(monkeypatch):
    judge = judge_of([worlds.rule("a", Compare(">=", CALLS, Constant(7, T.INT)))])
    with monkeypatch.context() as patched:
        patched.setattr(network_module.durable_rules_engine, "complete_and_start_action", lambda handle, state: None)
        assert "stopped before its end" in judge.ask({"calls": 7}).faults[0]
    assert judge.ask({"calls": 7}).faults == ()


def test_eight_threads_at_once():
    rules = worlds.rules_of([(Compare(">=", CALLS, Constant(n, T.INT)), None, True) for n in range(40)])
    judge = judge_of(rules)
    wrong: list[object] = []

    def work(seed: int) -> None:
        for n in range(400):
            calls = (seed * 31 + n) % 45
            verdict = judge.ask({"calls": calls})
            if verdict.faults or len(verdict.fired) != min(calls + 1, 40):
                wrong.append((calls, verdict))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_more_rules_than_a_shard_may_all_fire():
    rules = worlds.rules_of([(Compare(">=", CALLS, Constant(n, T.INT)), None, True) for n in range(200)])
    judge = judge_of(rules)
    assert len(judge.ask({"calls": 500}).fired) == 200
    assert judge.ask({"calls": -1}).fired == ()


def test_a_bundle_without_rules_fires_nothing():
    judge = Judge(NetworkSpec(Ask.AFTER_CALL, (), {}), [])
    assert judge.ask({"calls": 1}).fired == ()
    assert judge.ask({}).faults == ()


def test_memory_does_not_grow_and_decisions_are_quick():
    rules = worlds.rules_of([(Compare(">=", CALLS, Constant(n, T.INT)), None, True) for n in range(12)])
    judge = judge_of([*rules, worlds.rule("known", Known(CALLS))])
    for n in range(2_000):
        judge.ask({"calls": n % 14})
    before, start = psutil.Process().memory_info().rss, time.perf_counter()
    for n in range(50_000):
        judge.ask({"calls": n % 14})
    assert psutil.Process().memory_info().rss - before < 4_000_000
    assert 50_000 / (time.perf_counter() - start) > 2_000


QUIET = """
from engine.compiler.lower import lower
from engine.expressions.tree import Compare, Constant, Ref
from engine.runtime.judge import Judge
from engine.terms import Ask, ValueType
from tests.engine.expressions.worlds import rule
rules = [rule("a", Compare(">=", Ref("calls", ValueType.INT), Constant(7, ValueType.INT)))]
judge = Judge(lower(Ask.BEFORE_DIALING, rules), rules)
assert not any(judge.ask({"calls": n % 7}).fired for n in range(60_000))
judge.close()
print("quiet")
"""


def test_sixty_thousand_decisions_that_allow_do_not_crash():
    done = subprocess.run([sys.executable, "-c", QUIET], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "quiet"), done.stderr


def test_closing_gives_memory_back():
    rules = worlds.rules_of([(Compare(">=", CALLS, Constant(n, T.INT)), None, True) for n in range(40)])

    def use() -> int:
        for _ in range(60):
            judge = judge_of(rules)
            judge.ask({"calls": 3})
            judge.close()
        return psutil.Process().memory_info().rss

    use()
    before = use()
    assert use() - before < 8_000_000
