"""A pattern may match what means another thing too; it may not take it away, nor act where nobody claimed it."""

from pathlib import PurePosixPath

import pytest
from checks.bundles import base, checked

HEARD = PurePosixPath("flows/intents.yaml")


@pytest.mark.parametrize(
    ("patterns", "why"),
    [
        pytest.param({"deny": "sure"}, ["`affirm` is lost"], id="an example is taken away"),
        pytest.param(
            {"affirm": "sure", "stop_calling": "sure"},
            ["rules act on `stop_calling`, and nobody claimed it"],
            id="calls stop that nobody asked to stop",
        ),
        pytest.param({"stop_calling": "no more", "human": "no more"}, [], id="two rights are heard in one sentence"),
        pytest.param({"affirm": "sure", "human": "sure"}, [], id="a right on which no rule stops calls"),
        pytest.param({"affirm": "sure"}, [], id="a pattern for its own example"),
    ],
)
def test_only_a_pattern_that_changes_what_happens_is_found(patterns: dict[str, str], why: list[str]) -> None:
    texts = base()
    for intent, words in patterns.items():
        texts[HEARD] = texts[HEARD].replace(f"  {intent}:\n", f"  {intent}:\n    patterns: ['\\b{words}\\b']\n")
    assert [f.why for f in checked(texts, "pattern-catches-others").findings] == why
