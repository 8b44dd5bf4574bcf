"""A name means one thing: what the engine knows, what hides another name, and what a rule could not tell apart."""

from pathlib import Path, PurePosixPath

import pytest

from engine.compiler import compile_bundle
from engine.source.finding import Finding, Level
from engine.source.read import read_texts

SMALL = Path(__file__).parents[2] / "data" / "small"
WORDS, RULES, INTENTS = "policies/vocabulary.yaml", "policies/us/calls.yaml", "flows/intents.en-US.yaml"
SAID, CHECK = "flows/call/prompts.en-US.yaml", "flows/check/flow.yaml"


def found(path: str, old: str, new: str) -> tuple[tuple[Finding, ...], int]:
    """Return the findings after one edit of the small bundle, and the line on which *new* ends."""
    files = {PurePosixPath(p.relative_to(SMALL).as_posix()): p.read_text("utf-8") for p in SMALL.rglob("*.yaml")}
    before, _, _ = files[PurePosixPath(path)].partition(old)
    assert old in files[PurePosixPath(path)]
    files[PurePosixPath(path)] = files[PurePosixPath(path)].replace(old, new, 1)
    return compile_bundle(read_texts(files)).findings, (before + new).rstrip("\n").count("\n") + 1


def with_rule(text: str) -> tuple[str, str, str]:
    """Return the edit that adds a rule to the small bundle."""
    return RULES, "rules:\n", "rules:\n  x.rule: {" + text + ", source: house rule, severity: house}\n"


TAKEN = [
    ("a heard intent", WORDS, "facts:\n", "facts:\n  heard.affirm: {type: text, from: heard}\n"),
    ("the date", WORDS, "facts:\n", "facts:\n  clock.today: {type: date, from: host}\n"),
    ("a said prompt", WORDS, "facts:\n", "facts:\n  said.greeting: {type: bool, from: host}\n"),
    ("a prompt that is not there", WORDS, "facts:\n", "facts:\n  said.never_written: {type: bool, from: host}\n"),
    ("a change of person", WORDS, "facts:\n", "facts:\n  new_person: {type: text, from: host}\n"),
    ("a word of conditions", WORDS, "facts:\n", "facts:\n  not: {type: bool, from: host}\n"),
    ("an event", INTENTS, "intents:\n", "intents:\n  silence: {examples: [nothing]}\n"),
    ("a change of person, as words", INTENTS, "intents:\n", "intents:\n  new_person: {examples: [it is me]}\n"),
    ("unclear words", INTENTS, "intents:\n", "intents:\n  unclear: {examples: [nothing]}\n"),
    ("a protected event", WORDS, "protected: [", "protected: [silence, "),
    ("a word of before", SAID, "prompts:\n", "prompts:\n  anything: Hello.\n"),
    ("a class as a prompt", SAID, "prompts:\n", "prompts:\n  debt: Hello.\n"),
    ("an action as a prompt", SAID, "prompts:\n", "prompts:\n  take_payment: Hello.\n"),
    ("a word of before as a class", WORDS, "classes:\n", "classes:\n  end: {about: the end}\n"),
    ("a word of before as an action", WORDS, "actions:\n", "actions:\n  anything: {}\n"),
    (
        "a fact as a parameter",
        RULES,
        "parameters:\n",
        "parameters:\n  tries: {type: int, values: [{from: 2021-11-30, is: 1, source: house rule}]}\n",
    ),
    ("a counter as a column", RULES, "columns: {where: place", "columns: {calls_in_window: place"),
]


@pytest.mark.parametrize(("path", "old", "new"), [case[1:] for case in TAKEN], ids=[case[0] for case in TAKEN])
def test_a_name_that_is_taken(path: str, old: str, new: str) -> None:
    findings, line = found(path, old, new)
    (taken,) = (f for f in findings if f.rule == "name-taken")
    assert (str(taken.span.path), taken.span.line) == (path, line)
    assert taken.help.startswith("choose another name")


def test_a_class_that_an_action_is_called_like() -> None:
    findings, _ = found(WORDS, "actions:\n", "actions:\n  payment: {amount: money}\n")
    assert [(f.rule, f.span.line) for f in findings] == [("name-taken", 13)]


