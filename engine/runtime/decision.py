"""A decision: one question, every rule that fired, and what each read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from engine.expressions.tree import Value
from engine.source.span import NOWHERE, Span
from engine.terms import Ask, Outcome, Severity, Status


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that fired, and why.

    ``effect`` is its name in the language (``deny``, ``never_say`` …); ``unknown`` lists the facts whose
    being unknown made it act; ``enforced`` is False for proposed and stayed rules ("would deny").
    """

    rule: str
    effect: str
    reason: str
    source: str
    severity: Severity
    status: Status
    read: Mapping[str, Value] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    enforced: bool = True
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one question.

    Args:
        ask: The question.
        subject: What it was about: a prompt, an action, ``end``, a debt, or ''.
        at: When it was asked.
        outcome: Deny beats route_human beats allow.
        fired: Every rule that fired, by id.
        facts: Each fact read by any rule that fired, with its value.
        sources: Who supplied each of those facts.
        next_allowed: For a denied dial, the first later instant at which it would be allowed, or None.
        must_change: For a denied dial that time alone never allows, the facts that must change.
        warnings: What rules say with ``warn``.
        local_times: Zone to local time, for a dial.
    """

    ask: Ask
    subject: str
    at: datetime
    outcome: Outcome
    fired: tuple[Fired, ...] = ()
    facts: Mapping[str, Value] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    next_allowed: datetime | None = None
    must_change: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    local_times: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()

    @property
    def denying(self) -> tuple[str, ...]:
        """Return the enforced rules that said no, by id."""
        return tuple(f.rule for f in self.fired if f.enforced and f.effect not in ("warn", "do", "suppress", "derive"))
