"""Rules of two versions: which protections got weaker or stronger, each with facts on which both were asked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from engine.bundle import (
    Deny,
    Derive,
    Do,
    Effect,
    EndCall,
    MustSay,
    NeverDo,
    NeverSay,
    OnlyBetween,
    OnlySay,
    Parameter,
    RouteHuman,
    Rule,
    Suppress,
    Warn,
)
from engine.expressions.english import say, words
from engine.expressions.evaluate import evaluate
from engine.expressions.parse import expression_names, names_read
from engine.expressions.tree import ALWAYS, All, AnyOf, Condition, Not, Truth, Value
from engine.expressions.values import format_value
from engine.terms import Ask
from engine.views.diff.answers import Answers, condition_of, forbids, protects
from engine.views.diff.change import Change, Direction, Level, Witness, direction_of
from engine.views.diff.plain import keys, plain
from engine.views.diff.points import points
from engine.views.diff.solve import Side, Undecided, find
from engine.views.lens import effects_of

MOST_DAYS = 5
FIRES, FIRES_NOT = (True, False, True), (False, True, False)
"""Which truths of its condition make a tightening rule fire, and which do not: true, false, unknown."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One rule in both versions; None where it is missing."""

    id: str
    old: Rule | None
    new: Rule | None

    @property
    def any(self) -> Rule:
        """Return the rule as it is now, or was."""
        found = self.new or self.old
        assert found is not None
        return found


