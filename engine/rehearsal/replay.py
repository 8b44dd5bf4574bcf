"""Run a scenario through the engine, and hold it to what the scenario expects."""

from dataclasses import dataclass, replace

from engine.bundle import CompiledBundle
from engine.rehearsal.scenario import Dial, Line, Scenario
from engine.rehearsal.situation import Situation
from engine.rehearsal.verdict import call_failures, dial_failures, over, reply_failures
from engine.runtime.decision import Decision
from engine.runtime.dial import DialRequest, decide
from engine.runtime.session import CallSession, Event, Turn
from engine.runtime.step import start, step
from engine.source.finding import Finding
from engine.terms import EventKind

ANSWERS = (EventKind.ANSWERED, EventKind.VOICEMAIL, EventKind.CALL_SCREENER, EventKind.HUNG_UP)
"""Events that open a call. Where a story opens with another, the call was answered just before."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One event and the turn it led to. ``line`` is None for the answer that a story leaves out."""

    event: Event
    turn: Turn
    line: Line | None = None


@dataclass(frozen=True, slots=True)
class Replay:
    """A scenario as it went, and every expectation that failed, each at its YAML line."""

    scenario: Scenario
    bundle: str
    exchanges: tuple[Exchange, ...]
    decisions: tuple[tuple[Dial, Decision], ...]
    failures: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether every expectation held."""
        return not self.failures


def replay(bundle: CompiledBundle, scenario: Scenario) -> Replay:
    """Return how *scenario* goes under *bundle*: same inputs, same result, byte for byte."""
    exchanges, failures = _call(bundle, scenario) if scenario.lines else ((), ())
    decisions = tuple((dial, dialled(bundle, situation_of(scenario, dial))) for dial in scenario.dials)
    for dial, decision in decisions:
        failures += dial_failures(dial, decision)
    return Replay(scenario, bundle.digest, exchanges, decisions, failures)


def begin(bundle: CompiledBundle, scenario: Scenario) -> CallSession:
    """Return the session in which the call of *scenario* begins."""
    given = scenario.situation
    return start(bundle, scenario.id, scenario.flow, scenario.locale, given.at, given.facts, given.zones or None)


def dialled(bundle: CompiledBundle, given: Situation, *, search: bool = True) -> Decision:
    """Return whether a call may be placed in this situation, and if not, where asked to *search*, when it may."""
    return decide(
        bundle,
        DialRequest(
            at=given.at,
            facts=given.facts,
            debts=given.debts,
            zones=given.zones or None,
            history=given.history,
            suppressions=given.suppressions,
        ),
        search=search,
    )


def situation_of(scenario: Scenario, dial: Dial) -> Situation:
    """Return the situation in which *dial*, one of the scenario's, is asked for."""
    given = scenario.situation
    return replace(given, at=dial.at, facts={**given.facts, **dial.facts})


def events(scenario: Scenario) -> tuple[tuple[Event, Line | None], ...]:
    """Return what happens in the call, the answer that opens it included."""
    told: tuple[tuple[Event, Line | None], ...] = tuple((line.event, line) for line in scenario.lines)
    if told and told[0][0].kind not in ANSWERS:
        return ((Event(EventKind.ANSWERED, scenario.situation.at), None), *told)
    return told


def _call(bundle: CompiledBundle, scenario: Scenario) -> tuple[tuple[Exchange, ...], tuple[Finding, ...]]:
    session = begin(bundle, scenario)
    exchanges: list[Exchange] = []
    failures: list[Finding] = []
    for event, line in events(scenario):
        if session.ended:
            if line is not None:
                failures.append(over(line, session))
            continue
        turn = step(bundle, session, event)
        session = turn.session
        exchanges.append(Exchange(event, turn, line))
        if line is not None:
            failures += reply_failures(line.expects, turn)
    failures += call_failures(scenario.expects, session, tuple(e.turn for e in exchanges), bundle.vocabulary)
    return tuple(exchanges), tuple(failures)
