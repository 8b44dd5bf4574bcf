"""What one version answers to one question on given facts, by its own network and second reader."""

from collections.abc import Mapping
from datetime import date

from engine.bundle import CompiledBundle, Deny, NeverDo, NeverSay, OnlyBetween, OnlySay, Rule, Warn
from engine.expressions.tree import All, Condition, Not, Value
from engine.runtime.asking import EFFECT_NAMES
from engine.runtime.frame import dated_parameters
from engine.runtime.judge import Judge
from engine.terms import Ask, FactSource, ValueType

FORBIDS = (Deny, OnlyBetween, NeverSay, NeverDo, OnlySay)
_EMPTY: Mapping[ValueType, Value] = {ValueType.BOOL: False, ValueType.SET: frozenset(), ValueType.INT: 0}


def condition_of(rule: Rule) -> Condition:
    """Return the one condition that decides whether *rule* fires."""
    return rule.when if rule.unless is None else All((rule.when, Not(rule.unless)))


def protects(rule: Rule) -> bool:
    """Return whether *rule* takes effect and does more than say a warning."""
    return rule.status.enforced and not all(isinstance(effect, Warn) for effect in rule.effects)


def forbids(rule: Rule) -> bool:
    """Return whether *rule*, when it fires, says no."""
    return rule.status.enforced and any(isinstance(effect, FORBIDS) for effect in rule.effects)


class Answers:
    """One version, asked. Networks are built as they are needed; the owner closes them."""

    def __init__(self, bundle: CompiledBundle) -> None:
        self.bundle = bundle
        self.rules = {rule.id: rule for asked in bundle.rules.values() for rule in asked}
        self._judges: dict[Ask, Judge] = {}

    def given(self, day: date) -> dict[str, Value]:
        """Return what is fixed on *day*: the parameters and the date itself."""
        return {**dated_parameters(self.bundle, day), "clock.today": day.toordinal()}

    def frame(self, facts: Mapping[str, Value], day: date) -> dict[str, Value]:
        """Return *facts* with what is known before anything happens, on *day*."""
        frame: dict[str, Value] = {}
        for fact in self.bundle.vocabulary.facts.values():
            if fact.origin is FactSource.ENGINE or fact.name == "new_person" or fact.name.startswith("suppressed."):
                frame[fact.name] = _EMPTY.get(fact.type, "")
            elif fact.initially is not None:
                frame[fact.name] = fact.initially
        return {**frame, **facts, **self.given(day)}

    def fired(self, ask: Ask, facts: Mapping[str, Value], day: date) -> tuple[Rule, ...]:
        """Return the rules that fire and take effect. Where the two readings disagree, all that either says."""
        if ask not in self._judges:
            self._judges[ask] = Judge(self.bundle.networks[ask], self.bundle.rules[ask])
        verdict = self._judges[ask].ask(self.frame(facts, day))
        return tuple(rule for name in verdict.fired if (rule := self.rules[name]).status.enforced)

    def told(self, ask: Ask, facts: Mapping[str, Value], day: date) -> str:
        """Return the answer in words."""
        fired = self.fired(ask, facts, day)
        saying_no = [rule.id for rule in fired if forbids(rule)]
        acting = [
            f"{rule.id} ({', '.join(EFFECT_NAMES[type(e)].replace('_', ' ') for e in rule.effects)})"
            for rule in fired if protects(rule) and not forbids(rule)
        ]
        parts = [f"denied by {', '.join(saying_no)}" if saying_no else "allowed"]
        parts += [f"{', '.join(acting)} acts"] if acting else []
        return "; ".join(parts)

    def close(self) -> None:
        """Give back the networks."""
        for judge in self._judges.values():
            judge.close()


