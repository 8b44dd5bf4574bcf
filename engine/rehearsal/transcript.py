"""A replay as people read it: who said what, and what the rules did about it."""

from collections.abc import Iterator

from engine.bundle import CompiledBundle
from engine.expressions.values import format_value
from engine.rehearsal.replay import Exchange, Replay
from engine.rehearsal.wording import decision_lines, moment, reason_lines
from engine.runtime.session import Action, Event, Turn
from engine.terms import EventKind

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
    yield _said("Callee", heard(exchange.event))
    yield from _turn(exchange.turn, bundle, verbose)
    yield ""


def heard(event: Event) -> str:
    """Return what happened, as a stage direction or the callee's words."""
    words = {
        EventKind.WORDS: event.text,
        EventKind.INTENTS: f"[{', '.join(event.intents)}]",
        EventKind.DTMF: f"[presses {event.digits}]",
    }.get(event.kind, f"[{event.kind.replace('_', ' ')}]")
    if event.played is not None and event.played < 1:
        return f"[having heard {round(event.played * 100)} %] {words}"
    return words


def _turn(turn: Turn, bundle: CompiledBundle, verbose: bool) -> Iterator[str]:
    if turn.understanding is not None:
        readings = [f"{r.intent} {r.score:.2f}" for r in turn.understanding.readings if r.accepted or verbose]
        slots = [f"{s.slot} = {_slot(s.slot, s.values, bundle)}" for s in turn.understanding.slots]
        yield f"{MARGIN}heard: {', '.join(readings + slots) or 'nothing that was understood'}"
    for rule in turn.prevented:
        yield f"{MARGIN}held back by {rule}{_source(rule, bundle)}"
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
    yield f"{MARGIN}{'ended: ' + session.disposition if session.ended else 'state: ' + ' > '.join(turn.states)}"


def _said(who: str, words: str) -> str:
    return f"  {who:<6}  {words}"


def _slot(name: str, values: tuple[object, ...], bundle: CompiledBundle) -> str:
    kind = bundle.vocabulary.facts[name].type
    return " or ".join(format_value(value, kind) for value in values)  # type: ignore[arg-type]


def _source(rule: str, bundle: CompiledBundle) -> str:
    source = next((r.source for rules in bundle.rules.values() for r in rules if r.id == rule), "")
    return f" ({source})" if source else ""


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
