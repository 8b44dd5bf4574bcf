"""What has to be told beside what a search follows, so that its call comes true.

A search takes it that rules may derive, and steps may be taken, wherever what they ask about is not followed. The
engine wants to know: where a turn goes another way than was found, something is looked for that lets it go that way.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice, product

from engine.bundle import CompiledBundle, Rule
from engine.checks.prove.model import ENDED, Model, Move
from engine.checks.prove.slices import NEW_PERSON, derived_by, steps_of
from engine.checks.prove.truth import TRUE, read_by, replaced, truth
from engine.expressions.tree import ALWAYS, All, AnyOf, Condition, Constant, Not, Truth, Value
from engine.rehearsal.generate import Answers
from engine.runtime.frame import HEARD, frame_in
from engine.runtime.prepared import prepare
from engine.runtime.session import CallSession, Event, Turn
from engine.runtime.step import planned
from engine.terms import EVENTS, Ask, EventKind, FactSource, ValueType

MOST_TRIED = 2_000
"""Most choices of what may be told that are tried for one turn."""
MOST_GIVEN = 3
"""Most of those that fit that the engine is asked about."""


@dataclass(frozen=True, slots=True)
class Telling:
    """A way to have an event, and what the host must have supplied for it."""

    event: Event
    given: Mapping[str, Value]


class Teller:
    """Looks for what has to be told in calls of one flow.

    Args:
        bundle: The bundle, deaf.
        model: What was searched.
        fixed: The facts of the host that are to stay as they are.
    """

    def __init__(self, bundle: CompiledBundle, model: Model, fixed: Mapping[str, Value]) -> None:
        self._bundle = bundle
        self._model = model
        self._fixed = fixed
        self._steps = {step.id: step for step in steps_of(model.flow)}
        self._answers: Answers | None = None

    def missing(self, move: Move, session: CallSession, event: Event, turn: Turn) -> Condition | None:
        """Return what would have to hold for *turn* to go as *move* does, as far as is known; None where it does.

        Args:
            move: How it is to go.
            session: The call before it.
            event: What happened.
            turn: What that led to.
        """
        parts = [*self._not_derived(move, session, turn)]
        if move.hearing.end >= 0 and move.plan.state == ENDED and not move.plan.steps:
            return All((*parts, _fires(self._model.slice.ends[move.hearing.end])))
        wanted = [step.id for step in move.plan.steps if step.id in self._steps]
        taken = [name for name in planned(self._bundle, session, event) if name in self._steps]
        if wanted == taken and not parts:
            return None
        parts += [self._steps[name].when for name in wanted if name not in taken]
        others = (self._steps[name].when for name in taken if name not in wanted)
        return All((*parts, *(Not(when) for when in others if when != ALWAYS)))

    def tellings(self, move: Move, wanted: Condition, session: CallSession, event: Event) -> Iterator[Telling]:
        """Yield ways to have *event*, with which *wanted* may hold, those first that tell the least."""
        if self._answers is None:
            self._answers = Answers(self._bundle, session, event.at)
        for other, also in self._variants(move, event):
            whole = All((wanted, *also))
            names = sorted(read_by(whole), key=self._rank)
            choices = {name: found for name in names if (found := self._choices(name, session, other))}
            given = self._known(move, session, other, names)
            told = (dict(zip(choices, values, strict=True)) for values in product(*choices.values()))
            fitting = (one for one in islice(told, MOST_TRIED) if truth(whole, given | one) & TRUE)
            for one in islice(fitting, MOST_GIVEN):
                yield self._telling(other, one, session)

    def _not_derived(self, move: Move, session: CallSession, turn: Turn) -> Iterator[Condition]:
        """Yield when rules derive what they did not, or leave as it was what they did not."""
        for name, value in self._expected(move).items():
            initially = self._model.slice.facts[name].initially
            if turn.session.facts.get(name, initially) != value:
                kept = session.facts.get(name, initially) == value
                yield Not(self._derives(name, not value)) if kept else self._derives(name, value)

    def _expected(self, move: Move) -> dict[str, Value]:
        """Return what *move* has been derived."""
        facts = self._model.slice.facts
        known = self._model.knowledge.facts(move.hearing.known)
        derived = (n for n, f in facts.items() if f.origin is FactSource.POLICY and f.type is ValueType.BOOL)
        return {name: known[name] for name in derived if name in known and name != NEW_PERSON}

    def _derives(self, name: str, value: Value) -> Condition:
        """Return when rules make *name* be *value*."""
        return AnyOf(
            tuple(
                replaced(_fires(rule), self._or_derived)
                for rule in self._model.slice.derives
                for derive in derived_by(rule)
                if derive.fact == name and isinstance(derive.value, Constant) and derive.value.value == value
            )
        )

    def _or_derived(self, atom: Condition) -> Condition:
        """Return that *atom* holds, or, where it is something derived that is not followed, that rules derive it."""
        if not isinstance(atom, Truth) or atom.ref.name in self._model.slice.facts:
            return atom
        return AnyOf(
            (
                atom,
                *(
                    _fires(rule)
                    for rule in self._bundle.rules[Ask.ON_HEARING]
                    for derive in derived_by(rule)
                    if derive.fact == atom.ref.name
                    and derive.value == Constant(True, ValueType.BOOL, derive.value.span)
                ),
            )
        )

    def _variants(self, move: Move, event: Event) -> Iterator[tuple[Event, tuple[Condition, ...]]]:
        """Yield *event* and what may stand in its place, with what must hold for that.

        A new person may be noticed by what is said; and where a rule ends the call, no step hears what was said.
        """
        yield event, ()
        if move.hearing.end >= 0 and event.kind is not EventKind.INTENTS:
            yield Event(EventKind.INTENTS, event.at, slots=event.slots, played=event.played), ()
        if event.kind is EventKind.NEW_PERSON:
            yield Event(EventKind.INTENTS, event.at, played=event.played), (self._derives(NEW_PERSON, True),)

    def _choices(self, name: str, session: CallSession, event: Event) -> tuple[Value, ...]:
        """Return what *name* may be told to be, what it is anyway first; nothing for what is not told."""
        assert self._answers is not None
        fact = self._bundle.vocabulary.facts.get(name)
        if self._is_word(name):
            intent = name.removeprefix(HEARD)
            free = intent not in (*EVENTS, *event.intents) and event.kind is EventKind.INTENTS
            return (False, True) if free else ()
        if fact is None:
            return ()
        if fact.origin is FactSource.HEARD and event.kind is not EventKind.NEW_PERSON:
            held = event.slots.get(name, session.facts.get(name))
            return tuple(dict.fromkeys((held, *self._answers.values[name], None)))
        if fact.origin is not FactSource.HOST or name in self._fixed:
            return ()
        others = fact.values if fact.type is ValueType.ENUM else (True, False) if fact.type is ValueType.BOOL else ()
        return tuple(dict.fromkeys((session.facts.get(name), *others, None)))

    def _is_word(self, name: str) -> bool:
        """Return whether *name* is that an intent or an event was heard; what was told may be called likewise."""
        fact = self._bundle.vocabulary.facts.get(name)
        return name.startswith(HEARD) and (fact is None or fact.origin is FactSource.ENGINE)

    def _rank(self, name: str) -> bool:
        """Return whether *name* is another's to say than the host's: what is tried last changes first."""
        fact = self._bundle.vocabulary.facts.get(name)
        return fact is None or fact.origin is not FactSource.HOST

    def _known(self, move: Move, session: CallSession, event: Event, names: Iterable[str]) -> dict[str, Value]:
        """Return what is known of *names* as *event* is taken in; what rules are to derive may be so or not."""
        prepared = prepare(self._bundle)
        frame = frame_in(prepared, session.facts, event.at, session.zones)
        told = ("said.", "asked.")
        moving = {name for name, value in self._expected(move).items() if frame.get(name) != value}
        known = {n: frame[n] for n in names if n in frame and n not in moving and not n.startswith(told)}
        heard = (*event.intents, event.kind)
        return known | {name: name.removeprefix(HEARD) in heard for name in names if self._is_word(name)}

    def _telling(self, event: Event, told: Mapping[str, Value], session: CallSession) -> Telling:
        facts = self._bundle.vocabulary.facts
        slots = {n: v for n, v in told.items() if n in facts and facts[n].origin is FactSource.HEARD}
        slots = {n: v for n, v in slots.items() if v != session.facts.get(n)}
        given = {n: v for n, v in told.items() if n in facts and facts[n].origin is FactSource.HOST}
        more = tuple(n.removeprefix(HEARD) for n, v in told.items() if v is True and self._is_word(n))
        other = replace(event, slots={**event.slots, **slots}, intents=(*event.intents, *more))
        return Telling(other, {n: v for n, v in given.items() if v != session.facts.get(n)})


def _fires(rule: Rule) -> Condition:
    return rule.when if rule.unless is None else All((rule.when, Not(rule.unless)))