def test_a_fact_under_a_parameters_whole_name() -> None:
    findings, _ = found(WORDS, "facts:\n", "facts:\n  us.calls.max_calls: {type: int, from: host}\n")
    assert [(f.rule, str(f.span.path), f.span.line) for f in findings] == [("name-taken", RULES, 10)]


def test_a_counter_called_like_a_fact() -> None:
    findings, line = found(WORDS, "counters:\n", "counters:\n  tries: {counts: [call], per: [person], in: 7 days}\n")
    assert ("declared-twice", line) in {(f.rule, f.span.line) for f in findings}


def test_what_two_vocabularies_declare() -> None:
    files = {PurePosixPath(p.relative_to(SMALL).as_posix()): p.read_text("utf-8") for p in SMALL.rglob("*.yaml")}
    files[PurePosixPath("policies/more.yaml")] = (
        "callwright: 1\nkind: vocabulary\nid: more\nversion: 1.0.0\ntitle: More words\n"
        "classes:\n  debt: {about: something else}\n"
        "dispositions:\n  refused: {success: true}\n"
    )
    findings = compile_bundle(read_texts(files)).findings
    assert {(f.rule, str(f.span.path), f.span.line) for f in findings} >= {
        ("declared-twice", WORDS, 12),
        ("declared-twice", WORDS, 45),
    }


def test_a_right_that_no_words_are_given_for() -> None:
    findings, _ = found(WORDS, "protected: [stop_calling", "protected: [stop_caling")
    assert ("protected-not-described", 46) in {(f.rule, f.span.line) for f in findings}
    (undescribed,) = (f for f in findings if f.rule == "protected-not-described")
    assert "`stop_caling`" in undescribed.message
    assert "en-US" in undescribed.message


FLOW_FACTS = [
    ("in a condition", *with_rule("ask: before_speaking, never_say: [debt], unless: tries > 2")),
    ("in an effect", *with_rule("ask: on_hearing, when: heard.affirm, derive: {party.verified: tries}")),
    ("in words", *with_rule("ask: before_dialing, deny: 'tried {{ tries }} times'")),
    ("for a policy", RULES, "place: US\n", "place: US\napplies_when: tries > 2\n"),
]


@pytest.mark.parametrize(
    ("path", "old", "new"), [case[1:] for case in FLOW_FACTS if case[0] != "in an effect"],
    ids=[case[0] for case in FLOW_FACTS if case[0] != "in an effect"],
)  # fmt: skip
def test_no_rule_reads_what_a_flow_sets(path: str, old: str, new: str) -> None:
    findings, line = found(path, old, new)
    assert [(f.rule, f.span.line) for f in findings] == [("rule-reads-flow-fact", line)]


def test_no_effect_reads_what_a_flow_sets() -> None:
    action = "do: {record_promise: {amount: promise.amount * tries, date: promise.date}}"
    findings, line = found(*with_rule(f"ask: on_hearing, when: heard.affirm, {action}"))
    assert [(f.rule, f.span.line) for f in findings] == [("rule-reads-flow-fact", line)]


def test_a_counter_asks_of_contacts_only_what_is_known_of_them() -> None:
    findings, _ = found(WORDS, "where: [number.connected]", "where: [tries > 2]")
    assert [(f.rule, f.span.line) for f in findings] == [("not-of-contacts", 31)]
    findings, _ = found(WORDS, "in: window_days", "since: account.balance")
    assert [(f.rule, f.span.line) for f in findings] == [("wrong-type", 31)]


LATE = [
    ("a slot before the call", *with_rule("ask: before_dialing, deny: No., when: promise.amount > 5")),
    ("the language before the call", *with_rule("ask: before_dialing, deny: No., when: call.locale == 'en-US'")),
    ("what is said, in an effect", *with_rule("ask: on_hearing, derive: {party.verified: utterance.ends}")),
    ("a slot in a refusal", *with_rule("ask: before_dialing, deny: 'Not {{ promise.amount | money }}.'")),
]


