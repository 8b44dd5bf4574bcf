"""The judge: the rules network decides, and the generated function must agree."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from engine.bundle import NetworkSpec, Rule
from engine.expressions.generate import Clause, generate
from engine.expressions.tree import Value
from engine.runtime.network import EngineFault, Network

Shadow = Callable[[Mapping[str, Value]], tuple[frozenset[str], frozenset[str]]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which rules fire.

    Args:
        fired: Their ids, in the rules' order. Where there is a fault, whatever either reader says fires.
        unknown: Tightening rules that fired because something is unknown, and those facts.
        faults: What went wrong; whoever asked must deny when there is anything here.
    """

    fired: tuple[str, ...]
    unknown: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    faults: tuple[str, ...] = ()


class Judge:
    """Decides one question. Built once for a bundle; any number of threads may ask."""

    def __init__(self, spec: NetworkSpec, rules: Sequence[Rule]) -> None:
        self.network = Network(spec)
        self._generated = generate(Clause(rule.id, rule.when, rule.unless, rule.tightening) for rule in rules)
        self.shadow: Shadow = self._generated
        self._place = {rule.id: place for place, rule in enumerate(rules)}
        self._tightening = frozenset(rule.id for rule in rules if rule.tightening)

    def ask(self, facts: Mapping[str, Value]) -> Verdict:
        """Return which rules fire on *facts*; a missing fact, or None, is unknown.

        It never raises: what goes wrong is in the verdict's faults.
        """
        faults: list[str] = []
        fired: frozenset[str] = frozenset()
        second: frozenset[str] = frozenset()
        undecided: frozenset[str] = frozenset()
        try:
            fired = self.network.decide(facts)
        except EngineFault as fault:
            faults.append(str(fault))
        try:
            second, undecided = self.shadow(facts)
        except (TypeError, ValueError) as error:
            faults.append(f"the second reading of the rules failed: {error}")
        if not faults and fired != second:
            faults.append(f"the two readings of the rules disagree on {', '.join(sorted(fired ^ second))}")
        ids = tuple(sorted((fired | second) & self._place.keys(), key=self._place.__getitem__))
        if faults:
            return Verdict(ids, faults=tuple(faults))
        open_ids = [rule for rule in ids if rule in undecided and rule in self._tightening]
        return Verdict(ids, self._generated.reasons(facts, open_ids) if open_ids else {})

    def close(self) -> None:
        """Give back what the network holds."""
        self.network.close()
