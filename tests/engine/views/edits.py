"""Forty and more edits of the small bundle: those that weaken a protection, and those that do not."""

from pathlib import PurePosixPath

from engine.bundle import CompiledBundle
from engine.compiler import compile_bundle
from engine.source.read import read_texts
from engine.views.diff.change import Level
from tests.engine.runtime.calls import texts

CALLS, FLOW = "policies/us/calls.yaml", "flows/call/flow.yaml"
WORDS, INTENTS, SAID = "policies/vocabulary.yaml", "flows/intents.en-US.yaml", "flows/call/prompts.en-US.yaml"
LAW = "policies/us/prompts.en-US.yaml"
RPV = "us.rpv: {ask: before_speaking, never_say: [collecting, debt, payment], unless: party.verified,"
MIRANDA = "us.mini_miranda: {ask: before_speaking, must_say: mini_miranda, before: [debt, payment],"
YES = "never_do: [take_payment, record_promise], unless: [asked.readback, heard.affirm],"
TWO = "us.stop: {ask: on_hearing, when: heard.stop_calling, suppress: {scope: phone, reason: stop_calling},"

WEAKER = {
    "a class is left out": (CALLS, "never_say: [collecting, debt, payment]", "never_say: [collecting, payment]"),
    "an exception is widened": (
        CALLS,
        RPV,
        RPV.replace("unless: party.verified", "unless: [{any: [party.verified, heard.identity_confirmed]}]"),
    ),
    "a rule is proposed only": (CALLS, "us.rpv: {ask:", "us.rpv: {status: proposed, ask:"),
    "a notice comes before less": (CALLS, "before: [debt, payment]", "before: [payment]"),
    "a notice is stayed": (CALLS, "us.mini_miranda: {ask:", "us.mini_miranda: {status: stayed, ask:"),
    "who calls is said only before debts": (CALLS, "before: anything", "before: [debt]"),
    "more calls are allowed": (CALLS, "is: 7, source", "is: 10, source"),
    "more calls are allowed later": (
        CALLS,
        "values: [{from: 2021-11-30, is: 7, source: 12 CFR 1006.14(b)(2)(i)(A)}]",
        "values: [{from: 2021-11-30, is: 7, source: x}, {from: 2027-01-01, is: 9, source: x}]",
    ),
    "the day begins sooner": (CALLS, "'08:00'", "'07:00'"),
    "the day ends later": (CALLS, "'21:00'", "'22:00'"),
    "the window is shorter": (CALLS, "is: 7 days", "is: 3 days"),
    "fewer contacts count": (WORDS, "where: [number.connected], per", "where: [number.connected, consent.direct], per"),
    "consent is not needed": (CALLS, "unless: consent.direct", "unless: [{any: [consent.direct, number.connected]}]"),
    "a list is not looked at": (
        CALLS,
        "us.dnc: {ask: before_dialing, when: suppressed.dnc,",
        "us.dnc: {ask: before_dialing, when: [suppressed.dnc, consent.direct],",
    ),
    "a place allows more": (CALLS, "[NY, calls_in_window, 3,", "[NY, calls_in_window, 5,"),
    "the whole policy is of one place": (CALLS, "place: US\n", "place: NY\n"),
    "an action is no longer asked about": (CALLS, YES, YES.replace("[take_payment, record_promise]", "[take_payment]")),
    "a yes to anything will do": (CALLS, YES, YES.replace("[asked.readback, heard.affirm]", "heard.affirm")),
    "one identifier is enough": (
        CALLS,
        "when: [heard.zip == party.zip, heard.dob == party.dob]",
        "when: [heard.zip == party.zip]",
    ),
    "stop is not written down": (
        CALLS,
        TWO,
        TWO.replace("suppress: {scope: phone, reason: stop_calling}", "warn: They said stop"),
    ),
    "a machine hears the balance": (
        CALLS,
        "only_say: [limited_content]",
        "only_say: [limited_content, balance_and_ask]",
    ),
    "a machine is taken for a person": (
        CALLS,
        "us.machine: {ask: on_hearing, when: heard.voicemail,",
        "us.machine: {ask: on_hearing, when: [heard.voicemail, heard.affirm],",
    ),
    "a balance gives nothing away": (
        WORDS,
        "account.balance: {type: money, discloses: debt, from: host}",
        "account.balance: {type: money, from: host}",
    ),
    "stop is argued with": (
        FLOW,
        "stop_calling: {say: stop_acknowledged, end: stop_requested}",
        "stop_calling: [{say: stop_acknowledged, again: 2}, {end: stop_requested}]",
    ),
    "the check is passed by": (FLOW, "identity_confirmed: {go: verify}", "identity_confirmed: {go: ask_payment}"),
    "stop is heard less": (
        INTENTS,
        r"stop_calling: {patterns: ['\bstop calling\b'], examples: [please stop calling me]}",
        "stop_calling: {examples: [cease]}",
    ),
}

