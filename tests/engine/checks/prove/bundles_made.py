"""Small bundles of which every rule is proved, and every single edit that may make one of them dangerous.

Each bundle rests its proofs on other things: who was verified, what was asked just before, what was said, amounts and
days, places, kinds and times, what a turn derives, languages and counts.
"""

import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath
from typing import Any, TypeAlias

from engine.bundle import CompiledBundle
from engine.compiler import compile_bundle
from engine.expressions.tree import Value
from engine.source.documents import Sources
from engine.source.read import read_texts

Document: TypeAlias = dict[str, Any]
Documents: TypeAlias = dict[str, Document]
FLOW, RULES, WORDS = "flows/call/flow.yaml", "policies/rules.yaml", "policies/vocabulary.yaml"
PROMPTS, INTENTS = "flows/prompts.{}.yaml", "flows/intents.{}.yaml"
LOCALES = ("en-US", "es-US")
DISCLOSES = {"debt_one": ["debt"], "debt_two": ["debt"], "offer": ["payment"], "read_back": ["payment"]}
SAID = ("hello", "ask", "debt_one", "debt_two", "offer", "read_back", "notice", "purpose", "limited", "bye", "sorry")
PROTECTED = ("stop_calling", "human")
WORDS_HEARD = ("yes", "no", "pay", "change", "repeat", "stop_calling")
"""The intents that a callee may mean, but for one that is heard alike."""
FACTS: Document = {
    "account.places": {"type": "set", "of": "place", "from": "host"},
    "account.balance": {"type": "money", "from": "host"},
    "party.zip": {"type": "text", "from": "host"},
    "party.dob": {"type": "date", "from": "host"},
    "number.kind": {"type": "enum", "values": ["mobile", "landline", "work"], "from": "host"},
    "consent.given": {"type": "bool", "from": "host"},
    "party.verified": {"type": "bool", "from": "policy", "initially": "false", "lasts": "person"},
    "callee.machine": {"type": "bool", "from": "policy", "initially": "false", "lasts": "person"},
    "matter.rests": {"type": "bool", "from": "policy", "initially": "false"},
    "matter.over": {"type": "bool", "from": "policy", "initially": "false"},
    "just.agreed": {"type": "bool", "from": "policy", "initially": "false", "lasts": "turn"},
    "heard.zip": {"type": "text", "from": "heard", "lasts": "person"},
    "heard.dob": {"type": "date", "from": "heard", "lasts": "person"},
    "pay.amount": {"type": "money", "from": "heard", "lasts": "person"},
    "pay.date": {"type": "date", "from": "heard", "lasts": "person"},
    "read.amount": {"type": "money", "from": "flow", "lasts": "person"},
    "read.times": {"type": "int", "from": "flow", "initially": 0},
    "read.done": {"type": "bool", "from": "flow", "initially": "false"},
}
PARAMETERS: Document = {
    "wait": {"type": "duration", "values": [{"from": "2021-11-30", "is": "30 days", "source": "x"}]},
    "least": {"type": "money", "unit": "a payment", "values": [{"from": "2021-11-30", "is": "50.00", "source": "x"}]},
    "noon": {"type": "time", "unit": "a time", "values": [{"from": "2021-11-30", "is": "12:00", "source": "x"}]},
    "soon": {
        "type": "date",
        "unit": "a day",
        "values": [
            {"from": "2021-11-30", "is": "2026-03-11", "source": "x"},
            {"from": "2026-04-01", "is": "2026-05-01", "source": "x"},
        ],
    },
}
ENDS: Document = {"say": "bye", "end": "done"}
DAY = 739_685
"""The day of the calls, 10 March 2026."""
HOST: Mapping[str, Value] = {
    "account.places": frozenset({"US", "TX"}),
    "account.balance": 24_000,
    "party.zip": "78701",
    "party.dob": 724_000,
    "number.kind": "mobile",
    "consent.given": True,
}


@dataclass(frozen=True, slots=True)
class Made:
    """A bundle, and what to say in its calls.

    Args:
        name: What it is about.
        documents: Its files.
        slots: What a callee may say together, besides nothing.
        hosts: What the host may say else than usual.
        hours: When calls begin, in hours after noon in UTC.
        zoned: Whether the callee's time zone is known.
    """

    name: str
    documents: Documents
    slots: tuple[Mapping[str, Value], ...] = ()
    hosts: tuple[Mapping[str, Value], ...] = ({},)
    hours: tuple[float, ...] = (5,)
    zoned: tuple[bool, ...] = (True,)


def texts(documents: Documents) -> dict[PurePosixPath, str]:
    """Return *documents* as files: JSON, which is YAML too."""
    return {PurePosixPath(path): json.dumps(document, indent=1) for path, document in documents.items()}


def _document(kind: str, name: str, **parts: object) -> Document:
    return {"callwright": 1, "kind": kind, "id": name, "version": "1.0.0", "title": "Made", **parts}


def _rule(ask: str, **parts: object) -> Document:
    return {"ask": ask, **parts, "source": "x", "severity": "house"}


def _derives(when: list[object], fact: str, value: str = "true") -> Document:
    return _rule("on_hearing", when=when, derive={fact: value})


def _speaking(**parts: object) -> Document:
    return _rule("before_speaking", **parts)


