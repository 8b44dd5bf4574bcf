"""Defects to seed: for each rule of reading and linking, what is written, what it becomes, and where it is found.

An edit is a file, a text in it and what that becomes; a file that is not there yet is made. The finding stands on a
line of the last edit, or on the line that is named.
"""
# ruff: noqa: E501

from pathlib import PurePosixPath

FLOW, RULES = PurePosixPath("flows/call/flow.yaml"), PurePosixPath("policies/rules.yaml")
WORDS, SAID = PurePosixPath("policies/vocabulary.yaml"), PurePosixPath("flows/call/prompts.yaml")
HEARD, TALE = PurePosixPath("flows/intents.yaml"), PurePosixPath("scenarios/tale.yaml")
SUB, ALSO = PurePosixPath("flows/sub/flow.yaml"), PurePosixPath("policies/more.yaml")

Edit = tuple[PurePosixPath, str, str]
Seed = tuple[str, tuple[Edit, ...], tuple[PurePosixPath, str] | None]

BYE = "bye: Thank you, and good bye."
SUBFLOW = """callwright: 1
kind: flow
id: sub
version: 1.0.0
title: A part of a call
start: first
states:
  first:
    say: ask_zip
    hears:
      affirm: {outcome: yes_said}
      deny: {outcome: no_said}
"""
USES = (
    "  balance:\n    say: balance\n",
    "  part:\n    use: sub\n    outcomes:\n      yes_said: {end: done}\n      no_said: {end: done}\n  balance:\n    say: balance\n",
)
MORE = """callwright: 1
kind: policy
id: us.more
version: 1.0.0
title: More rules
place: US
"""
SCENARIO = """callwright: 1
kind: scenario
id: tale
version: 1.0.0
title: A tale
flow: call
locale: en-US
at: 2026-03-10T14:00:00-05:00
given:
  party.first_name: Alex
call:
  - event: deny
    says: bye
expect:
  ends: done
"""
TABLE = "tables:\n  caps:\n    columns: {place: place, most: int}\n    rows:\n      - [TX, 3]\nrules:\n"
CAPPED = "  cap:\n    each: caps\n    ask: before_dialing\n    when: [place in account.places, account.balance > most]\n    deny: Too much.\n    source: house rule\n    severity: house\n"
CALLS = "\ncounters:\n  calls: {counts: [call], per: [person], in: days}\nactions:\n"
PERSON = (
    "  party.zip: {type: text,",
    "  party.id: {type: text, identifies: person, from: host}\n  party.zip: {type: text,",
)
DAYS = "parameters:\n  days: {type: duration, values: [{from: 2021-11-30, is: 7 days, source: x}]}\nrules:\n"


SPANISH, SAIDES = PurePosixPath("flows/intents.es.yaml"), PurePosixPath("flows/call/prompts.es.yaml")
SPANISH_INTENTS = """callwright: 1
kind: intents
id: intents.es
version: 1.0.0
title: Lo que se quiere decir
locale: es-US
intents:
  stop_calling: {examples: [no me llame]}
  human: {examples: [una persona]}
  affirm: {examples: [claro]}
"""
SPANISH_PROMPTS = """callwright: 1
kind: prompts
id: call.es
version: 1.0.0
title: Lo que se dice
locale: es-US
prompts:
  greeting: Hola.
  ask_zip: Su ZIP?
  balance: El saldo es {{ account.balance | money }}.
  bye: Gracias.
  stopped: No llamaremos.
  wait_please: Un momento.
  are_you_there: Hola?
  sorry: No entiendo.
"""


def _one(rule: str, path: PurePosixPath, old: str, new: str, at: tuple[PurePosixPath, str] | None = None) -> Seed:
    return (rule, ((path, old, new),), at)


