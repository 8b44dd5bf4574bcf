"""Generated utterances: no false confirmation, no false promise, and what is meant is heard."""

from dataclasses import replace

from engine.nlu.evaluate import Report, evaluate
from engine.nlu.recogniser import Recogniser
from tests.engine.nlu.conftest import AT, listening
from tests.engine.nlu.generator import PROTECTED, utterances


def test_generated_utterances(recogniser: Recogniser) -> None:
    every = list(utterances())
    assert len(every) >= 5000
    cases = [replace(case, listening=listening()) for case in every[::6]]
    report: Report = evaluate(recogniser, cases, PROTECTED, AT)
    assert [j.case.text for j in report.judged if j.forbidden] == []
    assert report.protected_recall >= 0.99, report.missed_protected
    assert report.recall(["identity_confirmed"]) >= 0.95
    assert report.recall(["promise"]) >= 0.95