class RuleComparison:
    """Compares the rules of two versions, as the law stands on one day and later."""

    def __init__(self, old: Answers, new: Answers, as_of: date) -> None:
        self.old = old
        self.new = new
        self.as_of = as_of
        self._counts = frozenset({*old.bundle.vocabulary.counters, *new.bundle.vocabulary.counters})
        self.parameters = {
            name: (was, now)
            for name, was, now in keys(old.bundle.parameters, new.bundle.parameters)
            if plain(was, "source", "unit") != plain(now, "source", "unit") if _values(was) != _values(now)
        }

    def changes(self) -> Iterator[Change]:
        """Yield a change for each parameter that rules read, and for each rule that differs otherwise."""
        moved: dict[str, list[tuple[Pair, Change]]] = {name: [] for name in self.parameters}
        for name, was, now in keys(self.old.rules, self.new.rules):
            pair = Pair(name, was, now)
            own = plain(was, "reason", "policy") != plain(now, "reason", "policy")
            through = [p for p in self.parameters if p in _reads(pair)]
            if not own and not through:
                yield from self._reworded(pair)
                continue
            change = self.change(pair, own)
            if own or not through:
                yield change
            else:
                moved[through[0]].append((pair, change))
        for name, touched in moved.items():
            yield self._parameter(name, touched)

    def change(self, pair: Pair, own: bool) -> Change:
        """Return what differs in one rule."""
        lost, gained, unsure = self._both_ways(pair)
        direction = direction_of(lost is not None, gained is not None)
        if unsure:
            direction = Direction.BOTH
        safety = direction is not Direction.NONE and (_protected(pair.old) or _protected(pair.new))
        legal = pair.old is None or pair.new is None or (pair.old.source, pair.old.severity, pair.old.status) != (
            pair.new.source, pair.new.severity, pair.new.status
        )
        level = Level.SAFETY if safety else Level.MEANING if own and self._acts_otherwise(pair) else Level.WORDING
        return Change(
            level=level, area="rule", subject=pair.id, what=_what(pair) + (f"; {unsure}" if unsure else ""),
            direction=direction, before=told(pair.old), after=told(pair.new), counsel=safety or legal,
            source=pair.any.source, witness=lost, gained=gained, span=pair.any.span,
        )

    def _acts_otherwise(self, pair: Pair) -> bool:
        before, after = (plain(rule, "reason", "policy", "source") for rule in (pair.old, pair.new))
        return bool(before != after)

    def _reworded(self, pair: Pair) -> Iterator[Change]:
        assert pair.old is not None
        assert pair.new is not None
        if plain(pair.old.reason) != plain(pair.new.reason):
            yield Change(
                Level.WORDING, "rule", pair.id, "gives its reason in other words", before=pair.old.reason.source,
                after=pair.new.reason.source, source=pair.new.source, span=pair.new.span,
            )

    def _parameter(self, name: str, touched: list[tuple[Pair, Change]]) -> Change:
        was, now = self.parameters[name]
        directions = {change.direction for _, change in touched}
        lost = next((c.witness for _, c in touched if c.witness), None)
        gained = next((c.gained for _, c in touched if c.gained), None)
        weaker = directions & {Direction.WEAKER, Direction.BOTH}
        stronger = directions & {Direction.STRONGER, Direction.BOTH}
        safety = any(change.level is Level.SAFETY for _, change in touched)
        holder = now or was
        assert holder is not None
        rules = ", ".join(f"`{pair.id}`" for pair, _ in touched)
        return Change(
            level=Level.SAFETY if safety else Level.MEANING, area="parameter", subject=name,
            what=f"{_dated(was)} became {_dated(now)}" + (f"; read by {rules}" if rules else ""),
            direction=direction_of(bool(weaker), bool(stronger)), before=_dated(was), after=_dated(now), counsel=True,
            source=holder.values[-1].source if holder.values else "", witness=lost, gained=gained, span=holder.span,
        )

    # ------------------------------------------------------------ witnesses

    def _both_ways(self, pair: Pair) -> tuple[Witness | None, Witness | None, str]:
        """Return facts on which *pair* protects less than before, facts on which it protects more, and any doubt."""
        lost: Witness | None = None
        gained: Witness | None = None
        unsure = ""
        loosens, tightens = self._opens(pair)
        for day in self._days(pair):
            try:
                less = self._fires_only(pair, day, old=True)
                more = self._fires_only(pair, day, old=False)
            except Undecided as doubt:
                unsure = f"whether it got weaker could not be told: {doubt}"
                continue
            lost = lost or (less if tightens else None) or (more if loosens else None)
            gained = gained or (more if tightens else None) or (less if loosens else None)
        dropped, added = self._payload(pair)
        if lost is None and (dropped or added):
            lost = self._acting(pair, dropped or added) if dropped else None
        if gained is None and added:
            gained = self._acting(pair, added)
        return lost, gained, "" if lost or gained else unsure

    def _opens(self, pair: Pair) -> tuple[bool, bool]:
        """Return whether firing lifts a ban somewhere, and whether it protects."""
        derived = {e.fact for rule in (pair.old, pair.new) if rule for e in rule.effects if isinstance(e, Derive)}
        if not derived:
            return False, True
        found = {sign for name in derived for sign in self._use_of(name, frozenset({pair.id}))}
        return False in found, True in found or not found

    def _use_of(self, fact: str, seen: frozenset[str]) -> set[bool]:
        """Return whether *fact*, being true, makes protections act (True), keeps them from acting (False), or both."""
        found: set[bool] = set()
        for rule in (*self.old.rules.values(), *self.new.rules.values()):
            if rule.id in seen:
                continue
            signs = {*_signs(rule.when, True), *(_signs(rule.unless, False) if rule.unless is not None else ())}
            own = {sign for name, sign in signs if name == fact}
            if rule.tightening:
                found |= own if protects(rule) else set()
                continue
            for effect in rule.effects if own else ():
                if isinstance(effect, Derive):
                    onward = self._use_of(effect.fact, seen | {rule.id})
                    found |= {use is sign for use in onward for sign in own}
        return found

    def _days(self, pair: Pair) -> tuple[date, ...]:
        reads = _reads(pair)
        later = {
            dated.starts
            for name, both in self.parameters.items() if name in reads
            for parameter in both if parameter for dated in parameter.values
        }
        later |= {day for rule in (pair.old, pair.new) if rule for day in (rule.starts, rule.ends) if day}
        return (self.as_of, *sorted(day for day in later if day > self.as_of)[:MOST_DAYS])

    def _fires_only(self, pair: Pair, day: date, *, old: bool) -> Witness | None:
        """Return facts on which the rule takes effect in one version and not in the other."""
        acting, silent = (pair.old, pair.new) if old else (pair.new, pair.old)
        if acting is None or not protects(acting):
            return None
        here, there = (self.old, self.new) if old else (self.new, self.old)
        sides = [self._side(acting, here.given(day), fires=True)]
        if silent is not None and protects(silent):
            sides.append(self._side(silent, there.given(day), fires=False))
        own = self._search(sides)
        if own is None:
            return None
        others = [rule for rule in there.bundle.rules[acting.ask] if forbids(rule) and rule.id != pair.id]
        if others:
            free = [*sides, *(self._side(rule, there.given(day), fires=False) for rule in others)]
            try:
                alone = self._search(free)
            except Undecided:
                alone = None
            own = alone or own
        return self._witness(pair, own, day, acting.ask, old=old)

    def _side(self, rule: Rule, given: Mapping[str, Value], *, fires: bool) -> Side:
        if rule.tightening:
            return Side(condition_of(rule), given, FIRES if fires else FIRES_NOT)
        return Side(condition_of(rule), given, (fires, not fires, not fires))

    def _search(self, sides: list[Side]) -> dict[str, Value] | None:
        values = points([side.condition for side in sides], [side.given for side in sides], self._counts)

        def wanted(facts: Mapping[str, Value]) -> bool:
            likely = all(not _negative(facts[name]) for name in self._counts if name in facts)
            return likely and all(_as_wanted(side, {**facts, **side.given}) for side in sides)

        return find(tuple(sides), values, wanted, self._counts)

    def _witness(
        self, pair: Pair, facts: dict[str, Value], day: date, ask: Ask, *, old: bool
    ) -> Witness:
        """Return *facts* as a witness, after asking both versions."""
        before, after = self.old.fired(ask, facts, day), self.new.fired(ask, facts, day)
        was, now = (pair.id in {rule.id for rule in fired if protects(rule)} for fired in (before, after))
        return Witness(
            kind="facts", told=self._lines(pair, facts, day), before=self.old.told(ask, facts, day),
            after=self.new.told(ask, facts, day), facts=facts, confirmed=(was, now) == (old, not old),
        )

    def _lines(self, pair: Pair, facts: Mapping[str, Value], day: date) -> tuple[str, ...]:
        reads = _reads(pair)
        types = {**self.old.bundle.vocabulary.facts, **self.new.bundle.vocabulary.facts}
        lines = [f"asked {words(pair.any.ask)} on {day.isoformat()}"]
        for name in sorted(facts):
            if name in reads and name in types and name != "clock.today":
                lines.append(f"{name}: {format_value(facts[name], types[name].type) or 'none'}")
        return tuple(lines)

    def _payload(self, pair: Pair) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return what the rule no longer does when it fires, and what it does now and did not."""
        if pair.old is None or pair.new is None or not (protects(pair.old) and protects(pair.new)):
            return (), ()
        before, after = ({effect_words(e) for e in rule.effects} for rule in (pair.old, pair.new))
        return tuple(sorted(before - after)), tuple(sorted(after - before))

    def _acting(self, pair: Pair, what: tuple[str, ...]) -> Witness | None:
        """Return facts on which the rule fires in both versions, and what it then does."""
        assert pair.old is not None
        assert pair.new is not None
        sides = [
            self._side(pair.old, self.old.given(self.as_of), fires=True),
            self._side(pair.new, self.new.given(self.as_of), fires=True),
        ]
        try:
            facts = self._search(sides)
        except Undecided:
            return None
        if facts is None:
            return None
        fired = [{r.id for r in side.fired(pair.any.ask, facts, self.as_of)} for side in (self.old, self.new)]
        return Witness(
            "facts", self._lines(pair, facts, self.as_of), "; ".join(map(effect_words, pair.old.effects)),
            "; ".join(map(effect_words, pair.new.effects)), facts,
            confirmed=bool(what) and all(pair.id in f for f in fired),
        )


def effect_words(effect: Effect) -> str:
    """Return what *effect* does, in words; what it is about already stands in the rule's condition."""
    match effect:
        case Suppress(scope, reason):
            return f"suppress the {scope} for {reason}"
        case EndCall(disposition, prompt):
            return f"end the call as {disposition}" + (f" saying {prompt}" if prompt else "")
        case Do(action, arguments, within, bank_days):
            unit = "bank days" if bank_days else "seconds"
            return f"do {action} {plain(arguments)!r}" + (f" within {within} {unit}" if within is not None else "")
        case MustSay(prompt):
            return f"must say {prompt}"
        case Derive(fact, value):
            return f"derive {fact} {plain(value)!r}"
        case NeverSay() | OnlySay():
            return "keep from saying"
        case NeverDo():
            return "keep from doing"
        case Deny() | OnlyBetween():
            return "deny"
        case RouteHuman():
            return "leave it to a person"
        case Warn():
            return "warn"


