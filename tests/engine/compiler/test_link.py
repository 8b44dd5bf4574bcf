"""Linking finds every mistake, at its place, once, with the mend."""
# ruff: noqa: E501

from pathlib import PurePosixPath

import pytest

from engine.bundle import Go
from engine.compiler import compile_bundle
from engine.source.finding import BundleError, Level
from engine.source.read import read_texts
from engine.terms import Ask
from tests.engine.runtime.calls import small, texts

FLOW, CHECK = "flows/call/flow.yaml", "flows/check/flow.yaml"
RULES, WORDS = "policies/us/calls.yaml", "policies/vocabulary.yaml"
SAID = "flows/call/prompts.en-US.yaml"


def findings(path, old, new):
    """Return the findings after one edit, and the line on which it was made."""
    files = texts()
    name = PurePosixPath(path)
    before, _, _ = files[name].partition(old)
    assert old in files[name]
    files[name] = files[name].replace(old, new, 1)
    return compile_bundle(read_texts(files)).findings, before.count("\n") + 1


MISTAKES = [
    (
        "unknown state",
        FLOW,
        "identity_confirmed: {go: verify}",
        "identity_confirmed: {go: verfy}",
        "unknown-state",
        "verify",
    ),
    ("unknown start", FLOW, "start: greeting", "start: greting", "unknown-state", "greeting"),
    ("unknown prompt", FLOW, "    say: greeting", "    say: greting", "unknown-prompt", "greeting"),
    ("unknown disposition", FLOW, "end: wrong_party", "end: wrong_prty", "unknown-disposition", "wrong_party"),
    ("unknown intent", FLOW, "refuse: {say: goodbye", "refus: {say: goodbye", "unknown-intent", "refuse"),
    ("unknown subflow", FLOW, "use: check", "use: chek", "unknown-flow", "check"),
    (
        "outcome not handled",
        FLOW,
        "      failed: {say: cannot_continue",
        "      faild: {say: cannot_continue",
        "unknown-outcome",
        "failed",
    ),
    ("unknown action", FLOW, "record_promise: {amount", "record_promis: {amount", "unknown-action", "record_promise"),
    (
        "unknown argument",
        FLOW,
        "{amount: promise.amount, date",
        "{amont: promise.amount, date",
        "unknown-argument",
        "amount",
    ),
    (
        "missing argument",
        FLOW,
        "{amount: promise.amount, date: promise.date}",
        "{amount: promise.amount}",
        "missing-argument",
        "date",
    ),
    (
        "unknown fact in a guard",
        FLOW,
        "promise.amount <= account.balance",
        "promise.amont <= account.balance",
        "unknown-name",
        "promise.amount",
    ),
    (
        "wrong type in a guard",
        FLOW,
        "promise.amount <= account.balance",
        "promise.amount <= clock.today",
        "wrong-type",
        "",
    ),
    ("two targets", FLOW, "deny: {go: ask_payment}", "deny: {go: ask_payment, end: refused}", "wrong-kind", "go"),
    ("no target", FLOW, "deny: {go: ask_payment}", "deny: {say: goodbye}", "missing-setting", "go"),
    ("a step that is never taken", CHECK, "- {again: 2}", "- {outcome: failed}", "shadowed-step", ""),
    (
        "the last step has a condition",
        FLOW,
        "        - {say: cannot_accept, again: 2}\n",
        "",
        "steps-leave-a-gap",
        "without `when`",
    ),
    (
        "an unknown is not handled",
        FLOW,
        "        - {when: [promise.amount is unknown], go: ask_payment}\n        - {when: [promise.date is unknown], go: ask_payment}\n",
        "",
        "unknown-not-handled",
        "is unknown",
    ),
    (
        "a flow opens its own gate",
        FLOW,
        "deny: {go: ask_payment}",
        "deny: {set: {party.verified: 'true'}, go: ask_payment}",
        "flow-may-not-set",
        "from: flow",
    ),
    (
        "no silence",
        FLOW,
        "silence: {times: 2, say: are_you_there, then: {end: no_response}}\n",
        "",
        "no-silence-handling",
        "silence:",
    ),
    (
        "no unclear",
        FLOW,
        "unclear: {times: 2, say: sorry_again, then: {end: no_response}}\n",
        "",
        "no-unclear-handling",
        "unclear:",
    ),
    ("no blocked", FLOW, "blocked: {say: cannot_continue, end: ended_by_rule}\n", "", "missing-setting", "blocked"),
    (
        "a flow in itself",
        CHECK,
        "  zip:\n    say: ask_zip\n    asks: [heard.zip]\n    hears:\n      give_identifier: {go: dob}\n      refuse: {outcome: failed}",
        "  zip: {use: check, outcomes: {verified: {go: dob}, failed: {outcome: failed}}}",
        "flow-uses-itself",
        "circle",
    ),
    ("unknown slot", CHECK, "asks: [heard.zip]", "asks: [heard.zp]", "unknown-slot", "heard.zip"),
    (
        "rule without source",
        RULES,
        "deny: Do not call., source: house rule",
        "deny: Do not call., source: ''",
        "wrong-kind",
        "",
    ),
    (
        "unknown class",
        RULES,
        "never_say: [collecting, debt, payment]",
        "never_say: [collecting, dept, payment]",
        "unknown-class-or-prompt",
        "debt",
    ),
    ("unknown prompt in a rule", RULES, "must_say: identify", "must_say: identfy", "unknown-prompt", "identify"),
    (
        "unknown parameter",
        RULES,
        "calls_in_window >= max_calls",
        "calls_in_window >= max_cals",
        "unknown-name",
        "max_calls",
    ),
    ("unknown table", RULES, "each: caps", "each: cap", "unknown-table", "caps"),
    ("unknown place in a table", RULES, "[NY, calls_in_window, 3", "[NX, calls_in_window, 3", "unknown-place", ""),
    (
        "unknown counter in a table",
        RULES,
        "[NY, calls_in_window, 3",
        "[NY, calls_in_windw, 3",
        "unknown-counter",
        "calls_in_window",
    ),
    ("a cell of the wrong type", RULES, "calls_in_window, 3,", "calls_in_window, three,", "wrong-type", ""),
    ("a short row", RULES, "[NY, calls_in_window, 3, a house table]", "[NY, calls_in_window, 3]", "wrong-row", "max"),
    ("an effect out of place", RULES, "us.dnc: {ask: before_dialing", "us.dnc: {ask: after_call", "wrong-kind", ""),
    (
        "a derived host fact",
        RULES,
        "derive: {party.verified: 'true'}",
        "derive: {party.zip: \"'1'\"}",
        "fact-not-derivable",
        "from: policy",
    ),
    ("a parameter of the wrong type", RULES, "is: 7, source", "is: seven, source", "wrong-type", "int"),
    (
        "a date that does not exist",
        RULES,
        "{from: 2021-11-30, is: 7, source",
        "{from: 2021-11-31, is: 7, source",
        "wrong-type",
        "year-month-day",
    ),
    ("heard before a dial", RULES, "when: suppressed.dnc", "when: heard.stop_calling", "fact-not-there-yet", ""),
    ("unknown policy place", RULES, "place: US", "place: UX", "unknown-place", ""),
    (
        "unknown class of a fact",
        WORDS,
        "discloses: debt, from: host",
        "discloses: dept, from: host",
        "unknown-class",
        "debt",
    ),
    ("unknown window", WORDS, "in: window_days", "in: window_day", "unknown-parameter", "window_days"),
    ("a place within itself", WORDS, "US: {}", "US: {within: NY}", "place-within-itself", "circle"),
    ("a prompt naming a secret", SAID, "{{ party.first_name }}", "{{ party.zip }}", "secret-in-prompt", ""),
    (
        "a prompt naming nothing known",
        SAID,
        "{{ party.first_name }}",
        "{{ party.frist_name }}",
        "unknown-name",
        "party.first_name",
    ),
]


