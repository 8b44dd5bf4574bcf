"""What rules of reading and linking flag, and what to write instead: the lines of their manual pages.

Like the examples of checks they are of the small bundle that the tests make these mistakes in.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    """Lines of a file that a rule flags, and those that belong there."""

    file: str
    flagged: str
    instead: str


EXAMPLES: Mapping[str, Example] = {
    "duplicate-key": Example(
        "flows/call/flow.yaml",
        """\
start: greeting
start: zip
""",
        "start: greeting",
    ),
    "anchors-not-allowed": Example(
        "flows/call/flow.yaml",
        "start: &s greeting",
        "start: greeting",
    ),
    "tags-not-allowed": Example(
        "flows/call/flow.yaml",
        "start: !!str greeting",
        "start: greeting",
    ),
    "tab-character": Example(
        "flows/call/flow.yaml",
        "\tstart: greeting",
        "start: greeting",
    ),
    "text-cut-at-hash": Example(
        "flows/call/prompts.yaml",
        "  bye: Thank you # and good bye.",
        "  bye: Thank you, and good bye.",
    ),
    "unclosed-quote": Example(
        "flows/call/flow.yaml",
        'title: "The call of the examples',
        "title: The call of the examples",
    ),
    "unclosed-bracket": Example(
        "flows/call/flow.yaml",
        "silence: {times: 2, say: are_you_there, then: {end: no_answer}",
        "silence: {times: 2, say: are_you_there, then: {end: no_answer}}",
    ),
    "comma-splits-text": Example(
        "flows/call/prompts.yaml",
        "  bye: {text: Thank you, good bye}",
        "  bye: Thank you, and good bye.",
    ),
    "backslash-in-quotes": Example(
        "flows/intents.yaml",
        """\
  deny:
    patterns: ["\\bnay\\b"]
""",
        "  deny:",
    ),
    "quote-inside-quotes": Example(
        "flows/call/prompts.yaml",
        "  bye: 'Thank you, that's all.'",
        "  bye: Thank you, and good bye.",
    ),
    "quoted-word-first": Example(
        "policies/rules.yaml",
        """\
    unless:
      - 'TX' in account.places
""",
        "    unless: party.verified",
    ),
    "unquoted-braces": Example(
        "flows/call/prompts.yaml",
        "  bye: {{ party.first_name }}, good bye.",
        "  bye: Thank you, and good bye.",
    ),
    "unquoted-colon": Example(
        "flows/call/prompts.yaml",
        "  bye: Thank you: good bye.",
        "  bye: Thank you, and good bye.",
    ),
    "special-start": Example(
        "flows/call/prompts.yaml",
        "  bye: @ Thank you",
        "  bye: Thank you, and good bye.",
    ),
    "bad-indentation": Example(
        "flows/call/flow.yaml",
        "  start: greeting",
        "start: greeting",
    ),
    "missing-colon": Example(
        "flows/call/flow.yaml",
        """\
start: greeting
and so on
""",
        "start: greeting",
    ),
    "name-not-text": Example(
        "flows/call/flow.yaml",
        "[start]: greeting",
        "start: greeting",
    ),
    "several-documents": Example(
        "flows/call/flow.yaml",
        """\
---
anytime:
""",
        "anytime:",
    ),
    "unknown-setting": Example(
        "flows/call/flow.yaml",
        """\
  greeting:
    sya: greeting
""",
        """\
  greeting:
    say: greeting
""",
    ),
    "missing-setting": Example(
        "flows/call/flow.yaml",
        "id: call",
        """\
kind: flow
id: call
""",
    ),
    "wrong-kind": Example(
        "flows/call/flow.yaml",
        "kind: flaw",
        "kind: flow",
    ),
    "wrong-type": Example(
        "policies/rules.yaml",
        "    unless: account.balance",
        "    unless: party.verified",
    ),
    "out-of-range": Example(
        "flows/call/flow.yaml",
        "      deny: {say: bye, again: 0}",
        "      deny: {say: bye, end: done}",
    ),
    "name-taken": Example(
        "policies/vocabulary.yaml",
        """\
facts:
  not: {type: bool, from: host}
""",
        "facts:",
    ),
    "missing-values": Example(
        "policies/vocabulary.yaml",
        "  pay.how: {type: enum, from: host}",
        "  pay.how: {type: enum, values: [card, cheque], from: host}",
    ),
    "unreadable-condition": Example(
        "policies/rules.yaml",
        "    unless: party.verified and",
        "    unless: party.verified",
    ),
    "not-allowed-in-conditions": Example(
        "policies/rules.yaml",
        "    unless: len(party.zip) > 3",
        "    unless: party.verified",
    ),
    "unreadable-sentence": Example(
        "flows/call/prompts.yaml",
        "  greeting: Hello, may I speak with {{ party.first_name?",
        "  greeting: Hello, may I speak with {{ party.first_name }}?",
    ),
    "not-allowed-in-sentences": Example(
        "flows/call/prompts.yaml",
        "  balance: The balance is {{ account.balance | mony }}. Is that clear?",
        "  balance: The balance is {{ account.balance | money }}. Is that clear?",
    ),
    "unknown-name": Example(
        "policies/rules.yaml",
        "    unless: party.verifid",
        "    unless: party.verified",
    ),
    "secret-in-prompt": Example(
        "flows/call/prompts.yaml",
        "  bye: Your ZIP is {{ party.zip }}.",
        "  bye: Thank you, and good bye.",
    ),
    "unknown-place": Example(
        "policies/rules.yaml",
        "place: USA",
        "place: US",
    ),
    "place-within-itself": Example(
        "policies/vocabulary.yaml",
        "  TX: {within: TX}",
        "  TX: {within: US}",
    ),
    "places-twice": Example(
        "policies/vocabulary.yaml",
        """\
  party.places: {type: set, of: place, from: host}
  party.zip: {type: text, from: host}
