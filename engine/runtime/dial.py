"""May this call be placed now? One decision, every reason, and when it would be allowed.

Every rule asked ``before_dialing`` is asked for each debt the call would
discuss and in each zone the callee may be in; any no is a no
(12 CFR 1006.6(b)(1)(i) and comment 6(b)(1)(i)-2 on places in doubt).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from engine.bundle import CompiledBundle, Counter, RouteHuman, Rule
from engine.expressions.tree import Value
from engine.facts.clock import LAST_YEAR, aware, epoch, local
from engine.facts.counters import change_instants, count_at, counted
from engine.facts.history import History, Subject
from engine.facts.instants import next_instants
from engine.runtime.asking import DENYING, ask
from engine.runtime.decision import Decision, Fired
from engine.runtime.frame import closed_facts, frame_at, host_facts
from engine.runtime.location import location_of, subject_of, united
from engine.runtime.prepared import Prepared, prepare
from engine.terms import Ask, Outcome, Severity, Status, ValueType

HORIZON = timedelta(days=60)
_LIFTED = "suppressed."
_LAST = datetime(LAST_YEAR, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class DialRequest:
    """What is known before a call.

    Args:
        at: The instant at which the call would be placed, aware.
        facts: What the host supplies, as canonical values.
        debts: One mapping of facts for each debt the call would discuss; none means ``facts`` are of one debt.
        zones: Where the callee may be; None leaves it to the facts that locate.
        history: Every contact known.
        suppressions: Live suppressions of this person, number, debt or account: (scope, reason).
    """

    at: datetime
    facts: Mapping[str, Value]
    debts: tuple[Mapping[str, Value], ...] = ()
    zones: tuple[str, ...] | None = None
    history: History = field(default_factory=History)
    suppressions: tuple[tuple[str, str], ...] = ()


def decide(bundle: CompiledBundle, request: DialRequest, *, search: bool = True) -> Decision:
    """Return whether the call may be placed at ``request.at``, and all reasons.

    Args:
        bundle: A compiled bundle.
        request: What is known.
        search: Whether to find, for a denial, the first instant in the next 60 days at which it would be allowed.

    Raises:
        ValueError: The time has no offset, or one of the zones given does not exist.
    """
    if request.at.utcoffset() is None:
        raise ValueError("the time of a dial needs its offset, as 2026-03-10T14:00:00-05:00")
    dial = _Dial(prepare(bundle), request)
    decision = dial.at(request.at)
    if decision.outcome is Outcome.ALLOW or not search or decision.faults:
        return decision
    lasting = dial.lasting(decision)
    if lasting:
        return replace(decision, must_change=lasting)
    return replace(decision, next_allowed=dial.next_allowed())


class _Dial:
    """One request, asked at any number of instants."""

    def __init__(self, prepared: Prepared, request: DialRequest) -> None:
        self.prepared = prepared
        self.bundle = prepared.bundle
        self.request = request
        shared = host_facts(self.bundle, request.facts)
        self.debts = [
            closed_facts(self.bundle, shared | host_facts(self.bundle, debt)) for debt in request.debts or ({},)
        ]
        located = united([location_of(self.bundle, facts) for facts in self.debts])
        self.zones = located.zones if request.zones is None else request.zones
        self.unlocated = located.unknown if request.zones is None else ""
        self.live = self._live()
        self.subjects = [subject_of(self.bundle, facts) for facts in self.debts]
        self.times = [self._counted(subject) for subject in self.subjects]

    def _live(self) -> tuple[tuple[str, str], ...]:
        """Return the live suppressions: those of the request, and those that the host gives as facts."""
        live = dict.fromkeys(self.request.suppressions)
        told = {reason for _, reason in live}
        for facts in self.debts:
            for name, value in facts.items():
                reason = name.removeprefix(_LIFTED)
                if name.startswith(_LIFTED) and value is True and reason not in told:
                    live["account", reason] = None
        return tuple(live)

    def _counted(self, subject: Subject) -> dict[str, tuple[datetime, ...]]:
        counters = self.bundle.vocabulary.counters
        return {name: counted(counter, self.request.history, subject) for name, counter in counters.items()}

    def at(self, at: datetime) -> Decision:
        """Return the decision at *at*, without a search for a later time."""
        found: Decision | None = None
        for number, facts in enumerate(self.debts):
            for zone in self.zones or (None,):
                answer = ask(self.prepared, Ask.BEFORE_DIALING, "", self._frame(facts, number, at, zone), at).decision
                found = answer if found is None else _united(found, answer)
        assert found is not None
        found = self._with_suppressions(found)
        return replace(
            found,
            local_times={zone: local(at, zone).isoformat() for zone in self.zones},
            warnings=(*found.warnings, *((f"location unknown: {self.unlocated}",) if self.unlocated else ())),
        )

    def _frame(self, facts: Mapping[str, Value], number: int, at: datetime, zone: str | None) -> dict[str, Value]:
        frame = frame_at(self.prepared, facts, at, zone)
        for _, reason in self.live:
            frame[f"suppressed.{reason}"] = True
        for name, counter in self.bundle.vocabulary.counters.items():
            window = frame.get(counter.window) if isinstance(counter.window, str) else counter.window
            seconds = window if isinstance(window, int) else None
            times = self.times[number][name]
            frame[name] = count_at(times, counter, at, zone, seconds, frame) if times else 0
        return frame

    def _with_suppressions(self, decision: Decision) -> Decision:
        """Return *decision* with a denial for each live suppression that no denying rule has answered for."""
        answered = {
            name for fired in decision.fired if fired.enforced and fired.effect == "deny" for name in fired.read
        }
        own = tuple(
            Fired(
                f"suppressed.{reason}",
                "deny",
                f"a suppression of the {scope} is live: {reason}",
                "suppression on file",
                Severity.STATUTORY,
                Status.IN_FORCE,
                {f"suppressed.{reason}": True},
            )
            for scope, reason in self.live
            if f"suppressed.{reason}" not in answered
        )
        if not own:
            return decision
        return replace(decision, outcome=Outcome.DENY, fired=(*decision.fired, *own))

    def lasting(self, decision: Decision) -> tuple[str, ...]:
        """Return the facts that must change, when a rule that time alone never lifts said no."""
        found: dict[str, None] = {}
        for fired in decision.fired:
            rule = self.prepared.rules.get(fired.rule)
            if not fired.enforced or (rule is not None and not _forbids(rule)):
                continue
            if rule is None or not self._varies(rule):
                names = [
                    n for n, v in fired.read.items() if not self._is_places(n) and not (n.startswith(_LIFTED) and not v)
                ]
                found |= dict.fromkeys(fired.unknown or names)
        return tuple(found)

    def _varies(self, rule: Rule) -> bool:
        """Return whether time alone may change what *rule* says."""
        for name in self.prepared.reads[rule.id]:
            if name.startswith("clock.") and self.zones:
                return True
            if name in self.bundle.vocabulary.counters:
                return True
            parameter = self.bundle.parameters.get(name)
            if parameter is not None and any(d.starts > self.request.at.date() for d in parameter.values):
                return True
        return False

    def _is_places(self, name: str) -> bool:
        fact = self.bundle.vocabulary.facts.get(name)
        return fact is not None and fact.of_places

    def next_allowed(self) -> datetime | None:
        """Return the first later instant, up to 60 days on, at which the call would be allowed, or None."""
        until = min(aware(self.request.at) + HORIZON, _LAST)
        for instant in next_instants(self.request.at, self.zones, self._times_of_day(), self._others(until), until):
            if self.at(instant).outcome is Outcome.ALLOW:
                return instant
        return None

    def _windows(self, counter: Counter) -> tuple[int | None, ...]:
        """Return every length that *counter*'s window has on some date, in seconds."""
        if not isinstance(counter.window, str):
            return (counter.window,)
        dated = self.bundle.parameters[counter.window].values
        return tuple(dict.fromkeys(d.value for d in dated if isinstance(d.value, int)))

    def _times_of_day(self) -> set[int]:
        facts = self.bundle.vocabulary.facts
        given = {v for debt in self.debts for n, v in debt.items() if n in facts and facts[n].type is ValueType.TIME}
        return {*self.prepared.times_of_day, *(time for time in given if isinstance(time, int))}

    def _others(self, until: datetime) -> list[datetime]:
        """Return when a counter can fall, and when a datetime fact is reached, with or without a duration."""
        found: list[datetime] = []
        for zone in self.zones or (None,):
            for counter in self.bundle.vocabulary.counters.values():
                for seconds in self._windows(counter):
                    found += change_instants(counter, self.request.history, self.request.at, zone, seconds, until)
        durations = {
            dated.value
            for parameter in self.bundle.parameters.values()
            if parameter.type is ValueType.DURATION
            for dated in parameter.values
            if isinstance(dated.value, int)
        }
        facts = self.bundle.vocabulary.facts
        for debt in self.debts:
            for name, value in debt.items():
                fact = facts.get(name)
                if fact is not None and fact.type is ValueType.DATETIME and isinstance(value, int):
                    found += [
                        _instant(value + more) for more in (0, *durations) if value + more > epoch(self.request.at)
                    ]
        return [instant for instant in found if instant <= until]


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _forbids(rule: Rule) -> bool:
    return any(isinstance(effect, (*DENYING, RouteHuman)) for effect in rule.effects)


_ORDER = (Outcome.ALLOW, Outcome.ROUTE_HUMAN, Outcome.DENY)


def _united(one: Decision, other: Decision) -> Decision:
    """Return both answers as one: every rule that fired in either, the graver outcome."""
    fired = {f.rule: f for f in other.fired} | {f.rule: f for f in one.fired}
    return replace(
        one,
        outcome=max(one.outcome, other.outcome, key=_ORDER.index),
        fired=tuple(fired[name] for name in sorted(fired)),
        facts={**other.facts, **one.facts},
        sources={**other.sources, **one.sources},
        warnings=tuple(dict.fromkeys((*one.warnings, *other.warnings))),
        faults=(*one.faults, *other.faults),
    )