@pytest.mark.parametrize(("path", "old", "new", "rule", "mend"), [pytest.param(*m[1:], id=m[0]) for m in MISTAKES])
def test_a_mistake_is_found_with_its_mend(path, old, new, rule, mend):
    found, _ = findings(path, old, new)
    of_rule = [f for f in found if f.rule == rule]
    assert of_rule, [f"{f.rule}: {f.message}" for f in found]
    assert any(mend in f.help + f.message for f in of_rule), [f.help for f in of_rule]
    assert any(f.level is Level.ERROR for f in of_rule)


@pytest.mark.parametrize(
    ("path", "old", "new", "column"),
    [
        (FLOW, "identity_confirmed: {go: verify}", "identity_confirmed: {go: verfy}", 32),
        (FLOW, "    say: greeting", "    say: greting", 10),
        (RULES, "calls_in_window >= max_calls", "calls_in_window >= max_cals", 30),
        (SAID, "{{ party.first_name }}", "{{ party.frist_name }}", 40),
    ],
    ids=["state", "prompt", "inside a condition", "inside a sentence"],
)
def test_a_finding_points_at_the_very_word(path, old, new, column):
    found, line = findings(path, old, new)
    spans = [(f.span.line, f.span.column) for f in found if f.span.path == PurePosixPath(path)]
    assert (line, column) in spans


