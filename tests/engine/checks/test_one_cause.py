"""One cause, one finding: what follows from it is folded in, and it is told where it has to be mended."""

from pathlib import Path, PurePosixPath

import pytest
from checks.bundles import AS_OF, base, checked
from checks.seeds import SAIDES, SPANISH_INTENTS, SPANISH_PROMPTS

from engine.source.finding import Finding, Level
from tools.lint import judge
from tools.wanted import Wanted

FLOW, RULES = PurePosixPath("flows/call/flow.yaml"), PurePosixPath("policies/rules.yaml")
SAID, WORDS = PurePosixPath("flows/call/prompts.yaml"), PurePosixPath("policies/vocabulary.yaml")
HEARD = PurePosixPath("flows/intents.yaml")
SPANISH = PurePosixPath("flows/intents.es.yaml")
STUCK = """      affirm: {go: led}
      deny: {say: bye, end: done}
  led:
    then: [{go: waiting}]
  waiting:
    say: wait_please
    silence: {times: 1, say: sorry, then: {go: round}}
    unclear: {times: 1, say: sorry, then: {go: round}}
    hears:
      affirm: {go: round}
      stop_calling: {go: round}
  round:
    then: [{go: waiting}]
"""

NOTICE = """rules:
  notice: {ask: before_speaking, must_say: balance, before: [debt], source: x, severity: house}
"""

ONE = {
    "silence of no state is answered": (
        ((FLOW, "silence: {times: 2, say: are_you_there, then: {end: no_answer}}\n", ""),),
        ("no-silence-handling", FLOW, "greeting:"),
    ),
    "nothing is said to what no state understands": (
        ((FLOW, "unclear: {times: 2, say: sorry, then: {end: no_answer}}\n", ""),),
        ("no-unclear-handling", FLOW, "greeting:"),
    ),
    "a circle of two states": (
        ((FLOW, "  balance:\n", "  here: {then: [{go: there}]}\n  there: {then: [{go: here}]}\n  balance:\n"),),
        ("circle-without-hearing", FLOW, "here:"),
    ),
    "a circle of two places": (
        ((WORDS, "  US: {}", "  US: {within: TX}"),),
        ("place-within-itself", WORDS, "US: {within: TX}"),
    ),
    "a right without words in any language": (
        ((WORDS, "protected: [", "protected: [attorney, "),),
        ("protected-not-described", WORDS, "protected: [attorney, stop_calling, human]"),
    ),
    "a backslash in the only intents": (
        ((HEARD, "  deny:\n", '  deny:\n    patterns: ["\\bno\\b"]\n'),),
        ("backslash-in-quotes", HEARD, "patterns:"),
    ),
    "a right that nothing answers": (
        ((FLOW, "  human: {say: wait_please, do: {transfer: {queue: '\"people\"'}}, end: transferred}\n", ""),),
        ("right-unanswered", FLOW, "anytime:"),
    ),
    "a rule that reads what a flow sets": (
        (
            (WORDS, "  pay.amount:", "  note.seen: {type: bool, from: flow, initially: false}\n  pay.amount:"),
            (RULES, "    when: heard.stop_calling\n", "    when:\n      - heard.stop_calling\n      - note.seen\n"),
        ),
        ("rule-reads-flow-fact", RULES, "- note.seen"),
    ),
    "a step that another always precedes": (
        (
            (WORDS, "  pay.amount:", "  note.times: {type: int, from: flow, initially: 0}\n  pay.amount:"),
            (
                FLOW,
                "        - {when: party.verified, go: balance}\n",
                "        - {when: note.times >= 3, say: bye, end: done}\n"
                "        - {when: note.times >= 5, say: stopped, end: done}\n"
                "        - {when: party.verified, set: {note.times: note.times + 1}, go: balance}\n",
            ),
        ),
        ("step-never-reached", FLOW, "- {when: note.times >= 5"),
    ),
    "a condition that nothing makes false": (
        (
            (WORDS, "  pay.amount:", "  note.times: {type: int, from: flow, initially: 0}\n  pay.amount:"),
            (
                FLOW,
                "        - {when: party.verified, go: balance}\n",
                "        - {when: {any: [note.times >= 3, note.times < 3]}, say: bye, end: done}\n"
                "        - {when: party.verified, set: {note.times: note.times + 1}, go: balance}\n",
            ),
        ),
        ("step-never-reached", FLOW, "- {when: {any"),
    ),
    "a guard on what may not have been given": (
        ((FLOW, "{when: party.verified, go: balance}", "{when: account.balance > 5, say: bye, end: done}"),),
        ("unknown-not-handled", FLOW, "- {when: account.balance > 5"),
    ),
    "what one person said of themselves, kept for the next": (
        ((WORDS, "heard.zip: {type: text, from: heard, lasts: person}", "heard.zip: {type: text, from: heard}"),),
        ("identity-not-reset", WORDS, "heard.zip: {type: text, from: heard}"),
    ),
    "a ban that is lifted from the start": (
        ((WORDS, "initially: false, lasts: person}", "initially: 'true', lasts: person}"),),
        ("identity-not-reset", WORDS, "party.verified:"),
    ),
    "a notice before what only it gives away": (
        (
            (
                RULES,
                "rules:\n",
                NOTICE,
            ),
        ),
        ("notice-before-itself", RULES, "notice:"),
    ),
}
CAUSES = {rule for _, (rule, _, _) in ONE.values()} | {"intent-unused", "unknown-intent", "unknown-name"}


