"""Seeded defects: every one is found, at its line. And harmless edits: none is found fault with."""
# ruff: noqa: E501

import re
from pathlib import PurePosixPath

import pytest
from checks.bundles import base, checked

from engine.source.finding import Level

FLOW, RULES = PurePosixPath("flows/call/flow.yaml"), PurePosixPath("policies/rules.yaml")
WORDS, SAID = PurePosixPath("policies/vocabulary.yaml"), PurePosixPath("flows/call/prompts.yaml")
HEARD = PurePosixPath("flows/intents.yaml")

# file, what is written, what it becomes, the finding
DEFECTS = [
    # files
    (FLOW, "title: The call", 'title: "The call', "unclosed-quote"),
    (FLOW, "start: greeting", "start: greeting\nstart: zip", "duplicate-key"),
    (FLOW, "start: greeting", "start: &s greeting", "anchors-not-allowed"),
    (FLOW, "start: greeting", "start: !!str greeting", "tags-not-allowed"),
    (FLOW, "start: greeting", "\tstart: greeting", "tab-character"),
    (SAID, "bye: Thank you, and good bye.", "bye: Thank you # and good bye.", "text-cut-at-hash"),
    (SAID, "bye: Thank you, and good bye.", "bye: Thank you\u202e and good bye.", "hidden-characters"),
    (SAID, "bye: Thank you, and good bye.", "bye: Thank you: good bye.", "unquoted-colon"),
    (SAID, "bye: Thank you, and good bye.", "bye: {{ party.first_name }}, good bye.", "unquoted-braces"),
    (SAID, "bye: Thank you, and good bye.", "bye: @ Thank you", "special-start"),
    (FLOW, "kind: flow", "kind: flaw", "wrong-kind"),
    (FLOW, "kind: flow\n", "", "missing-setting"),
    (FLOW, "id: call\n", "", "missing-setting"),
    # shape
    (FLOW, "  greeting:\n    say:", "  greeting:\n    sya:", "unknown-setting"),
    (FLOW, "unclear: {times: 2,", "unclear: {tims: 2,", "unknown-setting"),
    (FLOW, "silence: {times: 2,", "silence: {times: many,", "wrong-kind"),
    (FLOW, "deny: {say: bye, end: done}", "deny: {say: bye}", "missing-setting"),
    (FLOW, "deny: {say: bye, end: done}", "deny: {go: zip, end: done}", "wrong-kind"),
    (RULES, "ask: before_speaking", "ask: before_speakin", "wrong-kind"),
    (RULES, "severity: statutory\n  stop:", "severity: grave\n  stop:", "wrong-kind"),
    # links
    (FLOW, "affirm: {go: zip}", "affirm: {go: zipp}", "unknown-state"),
    (FLOW, "start: greeting", "start: greting", "unknown-state"),
    (FLOW, "go: balance}", "go: ballance}", "unknown-state"),
    (FLOW, "deny: {say: bye,", "deny: {say: by,", "unknown-prompt"),
    (FLOW, "    say: ask_zip", "    say: ask_zipp", "unknown-prompt"),
    (FLOW, "blocked: {say: bye,", "blocked: {say: goodbye,", "unknown-prompt"),
    (FLOW, "deny: {say: bye, end: done}", "denial: {say: bye, end: done}", "unknown-intent"),
    (FLOW, "deny: {say: bye, end: done}", "deny: {say: bye, end: dun}", "unknown-disposition"),
    (FLOW, "end: stopped}", "end: stoped}", "unknown-disposition"),
    (FLOW, "{transfer: {queue:", "{transferr: {queue:", "unknown-action"),
    (FLOW, "{transfer: {queue: '\"people\"'}}", "{transfer: {que: '\"people\"'}}", "unknown-argument"),
    (FLOW, "{transfer: {queue: '\"people\"'}}", "{transfer: {}}", "missing-argument"),
    (FLOW, "when: party.verified", "when: party.verifed", "unknown-name"),
    (FLOW, "asks: [heard.zip]", "asks: [heard.zap]", "unknown-slot"),
    (RULES, "unless: party.verified", "unless: party.verifid", "unknown-name"),
    (RULES, "when: heard.zip == party.zip", "when: heard.zip == party.zap", "unknown-name"),
    (RULES, "when: heard.stop_calling", "when: heard.stop_caling", "unknown-name"),
    (RULES, "never_say: [debt]", "never_say: [dept]", "unknown-class-or-prompt"),
    (RULES, "derive: {party.verified:", "derive: {party.verifed:", "unknown-fact"),
    (RULES, "scope: phone", "scope: fone", "wrong-kind"),
    (RULES, "place: US", "place: USA", "unknown-place"),
    (WORDS, "TX: {within: US}", "TX: {within: UX}", "unknown-place"),
    (WORDS, "discloses: debt", "discloses: dept", "unknown-class"),
    (SAID, "{{ party.first_name }}", "{{ party.firstname }}", "unknown-name"),
    (SAID, "{{ account.balance | money }}", "{{ acount.balance | money }}", "unknown-name"),
    (SAID, "{{ account.balance | money }}", "{{ account.balance | mony }}", "not-allowed-in-sentences"),
    # types and logic the compiler sees
    (RULES, "when: heard.zip == party.zip", "when: heard.zip == account.balance", "wrong-type"),
    (RULES, "unless: party.verified", "unless: account.balance", "wrong-type"),
    (RULES, "derive: {party.verified: 'true'}", "derive: {account.balance: '5'}", "fact-not-derivable"),
    (RULES, "    source: 12 CFR 1006.6(d)(1)\n", "", "missing-setting"),
    (RULES, "before_debt:\n    ask: before_speaking", "before_debt:\n    ask: on_hearing", "wrong-kind"),
    (FLOW, "silence: {times: 2, say: are_you_there, then: {end: no_answer}}\n", "", "no-silence-handling"),
    (FLOW, "unclear: {times: 2, say: sorry, then: {end: no_answer}}\n", "", "no-unclear-handling"),
    (FLOW, "blocked: {say: bye, end: blocked}\n", "", "missing-setting"),
    (FLOW, "        - {say: bye, end: done}\n  balance", "  balance", "steps-leave-a-gap"),
    (FLOW, "- {when: party.verified, go: balance}\n", "- {end: done}\n", "shadowed-step"),
    (FLOW, "{when: party.verified, go: balance}", "{when: pay.amount > 5, go: balance}", "unknown-not-handled"),
    (FLOW, "  balance:\n    say: balance\n    hears:\n      affirm: {say: bye, end: done}", "  balance:\n    say: balance",
     "missing-setting"),
    (SAID, "bye: Thank you, and good bye.", "bye: Your ZIP is {{ party.zip }}.", None),
    (HEARD, "  human:\n", "  humane:\n", "protected-not-described"),
    # flow
    (FLOW, "affirm: {go: zip}", "affirm: {say: bye, end: done}", "dead-state"),
    (FLOW, "  human: {say: wait_please", "  deny: {say: wait_please", "right-unanswered"),
    (FLOW, "  stop_calling: {say: stopped, end: stopped}\n", "", "right-unanswered"),
    (FLOW, "do: {transfer: {queue: '\"people\"'}}, end: transferred}", "end: done}", "no-way-to-a-person"),
    (FLOW, "silence: {times: 2,", "silence: {times: 4,", "too-many-repeats"),
    (FLOW, "unclear: {times: 2,", "unclear: {times: 5,", "too-many-repeats"),
    (FLOW, "deny: {say: bye, end: done}", "deny: {say: bye, again: 4}", "too-many-repeats"),
    (FLOW, "then: {end: no_answer}}\nunclear", "then: {go: greeting}}\nunclear", "retry-without-limit"),
    (FLOW, "say: sorry, then: {end: no_answer}", "say: sorry, then: {go: greeting}", "retry-without-limit"),
    (FLOW, "blocked: {say: bye", "blocked: {say: balance", "blocked-not-neutral"),
    # proofs
    (FLOW, "affirm: {go: zip}", "affirm: {go: balance}", "rule-can-be-broken"),
    (FLOW, "{when: party.verified, go: balance}", "{when: heard.zip is known, go: balance}", "rule-can-be-broken"),
    (FLOW, "- {say: bye, end: done}\n  balance", "- {go: balance}\n  balance", "rule-can-be-broken"),
    (FLOW, "deny: {say: bye, end: done}", "deny: {say: balance, end: done}", "rule-can-be-broken"),
    (FLOW, "human: {say: wait_please,", "human: {say: [wait_please, balance],", "rule-can-be-broken"),
    (FLOW, "stop_calling: {say: stopped,", "stop_calling: {say: [balance, stopped],", "rule-can-be-broken"),
    (FLOW, "silence: {times: 2, say: are_you_there", "silence: {times: 2, say: balance", "rule-can-be-broken"),
    (FLOW, "unclear: {times: 2, say: sorry", "unclear: {times: 2, say: balance", "rule-can-be-broken"),
    (FLOW, "then: {end: no_answer}}\nunclear", "then: {say: balance, end: no_answer}}\nunclear", "rule-can-be-broken"),
    (FLOW, "say: ask_zip", "say: [ask_zip, balance]", "rule-can-be-broken"),
    (FLOW, "{when: party.verified, go: balance}", "{when: [heard.affirm], go: balance}", "rule-can-be-broken"),
    (SAID, "bye: Thank you, and good bye.", "bye: You still owe {{ account.balance | money }}.", "rule-can-be-broken"),
    (SAID, "greeting: Hello, may", "greeting: Hello, for {{ account.balance | money }} may", "rule-can-be-broken"),
    (SAID, "sorry: I did not understand.", "sorry:\n    text: I said it.\n    discloses: [debt]", "rule-can-be-broken"),
    (RULES, "unless: party.verified", "when: party.verified", "rule-can-be-broken"),
    (RULES, "    unless: party.verified\n", "", "rule-can-be-broken"),
    (WORDS, "zip: {type: text, from: heard, lasts: person}\n", "zip: {type: text, from: heard, lasts: person}\n"
     "  party.calm: {type: bool, from: policy, initially: false, lasts: person}\n", "fact-never-set"),
    (WORDS, "lasts: person}\n  account", "lasts: call}\n  account", "identity-not-reset"),
    (SAID, "bye: Thank you, and good bye.", "bye: Thank you for {{ pay.amount | money }}.", "slot-maybe-unset"),
    (SAID, "sorry: I did not understand.", "sorry: Was it {{ heard.zip | spell }}?", "slot-maybe-unset"),
    (FLOW, "  stop_calling: {say: stopped, end: stopped}", "  stop_calling:\n    - {when: party.verified, go: balance}\n"
     "    - {say: stopped, end: stopped}", "said-after-stop"),
    (FLOW, "  stop_calling: {say: stopped, end: stopped}", "  stop_calling:\n    - {when: party.verified, say: balance, "
     "end: done}\n    - {say: stopped, end: stopped}", "said-after-stop"),
    # policies
    (WORDS, "classes:\n", "classes:\n  secret: {about: a secret}\n", "class-unguarded"),
    (RULES, "when: heard.stop_calling", "when: [heard.stop_calling, none: [heard.stop_calling]]", "rule-never-fires"),
    (RULES, "unless: party.verified", "unless:\n      - any: [party.verified, none: [party.verified]]",
     "exemption-swallows-rule"),
    (RULES, "when: heard.new_person", "when:\n      - any: [heard.affirm, none: [heard.affirm]]", "rule-always-fires"),
    (RULES, "severity: statutory\n  stop:", "severity: statutory\n  again:\n    ask: before_speaking\n    never_say: [debt]\n"
     "    unless: party.verified\n    source: 12 CFR 1006.6(d)(1)\n    severity: statutory\n  stop:", "rule-implied"),
    (RULES, "rules:\n", "parameters:\n  a: {type: int, values: [{from: 2030-01-01, is: 7, source: x}]}\nrules:\n",
     "parameter-not-in-force"),
    # intents
    (
        HEARD,
        "intents:\n  stop_calling:\n",
        "protected_floor: 1.0\nintents:\n  stop_calling:\n    tests: [the weather is nice]\n",
        "understanding-below-floor",
    ),
    (HEARD, "- nope", "- yeah", "same-example-twice"),
    (HEARD, "- negative", "- a human please", "same-example-twice"),
    (HEARD, "  deny:\n", "  deny:\n    patterns: ['\\bsure\\b']\n", "pattern-catches-others"),
    (HEARD, "  human:\n", "  human:\n    patterns: ['\\bcorrect\\b']\n", "pattern-catches-others"),
    (HEARD, "  deny:\n", "  weather:\n    patterns: [sunny]\n    examples: [sunny]\n  deny:\n", "intent-unused"),
    (HEARD, "      - that is wrong\n      - incorrect\n      - not so\n      - negative\n", "", "too-few-examples"),
    (HEARD, "  deny:\n", "  wave:\n    patterns: ['waving']\n    examples: [waving]\n  deny:\n", "intent-unused"),
    (FLOW, "- {say: bye, end: done}\n  balance", "- {when: party.verified, end: done}\n        - {end: done}\n  balance",
     "step-never-reached"),
    (FLOW, "{when: party.verified, go: balance}", "{when: [pay.amount is known, pay.amount > 9, pay.amount < 3], go: balance}",
     "condition-never-holds"),
    (FLOW, "balance:\n    say: balance", "balance:\n    say: [balance, balance]\n    silence: {times: 9, say: sorry, "
     "then: {end: done}}", "too-many-repeats"),
    # sentences
    (SAID, "bye: Thank you, and good bye.", "bye: Are you there? Can you hear me?", "prompt-two-questions"),
    (SAID, "sorry: I did not understand.", "sorry: I did not hear. What? Who?", "prompt-two-questions"),
    (SAID, "bye: Thank you, and good bye.", "bye: Thank you.\n  adieu: Good bye.", "prompt-unused"),
    (SAID, "bye: Thank you, and good bye.", "bye: Thank you for speaking of the debt.", "speaks-of-debt-undeclared"),
    (SAID, "stopped: We will not call again.", "stopped: Your past due account rests.", "speaks-of-debt-undeclared"),
    (SAID, "bye: Thank you, and good bye.", "bye: We will garnish your wages.", "threat-or-pressure"),
    (SAID, "sorry: I did not understand.", "sorry: This is your last chance.", "threat-or-pressure"),
    (SAID, "bye: Thank you, and good bye.", "bye: See www.example.com please.", "prompt-hard-to-hear"),
    (SAID, "bye: Thank you, and good bye.", "bye: " + "word " * 40 + "end.", "prompt-too-long"),
    (WORDS, "  blocked: {}", "  blocked: {}\n  married: {}", "disposition-unused"),
    (WORDS, "pay.amount: {type: money, from: heard, lasts: person}", "pay.amount: {type: money, from: heard}\n"
     "  heard.employer: {type: text, from: heard}", "fact-unused"),
    (FLOW, "{when: party.verified, go: balance}", "{when: [party.verified, none: [party.verified]], go: balance}",
     "condition-never-holds"),
    (FLOW, "- {when: party.verified, go: balance}\n", "- {when: party.verified, go: balance}\n"
     "        - {when: party.verified, say: bye, end: done}\n", "step-never-reached"),
]  # fmt: skip