def test_all_mistakes_are_gathered_at_once():
    files = texts()
    flow = PurePosixPath(FLOW)
    files[flow] = (
        files[flow]
        .replace("go: verify", "go: verfy")
        .replace("end: wrong_party", "end: wrong")
        .replace("say: goodbye", "say: bye")
    )
    rules = {f.rule for f in compile_bundle(read_texts(files)).findings}
    assert {"unknown-state", "unknown-disposition", "unknown-prompt"} <= rules


def test_a_broken_file_hides_only_what_follows_from_it():
    files = texts()
    files[PurePosixPath("flows/intents.en-US.yaml")] = "callwright: 1\nkind: intents\nid: [\n"
    found = compile_bundle(read_texts(files)).findings
    assert {f.span.path.name for f in found} == {"intents.en-US.yaml"}


def test_a_bundle_with_errors_is_refused_at_the_door():
    files = texts()
    del files[PurePosixPath(WORDS)]
    with pytest.raises(BundleError, match="no vocabulary"):
        compile_bundle(read_texts(files)).need()


def test_a_prompt_that_is_not_translated_is_an_error():
    files = texts()
    path = PurePosixPath("flows/call/prompts.es-US.yaml")
    files[path] = (
        "callwright: 1\nkind: prompts\nid: es\nversion: 1.0.0\ntitle: t\nlocale: es-US\nprompts:\n  greeting: Hola\n"
    )
    found = compile_bundle(read_texts(files)).findings
    assert {f.rule for f in found} == {"not-translated"}


def test_a_subflow_is_linked_in_place_and_left_by_its_outcomes():
    flow = small().flows["call"]
    assert {"verify.zip", "verify.dob", "verify.=verified", "verify.=failed"} <= set(flow.states)
    (step,) = flow.states["greeting"].hears["identity_confirmed"]
    assert step.target == Go("verify.zip")
    assert flow.states["verify.dob"].hears["give_identifier"][0].target == Go("verify.=verified")


def test_protected_interrupts_come_first_and_others_yield():
    files = texts()
    flow = PurePosixPath(FLOW)
    files[flow] = files[flow].replace(
        "      who_is_this: {say: identify, again: 2}",
        "      who_is_this: {say: identify, again: 2}\n      stop_calling: {say: goodbye, end: refused}\n      repeat: {say: identify, again: 1}",
    )
    greeting = compile_bundle(read_texts(files)).need().flows["call"].states["greeting"]
    assert greeting.hears["stop_calling"][0].id == "call/anytime/stop_calling/1"
    assert greeting.hears["repeat"][0].id == "call/greeting/repeat/1"


def test_the_digest_sees_meaning_and_not_layout():
    files = texts()
    flow = PurePosixPath(FLOW)
    commented = {**files, flow: "# a comment\n" + files[flow].replace("{go: ask_payment}", "{ go:   ask_payment }")}
    edited = {**files, flow: files[flow].replace("times: 2", "times: 1", 1)}
    digest = small().digest
    assert compile_bundle(read_texts(commented)).need().digest == digest
    assert compile_bundle(read_texts(edited)).need().digest != digest


def test_rules_are_kept_by_question_and_by_name():
    rules = small().rules
    assert [r.id for r in rules[Ask.ON_HEARING]] == ["rpv.two", "us.machine", "us.stop"]
    assert small().rule("place.cap[NY]").row == "NY"
    assert small().source_map["rule/us.rpv"].path.name == "calls.yaml"


@pytest.mark.parametrize(("value", "found"), [("loud", []), ("lood", ["did you mean `loud`?"])])
def test_one_of_its_words_is_derived_and_set_by_its_bare_name(value, found):
    files = texts()
    words, rules, flow = (PurePosixPath(p) for p in (WORDS, RULES, FLOW))
    facts = "".join(
        f"  tone.{who}: {{type: enum, values: [calm, loud], from: {who}, initially: calm}}\n"
        for who in ("policy", "flow")
    )
    files[words] = files[words].replace("facts:\n", f"facts:\n{facts}", 1)
    files[rules] += f"  us.tone: {{ask: on_hearing, derive: {{tone.policy: {value}}}, source: x, severity: house}}\n"
    assert [f.help for f in compile_bundle(read_texts(files)).findings if f.span.path == rules] == found
    step = "identity_confirmed: {go: verify}"
    assert step in files[flow]
    files[flow] = files[flow].replace(step, f"identity_confirmed: {{set: {{tone.flow: {value}}}, go: verify}}", 1)
    assert [f.help for f in compile_bundle(read_texts(files)).findings if f.span.path == flow] == found
