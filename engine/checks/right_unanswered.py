"""
A right of the callee that a state does not answer is lost there.

Every state that listens must answer every protected intent of the vocabulary, best under `anytime:`.

Flagged::

    # flows/call/flow.yaml
    anytime:  # error[right-unanswered]
      stop_calling: {say: stopped, end: stopped}

Write instead::

    # flows/call/flow.yaml
    anytime:
      stop_calling: {say: stopped, end: stopped}
      human: {say: wait_please, do: {transfer: {queue: '"people"'}}, end: transferred}
"""

from collections import defaultdict
from collections.abc import Iterator

from engine.checks.context import Context, found
from engine.source.finding import Finding, Level
from engine.source.span import Span
from engine.source.tree import Text
from engine.terms import Kind

NAME = "right-unanswered"
CODE = "INT308"
LEVEL = Level.ERROR
WAIVABLE = False


def check(context: Context) -> Iterator[Finding]:
    """Yield one finding for each protected intent that some listening state of a flow does not answer."""
    for flow in context.flows:
        missing: dict[str, list[str]] = defaultdict(list)
        for name, state in flow.states.items():
            if state.hears and name in context.reached[flow.id]:
                for intent in context.bundle.vocabulary.protected:
                    if intent not in state.hears:
                        missing[intent].append(name)
        for intent, names in missing.items():
            shown = ", ".join(f"`{n}`" for n in names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
            yield found(
                _place(context, flow.id, flow.span),
                f"`{intent}` is not answered in {shown}",
                f"add `{intent}` under `anytime`",
                why="it is a right of the callee, which must be heard at any moment",
                where=f"{flow.id}/anytime/{intent}",
            )


def _place(context: Context, flow: str, otherwise: Span) -> Span:
    """Return where the interrupts of *flow* are written."""
    for document in context.sources.of(Kind.FLOW):
        if document.id == flow and Text("anytime") in document.root:
            return document.root.key("anytime").span
    return otherwise
