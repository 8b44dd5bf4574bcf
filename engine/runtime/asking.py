"""Asking a network a question, and keeping the answer as a decision."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.bundle import (
    Deny,
    Derive,
    Do,
    Effect,
    EndCall,
    MustSay,
    NeverDo,
    NeverSay,
    OnlyBetween,
    OnlySay,
    RouteHuman,
    Rule,
    Suppress,
    Template,
    Warn,
)
from engine.expressions.template import UnknownFact, render
from engine.expressions.tree import Value
from engine.runtime.decision import Decision, Fired
from engine.runtime.prepared import Prepared
from engine.terms import Ask, Outcome, ValueType

EFFECT_NAMES: Mapping[type[Effect], str] = {
    Deny: "deny",
    OnlyBetween: "only_between",
    RouteHuman: "route",
    Warn: "warn",
    Derive: "derive",
    Suppress: "suppress",
    EndCall: "end_call",
    Do: "do",
    NeverSay: "never_say",
    MustSay: "must_say",
    OnlySay: "only_say",
    NeverDo: "never_do",
}
FORBIDDING = (NeverSay, NeverDo, OnlySay)
DENYING = (Deny, OnlyBetween)
WITHHELD = "(withheld)"


@dataclass(frozen=True, slots=True)
class Answer:
    """The rules that fired and take effect, and the decision to record."""

    rules: tuple[Rule, ...]
    decision: Decision

    @property
    def faulty(self) -> bool:
        """Whether the network failed or its shadow disagreed; whoever asked must then deny."""
        return bool(self.decision.faults)


def ask(prepared: Prepared, question: Ask, subject: str, frame: Mapping[str, Value], at: datetime) -> Answer:
    """Ask every rule of *question* about *frame*; the network decides, all that fire are kept."""
    verdict = prepared.judges[question].ask(frame)
    fired = [prepared.rules[name] for name in verdict.fired]
    enforced = tuple(rule for rule in fired if rule.status.enforced)
    kept = tuple(_fired(prepared, rule, frame, verdict.unknown.get(rule.id, ())) for rule in fired)
    read = {name: value for entry in kept for name, value in entry.read.items()}
    decision = Decision(
        ask=question,
        subject=subject,
        at=at,
        outcome=_outcome(question, enforced, bool(verdict.faults)),
        fired=kept,
        facts=read,
        sources=sources_of(prepared, read),
        warnings=tuple(entry.reason for entry in kept if entry.effect == "warn" and entry.enforced),
        faults=verdict.faults,
    )
    return Answer(enforced, decision)


def sources_of(prepared: Prepared, names: Iterable[str]) -> dict[str, str]:
    """Return who supplies each fact, or that it is a parameter."""
    known = prepared.origins
    return {name: known.get(name, "parameter") for name in names}


def words(template: Template, frame: Mapping[str, Value], types: Mapping[str, ValueType]) -> str:
    """Return *template* in words; a fact that is unknown is named as such, since a reason is never lost."""
    bound = dict(template.bound)
    unknown = {n: "(unknown)" for n in template.names if frame.get(n) is None and n not in bound}
    if bound or unknown:
        frame = {**frame, **bound, **unknown}
        types = {**types, **dict.fromkeys((*bound, *unknown), ValueType.TEXT)}
    try:
        return render(template.source, frame, types, "en-US")
    except UnknownFact as missing:
        return f"{template.source} (unknown: {missing.name})"


def _outcome(question: Ask, enforced: tuple[Rule, ...], faulty: bool) -> Outcome:
    effects = [effect for rule in enforced for effect in rule.effects]
    no = DENYING if question is Ask.BEFORE_DIALING else FORBIDDING
    if faulty or any(isinstance(effect, no) for effect in effects):
        return Outcome.DENY
    if any(isinstance(effect, RouteHuman) for effect in effects):
        return Outcome.ROUTE_HUMAN
    return Outcome.ALLOW


def _fired(prepared: Prepared, rule: Rule, frame: Mapping[str, Value], unknown: tuple[str, ...]) -> Fired:
    reason = words(rule.reason, frame, prepared.types)
    if unknown:
        reason = f"{reason} (unknown: {', '.join(unknown)})"
    return Fired(
        rule=rule.id,
        effect=EFFECT_NAMES[type(rule.effects[0])],
        reason=reason,
        source=rule.source,
        severity=rule.severity,
        status=rule.status,
        read={name: _shown(prepared, name, frame.get(name)) for name in prepared.reads[rule.id]},
        unknown=unknown,
        enforced=rule.status.enforced,
        span=rule.span,
    )


def _shown(prepared: Prepared, name: str, value: Value) -> Value:
    """Return *value*, or a mark in its place where it must never be written down."""
    return WITHHELD if name in prepared.secret and value is not None else value