def _documents(rules: Document, states: Document, anytime: Document | None = None, **flow: object) -> Documents:
    intents = (*WORDS_HEARD, "human")
    meant = {intent: {"examples": [f"{intent} in words {n}" for n in range(8)]} for intent in intents}
    said = {
        p: {"text": f"Words for {p}.", "discloses": DISCLOSES[p]} if p in DISCLOSES else f"Words, {p}." for p in SAID
    }
    answer = {"times": 1, "say": "sorry", "then": ENDS}
    found = {
        WORDS: _document(
            "vocabulary",
            "words",
            places={"US": {}, "TX": {"within": "US"}},
            classes={"debt": {"about": "a debt"}, "payment": {"about": "paying it"}},
            facts=deepcopy(FACTS),
            actions={"hand_off": {}, "record": {}},
            dispositions={"done": {}, "blocked": {}, "silent": {}},
            protected=list(PROTECTED),
        ),
        RULES: _document("policy", "us", place="US", parameters=deepcopy(PARAMETERS), rules=rules),
        FLOW: _document(
            "flow",
            "call",
            start=next(iter(states)),
            blocked={"say": "bye", "end": "blocked"},
            silence=answer,
            unclear=answer,
            anytime={"stop_calling": ENDS, "human": ENDS, **(anytime or {})},
            states=states,
            **flow,
        ),
    }
    for locale in LOCALES:
        found[PROMPTS.format(locale)] = _document("prompts", f"said.{locale}", locale=locale, prompts=deepcopy(said))
        found[INTENTS.format(locale)] = _document("intents", f"meant.{locale}", locale=locale, intents=deepcopy(meant))
    parted: Documents = json.loads(json.dumps(found))  # no part is another's too, so that an edit is one edit
    return parted


def verified() -> Made:
    """Return a bundle in which whoever is verified may hear more, until someone else takes the phone."""
    guarded = {"when": ["party.verified"], "go": "tell"}
    rules = {
        "two": _derives(["heard.zip == party.zip", "heard.dob == party.dob"], "party.verified"),
        "change": _derives(["heard.change"], "new_person"),
        "no_debt": _speaking(never_say=["debt"], unless=["party.verified"]),
        "no_hand": _speaking(never_do=["hand_off"], unless=["party.verified"]),
        "none_when_not": _speaking(never_say=["payment"], when=[{"none": ["party.verified"]}]),
    }
    states = {
        "hello": {"say": "hello", "hears": {"yes": [guarded, {"go": "check"}], "no": ENDS}},
        "check": {
            "say": "ask",
            "asks": ["heard.zip", "heard.dob"],
            "hears": {"yes": [guarded, {"say": "sorry", "again": 1}, ENDS], "no": ENDS},
        },
        "tell": {"say": ["debt_one"], "hears": {"yes": {"do": ["hand_off"], **ENDS}, "no": {"go": "more"}}},
        "more": {"say": ["sorry", "offer"], "hears": {"no": ENDS, "yes": {"go": "tell"}}},
    }
    anytime = {"new_person": {"go": "hello"}, "repeat": {"again": 1}}
    right, wrong = {"heard.zip": "78701", "heard.dob": 724_000}, {"heard.zip": "00000", "heard.dob": 724_000}
    return Made("verified", _documents(rules, states, anytime), (right, wrong))


def agreed() -> Made:
    """Return a bundle in which an amount within bounds is read back, and recorded only after a yes to just that."""
    within = ["pay.amount is known", "account.balance is known", "pay.amount <= account.balance"]
    enough = ["us.least is known", "pay.amount >= us.least"]
    by = ["pay.date is known", "us.wait is known", "pay.date <= clock.today + us.wait"]
    known = [*within, *enough, *by]
    rules = {
        "asked": _speaking(never_do=["record"], unless=["asked.read_back", "heard.yes"]),
        "above": _speaking(never_do=["record"], unless=within[2:]),
        "small": _speaking(never_do=["record"], unless=["pay.amount >= least"]),
        "late": _speaking(never_do=["record"], unless=["pay.date <= clock.today + wait"]),
        "not_both": _speaking(never_do=["record"], when=["heard.no"]),
        "same": _speaking(never_do=["hand_off"], when=[{"any": ["heard.no", "heard.pay"]}]),
    }
    records = {"do": ["record"], **ENDS}
    states = {
        "ask": {
            "say": "ask",
            "asks": ["pay.amount", "pay.date"],
            "hears": {
                "pay": [
                    {"when": known, "set": {"read.amount": "pay.amount"}, "go": "read"},
                    {"say": "sorry", "again": 1},
                    ENDS,
                ],
                "no": ENDS,
            },
        },
        "read": {
            "say": ["sorry", "read_back"],
            "hears": {
                "yes": [
                    {"when": ["heard.no"], "go": "ask"},
                    {"when": [*known, "asked.read_back"], **records},
                    {"say": "read_back", "again": 1},
                    ENDS,
                ],
                "repeat": [{"when": [{"none": ["heard.no", "heard.pay"]}], "do": ["hand_off"], **ENDS}, ENDS],
                "pay": {"go": "ask"},
            },
        },
    }
    slots = tuple(
        {"pay.amount": amount, "pay.date": day}
        for amount, day in ((24_000, DAY + 30), (24_001, DAY + 1), (4_999, DAY), (6_000, DAY + 31), (None, DAY))
    )
    return Made("agreed", _documents(rules, states), slots, ({}, {"account.balance": None}))


