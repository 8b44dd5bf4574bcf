"""One turn of a call: ``step(bundle, session, event) -> Turn``.

Pure: no clock, no I/O, no randomness. The same inputs give the same bytes out.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from engine.bundle import CompiledBundle, Do, End, Flow, Suppress
from engine.expressions.tree import Value
from engine.facts.clock import aware
from engine.facts.timezones import load
from engine.runtime.asking import ask
from engine.runtime.decision import Decision
from engine.runtime.effects import carry_out
from engine.runtime.frame import checked_facts, closed_facts, forgotten, frame_in, host_facts, lasting
from engine.runtime.hearing import Heard, hear, played
from engine.runtime.location import location_of
from engine.runtime.planning import EndlessFlow, Plan, Say, enter, walk
from engine.runtime.prepared import Prepared, prepare
from engine.runtime.session import Action, CallSession, Event, Suppression, Turn
from engine.runtime.speaking import FAULT, Delivery, deliver, rule_end
from engine.terms import Ask, EventKind, Lasts

HUNG_UP, BY_RULE, TOO_LONG = "hung_up", "ended_by_rule", "max_turns"
MOST_TURNS = 200
_FIRST = (EventKind.VOICEMAIL, EventKind.CALL_SCREENER, EventKind.HUNG_UP)
_TURN = frozenset({Lasts.TURN})


class CallEnded(ValueError):
    """The call is already over."""


class UnknownFlow(ValueError):
    """The bundle has no such call flow, or cannot speak the locale."""


def start(
    bundle: CompiledBundle,
    call_id: str,
    flow: str,
    locale: str,
    at: datetime,
    facts: Mapping[str, Value],
    zones: tuple[str, ...] | None = None,
) -> CallSession:
    """Return a call that is about to be answered.

    Args:
        bundle: The bundle the call begins, goes on and ends under.
        call_id: The host's name for the call.
        flow: The call flow it follows.
        locale: The language it is in.
        at: When it begins, aware.
        facts: What the host supplies, as canonical values; nothing else is taken from it.
        zones: Where the callee may be; by default what the facts that locate say.

    Raises:
        UnknownFlow: There is no such flow, or not every prompt is written in *locale*.
        ValueError: *at* has no offset, a fact has not its type, or a zone does not exist.
    """
    if flow not in bundle.flows:
        raise UnknownFlow(f"there is no call flow `{flow}`; there is: {', '.join(sorted(bundle.flows))}")
    if locale not in bundle.locales:
        raise UnknownFlow(f"not every prompt is written in `{locale}`; use one of: {', '.join(bundle.locales)}")
    if at.utcoffset() is None:
        raise ValueError("the time a call begins needs its offset, as 2026-03-10T14:00:00-05:00")
    for zone in zones or ():
        load(zone)
    given = closed_facts(bundle, checked_facts(bundle, host_facts(bundle, facts)))
    return CallSession(
        call_id=call_id,
        bundle=bundle.digest,
        flow=flow,
        locale=locale,
        state="",
        turn=0,
        started=aware(at),
        facts=given,
        zones=location_of(bundle, given).zones if zones is None else tuple(zones),
    )


def step(bundle: CompiledBundle, session: CallSession, event: Event) -> Turn:
    """Return what *event* leads to: what is said, what is to be done, and the session after it.

    In order: what was not played becomes unsaid; words become intents and slots; ``on_hearing`` rules
    fire, and what they did stands; the dialogue machine takes the first step whose guard holds; what it
    plans is gated whole, required prompts put in; if any part is forbidden, the flow's ``blocked`` step
    runs instead, and if that is forbidden too the call ends silently.

    Raises:
        CallEnded: The call is already over.
        ValueError: The session began under another bundle, the event's time has no offset, or a slot that
            came with it has not its type.
    """
    if session.ended:
        raise CallEnded(f"call {session.call_id} ended in `{session.disposition}`")
    if session.bundle != bundle.digest:
        raise ValueError(f"call {session.call_id} began under bundle {session.bundle}, not {bundle.digest}")
    if event.at.utcoffset() is None:
        raise ValueError("the time of an event needs its offset, as 2026-03-10T14:00:00-05:00")
    return _Turn(prepare(bundle), session, event).take()


def take_in(prepared: Prepared, session: CallSession, event: Event) -> Heard:
    """Return what *event* comes to in *session*, before the dialogue goes on: the first half of a turn."""
    bundle = prepared.bundle
    heard = played(session, event)
    settled = replace(
        session,
        facts=forgotten(bundle, session.facts, _TURN),
        turn=session.turn + 1,
        said=tuple(dict.fromkeys((*session.said, *heard))),
        asked=heard,
        pending=(),
        state=session.state if session.turn else bundle.flows[session.flow].start,
    )
    frame = frame_in(prepared, settled.facts, event.at, settled.zones)
    frame |= {
        "call.locale": settled.locale,
        "call.turn": settled.turn,
        "call.state": session.state,
        "call.disclosed": frozenset(settled.disclosed),
    }
    frame |= {f"suppressed.{reason}": True for _, reason in settled.suppressed}
    return hear(prepared, settled, event, frame)


def planned(bundle: CompiledBundle, session: CallSession, event: Event) -> tuple[str, ...]:
    """Return the ids of the steps that the flow means to take on *event*, whatever the rules say to them."""
    prepared = prepare(bundle)
    turn = _Turn(prepared, session, event)
    heard = take_in(prepared, session, event)
    turn.session = heard.session
    return tuple(turn.plan(heard).steps)


class _Turn:
    """One turn in the making."""

    def __init__(self, prepared: Prepared, session: CallSession, event: Event) -> None:
        self.prepared = prepared
        self.bundle = prepared.bundle
        self.event = event
        self.flow: Flow = prepared.bundle.flows[session.flow]
        self.first = session.turn == 0
        self.session = session

    def take(self) -> Turn:
        heard = take_in(self.prepared, self.session, self.event)
        self.session = heard.session
        if self.event.kind is EventKind.HUNG_UP and HUNG_UP not in self._state_hears():
            over = Plan(self.session.state, heard.facts, {}, disposition=HUNG_UP)
            return self._close(heard, over, Delivery(), (), faults=heard.answer.decision.faults)
        faults: list[str] = list(heard.answer.decision.faults)
        try:
            plan = self.plan(heard)
        except EndlessFlow as endless:
            faults.append(str(endless))
            plan = self._blocked(heard.facts)
        if heard.end is not None and not plan.disposition:
            plan = rule_end(heard.end, plan)
        if self.session.turn >= MOST_TURNS and not plan.disposition:
            plan.disposition = TOO_LONG
        delivery = self._deliver(plan)
        prevented: tuple[str, ...] = ()
        decisions = tuple(delivery.decisions)
        if delivery.forbidden or heard.answer.faulty:
            prevented = tuple(dict.fromkeys(delivery.forbidden or [FAULT]))
            faults += [fault for d in delivery.decisions for fault in d.faults]
            silenced = delivery.silenced
            plan = self._blocked(heard.facts)
            delivery = self._deliver(plan)
            decisions += tuple(delivery.decisions)
            if delivery.forbidden or silenced:
                faults += [fault for d in delivery.decisions for fault in d.faults]
                plan.sets, plan.items, plan.steps = {}, [], []
                delivery = Delivery()
        return self._close(heard, plan, delivery, decisions, prevented, tuple(dict.fromkeys(faults)))

    def _state_hears(self) -> Mapping[str, object]:
        state = self.flow.states.get(self.session.state)
        return state.hears if state is not None else {}

    def plan(self, heard: Heard) -> Plan:
        """Return what the flow means to do."""
        machine = self.prepared.machines[self.flow.id]
        begins = self.first and self.event.kind not in _FIRST
        if begins and not any(t in self.bundle.vocabulary.protected for t in heard.triggers):
            return enter(machine, self.flow.states, self.flow.start, heard.facts)
        trigger = heard.triggers[0] if heard.triggers else "unclear"
        return walk(machine, self.flow.states, self.session.state, trigger, heard.facts, self.session.counts)

    def _blocked(self, frame: Mapping[str, Value]) -> Plan:
        blocked = self.flow.blocked
        end = blocked.target.disposition if isinstance(blocked.target, End) else BY_RULE
        return Plan(
            self.session.state, dict(frame), {}, [*blocked.does, *map(Say, blocked.say)], {}, [blocked.id], [], end
        )

    def _deliver(self, plan: Plan) -> Delivery:
        locale = plan.sets.get("call.locale", self.session.locale)
        assert isinstance(locale, str)
        if locale != self.session.locale:
            plan.frame |= {name: False for name in plan.frame if name.startswith("said.")} | {"call.locale": locale}
        return deliver(self.prepared, plan, locale, self.event.at)

    def _close(
        self,
        heard: Heard,
        plan: Plan,
        delivery: Delivery,
        decisions: tuple[Decision, ...],
        prevented: tuple[str, ...] = (),
        faults: tuple[str, ...] = (),
    ) -> Turn:
        """Return the turn: the plan's sets and move, and after the end of a call its ``after_call`` rules."""
        old = self.session
        sets = dict(plan.sets)
        locale = str(sets.pop("call.locale", old.locale))
        disclosed = tuple(sorted({*old.disclosed, *delivery.disclosed}))
        suppressions = heard.suppressions
        actions = (*heard.actions, *delivery.actions)
        all_decisions = (heard.answer.decision, *decisions)
        if plan.disposition:
            more, after, after_decision = self._after(plan, disclosed)
            actions += more
            suppressions += after
            all_decisions += (after_decision,)
            faults += after_decision.faults
        session = replace(
            old,
            state=plan.state,
            locale=locale,
            facts=lasting(self.prepared, {**old.facts, **sets}),
            said=old.said if locale == old.locale else (),
            pending=tuple((u.prompt, len(u.text), u.locale) for u in delivery.utterances),
            counts=dict(plan.counts),
            disclosed=disclosed,
            disposition=plan.disposition,
            suppressed=tuple(dict.fromkeys((*old.suppressed, *((s.scope, s.reason) for s in suppressions)))),
        )
        return Turn(
            session=session,
            utterances=tuple(delivery.utterances),
            actions=actions,
            suppressions=suppressions,
            decisions=all_decisions,
            understanding=heard.understanding,
            steps=tuple(plan.steps),
            states=tuple(plan.states) or (plan.state,),
            prevented=prevented,
            faults=faults,
        )

    def _after(
        self, plan: Plan, disclosed: tuple[str, ...]
    ) -> tuple[tuple[Action, ...], tuple[Suppression, ...], Decision]:
        frame = plan.frame | {"call.disposition": plan.disposition, "call.disclosed": frozenset(disclosed)}
        answer = ask(self.prepared, Ask.AFTER_CALL, plan.disposition, frame, self.event.at)
        effects = [(rule.id, effect) for rule in answer.rules for effect in rule.effects]
        return (
            tuple(carry_out(e, frame, self.event.at, name) for name, e in effects if isinstance(e, Do)),
            tuple(Suppression(e.scope, e.reason, name) for name, e in effects if isinstance(e, Suppress)),
            answer.decision,
        )
