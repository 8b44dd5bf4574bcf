"""
A disposition that no call can end with makes reports look for what never comes.

Those that a host sets itself (no answer, busy, and the like, which no flow sees) may carry `retry: true`.

Flagged::

    # policies/vocabulary.yaml
    dispositions:
      done: {success: true}
      stopped: {}
      transferred: {}
      no_answer: {retry: true}
      blocked: {}
      married: {}  # error[disposition-unused]

Write instead::

    # policies/vocabulary.yaml
    dispositions:
      done: {success: true}
      stopped: {}
      transferred: {}
      no_answer: {retry: true}
      blocked: {}
"""

from collections.abc import Iterator

from engine.bundle import End, EndCall
from engine.checks.context import Context, found
from engine.source.finding import Finding, Level

ENGINES_OWN = ("max_turns", "hung_up", "ended_by_rule", "no_answer", "busy", "not_in_service")

NAME = "disposition-unused"
CODE = "OUT412"
LEVEL = Level.WARNING
WAIVABLE = True


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each disposition that no step, no rule and no host uses."""
    used = set(ENGINES_OWN)
    for flow in context.flows:
        for step in (*context.steps[flow.id], flow.blocked):
            if isinstance(step.target, End):
                used.add(step.target.disposition)
    for rules in context.bundle.rules.values():
        used |= {e.disposition for rule in rules for e in rule.effects if isinstance(e, EndCall)}
    for name, disposition in context.bundle.vocabulary.dispositions.items():
        if name not in used and not disposition.retry:
            yield found(
                disposition.span,
                f"no call ends with `{name}`",
                "end a call with it, or delete it",
                where=f"dispositions/{name}",
            )