@pytest.mark.parametrize(("path", "old", "new"), [case[1:] for case in LATE], ids=[case[0] for case in LATE])
def test_a_fact_that_is_not_there_when_the_rule_is_asked(path: str, old: str, new: str) -> None:
    findings, line = found(path, old, new)
    assert [(f.rule, f.span.line) for f in findings] == [("fact-not-there-yet", line)]


RULE_MISTAKES = [
    (
        "derives-and-acts",
        "ask: on_hearing, when: heard.zip == party.zip, derive: {party.verified: 'true'}, "
        "suppress: {scope: phone, reason: dnc}",
    ),
    ("never-in-force", "ask: before_dialing, deny: No., from: 2026-02-01, until: 2026-02-01"),
    ("wrong-type", "ask: after_call, do: {transfer: {queue: \"'x'\"}}, within: 999999999999 days"),
    ("wrong-type", "ask: after_call, do: {transfer: {queue: \"'x'\"}}, within: 9999 bank_days"),
]


@pytest.mark.parametrize(("rule", "text"), RULE_MISTAKES)
def test_a_rule_that_would_not_do_what_it_says(rule: str, text: str) -> None:
    findings, line = found(*with_rule(text))
    assert [(f.rule, f.span.line) for f in findings] == [(rule, line)]


def test_a_source_that_names_no_column() -> None:
    findings, _ = found(RULES, "source: '{{ source }}'", "source: '{{ sorce }}'")
    assert [(f.rule, f.span.line) for f in findings] == [("unknown-column", 32)]


def test_a_step_is_not_called_needless_because_a_condition_before_it_cannot_be_read() -> None:
    findings, _ = found(CHECK, "{when: party.verified,", "{when: party.verfied,")
    assert [f.rule for f in findings] == ["unknown-name"]


def test_a_subflow_that_nobody_uses_is_said_to_be_unchecked() -> None:
    files = {PurePosixPath(p.relative_to(SMALL).as_posix()): p.read_text("utf-8") for p in SMALL.rglob("*.yaml")}
    files[PurePosixPath("flows/spare/flow.yaml")] = files[PurePosixPath(CHECK)].replace("id: check", "id: spare")
    compiled = compile_bundle(read_texts(files))
    assert [(f.rule, str(f.span.path), f.span.line) for f in compiled.findings] == [
        ("unused-flow", "flows/spare/flow.yaml", 3)
    ]
    assert compiled.bundle is not None


def test_a_policy_without_a_place_applies_everywhere() -> None:
    files = {PurePosixPath(p.relative_to(SMALL).as_posix()): p.read_text("utf-8") for p in SMALL.rglob("*.yaml")}
    files[PurePosixPath(RULES)] = files[PurePosixPath(RULES)].replace("place: US\n", "")
    bundle = compile_bundle(read_texts(files)).need()
    assert "account.places" not in repr(bundle.rule("us.dnc").when)


HEARD = [
    ("unreadable-pattern", r"patterns: ['\bwrong number\b']", "patterns: ['((']"),
    ("unreadable-pattern", r"patterns: ['\bwrong number\b']", "patterns: ['(?=a)b']"),
    ("unreadable-pattern", r"patterns: ['\bwrong number\b']", "patterns: ['(wrong)?']"),
    ("unknown-fact", "(promise.amount)", "(promise.amont)"),
]


@pytest.mark.parametrize(("rule", "old", "new"), HEARD)
def test_what_is_heard_can_be_read(rule: str, old: str, new: str, capfd: pytest.CaptureFixture[str]) -> None:
    findings, line = found(INTENTS, old, new)
    assert [(f.rule, f.span.line) for f in findings] == [(rule, line)]
    assert findings[0].help
    assert capfd.readouterr() == ("", "")


FLOW = "flows/call/flow.yaml"
UNHEARD = [
    (
        "circle-without-hearing",
        "  read_back:\n",
        "  here: {then: [{when: party.verified, go: there}, {go: read_back}]}\n"
        "  there: {then: {go: here}}\n  read_back:\n",
        [36],
    ),
    ("again-without-hearing", "  read_back:\n", "  here: {then: [{again: 2}, {go: read_back}]}\n  read_back:\n", [36]),
    ("again-without-hearing", "then: {end: no_response}}\nunclear", "then: {again: 2}}\nunclear", [8]),
    ("again-without-hearing", "verified: {go: ask_payment}", "verified: [{again: 1}, {go: ask_payment}]", [25]),
    ("blocked-must-end", "blocked: {say", "blocked: {when: party.verified, say", [7]),
    ("blocked-must-end", "blocked: {say", "blocked: {set: {tries: 1}, say", [7]),
]


