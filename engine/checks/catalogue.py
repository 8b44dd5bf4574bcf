"""Every check, in the order it is run and printed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType

from engine.checks import (
    blocked_not_neutral,
    call_can_never_end,
    class_unguarded,
    condition_never_holds,
    could_not_prove,
    dead_state,
    disposition_unused,
    exemption_swallows_rule,
    fact_never_set,
    fact_unused,
    identity_not_reset,
    insertion_held_back,
    intent_not_described,
    intent_unused,
    language_not_understood,
    limits_differ,
    no_way_to_a_person,
    notice_before_itself,
    only_barrier,
    parameter_not_in_force,
    pattern_catches_others,
    placeholders_differ,
    prompt_hard_to_hear,
    prompt_too_long,
    prompt_two_questions,
    prompt_unused,
    retry_without_limit,
    right_unanswered,
    rule_always_fires,
    rule_can_be_broken,
    rule_implied,
    rule_never_fires,
    rules_contradict,
    said_after_stop,
    same_example_twice,
    slot_maybe_unset,
    speaks_of_debt_undeclared,
    step_never_reached,
    table_gap,
    threat_or_pressure,
    too_few_examples,
    too_many_repeats,
    understanding_below_floor,
    window_empty,
)
from engine.checks.context import Context
from engine.checks.examples import Page, page
from engine.source.finding import Finding, Level
from engine.terms import Kind


@dataclass(frozen=True, slots=True)
class Check:
    """A check: what it is called, how grave it is, and its manual page.

    Args:
        name: What it is called everywhere.
        code: Its short form.
        level: How grave its findings are unless they say otherwise.
        waivable: Whether a finding can be waived.
        page: Its manual page.
        find: Yields its findings.
        reads: Besides vocabulary, policies and names, the documents that decide whether there are any; None where
            that is not said, and it is run each time.
    """

    name: str
    code: str
    level: Level
    waivable: bool
    page: Page
    find: Callable[[Context], Iterator[Finding]]
    reads: tuple[Kind, ...] | None = None


def _check(module: ModuleType) -> Check:
    return Check(
        module.NAME,
        module.CODE,
        module.LEVEL,
        module.WAIVABLE,
        page(module.__doc__ or ""),
        module.check,
        getattr(module, "READS", None),
    )


CHECKS = tuple(
    _check(module)
    for module in (
        blocked_not_neutral,
        call_can_never_end,
        class_unguarded,
        condition_never_holds,
        could_not_prove,
        dead_state,
        disposition_unused,
        exemption_swallows_rule,
        fact_never_set,
        fact_unused,
        identity_not_reset,
        insertion_held_back,
        intent_not_described,
        intent_unused,
        language_not_understood,
        limits_differ,
        no_way_to_a_person,
        notice_before_itself,
        only_barrier,
        parameter_not_in_force,
        pattern_catches_others,
        placeholders_differ,
        prompt_hard_to_hear,
        prompt_too_long,
        prompt_two_questions,
        prompt_unused,
        retry_without_limit,
        right_unanswered,
        rule_always_fires,
        rule_can_be_broken,
        rule_implied,
        rule_never_fires,
        rules_contradict,
        said_after_stop,
        same_example_twice,
        slot_maybe_unset,
        speaks_of_debt_undeclared,
        step_never_reached,
        table_gap,
        threat_or_pressure,
        too_few_examples,
        too_many_repeats,
        understanding_below_floor,
        window_empty,
    )
)


def waivable(rule: str) -> bool:
    """Return whether findings of *rule* can be waived or kept in a baseline."""
    return any(check.name == rule and check.waivable for check in CHECKS)
