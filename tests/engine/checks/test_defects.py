"""Seeded defects: every one is found, at its line. And harmless edits: none is found fault with."""
# ruff: noqa: E501

import re
from pathlib import PurePosixPath

import pytest
from checks.bundles import base, checked
from checks.seeds import EARLIER_SEEDS, FLOW, HEARD, RULES, SAID, SHAPE_FIRST, WORDS, Seed

from engine.checks.catalogue import CHECKS
from engine.checks.earlier import EARLIER
from engine.source.finding import Level

HOURS = """parameters:
  opens: {{type: time, values: [{{from: 2021-11-30, is: '{0}', source: house rule}}]}}
  closes: {{type: time, values: [{{from: 2021-11-30, is: '{1}', source: house rule}}]}}
"""
WINDOW = "  hours: {ask: before_dialing, only_between: [opens, closes], source: house rule, severity: house}\n"
BANDS = "tables:\n  bands:\n    columns: {low: money, high: money}\n    rows: [['0', '100'], ['200', '300']]\n"
BAND = """  band:
    {each: bands, ask: before_dialing, when: [account.balance >= low, account.balance < high], deny: 'No.',
     source: house rule, severity: house}
"""
NOTICE = (
    "  notice: \n    {{ask: before_speaking, must_say: greeting, before: {}, source: house rule, severity: house}}\n"
)
ONLY = "  only:\n    {ask: before_speaking, only_say: [bye], when: heard.deny, source: house rule, severity: house}\n"
HUSH = "  hush: {ask: before_speaking, never_say: [balance], source: house rule, severity: house}\n"

