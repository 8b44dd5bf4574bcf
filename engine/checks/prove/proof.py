"""The outcome of a proof, and the call that breaks a rule as lines to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from engine.bundle import CompiledBundle, Flow, Go, Rule, State, Step
from engine.checks.prove.confirm import ZONE, Call, Happening, deaf
from engine.checks.prove.model import By, Model
from engine.checks.prove.search import Found
from engine.checks.prove.slices import conditions_of, steps_of
from engine.checks.prove.truth import read_by
from engine.expressions.tree import ALWAYS, Value
from engine.expressions.values import format_value
from engine.runtime.step import planned
from engine.source.span import NOWHERE, Span
from engine.terms import Ask, EventKind, FactSource, Outcome

CALLED = ZoneInfo(ZONE)
"""Where the callee of a shown call is."""
ASSUMES = (
    "the host says in which places the account lies, as the gate before a call demands",
    "what the host and the ledger say of account, person and number stays as it is while a call goes on",
    "the law is as the bundle has it, on the day asked about or any later one within a hundred years",
    "no call goes on over midnight where the callee may be in one of several time zones, for the day is then unknown",
)
"""What every proof takes for granted; nothing else is assumed of what a callee says, or of when."""


class Verdict(StrEnum):
    """Whether a rule holds in every call of a flow."""

    PROVED = "proved"
    BROKEN = "broken"
    COULD_NOT_CHECK = "could_not_check"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a call.

    ``who`` is ``callee``, ``agent``, ``action``, ``facts``, ``end`` or ``rule``.
    """

    turn: int
    who: str
    text: str
    span: Span = NOWHERE

    def __str__(self) -> str:
        where = f"   {self.span.path}:{self.span.line}" if self.span != NOWHERE else ""
        return f"{self.turn:>2}  {self.who:<7} {self.text}{where}"


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known of one rule in one flow.

    Args:
        rule: The rule's id.
        flow: The flow's id.
        verdict: Proved, broken, or could not check.
        reason: Why it could not be checked.
        call: The shortest call that breaks it.
        culprit: Where the last thing that led there is written.
        said_at: Where what the rule forbids is written.
        subject: The prompt or action the rule forbids there.
        inserted_by: The ``must_say`` rule that put it in, or ''.
        prevented: Every rule that steps in at that moment.
        situations: How many situations were looked at.
        depends: The rule that could not be checked, and because of which this one could not, or ''.
    """

    rule: str
    flow: str
    verdict: Verdict
    reason: str = ""
    call: tuple[Line, ...] = ()
    culprit: Span = NOWHERE
    said_at: Span = NOWHERE
    subject: str = ""
    inserted_by: str = ""
    prevented: tuple[str, ...] = ()
    situations: int = 0
    where: str = ""
    steps: tuple[str, ...] = ()
    depends: str = ""


def broken(bundle: CompiledBundle, model: Model, rule: Rule, found: Found, call: Call, situations: int) -> Proof:
    """Return *rule* broken by *call*."""
    move = found.path[-1][1]
    item = model.speaker.items[move.plan.items[found.breach.part]]
    subject = found.breach.inserted or item.prompt or item.action
    by = move.plan.by[found.breach.part]
    culprit, where = _culprit(model.flow, by, move.plan.steps, rule)
    return Proof(
        rule=rule.id,
        flow=model.flow.id,
        verdict=Verdict.BROKEN,
        call=tuple(lines(bundle, model.flow, call, rule, subject, move.plan.steps)),
        culprit=culprit,
        said_at=by.say_span if isinstance(by, State) else by.span,
        subject=subject,
        inserted_by=found.breach.inserted_by,
        prevented=call.happenings[-1].turn.prevented,
        situations=situations,
        where=where,
        steps=tuple(step.id for step in move.plan.steps),
    )


def broken_in(bundle: CompiledBundle, flow: Flow, rule: Rule, call: Call) -> Proof:
    """Return *rule* broken by *call*, which was found in the engine itself."""
    last = call.happenings[-1]
    fired = (d.subject for d in last.turn.decisions if any(f.rule == rule.id for f in d.fired))
    denied = (d.subject for d in last.turn.decisions if d.ask is Ask.BEFORE_SPEAKING and d.outcome is Outcome.DENY)
    subject = next(fired, next(denied, ""))
    by_id = {step.id: step for step in steps_of(flow)}
    steps = tuple(by_id[name] for name in planned(deaf(bundle), last.before, last.event) if name in by_id)
    saying = [s for s in steps if subject in s.say or any(do.action == subject for do in s.does)]
    leading = [s for s in steps if s.target_span != NOWHERE]
    culprit, where, said_at = flow.span, flow.id, flow.span
    if saying:
        culprit, where, said_at = saying[0].span, saying[0].id, saying[0].span
    elif leading:
        led = _shortcut(flow, leading, rule)
        culprit, where = led.target_span, led.id
        target = leading[-1].target
        said_at = flow.states[target.state].say_span if isinstance(target, Go) else leading[-1].span
    return Proof(
        rule=rule.id,
        flow=flow.id,
        verdict=Verdict.BROKEN,
        call=tuple(lines(bundle, flow, call, rule, subject, steps)),
        culprit=culprit,
        said_at=said_at,
        subject=subject,
        prevented=last.turn.prevented,
        where=where,
        steps=tuple(step.id for step in steps),
    )


def _culprit(flow: Flow, by: By, taken: Sequence[Step], rule: Rule) -> tuple[Span, str]:
    """Return what led to the breach: the step that says it, or the step that leads to the state that does."""
    if isinstance(by, State):
        steps = [s for s in taken if s.target_span != NOWHERE]
        if not steps:
            return by.say_span, f"{by.document}/{by.name}"
        led = _shortcut(flow, steps, rule)
        return led.target_span, led.id
    return by.span, by.id


def _shortcut(flow: Flow, steps: Sequence[Step], rule: Rule) -> Step:
    """Return which of the *steps* of a turn to mend: the last, or the shortcut to where that stands.

    A state that goes on by itself, and that other steps lead to on a condition, does what it is there for; what leads
    there past the condition is the shortcut. But a step that sets what *rule* asks about is to blame for what it sets.
    """
    reads = {name for condition in conditions_of(rule) for name in read_by(condition)}
    led = steps[-1]
    for before in reversed(steps[:-1]):
        here = before.target
        guarded = any(s.target == here and s.when != ALWAYS for s in steps_of(flow) if s.id != before.id)
        if not isinstance(here, Go) or not guarded or not reads.isdisjoint(name for name, _ in led.sets):
            break
        led = before
    return led


def lines(
    bundle: CompiledBundle, flow: Flow, call: Call, rule: Rule, subject: str, means: Sequence[Step]
) -> list[Line]:
    """Return *call* as a transcript: what was heard, what changed, what was said, and where that is written."""
    found: list[Line] = []
    steps = {step.id: step for step in steps_of(flow)}
    day = call.at.astimezone(CALLED).date()
    for number, happening in enumerate(call.happenings, 1):
        today = happening.event.at.astimezone(CALLED).date()
        late = " (past midnight)" if today != day else ""
        day = today
        found.append(Line(number, "callee", _heard(bundle, happening) + late))
        changed = _changed(bundle, happening)
        if changed:
            found.append(Line(number, "facts", changed))
        if number == len(call.happenings):
            break
        turn = happening.turn
        taken = next((steps[name].span for name in reversed(turn.steps) if name in steps), NOWHERE)
        for utterance in turn.utterances:
            found.append(Line(number, "agent", f"{utterance.prompt}: {utterance.text}", taken))
        found += [Line(number, "action", action.name, taken) for action in turn.actions]
    last = len(call.happenings)
    for step in means:
        found.append(Line(last, "step", f"takes `{step.id}`", step.span))
    prompt = bundle.prompts.get(subject)
    words = f"{subject}: {prompt.texts[bundle.locales[0]].source.strip()}" if prompt else subject
    found.append(Line(last, "agent", f"means to say {words}" if prompt else f"means to do {words}"))
    found.append(Line(last, "rule", f"`{rule.id}` forbids it ({rule.source})", rule.span))
    return found


def _heard(bundle: CompiledBundle, happening: Happening) -> str:
    event = happening.event
    cut = ""
    if event.played is not None and happening.before.pending:
        cut = " (cutting in)" if event.played > 0 else " (before anything was heard)"
    if event.kind is not EventKind.INTENTS:
        return f"({str(event.kind).replace('_', ' ')}){cut}"
    if not event.intents:
        return f"(words that are not understood){cut}"
    said = ", ".join(f"{intent}{_example(bundle, intent)}" for intent in event.intents)
    return said + cut


def _example(bundle: CompiledBundle, intent: str) -> str:
    for spec in bundle.intents.get(bundle.locales[0], ()):
        if spec.id == intent and spec.examples:
            return f" (“{_plain(spec.examples[0])}”)"
    return ""


def _plain(example: str) -> str:
    """Return an example without the marks around its slots."""
    found, rest = "", example
    while "[" in rest and "](" in rest:
        head, _, rest = rest.partition("[")
        words, _, rest = rest.partition("](")
        _, _, rest = rest.partition(")")
        found += head + words
    return found + rest


def _changed(bundle: CompiledBundle, happening: Happening) -> str:
    """Return the facts that the event changed, and how."""
    before, after = happening.before.facts, happening.turn.session.facts
    found = []
    for name in sorted({*before, *after}):
        fact = bundle.vocabulary.facts.get(name)
        if fact is None or before.get(name, fact.initially) == after.get(name, fact.initially):
            continue
        if fact.origin in (FactSource.POLICY, FactSource.HEARD, FactSource.FLOW):
            found.append(
                f"{name}: {_value(bundle, name, before.get(name, fact.initially))} → "
                f"{_value(bundle, name, after.get(name, fact.initially))}"
            )
    return ", ".join(found)


def _value(bundle: CompiledBundle, name: str, value: Value) -> str:
    return "unknown" if value is None else format_value(value, bundle.vocabulary.facts[name].type)
