"""The last half of a turn: prompts are rendered, and every one, every action and the end are gated.

A plan is gated whole: if any part is forbidden, nothing of it happens.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from engine.bundle import Do, EndCall, MustSay, OnlySay
from engine.expressions.template import UnknownFact, render
from engine.expressions.tree import Value
from engine.runtime.asking import FORBIDDING, Answer, ask, sources_of
from engine.runtime.decision import Decision, Fired
from engine.runtime.effects import carry_out
from engine.runtime.frame import SAID
from engine.runtime.planning import Plan, Say
from engine.runtime.prepared import Prepared
from engine.runtime.session import Action, Utterance
from engine.terms import Ask, Outcome, Severity, Status

UNKNOWN_FACT = "engine.unknown_fact"
FAULT = "engine.fault"


@dataclass(slots=True)
class Delivery:
    """What gating a plan came to: what may be said and done, or which rules forbid it."""

    utterances: list[Utterance] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)
    silenced: bool = False  # an ``only_say: []`` forbids, and nothing else

    @property
    def disclosed(self) -> tuple[str, ...]:
        """Return the classes the utterances give away."""
        return tuple(sorted({c for u in self.utterances for c in u.discloses}))


def deliver(prepared: Prepared, plan: Plan, locale: str, at: datetime) -> Delivery:
    """Gate everything that *plan* says and does, in order; required prompts are put in where they belong."""
    gate = _Gate(prepared, plan.frame, locale, at)
    for item in plan.items:
        if isinstance(item, Say):
            gate.say(item.prompt)
        else:
            gate.do(item)
    if plan.disposition:
        gate.end()
    return gate.out


class _Gate:
    """Asks about one plan, thing by thing; ``said`` grows in its frame as it goes."""

    def __init__(self, prepared: Prepared, frame: Mapping[str, Value], locale: str, at: datetime) -> None:
        self.prepared = prepared
        self.frame = dict(frame)
        self.locale = locale
        self.at = at
        self.out = Delivery()

    def say(
        self, prompt: str, ancestors: tuple[str, ...] = (), rivals: tuple[str, ...] = (), inserted_by: str = ""
    ) -> None:
        """Say *prompt*, after what must be said before it.

        *ancestors* are prompts already being put in, for which this one goes first; *rivals* are to be
        said before the same thing as this one: one that needs this one said first waits for it.
        """
        answer = self._ask(prompt, self._about(prompt), ancestors, rivals)
        forbidding = self._forbidding(answer)
        if inserted_by and forbidding and all(_is_only_say(self.prepared, name) for name in forbidding):
            return
        if not self._pass(answer, forbidding):
            return
        spoken = self.prepared.bundle.prompts[prompt]
        template = spoken.texts[self.locale]
        try:
            text = render(template.source, self.frame, self.prepared.types, self.locale)
        except UnknownFact as missing:
            self._unsayable(prompt, missing.name)
            return
        self.out.utterances.append(Utterance(prompt, text, self.locale, tuple(sorted(spoken.discloses)), inserted_by))
        self.frame[SAID + prompt] = True

    def do(self, item: Do) -> None:
        answer = self._ask(item.action, {"utterance.action": item.action})
        if self._pass(answer, self._forbidding(answer)):
            self.out.actions.append(carry_out(item, self.frame, self.at))

    def end(self) -> None:
        answer = self._ask("end", {"utterance.ends": True})
        self._pass(answer, self._forbidding(answer))

    def _about(self, prompt: str) -> dict[str, Value]:
        return {"utterance.prompt": prompt, "utterance.discloses": self.prepared.bundle.prompts[prompt].discloses}

    def _ask(
        self, subject: str, about: Mapping[str, Value], ancestors: tuple[str, ...] = (), rivals: tuple[str, ...] = ()
    ) -> Answer:
        """Ask about one thing, after saying what must be said before it; keep every rule that fired on the way."""
        earlier: dict[str, Fired] = {}
        while True:
            answer = ask(self.prepared, Ask.BEFORE_SPEAKING, subject, {**self.frame, **about}, self.at)
            missing = [
                (rule_id, prompt)
                for rule_id, prompt in _required(answer)
                if prompt not in ancestors and not (prompt in rivals and self._waits(prompt, subject))
            ]
            if not missing or self.out.forbidden or self._forbidding(answer):
                break
            earlier |= {fired.rule: fired for fired in answer.decision.fired}
            before = len(self.out.utterances)
            together = tuple(prompt for _, prompt in missing)
            for rule_id, prompt in missing:
                if self.frame.get(SAID + prompt) is not True:
                    others = tuple(other for other in together if other != prompt)
                    self.say(prompt, (*ancestors, subject, prompt), others, rule_id)
            if len(self.out.utterances) == before:
                break
        self.out.decisions.append(self._with_all(answer.decision, earlier) if earlier else answer.decision)
        return answer

    def _with_all(self, decision: Decision, earlier: Mapping[str, Fired]) -> Decision:
        now = {**earlier, **{fired.rule: fired for fired in decision.fired}}
        fired = tuple(now[name] for name in sorted(now))
        read = {name: value for entry in fired for name, value in entry.read.items()}
        return replace(decision, fired=fired, facts=read, sources=sources_of(self.prepared, read))

    def _waits(self, prompt: str, other: str) -> bool:
        """Return whether *prompt* itself may be said only after *other*: then *other* goes first."""
        answer = ask(self.prepared, Ask.BEFORE_SPEAKING, prompt, {**self.frame, **self._about(prompt)}, self.at)
        return any(required == other for _, required in _required(answer))

    def _forbidding(self, answer: Answer) -> list[str]:
        return [rule.id for rule in answer.rules if any(isinstance(e, FORBIDDING) for e in rule.effects)]

    def _pass(self, answer: Answer, forbidding: list[str]) -> bool:
        if answer.faulty:
            self.out.forbidden.append(FAULT)
        self.out.forbidden += forbidding
        self.out.silenced = bool(self.out.forbidden) and all(_is_silence(self.prepared, n) for n in self.out.forbidden)
        return not forbidding and not answer.faulty

    def _unsayable(self, prompt: str, fact: str) -> None:
        reason = f"`{prompt}` names `{fact}`, which is unknown"
        fired = Fired(
            UNKNOWN_FACT, "never_say", reason, "engine", Severity.HOUSE, Status.IN_FORCE, {fact: None}, (fact,)
        )
        self.out.decisions.append(
            Decision(Ask.BEFORE_SPEAKING, prompt, self.at, Outcome.DENY, (fired,), {fact: None}, {fact: "unknown"})
        )
        self.out.forbidden.append(UNKNOWN_FACT)


def _required(answer: Answer) -> list[tuple[str, str]]:
    """Return the prompts that rules require first, each with its rule, in the order of the rules' names."""
    return [(rule.id, effect.prompt) for rule in answer.rules for effect in rule.effects if isinstance(effect, MustSay)]


def _is_only_say(prepared: Prepared, name: str) -> bool:
    rule = prepared.rules.get(name)
    return rule is not None and all(isinstance(e, OnlySay) for e in rule.effects if isinstance(e, FORBIDDING))


def _is_silence(prepared: Prepared, name: str) -> bool:
    rule = prepared.rules.get(name)
    return rule is not None and all(
        isinstance(e, OnlySay) and not e.prompts for e in rule.effects if isinstance(e, FORBIDDING)
    )


def rule_end(end: EndCall, plan: Plan) -> Plan:
    """Return the plan that a rule puts in place of *plan*: say its prompt, and end the call."""
    return Plan(
        plan.state,
        dict(plan.frame),
        dict(plan.counts),
        [Say(end.say)] if end.say else [],
        {},
        [],
        [],
        end.disposition,
    )