def notices() -> Made:
    """Return a bundle in which rules put in what must be said, and flows wait until it was heard."""
    rules = {
        "notice": _speaking(must_say="notice", before=["debt"]),
        "purpose": _speaking(must_say="purpose", before=["notice"], when=["'TX' in account.places"]),
        "last": _speaking(must_say="limited", before="end", unless=["said.limited"]),
        "heard_it": _speaking(never_say=["payment"], unless=["said.notice"]),
        "only": _speaking(only_say=["limited", "bye", "sorry"], when=["callee.machine"]),
        "machine": _derives(["heard.voicemail"], "callee.machine"),
        "not_here": _speaking(never_do=["hand_off"], when=["'TX' in account.places"], unless=["said.purpose"]),
    }
    told = {"when": ["said.notice"], "go": "deal"}
    states = {
        "hello": {"say": "hello", "hears": {"yes": {"go": "tell"}, "no": ENDS}},
        "tell": {"say": ["debt_one"], "hears": {"yes": [told, {"again": 1}, ENDS], "no": ENDS}},
        "deal": {
            "say": ["offer"],
            "hears": {
                "yes": [
                    {"when": [{"none": ["'TX' in account.places"]}], "do": ["hand_off"], **ENDS},
                    {"when": ["said.purpose"], "do": ["hand_off"], **ENDS},
                    ENDS,
                ],
                "no": {"go": "hello"},
            },
        },
    }
    anytime = {"voicemail": {"say": "limited", "end": "done"}, "new_person": {"go": "hello"}, "change": {"go": "hello"}}
    elsewhere = {"account.places": frozenset({"US"})}
    return Made("notices", _documents(rules, states, anytime), (), ({}, elsewhere))


def kinds() -> Made:
    """Return a bundle in which kinds, consents, hours and days decide."""
    rules = {
        "work": _speaking(never_say=["payment"], when=["number.kind == work"]),
        "agreed": _speaking(never_do=["record"], unless=["consent.given"]),
        "morning": _speaking(never_say=["debt"], unless=["clock.time < noon"]),
        "soon": _speaking(never_do=["hand_off"], unless=["clock.today <= soon"]),
        "either": _speaking(
            never_say=["payment"],
            when=["clock.time > noon"],
            unless=[{"any": ["consent.given", "number.kind == mobile"]}],
        ),
    }
    in_time = ["clock.time is known", "us.noon is known"]
    states = {
        "hello": {
            "say": "hello",
            "hears": {
                "yes": [
                    {"when": ["number.kind is unknown"], **ENDS},
                    {"when": ["number.kind == work"], "go": "tell"},
                    {"when": [*in_time, "clock.time <= us.noon"], "go": "deal"},
                    {"when": ["number.kind == mobile"], "go": "deal"},
                    {"when": ["consent.given is known", "consent.given"], "go": "deal"},
                    {"go": "tell"},
                ],
                "no": ENDS,
            },
        },
        "deal": {
            "say": "offer",
            "silence": {"times": 1, "say": "sorry", "then": ENDS},
            "hears": {
                "yes": [
                    {"when": ["consent.given is unknown"], **ENDS},
                    {"when": ["consent.given"], "go": "done"},
                    ENDS,
                ],
                "no": {"go": "tell"},
            },
        },
        "done": {
            "say": "ask",
            "hears": {
                "yes": [
                    {"when": ["us.soon is known", "clock.today is known", "clock.today <= us.soon"], "go": "agree"},
                    {"do": ["record"], **ENDS},
                ],
                "no": ENDS,
            },
        },
        "agree": {"then": [{"do": ["record", "hand_off"], **ENDS}]},
        "tell": {
            "say": "sorry",
            "hears": {"yes": [{"when": [*in_time, "clock.time < us.noon"], "say": "debt_one", "end": "done"}, ENDS]},
        },
    }
    hosts = (
        {},
        {"number.kind": "work"},
        {"number.kind": None, "consent.given": None},
        {"consent.given": None},
        {"number.kind": "landline", "consent.given": False},
    )
    return Made("kinds", _documents(rules, states), (), hosts, (3, 4 - 40 / 3_600, 5, 39), (True, False))


def moments() -> Made:
    """Return a bundle in which a turn derives things, rules end calls, and a right once invoked lasts."""
    rules = {
        "agrees": _derives(["heard.yes", "asked.ask"], "just.agreed"),
        "rests": _derives([{"any": ["heard.no", "heard.stop_calling"]}], "matter.rests"),
        "over": _derives(["matter.rests", "heard.pay"], "matter.over"),
        "calm": _derives(["heard.repeat"], "matter.rests", "false"),
        "no_record": _speaking(never_do=["record"], unless=["just.agreed"]),
        "no_offer": _speaking(never_say=["payment"], when=["matter.rests"]),
        "no_debt": _speaking(never_say=["debt"], when=["matter.over"]),
        "no_more": _speaking(never_do=["hand_off"], when=["suppressed.stop_calling"]),
        "stopped": _rule(
            "on_hearing", when=["heard.stop_calling"], suppress={"scope": "phone", "reason": "stop_calling"}
        ),
        "ends": _rule("on_hearing", when=["heard.change"], end_call={"end": "silent", "say": "sorry"}),
    }
    rested = {"when": ["matter.rests"], "go": "quiet"}
    states = {
        "hello": {"say": ["hello", "ask"], "hears": {"yes": [rested, {"go": "deal"}], "no": {"go": "quiet"}}},
        "deal": {
            "say": ["offer", "ask"],
            "hears": {
                "yes": [rested, {"when": ["just.agreed"], "do": ["record"], "go": "deal"}, {"again": 1}, ENDS],
                "no": {"go": "quiet"},
                "pay": [rested, {"when": ["suppressed.stop_calling"], "go": "quiet"}, {"do": ["hand_off"], **ENDS}],
            },
        },
        "quiet": {
            "say": "bye",
            "hears": {
                "yes": [
                    {"when": ["matter.over"], **ENDS},
                    {"when": ["matter.rests"], "say": "debt_two", "end": "done"},
                    {"go": "deal"},
                ],
                "pay": [{"when": ["matter.rests"], **ENDS}, {"go": "deal"}],
            },
        },
    }
    anytime = {"stop_calling": {"go": "quiet"}, "change": {"go": "hello"}}
    return Made("moments", _documents(rules, states, anytime))