""",
        "  party.zip: {type: text, from: host}",
    ),
    "unknown-class": Example(
        "policies/vocabulary.yaml",
        "  account.balance: {type: money, discloses: dept, from: host}",
        "  account.balance: {type: money, discloses: debt, from: host}",
    ),
    "unknown-fact": Example(
        "policies/rules.yaml",
        "    derive: {party.verifed: 'true'}",
        "    derive: {party.verified: 'true'}",
    ),
    "odd-contact": Example(
        "policies/vocabulary.yaml",
        "counts: [cal],",
        "counts: [call],",
    ),
    "not-of-contacts": Example(
        "policies/vocabulary.yaml",
        """\
  pay.amount: {type: money, from: heard, lasts: person}
counters:
  calls: {counts: [call], per: [person], where: [heard.affirm], in: days}
actions:
""",
        """\
  pay.amount: {type: money, from: heard, lasts: person}
actions:
""",
    ),
    "no-places-fact": Example(
        "policies/vocabulary.yaml",
        "  heard.zip: {type: text, from: heard, lasts: person}",
        """\
  account.places: {type: set, of: place, from: host}
  heard.zip: {type: text, from: heard, lasts: person}
""",
    ),
    "unknown-parameter": Example(
        "policies/vocabulary.yaml",
        "  calls: {counts: [call], per: [person], in: days}",
        "  calls: {counts: [call], per: [person], in: 7 days}",
    ),
    "ambiguous-name": Example(
        "policies/vocabulary.yaml",
        "  calls: {counts: [call], per: [person], in: days}",
        "  calls: {counts: [call], per: [person], in: us.more.days}",
    ),
    "never-in-force": Example(
        "policies/rules.yaml",
        """\
    unless: party.verified
    from: 2026-01-01
    until: 2025-01-01
""",
        "    unless: party.verified",
    ),
    "unknown-class-or-prompt": Example(
        "policies/rules.yaml",
        "    never_say: [dept]",
        "    never_say: [debt]",
    ),
    "fact-not-derivable": Example(
        "policies/rules.yaml",
        "    derive: {account.balance: '5'}",
        "    derive: {party.verified: 'true'}",
    ),
    "derives-and-acts": Example(
        "policies/rules.yaml",
        """\
    derive: {party.verified: 'true'}
    warn: Verified.
""",
        "    derive: {party.verified: 'true'}",
    ),
    "fact-not-there-yet": Example(
        "policies/rules.yaml",
        "    when: call.disposition == done",
        "    when: heard.stop_calling",
    ),
    "rule-reads-flow-fact": Example(
        "policies/rules.yaml",
        "    when: [heard.stop_calling, note.seen]",
        "    when: heard.stop_calling",
    ),
    "unknown-intent": Example(
        "flows/call/flow.yaml",
        "      denial: {say: bye, end: done}",
        "      deny: {say: bye, end: done}",
    ),
    "protected-not-described": Example(
        "flows/intents.yaml",
        "  humane:",
        "  human:",
    ),
    "unreadable-pattern": Example(
        "flows/intents.yaml",
        """\
  deny:
    patterns: ['(?=no)']
""",
        "  deny:",
    ),
    "unknown-prompt": Example(
        "flows/call/flow.yaml",
        "    say: ask_zipp",
        "    say: ask_zip",
    ),
    "unknown-locale": Example(
        "flows/call/flow.yaml",
        "      affirm: {set: {call.locale: es-US}, go: zip}",
        "      affirm: {go: zip}",
    ),
    "unknown-state": Example(
        "flows/call/flow.yaml",
        "start: greting",
        "start: greeting",
    ),
    "circle-without-hearing": Example(
        "flows/call/flow.yaml",
        """\
  balance:
    then: [{say: bye, go: more}]
  more:
    then: [{go: balance}]
""",
        """\
  balance:
    say: balance
    hears:
      affirm: {say: bye, end: done}
""",
    ),
    "no-silence-handling": Example(
        "flows/call/flow.yaml",
        "unclear: {times: 2, say: sorry, then: {end: no_answer}}",
        """\
silence: {times: 2, say: are_you_there, then: {end: no_answer}}
unclear: {times: 2, say: sorry, then: {end: no_answer}}
""",
    ),
    "no-unclear-handling": Example(
        "flows/call/flow.yaml",
        "anytime:",
        """\
