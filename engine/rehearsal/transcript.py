"""A replay as people read it: who said what, and what the rules did about it."""

from collections.abc import Iterator
from textwrap import fill

from engine.bundle import CompiledBundle
from engine.expressions.tree import Value
from engine.expressions.values import format_value
from engine.rehearsal.replay import Exchange, Replay
from engine.rehearsal.wording import WIDTH, decision_lines, moment, reason_lines
from engine.runtime.session import Action, Event, Turn
from engine.terms import EventKind, Outcome

MARGIN = " " * 10


def transcript(replay: Replay, bundle: CompiledBundle, *, verbose: bool = False) -> str:
    """Return *replay* as text; *verbose* adds every decision, its sources and what it read."""
    return "\n".join(_lines(replay, bundle, verbose)) + "\n"


def turn_lines(turn: Turn, bundle: CompiledBundle, *, verbose: bool = False) -> tuple[str, ...]:
    """Return what came of one event: the understanding, the agent's words, and what the rules did."""
    return tuple(_turn(turn, bundle, verbose))


def _lines(replay: Replay, bundle: CompiledBundle, verbose: bool) -> Iterator[str]:
    scenario = replay.scenario
    yield scenario.title
    about = f"flow {scenario.flow}, {scenario.locale}, " if scenario.lines else ""
    yield f"{scenario.path}: {about}{moment(scenario.situation.at)}, bundle {replay.bundle[:12]}"
    yield ""
    for exchange in replay.exchanges:
        yield from _exchange(exchange, bundle, verbose)
    for _, decision in replay.decisions:
        yield from (f"  {line}" for line in decision_lines(decision, bundle))
        yield ""
    if replay.exchanges:
        yield from _end(replay)
    if replay.passed:
        yield "passed: everything happened as expected"
    else:
        yield f"failed: {len(replay.failures)} expectation{'s' * (len(replay.failures) > 1)} did not hold"


def _exchange(exchange: Exchange, bundle: CompiledBundle, verbose: bool) -> Iterator[str]:
    yield _said("Callee", heard(exchange.event, bundle))
    yield from _turn(exchange.turn, bundle, verbose)
    yield ""


def heard(event: Event, bundle: CompiledBundle) -> str:
    """Return what happened, as a stage direction or the callee's words."""
    slots = "".join(f", {_slot(name, (value,), bundle)}" for name, value in event.slots.items())
    words = {
        EventKind.WORDS: event.text,
        EventKind.INTENTS: f"[{', '.join(event.intents)}{slots}]",
        EventKind.DTMF: f"[presses {event.digits}]",
    }.get(event.kind, f"[{event.kind.replace('_', ' ')}]")
    if event.played is not None and event.played < 1:
        return f"[having heard {round(event.played * 100)} %] {words}"
    return words


def _turn(turn: Turn, bundle: CompiledBundle, verbose: bool) -> Iterator[str]:
    if turn.understanding is not None:
        readings = [f"{r.intent} {r.score:.2f}" for r in turn.understanding.readings if r.accepted or verbose]
        slots = [_slot(s.slot, s.values, bundle) for s in turn.understanding.slots]
        yield f"{MARGIN}heard: {', '.join(readings + slots) or 'nothing that was understood'}"
    for rule in turn.prevented:
        yield f"{MARGIN}held back by {rule}{_source(rule, bundle)}{_reason(rule, turn)}"
    for utterance in turn.utterances:
        yield _said("Agent", utterance.text)
        if utterance.inserted_by:
            by = utterance.inserted_by
            yield f"{MARGIN}{utterance.prompt} is inserted by {by}{_source(by, bundle)}"
        elif verbose:
            yield f"{MARGIN}{utterance.prompt} discloses {', '.join(utterance.discloses) or 'nothing'}"
    for action in turn.actions:
        yield f"{MARGIN}action: {_action(action, bundle)}"
    for suppression in turn.suppressions:
        yield f"{MARGIN}suppressed: {suppression.reason} for the {suppression.scope}, by {suppression.rule}"
    for fault in turn.faults:
        yield f"{MARGIN}fault: {fault}"
    if verbose:
        for decision in turn.decisions:
            about = f" {decision.subject}" if decision.subject else ""
            yield f"{MARGIN}{decision.ask}{about}: {decision.outcome}"
            for fired in decision.fired:
                yield from (f"{MARGIN}{line}" for line in reason_lines(fired, bundle))
    session = turn.session
    passed = [state for state in turn.states if ".=" not in state]
    yield MARGIN + (f"ended: {session.disposition}" if session.ended else f"state: {' > '.join(passed)}")


def _said(who: str, words: str) -> str:
    return fill(words, WIDTH, initial_indent=f"  {who:<6}  ", subsequent_indent=MARGIN, break_on_hyphens=False)


def _slot(name: str, values: tuple[Value, ...], bundle: CompiledBundle) -> str:
    """Return a slot with its readings; of what may never be spoken, only that it was heard."""
    fact = bundle.vocabulary.facts.get(name)
    if fact is None or not fact.spoken:
        return f"{name} was said"
    return f"{name} = {' or '.join(format_value(value, fact.type) for value in values)}"


def _source(rule: str, bundle: CompiledBundle) -> str:
    source = next((r.source for rules in bundle.rules.values() for r in rules if r.id == rule), "")
    return f" ({source})" if source else ""


def _reason(rule: str, turn: Turn) -> str:
    """Return why *rule* held the planned turn back, and from what."""
    for decision in turn.decisions:
        for fired in decision.fired:
            if fired.rule == rule and decision.outcome is Outcome.DENY:
                return f": {fired.reason or decision.subject}"
    return ""


def _action(action: Action, bundle: CompiledBundle) -> str:
    kinds = bundle.vocabulary.actions[action.name].arguments
    given = [f"{name} {format_value(value, kinds[name])}" for name, value in action.arguments.items()]
    due = f", due {moment(action.due)}" if action.due else ""
    by = f", by {action.rule}" if action.rule else ""
    return f"{action.name} {', '.join(given)}".rstrip() + due + by


def _end(replay: Replay) -> Iterator[str]:
    session = replay.exchanges[-1].turn.session
    gave = ", ".join(session.disclosed) or "nothing"
    ended = f"ended: {session.disposition}" if session.ended else f"still in {session.state}"
    yield f"{ended}, after {len(replay.exchanges)} turns; disclosed: {gave}"