def languages() -> Made:
    """Return a bundle in which what was said counts in one language, and the flow keeps count."""
    rules = {
        "first": _speaking(never_say=["debt"], unless=["said.notice"]),
        "once": _speaking(never_say=["payment"], when=["said.offer"]),
        "noted": _speaking(never_do=["record"], when=["said.purpose"]),
        "change": _derives(["heard.change"], "new_person"),
    }
    states = {
        "hello": {
            "say": ["hello", "notice"],
            "hears": {"yes": {"go": "tell"}, "no": {"set": {"call.locale": "es-US"}, "go": "hello"}},
        },
        "tell": {
            "then": [
                {"when": ["said.notice"], "say": "debt_one", "go": "deal"},
                {"say": ["notice", "debt_two"], "go": "deal"},
            ]
        },
        "deal": {
            "say": "ask",
            "hears": {
                "yes": [
                    {"when": [{"none": ["read.done"]}], "set": {"read.done": "true"}, "say": "offer", "go": "deal"},
                    ENDS,
                ],
                "pay": [
                    {"when": ["read.amount is known"], **ENDS},
                    {"set": {"read.amount": "100"}, "do": ["record"], "say": "purpose", "go": "deal"},
                ],
                "no": {"set": {"call.locale": "es-US"}, "go": "hello"},
            },
        },
    }
    anytime = {"new_person": {"go": "hello"}}
    return Made("languages", _documents(rules, states, anytime))


def guarded() -> Made:
    """Return a bundle in which the turn that says something asks enough by itself; rules put the rest in."""
    rules = {
        "known": _derives(["heard.zip == party.zip"], "party.verified"),
        "change": _derives(["heard.change"], "new_person"),
        "no_debt": _speaking(never_say=["debt"], unless=["party.verified"]),
        "purpose": _speaking(must_say="purpose", before=["payment"]),
        "limited": _speaking(must_say="limited", before=["purpose"]),
        "renewed": _speaking(never_do=["record"], unless=["heard.new_person"]),
        "both": _speaking(never_say=["payment"], when=["number.kind == work", "consent.given"]),
        "not_after": _speaking(never_do=["hand_off"], when=["asked.ask"]),
        "over": _rule("on_hearing", when=["heard.pay"], end_call={"end": "silent", "say": "sorry"}),
    }
    states = {
        "hello": {
            "say": "hello",
            "asks": ["heard.zip"],
            "hears": {
                "yes": [{"when": ["party.verified"], "go": "tell"}, {"say": "sorry", "go": "hello"}],
                "no": [
                    {"when": [{"none": ["party.verified"]}], "say": "sorry", "go": "hello"},
                    {"say": "debt_one", "end": "done"},
                ],
                "repeat": [
                    {"when": ["number.kind is unknown"], **ENDS},
                    {"when": ["number.kind == work"], **ENDS},
                    {"say": "offer", "go": "wait"},
                ],
            },
        },
        "tell": {
            "say": "debt_one",
            "unclear": {"times": 1, "say": "debt_two", "then": ENDS},
            "hears": {"yes": ENDS, "no": {"go": "hello"}},
        },
        "wait": {"say": "sorry", "hears": {"yes": {"do": ["hand_off"], "go": "hello"}, "no": {"go": "hello"}}},
    }
    anytime = {"new_person": [{"when": ["heard.new_person"], "do": ["record"], "go": "hello"}, {"go": "hello"}]}
    hosts = ({}, {"number.kind": None})
    return Made("guarded", _documents(rules, states, anytime), ({"heard.zip": "78701"},), hosts)


def asking() -> Made:
    """Return a bundle in which each turn asks enough by itself, whatever was before it; rules put the rest in."""
    rules = {
        "no_debt": _speaking(never_say=["debt"], unless=["consent.given"]),
        "purpose": _speaking(must_say="purpose", before=["payment"]),
        "limited": _speaking(must_say="limited", before=["purpose"]),
        "over": _rule("on_hearing", when=["heard.pay"], end_call={"end": "silent", "say": "sorry"}),
        "work": _speaking(never_do=["hand_off"], when=["number.kind == work"]),
    }
    given = ["consent.given is known", "consent.given"]
    is_work = ["read.done", "number.kind is known", "number.kind == work"]
    states = {
        "hello": {
            "say": "hello",
            "hears": {
                "yes": [{"when": given, "say": "debt_one", "go": "hello"}, {"say": "offer", "go": "hello"}],
                "no": [{"when": ["number.kind is unknown"], **ENDS}, {"when": ["read.done"], "go": "middle"}, ENDS],
                "repeat": {"set": {"read.done": "true"}, "go": "hello"},
            },
        },
        "middle": {"then": [{"when": is_work, **ENDS}, {"do": ["hand_off"], **ENDS}]},
    }
    hosts = ({"consent.given": False, "number.kind": "work"}, {})
    return Made("asking", _documents(rules, states), (), hosts)