# file, what is written, what it becomes, the finding; and where, if not on the edited lines
DEFECTS: list[tuple[object, ...]] = [
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
    (FLOW, "kind: flow\n", "", "missing-setting", (FLOW, "callwright: 1")),
    (FLOW, "id: call\n", "", "missing-setting", (FLOW, "callwright: 1")),
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
    (RULES, "    source: 12 CFR 1006.6(d)(1)\n", "", "missing-setting", (RULES, "before_debt:")),
    (RULES, "before_debt:\n    ask: before_speaking", "before_debt:\n    ask: on_hearing", "wrong-kind", (RULES, "never_say: [debt]")),
    (FLOW, "silence: {times: 2, say: are_you_there, then: {end: no_answer}}\n", "", "no-silence-handling", (FLOW, "greeting:")),
    (FLOW, "unclear: {times: 2, say: sorry, then: {end: no_answer}}\n", "", "no-unclear-handling", (FLOW, "greeting:")),
    (FLOW, "blocked: {say: bye, end: blocked}\n", "", "missing-setting", (FLOW, "id: call")),
    (FLOW, "        - {say: bye, end: done}\n  balance", "  balance", "steps-leave-a-gap", (FLOW, "- {when: party.verified, go: balance}")),
    (FLOW, "- {when: party.verified, go: balance}\n", "- {end: done}\n", "shadowed-step"),
    (FLOW, "{when: party.verified, go: balance}", "{when: pay.amount > 5, go: balance}", "unknown-not-handled"),
    (FLOW, "  balance:\n    say: balance\n    hears:\n      affirm: {say: bye, end: done}", "  balance:\n    say: balance",
     "missing-setting"),
    (HEARD, "  human:\n", "  humane:\n", "protected-not-described", (WORDS, "protected: [stop_calling, human]")),
    # flow
    (FLOW, "affirm: {go: zip}", "affirm: {say: bye, end: done}", "dead-state", (FLOW, "zip:")),
    (FLOW, "  human: {say: wait_please", "  deny: {say: wait_please", "right-unanswered", (FLOW, "anytime:")),
    (FLOW, "  stop_calling: {say: stopped, end: stopped}\n", "", "right-unanswered", (FLOW, "anytime:")),
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
    (FLOW, "say: ask_zip", "say: [ask_zip, balance]", "rule-can-be-broken", (FLOW, "affirm: {go: zip}")),
    (FLOW, "{when: party.verified, go: balance}", "{when: [heard.affirm], go: balance}", "rule-can-be-broken"),
    (SAID, "bye: Thank you, and good bye.", "bye: You still owe {{ account.balance | money }}.", "rule-can-be-broken", (FLOW, "deny: {say: bye, end: done}")),
    (SAID, "greeting: Hello, may", "greeting: Hello, for {{ account.balance | money }} may", "rule-can-be-broken", (FLOW, "say: greeting")),
    (SAID, "sorry: I did not understand.", "sorry:\n    text: I said it.\n    discloses: [debt]", "rule-can-be-broken", (FLOW, "unclear: {times: 2, say: sorry, then: {end: no_answer}}")),
    (RULES, "unless: party.verified", "when: party.verified", "rule-can-be-broken", (FLOW, "- {when: party.verified, go: balance}")),
    (RULES, "    unless: party.verified\n", "", "rule-can-be-broken", (FLOW, "- {when: party.verified, go: balance}")),
    (WORDS, "zip: {type: text, from: heard, lasts: person}\n", "zip: {type: text, from: heard, lasts: person}\n"
     "  party.calm: {type: bool, from: policy, initially: false, lasts: person}\n", "fact-never-set"),
    (WORDS, "lasts: person}\n  account", "lasts: call}\n  account", "identity-not-reset"),
    (SAID, "bye: Thank you, and good bye.", "bye: Thank you for {{ pay.amount | money }}.", "slot-maybe-unset", (FLOW, "deny: {say: bye, end: done}")),
    (SAID, "sorry: I did not understand.", "sorry: Was it {{ heard.zip | spell }}?", "slot-maybe-unset", (FLOW, "unclear: {times: 2, say: sorry, then: {end: no_answer}}")),
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
    (HEARD, "- negative", "- a human please", "same-example-twice", (HEARD, "- a human please")),
    (HEARD, "  deny:\n", "  deny:\n    patterns: ['\\bsure\\b']\n", "pattern-catches-others"),
    (HEARD, "  human:\n", "  human:\n    patterns: ['\\bcorrect\\b']\n", "pattern-catches-others"),
    (HEARD, "  deny:\n", "  weather:\n    patterns: [sunny]\n    examples: [sunny]\n  deny:\n", "intent-unused"),
    (HEARD, "      - that is wrong\n      - incorrect\n      - not so\n      - negative\n", "", "too-few-examples", (HEARD, "deny:")),
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
    (RULES, "rules:\n", f"{HOURS.format('21:00', '08:00')}rules:\n{WINDOW}", "window-empty", (RULES, WINDOW.strip())),
    (RULES, "rules:\n", f"{HOURS.format('08:00', '08:00')}rules:\n{WINDOW}", "window-empty", (RULES, WINDOW.strip())),
    (RULES, "rules:\n", f"{HOURS.format('08:00', '21:00')}rules:\n{WINDOW.replace('opens, closes', 'closes, opens')}",
     "window-empty", (RULES, WINDOW.strip().replace("opens, closes", "closes, opens"))),
    (RULES, "rules:\n", "rules:\n  a: {ask: before_dialing, when: account.balance >= 5, deny: 'No.', source: x, severity: house}\n"
     "  b: {ask: before_dialing, when: account.balance > 5, deny: 'No.', source: y, severity: house}\n", "limits-differ"),
    (RULES, "rules:\n", f"{BANDS}rules:\n{BAND}", "table-gap"),
    (RULES, "rules:\n", f"rules:\n{NOTICE.format('[greeting]')}", "notice-before-itself", (RULES, "notice:")),
    (RULES, "rules:\n", f"rules:\n{NOTICE.format('anything')}{ONLY}", "insertion-held-back", (RULES, "notice:")),
    (RULES, "rules:\n", f"rules:\n{NOTICE.replace('greeting', 'balance').format('end')}{HUSH}", "rules-contradict",
     (RULES, "notice:")),
    (FLOW, "affirm: {go: zip}", "affirm: {go: balance}", "only-barrier"),
    (WORDS, "pay.amount: {type: money, from: heard, lasts: person}", "pay.amount: {type: money, from: heard}\n"
     "  heard.employer: {type: text, from: heard}", "fact-unused"),
    (FLOW, "{when: party.verified, go: balance}", "{when: [party.verified, none: [party.verified]], go: balance}",
     "condition-never-holds"),
    (FLOW, "- {when: party.verified, go: balance}\n", "- {when: party.verified, go: balance}\n"
     "        - {when: party.verified, say: bye, end: done}\n", "step-never-reached"),
]  # fmt: skip
SEEDS: tuple[Seed, ...] = (
    *EARLIER_SEEDS,
    *((rule, ((path, old, new),), at[0] if at else None) for path, old, new, rule, *at in DEFECTS),
)
ELSEWHERE = {
    "unreadable-file": "is seeded as bytes, where files are read",
    "no-documents": "is seeded as an empty folder",
    "no-vocabulary": "is seeded as a folder without one",
    "no-intents": "is seeded as a folder without any",
    "too-many-states": "takes thousands of them",
    "condition-too-complex": "takes hundreds of comparisons",
    "waiver-malformed": "is seeded among the waivers",
    "waiver-expired-or-malformed": "is seeded among the waivers",
    "waiver-without-reason-or-approver": "is seeded among the waivers",
    "self-approved-waiver": "is seeded among the waivers",
    "waiver-not-in-base": "is seeded among the waivers",
    "unused-waiver": "is seeded among the waivers",
    "could-not-prove": "is seeded on its page",
}
"""Rules that one edit of the examples' bundle cannot break, and where they are seeded."""