def told(rule: Rule | None) -> str:
    """Return what a rule does, and when, in words."""
    if rule is None:
        return ""
    when = "; ".join(effects_of(rule)) + ("" if rule.written == ALWAYS else f", when {say(rule.written)}")
    return when + (f", unless {say(rule.unless)}" if rule.unless is not None else "")


def _negative(value: Value) -> bool:
    return isinstance(value, int) and value < 0


def _as_wanted(side: Side, facts: Mapping[str, Value]) -> bool:
    held = evaluate(side.condition, facts)
    return side.truths[0 if held is True else 1 if held is False else 2]


def _protected(rule: Rule | None) -> bool:
    return rule is not None and protects(rule)


def _reads(pair: Pair) -> frozenset[str]:
    found: set[str] = set()
    for rule in (pair.old, pair.new):
        if rule is not None:
            found |= {*names_read(rule.when), *(names_read(rule.unless) if rule.unless else ())}
            for effect in rule.effects:
                if isinstance(effect, Derive):
                    found |= set(expression_names(effect.value))
    return frozenset(found)


def _signs(condition: Condition, held: bool) -> set[tuple[str, bool]]:
    """Return the facts by themselves in *condition*, each with whether its being true makes a rule fire."""
    match condition:
        case Truth(ref):
            return {(ref.name, held)}
        case Not(part):
            return _signs(part, not held)
        case All(parts) | AnyOf(parts):
            return {sign for part in parts for sign in _signs(part, held)}
    return set()