def noted() -> Made:
    """Return a bundle in which what the flow notes, and what was said to whom, decides."""
    rules = {
        "change": _derives(["heard.change"], "new_person"),
        "noted": _speaking(never_do=["record"], when=["said.purpose"]),
        "work": _speaking(never_do=["hand_off"], when=["number.kind == work"]),
        "heard_it": _speaking(never_say=["payment"], unless=["said.notice"]),
    }
    is_work = ["read.done", "number.kind is known", "number.kind == work"]
    states = {
        "hello": {
            "say": ["hello", "notice"],
            "hears": {
                "yes": [{"when": ["said.notice"], "go": "deal"}, {"go": "hello"}],
                "pay": [{"when": ["pay.amount is known"], "set": {"read.amount": "pay.amount"}, "go": "next"}, ENDS],
                "repeat": [
                    {"when": ["number.kind is unknown"], **ENDS},
                    {"when": ["read.done"], "go": "middle"},
                    {"set": {"read.done": "true"}, "go": "hello"},
                ],
            },
        },
        "next": {
            "say": "purpose",
            "hears": {"yes": [{"when": ["read.amount is known"], **ENDS}, {"do": ["record"], **ENDS}], "no": ENDS},
        },
        "middle": {"then": [{"when": is_work, **ENDS}, {"do": ["hand_off"], **ENDS}]},
        "deal": {"say": "ask", "hears": {"yes": {"say": "offer", "go": "deal"}, "no": ENDS}},
    }
    anytime = {"new_person": [{"when": ["heard.new_person"], "go": "hello"}, {"go": "hello"}]}
    hosts = ({}, {"number.kind": "work"})
    return Made("noted", _documents(rules, states, anytime), ({"pay.amount": 100},), hosts)


def derived() -> Made:
    """Return a bundle in which rules derive one thing from another, against one another, and for a turn only."""
    rules = {
        "agrees": _derives(["heard.yes"], "just.agreed"),
        "overs": _derives(["just.agreed", "heard.pay"], "matter.over"),
        "rests": _derives(["heard.no"], "matter.rests"),
        "calm": _derives(["heard.repeat"], "matter.rests", "false"),
        "machine": _derives(["heard.change"], "callee.machine"),
        "ends": _rule(
            "on_hearing",
            when=[{"none": ["callee.machine"]}, "heard.change"],
            end_call={"end": "silent", "say": "sorry"},
        ),
        "no_record": _speaking(never_do=["record"], when=["matter.over"]),
        "no_offer": _speaking(never_say=["payment"], when=["matter.rests"]),
        "no_debt": _speaking(never_say=["debt"], when=["callee.machine"]),
        "no_hand": _speaking(never_do=["hand_off"], unless=["just.agreed"]),
    }
    states = {
        "hello": {
            "say": "hello",
            "hears": {
                "yes": [
                    {"when": ["heard.pay"], **ENDS},
                    {"when": ["heard.no"], "go": "deal"},
                    {"do": ["record"], **ENDS},
                ],
                "repeat": [{"when": ["heard.no"], **ENDS}, {"say": "offer", "end": "done"}],
            },
        },
        "deal": {"say": "ask", "hears": {"yes": {"do": ["hand_off"], **ENDS}, "no": ENDS}},
    }
    found = _documents(rules, states)
    found[WORDS]["facts"]["matter.rests"]["initially"] = "true"
    found[WORDS]["facts"]["matter.over"]["lasts"] = "turn"
    return Made("derived", found)


def days() -> Made:
    """Return a bundle in which a day is asked about before each thing that it allows, and again the next turn."""
    in_time = ["us.soon is known", "clock.today is known", "clock.today <= us.soon"]
    rules = {
        "soon": _speaking(never_do=["hand_off"], unless=["clock.today <= soon"]),
        "small": _speaking(never_do=["record"], unless=["pay.amount >= least"]),
    }
    enough = ["pay.amount is known", "pay.amount >= 50"]
    states = {
        "hello": {
            "say": "hello",
            "hears": {
                "yes": [{"when": in_time, "go": "next"}, ENDS],
                "pay": [{"when": enough, "do": ["record"], **ENDS}, ENDS],
                "no": ENDS,
            },
        },
        "next": {"say": "ask", "hears": {"yes": [{"when": in_time, "do": ["hand_off"], **ENDS}, ENDS], "no": ENDS}},
    }
    found = _documents(rules, states)
    found[RULES]["parameters"]["soon"]["values"] = found[RULES]["parameters"]["soon"]["values"][:1]
    return Made("days", found, ({"pay.amount": 6_000},), hours=(5, 39.985, 24 * 53))


MADE: tuple[Callable[[], Made], ...] = (
    verified,
    agreed,
    notices,
    kinds,
    moments,
    languages,
    guarded,
    asking,
    noted,
    derived,
    days,
)


@dataclass(frozen=True, slots=True)
class Edit:
    """A change to a place in a bundle: the way there, and what stands there then; None for nothing."""

    file: str
    way: tuple[str | int, ...]
    value: object

    def applied(self, documents: Documents) -> Documents:
        """Return *documents* with the change."""
        found = deepcopy(documents)
        held: Any = found[self.file]
        for key in self.way[:-1]:
            held = held[key]
        if self.value is None:
            del held[self.way[-1]]
        else:
            held[self.way[-1]] = deepcopy(self.value)
        return found

    def __str__(self) -> str:
        shown = "nothing" if self.value is None else json.dumps(self.value)
        return f"{self.file}: {'/'.join(map(str, self.way))} → {shown}"


