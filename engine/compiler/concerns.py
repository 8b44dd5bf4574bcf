"""What an effect is about: what must be so of the thing asked for the effect to concern it."""

from engine.bundle import (
    Effect,
    MustSay,
    NeverDo,
    NeverSay,
    OnlyBetween,
    OnlySay,
)
from engine.expressions.tree import (
    All,
    AnyOf,
    Compare,
    Condition,
    Constant,
    Member,
    Not,
    Ref,
    Truth,
)
from engine.terms import ValueType

_PROMPT = Ref("utterance.prompt", ValueType.TEXT, False)
_ACTION = Ref("utterance.action", ValueType.TEXT, False)
_ENDS = Ref("utterance.ends", ValueType.BOOL, False)
_DISCLOSES = Ref("utterance.discloses", ValueType.SET, False)
_TIME = Ref("clock.time", ValueType.TIME)
_SOME_PROMPT = Compare("!=", _PROMPT, Constant("", ValueType.TEXT))


def concerns(effect: Effect) -> Condition | None:
    """Return what must be so of the thing asked about for *effect* to concern it."""
    match effect:
        case OnlyBetween(opens, closes):
            return AnyOf((Compare("<", _TIME, opens), Compare(">=", _TIME, closes)))
        case NeverSay(classes, prompts):
            return AnyOf((*_discloses(classes), *_prompts(prompts)))
        case MustSay():
            before = [*_discloses(effect.classes), *_prompts(effect.prompts), *_actions(effect.actions)]
            if effect.anything:
                before.append(_SOME_PROMPT)
            if effect.end:
                before.append(Truth(_ENDS))
            said = Truth(Ref(f"said.{effect.prompt}", ValueType.BOOL, False))
            itself = Compare("!=", _PROMPT, Constant(effect.prompt, ValueType.TEXT))
            return All((AnyOf(tuple(before)), Not(said), itself))
        case OnlySay(prompts):
            others = tuple(Compare("!=", _PROMPT, Constant(p, ValueType.TEXT)) for p in sorted(prompts))
            return All((_SOME_PROMPT, *others))
        case NeverDo(actions):
            return AnyOf(tuple(_actions(actions)))
    return None


def _discloses(classes: frozenset[str]) -> list[Condition]:
    return [Member(Constant(c, ValueType.TEXT), _DISCLOSES) for c in sorted(classes)]


def _prompts(prompts: frozenset[str]) -> list[Condition]:
    return [Compare("==", _PROMPT, Constant(p, ValueType.TEXT)) for p in sorted(prompts)]


def _actions(actions: frozenset[str]) -> list[Condition]:
    return [Compare("==", _ACTION, Constant(a, ValueType.TEXT)) for a in sorted(actions)]