EARLIER_SEEDS: tuple[Seed, ...] = (
    # files
    _one("too-deep-or-large", FLOW, "title: The call", "title: " + "[" * 60 + "x" + "]" * 60),
    _one("unclosed-bracket", FLOW, "silence: {times: 2, say: are_you_there, then: {end: no_answer}}", "silence: {times: 2, say: are_you_there, then: {end: no_answer}"),
    _one("comma-splits-text", SAID, BYE, "bye: {text: Thank you, good bye}"),
    _one("backslash-in-quotes", HEARD, "  deny:\n", "  deny:\n    patterns: [\"\\bnay\\b\"]\n"),
    _one("quote-inside-quotes", SAID, BYE, "bye: 'Thank you, that's all.'"),
    _one("quoted-word-first", RULES, "unless: party.verified", "unless:\n      - 'TX' in account.places"),
    _one("bad-indentation", FLOW, "start: greeting", "  start: greeting"),
    _one("missing-colon", FLOW, "start: greeting", "start: greeting\nand so on"),
    _one("name-not-text", FLOW, "start: greeting", "[start]: greeting"),
    _one("several-documents", FLOW, "anytime:", "---\nanytime:"),
    ("empty-file", ((ALSO, "", "# nothing\n"),), (ALSO, "# nothing")),
    ("wrong-folder", ((PurePosixPath("flows/more.yaml"), "", MORE),), (PurePosixPath("flows/more.yaml"), "kind: policy")),
    # shape
    _one("out-of-range", FLOW, "deny: {say: bye, end: done}", "deny: {say: bye, again: 0}"),
    ("duplicate-document", ((SUB, "", SUBFLOW.replace("id: sub", "id: call")),), (SUB, "id: call")),
    ("declared-twice", ((ALSO, "", MORE + "rules:\n  stop: {ask: before_dialing, deny: No., source: house rule, severity: house}\n"),), (RULES, "stop:")),
    _one("name-taken", WORDS, "facts:\n", "facts:\n  not: {type: bool, from: host}\n"),
    _one("missing-values", WORDS, "  pay.amount: {type: money,", "  pay.how: {type: enum, from: host}\n  pay.amount: {type: money,", (WORDS, "pay.how: {type: enum, from: host}")),
    # conditions and sentences
    _one("unreadable-condition", RULES, "unless: party.verified", "unless: party.verified and"),
    _one("not-allowed-in-conditions", RULES, "unless: party.verified", "unless: len(party.zip) > 3"),
    _one("unreadable-sentence", SAID, "{{ party.first_name }}", "{{ party.first_name"),
    (
        "secret-in-prompt",
        (
            (WORDS, "classes:\n", "classes:\n  secret: {about: what we check, spoken: never}\n"),
            (WORDS, "party.zip: {type: text,", "party.zip: {type: text, discloses: secret,"),
            (SAID, BYE, "bye: Your ZIP is {{ party.zip }}."),
        ),
        None,
    ),
    # vocabulary
    _one("place-within-itself", WORDS, "TX: {within: US}", "TX: {within: TX}"),
    _one("places-twice", WORDS, "  party.zip: {type: text,", "  party.places: {type: set, of: place, from: host}\n  party.zip: {type: text,", (WORDS, "account.places: {type: set, of: place, from: host}")),
    _one("unknown-counter", RULES, "rules:\n", TABLE.replace("most: int", "most: counter").replace("[TX, 3]", "[TX, cals]") + CAPPED.replace("> most", "> 3"), (RULES, "- [TX, cals]")),
    ("odd-contact", ((RULES, "rules:\n", DAYS), (WORDS, *PERSON), (WORDS, "\nactions:\n", CALLS.replace("[call]", "[cal]"))), None),
    ("not-of-contacts", ((RULES, "rules:\n", DAYS), (WORDS, *PERSON), (WORDS, "\nactions:\n", CALLS.replace("in: days", "where: [heard.affirm], in: days"))), None),
    ("no-places-fact", ((WORDS, "  account.places: {type: set, of: place, from: host}\n", ""),), (RULES, "place: US")),
    # rules
    ("unknown-parameter", ((WORDS, *PERSON), (WORDS, "\nactions:\n", CALLS)), None),
    ("ambiguous-name", ((RULES, "rules:\n", DAYS), (ALSO, "", MORE + DAYS.removesuffix("rules:\n")), (WORDS, *PERSON), (WORDS, "\nactions:\n", CALLS)), None),
    _one("dates-overlap", RULES, "rules:\n", DAYS.replace("source: x}]", "source: x}, {from: 2021-11-30, is: 8 days, source: x}]")),
    _one("never-in-force", RULES, "    unless: party.verified\n", "    unless: party.verified\n    from: 2026-01-01\n    until: 2025-01-01\n"),
    _one("unknown-table", RULES, "rules:\n", TABLE + CAPPED.replace("each: caps", "each: cap")),
    _one("unknown-column", RULES, "rules:\n", TABLE + CAPPED.replace("source: house rule", "source: '{{ law }}'")),
    _one("wrong-row", RULES, "rules:\n", TABLE.replace("[TX, 3]", "[TX, 3, 4]") + CAPPED),
    _one("same-row-twice", RULES, "rules:\n", TABLE.replace("- [TX, 3]", "- [TX, 3]\n      - [TX, 3]") + CAPPED),
    _one("derives-and-acts", RULES, "derive: {party.verified: 'true'}", "derive: {party.verified: 'true'}\n    warn: Verified.", (RULES, "verify:")),
    _one("fact-not-there-yet", RULES, "when: heard.stop_calling", "when: call.disposition == done", (RULES, "stop:")),
    (
        "rule-reads-flow-fact",
        ((WORDS, "  pay.amount:", "  note.seen: {type: bool, from: flow, initially: false}\n  pay.amount:"), (RULES, "when: heard.stop_calling", "when: [heard.stop_calling, note.seen]")),
        None,
    ),
    # intents and prompts
    _one("unreadable-pattern", HEARD, "  deny:\n", "  deny:\n    patterns: ['(?=no)']\n"),
    ("not-translated", ((PurePosixPath("flows/call/prompts.es.yaml"), "", "callwright: 1\nkind: prompts\nid: call.es\nversion: 1.0.0\ntitle: Lo que dice el agente\nlocale: es-US\nprompts:\n  bye: Gracias y hasta luego.\n"),), (SAID, "greeting: Hello, may I speak with {{ party.first_name }}?")),
    _one("unknown-locale", FLOW, "affirm: {go: zip}", "affirm: {set: {call.locale: es-US}, go: zip}"),
    ("language-not-understood", ((SAID, "locale: en-US", "locale: fr-FR"), (HEARD, "locale: en-US", "locale: fr-FR")), None),
    ("intent-not-described", ((SPANISH, "", SPANISH_INTENTS), (SAIDES, "", SPANISH_PROMPTS), (HEARD, "  deny:\n", "  deny:\n")), None),
    ("placeholders-differ", ((SPANISH, "", SPANISH_INTENTS), (SAIDES, "", SPANISH_PROMPTS)), (SAIDES, "greeting: Hola.")),
    # flows
    (
        "call-can-never-end",
        (
            (FLOW, "then: {end: no_answer}}\nunclear", "then: {go: balance}}\nunclear"),
            (FLOW, "say: sorry, then: {end: no_answer}", "say: sorry, then: {go: balance}"),
            (FLOW, "anytime:\n  stop_calling: {say: stopped, end: stopped}\n  human: {say: wait_please, do: {transfer: {queue: '\"people\"'}}, end: transferred}\n", "anytime: {}\n"),
            (FLOW, "affirm: {say: bye, end: done}", "affirm: {say: bye, go: balance}"),
        ),
        (FLOW, "balance:"),
    ),
    _one("circle-without-hearing", FLOW, "  balance:\n    say: balance\n    hears:\n      affirm: {say: bye, end: done}", "  balance:\n    then: [{say: bye, go: more}]\n  more:\n    then: [{go: balance}]"),
    ("outcome-not-handled", ((SUB, "", SUBFLOW), (FLOW, USES[0], USES[1].replace("      no_said: {end: done}\n", ""))), None),
    ("unknown-outcome", ((SUB, "", SUBFLOW), (FLOW, USES[0], USES[1].replace("      no_said:", "      no_sad:"))), None),
    _one("outcome-without-user", FLOW, "deny: {say: bye, end: done}", "deny: {say: bye, outcome: gone}"),
    _one("unknown-flow", FLOW, *USES),
    ("flow-uses-itself", ((SUB, "", SUBFLOW.replace("states:\n", "states:\n  again:\n    use: sub\n    outcomes:\n      yes_said: {outcome: yes_said}\n      no_said: {outcome: no_said}\n")), (FLOW, *USES)), (SUB, "use: sub")),
    ("unused-flow", ((SUB, "", SUBFLOW),), (SUB, "id: sub")),
    _one("again-without-hearing", FLOW, "  balance:\n    say: balance\n    hears:\n      affirm: {say: bye, end: done}", "  balance:\n    then: [{say: bye, again: 1}, {end: done}]"),
    _one("flow-may-not-set", FLOW, "affirm: {go: zip}", "affirm: {set: {party.verified: 'true'}, go: zip}"),
    _one("blocked-must-end", FLOW, "blocked: {say: bye, end: blocked}", "blocked: {say: bye, go: greeting}"),
    # scenarios
    ("nothing-expected", ((TALE, "", SCENARIO.replace("  ends: done\n", "  about: it ends\n")),), (TALE, "callwright: 1")),
    ("not-given", ((TALE, "", SCENARIO.replace("Alex\n", "Alex\n  party.verified: true\n")),), (TALE, "party.verified: true")),
    ("unknown-rule", ((TALE, "", SCENARIO.replace("  ends: done\n", "  prevented: [before_dept]\n")),), (TALE, "prevented: [before_dept]")),
    ("unknown-event-or-intent", ((TALE, "", SCENARIO.replace("event: deny", "event: denny")),), (TALE, "- event: denny")),
    ("unknown-time-zone", ((TALE, "", SCENARIO.replace("call:\n", "zones: [America/Chicag]\ncall:\n")),), (TALE, "zones: [America/Chicag]")),
)  # fmt: skip

SHAPE_FIRST = frozenset(
    {"hears-and-then", "missing-key", "nothing-told", "unknown-scope", "unknown-suppression-scope", "wrong-shape"}
)
"""Rules that stay silent while the shape of documents is checked first; they hold where it is not."""