def edits(made: Made) -> Iterator[Edit]:
    """Yield every single edit: something left out, moved elsewhere, put in another order, or turned round."""
    rules, flow = made.documents[RULES]["rules"], made.documents[FLOW]
    for name, rule in rules.items():
        for part in ("when", "unless"):
            for way, value in _weaker(rule.get(part)):
                yield Edit(RULES, ("rules", name, part, *way), value)
            if part in rule and (part == "unless" or "unless" in rule):
                yield Edit(RULES, ("rules", name, part), None)
        if rule["ask"] == "on_hearing" or "must_say" in rule:
            yield Edit(RULES, ("rules", name), None)
        if "derive" in rule:
            for fact, value in rule["derive"].items():
                yield Edit(RULES, ("rules", name, "derive", fact), "false" if value == "true" else "true")
    states = tuple(flow["states"])
    for name, state in flow["states"].items():
        for trigger, steps in state.get("hears", {}).items():
            way = ("states", name, "hears", trigger)
            yield Edit(FLOW, way, None)
            yield from _of_steps(way, steps, states)
        if "then" in state:
            yield from _of_steps(("states", name, "then"), state["then"], states)
        said = [state["say"]] if isinstance(state.get("say"), str) else state.get("say", [])
        yield from (Edit(FLOW, ("states", name, "say"), [*said, more]) for more in ("debt_two", "offer"))
        if len(said) > 1:
            yield Edit(FLOW, ("states", name, "say"), said[::-1])
            yield from (Edit(FLOW, ("states", name, "say"), [one]) for one in said)
    for trigger, steps in flow["anytime"].items():
        yield Edit(FLOW, ("anytime", trigger), None)
        yield from _of_steps(("anytime", trigger), steps, states)
        yield Edit(FLOW, ("anytime", trigger), {"again": 1})
    for asked in ("silence", "unclear"):
        yield Edit(FLOW, (asked, "say"), "debt_one")
        yield from (Edit(FLOW, (asked, "then"), {"go": there}) for there in states)
    for fact, declared in made.documents[WORDS]["facts"].items():
        if declared.get("from") == "policy" and any(fact in json.dumps(rule) for rule in rules.values()):
            if "lasts" in declared:
                yield Edit(WORDS, ("facts", fact, "lasts"), None)
            else:
                yield Edit(WORDS, ("facts", fact, "lasts"), "person")
            yield Edit(WORDS, ("facts", fact, "initially"), "true")
    for prompt in ("hello", "sorry", "bye", "limited", "purpose", "notice"):
        for given in ("debt", "payment"):
            told = {"text": f"Words, {prompt}.", "discloses": [given]}
            yield Edit(PROMPTS.format(LOCALES[1]), ("prompts", prompt), told)
    if len(made.documents[RULES]["parameters"]["soon"]["values"]) > 1:
        yield Edit(RULES, ("parameters", "soon", "values", 1), None)
    yield Edit(RULES, ("parameters", "noon", "values", 0, "from"), "2026-05-01")
    yield Edit(RULES, ("parameters", "least", "values", 0, "is"), "500.00")


def _of_steps(way: tuple[str | int, ...], steps: Any, states: tuple[str, ...]) -> Iterator[Edit]:
    several = steps if isinstance(steps, list) else [steps]
    for place, step in enumerate(several):
        here = (*way, place) if isinstance(steps, list) else way
        if place + 1 < len(several):
            yield Edit(FLOW, here, None)
            after = several[place + 1]
            guard, next_guard = step.get("when"), after.get("when")
            swapped = [{**after, "when": guard}, {**step, "when": next_guard}]
            left = [{key: value for key, value in one.items() if value is not None} for one in swapped]
            if not any("again" in one for one in (step, after)):
                yield Edit(FLOW, way, [*several[:place], *left, *several[place + 2 :]])
        for inner, value in _weaker(step.get("when")):
            yield Edit(FLOW, (*here, "when", *inner), value)
        for part in ("set", "do", "say"):
            if part in step:
                yield Edit(FLOW, (*here, part), None)
        bare = {key: value for key, value in step.items() if key not in ("go", "end", "again", "say")}
        for there in states:
            if step.get("go") != there:
                yield Edit(FLOW, here, {**bare, "go": there})
        if "again" not in step and place + 1 == len(several):
            yield Edit(FLOW, way, [*several[:place], {**bare, "again": 1}, ENDS])
        for more in ("record", "hand_off"):
            if "do" not in step:
                yield Edit(FLOW, (*here, "do"), [more])
        for sets in ({"call.locale": "es-US"}, {"read.done": "false"}, {"read.times": 0}):
            if "set" not in step and "call.locale" not in json.dumps(bare):
                yield Edit(FLOW, (*here, "set"), sets)


def _weaker(conditions: Any) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """Yield what may stand in place of parts of *conditions*."""
    for place, one in enumerate(conditions or ()):
        if len(conditions) > 1:
            yield (place,), None
        if isinstance(one, dict):
            ((joined, parts),) = one.items()
            yield (place,), {"none" if joined == "any" else "any": parts}
            for inner, part in enumerate(parts):
                yield (place,), part
                if len(parts) > 1:
                    yield (place, joined, inner), None
        elif " is " not in one:
            yield (place,), {"none": [one]}
            for op, other in (("<=", ">="), ("<", "<="), (">", ">="), ("==", "!=")):
                if f" {op} " in one:
                    yield (place,), one.replace(f" {op} ", f" {other} ")


