"""What `only_say` lets through without a notice is found where a call can come to it, and nowhere else."""

from pathlib import PurePosixPath

import pytest
from checks.bundles import base, checked

FLOW, RULES = PurePosixPath("flows/call/flow.yaml"), PurePosixPath("policies/rules.yaml")
TWO = """rules:
  notice:
    ask: before_speaking
    must_say: greeting
    before: {before}
    {when}
    source: house rule
    severity: house
  machine:
    ask: before_speaking
    only_say: [{lets}]
    when: heard.voicemail
    source: house rule
    severity: house
"""


@pytest.mark.parametrize(
    ("before", "when", "lets", "said"),
    [
        pytest.param("anything", "about: always", "bye", "`bye` is said", id="the machine hears one sentence"),
        pytest.param("end", "about: always", "", "the call ends", id="the call ends in silence"),
        pytest.param("[debt]", "about: always", "bye", "", id="what is let through needs no notice"),
        pytest.param("anything", "unless: heard.voicemail", "bye", "", id="it is said to be meant"),
        pytest.param("anything", "when: heard.affirm", "bye", "", id="an answer is no voicemail"),
        pytest.param("anything", "about: always", "stopped", "", id="no turn says it to a machine"),
        pytest.param("anything", "about: always", "", "", id="nothing is said"),
    ],
)
def test_a_notice_is_held_back_only_before_what_is_let_through(before: str, when: str, lets: str, said: str) -> None:
    texts = base()
    texts[FLOW] = texts[FLOW].replace("anytime:\n", "anytime:\n  voicemail: {say: bye, end: done}\n")
    texts[RULES] = texts[RULES].replace("rules:\n", TWO.format(before=before, when=when, lets=lets))
    found = [f.message.partition(" without ")[0] for f in checked(texts, "insertion-held-back").findings]
    assert found == ([said] if said else [])
