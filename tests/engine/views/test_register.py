"""The register says what the policies and the scenarios say, and stands in the repository as made."""

from pathlib import Path

import pytest

from engine.views.register import register, shown_by, unresearched
from tools.bundles import open_bundle
from tools.register import replays

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def opened():
    return open_bundle(ROOT)


def test_the_register_in_the_repository_is_the_one_that_is_made(opened):
    made = register(opened.bundle, shown_by(replays(opened)))
    kept = (ROOT / "policies" / "README.md").read_text("utf-8")
    assert kept == made, "make it again: callwright register -o policies/README.md"


def test_every_rule_and_every_doubt_stands_in_the_register(opened):
    text = register(opened.bundle, {})
    for asked in opened.bundle.rules.values():
        for rule in asked:
            assert f"`{rule.id.partition('[')[0]}`" in text
            assert rule.confirm in text


def test_a_rule_names_the_scenarios_that_show_it(opened):
    rule = next(iter(opened.bundle.rules.values()))[0].id
    text = register(opened.bundle, {rule: ("scenarios/a/one.yaml", "scenarios/b/two.yaml")})
    assert "[one](../scenarios/a/one.yaml), [two](../scenarios/b/two.yaml)" in text


def test_places_that_are_only_warned_about_are_listed(opened):
    places = unresearched(opened.bundle)
    assert "GA" in places
    assert "MA" not in places
    assert ", ".join(places) in register(opened.bundle, {})
