"""What proofs of one bundle can use again for the next.

A flow is edited far oftener than what rules say. As long as vocabulary and rules stay as they are, what was worked out
for one version of a flow holds for the next wherever that has the same steps: conditions, paths of a turn, what comes
of them over one slice, and whole searches. Nothing here is believed without being equal to what it was worked out for.
"""

from datetime import date
from threading import Lock, RLock

from engine.bundle import CompiledBundle, Flow, Rule
from engine.checks.prove.one_turn import OfGoal, OneTurn, Turns
from engine.checks.prove.paths import Happening, Hears, Paths, Unfoldable, Written
from engine.checks.prove.reach import Reach
from engine.checks.prove.slices import Item, Slice, Slicer
from engine.checks.prove.truth import placeless, read_by
from engine.expressions.tree import Condition

MOST_PATHS = 20_000
"""Most lists of paths that are kept before all is forgotten."""
MOST_FLOWS = 100
"""Most flows whose paths are kept as a whole."""
MOST_KEPT = 4
"""As many bundles are remembered as have different rules."""


class Memory:
    """What is known of flows under one vocabulary and one set of rules, on one day. Its lock is to be held."""

    def __init__(self, bundle: CompiledBundle, as_of: date) -> None:
        self._bundle = bundle
        self._as_of = as_of
        self._discloses = disclosed(bundle)
        self._rules = {rule.id: rule for rules in bundle.rules.values() for rule in rules}
        self.lock = RLock()
        self._conditions: dict[Condition, Condition] = {}
        self._paths: dict[Paths, Paths] = {}
        self._hears: dict[object, Hears] = {}
        self._happens: dict[object, Happening] = {}
        self._written: dict[int, tuple[Flow, Written | None]] = {}
        self._keys: dict[int, tuple[Rule, object]] = {}
        self._turns: dict[object, tuple[Written, Turns]] = {}
        self._put_in: dict[Item, tuple[Item, ...]] = {}
        self._goals: dict[object, OfGoal] = {}
        self._reaches: dict[object, Reach] = {}

    def holds_for(self, bundle: CompiledBundle, as_of: date) -> bool:
        """Return whether what is remembered holds for *bundle* too, and there is room for more."""
        mine = self._bundle
        return (
            as_of == self._as_of
            and max(len(self._paths), len(self._hears)) < MOST_PATHS
            and bundle.rules == mine.rules
            and bundle.vocabulary == mine.vocabulary
            and bundle.parameters == mine.parameters
            and disclosed(bundle) == self._discloses
        )

    def written(self, flow: Flow) -> Written | None:
        """Return the paths of *flow*, or None where they cannot be written out."""
        found = self._written.get(id(flow))
        if found is None:
            if len(self._written) >= MOST_FLOWS:
                self._written.clear()
            try:
                found = (
                    flow,
                    Written(
                        flow,
                        self._bundle.vocabulary.protected,
                        self._conditions,
                        self._paths,
                        self._hears,
                        self._happens,
                    ),
                )
            except Unfoldable:
                found = flow, None
            self._written[id(flow)] = found
        return found[1]

    def one_turn(self, slicer: Slicer, written: Written) -> OneTurn:
        """Return what proves rules in single turns of the flow."""
        key = id(written), tuple(map(self._key, slicer.ending))
        found = self._turns.get(key)
        if found is None:
            if len(self._turns) >= MOST_FLOWS:
                self._turns.clear()
            found = self._turns[key] = written, Turns(slicer, written)
        return OneTurn(slicer, found[1], self._put_in)

    def of_goal(self, slicer: Slicer, rule: Rule) -> OfGoal:
        """Return what is known of single turns that may break *rule*; added to."""
        return self._goals.setdefault((self._key(rule), slicer.added), OfGoal())

    def reach(self, slicer: Slicer, part: Slice) -> Reach:
        """Return the calls over *part*, as far as they are known.

        Raises:
            TooLarge: More may be heard at once than is looked at.
        """
        heard = {f"heard.{name}" for name in part.heard}
        guards = [guard for guard in part.guards if not heard.isdisjoint(read_by(guard))]
        rules = (part.goals, part.derives, part.inserts, part.overrides, part.ends)
        key = (
            slicer.added,
            part.clusters,
            part.prompts,
            part.heard,
            part.turn,
            part.person,
            frozenset(map(placeless, guards)),
            frozenset(name for name in part.reads if name.startswith("asked.")),
            *(tuple(map(self._key, group)) for group in rules),
        )
        found = self._reaches.get(key)
        if found is None:
            found = self._reaches[key] = Reach(part, slicer.bundle.vocabulary.protected, self._discloses)
        return found

    def _key(self, rule: Rule) -> object:
        """Return what tells *rule* from others: its id where it is one of the bundle's, else all there is to it."""
        held = self._keys.get(id(rule))
        if held is None:
            if len(self._keys) > MOST_PATHS:
                self._keys.clear()
            unless = None if rule.unless is None else placeless(rule.unless)
            whole = rule.id, rule.ask, placeless(rule.when), unless, rule.effects
            held = self._keys[id(rule)] = rule, rule.id if self._rules.get(rule.id) == rule else whole
        return held[1]


def disclosed(bundle: CompiledBundle) -> dict[str, frozenset[str]]:
    """Return what saying each prompt gives away."""
    return {prompt.id: prompt.discloses for prompt in bundle.prompts.values()}


_KEPT: list[Memory] = []
_LOCK = Lock()


def memory_for(bundle: CompiledBundle, as_of: date) -> Memory:
    """Return what this process remembers that holds for *bundle*, or an empty memory that will be remembered."""
    with _LOCK:
        found = next((memory for memory in _KEPT if memory.holds_for(bundle, as_of)), None)
        if found is None:
            found = Memory(bundle, as_of)
        else:
            _KEPT.remove(found)
        _KEPT.append(found)
        del _KEPT[:-MOST_KEPT]
        return found