NOT_WEAKER = {
    "a greeting in other words": (SAID, "Hello, may I speak with", "Good day, may I speak with", Level.WORDING),
    "a comment": (CALLS, "rules:\n", "# what holds\nrules:\n", None),
    "keys in another order": (
        CALLS,
        "title: Rules of the small bundle\nplace: US\n",
        "place: US\ntitle: Rules of the small bundle\n",
        None,
    ),
    "fewer calls are allowed": (CALLS, "is: 7, source", "is: 5, source", Level.SAFETY),
    "the day begins later": (CALLS, "'08:00'", "'09:00'", Level.SAFETY),
    "another class is kept": (
        CALLS,
        "never_say: [collecting, debt, payment]",
        "never_say: [collecting, debt, payment, secret]",
        Level.SAFETY,
    ),
    "a condition turned round": (
        CALLS,
        "when: calls_in_window >= max_calls",
        "when: [{none: [calls_in_window < max_calls]}]",
        Level.MEANING,
    ),
    "a condition with its sides exchanged": (
        CALLS,
        "when: calls_in_window >= max_calls",
        "when: max_calls <= calls_in_window",
        Level.MEANING,
    ),
    "silence is asked about more often": (FLOW, "silence: {times: 2,", "silence: {times: 3,", Level.MEANING),
    "a word for refusing": (INTENTS, "'I refuse'", "'I refuse', 'no way'", Level.MEANING),
    "refusing leads elsewhere": (
        FLOW,
        "refuse: {say: goodbye, end: refused}",
        "refuse: {say: goodbye, end: hung_up}",
        Level.MEANING,
    ),
    "another rule": (
        CALLS,
        "  us.window:",
        "  us.quiet: {ask: before_dialing, when: suppressed.stop_calling, deny: They said stop., "
        "source: house rule, severity: house}\n  us.window:",
        Level.SAFETY,
    ),
    "a title": (FLOW, "title: A small call", "title: A little call", Level.WORDING),
    "a reason in other words": (CALLS, "calls were already placed.", "calls have been placed.", Level.WORDING),
    "a source": (
        CALLS,
        "us.dnc: {ask: before_dialing, when: suppressed.dnc, deny: Do not call., source: house rule,",
        "us.dnc: {ask: before_dialing, when: suppressed.dnc, deny: Do not call., source: 47 CFR 64.1200(c)(2),",
        Level.WORDING,
    ),
    "a disposition": (WORDS, "  hung_up: {}\n", "  hung_up: {}\n  busy: {}\n", Level.MEANING),
    "a third thing to be right": (
        CALLS,
        "when: [heard.zip == party.zip, heard.dob == party.dob]",
        "when: [heard.zip == party.zip, heard.dob == party.dob, heard.give_identifier]",
        Level.SAFETY,
    ),
    "stop ends the call as well": (
        CALLS,
        TWO,
        TWO.replace("reason: stop_calling},", "reason: stop_calling}, end_call: stop_requested,"),
        Level.SAFETY,
    ),
    "fewer calls are allowed later": (
        CALLS,
        "values: [{from: 2021-11-30, is: 7, source: 12 CFR 1006.14(b)(2)(i)(A)}]",
        "values: [{from: 2021-11-30, is: 7, source: x}, {from: 2027-01-01, is: 5, source: x}]",
        Level.SAFETY,
    ),
    "a longer window": (CALLS, "is: 7 days", "is: 14 days", Level.SAFETY),
    "who calls is said in other words": (LAW, "This is Robin, an automated", "I am Robin, an automated", Level.SAFETY),
    "a state expects an answer": (
        FLOW,
        "    say: balance_and_ask\n",
        "    say: balance_and_ask\n    asks: [heard.zip]\n",
        Level.MEANING,
    ),
}


def edited_texts(path: str, old: str, new: str) -> dict[PurePosixPath, str]:
    """Return the small bundle's files with *old* replaced by *new* in one of them."""
    files = texts()
    held = files[PurePosixPath(path)]
    assert old in held, old
    files[PurePosixPath(path)] = held.replace(old, new, 1)
    return files


def made(files: dict[PurePosixPath, str]) -> CompiledBundle:
    """Return the bundle of *files*, compiled."""
    return compile_bundle(read_texts(files)).need()
