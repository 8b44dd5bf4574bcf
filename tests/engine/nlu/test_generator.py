"""Generated utterances: no false confirmation, no false promise, and what is meant is heard."""

import re
from dataclasses import replace

import pytest

from engine.bundle import CompiledBundle
from engine.nlu.evaluate import Report, evaluate
from engine.nlu.languages import language_of
from engine.nlu.recogniser import Recogniser
from engine.nlu.words import canonical
from tests.engine.nlu.conftest import AT, listening
from tests.engine.nlu.generator import LOCALE, PROTECTED, SPANISH, utterances

STATE = listening(asks=("heard.dob", "heard.zip", "heard.ssn4"))


@pytest.mark.parametrize("locale", [LOCALE, SPANISH])
def test_generated_utterances(recogniser: Recogniser, shipped: CompiledBundle, locale: str) -> None:
    """None of what is measured is an example that was learnt."""
    language = language_of(locale)
    examples = (example for spec in shipped.intents[locale] for example in spec.examples)
    learnt = {canonical(re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", example), language) for example in examples}
    every = [case for case in utterances() if case.locale == locale]
    cases = [
        replace(case, listening=STATE if "give_identifier" in case.means else listening())
        for case in every[::13]
        if canonical(case.text, language) not in learnt
    ]
    assert len(cases) >= 1500
    report: Report = evaluate(recogniser, cases, PROTECTED, AT)
    assert [j.case.text for j in report.judged if j.forbidden] == []
    assert report.protected_recall >= 0.99, report.missed_protected
    others = {i for case in cases for i in case.means} - set(PROTECTED)
    assert len(others) == 16
    assert report.recall(others) >= 0.95
    assert {i: round(report.recall([i]), 3) for i in sorted(others) if report.recall([i]) < 0.9} == {}