unclear: {times: 2, say: sorry, then: {end: no_answer}}
anytime:
""",
    ),
    "shadowed-step": Example(
        "flows/call/flow.yaml",
        """\
        - {end: done}
        - {say: bye, end: done}
""",
        """\
        - {when: party.verified, go: balance}
        - {say: bye, end: done}
""",
    ),
    "steps-leave-a-gap": Example(
        "flows/call/flow.yaml",
        """\
        - {when: party.verified, go: balance}
""",
        """\
        - {when: party.verified, go: balance}
        - {say: bye, end: done}
""",
    ),
    "unknown-not-handled": Example(
        "flows/call/flow.yaml",
        "        - {when: pay.amount > 5, go: balance}",
        "        - {when: party.verified, go: balance}",
    ),
    "outcome-not-handled": Example(
        "flows/call/flow.yaml",
        """\
    outcomes:
      yes_said: {end: done}
""",
        """\
    outcomes:
      yes_said: {end: done}
      no_said: {end: done}
""",
    ),
    "unknown-outcome": Example(
        "flows/call/flow.yaml",
        "      no_sad: {end: done}",
        "      no_said: {end: done}",
    ),
    "outcome-without-user": Example(
        "flows/call/flow.yaml",
        "      deny: {say: bye, outcome: gone}",
        "      deny: {say: bye, end: done}",
    ),
    "unknown-flow": Example(
        "flows/call/flow.yaml",
        """\
  part:
    use: sub
    outcomes:
      yes_said: {end: done}
      no_said: {end: done}
  balance:
    say: balance
""",
        """\
  balance:
    say: balance
""",
    ),
    "again-without-hearing": Example(
        "flows/call/flow.yaml",
        """\
  balance:
    then: [{say: bye, again: 1}, {end: done}]
""",
        """\
  balance:
    say: balance
    hears:
      affirm: {say: bye, end: done}
""",
    ),
    "flow-may-not-set": Example(
        "flows/call/flow.yaml",
        "      affirm: {set: {party.verified: 'true'}, go: zip}",
        "      affirm: {go: zip}",
    ),
    "blocked-must-end": Example(
        "flows/call/flow.yaml",
        "blocked: {say: bye, go: greeting}",
        "blocked: {say: bye, end: blocked}",
    ),
    "unknown-slot": Example(
        "flows/call/flow.yaml",
        "    asks: [heard.zap]",
        "    asks: [heard.zip]",
    ),
    "unknown-disposition": Example(
        "flows/call/flow.yaml",
        "      deny: {say: bye, end: dun}",
        "      deny: {say: bye, end: done}",
    ),
    "unknown-action": Example(
        "flows/call/flow.yaml",
        "  human: {say: wait_please, do: {transferr: {queue: '\"people\"'}}, end: transferred}",
        "  human: {say: wait_please, do: {transfer: {queue: '\"people\"'}}, end: transferred}",
    ),
    "unknown-argument": Example(
        "flows/call/flow.yaml",
        "  human: {say: wait_please, do: {transfer: {que: '\"people\"'}}, end: transferred}",
        "  human: {say: wait_please, do: {transfer: {queue: '\"people\"'}}, end: transferred}",
    ),
    "missing-argument": Example(
        "flows/call/flow.yaml",
        "  human: {say: wait_please, do: {transfer: {}}, end: transferred}",
        "  human: {say: wait_please, do: {transfer: {queue: '\"people\"'}}, end: transferred}",
    ),
    "dates-overlap": Example(
        "policies/rules.yaml",
        "{from: 2021-11-30, is: 8 days, source: x}",
        "{from: 2025-01-01, is: 8 days, source: x}",
    ),
    "unknown-table": Example(
        "policies/rules.yaml",
        """\
    each: cap
""",
        """\
    each: caps
""",
    ),
    "unknown-column": Example(
        "policies/rules.yaml",
        "    source: '{{ law }}'",
        "    source: house rule",
    ),
    "wrong-row": Example(
        "policies/rules.yaml",
        "      - [TX, 3, 4]",
        "      - [TX, 3]",
    ),
    "same-row-twice": Example(
        "policies/rules.yaml",
        """\
      - [TX, 3]
      - [TX, 3]
""",
        """\
      - [TX, 3]
""",
    ),
    "unknown-event-or-intent": Example(
        "scenarios/tale.yaml",
        "  - event: denny",
        "  - event: deny",
    ),
    "unknown-time-zone": Example(
        "scenarios/tale.yaml",
        "zones: [America/Chicag]",
        "zones: [America/Chicago]",
    ),
    "not-given": Example(
        "scenarios/tale.yaml",
        """\
  party.first_name: Alex
  party.verified: true
""",
        """\
  party.first_name: Alex
""",
    ),
    "unknown-rule": Example(
        "scenarios/tale.yaml",
        "  prevented: [before_dept]",
        "  prevented: [before_debt]",
    ),
    "duplicate-document": Example(
        "flows/sub/flow.yaml",
        """\
id: call
""",
        """\
id: sub
""",
    ),
}