_TELLS = {"say": "debt_one", "end": "done"}
_AGAIN = {"when": [{"none": ["party.verified"]}], "say": "sorry", "again": 1}
_UNLESS_NOTED = [
    {"when": ["read.amount is known"], **ENDS},
    {"when": ["read.done"], "do": ["record"], **ENDS},
    ENDS,
]
_TO_SOMEONE_UNKNOWN = [
    {"when": ["number.kind is unknown", "consent.given is known", "consent.given"], "say": "offer", "end": "done"},
    {"when": ["number.kind is unknown"], **ENDS},
    {"when": ["number.kind == work"], **ENDS},
    {"say": "offer", "go": "wait"},
]
_ONCE_SAID = [{"when": ["said.hello"], "do": ["record"], **ENDS}, ENDS]
_MORE_LATER = [
    {"from": "2021-11-30", "is": "50.00", "source": "x"},
    {"from": "2026-05-01", "is": "100.00", "source": "x"},
]
_GIVING = {"text": "Words that give it away.", "discloses": ["debt"]}
DANGEROUS: tuple[tuple[str, tuple[Edit, ...], str], ...] = (
    # what rules put in, or say at the end, is said by nobody's step
    ("guarded", (Edit(PROMPTS.format("en-US"), ("prompts", "purpose"), _GIVING),), "no_debt"),
    ("asking", (Edit(PROMPTS.format("en-US"), ("prompts", "purpose"), _GIVING),), "no_debt"),
    ("guarded", (Edit(PROMPTS.format("en-US"), ("prompts", "limited"), _GIVING),), "no_debt"),
    ("asking", (Edit(PROMPTS.format("en-US"), ("prompts", "limited"), _GIVING),), "no_debt"),
    ("guarded", (Edit(RULES, ("rules", "over", "end_call", "say"), "debt_one"),), "no_debt"),
    ("derived", (Edit(RULES, ("rules", "ends", "end_call", "say"), "debt_one"),), "no_debt"),
    ("asking", (Edit(RULES, ("rules", "over", "end_call", "say"), "debt_one"),), "no_debt"),
    # silence, unclear words, an answer that is used up, a right that nothing answers
    ("guarded", (Edit(FLOW, ("silence", "say"), "debt_one"),), "no_debt"),
    ("guarded", (Edit(FLOW, ("unclear", "then"), {"go": "tell"}),), "no_debt"),
    ("guarded", (Edit(FLOW, ("states", "hello", "hears", "no", 0), _AGAIN),), "no_debt"),
    ("guarded", (Edit(FLOW, ("anytime", "stop_calling"), None),), "no_debt"),
    ("guarded", (Edit(FLOW, ("anytime", "stop_calling"), [{"again": 1}, ENDS]),), "no_debt"),
    # another person, by an event or by what a rule makes of words
    ("guarded", (Edit(FLOW, ("anytime", "new_person"), {"do": ["record"], "go": "hello"}),), "renewed"),
    ("guarded", (Edit(FLOW, ("anytime", "new_person", 1), _TELLS),), "no_debt"),
    ("guarded", (Edit(FLOW, ("anytime", "new_person"), None),), "no_debt"),
    ("noted", (Edit(FLOW, ("anytime", "new_person", 1), {"go": "deal"}),), "heard_it"),
    ("noted", (Edit(FLOW, ("anytime", "new_person", 0, "go"), "deal"),), "heard_it"),
    (
        "derived",
        (
            Edit(RULES, ("rules", "machine", "derive"), {"new_person": "true"}),
            Edit(RULES, ("rules", "ends"), None),
            Edit(FLOW, ("anytime", "new_person"), {"do": ["record"], "go": "hello"}),
            Edit(RULES, ("rules", "no_record", "when"), ["heard.yes"]),
        ),
        "no_record",
    ),
    # what is unknown
    ("guarded", (Edit(FLOW, ("states", "hello", "hears", "repeat"), _TO_SOMEONE_UNKNOWN),), "both"),
    # what nobody told as the call began, and what went with who told it
    (
        "derived",
        (
            Edit(RULES, ("rules", "machine", "when"), [{"none": ["heard.voicemail"]}]),
            Edit(RULES, ("rules", "ends"), None),
            Edit(
                RULES,
                ("rules", "no_debt"),
                _speaking(never_say=["debt"], when=["heard.zip is unknown"], unless=["callee.machine"]),
            ),
            Edit(FLOW, ("anytime", "voicemail"), _TELLS),
        ),
        "no_debt",
    ),
    (
        "asking",
        (
            Edit(
                RULES,
                ("rules", "no_debt"),
                _speaking(never_say=["debt"], when=["heard.new_person", "heard.zip is unknown"]),
            ),
            Edit(FLOW, ("anytime", "new_person"), _TELLS),
        ),
        "no_debt",
    ),
    # what was asked just before, what was noted, and what was derived
    ("guarded", (Edit(FLOW, ("states", "wait", "say"), ["sorry", "ask"]),), "not_after"),
    ("noted", (Edit(FLOW, ("states", "hello", "hears", "repeat", 1, "set"), {"read.done": "false"}),), "work"),
    (
        "noted",
        (Edit(FLOW, ("states", "hello", "hears", "pay"), {"set": {"read.amount": "pay.amount"}, "go": "next"}),),
        "noted",
    ),
    (
        "noted",
        (
            Edit(
                FLOW,
                ("states", "next", "hears", "yes"),
                [{"when": ["read.amount is known"], "do": ["record"], **ENDS}, ENDS],
            ),
        ),
        "noted",
    ),
    ("derived", (Edit(FLOW, ("states", "hello", "hears", "yes", 0), None),), "no_record"),
    ("derived", (Edit(FLOW, ("states", "hello", "hears", "repeat", 0), None),), "no_offer"),
    ("derived", (Edit(FLOW, ("states", "deal", "hears", "no"), {"do": ["hand_off"], **ENDS}),), "no_hand"),
    ("asking", (Edit(FLOW, ("states", "hello", "hears", "no", 1, "set"), {"read.done": "false"}),), "work"),
    (
        "derived",
        (
            Edit(RULES, ("rules", "ready"), _speaking(never_do=["record"], unless=["asked.hello"])),
            Edit(FLOW, ("states", "hello", "hears", "yes"), _ONCE_SAID),
        ),
        "ready",
    ),
    ("agreed", (Edit(RULES, ("rules", "asked", "unless", 0), {"none": ["asked.read_back"]}),), "asked"),
    ("agreed", (Edit(RULES, ("rules", "small", "unless", 0), {"none": ["pay.amount >= least"]}),), "small"),
    ("moments", (Edit(RULES, ("rules", "no_record", "unless", 0), {"none": ["just.agreed"]}),), "no_record"),
    (
        "noted",
        (Edit(FLOW, ("states", "next", "hears", "yes"), [{"when": ["read.done"], "do": ["record"], **ENDS}, ENDS]),),
        "noted",
    ),
    (
        "noted",
        (
            Edit(FLOW, ("states", "hello", "hears", "pay"), {"set": {"read.amount": "pay.amount"}, "go": "next"}),
            Edit(FLOW, ("states", "next", "hears", "yes"), _UNLESS_NOTED),
        ),
        "noted",
    ),
    (
        "noted",
        (
            Edit(RULES, ("rules", "twice"), _speaking(never_do=["record"], when=["said.hello", "said.notice"])),
            Edit(FLOW, ("states", "hello", "hears", "yes", 0, "do"), ["record"]),
        ),
        "twice",
    ),
    (
        "languages",
        (
            Edit(RULES, ("rules", "here"), _speaking(never_do=["hand_off"], unless=["call.locale == 'en-US'"])),
            Edit(FLOW, ("states", "deal", "hears", "yes", 1, "do"), ["hand_off"]),
        ),
        "here",
    ),
    (
        "notices",
        (
            Edit(RULES, ("rules", "first"), _speaking(never_say=["debt"], unless=["said.notice"])),
            Edit(RULES, ("rules", "only", "only_say"), ["limited", "bye", "sorry", "hello", "debt_one"]),
            Edit(FLOW, ("anytime", "voicemail"), {"go": "tell"}),
        ),
        "first",
    ),
    (
        "guarded",
        (Edit(RULES, ("rules", "change"), None), Edit(FLOW, ("anytime", "new_person"), None)),
        "no_debt",
    ),
    (
        "noted",
        (
            Edit(
                FLOW,
                ("states", "deal", "hears", "new_person"),
                [{"when": ["heard.new_person"], "go": "hello"}, {"go": "deal"}],
            ),
        ),
        "heard_it",
    ),
    (
        "kinds",
        (Edit(FLOW, ("states", "deal", "hears", "yes", 0), {"when": ["consent.given is unknown"], "go": "done"}),),
        "agreed",
    ),
    # what passes meanwhile
    ("days", (Edit(RULES, ("parameters", "least", "values"), _MORE_LATER),), "small"),
    ("days", (Edit(FLOW, ("states", "next", "hears", "yes"), {"do": ["hand_off"], **ENDS}),), "soon"),
)
"""Edits after which a call breaks a rule, each of its own kind."""

