"""What is heard at once: no choice is left out that a condition tells apart; and what is undecided is said."""

import random
from dataclasses import replace
from itertools import chain, combinations

from checks.bundles import AS_OF, base

from engine.checks.prove.limits import Budget
from engine.checks.prove.together import Together
from engine.checks.prove.truth import truth
from engine.checks.run import run
from engine.compiler import compile_bundle
from engine.expressions.tree import All, AnyOf, Condition, Not, Ref, Truth
from engine.source.read import read_texts
from engine.terms import ValueType

NAMES = [f"heard.i{n}" for n in range(7)]
BITS = {name: 1 << n for n, name in enumerate(NAMES)}


def condition(chance: random.Random, depth: int = 0) -> Condition:
    if depth > 2 or chance.random() < 0.4:
        name = chance.choice([*NAMES, *NAMES, "party.verified"])
        return Truth(Ref(name, ValueType.BOOL, False))
    if chance.random() < 0.2:
        return Not(condition(chance, depth + 1))
    parts = tuple(condition(chance, depth + 1) for _ in range(chance.choice([1, 2, 3, 4])))
    return All(parts) if chance.random() < 0.5 else AnyOf(parts)


def answers(conditions: list[Condition], heard: int) -> tuple[int, ...]:
    """Return what each condition answers, whoever is verified."""
    given = {name: bool(heard & bit) for name, bit in BITS.items()}
    return tuple(truth(c, given | {"party.verified": yes}) for c in conditions for yes in (False, True))


def test_every_choice_is_like_one_that_is_taken() -> None:
    chance = random.Random(3)
    for _ in range(150):
        conditions = [condition(chance) for _ in range(chance.choice([1, 2, 4]))]
        event = BITS[NAMES[-1]]
        together = Together(BITS, event, conditions)
        certain = chance.choice([0, 1, 2, 4])
        free = chance.randrange(64) & ~certain
        choices = together.choices(certain, free)
        members = [bit for bit in BITS.values() if free & bit]
        chosen = chain.from_iterable(combinations(members, size) for size in range(len(members) + 1))
        every = {answers(conditions, certain | sum(some)) for some in chosen}
        assert {answers(conditions, heard) for heard in choices.heard.values()} == every
        assert all(heard & certain == certain and not heard & ~(certain | free) for heard in choices.heard.values())
        for number, heard in choices.heard.items():
            assert answers(conditions, together.cases[number]) == answers(conditions, heard)


def test_a_search_that_is_cut_short_is_said_to_be_undecided() -> None:
    texts = base()
    prompts = next(path for path in texts if path.name == "prompts.yaml")
    texts[prompts] = texts[prompts].replace(
        "bye: Thank you, and good bye.", "bye: Thank you for {{ pay.amount | money }}."
    )
    sources = read_texts(texts)
    bundle = compile_bundle(sources).need()
    for check in ("slot-maybe-unset", "said-after-stop"):
        report = run(sources, bundle, (), AS_OF, only=(check,), budget=replace(Budget(), situations=0))
        assert report.unsure
        assert {f.rule for f in report.findings} == {"could-not-prove"}
        assert f"`{check}`" in report.findings[0].message