ELSEWHERE = frozenset({
    "right-unanswered", "dead-state", "class-unguarded", "protected-not-described", "no-silence-handling",
    "no-unclear-handling", "missing-setting", "missing-key", "slot-maybe-unset", "identity-not-reset", "fact-never-set",
    "steps-leave-a-gap", "fact-unused", "intent-unused", "same-example-twice", "pattern-catches-others",
    "shadowed-step", "rule-can-be-broken", "step-never-reached", "retry-without-limit", "prompt-unused", "wrong-kind",
    "rule-never-fires", "rule-always-fires", "rule-implied", "unknown-state", "too-few-examples", "disposition-unused", "missing-argument",
})  # fmt: skip
"""Findings that stand where the reader must act, which is not the line that was edited."""


@pytest.mark.parametrize(("path", "old", "new", "rule"), [d for d in DEFECTS if d[3]], ids=str)
def test_a_seeded_defect_is_found_at_its_line(path: PurePosixPath, old: str, new: str, rule: str) -> None:
    texts = base()
    assert old in texts[path]
    start = texts[path].index(old)
    texts[path] = texts[path].replace(old, new, 1)
    found = [f for f in checked(texts).findings if f.rule == rule]
    assert found, f"{rule} was not found"
    if rule in ELSEWHERE:
        return
    first = texts[path].count("\n", 0, start) + 1
    last = first + new.count("\n")
    assert any(f.span.path == path and first - 1 <= f.span.line <= last + 1 for f in found)