NAMES = [make.__name__ for make in MADE]


@cache
def made(name: str) -> Made:
    """Return the bundle called *name*."""
    return next(make for make in MADE if make.__name__ == name)()


@cache
def every_edit(name: str) -> dict[str, Edit]:
    """Return the edits of the bundle called *name*, by what they are called."""
    return {str(edit): edit for edit in edits(made(name))}


def edited(documents: Documents, changes: Iterable[Edit]) -> Documents | None:
    """Return *documents* after *changes*, or None where one took away what the next was to change."""
    try:
        for change in changes:
            documents = change.applied(documents)
    except (KeyError, IndexError, TypeError):
        return None
    return documents


@dataclass(frozen=True, slots=True)
class Drawn:
    """A bundle after some edits: what it was, its files, and what they compile to."""

    made: Made
    sources: Sources
    bundle: CompiledBundle


def after(name: str, *changes: Edit) -> Drawn | None:
    """Return the bundle called *name* after *changes*, or None where it cannot be read any more."""
    documents = edited(made(name).documents, changes)
    if documents is None:
        return None
    sources = read_texts(texts(documents))
    bundle = compile_bundle(sources).bundle
    return None if bundle is None else Drawn(made(name), sources, bundle)


def drawn(seed: str, *more: Edit) -> Drawn:
    """Return a bundle after one, two or three edits by chance and then *more*; one that can be read."""
    chance = random.Random(seed)
    while True:
        name = chance.choice(NAMES)
        found = after(name, *chance.sample(list(every_edit(name).values()), chance.choice([1, 2, 2, 3, 4])), *more)
        if found is not None:
            return found