def _id(seed: Seed) -> str:
    return f"{seed[0]}-{seed[1][-1][2][:40]!r}"


@pytest.mark.parametrize("seed", SEEDS, ids=_id)
def test_a_seeded_defect_is_found_at_its_line(seed: Seed) -> None:
    rule, edits, at = seed
    texts = base()
    first, path, new = 1, edits[-1][0], edits[-1][2]
    for place, old, becomes in edits:
        assert old in texts.setdefault(place, "")
        first = texts[place].count("\n", 0, texts[place].index(old)) + 1
        texts[place] = texts[place].replace(old, becomes, 1)
    found = [f.span for f in checked(texts).findings if f.rule == rule]
    assert found, f"{rule} was not found"
    if at is None:
        assert {s.line for s in found if s.path == path} & set(range(first, first + new.count("\n") + 1))
    else:
        assert at in [(s.path, texts[s.path].split("\n")[s.line - 1].strip()) for s in found]


def test_there_are_enough_defects_and_every_rule_is_among_them() -> None:
    seeded = {rule for rule, _, _ in SEEDS}
    assert len(SEEDS) >= 160
    assert len(set(SEEDS)) == len(SEEDS)
    assert {check.name for check in CHECKS} | set(EARLIER) == seeded | set(ELSEWHERE) | SHAPE_FIRST
    assert not seeded & (set(ELSEWHERE) | SHAPE_FIRST)


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


ON = "  on:\n    then:\n      - {go: balance}\n  balance:"
ASKED = "        - {when: party.verified, go: balance}\n        - {say: bye, end: done}\n  balance:"


@pytest.mark.parametrize(
    ("edits", "line"),
    [
        ([(ASKED, ASKED.replace("go: balance", "go: on").replace("  balance:", ON)), ("deny: {say: bye, end: done}", "deny: {go: on}")], "deny: {go: on}"),
        ([(ASKED, "        - {go: on}\n" + ON)], "- {go: balance}"),
    ],
    ids=["a step past a condition", "a state that lets everyone through"],
)  # fmt: skip
def test_a_breach_through_a_state_that_goes_on_is_shown_where_to_mend_it(
    edits: list[tuple[str, str]], line: str
) -> None:
    texts = base()
    for written, instead in edits:
        assert written in texts[FLOW]
        texts[FLOW] = texts[FLOW].replace(written, instead, 1)
    found = checked(texts, "rule-can-be-broken").findings
    assert [f.rule for f in found] == ["rule-can-be-broken"]
    assert texts[FLOW].splitlines()[found[0].span.line - 1].strip() == line
