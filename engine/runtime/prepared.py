"""What is built once for a bundle and shared by every call and thread: machines, judges, recogniser."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from engine.bundle import CompiledBundle, Rule
from engine.expressions.parse import names_read
from engine.expressions.tree import Value, constants
from engine.runtime.ear import Ear, ear_of
from engine.runtime.judge import Judge
from engine.runtime.machine import DialogueMachine
from engine.terms import Ask, FactSource, ValueType

if TYPE_CHECKING:
    from engine.nlu.encoder import Encoder
    from engine.nlu.recogniser import Recogniser

_ANSWERS = frozenset({"affirm", "deny", "identity_confirmed"})
_EMPTY: Mapping[ValueType, Value] = {ValueType.BOOL: False, ValueType.SET: frozenset(), ValueType.INT: 0}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A bundle made ready to run.

    ``defaults`` hold the facts that are known before anything happens: what the engine supplies, false or
    empty, what starts with a value, and no suppression.
    """

    bundle: CompiledBundle
    machines: Mapping[str, DialogueMachine]
    judges: Mapping[Ask, Judge]
    ear: Ear
    defaults: Mapping[str, Value]
    types: Mapping[str, ValueType]
    origins: Mapping[str, str]  # who supplies each fact
    of_places: tuple[str, ...]  # facts that say where the account lies
    rules: Mapping[str, Rule]
    reads: Mapping[str, tuple[str, ...]]  # the facts and parameters each rule reads
    secret: frozenset[str]  # facts whose values are never written down
    listened: frozenset[str]  # intents that rules ask for, looked for in every state
    times_of_day: frozenset[int]  # seconds after midnight that dial rules compare the time with

    @property
    def recogniser(self) -> "Recogniser":
        """Return what understands words; it is trained when it is first wanted."""
        return self.ear.recogniser()


def prepare(bundle: CompiledBundle, cache: Path | None = None, encoder: "Encoder | None" = None) -> Prepared:
    """Return *bundle* ready to run; the same object for the same digest.

    Args:
        bundle: A compiled bundle.
        cache: A folder that keeps trained recognisers by content, or None.
        encoder: What words are heard with besides, from now on.
    """
    prepared = _prepared(bundle)
    if cache is not None:
        prepared.ear.keep_in(cache)
    if encoder is not None:
        prepared.ear.hear_with(encoder)
    return prepared


def forget() -> None:
    """Forget every prepared bundle: the next use prepares it anew."""
    _prepared.cache_clear()


@lru_cache(maxsize=16)
def _prepared(bundle: CompiledBundle) -> Prepared:
    facts = bundle.vocabulary.facts
    defaults: dict[str, Value] = {}
    for fact in facts.values():
        if fact.origin is FactSource.ENGINE or fact.name == "new_person" or fact.name.startswith("suppressed."):
            defaults[fact.name] = _EMPTY.get(fact.type, "")
        elif fact.initially is not None:
            defaults[fact.name] = fact.initially
    types = {fact.name: fact.type for fact in facts.values()}
    types |= {parameter.name: parameter.type for parameter in bundle.parameters.values()}
    rules = {rule.id: rule for asked in bundle.rules.values() for rule in asked}
    return Prepared(
        bundle=bundle,
        machines={flow.id: DialogueMachine(flow) for flow in bundle.flows.values()},
        judges={ask: Judge(bundle.networks[ask], bundle.rules[ask]) for ask in Ask},
        ear=ear_of(bundle),
        defaults=defaults,
        types=types,
        origins={fact.name: str(fact.origin) for fact in facts.values()},
        of_places=tuple(fact.name for fact in facts.values() if fact.of_places),
        rules=rules,
        reads={rule.id: _reads(rule) for rule in rules.values()},
        secret=frozenset(fact.name for fact in facts.values() if not fact.spoken),
        listened=_listened(bundle),
        times_of_day=_times_of_day(bundle),
    )


def _reads(rule: Rule) -> tuple[str, ...]:
    exempt = names_read(rule.unless) if rule.unless is not None else ()
    return tuple(n for n in dict.fromkeys((*names_read(rule.when), *exempt)) if not n.endswith("@in_force"))


def _listened(bundle: CompiledBundle) -> frozenset[str]:
    """Return the intents that ``on_hearing`` rules read.

    What a plain yes or no stands for is left out: that depends on what the state has asked.
    """
    intents = {spec.id for specs in bundle.intents.values() for spec in specs} - _ANSWERS
    read = {name.removeprefix("heard.") for rule in bundle.rules[Ask.ON_HEARING] for name in _reads(rule)}
    return frozenset(intents & read)


def _times_of_day(bundle: CompiledBundle) -> frozenset[int]:
    dated = [d.value for p in bundle.parameters.values() if p.type is ValueType.TIME for d in p.values]
    written = [
        constant.value
        for rule in bundle.rules[Ask.BEFORE_DIALING]
        for condition in (rule.when, rule.unless)
        if condition is not None
        for constant in constants(condition)
        if constant.type is ValueType.TIME
    ]
    return frozenset(time for time in (*dated, *written) if isinstance(time, int))
