"""Examples of rules of reading and linking are true: seeded, they are flagged, and mended, they are not."""

import pytest
from checks.bundles import base, checked
from checks.test_defects import SEEDS
from click.testing import CliRunner

from engine.checks.earlier import EARLIER
from engine.checks.earlier_examples import EXAMPLES
from engine.checks.pages import page_of
from tools.explain import explain

WITHOUT = set(
    """
    unreadable-file
    too-deep-or-large
    hidden-characters
    empty-file
    no-documents
    wrong-folder
    missing-key
    wrong-shape
    declared-twice
    condition-too-complex
    unknown-counter
    no-vocabulary
    unknown-scope
    unknown-suppression-scope
    no-intents
    not-translated
    flow-uses-itself
    unused-flow
    too-many-states
    hears-and-then
    nothing-told
    nothing-expected
    waiver-malformed
    waiver-expired-or-malformed
    unused-waiver
    waiver-without-reason-or-approver
    self-approved-waiver
    waiver-not-in-base
    """.split()
)
"""Rules of what no few lines show: of whole files, of files that are missing, and of what two files say."""


@pytest.mark.parametrize("rule", EXAMPLES)
def test_what_an_example_flags_is_found_there_and_what_it_offers_is_not(rule: str) -> None:
    example = EXAMPLES[rule]
    flagged, instead = example.flagged.rstrip("\n"), example.instead.rstrip("\n")
    for seeded, edits, _ in SEEDS:
        texts = base()
        for path, old, new in edits:
            texts[path] = texts.setdefault(path, "").replace(old, new, 1)
        path = next((p for p in texts if str(p) == example.file), None)
        if seeded == rule and path is not None and flagged in texts[path]:
            assert rule in {f.rule for f in checked(texts).findings}
            texts[path] = texts[path].replace(flagged, instead, 1)
            assert rule not in {f.rule for f in checked(texts).findings}
            return
    pytest.fail(f"the example of {rule} is nowhere seeded")


def test_an_example_is_of_a_rule_and_is_shown_on_its_page() -> None:
    assert set(EXAMPLES) <= set(EARLIER)
    assert set(EARLIER) - set(EXAMPLES) == WITHOUT
    for rule, example in EXAMPLES.items():
        page = page_of(rule)
        assert example.flagged.splitlines()[0].strip() in page
        assert "Flagged::" in page
        assert "Write instead::" in page


def test_explain_shows_it() -> None:
    said = CliRunner().invoke(explain, ["unknown-state"]).output
    assert "    start: greting" in said
    assert "    start: greeting" in said