@pytest.mark.parametrize(("edits", "expected"), ONE.values(), ids=ONE)
def test_one_cause_is_one_finding(
    edits: tuple[tuple[PurePosixPath, str, str], ...], expected: tuple[str, PurePosixPath, str]
) -> None:
    texts = base()
    for path, old, new in edits:
        assert old in texts[path]
        texts[path] = texts[path].replace(old, new, 1)
    told = {(f.rule, f.span.path, _line(texts, f)) for f in checked(texts).findings if f.rule in CAUSES}
    assert len(told) == 1
    rule, path, line = told.pop()
    assert (rule, path) == expected[:2]
    assert line.startswith(expected[2])


def _line(texts: dict[PurePosixPath, str], finding: Finding) -> str:
    return texts[finding.span.path].split("\n")[finding.span.line - 1].strip()


def test_a_right_without_words_in_one_language_is_told_where_they_are_missing() -> None:
    texts = base()
    texts[SPANISH] = texts[HEARD].replace("id: intents", "id: otros").replace("en-US", "es-US")
    texts[SPANISH] = texts[SPANISH].replace("  human:\n", "  humano:\n")
    found = [f for f in checked(texts).findings if f.rule == "protected-not-described"]
    assert [(f.span.path, _line(texts, f)) for f in found] == [(SPANISH, "intents:")]


def test_a_call_is_trapped_where_it_goes_round_and_not_where_it_was_led_in() -> None:
    texts = base()
    before, _, after = texts[FLOW].partition("anytime:\n")
    rest = after[after.index("states:\n") :].replace(
        "      affirm: {go: zip}\n      deny: {say: bye, end: done}\n", STUCK, 1
    )
    texts[FLOW] = before + rest
    found = [f for f in checked(texts).findings if f.rule == "call-can-never-end"]
    assert [_line(texts, f) for f in found] == ["waiting:"]
    assert "`led`" in found[0].message


def test_what_cannot_be_read_is_told_and_not_what_it_would_have_said(tmp_path: Path) -> None:
    for path, text in base().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    said = next(p for p in base() if "prompts" in p.name)
    other = tmp_path / said.with_name("prompts.es.yaml")
    other.write_text((tmp_path / said).read_text("utf-8").replace("id: ", "id: es.").replace("en-US", "es-US"), "utf-8")
    (tmp_path / said).write_bytes((tmp_path / said).read_bytes() + b"  caf\xe9: x\n")
    report = judge(Wanted(tmp_path, AS_OF)).report
    assert [f.rule for f in report.findings if f.level is Level.ERROR] == ["unreadable-file"]
    assert report.unsure


def test_a_bundle_without_a_vocabulary_lacks_that_alone() -> None:
    texts = base()
    del texts[WORDS]
    assert [f.rule for f in checked(texts).findings if f.level is Level.ERROR] == ["no-vocabulary"]


def test_a_last_step_after_conditions_that_are_all_there_is_is_not_found_fault_with() -> None:
    texts = base()
    texts[FLOW] = texts[FLOW].replace(
        "        - {say: bye, end: done}\n",
        "        - {when: not party.verified, end: done}\n        - {end: done}\n",
        1,
    )
    assert not [f for f in checked(texts).findings if f.rule == "step-never-reached"]


@pytest.mark.parametrize(
    ("spanish", "where"),
    [
        ("bye: {text: Gracias., discloses: [debt]}", "es-US"),
        ("bye: {text: Gracias., discloses: []}", ""),
        ("bye: Gracias.", ""),
    ],
)
def test_a_sentence_is_said_to_disclose_the_same_in_every_language(spanish: str, where: str) -> None:
    texts = base()
    texts[SPANISH] = SPANISH_INTENTS
    texts[SAIDES] = SPANISH_PROMPTS.replace("greeting: Hola.", "greeting: Hola, {{ party.first_name }}.")
    assert "bye: Gracias." in texts[SAIDES]
    texts[SAIDES] = texts[SAIDES].replace("bye: Gracias.", spanish)
    said = [f.message for f in checked(texts).findings if f.rule == "placeholders-differ"]
    assert said == ([f"`bye` is said to disclose `debt` in {where} only"] if where else [])