@pytest.mark.parametrize(("rule", "old", "new", "lines"), UNHEARD)
def test_a_flow_that_could_get_stuck(rule: str, old: str, new: str, lines: list[int]) -> None:
    findings, _ = found(FLOW, old, new)
    assert [(f.rule, f.span.line) for f in findings] == [(rule, line) for line in lines]


def test_a_rule_that_reads_more_than_the_rules_engine_holds() -> None:
    files = {PurePosixPath(p.relative_to(SMALL).as_posix()): p.read_text("utf-8") for p in SMALL.rglob("*.yaml")}
    facts = "".join(f"  many.f{n}: {{type: int, from: host}}\n" for n in range(201))
    files[PurePosixPath(WORDS)] = files[PurePosixPath(WORDS)].replace("facts:\n", f"facts:\n{facts}")
    whole = files[PurePosixPath(RULES)]
    conditions = ", ".join(f"many.f{n} > 1" for n in range(201))
    rule = (
        "rules:\n  x.rule: {ask: before_dialing, deny: No., when: [" + conditions + "], source: s, severity: house}\n"
    )
    files[PurePosixPath(RULES)] = whole.replace("rules:\n", rule)
    assert [f.rule for f in compile_bundle(read_texts(files)).findings] == ["condition-too-complex"]


@pytest.mark.parametrize(
    ("path", "old", "new", "rolls"),
    [
        (WORDS, "in: window_days", "in: 24 hours", True),
        (WORDS, "in: window_days", "in: 1 day", False),
        (RULES, "is: 7 days", "is: 168 hours", True),
        (RULES, "is: 7 days", "is: 1 week", False),
    ],
)
def test_a_window_written_in_hours_rolls(path: str, old: str, new: str, rolls: bool) -> None:
    files = {PurePosixPath(p.relative_to(SMALL).as_posix()): p.read_text("utf-8") for p in SMALL.rglob("*.yaml")}
    assert old in files[PurePosixPath(path)]
    files[PurePosixPath(path)] = files[PurePosixPath(path)].replace(old, new)
    assert compile_bundle(read_texts(files)).need().vocabulary.counters["calls_in_window"].rolls is rolls


OTHERS = [
    ("wrong-type", WORDS, "in: window_days", "in: 0 days"),
    (
        "places-twice",
        WORDS,
        "  number.connected",
        "  more.places: {type: set, of: place, from: host}\n  number.connected",
    ),
    ("unknown-place", RULES, "[NY, calls_in_window", "[NZ, calls_in_window"),
    ("wrong-type", RULES, "calls_in_window, 3,", "calls_in_window, three,"),
    ("outcome-without-user", FLOW, "refuse: {say: goodbye, end: refused}", "refuse: {outcome: refused}"),
]


@pytest.mark.parametrize(("rule", "path", "old", "new"), OTHERS)
def test_one_mistake_is_one_finding(rule: str, path: str, old: str, new: str) -> None:
    findings, _ = found(path, old, new)
    assert [f.rule for f in findings] == [rule]


def test_a_misspelt_kind_of_contact_counts_nothing() -> None:
    findings, _ = found(WORDS, "counts: [call]", "counts: [cal]")
    assert [(f.rule, f.level, f.span.line, f.help) for f in findings] == [
        ("odd-contact", Level.WARNING, 31, "did you mean `call`?")
    ]


def test_a_row_that_stands_there_twice() -> None:
    row = "      - [NY, calls_in_window, 3, a house table]\n"
    findings, line = found(RULES, row, row + row)
    assert [(f.rule, f.span.line) for f in findings] == [("same-row-twice", line)]


def test_a_subflow_is_not_called_unused_when_its_user_cannot_be_read() -> None:
    findings, _ = found(FLOW, "start: greeting\n", "start: greeting\nstart: verify\n")
    assert [f.rule for f in findings] == ["duplicate-key"]