def test_there_are_enough_defects_and_every_class_that_blocks_is_among_them() -> None:
    from engine.checks.catalogue import CHECKS

    seeded = {rule for _, _, _, rule in DEFECTS}
    blocking = {c.name for c in CHECKS if not c.waivable}
    assert len([d for d in DEFECTS if d[3]]) >= 118
    assert blocking - seeded <= {"could-not-prove", "call-can-never-end", "only-barrier"}


def _reworded(text: str, number: int) -> str:
    return text.replace("title: ", f"title: Number {number}, ", 1)


def _harmless() -> list[tuple[PurePosixPath, str, str]]:
    edits = []
    for path in (FLOW, RULES, WORDS, SAID, HEARD):
        edits += [(path, "version: 1.0.0", f"version: 1.{n}.0") for n in range(1, 5)]
        edits += [(path, "callwright: 1\n", f"# note {n}\ncallwright: 1\n") for n in range(1, 4)]
        edits += [(path, "title: ", f"title: {word} ") for word in ("Still", "Yet", "Now")]
    edits += [(SAID, "Thank you, and good bye.", said) for said in ("Good bye.", "Thank you.", "Have a good day.")]
    edits += [(SAID, "I did not understand.", said) for said in ("Pardon me.", "Please say that again.")]
    edits += [(HEARD, "- sure", f"- {said}") for said in ("okay", "all right", "fine by me")]
    edits += [(FLOW, "silence: {times: 2", f"silence: {{times: {n}") for n in (1, 3)]
    edits += [(FLOW, "  greeting:\n    say", f"  greeting:\n    phase: {p}\n    say") for p in ("opening", "begin")]
    return edits


@pytest.mark.parametrize(("path", "old", "new"), _harmless(), ids=str)
def test_a_harmless_edit_is_not_found_fault_with(path: PurePosixPath, old: str, new: str) -> None:
    texts = base()
    assert old in texts[path]
    usual = {(f.rule, f.where or f.message) for f in checked(base()).findings}
    texts[path] = re.sub(r"version: 1\.0\.0", "version: 1.0.1", texts[path].replace(old, new, 1))
    report = checked(texts)
    assert {(f.rule, f.where or f.message) for f in report.findings} == usual
    assert not [f for f in report.findings if f.level is Level.ERROR]


def test_there_are_sixty_harmless_edits() -> None:
    assert len(_harmless()) >= 60