def _what(pair: Pair) -> str:
    if pair.old is None:
        return "new rule"
    if pair.new is None:
        return "rule taken away"
    found: list[str] = []
    if pair.old.status != pair.new.status:
        found.append(f"status {words(pair.old.status)} became {words(pair.new.status)}")
    if plain(pair.old.written) != plain(pair.new.written):
        found.append("its condition changed")
    if plain(pair.old.unless) != plain(pair.new.unless):
        found.append("its exception changed")
    if plain(pair.old.effects) != plain(pair.new.effects):
        found.append("what it does changed")
    if pair.old.place != pair.new.place:
        found.append(f"its place {pair.old.place or 'everywhere'} became {pair.new.place or 'everywhere'}")
    if (pair.old.starts, pair.old.ends) != (pair.new.starts, pair.new.ends):
        found.append("its dates changed")
    if pair.old.severity != pair.new.severity:
        found.append(f"severity {pair.old.severity} became {pair.new.severity}")
    if pair.old.source != pair.new.source:
        found.append(f"source `{pair.old.source}` became `{pair.new.source}`")
    if pair.old.ask != pair.new.ask:
        found.append(f"asked {words(pair.old.ask)}, now {words(pair.new.ask)}")
    return ", ".join(found) or "where it applies changed"


def _values(parameter: Parameter | None) -> tuple[tuple[date, Value], ...]:
    return () if parameter is None else tuple((dated.starts, dated.value) for dated in parameter.values)


def _dated(parameter: Parameter | None) -> str:
    if parameter is None:
        return "nothing"
    return ", ".join(f"{format_value(d.value, parameter.type)} from {d.starts.isoformat()}" for d in parameter.values)
